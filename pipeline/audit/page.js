// What is kept: answers[k] = {behaviour, note} of the k-th row of the sheet. The film of a window plays, stands still
// for a while at the moment that is asked about, and begins again at its end.
const $ = (id) => document.getElementById(id);
const video = document.querySelector("video");
const STOP_MS = 1200;  // so long a film stands still at its moment
const CHOICES = [
  ...data.behaviours.map((name, k) => [name, name, "1234567890abcdefghijklmnopqrstwxyz"[k] || ""]),
  ["not visible", "not to be seen", "v"],
  ["unknown", "in sight, but I cannot tell", "u"],
];
let unsaved = false;  // are there answers that are in no saved sheet?
const answers = restored();
let at = Math.max(firstOpen(0), 0);
let halted = false;  // has this round of the film stood at its moment?
let timer = 0;

function restored() {
  const empty = data.rows.map(() => ({ behaviour: "", note: "" }));
  try {
    const kept = JSON.parse(localStorage.getItem(data.id));
    if (kept?.answers.length !== empty.length) return empty;
    $("observer").value = kept.observer;
    unsaved = Boolean(kept.unsaved);
    return kept.answers;
  } catch {
    return empty;  // a browser that keeps nothing for pages from a disk, or what it kept is broken
  }
}

function keep() {
  let told = "Your answers are kept in this browser: after a reload, or tomorrow, this page goes on where you were. "
    + "To go on elsewhere save the sheet, and open it there, or drop it on the page.";
  try {
    localStorage.setItem(data.id, JSON.stringify({ observer: $("observer").value, answers, unsaved }));
  } catch {
    told = "This browser keeps no answers of this page: save the sheet before you leave, and open it to go on.";
  }
  $("kept").textContent = told;
}

function changed() {
  unsaved = true;
  keep();
}

const observer = () => $("observer").value.trim().replace(/[^\p{L}\p{N}-]+/gu, "_");
const answered = () => answers.filter(({ behaviour }) => behaviour).length;

function say(line) {
  $("said").textContent = line;
}

const onward = () => (firstOpen(0) < 0 ? "all are answered" : "on at the first that is open");

// The first row from `start` on, round the end, that has no answer; -1: all have.
function firstOpen(start) {
  const order = [...answers.keys()].map((k) => (k + start) % answers.length);
  const open = order.find((k) => !answers[k].behaviour);
  return open === undefined ? -1 : open;
}

function show(k) {
  at = k;
  const { cells, film } = data.rows[at];
  clearTimeout(timer);
  halted = false;
  video.hidden = !film;
  $("none").hidden = Boolean(film);
  for (const id of ["play", "moment", "earlier", "later"]) $(id).disabled = !film;
  if (film) {
    video.src = film.path;
    play();
  } else {
    video.removeAttribute("src");
    video.load();
  }
  const seconds = Number(cells[column("at_s")]);
  const clock = `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(2).padStart(5, "0")}`;
  $("where").textContent = `window ${cells[column("window")]} of ${data.rows.length}: `
    + `${cells[column("video")]}, animal ${cells[column("track")]}, at ${clock}`;
  tell();
}

function tell() {
  const done = answered();
  $("count").textContent = `${done} of ${answers.length} answered`;
  $("bar").max = answers.length;
  $("bar").value = done;
  $("save").classList.toggle("ready", done === answers.length);
  $("note").value = answers[at].note;
  for (const button of $("choices").children) {
    button.setAttribute("aria-pressed", String(button.dataset.word === answers[at].behaviour));
  }
}

function answer(word) {
  answers[at].behaviour = answers[at].behaviour === word ? "" : word;
  changed();
  say("");
  const open = answers[at].behaviour ? firstOpen(at) : -1;
  if (open >= 0) show(open);
  else tell();
}

function step(by) {
  show((at + by + data.rows.length) % data.rows.length);
}

function play() {
  video.play().catch(() => {});  // refused before the first key or click, or the next film came before it began
}

function toggle() {
  clearTimeout(timer);
  if (video.paused) play();
  else video.pause();
}

function goTo(seconds) {
  clearTimeout(timer);
  video.pause();
  video.currentTime = Math.min(Math.max(seconds, 0), video.duration || 0);
}

function toMoment() {
  const { film } = data.rows[at];
  halted = true;
  goTo(film.moment + film.frame / 2);
}

// Follows the film: it stands still at the moment, once a round.
function follow() {
  const { film } = data.rows[at];
  if (film && !halted && !video.paused && video.currentTime >= film.moment) {
    toMoment();
    timer = setTimeout(play, STOP_MS);
  }
  requestAnimationFrame(follow);
}

