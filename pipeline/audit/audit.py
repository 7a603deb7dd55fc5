"""``ethopipe audit``: a folder to judge a study by, written whole or not at all.

::

    <out>/audit.html     plays each window and takes the answers; without a film there is none
    <out>/windows/       0001.mp4 ...: see films.py
    <out>/audit.csv      the sheet, empty
    <out>/audit_key.csv  what was told of each moment: closed until the sheets are filled in
"""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from pipeline.artifacts import read_object, read_table, whole_folder
from pipeline.audit.films import Film, write_films
from pipeline.audit.page import PAGE, audit_page
from pipeline.audit.settings import AuditPlan
from pipeline.chain.progress import Progress
from pipeline.errors import UsageError
from pipeline.ethology.correction.audit import draw_audit
from pipeline.ethology.correction.sheet import KEY, SHEET, write_audit
from pipeline.report.words import plural
from pipeline.stored import STUDY, StoredRun, runs_of, stopped
from pipeline.tables import BOUTS


def audit(plan: AuditPlan, progress: Progress) -> None:
    """Draw the windows, film those whose footage is there, write everything into ``plan.out``, and say what to do.

    ``UsageError`` where the folder is there already, ``plan.run`` is neither a run nor a study, or nothing is told.
    """
    runs = runs_of(plan.run)
    path = plan.run / "tables" / f"{BOUTS.name}.csv"
    if not path.is_file():
        raise UsageError(f"{plan.run} has no tables/{BOUTS.name}.csv: it broke off; give its command again")
    ethogram = runs[0].ethogram
    sheet, key = draw_audit(read_table(path, BOUTS), ethogram, plan.how, plan.set or "")
    with whole_folder(plan.out) as folder:
        films, lost = _filmed(runs, sheet, folder, progress) if plan.films else ({}, {})
        if films:
            audit_page(folder / PAGE, plan.run.resolve().name, ethogram.names(str(key["set"].iloc[0])), sheet, films)
        write_audit(folder, sheet, key)
    for line in _told(plan, runs, sheet, films, lost):
        progress.say(line)


def _filmed(
    runs: Sequence[StoredRun], sheet: pd.DataFrame, folder: Path, progress: Progress
) -> tuple[dict[int, Film], dict[str, str]]:
    """The films by window, and why there are none of a video."""
    films: dict[int, Film] = {}
    lost: dict[str, str] = {}
    stored = {key: below for run in runs for key, below in run.folders.items()}
    footage = {key: state.video for run in runs for key, state in run.states.items()}
    for number, (key, rows) in enumerate(sheet.groupby("video", sort=True), 1):
        label = f"[{number}/{sheet['video'].nunique()}] {key}, {plural(len(rows), 'window')}"
        with progress.stage(label, "frames") as meter:
            made = write_films(footage[str(key)], stored[str(key)], rows, folder, meter)
        if isinstance(made, str):
            lost[str(key)] = made
        else:
            films |= made
    return films, lost


def _told(
    plan: AuditPlan, runs: Sequence[StoredRun], sheet: pd.DataFrame, films: Mapping[int, Film], lost: Mapping[str, str]
) -> list[str]:
    """What a person who judges reads last."""
    videos = plural(sheet["video"].nunique(), "video")
    lines = [f"warning  {line}" for line in stopped(runs)]
    lines.append(f"windows  {len(sheet)} of {videos}, by what is told and session: {plan.out / SHEET}")
    if lost:
        first, why = next(iter(lost.items()))
        also = f" (and {len(lost) - 1} more)" if len(lost) > 1 else ""
        bare = plural(len(sheet) - len(films), "window")
        lines.append(f"no film  of {bare}: {first}{also}: {why}; look them up by video and time")
    if films:
        lines.append(f"page     {plan.out / PAGE}: open it, judge the {len(films)} films, save the sheet beside it")
    lines.append(f"then     {shlex.join(_command(plan, runs))}; {KEY} stays closed until then")
    return lines


def _command(plan: AuditPlan, runs: Sequence[StoredRun]) -> list[str]:
    """What is typed when the sheets are filled in: of a study its own command, whose settings decide its results."""
    made = read_object(plan.run / STUDY)  # of a run there is none
    words = shlex.split(made.get("command", "")) or ["ethopipe", "analyze", *(str(run.folder) for run in runs)]
    kept = [word for word in words if not word.startswith(("audit=", "out="))]
    return [*kept, *([f"out={plan.run}"] if made else []), f"audit={plan.out}"]
