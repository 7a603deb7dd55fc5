"""JWatcher's focal data files back as intervals: our own, BORIS's and its own; ``jwatcher_write`` shows the form.

A key goes on until the next one is pressed, or, where a focal analysis master file (``.faf``) beside the data file says
which keys switch which off, until one that does, itself among them. Those that the master file describes, or the
analysis has, as an event last no time, and ``out of sight`` is ``not visible``. A data file names neither its video nor
its animal: ``files.csv`` beside it does (``file,video,subject``), or else its own name is the animal's.
"""

import re
from collections.abc import Collection, Mapping
from pathlib import Path

import pandas as pd

from pipeline.errors import TableError
from pipeline.formats.intervals import finished
from pipeline.formats.labels import Faults, numbers
from pipeline.formats.text import last_part, read_csv, read_lines

FILES = "files.csv"
FOCAL = "FirstLineOfData="
AWAY = "out of sight"
EVENT = "event"  # how a master file of ours describes a key that lasts no time
_MASTER = "FocalMasterFile="
_END = "EOF"
_ESCAPE = re.compile(r"((?:\\u[0-9a-fA-F]{4})+)|\\(.)")
_OF_KEY = re.compile(r"^Behaviou?r\.")  # as it is spelled depends on the version
_OF_ANALYSIS = ("AllCodesMutuallyExclusive", "OutOfSightCode", "isEventAnalyzed.", "switchesOff.")


def read_focal(path: Path) -> pd.DataFrame:
    """``INTERVALS`` of a focal data file; ``TableError`` with all its faults by line."""
    lines = read_lines(path)
    first = int(lines[0][1].removeprefix(FOCAL)) if lines[0][1].removeprefix(FOCAL).isdigit() else 1
    rows = [(line, [field.strip() for field in text.split(",")][:2]) for line, text in lines if line >= first]
    rows = [(line, fields) for line, fields in rows if not fields[0].startswith("#")]
    faults = Faults(path)
    for line, fields in rows:
        if len(fields) < 2:
            faults.add(line, "neither milliseconds and a key, as 3300, s, nor a comment")
    faults.stop()
    index = [line for line, _ in rows]
    pressed = pd.DataFrame([fields for _, fields in rows], index=index, columns=["ms", "key"], dtype="str")
    if pressed.empty or pressed["key"].iloc[-1] != _END:
        raise TableError(f"{path}: its last line is no {_END}: the observation was not brought to an end")
    told = _told(path, lines, pressed.assign(ms=numbers(pressed[["ms"]], faults)["ms"]))
    faults.stop()
    return finished(told.assign(**_whose(path)), faults)


def _told(path: Path, lines: list[tuple[int, str]], pressed: pd.DataFrame) -> pd.DataFrame:
    """``behaviour start_s stop_s`` by line."""
    master = next((last_part(text.partition("=")[2]) for _, text in lines if text.startswith(_MASTER)), "")
    means, taken = (_means(path.with_name(master)), _taken(path, master)) if master else ({}, {})
    keys = pressed["key"].unique().tolist()
    name = {key: means.get(f"name.{key}", key) for key in keys} | {taken.get("OutOfSightCode", ""): AWAY}
    events = {key for key in keys if means.get(f"description.{key}") == EVENT}
    point = pressed["key"].isin(events | {key for key in keys if taken.get(f"isEventAnalyzed.{key}") == "true"})
    behaviour = pressed["key"].map(name).replace(AWAY, "not visible")
    stop = pressed["ms"].where(point, _stops(pressed, _off(taken, keys, events)))
    told = pd.DataFrame({"behaviour": behaviour, "start_s": pressed["ms"] / 1000, "stop_s": stop / 1000})
    return told[:-1][(point | (stop != pressed["ms"]))[:-1]]


def _off(taken: Mapping[str, str], keys: list[str], events: set[str]) -> dict[str, Collection[str]]:
    """Which keys each switches off: those that the analysis lists and itself; else all, unless it is an event."""
    if not taken or taken.get("AllCodesMutuallyExclusive") == "true":
        return {key: () if key in events else keys for key in keys}
    return {key: {key, *re.findall(r"[^,\s]+", taken.get(f"switchesOff.{key}", ""))} for key in keys}


def _stops(pressed: pd.DataFrame, off: Mapping[str, Collection[str]]) -> list[float]:
    """When what each key began is over: at the next key that switches it off, else at the end of the file."""
    found: list[float] = []
    end, over = float(pressed["ms"].iloc[-1]), dict[str, float]()
    for ms, key in zip(pressed["ms"][::-1], pressed["key"][::-1], strict=True):
        found.append(over.get(key, end))
        over |= dict.fromkeys(off[key], ms)
    return found[::-1]


def _taken(path: Path, master: str) -> dict[str, str]:
    """How JWatcher takes the keys of a data file, as the analysis beside it says that is of the same master file."""
    found = {}
    for beside in sorted(path.parent.glob("*.faf")):
        told = _properties(beside)
        if last_part(told.get(_MASTER[:-1], "")) == master:
            found[beside.name] = {name: value for name, value in told.items() if name.startswith(_OF_ANALYSIS)}
    if any(told != next(iter(found.values())) for told in found.values()):
        raise TableError(
            f"{path}: {' and '.join(found)} say differently which keys switch which off, are events or out of sight; "
            "leave one of them beside it"
        )
    return next(iter(found.values()), {})


def _means(path: Path) -> dict[str, str]:
    """``name.<key>`` and ``description.<key>`` of a master file; nothing where it is not there."""
    if not path.is_file():
        return {}
    return {name: _ESCAPE.sub(_plain, value) for name, value in _properties(path).items()}


def _properties(path: Path) -> dict[str, str]:
    """What a file of JWatcher's says, as it is written; ``Behaviour.name.w`` is ``name.w``."""
    pairs = (text.partition("=") for _, text in read_lines(path) if "=" in text and not text.startswith("#"))
    return {_OF_KEY.sub("", name): value for name, _, value in pairs}


def _plain(escape: "re.Match[str]") -> str:
    """What an escape of Java's properties stands for; a sign beyond the first 65,536 is two of them."""
    units = bytes.fromhex((escape[1] or "").replace("\\u", ""))
    return units.decode("utf-16-be", "replace") or escape[2]


def _whose(path: Path) -> dict[str, str]:
    """The video and the animal of a data file."""
    beside = path.with_name(FILES)
    if not beside.is_file():
        return {"video": "", "subject": path.stem}
    table = read_csv(beside)
    if lost := [name for name in ("file", "video", "subject") if name not in table]:
        raise TableError(f"{beside}: missing columns {', '.join(lost)}")
    own = table[table["file"] == path.name]
    if own.empty:
        raise TableError(f"{beside}: no line for {path.name}")
    return {"video": str(own["video"].iloc[0]), "subject": str(own["subject"].iloc[0])}
