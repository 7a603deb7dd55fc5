"""Focal data files (``.dat``) and focal master files (``.fmf``) of JWatcher, laid out as BORIS's export of them.

A data file has the moments at which a key was pressed, in milliseconds, and ``EOF`` at the end; a master file says what
each key means. Time out of sight is a key like any other, which JWatcher is told of as its "out of sight code".
"""

import string
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from pipeline.artifacts import write_text
from pipeline.errors import UsageError
from pipeline.formats.safe_names import one_line

_LINE = "#-----------------------------------------------------------"
_KEYS = string.ascii_lowercase + string.digits


def keys(names: Sequence[str]) -> dict[str, str]:
    """A key for each name: a letter of it, or else one that is free; ``UsageError`` where there are too few."""
    if len(names) > len(_KEYS):
        raise UsageError(
            f"JWatcher has {len(_KEYS)} keys, and {len(names)} behaviours need one each; join some of them"
        )
    found: dict[str, str] = {}
    for name in names:
        free = [key for key in _KEYS if key not in found.values()]
        found[name] = next(key for key in [*name.lower(), *free] if key in free)
    return found


def write_focal(
    path: Path, master: str, made: str, filmed: str, presses: Iterable[tuple[float, str]], end_s: float
) -> None:
    """Write when (seconds from the start) each key was pressed.

    ``made`` and ``filmed`` are YYYY-MM-DDThh:mm:ss: when the file was made, and when the observation started. Where the
    latter is empty, as not known, it is 1970, as in BORIS's export.
    """
    begun = datetime.fromisoformat(filmed or "1970-01-01")
    ended = (begun + timedelta(milliseconds=round(end_s * 1000))).isoformat()
    since = round((begun - datetime(1970, 1, 1)).total_seconds() * 1000)
    told = (filmed, ended) if filmed else ("not known", "not known")
    lines = [_LINE, f"# Name: {path.name}", "# Format: Focal Data File 1.0", f"# Updated: {made}", _LINE, ""]
    lines += [f"FocalMasterFile={master}", "", f"# Observation started: {told[0]}", f"StartTime={since}"]
    lines += [f"# Observation stopped: {told[1]}", f"StopTime={since + round(end_s * 1000)}"]
    lines += ["", "", "", "#BEGIN DATA"]
    data = [f"{round(time * 1000)}, {key}" for time, key in [*presses, (end_s, "EOF")]]
    write_text(path, "\n".join([f"FirstLineOfData={len(lines) + 2}", *lines, *data]) + "\n")


def write_master(path: Path, date: str, meanings: Iterable[tuple[str, str, str]], longest_s: float) -> None:
    """Write key, name and description of each behaviour; ``longest_s`` is how long an observation may last."""
    lines = [_LINE, f"# Name: {path.name}", "# Format: Focal Master File 1.0", f"# Updated: {date}", _LINE]
    for key, name, description in meanings:
        lines += [f"Behaviour.name.{key}={_value(name)}", f"Behaviour.description.{key}={_value(description)}"]
    lines += [f"DurationMilliseconds={round(longest_s * 1000)}", "CountUp=false"]
    lines += [*(f"Question.{number}=" for number in range(1, 7)), "Notes=", "Supplementary="]
    write_text(path, "\n".join(lines) + "\n")


def _value(text: str) -> str:
    """Text as a value of Java's properties: ASCII, with escapes."""
    safe = one_line(text).replace("\\", "\\\\").encode("utf-16-be")
    units = [int.from_bytes(safe[k : k + 2]) for k in range(0, len(safe), 2)]
    return "".join(chr(unit) if unit < 0x7F else f"\\u{unit:04x}" for unit in units)
