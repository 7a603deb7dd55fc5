"""Which frame of a mini-scene shows which frame of its video, as kabr-tools and BaboonLand lay mini-scenes out.

::

    kabr-tools   <scenes>/metadata/*_metadata.json   {"original": path, "tracks": {"main": [...], "<track>": [...]}}
                 <scenes>/<track>.mp4
    BaboonLand   video_N/tracks.xml                  CVAT for video 1.1
                 video_N/video.mp4  mini-scenes/<track>.mp4

A mini-scene leaves out the frames in which its animal has no box, so what follow each other in it may lie seconds apart
in the video. kabr-tools' metadata says which those are. BaboonLand has none, so they are counted again from the tracks:

::

    tracks.xml   box in frames 7, 8, outside in 9, box in 20, 21
    mini-scene        0  1                      2   3
"""

import json
import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.errors import TableError, VideoError
from pipeline.formats.cvat import opened, read_cvat, tracked
from pipeline.formats.text import read_text
from pipeline.types import IntArray
from pipeline.video.probe import probe

METADATA, TRACKS = "metadata/*_metadata.json", "tracks.xml"
_SCENES = "mini-scenes"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SceneMap:
    """The mini-scenes of one video: for each, the rising frames of the video ``[n]`` that it shows."""

    video: str
    shown: dict[str, IntArray]
    scenes: Path  # the folder of the mini-scenes' videos


def scene_map(folder: Path) -> SceneMap:
    """The map of a folder of mini-scenes; ``TableError`` where neither the metadata nor the tracks are there."""
    found = sorted(folder.glob(METADATA))
    if len(found) == 1:
        return _of_metadata(folder, found[0])
    if not found and (folder / TRACKS).is_file():
        return _of_tracks(folder)
    raise TableError(
        f"{folder}: expected one {METADATA}, or {TRACKS}, which maps mini-scenes to the video; there are {len(found)}"
    )


def _of_metadata(folder: Path, path: Path) -> SceneMap:
    """``tracks`` says for every frame of the video which frame of the mini-scene shows it, -1 where none does."""
    try:
        told = json.loads(read_text(path))
        tracks = {str(name): np.array(frames, dtype=np.int64) for name, frames in told["tracks"].items()}
        video = str(told["original"])
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise TableError(f"{path}: not metadata of kabr-tools: {error}") from error
    order = {name: np.argsort(frames[frames >= 0], kind="stable") for name, frames in tracks.items()}
    shown = {name: np.flatnonzero(frames >= 0)[order[name]] for name, frames in tracks.items()}
    return SceneMap(video, shown, folder)


def _of_tracks(folder: Path) -> SceneMap:
    """From BaboonLand's tracks; the length of a mini-scene's video, where it is there, has to agree."""
    path = folder / TRACKS
    boxes = read_cvat(path)
    gone = _outside(path)
    shown, faults = {}, []
    for identity, rows in boxes.groupby("given_id", sort=True):
        visible = rows["frame"].to_numpy(dtype=np.int64)
        scene = folder / _SCENES / f"{identity}.mp4"
        frames = _length(scene) if scene.is_file() else None
        # kabr-tools' extractor shows the last box too, which is outside; so may others
        counts = [visible, np.union1d(visible, np.array(sorted(gone.get(str(identity), ())), dtype=np.int64))]
        fitting = next((one for one in counts if frames in (None, len(one))), None)
        if fitting is None:
            faults.append(
                f"{_SCENES}/{scene.name} has {frames} frames, and {TRACKS} shows track {identity} in {len(visible)}"
            )
        else:
            shown[str(identity)] = fitting
    if faults:
        more = f"; and {len(faults) - 5} more" if len(faults) > 5 else ""
        raise TableError(f"{folder}: {'; '.join(faults[:5])}{more}; which frames it shows is not known")
    return SceneMap(f"{folder.name}/video.mp4", shown, folder / _SCENES)


def _outside(path: Path) -> dict[str, set[int]]:
    """Frames of each track at which its file writes a box with ``outside="1"``."""
    found: dict[str, set[int]] = {}
    with opened(path) as file:
        for _, track, shape in tracked(file, path):
            if shape.get("outside") == "1":
                found.setdefault(track.get("id", ""), set()).add(int(shape.get("frame", "0")))
    return found


def _length(scene: Path) -> int | None:
    """Frames of a mini-scene, as its container announces them; None where it cannot be read."""
    try:
        return probe(scene).announced
    except VideoError as error:
        log.warning("%s", error)
        return None
