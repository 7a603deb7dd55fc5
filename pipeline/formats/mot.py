"""MOTChallenge text: ``frame,id,bb_left,bb_top,bb_width,bb_height,conf,x,y,z``, one box a line.

Convention: "All frame numbers, target IDs and bounding boxes are 1-based" (motchallenge.net/instructions), so the top
left pixel is (1, 1). Frames and boxes are shifted here. Files whose writer counted pixels from 0 come out a pixel off.
"""

import logging
from pathlib import Path

import pandas as pd

from pipeline.artifacts import whole, write_text
from pipeline.formats.labels import Faults, finished, numbers
from pipeline.formats.text import read_lines
from pipeline.tables import BOX

COLUMNS = ["frame", "id", "bb_left", "bb_top", "bb_width", "bb_height", "conf"]
PIXEL = 1.0  # number of the first pixel

log = logging.getLogger(__name__)


def read_mot(path: Path, first_frame: int = 1) -> pd.DataFrame:
    """Boxes of a ``gt.txt``, a ``det.txt`` or a tracker's result.

    Identity -1 is none. A row with an identity and conf 0 is marked "not evaluated" and left out; conf -1 means the
    tracker gave none, and counts as 1. Beside a ``labels.txt`` (CVAT's export) column 8 is a class, from 1.
    ``TableError`` names every line that breaks the format.
    """
    faults = Faults(path)
    raw = _fields(path, faults)
    data = numbers(raw[COLUMNS], faults)
    given = data["id"] >= 0
    ignored = given & (data["conf"] == 0)
    if ignored.any():
        log.info("%s: %d of %d boxes are marked as not evaluated and left out", path, ignored.sum(), len(data))
    result = pd.DataFrame(
        {
            "frame": data["frame"],
            "x1": data["bb_left"] - PIXEL,
            "y1": data["bb_top"] - PIXEL,
            "x2": data["bb_left"] - PIXEL + data["bb_width"],
            "y2": data["bb_top"] - PIXEL + data["bb_height"],
            "score": data["conf"].mask(given & (data["conf"] == -1), 1.0),
            "given_id": data["id"],
        }
    )
    if (path.parent / "labels.txt").is_file():
        result["species"] = _species(raw["class"], path.parent / "labels.txt", faults)
    return finished(result[~ignored], faults, first_frame)


def _fields(path: Path, faults: Faults) -> pd.DataFrame:
    """Columns 1 to 8 as text, by line number."""
    rows, lines = [], []
    for number, line in read_lines(path):
        fields = line.split(",")
        if len(fields) < len(COLUMNS):
            faults.add(number, f"{len(fields)} fields, expected at least {len(COLUMNS)}")
            continue
        rows.append([*fields, ""][: len(COLUMNS) + 1])
        lines.append(number)
    return pd.DataFrame(rows, index=lines, columns=[*COLUMNS, "class"], dtype="str")


def _species(classes: pd.Series, names_file: Path, faults: Faults) -> pd.Series:
    """Names of the classes, which count from 1."""
    names = {number: name for number, (_, name) in enumerate(read_lines(names_file), start=1)}
    species = pd.to_numeric(classes, errors="coerce").map(names)
    faults.mark(species.isna(), f"class must be 1 to {len(names)}, got " + "'{}'", classes)
    return species


def write_mot(path: Path, tracks: pd.DataFrame) -> None:
    """Write tracks (``tables.TRACKS``) as a tracker's result, in order of frame and track."""
    with whole(path) as part, part.open("w", encoding="utf-8", newline="\n") as file:
        data = tracks.sort_values(["frame", "track"], kind="stable")
        columns = (data[name].tolist() for name in ("frame", "track", *BOX, "score"))
        for frame, track, x1, y1, x2, y2, score in zip(*columns, strict=True):
            box = f"{x1 + PIXEL:.2f},{y1 + PIXEL:.2f},{x2 - x1:.2f},{y2 - y1:.2f}"
            file.write(f"{frame + 1},{track},{box},{score:.4f},-1,-1,-1\n")


def write_mot_truth(path: Path, animals: pd.DataFrame) -> None:
    """Write true boxes as a ``gt.txt``: ``frame,id,left,top,width,height,1,class,visibility``.

    ``animals`` has ``frame track x1 y1 x2 y2 species visible``. The classes count from 1 in the order of
    ``labels.txt``, which is written beside it, as CVAT's export does.
    """
    names = sorted(set(animals["species"]))
    data = animals.sort_values(["frame", "track"], kind="stable")
    kinds = data["species"].map({name: number for number, name in enumerate(names, start=1)})
    columns = (data[name].tolist() for name in ("frame", "track", *BOX, "visible"))
    with whole(path) as part, part.open("w", encoding="utf-8", newline="\n") as file:
        for frame, track, x1, y1, x2, y2, visible, kind in zip(*columns, kinds.tolist(), strict=True):
            box = f"{x1 + PIXEL:.2f},{y1 + PIXEL:.2f},{x2 - x1:.2f},{y2 - y1:.2f}"
            file.write(f"{frame + 1},{track},{box},1,{kind},{visible:.4f}\n")
    write_text(path.with_name("labels.txt"), "".join(f"{name}\n" for name in names))
