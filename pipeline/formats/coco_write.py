"""Boxes as a COCO data set of one video, with COCO-VID's video and identities."""

from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import Any

import pandas as pd

from pipeline.artifacts import write_json
from pipeline.tables import BOX


def write_coco(
    path: Path, boxes: pd.DataFrame, video: str, size: tuple[int, int], frames: Iterable[int], fps: float | None = None
) -> None:
    """Write the boxes that ``frames`` of a video of ``size`` (width, height) have, also frames without any.

    ``boxes`` has ``frame track x1 y1 x2 y2 species``, and ``visible`` where it is known. An image is named
    ``<video>_<frame>.jpg``, as ``ffmpeg`` would be told to name it; frames count from 0, ids from 1.
    """
    wanted = sorted(frames)
    stem = PurePath(video).stem
    kept = boxes[boxes["frame"].isin(wanted)].sort_values(["frame", "track"], kind="stable")
    told = {} if fps is None else {"fps": round(fps, 6), "frames": len(wanted)}
    kinds = {name: number for number, name in enumerate(sorted(set(boxes["species"])), start=1)}
    images = [
        {
            "id": k + 1,
            "video_id": 1,
            "frame_id": k,
            "file_name": f"{stem}_{k:06d}.jpg",
            "width": size[0],
            "height": size[1],
        }
        for k in wanted
    ]
    content = {
        "videos": [{"id": 1, "name": video, "width": size[0], "height": size[1], **told}],
        "images": images,
        "annotations": [_annotation(number, row, kinds) for number, row in enumerate(kept.to_dict("records"), start=1)],
        "categories": [{"id": number, "name": name, "supercategory": "animal"} for name, number in kinds.items()],
    }
    write_json(path, content)


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
    return told | ({"visibility": float(row["visible"])} if "visible" in row else {})
