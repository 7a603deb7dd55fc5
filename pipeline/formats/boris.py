"""BORIS's exports of events, tabular (a row for each start, stop and point) and aggregated (a row a bout), old and new.

The columns were read from BORIS 9.12.3 and from files of older versions, whose tabular export begins with a block of
lines about the observation. Times count from the start of the observation and have its time offset added; where there
is one, or several videos one after another, only the frame index (``Image index``) says where in its video an event
lies.
"""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from pipeline.errors import TableError
from pipeline.formats.intervals import finished
from pipeline.formats.labels import Faults, numbers
from pipeline.formats.text import read_rows, split_lines

NOBODY = "No focal subject"
_SEPARATORS = "\t,;"
_NAMES = {  # ours: BORIS's, newest first
    "observation": ("Observation id",),
    "video": ("Media file name", "Media file path", "Media file"),
    "fps": ("FPS (frame/s)", "FPS"),
    "offset": ("Time offset (s)",),
    "subject": ("Subject",),
    "behaviour": ("Behavior",),
    "kind": ("Behavior type", "Status"),
    "time": ("Time",),
    "start": ("Start (s)",),
    "stop": ("Stop (s)",),
    "index": ("Image index",),
    "start_index": ("Image index start",),
    "stop_index": ("Image index stop",),
}
_MODIFIER = "Modifier"  # a column's name begins so
_SLACK_S = 0.5  # by which time and frame may disagree


def is_boris(line: str) -> bool:
    """Does a file that begins with this line come from BORIS?"""
    first = line.split("\t")[0].split(",")[0].split(";")[0].strip('"')
    return first == "Observation id" or any(_is_header(line, mark) for mark in _SEPARATORS)


def read_boris(path: Path) -> pd.DataFrame:
    """``INTERVALS`` of an export of events, TSV or CSV; ``TableError`` with all its faults by line."""
    raw = _table(path)
    faults = Faults(path)
    if {"start", "stop"} <= set(raw):
        found = _aggregated(raw, faults)
    elif {"time", "kind"} <= set(raw):
        found = _paired(raw, faults)
    else:
        raise TableError(f"{path}: no events of BORIS: it needs Time and Behavior type, or Start (s) and Stop (s)")
    faults.stop()
    return finished(found[["video", "subject", "behaviour", "start_s", "stop_s", "fps"]], faults)


def _table(path: Path) -> pd.DataFrame:
    """The rows below the header as text, indexed by line, under our names; ``modifiers`` joins those columns."""
    lines = split_lines(path)
    heads = ((k, mark) for k, line in enumerate(lines) for mark in _SEPARATORS if _is_header(line, mark))
    head, mark = next(heads, (None, ""))
    if head is None:
        raise TableError(f"{path}: no header of BORIS's events (Subject, Behavior and a time)")
    table = read_rows(path, lines[head:], mark, head, {theirs for known in _NAMES.values() for theirs in known})
    ours = {name: next((theirs for theirs in known if theirs in table), None) for name, known in _NAMES.items()}
    named = pd.DataFrame({name: table[theirs] for name, theirs in ours.items() if theirs is not None})
    modifiers = table.loc[:, table.columns.str.startswith(_MODIFIER)]
    video = named["video"] if "video" in named else pd.Series("", index=named.index)
    observation = named["observation"] if "observation" in named else pd.Series("", index=named.index)
    offset = named["offset"] if "offset" in named else _told_above(lines[:head], mark, _NAMES["offset"][0])
    return named.assign(
        offset=offset,
        fps=pd.to_numeric(named["fps"], errors="coerce") if "fps" in named else float("nan"),
        modifiers=modifiers.agg("|".join, axis=1) if modifiers.shape[1] else "",
        subject=named["subject"].where(named["subject"] != NOBODY, ""),
        video=video,
        observation=observation,
    )


