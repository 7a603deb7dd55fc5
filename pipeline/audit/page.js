"use strict";
// What is kept: answers[k] = {behaviour, note} of the k-th row of the sheet. The film of a window plays, stands still
// for a while at the moment that is asked about, and begins again at its end.
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const video = document.querySelector("video");
const column = (name) => data.columns.indexOf(name);
const STOP_MS = 1200;  // so long a film stands still at its moment
const CHOICES = [
  ...data.behaviours.map((name, k) => [name, name, "1234567890abcdefghijklmnopqrstwxyz"[k] || ""]),
  ["not visible", "not to be seen", "v"],
  ["unknown", "in sight, but I cannot tell", "u"],
];
const answers = restored();
let at = Math.max(firstOpen(0), 0);
let halted = false;  // has this round of the film stood at its moment?
let timer = 0;
let unsaved = false;

function restored() {
  const empty = data.rows.map(() => ({ behaviour: "", note: "" }));
  try {
    const kept = JSON.parse(localStorage.getItem(data.id) || "null");
    if (kept) $("observer").value = kept.observer;
    return kept ? kept.answers : empty;
  } catch {
    return empty;  // a browser that keeps nothing for pages from a disk
  }
}

function keep() {
  unsaved = true;
  try {
    localStorage.setItem(data.id, JSON.stringify({ observer: $("observer").value, answers }));
  } catch { /* saving the sheet still works */ }
}

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
  const done = answers.filter((answer) => answer.behaviour).length;
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
  keep();
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

function csv() {
  const cell = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = data.rows.map(({ cells }, k) => {
    const filled = [...cells];
    filled[column("behaviour")] = answers[k].behaviour;
    filled[column("note")] = answers[k].note;
    return filled;
  });
  return [data.columns, ...lines].map((line) => line.map(cell).join(",") + "\n").join("");
}

function save() {
  const name = $("observer").value.trim().replace(/[^\p{L}\p{N}-]+/gu, "_");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([csv()], { type: "text/csv" }));
  link.download = name ? `audit_${name}.csv` : "audit.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  unsaved = false;
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
const WITH_FILM = new Set([" ", "Enter", ",", "."]);
document.addEventListener("keydown", (event) => {
  const typing = event.target.tagName === "INPUT" || event.ctrlKey || event.metaKey || event.altKey;
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
$("note").addEventListener("input", () => { answers[at].note = $("note").value; keep(); });
$("note").addEventListener("keydown", (event) => { if (event.key === "Enter") $("note").blur(); });
$("observer").addEventListener("input", keep);
$("save").addEventListener("click", save);
window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
show(at);
requestAnimationFrame(follow);