function save() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([written(answers)], { type: "text/csv" }));
  link.download = fileName(observer());
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  unsaved = false;
  keep();
}

// A sheet that was saved fills what is not answered here; no answer that is here already is changed.
async function openSheet(file) {
  try {
    const said = readSheet(await textOf(file), CHOICES.map(([word]) => word));
    const by = observerOf(file.name);
    if (by && observer() && by !== observer() && answered()) {
      throw new Error(`it is by ${by}, and the answers here are by ${observer()}: save these, start over, then open it`);
    }
    say(`${file.name}: ${filled(said)}`);
    if (by && by !== observer()) $("observer").value = by;
  } catch (error) {
    say(`${file.name} was not opened, and nothing is changed: ${error.message}`);
    return;
  }
  keep();
  show(Math.max(firstOpen(0), 0));
}

function filled(said) {
  const before = answered();
  const otherwise = new Set();
  said.forEach((given, k) => {
    for (const part of ["behaviour", "note"]) {
      answers[k][part] ||= given[part];
      if (given[part] && given[part] !== answers[k][part]) otherwise.add(data.rows[k].cells[column("window")]);
    }
  });
  const taken = answered() - before;
  unsaved ||= Boolean(before && taken);
  const stays = otherwise.size
    ? `; it says otherwise of ${several(otherwise.size, "window")} (first: window ${[...otherwise][0]}), where what is here stays`
    : "";
  return `${several(taken, "answer")} taken${stays}; ${onward()}`;
}

function startOver() {
  const lost = unsaved ? "Some are in no saved sheet." : "The sheet that you saved stays.";
  if (answered() && !confirm(`Forget the ${several(answered(), "answer")} on this page? ${lost}`)) return;
  answers.forEach((answer) => Object.assign(answer, { behaviour: "", note: "" }));
  $("observer").value = "";
  unsaved = false;
  keep();
  say("");
  show(0);
}

const KEYS = {
  ArrowLeft: () => step(-1), ArrowRight: () => step(1), " ": toggle, Enter: toMoment,
  ",": () => goTo(video.currentTime - data.rows[at].film.frame),
  ".": () => goTo(video.currentTime + data.rows[at].film.frame),
};
for (const [word, label, key] of CHOICES) {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.word = word;
  button.className = word === "not visible" ? "apart" : "";
  button.append(label, Object.assign(document.createElement("kbd"), { textContent: key }));
  button.addEventListener("click", () => answer(word));
  $("choices").append(button);
  if (key) KEYS[key] = () => answer(word);
}
const BUTTONS = { save, open: () => $("file").click(), over: startOver };
for (const [id, act] of Object.entries(BUTTONS)) {
  $(id).addEventListener("click", () => { $(id).blur(); act(); });  // the next key is meant for the film
}
$("file").addEventListener("change", () => { openSheet($("file").files[0]); $("file").value = ""; });
const withFile = (event) => event.dataTransfer.types.includes("Files");
document.addEventListener("dragover", (event) => { if (withFile(event)) event.preventDefault(); });
document.addEventListener("drop", (event) => {
  if (!withFile(event)) return;
  event.preventDefault();
  openSheet(event.dataTransfer.files[0]);
});
const WITH_FILM = new Set([" ", "Enter", ",", "."]);
document.addEventListener("keydown", (event) => {
  const pressing = event.target.id in BUTTONS && [" ", "Enter"].includes(event.key);
  const typing = event.target.tagName === "INPUT" || event.ctrlKey || event.metaKey || event.altKey || pressing;
  const act = KEYS[event.key];
  if (typing || !act || (WITH_FILM.has(event.key) && !data.rows[at].film)) return;
  event.preventDefault();
  act();
});
const CLICKS = { back: "ArrowLeft", next: "ArrowRight", play: " ", moment: "Enter", earlier: ",", later: "." };
for (const [id, key] of Object.entries(CLICKS)) $(id).addEventListener("click", () => KEYS[key]());
for (const kind of ["play", "pause"]) {
  video.addEventListener(kind, () => {
    $("play").lastChild.textContent = video.paused ? " play" : " pause";
  });
}
video.addEventListener("ended", () => {
  halted = false;
  video.currentTime = 0;
  play();
});
video.addEventListener("click", toggle);
$("note").addEventListener("input", () => { answers[at].note = $("note").value; changed(); });
$("note").addEventListener("keydown", (event) => { if (event.key === "Enter") $("note").blur(); });
$("observer").addEventListener("input", changed);
window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
keep();
if (answered()) say(`${several(answered(), "answer")} kept in this browser; ${onward()}`);
show(at);
requestAnimationFrame(follow);
