"""JWatcher's focal data files back as intervals: our own, BORIS's and its own; ``jwatcher_write`` shows the form.

A key goes on until the next one is pressed. Those that the master file describes as an event last no time, and
``out of sight`` is ``not visible``. A data file names neither its video nor its animal: ``files.csv`` beside it does
(``file,video,subject``), or else its own name is the animal's.
"""

import re
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
_END = "EOF"
_ESCAPE = re.compile(r"((?:\\u[0-9a-fA-F]{4})+)|\\(.)")


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
    master = next((text.partition("=")[2] for _, text in lines if text.startswith("FocalMasterFile=")), "")
    means = _means(path.with_name(last_part(master))) if master else {}
    name = {key[5:]: word for key, word in means.items() if key.startswith("name.")}
    point = pressed["key"].map(lambda key: means.get(f"description.{key}") == EVENT)
    ends = pressed["ms"].where(~point).shift(-1).bfill()  # the next key that is a state, or the end of the file
    behaviour = pressed["key"].map(lambda key: name.get(key, key)).replace(AWAY, "not visible")
    stop = pressed["ms"].where(point, ends)
    told = pd.DataFrame({"behaviour": behaviour, "start_s": pressed["ms"] / 1000, "stop_s": stop / 1000})
    return told[:-1][(point | (stop != pressed["ms"]))[:-1]]


def _means(path: Path) -> dict[str, str]:
    """``name.<key>`` and ``description.<key>`` of a master file; nothing where it is not there."""
    if not path.is_file():
        return {}
    pairs = (text.partition("=") for _, text in read_lines(path) if text.startswith("Behaviour."))
    return {name.removeprefix("Behaviour."): _ESCAPE.sub(_plain, value) for name, _, value in pairs}


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
