"""Boxes as a COCO data set of one video, with COCO-VID's video and identities."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

import pandas as pd

from pipeline.artifacts import whole
from pipeline.tables import BOX

_AT_ONCE = 100_000  # boxes in memory as objects: half an hour of fifty animals has 2.7 million


def write_coco(
    path: Path, boxes: pd.DataFrame, video: str, size: tuple[int, int], frames: Iterable[int], fps: float | None = None
) -> None:
    """Write the boxes that ``frames`` of a video of ``size`` (width, height) have, also frames without any.

    ``boxes`` has ``frame track x1 y1 x2 y2 species``, and ``score`` and ``visible`` where they are known. An image is
    named ``<video>_<frame>.jpg``, as ``ffmpeg`` would be told to name it; frames count from 0, ids from 1.
    """
    wanted = sorted(frames)
    stem = PurePath(video).stem
    kept = boxes[boxes["frame"].isin(wanted)].sort_values(["frame", "track"], kind="stable")
    told = {} if fps is None else {"fps": round(fps, 6), "frames": len(wanted)}
    kinds = {name: number for number, name in enumerate(sorted(set(boxes["species"])), start=1)}
    wide, high = size
    images = (
        {
            "id": k + 1,
            "video_id": 1,
            "frame_id": k,
            "file_name": f"{stem}_{k:06d}.jpg",
            "width": wide,
            "height": high,
        }
        for k in wanted
    )
    content = {
        "videos": [{"id": 1, "name": video, "width": wide, "height": high, **told}],
        "images": images,
        "annotations": (_annotation(number, row, kinds) for number, row in enumerate(_rows(kept), start=1)),
        "categories": [{"id": number, "name": name, "supercategory": "animal"} for name, number in kinds.items()],
    }
    with whole(path) as part, part.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_written(content))


def _written(content: Mapping[str, Iterable[dict[str, Any]]]) -> Iterator[str]:
    """The JSON of lists of objects, piece by piece, a line an object."""
    for k, (name, objects) in enumerate(content.items()):
        yield ("{" if k == 0 else ",\n") + f"{json.dumps(name)}: ["
        for number, one in enumerate(objects):
            yield ("," if number else "") + "\n" + json.dumps(one, ensure_ascii=False)
        yield "\n]"
    yield "}\n"


def _rows(boxes: pd.DataFrame) -> Iterator[dict[Any, Any]]:
    for start in range(0, len(boxes), _AT_ONCE):
        yield from boxes.iloc[start : start + _AT_ONCE].to_dict("records")


def _annotation(number: int, row: dict[Any, Any], kinds: dict[str, int]) -> dict[str, Any]:
    left, top, right, bottom = (round(float(row[name]), 2) for name in BOX)
    wide, high = round(right - left, 2), round(bottom - top, 2)
    told = {
        "id": number,
        "image_id": int(row["frame"]) + 1,
        "video_id": 1,
        "instance_id": int(row["track"]),
        "category_id": kinds[row["species"]],
        "bbox": [left, top, wide, high],
        "area": round(wide * high, 2),
        "iscrowd": 0,
    }
    known = {"score": "score", "visibility": "visible"}
    return told | {key: float(row[name]) for key, name in known.items() if name in row}
