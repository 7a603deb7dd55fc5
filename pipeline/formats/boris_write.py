"""A project for BORIS (``.boris``, JSON), and its tabular export of events: what is to be observed, and what is known.

Keys and types of the project are those of format 7.0; the columns of the export those of BORIS 9.12.3. Media are named
by their path; BORIS looks for a relative one beside the project. A state is there twice, at its start and at its stop.
"""

import csv
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.artifacts import whole, write_json
from pipeline.errors import UsageError

_VERSION = "7.0"
_PLAYERS = ("1", "2")  # the first shows the video
_EVENTS = (
    "Observation id", "Observation date", "Description", "Observation duration", "Observation type", "Source",
    "Time offset (s)", "Media duration (s)", "FPS", "Subject", "Behavior", "Behavioral category", "Behavior type",
    "Time", "Media file name", "Image index", "Image file path", "Comment",
)  # fmt: skip


@dataclass(frozen=True)
class Code:
    """A behaviour to be coded: a state lasts, else it is a point in time. States of one category exclude each other."""

    name: str
    state: bool
    category: str


@dataclass(frozen=True)
class Observation:
    """One video to be observed. ``intervals``: ``subject behaviour start_s stop_s`` by the video's own time."""

    name: str
    media: str
    length_s: float
    fps: float
    intervals: pd.DataFrame


def check_codes(codes: Sequence[Code]) -> None:
    """``UsageError`` for behaviours that BORIS would cut in pieces: it joins several by comma or bar."""
    if wrong := [code.name for code in codes if set(code.name) & set(",|")]:
        raise UsageError(
            f"BORIS takes no comma and no | in a behaviour, as in '{wrong[0]}'; rename it in the ethogram, or leave "
            "boris out of format"
        )


def write_project(
    path: Path, name: str, date: str, codes: Sequence[Code], subjects: Sequence[str], watched: Sequence[Observation]
) -> None:
    """Write the project; ``date`` is ``YYYY-MM-DDThh:mm:ss``. ``check_codes`` comes first."""
    project = {
        "time_format": "hh:mm:ss",
        "project_name": name,
        "project_date": date,
        "project_description": "",
        "project_format_version": _VERSION,
        "subjects_conf": _subjects(subjects),
        "behaviors_conf": _codes(codes),
        "behavioral_categories": list(dict.fromkeys(code.category for code in codes)),
        "independent_variables": {},
        "coding_map": {},
        "converters": {},
        "observations": {one.name: _observation(one, date, codes) for one in watched},
    }
    write_json(path, project)


def write_events(path: Path, date: str, codes: Sequence[Code], watched: Sequence[Observation]) -> None:
    """Write what is known already as BORIS exports events: tabular, separated by tabs."""
    category = {code.name: code.category for code in codes}
    with whole(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(_EVENTS)
        for one in watched:
            length, fps = f"{one.length_s:.3f}", f"{one.fps:.3f}"
            head = (one.name, date.replace("T", " "), "", length, "Media file(s)", f"player #1:{one.media}", "0.0")
            for time, subject, code, kind in _events(one, codes):
                coded = (subject, code, category[code], kind, f"{time:.3f}", one.media, round(time * one.fps), "", "")
                writer.writerow((*head, length, fps, *coded))


def _subjects(names: Sequence[str]) -> dict[str, Any]:
    """Subjects, the first nine with a digit as their key."""
    keys = [*"123456789"] + [""] * len(names)
    rows = zip(keys, names, strict=False)
    return {str(k): {"key": key, "name": name, "description": ""} for k, (key, name) in enumerate(rows)}


def _codes(codes: Sequence[Code]) -> dict[str, Any]:
    """The ethogram. Each behaviour has a letter of its name as its key, or else one that is free."""
    made: dict[str, Any] = {}
    free = list(string.ascii_lowercase)
    for number, code in enumerate(codes):
        key = next((letter for letter in [*code.name.lower(), *free] if letter in free), "")
        free = [letter for letter in free if letter != key]
        rivals = [one.name for one in codes if one.state and code.state and one.category == code.category]
        made[str(number)] = {
            "type": "State event" if code.state else "Point event",
            "key": key,
            "code": code.name,
            "description": "",
            "category": code.category,
            "modifiers": {},
            "excluded": ",".join(name for name in rivals if name != code.name),
            "coding map": "",
        }
    return made


def _observation(one: Observation, date: str, codes: Sequence[Code]) -> dict[str, Any]:
    events = [[time, subject, code, "", ""] for time, subject, code, _ in _events(one, codes)]
    media = {
        "length": {one.media: round(one.length_s, 3)},
        "fps": {one.media: round(one.fps, 6)},
        "hasVideo": {one.media: True},
        "hasAudio": {one.media: False},
        "offset": dict.fromkeys(_PLAYERS, 0.0),
    }
    return {
        "file": {player: [one.media] if player == _PLAYERS[0] else [] for player in _PLAYERS},
        "type": "MEDIA",
        "date": date,
        "description": "",
        "time offset": 0.0,
        "events": events,
        "independent_variables": {},
        "visualize_spectrogram": False,
        "close_behaviors_between_videos": False,
        "media_info": media,
    }


def _events(one: Observation, codes: Sequence[Code]) -> Iterator[tuple[float, str, str, str]]:
    """Time, subject, behaviour and kind of each event, in order of time; what stops comes before what starts."""
    states = {code.name for code in codes if code.state}
    events: list[tuple[float, str, str, str]] = []
    columns = [one.intervals[name].tolist() for name in ("subject", "behaviour", "start_s", "stop_s")]
    for subject, behaviour, start, stop in zip(*columns, strict=True):
        kinds = (("START", start), ("STOP", stop)) if behaviour in states else (("POINT", start),)
        events += [(round(time, 3), subject, behaviour, kind) for kind, time in kinds]
    yield from sorted(events, key=lambda event: (event[0], event[3] == "START"))
