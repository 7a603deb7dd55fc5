"""Boxes in VIA's tracks csv (``via_write.py`` says how it looks), as we and movement's users write them."""

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from pipeline.formats.coco import NUMBERED
from pipeline.formats.labels import Faults, finished, numbers
from pipeline.formats.text import read_csv
from pipeline.formats.via_write import HEADER

MARK = ",".join(HEADER[:3])  # how the file begins


def read_via(path: Path, first_frame: int = 0) -> pd.DataFrame:
    """Boxes of one video: rectangles, with ``track`` as identity and ``confidence`` as score where they are given.

    The frame is the number that the image's name ends with. ``TableError`` names every line that breaks the format.
    """
    faults = Faults(path)
    given = read_csv(path)
    rows = dict(zip(given.index.tolist(), given.to_dict("records"), strict=True))
    kept = {line: found for line, row in rows.items() if (found := _row(row, line, faults))}
    columns = ["frame", "x", "y", "width", "height", "given_id", "score"]
    data = numbers(pd.DataFrame.from_dict(kept, orient="index", columns=columns), faults)
    corners = {"x1": data["x"], "y1": data["y"], "x2": data["x"] + data["width"], "y2": data["y"] + data["height"]}
    return finished(data.assign(**corners), faults, first_frame)


def _row(row: Mapping[Any, str], line: int, faults: Faults) -> list[object]:
    """Frame, rectangle, identity (-1: none) and score (1: none) of a line; empty where it is no rectangle."""
    number = NUMBERED.search(PurePosixPath(row["filename"]).stem)
    try:
        shape, told = (json.loads(row[name]) for name in HEADER[5:])
        box = [shape[name] for name in ("x", "y", "width", "height")]
        rest = [told.get("track", -1), told.get("confidence", 1.0)]
    except (ValueError, KeyError, TypeError, AttributeError):
        faults.add(line, f"no rectangle with its attributes: {row.get(HEADER[5], '')[:60]}")
        return []
    if number is None:
        faults.add(line, f"'{row['filename']}': no number at the end of its name")
        return []
    return [int(number[1]), *box, *rest]
