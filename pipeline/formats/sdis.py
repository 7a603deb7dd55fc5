"""Timed sequences of GSEQ, in its language SDIS, back as intervals: our own and BORIS's; ``sdis_write`` shows the form.

A unit is one animal, and a comment ``% video: NAME %`` before a session says where it was filmed: GSEQ passes over it,
and without one the file speaks of one video. ``codes.csv`` beside the file gives the behaviours their names back.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.errors import TableError
from pipeline.formats.intervals import finished
from pipeline.formats.labels import Faults
from pipeline.formats.text import read_csv, read_text

CODES = "codes.csv"
VIDEO = "video: "
_PARTS = re.compile(r"%([^%]*)%|<([^>]*)>|([;/])|([^\s%<>;/]+)")  # a comment, a unit's label, an end, a code
_CODE = re.compile(r"([^,]+),(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?")


def read_sdis(path: Path) -> pd.DataFrame:
    """``INTERVALS`` of a file of timed sequences, a code without an offset as an event.

    ``TableError`` where the sequences have no times, and with all codes that have none in seconds.
    """
    faults, names = Faults(path), _names(path.with_name(CODES))
    rows = [{**row, "behaviour": names.get(row["behaviour"], row["behaviour"])} for row in _rows(path, faults)]
    faults.stop()
    columns = ["line", "video", "subject", "behaviour", "start_s", "stop_s"]
    return finished(pd.DataFrame(rows, columns=columns).set_index("line"), faults)


def _rows(path: Path, faults: Faults) -> Iterator[dict[str, Any]]:
    """Every code that has times, with the line, the unit and the video in which it stands."""
    text = read_text(path)
    line, reached, head, video, subject = 1, 0, True, "", ""
    for part in _PARTS.finditer(text):
        line, reached = line + text.count("\n", reached, part.start()), part.start()
        comment, label, end, code = part.groups()
        if comment is not None:
            video = comment.strip().removeprefix(VIDEO) if comment.strip().startswith(VIDEO) else video
        elif head:
            head = end != ";"
            if code and code.lower() in ("event", "multievent", "state", "interval"):
                raise TableError(f"{path}: {code} sequences; only Timed ones say when, in seconds, things were done")
        elif label is not None:
            subject = label.strip()
        elif code and (timed := _CODE.fullmatch(code)):
            times = {"start_s": float(timed[2]), "stop_s": float(timed[3] or timed[2])}
            yield {"line": line, "video": video, "subject": subject, "behaviour": timed[1], **times}
        elif code:
            faults.add(line, f"'{code}' is no code with its onset or onset-offset in seconds, as Walk,0.5-4")


def _names(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    table = read_csv(path)
    if lost := [name for name in ("code", "behaviour") if name not in table]:
        raise TableError(f"{path}: missing columns {', '.join(lost)}")
    return dict(zip(table["code"], table["behaviour"], strict=True))
