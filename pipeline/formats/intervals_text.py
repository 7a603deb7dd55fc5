"""Labels from a spreadsheet: one row an interval, saved as CSV.

::

    video,track,start_s,stop_s,behaviour
    DJI_0068.MP4,3,12.4,20.1,Graze
    DJI_0068.MP4,Tumaini,0:20.1,1:05,Head Up      an animal's name, as individuals.csv has it; minutes and seconds

Column names in any case; ``start``, ``stop``, ``end`` and ``behavior`` are understood too. ``video`` may be missing
where there is only one. Events leave ``stop_s`` empty: those that a column ``kind`` calls so (``event`` or ``point``),
without one those of a behaviour that never has any. A column ``fps`` may state the video's frame rate, which is then
held against the video.
"""

import logging
from pathlib import Path
from sys import maxsize

import pandas as pd

from pipeline.errors import TableError
from pipeline.formats.intervals import finished
from pipeline.formats.labels import Faults, numbers
from pipeline.formats.text import read_csv

REQUIRED = ("start_s", "stop_s", "behaviour")
_SUBJECTS = ("track", "individual", "subject")
_ALSO = {"start": "start_s", "stop": "stop_s", "end": "stop_s", "end_s": "stop_s", "behavior": "behaviour"}
_EVENTS = ("event", "point")
_CLOCK = r"^(?:(\d+):)?([0-5]?\d):([0-5]\d(?:\.\d+)?)$"  # h:mm:ss or m:ss

log = logging.getLogger(__name__)


def read_plain(path: Path, faulty: bool = False) -> pd.DataFrame:
    """``INTERVALS`` of a CSV; ``TableError`` with all its faults by line. ``faulty`` is that of ``finished``."""
    raw = _named(path)
    faults = Faults(path, kept=maxsize)
    _check_events(raw, faults)
    stop = raw["stop_s"].where(raw["stop_s"] != "", raw["start_s"])
    times = numbers(pd.DataFrame({"start_s": _seconds(raw["start_s"]), "stop_s": _seconds(stop)}), faults)
    rate = {"fps": numbers(raw[["fps"]].replace("", "0"), faults)["fps"]} if "fps" in raw else {}
    return finished(times.assign(**raw[["video", "subject", "behaviour"]], **rate), faults, faulty)


def _named(path: Path) -> pd.DataFrame:
    """The rows under our names; ``subject`` is the first of ``_SUBJECTS`` there, ``video`` empty where it is not."""
    raw = read_csv(path)
    there = ", ".join(raw.columns)
    raw.columns = pd.Index([_ALSO.get(name.lower(), name.lower()) for name in raw.columns])
    subject = next((name for name in _SUBJECTS if name in raw), None)
    lost = [name for name in REQUIRED if name not in raw] + ([] if subject else ["track"])
    if lost:
        hint = "" if "video" in raw else "; and video, where the run has several"
        raise TableError(f"{path}: missing columns {', '.join(lost)} (there are: {there}){hint}")
    if twice := sorted(set(raw.columns[raw.columns.duplicated()])):
        raise TableError(f"{path}: columns that mean the same: {', '.join(twice)} is there twice (there are: {there})")
    return raw.assign(subject=raw[subject], video=raw.get("video", ""))


def _check_events(raw: pd.DataFrame, faults: Faults) -> None:
    """Mark the rows without ``stop_s`` that are no events; events that no column says to be some are warned of."""
    none = raw["stop_s"] == ""
    if "kind" in raw:
        lasts = ~raw["kind"].str.lower().isin(_EVENTS)
        faults.mark(none & lasts, "no stop_s, and '{}' is no kind of event", raw["kind"])
        return
    lasts = raw["behaviour"].isin(raw["behaviour"][~none])
    text = "no stop_s, and '{}' has one in other lines; events have none in any, or a column kind that says event"
    faults.mark(none & lasts, text, raw["behaviour"])
    if events := sorted(set(raw["behaviour"][none & ~lasts]) - {""}):
        log.warning("%s: no line of %s has a stop_s: they are taken for events", faults.where, ", ".join(events))


def _seconds(times: "pd.Series[str]") -> "pd.Series[str]":
    """``h:mm:ss`` and ``m:ss`` as seconds; all else as it is."""
    parts = times.str.extract(_CLOCK).fillna("0").astype("float64")
    return times.where(~times.str.match(_CLOCK), (3600 * parts[0] + 60 * parts[1] + parts[2]).map(repr))
