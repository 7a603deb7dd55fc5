"""COCO json: a list of detections, or a data set with images and annotations; COCO-VID's videos and identities.

Boxes are ``[left, top, width, height]`` in pixels from 0.
"""

import json
import logging
import re
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from pipeline.errors import TableError
from pipeline.formats.labels import UNNAMED, Faults, finished, numbers
from pipeline.formats.match import names_of
from pipeline.formats.text import read_text
from pipeline.types import Video

NUMBERED = re.compile(r"(\d+)$")

log = logging.getLogger(__name__)


def read_coco(path: Path, video: Video, first_frame: int = 0) -> pd.DataFrame:
    """Boxes of one video.

    The frame is the image's ``frame_id``, else the number its file name ends with; in a lone list of detections it is
    ``image_id``. ``instance_id`` or ``track_id`` is the identity; crowds are left out with a warning. Where the file
    names videos, or folders of images, those of others are left out. ``TableError`` names every fault by annotation.
    """
    content = _content(path)
    faults = Faults(path, lambda row: f"annotation {row + 1}")
    frames = _frames(content, video, path)
    names = {item.get("id"): str(item.get("name", UNNAMED)) for item in _list(content, "categories", path)}
    rows = {}
    for number, item in enumerate(_list(content, "annotations", path)):
        row = _row(item, frames, names, number, faults)
        if row:
            rows[number] = row
    columns = ["frame", "left", "top", "width", "height", "score", "given_id", "species"]
    raw = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    data = numbers(raw[columns[:7]], faults).assign(species=raw["species"].astype("str"))
    corners = {
        "x1": data["left"],
        "y1": data["top"],
        "x2": data["left"] + data["width"],
        "y2": data["top"] + data["height"],
    }
    return finished(data.assign(**corners), faults, first_frame)


def _content(path: Path) -> dict[str, Any]:
    """The file as a data set; a bare list becomes its annotations."""
    try:
        content = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise TableError(f"{path}: not JSON: {error}") from error
    if isinstance(content, list):
        return {"annotations": content}
    if not isinstance(content, dict) or "annotations" not in content:
        raise TableError(f"{path}: not COCO: neither a list of detections nor an object with annotations")
    return content


def _list(content: dict[str, Any], key: str, path: Path) -> list[dict[str, Any]]:
    values = content.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise TableError(f"{path}: {key} must be a list of objects")
    if any(isinstance(value.get("id"), (list, dict)) for value in values):
        raise TableError(f"{path}: an id in {key} is neither a number nor a name")
    return values


def _frames(content: dict[str, Any], video: Video, path: Path) -> dict[object, object] | None:
    """Frame of each image of this video by image id, None for an image of another; None where images are not listed."""
    if "images" not in content:
        return None
    names = {name.casefold() for name in names_of(video)}
    videos = {item.get("id"): PurePosixPath(str(item.get("name", ""))) for item in _list(content, "videos", path)}
    ours = {key for key, name in videos.items() if {str(name).casefold(), name.stem.casefold()} & names}
    if len(videos) > 1 and not ours:
        shown = ", ".join(str(name) for name in list(videos.values())[:5])
        raise TableError(f"{path}: no video named {video.key}; it speaks of {shown}")
    frames: dict[object, object] = {}
    for image in _list(content, "images", path):
        other = len(videos) > 1 and image.get("video_id") not in ours
        frames[image.get("id")] = None if other else _frame(image)
    return frames


def _frame(image: dict[str, Any]) -> object:
    """Frame of an image, or text that is no number."""
    if "frame_id" in image:
        return image["frame_id"]
    stem = PurePosixPath(str(image.get("file_name", ""))).stem
    match = NUMBERED.search(stem)
    return match[1] if match else f"image {stem or image.get('id')}"


def _row(
    item: dict[str, Any], frames: dict[object, object] | None, names: dict[Any, str], number: int, faults: Faults
) -> list[object] | None:
    """The values of one annotation; None where it is of another video, or broken."""
    image, box, kind = item.get("image_id"), item.get("bbox"), item.get("category_id")
    if isinstance(image, (list, dict)) or isinstance(kind, (list, dict)):
        faults.add(number, "image_id and category_id must be a number or a name")
        return None
    if frames is not None and image not in frames:
        faults.add(number, f"image_id {image!r} is not among the images")
        return None
    frame = frames[image] if frames is not None else _frame({"file_name": f"{image}.jpg"})
    if frame is None or item.get("iscrowd") == 1:
        return None
    if not isinstance(box, list) or len(box) != 4:
        faults.add(number, f"bbox must be [left, top, width, height], got {str(box)[:60]}")
        return None
    species = names.get(kind, UNNAMED if kind is None else f"class {kind}")
    identity = item.get("instance_id", item.get("track_id", -1))
    return [frame, *box, item.get("score", 1.0), identity, species]
