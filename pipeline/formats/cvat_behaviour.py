"""Behaviours that were labelled in CVAT on mini-scenes, as kabr-tools and BaboonLand lay them out.

::

    <scenes>/actions/<track>.xml             <track><points frame outside><attribute name="Behavior">Walk</attribute>

Frames of the XML are the mini-scene's; ``mini_scene_map.py`` knows which frames of the video these are. No interval
goes over a gap. They are read either as intervals of the video, to be joined to a run of it, or as clips of the
mini-scenes themselves. Empty files, as kabr-tools makes them, and files without a shape are not labelled yet.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np
import pandas as pd

from pipeline.errors import TableError
from pipeline.formats.clips import CLIPS
from pipeline.formats.cvat import ATTRIBUTE, opened, tracked
from pipeline.formats.intervals import finished
from pipeline.formats.labels import UNNAMED, Faults, each, is_whole, numbers
from pipeline.formats.mini_scene_map import SceneMap, scene_map
from pipeline.formats.text import last_part
from pipeline.types import IntArray

ACTIONS = "actions"
_BEHAVIOUR = ("behavior", "behaviour")

log = logging.getLogger(__name__)


def find_scenes(folder: Path) -> list[Path]:
    """The folders of labelled mini-scenes at or below ``folder``."""
    return sorted(path.parent for path in [folder / ACTIONS, *folder.rglob(f"*/{ACTIONS}")] if path.is_dir())


def read_actions(root: Path, folders: Sequence[Path]) -> pd.DataFrame:
    """``INTERVALS`` in source frames, of every labelled mini-scene of the ``folders`` at or below ``root``.

    How many folders have no label yet is said. ``TableError`` has the faults of all files in one line, and says so
    where nothing is labelled.
    """
    parts = []
    for one in _labelled(root, folders):
        data = one.labels.set_index("scene_frame").assign(video=one.known.video, subject=one.path.stem)
        found = finished(data, Faults(one.path, "mini-scene frame {}".format))
        parts.append(found.assign(place=f"{one.path.relative_to(root)}, " + found["place"]))
    return pd.concat(parts, ignore_index=True)


def read_scene_clips(root: Path, folders: Sequence[Path]) -> pd.DataFrame:
    """``CLIPS`` of the same; ``TableError`` too where videos of labelled mini-scenes are not there."""
    parts, lost = [], []
    for one in _labelled(root, folders):
        scene, folder = one.known.scenes / f"{one.path.stem}.mp4", one.path.parent.parent
        lost += [] if scene.is_file() else [scene]
        start = one.labels["scene_frame"]
        told: dict[str, Any] = {
            "path": scene.relative_to(root).as_posix(),
            "group": folder.relative_to(root).as_posix() if folder != root else last_part(one.known.video),
            "split": "",
            "start_frame": start,
            "stop_frame": start + one.labels["stop_frame"] - one.labels["start_frame"],
            "place": [f"{one.path.name}, mini-scene frame {frame}" for frame in start],
        }
        parts.append(one.labels[["behaviour", "species"]].assign(**told))
    if lost:
        raise TableError(
            f"{root}: {len(lost)} of the labelled mini-scenes are not there, as {lost[0].relative_to(root)}"
        )
    return CLIPS.cast(pd.concat(parts, ignore_index=True), where=str(root))


@dataclass(frozen=True)
class _Labelled:
    """A labelled file: ``start_frame stop_frame behaviour species`` of its intervals, and ``scene_frame``, where each
    begins in the mini-scene.
    """

    path: Path
    known: SceneMap
    labels: pd.DataFrame


def _labelled(root: Path, folders: Sequence[Path]) -> list[_Labelled]:
    """The labelled files of all folders; ``TableError`` where there is none."""
    found = each(_of_folder, folders)
    if not any(found):
        raise TableError(f"{root}: no labelled behaviour in {ACTIONS}/*.xml")
    if empty := found.count([]):
        log.warning("%s: %d of %d folders of mini-scenes have no label yet", root, empty, len(found))
    return [one for files in found for one in files]


def _of_folder(folder: Path) -> list[_Labelled]:
    files = [path for path in (folder / ACTIONS).glob("*.xml") if path.stat().st_size]
    if not files:
        return []
    known = scene_map(folder)
    parts = each(lambda path: _of_scene(path, known), sorted(files, key=lambda path: (len(path.stem), path.stem)))
    return [part for part in parts if part]


def _of_scene(path: Path, known: SceneMap) -> _Labelled | None:
    """A file of labels; None where nothing in it is labelled."""
    if (source := known.shown.get(path.stem)) is None:
        raise TableError(f"{path}: no mini-scene {path.stem}; there are {', '.join(list(known.shown)[:8])}")
    raw = pd.DataFrame(_shapes(path), columns=["frame", "outside", "behaviour", "species"])
    if raw.empty:
        return None
    faults = Faults(path, lambda row: f"frame {raw['frame'].iloc[row]}")
    frame = numbers(raw[["frame"]], faults)["frame"]
    faults.mark(~is_whole(frame, 0), "frame must be a whole number from 0")
    faults.mark(frame >= len(source), f"the mini-scene has only the frames 0 to {len(source) - 1}")
    faults.mark(frame.duplicated(), "two shapes in this frame")
    faults.stop()
    labels = raw.assign(frame=frame.astype("int64")).sort_values("frame", kind="stable")
    rows = list(_intervals(labels, source))
    made = pd.DataFrame(rows, columns=["start_frame", "stop_frame", "behaviour", "scene_frame"])
    return _Labelled(path, known, made.assign(species=raw["species"].iloc[0])) if rows else None


def _shapes(path: Path) -> Iterator[tuple[str, str, str, str]]:
    """Frame, outside, behaviour and label of every shape; the behaviour is empty where the shape names none."""
    with opened(path) as file:
        for _, track, shape in tracked(file, path):
            label = track.get("label") or UNNAMED
            yield shape.get("frame", ""), shape.get("outside", "0"), _behaviour(shape), label


def _behaviour(shape: Element) -> str:
    named = (one for one in shape.iter(ATTRIBUTE) if one.get("name", "").lower() in _BEHAVIOUR)
    return next(((one.text or "").strip() for one in named), "")


def _intervals(labels: pd.DataFrame, source: IntArray) -> Iterator[tuple[int, int, str, int]]:
    """Start and stop in source frames, behaviour, and the mini-scene's frame where it begins.

    ::

        mini-scene   0    1    2    3    4        Walk from 0, Graze from 3; a frame without a shape is as the last
        source       7    8    20   21   22       a gap between 8 and 20
        intervals    Walk [7, 9)  Walk [20, 21)  Graze [21, 23)
    """
    first = labels["frame"].to_numpy()
    which = np.searchsorted(first, np.arange(len(source)), side="right") - 1  # the shape that holds in each frame
    label = np.append(labels["behaviour"].where(labels["outside"] != "1", "").to_numpy(object), "")[which]
    new = np.flatnonzero((label[1:] != label[:-1]) | (np.diff(source) != 1)) + 1
    for start, stop in zip([0, *new.tolist()], [*new.tolist(), len(source)], strict=True):
        if label[start]:
            yield int(source[start]), int(source[stop - 1]) + 1, str(label[start]), start
