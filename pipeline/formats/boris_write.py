"""A project for BORIS (``.boris``, JSON), and its exports of events, tabular (a row for each start, stop and point) and
aggregated (a row a bout): what is to be observed, and what is known.

Keys and types of the project are those of format 7.0; the columns of the exports those of BORIS 9.12.3. Media are named
by their path; BORIS looks for a relative one beside the project. A state is there twice, at its start and at its stop.
"""

import csv
import json
import string
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.artifacts import whole, write_text
from pipeline.errors import UsageError
from pipeline.formats.safe_names import one_line

_VERSION = "7.0"
_PLAYERS = ("1", "2")  # the first shows the video
_EVENTS = (
    "Observation id", "Observation date", "Description", "Observation duration", "Observation type", "Source",
    "Time offset (s)", "Media duration (s)", "FPS", "Subject", "Behavior", "Behavioral category", "Behavior type",
    "Time", "Media file name", "Image index", "Image file path", "Comment",
)  # fmt: skip
_BOUTS = (
    "Observation id", "Observation date", "Description", "Observation type", "Source", "Time offset (s)",
    "Coding duration", "Media duration (s)", "FPS (frame/s)", "Subject",
    "Observation duration by subject by observation", "Behavior", "Behavioral category", "Behavior type", "Start (s)",
    "Stop (s)", "Duration (s)", "Media file name", "Image index start", "Image index stop", "Image file path start",
    "Image file path stop", "Comment start", "Comment stop",
)  # fmt: skip
_NONE = "NA"  # of what an event has not


@dataclass(frozen=True)
class Code:
    """A behaviour to be coded: a state lasts, else it is a point in time. States of one category exclude each other.

    A state that is ``apart`` excludes all others.
    """

    name: str
    state: bool
    category: str
    apart: bool = False
    definition: str = ""


@dataclass(frozen=True)
class Observation:
    """One video to be observed. ``intervals``: ``subject behaviour start_s stop_s`` by the video's own time.

    They may also have ``start_frame stop_frame``, the frames shown then, and ``start_comment stop_comment``.
    """

    name: str
    media: str
    length_s: float
    fps: float
    intervals: pd.DataFrame
    filmed: str = ""  # YYYY-MM-DDThh:mm:ss; empty: not known
    told: Mapping[str, str] = field(default_factory=dict)  # its independent variables


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
    """Write the project; ``date``, when it was made, is ``YYYY-MM-DDThh:mm:ss``. ``check_codes`` comes first."""
    variables = _variables(watched)
    project = {
        "time_format": "hh:mm:ss",
        "project_name": name,
        "project_date": date,
        "project_description": "",
        "project_format_version": _VERSION,
        "subjects_conf": _subjects(subjects),
        "behaviors_conf": _codes(codes),
        "behavioral_categories": list(dict.fromkeys(code.category for code in codes)),
        "independent_variables": {
            str(k): {"label": name, "description": "", "type": "text", "default value": "", "possible values": ""}
            for k, name in enumerate(variables)
        },
        "coding_map": {},
        "converters": {},
        "observations": {one.name: _observation(one, variables, codes) for one in watched},
    }
    write_text(path, json.dumps(project, indent=2) + "\n")  # ASCII: BORIS opens it in the encoding of its machine


def write_events(path: Path, codes: Sequence[Code], watched: Sequence[Observation]) -> None:
    """Write what is known already as BORIS exports events: tabular, separated by tabs."""
    category, variables = {code.name: code.category for code in codes}, _variables(watched)
    with _written(path, _with(_EVENTS, variables)) as writer:
        for one in watched:
            length, fps, media = f"{one.length_s:.3f}", f"{one.fps:.3f}", one_line(one.media)
            source = ("Media file(s)", f"player #1:{media}", "0.0", length, fps)
            head = (one_line(one.name), one.filmed.replace("T", " "), "", length, *source, *_values(one, variables))
            for event in _events(one, codes):
                coded = (one_line(event.subject), event.code, category[event.code], event.kind, f"{event.time_s:.3f}")
                writer.writerow((*head, *coded, media, event.frame, _NONE, one_line(event.comment)))


def write_aggregated(path: Path, codes: Sequence[Code], watched: Sequence[Observation]) -> None:
    """Write what is known already as BORIS exports aggregated events, separated by tabs: by observation and start."""
    of, states = {code.name: code for code in codes}, [code.name for code in codes if code.state]
    variables = _variables(watched)
    with _written(path, _with(_BOUTS, variables)) as writer:
        for one in watched:
            length, media = f"{one.length_s:.3f}", one_line(one.media)
            source = ("Media file", f"player #1:{media}", "0.0", length, length, f"{one.fps:.3f}")
            head = (one_line(one.name), one.filmed.replace("T", " "), "", *source, *_values(one, variables))
            rows = _full(one.intervals, one.fps).sort_values(["start_s", "stop_s"], kind="stable")
            lasts = (rows["stop_s"] - rows["start_s"]).where(rows["behaviour"].isin(states), 0.0)
            watched_s = lasts.groupby(rows["subject"]).sum().round(3).to_dict()
            for row in rows.to_dict("records"):
                code = of[row["behaviour"]]
                subject = (one_line(row["subject"]), watched_s[row["subject"]], code.name, code.category)
                writer.writerow((*head, *subject, *_bout(row, code, media)))


