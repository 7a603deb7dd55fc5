"""What one coder says, from a file of labels, a run's folder or a bouts.csv."""

import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pandas as pd

from pipeline.artifacts import read_table
from pipeline.errors import TableError, UsageError
from pipeline.ethology.ethogram import RESERVED, UNKNOWN, Kind, tells_nothing
from pipeline.formats.clips import renamed
from pipeline.formats.read_intervals import read_intervals
from pipeline.formats.text import read_lines
from pipeline.observers.settings import AgreePlan
from pipeline.observers.videos import alike
from pipeline.stored import STUDY
from pipeline.tables import BOUTS

COLUMNS = ["video", "key", "subject", "track", "session", "behaviour", "kind", "start_s", "stop_s", "place"]
RUN = "run.json"


def read_coder(path: Path, plan: AgreePlan) -> pd.DataFrame:
    """``COLUMNS`` of one coder, behaviours under their new names; ``key`` (as the run has it) and ``track`` are
    empty in files of labels.

    ``UsageError`` where there is no such file, or settings are missing to understand it; ``TableError`` has the faults
    of the file.
    """
    if not path.exists():
        raise UsageError(f"no such file or folder: {path}")
    table = bouts_file(path)
    rows = _of_bouts(table, plan) if table else _of_labels(path, plan)
    rows = rows.assign(behaviour=rows["behaviour"].map(lambda name: renamed(name, plan.old2new)))
    holes = rows["behaviour"].map(tells_nothing) & ~rows["behaviour"].isin(RESERVED)  # not followed: no record
    nothing = rows["behaviour"].isin(RESERVED) & (rows["stop_s"] == rows["start_s"])  # and for no time
    rows = rows[(rows["behaviour"] != "") & ~holes & ~nothing].reset_index(drop=True)
    if rows.empty:
        raise TableError(f"{path}: no behaviour left in it")
    tracked = (rows["track"] != "") & (rows["kind"] == Kind.state.value)
    several = tracked & (rows.groupby(["video", "subject"])["track"].transform("nunique") > 1)
    joined = [_joined(own) for _, own in rows[several].groupby(["video", "subject"])]
    return pd.concat([rows[~several], *joined], ignore_index=True)[COLUMNS]


def _joined(states: pd.DataFrame) -> pd.DataFrame:
    """One record of an animal's states in several tracks, which may overlap; ``unknown`` where they contradict.

    ::

        tracks   W W W W          each moment is what those say that tell a behaviour
                     W G G ?
        record   W W W ? G ?
    """
    start, stop = (states[name].to_numpy(dtype=np.float64) for name in ("start_s", "stop_s"))
    says, edges = states["behaviour"].to_numpy(dtype=object), np.unique([start, stop])
    pieces = []
    for low, high in pairwise(edges.tolist()):
        here = (start < high) & (stop > low)
        words = set(says[here])
        if told := words - set(RESERVED) or words:
            pieces.append((int(here.argmax()), low, high, told.pop() if len(told) == 1 else UNKNOWN))
    place, starts, stops, names = zip(*pieces, strict=True)
    return states.iloc[list(place)].assign(start_s=starts, stop_s=stops, behaviour=names)


def bouts_file(path: Path) -> Path | None:
    """The table of bouts of a run, or the file itself where it is one; None: it is a file or folder of labels."""
    if path.is_dir():
        return path / "tables" / "bouts.csv" if any((path / name).is_file() for name in (RUN, STUDY)) else None
    if path.suffix.lower() != ".csv":
        return None
    first = next((text for _, text in read_lines(path)), "")
    return path if set(BOUTS.names) <= set(first.split(",")) else None


def _of_bouts(path: Path, plan: AgreePlan) -> pd.DataFrame:
    """The states of one set, and all events. Of an animal that nobody named the track's number is the subject."""
    bouts = read_table(path, BOUTS)
    bouts = bouts.assign(place=[f"{path.name}, line {k}" for k in range(2, len(bouts) + 2)])
    event = bouts["kind"] == Kind.event.value
    states, events = bouts[~event & (bouts["duration_s"] > 0)], bouts[event]
    states = states[states["set"] == _set_of(path, states, plan.set)]
    rows = pd.concat([states, events.assign(stop_s=events["start_s"])])
    track = rows["track"].astype("str")
    named = rows["subject"] != rows["video"] + "#" + track
    video, subject = rows["video"].map(unquote), rows["subject"].where(named, track)
    return rows.assign(key=rows["video"], video=video, subject=subject, track=track)


def _set_of(path: Path, states: pd.DataFrame, wanted: str | None) -> str:
    """The set of states that is compared: the only one in which anything was recognized, or the one wanted."""
    told = states[~states["behaviour"].isin(RESERVED)]
    there = sorted(set((told if len(told) else states)["set"]))
    if wanted is not None and wanted in there:
        return wanted
    if len(there) < 2:
        return "".join(there)
    raise UsageError(f"{path} has several sets of behaviours; give one of them: set={' or set='.join(there)}")


def _of_labels(path: Path, plan: AgreePlan) -> pd.DataFrame:
    rows = read_intervals([path])
    by_frame = (rows["start_frame"] >= 0).to_numpy()
    rate = rows["fps"].where(rows["fps"] > 0, np.nan if plan.fps is None else plan.fps)
    if lost := sorted(set(rows["video"][by_frame & rate.isna()])):
        what = lost[0] or "its video"
        raise UsageError(f"{path} counts the frames of {what} and states no frame rate; give it, as fps=29.97")
    # A mini-scene that pauses has parts, 3.1 and 3.2: in the video's own time they are one track.
    subject = rows["subject"].where(~by_frame, rows["subject"].str.replace(r"^(\d+)\.\d+$", r"\1", regex=True))
    subject = pd.Series([_track(*of) for of in zip(subject, rows["video"], strict=True)], rows.index, dtype="str")
    start = rows["start_s"].where(~by_frame, rows["start_frame"] / rate)
    stop = rows["stop_s"].where(~by_frame, rows["stop_frame"] / rate)
    kind = np.where(stop > start, Kind.state.value, Kind.event.value)
    return rows.assign(key="", subject=subject, track="", session="", kind=kind, start_s=start, stop_s=stop)


def _track(subject: str, video: str) -> str:
    """The track's number of an animal that nobody named, as our own tables and exports call it: ``<video>#3``."""
    found = re.fullmatch(r"(.+)#(\d+)", subject)
    return found[2] if found and alike(unquote(found[1]), video)[0] else subject
