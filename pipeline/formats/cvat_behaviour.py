"""Behaviours that were labelled in CVAT on mini-scenes, as kabr-tools and BaboonLand lay them out.

::

    <scenes>/actions/<track>.xml             <track><points frame outside><attribute name="Behavior">Walk</attribute>
             metadata/*_metadata.json        {"original": path, "tracks": {"main": [...], "<track>": [...]}}

Frames of the XML are the mini-scene's. The metadata says for every frame of the video which frame of the mini-scene
shows it, -1 where none does: frames without a box were left out, so what follows each other in a mini-scene may lie
seconds apart in the video. No interval goes over such a gap.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np
import pandas as pd

from pipeline.errors import TableError
from pipeline.formats.cvat import ATTRIBUTE, opened, tracked
from pipeline.formats.intervals import finished
from pipeline.formats.labels import Faults, is_whole, numbers
from pipeline.formats.text import read_text
from pipeline.types import IntArray

ACTIONS, METADATA = "actions", "metadata/*_metadata.json"
_BEHAVIOUR = ("behavior", "behaviour")


def read_actions(folder: Path) -> pd.DataFrame:
    """``INTERVALS`` in source frames, of every labelled mini-scene of a folder.

    Empty files, as kabr-tools makes them, and files without a shape are not labelled yet. ``TableError`` gives the
    faults of the first file that has any.
    """
    original, shown = _metadata(folder)
    files = sorted((folder / ACTIONS).glob("*.xml"), key=lambda path: (len(path.stem), path.stem))
    parts = []
    for path in files:
        if path.stem not in shown:
            raise TableError(f"{path}: no mini-scene {path.stem} in the metadata; it has {', '.join(list(shown)[:8])}")
        if path.stat().st_size and (found := _of_scene(path, original, shown[path.stem])) is not None:
            parts.append(found)
    if not parts:
        raise TableError(f"{folder}: no labelled behaviour in {ACTIONS}/*.xml")
    return pd.concat(parts, ignore_index=True)


def _metadata(folder: Path) -> tuple[str, dict[str, IntArray]]:
    """Name of the video, and for each mini-scene which of its frames shows each frame of the video ``[n]``."""
    found = sorted(folder.glob(METADATA))
    if len(found) != 1:
        raise TableError(
            f"{folder}: expected one {METADATA}, which maps mini-scenes to the video; there are {len(found)}"
        )
    try:
        told = json.loads(read_text(found[0]))
        tracks = {str(name): np.array(frames, dtype=np.int64) for name, frames in told["tracks"].items()}
        return str(told["original"]), tracks
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise TableError(f"{found[0]}: not metadata of kabr-tools: {error}") from error


def _of_scene(path: Path, video: str, shown: IntArray) -> pd.DataFrame | None:
    """Intervals of one mini-scene; None where nothing in it is labelled."""
    raw = pd.DataFrame(_shapes(path), columns=["frame", "outside", "behaviour"])
    if raw.empty:
        return None
    faults = Faults(path, lambda row: f"frame {raw['frame'].iloc[row]}")
    frame = numbers(raw[["frame"]], faults)["frame"]
    known = shown[shown >= 0]
    last = int(known.max()) if len(known) else -1
    faults.mark(~is_whole(frame, 0), "frame must be a whole number from 0")
    faults.mark(frame > last, f"the mini-scene has only the frames 0 to {last}")
    faults.mark(frame.duplicated(), "two shapes in this frame")
    faults.stop()
    labels = raw.assign(frame=frame.astype("int64")).sort_values("frame", kind="stable")
    rows = list(_intervals(labels, shown))
    if not rows:
        return None
    data = pd.DataFrame(rows, columns=["start_frame", "stop_frame", "behaviour", "frame"]).set_index("frame")
    where = Faults(path, "mini-scene frame {}".format)
    return finished(data.assign(video=video, subject=path.stem), where)


def _shapes(path: Path) -> Iterator[tuple[str, str, str]]:
    """Frame, outside and behaviour of every shape; the last is empty where the shape names none."""
    with opened(path) as file:
        for _, _, shape in tracked(file, path):
            yield shape.get("frame", ""), shape.get("outside", "0"), _behaviour(shape)


def _behaviour(shape: Element) -> str:
    named = (one for one in shape.iter(ATTRIBUTE) if one.get("name", "").lower() in _BEHAVIOUR)
    return next(((one.text or "").strip() for one in named), "")


def _intervals(labels: pd.DataFrame, shown: IntArray) -> Iterator[tuple[int, int, str, int]]:
    """Start and stop in source frames, behaviour, and the mini-scene's frame where it begins.

    ::

        mini-scene   0    1    2    3    4        Walk from 0, Graze from 3; a frame without a shape is as the last
        source       7    8    20   21   22       a gap between 8 and 20
        intervals    Walk [7, 9)  Walk [20, 21)  Graze [21, 23)
    """
    source = np.flatnonzero(shown >= 0)[np.argsort(shown[shown >= 0], kind="stable")]
    first = labels["frame"].to_numpy()
    which = np.searchsorted(first, np.arange(len(source)), side="right") - 1  # the shape that holds in each frame
    label = np.append(labels["behaviour"].where(labels["outside"] != "1", "").to_numpy(object), "")[which]
    new = np.flatnonzero((label[1:] != label[:-1]) | (np.diff(source) != 1)) + 1
    for start, stop in zip([0, *new.tolist()], [*new.tolist(), len(source)], strict=True):
        if label[start]:
            yield int(source[start]), int(source[stop - 1]) + 1, str(label[start]), start
