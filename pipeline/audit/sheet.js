"use strict";
// The sheet as text, as the page writes it and as a person's spreadsheet may have left it; and what is wrong with one.
const data = JSON.parse(document.getElementById("data").textContent);
const column = (name) => data.columns.indexOf(name);
const places = new Map(data.rows.map(({ cells }, k) => [cells[column("window")], k]));
const NEAR_S = 0.01;  // as ethopipe analyze takes it: a spreadsheet may have rounded a moment

function written(answers) {
  const cell = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = data.rows.map(({ cells }, k) => {
    const filled = [...cells];
    filled[column("behaviour")] = answers[k].behaviour;
    filled[column("note")] = answers[k].note;
    return filled;
  });
  return [data.columns, ...lines].map((line) => line.map(cell).join(",") + "\n").join("");
}

const fileName = (observer) => (observer ? `audit_${observer}.csv` : "audit.csv");
// audit_anna.csv is by anna, and so is audit_anna (1).csv, as browsers call a second download; audit.csv is by nobody
const observerOf = (name) => /^audit_(.+?)( ?\(\d+\))?\.csv$/i.exec(name)?.[1] ?? "";

// The text of a file; throws why there is none.
async function textOf(file) {
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error("it is not text in UTF-8; save it as 'CSV UTF-8'");
  }
}

function cellsOf(text) {
  const lines = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/ *(?:"([^"]*(?:""[^"]*)*)"|([^,\r\n]*))(,|\r?\n|\r|$)/g)) {
    lines.at(-1).push((quoted?.replaceAll('""', '"') ?? plain).trim());
    if (!end) break;
    if (end !== ",") lines.push([]);
  }
  return lines.filter((cells) => cells.length > 1 || cells[0]);
}

// What a sheet says of each window, in their order: behaviour and note. Throws all that does not fit, in one line.
function readSheet(text, words) {
  const [header = [], ...lines] = cellsOf(text);
  const other = header.length === 1 && /[;\t]/.exec(header[0]);
  if (other) throw new Error(`its cells are separated by '${other[0]}'; save it with commas`);
  const lost = data.reads.filter((name) => !header.includes(name));
  if (lost.length) throw new Error(`missing columns ${lost.join(", ")}`);
  const rows = lines.map((cells) => Object.fromEntries(header.map((name, k) => [name, cells[k] ?? ""])));
  const faults = faultsOf(rows, words);
  if (faults.length) throw new Error(faults.join("; "));
  const said = data.rows.map(() => null);
  for (const row of rows) said[places.get(row.window)] = { behaviour: row.behaviour, note: row.note ?? "" };
  return said;
}

function faultsOf(rows, words) {
  const seen = new Map();
  for (const { window } of rows) seen.set(window, (seen.get(window) ?? 0) + 1);
  const missing = [...places.keys()].filter((window) => !seen.has(window)).length;
  return [
    ...rowsThat("not of this audit", rows, (row) => !isOurs(row)),
    ...rowsThat("of a window that another row names too", rows, (row) => seen.get(row.window) > 1),
    ...rowsThat(`with another word than ${words.join(", ")}`, rows, ({ behaviour }) => behaviour && !words.includes(behaviour)),
    ...(missing ? [`${several(missing, "window")} missing`] : []),
  ];
}

function isOurs({ window, video, at_s: at }) {
  const own = data.rows[places.get(window)]?.cells;
  return own && own[column("video")] === video && Math.abs(own[column("at_s")] - parseFloat(at)) < NEAR_S;
}

function rowsThat(what, rows, bad) {
  const found = rows.flatMap((row, k) => (bad(row) ? [k + 1] : []));
  return found.length ? [`${several(found.length, "row")} ${what} (first: row ${found[0]})`] : [];
}

function several(count, word) {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
