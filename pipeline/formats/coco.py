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
from pipeline.formats.match import names_of, place_of
from pipeline.formats.text import read_text
from pipeline.types import Video

NUMBERED = re.compile(r"(\d+)$")

log = logging.getLogger(__name__)


def read_coco(path: Path, video: Video, first_frame: int = 0) -> pd.DataFrame:
    """Boxes of one video.

    The frame is the image's ``frame_id``, else the number its file name ends with; so too where ``frame_id`` counts the
    images that are there and runs behind, as ChimpACT's. In a lone list of detections it is ``image_id``. An image that
    bears the very name of the video is a still. ``instance_id`` or ``track_id`` is the identity; crowds are left out
    with a warning. Where the file lists videos, or its images' names speak of several, those of others are left out.
    ``TableError`` names every fault by annotation.
    """
    content = coco_content(path)
    return _boxes(content, _frames(content, video, path, first_frame), path, first_frame)


def read_coco_pictures(path: Path) -> tuple[list[dict[str, Any]], pd.DataFrame]:
    """The images as the file lists them, with ``recording`` beside their own keys, and the boxes of all of them.

    ``frame`` of a box is the place of its image in the list, from 0. A recording is the video that the file names, or
    else the one that the image's name speaks of. ``TableError`` names every fault by annotation.
    """
    content = coco_content(path)
    videos = {item.get("id"): str(item.get("name", "")) for item in coco_list(content, "videos", path)}
    images = [
        {**image, "recording": videos.get(image.get("video_id")) or spoken_of(_name(image))}
        for image in coco_list(content, "images", path)
    ]
    return images, _boxes(content, {image.get("id"): k for k, image in enumerate(images)}, path, 0)


def _boxes(content: dict[str, Any], frames: dict[object, object], path: Path, first_frame: int) -> pd.DataFrame:
    """The boxes of the images to which ``frames`` gives a number."""
    faults = Faults(path, lambda row: f"annotation {row + 1}")
    names = {item.get("id"): str(item.get("name", UNNAMED)) for item in coco_list(content, "categories", path)}
    annotations = coco_list(content, "annotations", path)
    rows = {}
    for number, item in enumerate(annotations):
        row = _row(item, frames, names, number, faults)
        if row:
            rows[number] = row
    if crowds := sum(item.get("iscrowd") == 1 for item in annotations):
        log.warning("%s: %d annotations are crowds, not animals, and are left out", path, crowds)
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


def coco_content(path: Path) -> dict[str, Any]:
    """The file as a data set; a bare list becomes its annotations. ``TableError`` where it is not COCO."""
    try:
        content = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise TableError(f"{path}: not JSON: {error}") from error
    if isinstance(content, list):
        return {"annotations": content}
    if not isinstance(content, dict) or "annotations" not in content:
        raise TableError(f"{path}: not COCO: neither a list of detections nor an object with annotations")
    return content


def coco_list(content: dict[str, Any], key: str, path: Path) -> list[dict[str, Any]]:
    """The objects under ``key``, none where it is not there; ``TableError`` where they are none."""
    values = content.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise TableError(f"{path}: {key} must be a list of objects")
    if any(isinstance(value.get(name), (list, dict)) for value in values for name in ("id", "video_id")):
        raise TableError(f"{path}: an id in {key} is neither a number nor a name")
    return values


def _frames(content: dict[str, Any], video: Video, path: Path, first_frame: int) -> dict[object, object]:
    """Frame of each image by image id; None for an image of another video."""
    images = (
        coco_list(content, "images", path) if "images" in content else _images(coco_list(content, "annotations", path))
    )
    if stills := {image.get("id") for image in images if _name(image).name == place_of(video).name}:
        return {image.get("id"): first_frame if image.get("id") in stills else None for image in images}
    videos = {item.get("id"): str(item.get("name", "")) for item in coco_list(content, "videos", path)}
    whose = {image.get("id"): image.get("video_id") if videos else spoken_of(_name(image)) for image in images}
    videos = videos or {name: str(name) for name in whose.values()}
    ours = _ours(videos, video) if len(videos) > 1 else set(whose.values())
    if not ours and whose:
        raise TableError(f"{path}: nothing of video {video.key}; it speaks of {', '.join(sorted(videos.values())[:5])}")
    mine = [image for image in images if whose[image.get("id")] in ours]
    if _runs_behind(mine):
        mine = [{name: value for name, value in image.items() if name != "frame_id"} for image in mine]
    return dict.fromkeys(whose) | {image.get("id"): _frame(image) for image in mine}


def _runs_behind(images: list[dict[str, Any]]) -> bool:
    """Does ``frame_id`` begin as the number in the name does, and fall behind it where images are missing?"""
    numbers = [(NUMBERED.search(_name(image).stem), image.get("frame_id")) for image in images]
    behind = {int(name[1]) - frame for name, frame in numbers if name is not None and isinstance(frame, int)}
    return len(behind) > 1 and min(behind) == 0


def _images(annotations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The images that a lone list of detections speaks of."""
    ids = [item.get("image_id") for item in annotations if not isinstance(item.get("image_id"), (list, dict))]
    return [
        {"id": image, "file_name": f"{image}.jpg"} if isinstance(image, str) else {"id": image, "frame_id": image}
        for image in dict.fromkeys(ids)
    ]


def _name(image: dict[str, Any]) -> PurePosixPath:
    return PurePosixPath(str(image.get("file_name", "")))


def spoken_of(name: PurePosixPath) -> str:
    """The video that a picture's file name speaks of: its folder and what stands before the number."""
    before = NUMBERED.sub("", name.stem).rstrip("_-")
    return str(name.parent if before in ("", "frame") else name.parent / before)


def _ours(videos: dict[object, str], video: Video) -> set[object]:
    """Ids of the file's videos that go by the surest name which any of them bears."""
    for name in names_of(video):
        ours = {key for key, spoken in videos.items() if name in (spoken, spoken.rpartition(".")[0])}
        if ours:
            return ours
    return set()


def _frame(image: dict[str, Any]) -> object:
    """Frame of an image, or text that is no number."""
    if "frame_id" in image:
        return image["frame_id"]
    stem = _name(image).stem
    match = NUMBERED.search(stem)
    return match[1] if match else f"image {stem or image.get('id')}"


def _row(
    item: dict[str, Any], frames: dict[object, object], names: dict[Any, str], number: int, faults: Faults
) -> list[object] | None:
    """The values of one annotation; None where it is of another video, or broken."""
    image, box, kind = item.get("image_id"), item.get("bbox"), item.get("category_id")
    if isinstance(image, (list, dict)) or isinstance(kind, (list, dict)):
        faults.add(number, "image_id and category_id must be a number or a name")
        return None
    if image not in frames:
        faults.add(number, f"image_id {image!r} is not among the images")
        return None
    frame = frames[image]
    if frame is None or item.get("iscrowd") == 1:
        return None
    if not isinstance(box, list) or len(box) != 4:
        faults.add(number, f"bbox must be [left, top, width, height], got {str(box)[:60]}")
        return None
    species = names.get(kind, UNNAMED if kind is None else f"class {kind}")
    identity = item.get("instance_id", item.get("track_id", -1))
    return [frame, *box, item.get("score", 1.0), identity, species]