def _told_above(lines: list[str], mark: str, name: str) -> str:
    """What the block above the header of old exports says of ``name``; empty where it says nothing."""
    fields = ([field.strip() for field in line.split(mark)] for line in lines)
    return next((row[1] for row in fields if row[0] == name and len(row) > 1), "")


def _is_header(line: str, mark: str) -> bool:
    names = {name.strip() for name in line.split(mark)}
    return {"Subject", "Behavior"} <= names and bool(names & {"Time", "Start (s)"})


def _seconds(raw: pd.DataFrame, time: str, index: str, faults: Faults) -> "pd.Series[float]":
    """Seconds of each row from the start of its video; ``raw[time]`` are numbers, from that of the observation."""
    shifted = pd.to_numeric(raw["offset"], errors="coerce").fillna(0.0) != 0
    elsewhere = shifted | (raw.groupby("observation")["video"].transform("nunique") > 1)
    of_frame = pd.Series(float("nan"), index=raw.index)
    if index in raw:
        of_frame = pd.to_numeric(raw[index], errors="coerce") / raw["fps"]
    lost = elsewhere & of_frame.isna()
    faults.mark(
        lost & ~raw["observation"].where(lost).duplicated(),
        "'{}' has several videos or a time offset, and no image index says where in its video this is; "
        "give the project (.boris) instead",
        raw["observation"],
    )
    faults.stop()
    return raw[time].where(~elsewhere, of_frame)


def _aggregated(raw: pd.DataFrame, faults: Faults) -> pd.DataFrame:
    """A row a bout; the stop of an event is its start."""
    told = raw.assign(**{name: numbers(raw[[name]], faults)[name] for name in ("start", "stop")})
    faults.stop()
    seconds = {f"{side}_s": _seconds(told, side, f"{side}_index", faults) for side in ("start", "stop")}
    return _within_videos(told.assign(**seconds), faults)


def _paired(raw: pd.DataFrame, faults: Faults) -> pd.DataFrame:
    """Starts with their stops: those of one observation, subject, behaviour and modifiers."""
    told = raw.assign(time=numbers(raw[["time"]], faults)["time"], kind=raw["kind"].str.upper())
    faults.mark(~told["kind"].isin(["START", "STOP", "POINT"]), "'{}' is neither START, STOP nor POINT", raw["kind"])
    faults.stop()
    seconds = _seconds(told, "time", "index", faults)
    groups = told.sort_values("time", kind="stable").groupby(["observation", "subject", "behaviour", "modifiers"])
    bouts = [bout for _, own in groups for bout in _bouts(own["kind"], faults)]
    first, last = [start for start, _ in bouts], [stop for _, stop in bouts]
    found = told.loc[first].assign(
        start=told["time"][first].to_numpy(), stop=told["time"][last].to_numpy(),
        start_s=seconds[first].to_numpy(), stop_s=seconds[last].to_numpy(),
    )  # fmt: skip
    return _within_videos(found.sort_index(), faults)


def _bouts(kind: "pd.Series[str]", faults: Faults) -> Iterator[tuple[int, int]]:
    """Lines at which each bout of one behaviour starts and stops; ``kind`` is in order of time."""
    begun: int | None = None
    for line, word in zip(kind.index.tolist(), kind, strict=True):
        if word == "POINT":
            yield line, line
        elif word == "START" and begun is not None:
            faults.add(line, f"starts again, after line {begun}")
        elif word == "START":
            begun = line
        elif begun is None:
            faults.add(line, "stops without having started")
        else:
            yield begun, line
            begun = None
    if begun is not None:
        faults.add(begun, "starts and never stops")


def _within_videos(bouts: pd.DataFrame, faults: Faults) -> pd.DataFrame:
    """The bouts; a fault where one lasts otherwise by the frames of its video than by the observation's time."""
    lasts, of_video = bouts["stop"] - bouts["start"], bouts["stop_s"] - bouts["start_s"]
    faults.mark((lasts - of_video).abs() > _SLACK_S, "goes on into another video; give the project (.boris) instead")
    return bouts