def _bout(row: dict[Any, Any], code: Code, media: str) -> tuple[Any, ...]:
    """The columns from the behaviour's type on; an event ends where it begins, and lasts for no time."""
    start, stop = f"{row['start_s']:.3f}", f"{row['stop_s']:.3f}"
    first, last = one_line(row["start_comment"]), one_line(row["stop_comment"])
    if not code.state:
        return "POINT", start, start, _NONE, media, row["start_frame"], row["start_frame"], "", "", first, ""
    lasts = f"{row['stop_s'] - row['start_s']:.3f}"
    return "STATE", start, stop, lasts, media, row["start_frame"], row["stop_frame"], "", "", first, last


def _variables(watched: Sequence[Observation]) -> list[str]:
    """The names of all that is told of any observation."""
    return list(dict.fromkeys(name for one in watched for name in one.told))


def _values(one: Observation, variables: Sequence[str]) -> list[str]:
    return [one_line(one.told.get(name, "")) for name in variables]


def _with(columns: tuple[str, ...], variables: Sequence[str]) -> list[str]:
    """The columns with the variables where BORIS has them; one that is called as a column is marked."""
    place = columns.index("Subject")
    return [*columns[:place], *(one_line(name) + "_" * (name in columns) for name in variables), *columns[place:]]


@contextmanager
def _written(path: Path, header: Sequence[str]) -> Iterator[Any]:
    """A writer of rows below a header."""
    with whole(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(header)
        yield writer


def _full(intervals: pd.DataFrame, fps: float) -> pd.DataFrame:
    """The intervals with all that they may have."""
    frames = {f"{side}_frame": (intervals[f"{side}_s"] * fps).round().astype("int64") for side in ("start", "stop")}
    usual = frames | {"start_comment": "", "stop_comment": ""}
    return intervals.assign(**{name: value for name, value in usual.items() if name not in intervals})


def _subjects(names: Sequence[str]) -> dict[str, Any]:
    """Subjects, the first nine with a digit as their key."""
    keys = [*"123456789"] + [""] * len(names)
    rows = zip(keys, names, strict=False)
    return {str(k): {"key": key, "name": one_line(name), "description": ""} for k, (key, name) in enumerate(rows)}


def _codes(codes: Sequence[Code]) -> dict[str, Any]:
    """The ethogram. Each behaviour has a letter of its name as its key, or else one that is free."""
    made: dict[str, Any] = {}
    free = list(string.ascii_lowercase)
    for number, code in enumerate(codes):
        key = next((letter for letter in [*code.name.lower(), *free] if letter in free), "")
        free = [letter for letter in free if letter != key]
        states = [one for one in codes if one.state and code.state]
        rivals = [one.name for one in states if one.category == code.category or one.apart or code.apart]
        made[str(number)] = {
            "type": "State event" if code.state else "Point event",
            "key": key,
            "code": code.name,
            "description": one_line(code.definition),
            "category": code.category,
            "modifiers": {},
            "excluded": ",".join(name for name in rivals if name != code.name),
            "coding map": "",
        }
    return made


def _observation(one: Observation, variables: Sequence[str], codes: Sequence[Code]) -> dict[str, Any]:
    events = [
        [event.time_s, one_line(event.subject), event.code, "", one_line(event.comment)]
        for event in _events(one, codes)
    ]
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
        "date": one.filmed,
        "description": "",
        "time offset": 0.0,
        "events": events,
        "independent_variables": dict(zip(variables, _values(one, variables), strict=True)),
        "visualize_spectrogram": False,
        "close_behaviors_between_videos": False,
        "media_info": media,
    }


@dataclass(frozen=True)
class _Event:
    time_s: float
    subject: str
    code: str
    kind: str  # START, STOP or POINT
    frame: int
    comment: str


def _events(one: Observation, codes: Sequence[Code]) -> list[_Event]:
    """Every event, in order of time; what stops comes before what starts."""
    states = {code.name for code in codes if code.state}
    events: list[_Event] = []
    for row in _full(one.intervals, one.fps).to_dict("records"):
        kinds = (("START", "start"), ("STOP", "stop")) if row["behaviour"] in states else (("POINT", "start"),)
        for kind, end in kinds:
            at = round(row[f"{end}_s"], 3), row["subject"], row["behaviour"], kind
            events.append(_Event(*at, row[f"{end}_frame"], row[f"{end}_comment"]))
    return sorted(events, key=lambda event: (event.time_s, event.kind == "START"))
