"""ChimpACT as its authors lay it out: videos, and in each the boxes of its animals and what they do.

::

    ChimpACT_processed/annotations/train.json val.json test.json        COCO-VID, as the authors' scripts make it
                       annotations/action/train_action.csv ...          AVA's form of the same, read where no json is
                       train/videos/<clip>.mp4 or train/images/<clip>/000000.jpg ...
    ChimpACT_release/labels/<clip>.json                                 every tenth frame, no split
                     videos_full/<clip>.mp4

A clip is called ``<recording>_clip_<first frame>_<frame after the last>``. The official split has clips of one
recording on both sides. An animal's number is its place in ``ANIMALS``; others have the number after these.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.errors import TableError, VideoError
from pipeline.formats.chimpact import ava_rows, frames_of, shapes
from pipeline.formats.intervals import intervals_of
from pipeline.formats.labels import Faults, each, is_whole, numbers
from pipeline.formats.text import last_part, read_lines
from pipeline.tables import BOX
from pipeline.video.images import ImageFolder
from pipeline.video.probe import probe, read_still

SPECIES = "chimpanzee"
ANIMALS = (
    "Azibo", "Bambari", "Bangolo", "Corrie", "Dorien", "Fraukje", "Frodo", "Kara", "Kisha", "Kofi", "Lobo", "Lome",
    "Maja", "Makeni", "Natascha", "Ohini", "Riet", "Robert", "Sandra", "Swela", "Taï", "Ulla", "Youma",
)  # fmt: skip
_PARTS = ("train", "val", "test")
_PLACES = ("{part}/videos/{clip}.mp4", "{part}/images/{clip}", "videos_full/{clip}.mp4", "videos/{clip}.mp4")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Filmed:
    """A video, or folder of pictures, with what is labelled in it.

    ``boxes`` are at the labelled frames: ``subject frame x1 y1 x2 y2``, source pixels; ``intervals`` are ``INTERVALS``.
    ``rate`` is frames a second, None where nobody says; ``split`` the authors' own, empty where there is none.
    """

    name: str
    source: Path
    rate: float | None
    split: str
    boxes: pd.DataFrame
    intervals: pd.DataFrame

    @property
    def recording(self) -> str:
        """The film that this is a piece of."""
        return self.name.rpartition("_clip_")[0] or self.name

    @property
    def first(self) -> int:
        """Frame of the film with which it begins."""
        start = self.name.rpartition("_clip_")[2].partition("_")[0]
        return int(start) if start.isdecimal() and self.recording != self.name else 0


def find_labels(folder: Path) -> list[tuple[Path, str]]:
    """The label files of such a folder, each with its part of the official split; none where it is no such folder."""
    for pattern in ("annotations/{}.json", "annotations/action/{}_action.csv"):
        if found := [(path, part) for part in _PARTS if (path := folder / pattern.format(part)).is_file()]:
            return found
    if any((folder / name).is_dir() for name in ("videos_full", "videos")):
        return [(path, "") for path in sorted((folder / "labels").glob("*.json"))]
    return []


def read_filmed(folder: Path) -> list[Filmed]:
    """The labelled videos of such a folder; ``TableError`` has the faults of all files in one line."""
    found = each(lambda of: list(_of_file(folder, *of)), find_labels(folder))
    return [one for of_file in found for one in of_file]


def _of_file(folder: Path, path: Path, part: str) -> Iterator[Filmed]:
    if path.suffix == ".json":
        data, faults, every = shapes(path)
    else:
        (data, faults), every = ava_rows(path), 1
        _check_pauses(path, data)
    data = _known(data, faults)
    sources = {str(clip): _source(folder, part, str(clip), of, faults) for clip, of in data.groupby("video")}
    faults.stop()
    data = _with_boxes(data, sources, faults)
    intervals = intervals_of(data, faults, every, frames_of)
    for clip, source in sources.items():
        own, mine = data[data["video"] == clip], intervals[intervals["video"] == clip]
        boxes = own.drop_duplicates(["subject", "frame"]).sort_values(["subject", "frame"])[["subject", "frame", *BOX]]
        mine = mine.assign(stop_frame=mine["stop_frame"].clip(upper=source.frames)).reset_index(drop=True)
        if len(mine):
            yield Filmed(clip, source.path, source.rate, part, boxes.reset_index(drop=True), mine)


def _known(data: pd.DataFrame, faults: Faults) -> pd.DataFrame:
    """The rows with whole numbers as ``subject``; animals are left out that share one with another in their frame."""
    number = numbers(data[["subject"]], faults)["subject"]
    faults.mark(~is_whole(number, 0), "the animal must be a whole number from 0, got {:g}", number)
    data = data.assign(subject=number.fillna(-1).astype("int64"))
    corners = data["bbox"].map(str) if "bbox" in data else data[BOX].astype("str").agg(" ".join, axis=1)
    several = corners.groupby([data["video"], data["subject"], data["frame"]]).transform("nunique") > 1
    if several.any():
        log.warning(
            "%s: %d labels are left out: another animal in the same frame has their number, so that they cannot be "
            "followed", faults.where, several.sum(),
        )  # fmt: skip
    return data[~several]


@dataclass(frozen=True)
class _Source:
    """Where the frames of a clip are, how many, of which size, and how many a second."""

    path: Path
    frames: int
    size: tuple[int, int]  # width, height
    rate: float | None


def _source(folder: Path, part: str, clip: str, of: pd.DataFrame, faults: Faults) -> _Source:
    """The video or the pictures of a clip; a fault where they are missing, broken, or end before the labels do."""
    row, last = int(of.index[0]), of["frame"].max()
    places = [place.format(part=part, clip=clip) for place in _PLACES]
    found = next((folder / place for place in places if (folder / place).exists()), None)
    try:
        if found is None:
            raise VideoError(f"{folder} has neither {', '.join(places[:-1])} nor {places[-1]}")
        source = _pictures(found, of) if found.is_dir() else _video(found, last)
    except VideoError as error:
        faults.add(row, str(error))
        return _Source(folder, 0, (1, 1), None)
    if last >= source.frames:
        faults.add(row, f"frame {last:g} is past the end of {source.path.name}, which has {source.frames}")
    return source


def _pictures(path: Path, of: pd.DataFrame) -> _Source:
    """Numbered from 0, as the authors' script does it."""
    pictures = ImageFolder.of(path)
    height, width = read_still(path / pictures.names[0]).shape[:2]
    rate = pd.to_numeric(of["fps"], errors="coerce").iloc[0] if "fps" in of else 0.0
    return _Source(path, int(pictures.numbers[-1]) + 1, (width, height), float(rate) if rate > 0 else None)


