"""Where a detector's labels come from: films and pictures with their boxes, and which recording each belongs to.

::

    footage/                 videos, each with its labels beside it, as detector=replay finds and reads them
    footage/DJI_1.mp4        one of them; a glob; a list of paths
    runs/herd                a run: its videos, and its tracks or, in `labels`, these as corrected by hand
    boxes.json, set/         pictures: COCO, YOLO text (formats/picture_sets.py)
"""

import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.artifacts import read_object, read_table
from pipeline.errors import TableError, UsageError
from pipeline.formats.match import check_apart, find_boxes
from pipeline.formats.picture_sets import is_picture_set, read_picture_set
from pipeline.formats.read import Format, format_of, read_boxes, videos_named
from pipeline.stored import footage
from pipeline.tables import BOX, TRACKS
from pipeline.types import Image, Video
from pipeline.video.frames import Footage
from pipeline.video.probe import probe, read_still
from pipeline.video.source import find_videos, is_run, is_still

_NAMELESS = re.compile(r"class \d+")  # what the readers call a class whose name no file tells
_SHOWN = 5
_EARLY_S = 1e-6  # a picture is due a little before its time: timestamps are rounded

log = logging.getLogger(__name__)


class Recording(Enum):
    """What is held out whole: every video by itself, or all that lie in one folder (one flight in several files)."""

    video = "video"
    folder = "folder"


@dataclass(frozen=True)
class Labelled:
    """A film, or pictures of one recording, with boxes: ``frame x1 y1 x2 y2 species``, one row an animal.

    Frame k is the film's, or the k-th of the pictures. ``sizes`` (width, height) are those of the pictures, or of the
    one film. ``frames`` are those that were looked at by who labelled, rising; of a film those with a box.
    """

    recording: str
    paths: tuple[Path, ...]
    sizes: tuple[tuple[int, int], ...]
    boxes: pd.DataFrame
    film: bool

    @property
    def frames(self) -> list[int]:
        """The labelled frames."""
        return sorted(set(self.boxes["frame"].tolist())) if self.film else list(range(len(self.paths)))

    def pictures(self, every_s: float) -> Iterator[tuple[int, Image]]:
        """Labelled frames and their pictures; of a film one in ``every_s``, by its timestamps. It is decoded once."""
        if not self.film:
            yield from ((k, read_still(path)) for k, path in enumerate(self.paths))
            return
        due, seen, wanted = -np.inf, 0, np.array(self.frames, dtype=np.int64)
        for frame in Footage(Video(self.recording, self.paths[0])).frames(wanted):
            seen += 1
            if frame.time_s >= due - _EARLY_S:
                due = frame.time_s + every_s
                yield frame.index, frame.image
        if seen < len(wanted):
            log.warning("%s: %d labelled frames are past its end", self.paths[0], len(wanted) - seen)


def read_labelled(
    data: Sequence[Path], labels: Path | None, renamed: Mapping[str, str], by: Recording = Recording.video
) -> list[Labelled]:
    """All that is labelled, in the order of ``data``.

    ``labels`` is a folder of label files that are named after the videos, or one file; None: they are beside these, and
    those of a run are its tracks. ``renamed`` gives species other names; an empty one leaves its boxes out.
    ``TableError`` and ``UsageError`` say in one line what is missing, empty, twice there, outside its picture, or
    without a species.
    """
    found = [one for path in data for one in _read(path, labels, by)]
    _check_twice(found)
    _check_shared(labels, found)
    _check_places(found)
    told = sorted({name for one in found for name in set(one.boxes["species"])})
    if strange := sorted(set(renamed) - set(told)):
        raise UsageError(f"species renames {', '.join(strange)}, which no label says; they say {', '.join(told)}")
    found = [_renamed(one, renamed) for one in found]
    if not sum(len(one.boxes) for one in found):
        raise UsageError(f"no box in {', '.join(map(str, data))}: there is nothing to learn")
    if nameless := sorted(name for name in {renamed.get(name, name) for name in told} if _NAMELESS.fullmatch(name)):
        raise UsageError(
            f"the labels name no species for {', '.join(nameless)}: add a data.yaml with names to them, or say "
            f"species='{{{nameless[0]}: zebra}}'"
        )
    return [one for one in found if one.frames]


def digest(found: Sequence[Labelled]) -> str:
    """The same for the same boxes of the same files, wherever they lie: SHA-256."""
    whole = sha256()
    for one in found:
        whole.update(f"{[path.name for path in one.paths]}".encode())
        whole.update(one.boxes[["frame", *BOX, "species"]].to_csv(index=False).encode())
    return whole.hexdigest()


def _read(path: Path, labels: Path | None, by: Recording) -> list[Labelled]:
    if path.is_dir() and is_run(path):
        return _of_run(path, labels, by)
    if path.exists() and labels is None and is_picture_set(path):
        if path.is_dir() and not all(is_still(video.path) for video in find_videos([str(path)])):
            raise UsageError(f"{path} holds videos and labelled pictures; give either by itself in data=[...]")
        return _of_pictures(path)
    return _of_footage(path, labels, by)


