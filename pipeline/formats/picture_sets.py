"""Labelled pictures as data sets lay them out: COCO json with its images, YOLO text beside its images.

::

    set/annotations/boxes.json  set/images/DJI_1_000030.jpg                     COCO: the json is what is given
    set/data.yaml  set/images/train/DJI_1_000030.jpg  set/labels/train/DJI_1_000030.txt        YOLO: the folder is
    set/classes.txt  set/DJI_1_000030.jpg  set/DJI_1_000030.txt                                YOLO, side by side

A picture's recording is the video that its name speaks of: its folder, and what stands before the number. Folders such
as ``images`` and ``train`` tell of the data set and not of a recording.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pandas as pd
from PIL import Image as Picture

from pipeline.errors import TableError
from pipeline.formats.coco import read_coco_pictures, spoken_of
from pipeline.formats.yolo_text import NAMES, read_yolo_pictures
from pipeline.video.source import is_still

PARTS = {"images", "labels", "train", "val", "valid", "test", "obj_train_data", "obj_valid_data"}
_LISTS = {*NAMES, "train.txt", "val.txt", "valid.txt", "test.txt"}  # of a data set, and no labels
_ORIENTATION, _TURNED = 274, range(5, 9)  # EXIF's tag; its values for a picture that lies on its side
_SHOWN = 3

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PictureSet:
    """Pictures, one recording and one size (width, height) each, and their boxes: ``frame`` is a picture's place."""

    paths: tuple[Path, ...]
    recordings: tuple[str, ...]
    sizes: tuple[tuple[int, int], ...]
    boxes: pd.DataFrame

    def __post_init__(self) -> None:
        if not len(self.paths) == len(self.recordings) == len(self.sizes):
            counts = (len(self.paths), len(self.recordings), len(self.sizes))
            raise ValueError(f"one recording and one size a picture, got {counts}")


def is_picture_set(path: Path) -> bool:
    """Is it a COCO json, or a folder in which pictures have text files of labels?"""
    if path.is_dir():
        return next(iter(_pairs(path)), None) is not None
    return path.suffix.lower() == ".json"


def read_picture_set(path: Path) -> PictureSet:
    """The labelled pictures of a COCO json or of a folder of YOLO text.

    Pictures without a text file are left out with a warning; an empty file, or an image without annotations, is a
    picture without animals. ``TableError`` where labels have no picture, or with the faults of the labels.
    """
    return _coco(path) if path.is_file() else _yolo(path)


def _yolo(folder: Path) -> PictureSet:
    found = dict(_pairs(folder))
    _check_lost(folder, _orphans(set(found.values())))
    if bare := sum(is_still(path) for path in _below(folder)) - len(found):
        log.warning("%s: %d pictures have no file of labels and are left out", folder, bare)
    paths = tuple(found)
    sizes = tuple(map(_size, paths))
    boxes = read_yolo_pictures(folder, {found[path]: k for k, path in enumerate(paths)}, dict(enumerate(sizes)))
    names = [PurePosixPath(path.relative_to(folder).as_posix()) for path in paths]
    return PictureSet(paths, tuple(_recording(spoken_of(name)) for name in names), sizes, boxes)


def _coco(path: Path) -> PictureSet:
    images, boxes = read_coco_pictures(path)
    names = [PurePosixPath(str(image.get("file_name", "")).replace("\\", "/")) for image in images]
    if astray := [str(name) for name in names if name.is_absolute() or ".." in name.parts]:
        raise TableError(f"{path}: file_name must stay below the folder, got {_some(astray)}")
    places = (path.parent, path.parent / "images", path.parent.parent, path.parent.parent / "images")
    found = [next((place / name for place in places if (place / name).is_file()), None) for name in names]
    _check_lost(path, [str(name) for name, file in zip(names, found, strict=True) if file is None])
    paths = tuple(file for file in found if file is not None)
    recordings = tuple(_recording(str(image["recording"])) for image in images)
    return PictureSet(paths, recordings, tuple(map(_size, paths)), boxes)


def _below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def _pairs(folder: Path) -> Iterator[tuple[Path, Path]]:
    """Each picture that has a text file of labels, with it: beside it, or in ``labels`` as it is in ``images``."""
    for path in _below(folder):
        if not is_still(path):
            continue
        parts = list(path.relative_to(folder).parts)
        beside = [path.with_suffix(".txt")]
        if "images" in parts:
            parts[parts.index("images")] = "labels"
            beside.insert(0, folder.joinpath(*parts).with_suffix(".txt"))
        label = next((file for file in beside if file.is_file()), None)
        if label is not None:
            yield path, label


def _orphans(labels: set[Path]) -> list[str]:
    """Files of labels without a picture, in the folders that hold files of labels."""
    files = sorted(file for folder in {label.parent for label in labels} for file in folder.glob("*.txt"))
    return [file.name for file in files if file not in labels and file.name not in _LISTS]


def _check_lost(where: Path, lost: list[str]) -> None:
    if lost:
        raise TableError(f"{where}: {len(lost)} labelled pictures are not there: {_some(lost)}; put them beside it")


def _recording(spoken: str) -> str:
    """What a picture's name speaks of, without the folders that every data set has."""
    return "/".join(part for part in spoken.split("/") if part.lower() not in PARTS | {".", ""}) or "pictures"


def _size(path: Path) -> tuple[int, int]:
    """Width and height of a picture as shown, from its header."""
    try:
        with Picture.open(path) as picture:
            width, height = picture.size
            return (height, width) if picture.getexif().get(_ORIENTATION) in _TURNED else (width, height)
    except (OSError, ImportError) as error:  # ultralytics, where it was imported, first looks for a reader of HEIF
        raise TableError(f"{path} is not a picture, or it is damaged") from error


def _some(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