def _video(path: Path, last: float) -> _Source:
    info = probe(path)
    frames = int(last) + 1 if info.announced is None else info.announced
    return _Source(path, frames, (info.width, info.height), float(info.rate) if info.rate else None)


def _with_boxes(data: pd.DataFrame, sources: dict[str, _Source], faults: Faults) -> pd.DataFrame:
    """The rows with corners in source pixels."""
    if "bbox" in data:
        four = data["bbox"].map(lambda box: isinstance(box, list) and len(box) == 4)
        faults.mark(~four, "bbox must be [left, top, width, height], got {}", data["bbox"])
        told = [box if whole else [0.0] * 4 for box, whole in zip(data["bbox"], four, strict=True)]
        raw = numbers(pd.DataFrame(told, columns=["left", "top", "width", "height"], index=data.index), faults)
        corners = [raw["left"], raw["top"], raw["left"] + raw["width"], raw["top"] + raw["height"]]
        data = data.assign(**dict(zip(BOX, corners, strict=True)))
    else:
        size = np.array([sources[clip].size * 2 for clip in data["video"]], dtype=np.float64).reshape(-1, 4)
        data = data.assign(**dict(zip(BOX, (data[BOX].to_numpy() * size).T, strict=True)))
    faults.stop()
    flat = (data["x2"] <= data["x1"]) | (data["y2"] <= data["y1"])
    if flat.any():
        log.warning("%s: %d labels are left out: their boxes have no area", faults.where, flat.sum())
    return data[~flat]


def _check_pauses(path: Path, data: pd.DataFrame) -> None:
    """``TableError`` for clips of AVA's form whose labels may pause: their numbers then count pictures, not frames.

    Where all pictures of a clip are there, its labels and the list of excluded ones beside them go to its last frame.
    """
    last = data.groupby("video")["frame"].max()
    excluded = path.with_name(f"{path.stem}_excluded_timestamps.csv")
    for _, text in read_lines(excluded) if excluded.is_file() else []:
        video, _, frame = text.rpartition(",")
        clip = last_part(video)
        if clip in last and frame.isdecimal():
            last[clip] = max(last[clip], float(frame))
    length = pd.Series(last.index, index=last.index).map(frames_of)
    if len(doubtful := last[last + 1 < length]):
        clip, others = doubtful.index[0], f" (and of {len(doubtful) - 1} more)" if len(doubtful) > 1 else ""
        raise TableError(
            f"{path}: the labels of {clip}{others} end at {doubtful.iloc[0]:g} of {length[clip]:g} frames, so that "
            "they may pause, and their numbers count pictures that are there, not frames; give the COCO-VID json, "
            f"annotations/{path.stem.partition('_')[0]}.json"
        )
