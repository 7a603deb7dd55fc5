"""Tracks as the VGG Image Annotator has them (VIA 2.0, "tracks" csv), as movement reads them.

::

    filename,file_size,file_attributes,region_count,region_id,region_shape_attributes,region_attributes
    DJI_0068_000012.png,0,{},2,0,"{""name"": ""rect"", ""x"": 10.0, ...}","{""track"": 1, ""confidence"": 0.9}"

movement takes the number at the end of the file's name, if a zero leads it, for the frame; ours count from 0.
"""

import csv
import json
from pathlib import Path

import pandas as pd

from pipeline.artifacts import whole
from pipeline.tables import BOX

HEADER = (
    "filename", "file_size", "file_attributes", "region_count", "region_id", "region_shape_attributes",
    "region_attributes",
)  # fmt: skip


def write_via(path: Path, tracks: pd.DataFrame, stem: str, frames: int) -> None:
    """Write ``tracks`` (tables.TRACKS) of a video of ``frames`` frames; images are called ``<stem>_<frame>.png``."""
    digits = len(str(frames)) + 1  # a zero leads every number
    rows = tracks.sort_values(["frame", "track"], kind="stable")
    count, place = rows.groupby("frame")["track"].transform("size"), rows.groupby("frame").cumcount()
    columns = (rows[name].tolist() for name in ("frame", "track", "score", *BOX))
    with whole(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for of, k, (frame, track, score, x1, y1, x2, y2) in zip(
            count.tolist(), place.tolist(), zip(*columns, strict=True), strict=True
        ):
            shape = {"name": "rect", "x": x1, "y": y1, "width": round(x2 - x1, 2), "height": round(y2 - y1, 2)}
            told = json.dumps(shape), json.dumps({"track": track, "confidence": score})
            writer.writerow((f"{stem}_{frame:0{digits}d}.png", 0, "{}", of, k, *told))
