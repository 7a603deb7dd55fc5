"""Behaviours that were labelled in CVAT on mini-scenes, as kabr-tools and BaboonLand lay them out.

::

    <scenes>/actions/<track>.xml             <track><points frame outside><attribute name="Behavior">Walk</attribute>

Frames of the XML are the mini-scene's; ``mini_scene_map.py`` knows which frames of the video these are. No interval
goes over a gap. They are read either as intervals of the video, to be joined to a run of it, or as clips of the
mini-scenes themselves.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np
import pandas as pd

from pipeline.errors import TableError
from pipeline.formats.clips import CLIPS
from pipeline.formats.cvat import ATTRIBUTE, opened, tracked
from pipeline.formats.intervals import finished
from pipeline.formats.labels import UNNAMED, Faults, is_whole, numbers
from pipeline.formats.mini_scene_map import scene_map
from pipeline.formats.text import last_part
from pipeline.types import IntArray

ACTIONS = "actions"
_BEHAVIOUR = ("behavior", "behaviour")


def find_scenes(folder: Path) -> list[Path]:
    """The folders of labelled mini-scenes at or below ``folder``."""
    return sorted(path.parent for path in [folder / ACTIONS, *folder.rglob(f"*/{ACTIONS}")] if path.is_dir())


def read_actions(folder: Path) -> pd.DataFrame:
    """``INTERVALS`` in source frames, of every labelled mini-scene of a folder.

    Empty files, as kabr-tools makes them, and files without a shape are not labelled yet. ``TableError`` gives the
    faults of the first file that has any.
    """
    parts = []
    known = scene_map(folder)
    for path, labels in _labelled(folder, known.shown):
        where = Faults(path, "mini-scene frame {}".format)
        data = labels.set_index("scene_frame").assign(video=known.video, subject=path.stem)
        parts.append(finished(data, where))
    return pd.concat(parts, ignore_index=True)


def read_scene_clips(root: Path, folder: Path) -> pd.DataFrame:
    """``CLIPS`` of the labelled mini-scenes of a folder at or below ``root``; errors as of ``read_actions``, and
    ``TableError`` where a labelled mini-scene's video is not there.
    """
    known = scene_map(folder)
    parts, lost = [], []
    for path, labels in _labelled(folder, known.shown):
        scene = known.scenes / f"{path.stem}.mp4"
        lost += [] if scene.is_file() else [f"{path.stem}.mp4"]
        start = labels["scene_frame"]
        told: dict[str, Any] = {
            "path": scene.relative_to(root).as_posix(),
            "group": folder.relative_to(root).as_posix() if folder != root else last_part(known.video),
            "split": "",
            "start_frame": start,
            "stop_frame": start + labels["stop_frame"] - labels["start_frame"],
            "place": [f"{path.name}, mini-scene frame {frame}" for frame in start],
        }
        parts.append(labels[["behaviour", "species"]].assign(**told))
    if lost:
        raise TableError(f"{known.scenes}: {len(lost)} of the labelled mini-scenes are not there, as {lost[0]}")
    return CLIPS.cast(pd.concat(parts), where=str(folder))


def _labelled(folder: Path, shown: dict[str, IntArray]) -> list[tuple[Path, pd.DataFrame]]:
    """Each labelled file with its intervals: ``start_frame stop_frame behaviour species`` and ``scene_frame``, where
    each begins in the mini-scene; ``TableError`` where there is none.
    """
    files = sorted((folder / ACTIONS).glob("*.xml"), key=lambda path: (len(path.stem), path.stem))
    found = []
    for path in files:
        if path.stem not in shown:
            raise TableError(f"{path}: no mini-scene {path.stem}; there are {', '.join(list(shown)[:8])}")
        if path.stat().st_size and (labels := _of_scene(path, shown[path.stem])) is not None:
            found.append((path, labels))
    if not found:
        raise TableError(f"{folder}: no labelled behaviour in {ACTIONS}/*.xml")
    return found


def _of_scene(path: Path, source: IntArray) -> pd.DataFrame | None:
    """Intervals of one mini-scene that shows these frames; None where nothing in it is labelled."""
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
    return made.assign(species=raw["species"].iloc[0]) if rows else None


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
