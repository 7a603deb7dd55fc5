"""BORIS's own projects (``.boris``, JSON): the events of all observations of videos.

A state event is there twice, at its start and at its stop. Times count from the start of the observation, over the
videos of the first player one after another; a bout that goes on into the next video is cut in two.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.errors import TableError
from pipeline.formats.intervals import finished
from pipeline.formats.labels import Faults
from pipeline.formats.text import read_text

_NEEDED = ("observations", "behaviors_conf")
_FIRST_PLAYER = "1"


def read_project(path: Path) -> pd.DataFrame:
    """``INTERVALS`` of all observations of videos; live ones have none. ``TableError`` with all faults of the file."""
    project = _read(path)
    places: list[str] = []
    faults = Faults(path, lambda row: places[row])
    try:
        rows = list(_rows(project, faults, places))
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        raise TableError(
            f"{path}: not as BORIS writes it, after {places[-1] if places else 'the start'}: {error}"
        ) from error
    faults.stop()
    data = pd.DataFrame(rows, columns=["video", "fps", "subject", "behaviour", "start_s", "stop_s", "row"])
    return finished(data.set_index("row").astype(dict.fromkeys(["fps", "start_s", "stop_s"], "float64")), faults)


def _rows(
    project: dict[str, Any], faults: Faults, places: list[str]
) -> Iterator[tuple[str, float, str, str, float, float, int]]:
    """Video and its frame rate, subject, behaviour, start, stop and place of every interval."""
    kinds = {str(one["code"]): str(one["type"]) for one in project["behaviors_conf"].values()}
    for name, observation in project["observations"].items():
        if observation.get("type") == "MEDIA":
            media = _media(name, observation, faults, places)
            for subject, behaviour, start, stop, row in _events(name, observation["events"], kinds, faults, places):
                for one, low, high in _parts(media, start, stop):
                    yield one.name, one.fps, subject, behaviour, low, high, row


def _read(path: Path) -> dict[str, Any]:
    try:
        project = json.loads(read_text(path))
    except ValueError as error:
        raise TableError(f"{path}: not JSON: {error}") from error
    if not isinstance(project, dict) or any(not isinstance(project.get(name), dict) for name in _NEEDED):
        raise TableError(f"{path}: no project of BORIS: it holds no {' and no '.join(_NEEDED)}")
    return project


@dataclass(frozen=True)
class _Media:
    """One video of an observation: its name, its frame rate, and the observation's seconds from and to which it is."""

    name: str
    fps: float  # NaN where the project does not say
    start_s: float
    stop_s: float


def _media(name: str, observation: dict[str, Any], faults: Faults, places: list[str]) -> list[_Media]:
    """The videos of the first player, one after another; the last may go on for ever."""
    files = [str(file) for file in (observation.get("file") or {}).get(_FIRST_PLAYER, [])]
    info = observation.get("media_info") or {}
    lengths, rates = info.get("length") or {}, info.get("fps") or {}
    at, found = 0.0, []
    for number, file in enumerate(files):
        length = float(lengths.get(file, np.inf))
        if number == len(files) - 1:
            length = np.inf  # what is past its end is told with the video at hand
        elif not np.isfinite(length):
            faults.add(_placed(places, f"observation '{name}'"), f"the length of {file} is not in the project")
            length = 0.0
        found.append(_Media(file, float(rates.get(file) or np.nan), at, at + length))
        at += length
    return found or [_Media("", np.nan, 0.0, np.inf)]


def _events(
    name: str, events: list[list[Any]], kinds: dict[str, str], faults: Faults, places: list[str]
) -> Iterator[tuple[str, str, float, float, int]]:
    """Subject, behaviour, start, stop and place of every bout and point of an observation."""
    begun: dict[tuple[str, str, str], tuple[float, int]] = {}
    for number, event in enumerate(sorted(events, key=lambda event: float(event[0])), start=1):
        time, subject, code, modifier = float(event[0]), str(event[1]), str(event[2]), str(event[3])
        row = _placed(places, f"observation '{name}', event {number} at {time:g} s")
        if code not in kinds:
            faults.add(row, f"'{code}' is no behaviour of the project")
        elif kinds[code].lower().startswith("point"):
            yield subject, code, time, time, row
        elif (key := (subject, code, modifier)) in begun:
            start, first = begun.pop(key)
            yield subject, code, start, time, first
        else:
            begun[key] = time, row
    for (subject, code, _), (_, row) in begun.items():
        faults.add(row, f"'{code}' of {subject or 'nobody in particular'} starts and never stops")


def _placed(places: list[str], text: str) -> int:
    """The number under which a place of the file is remembered."""
    places.append(text)
    return len(places) - 1


def _parts(media: list[_Media], start: float, stop: float) -> Iterator[tuple[_Media, float, float]]:
    """The videos in which an interval lies, and its seconds there."""
    for one in media:
        low, high = max(start, one.start_s), min(stop, one.stop_s)
        if low < high or (start == stop and one.start_s <= start < one.stop_s):
            yield one, low - one.start_s, max(high, low) - one.start_s