def _of_pictures(path: Path) -> list[Labelled]:
    """The pictures of each recording, with their boxes counted anew."""
    made = read_picture_set(path)
    names = np.array(made.recordings, dtype=object)
    found = []
    for name in dict.fromkeys(made.recordings):
        places = np.flatnonzero(names == name).tolist()
        boxes = made.boxes[made.boxes["frame"].isin(places)]
        boxes = boxes.assign(frame=boxes["frame"].map({place: k for k, place in enumerate(places)}))
        paths, sizes = tuple(made.paths[k] for k in places), tuple(made.sizes[k] for k in places)
        found.append(Labelled(name, paths, sizes, boxes.reset_index(drop=True), film=False))
    return found


def _of_run(run: Path, labels: Path | None, by: Recording) -> list[Labelled]:
    """The videos of a run with its tracks, or with labels of them."""
    told = read_object(run / "run.json").get("videos", {})
    videos = [Video(key, footage(of)) for key, of in told.items()]
    if gone := [str(video.path) for video in videos if not video.path.is_file()]:
        raise UsageError(f"{run} is about {', '.join(gone[:_SHOWN])}, no longer there; their pictures are needed")
    if labels is not None:
        return _labelled(run, videos, labels, by)
    tracks = {video: run / "videos" / video.key / "tracks.parquet" for video in videos}
    found = [_film(video, read_table(path, TRACKS), by) for video, path in tracks.items() if path.is_file()]
    if not found:
        raise UsageError(f"{run} has no tracks; run it to the end, or give labels=FOLDER")
    return found


def _of_footage(path: Path, labels: Path | None, by: Recording) -> list[Labelled]:
    videos = [video for video in find_videos([str(path)]) if not is_still(video.path)]
    if not videos:
        raise UsageError(
            f"{path} holds pictures without labels; give the COCO json, or put YOLO text beside each picture"
        )
    return _labelled(path, videos, labels, by)


def _labelled(path: Path, videos: Sequence[Video], labels: Path | None, by: Recording) -> list[Labelled]:
    """The videos that have labels; those without any are left out aloud, unless none has."""
    places = {video: labels or video.path.parents[video.key.count("/")] for video in videos}
    found, without = dict[Video, Path](), list[TableError]()
    for video, place in places.items():
        try:
            found[video] = find_boxes(place, video) if place.is_dir() else place
        except TableError as error:
            without.append(error)
    check_apart({video: where for video, where in found.items() if where != places[video]})
    if not found:
        raise without[0]
    if without:
        log.warning("%s: %d of %d videos have no labels and are left out", path, len(without), len(videos))
    return [_film(video, read_boxes(where, video, probe(video.path)), by) for video, where in found.items()]


def _film(video: Video, boxes: pd.DataFrame, by: Recording) -> Labelled:
    info = probe(video.path)
    name = str(video.path if by is Recording.video else video.path.parent)
    return Labelled(name, (video.path,), ((info.width, info.height),), boxes, film=True)


def _renamed(one: Labelled, renamed: Mapping[str, str]) -> Labelled:
    boxes = one.boxes[one.boxes["species"].map(renamed.get) != ""].reset_index(drop=True)
    return replace(one, boxes=boxes.assign(species=boxes["species"].map(lambda name: renamed.get(name, name))))


def _check_twice(found: Sequence[Labelled]) -> None:
    """One file is given once: twice it could be on both sides of the split."""
    times = Counter(path.resolve() for one in found for path in one.paths)
    if twice := sorted(str(path) for path, count in times.items() if count > 1):
        raise UsageError(f"given more than once in data: {', '.join(twice[:_SHOWN])}")


def _check_shared(labels: Path | None, found: Sequence[Labelled]) -> None:
    """``UsageError`` where one file is the labels of several films and does not say which of its boxes are whose."""
    if labels is None or not labels.is_file() or len(found) < 2:
        return
    if format_of(labels) is not Format.coco and not videos_named(labels):
        raise UsageError(f"{labels} is about one video, there are several: give a folder with a file named as each")


def _check_places(found: Sequence[Labelled]) -> None:
    """``TableError`` names the films and recordings that have boxes outside their pictures."""
    faults = []
    for one in found:
        xyxy, frame = one.boxes[BOX].to_numpy(np.float64), one.boxes["frame"].to_numpy(np.int64)
        size = np.array(one.sizes)[frame * (not one.film)]  # [n, 2]
        outside = np.flatnonzero(((xyxy[:, 2:] <= 0) | (xyxy[:, :2] >= size)).any(axis=1))
        if len(outside):
            first = outside[0]
            box, (width, height) = " ".join(f"{side:g}" for side in xyxy[first]), size[first]
            where = f"frame {frame[first]}" if one.film else one.paths[frame[first]].name
            faults.append(
                f"{one.recording}: {len(outside)} boxes lie outside the picture of {width} x {height} px "
                f"(first: {where}, {box})"
            )
    if faults:
        raise TableError(f"{'; '.join(faults[:_SHOWN])}; were they drawn on pictures of another size?")
