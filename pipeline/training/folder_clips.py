"""Clips to train on from a folder: our own ``clips.csv``, or a public data set in its authors' layout."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.errors import UsageError, VideoError
from pipeline.formats.clips import END
from pipeline.formats.labels import Faults
from pipeline.formats.read_clips import read_clips
from pipeline.training.labels import NAME, NUMBERS, OPTIONAL, REQUIRED, Labels, read_labels
from pipeline.training.pieces import LEAST_S, pieces
from pipeline.video.probe import probe

NAN = float("nan")

log = logging.getLogger(__name__)


def clips_of_folder(folder: Path, classes: Sequence[str] = (), frame_rate: float | None = None) -> Labels:
    """The labelled clips of a folder.

    ``classes`` names behaviours in the order of their numbers, and ``frame_rate`` says how many pictures are a second,
    for data sets that do not. ``TableError`` and ``UsageError`` as of what is read; ``TableError`` too for videos that
    cannot be read or end before their labels do, ``UsageError`` where nothing is long enough.
    """
    if (folder / NAME).is_file():
        if classes or frame_rate:
            raise UsageError(f"{folder / NAME} names behaviours and times itself: leave classes and frame_rate out")
        return read_labels(folder)
    if not folder.is_dir():
        raise UsageError(f"no such folder: {folder}")
    root, clips = read_clips(folder, classes)
    files = _files(root, clips, frame_rate)
    rows, short = [], 0
    for clip in clips.itertuples(index=False):
        file = files[str(clip.path)]
        spans = _spans(clip, file)
        short += not spans
        told = {"path": clip.path, "behaviour": clip.behaviour, "group": clip.group, "species": clip.species}
        told |= {"split": clip.split, "row": NAN, "interval_s": 1 / file.rate if file.pictures else NAN}
        rows += [told | {"start_s": start, "stop_s": stop} for start, stop in spans]
    if short:
        log.warning("%s: %s labelled stretches shorter than %g s are left out", folder, f"{short:,}", LEAST_S)
    if not rows:
        raise UsageError(f"none of the labels of {folder} lasts {LEAST_S:g} s or more")
    made = pd.DataFrame(rows, columns=[*REQUIRED, *OPTIONAL])
    return Labels(root, made.fillna({name: "" for name in (*REQUIRED, *OPTIONAL) if name not in NUMBERS}))


@dataclass(frozen=True)
class _File:
    """A video or a folder of pictures."""

    rate: float  # frames a second
    frames: int | None = None  # of a video, where it says so
    pictures: bool = False


def _spans(clip: Any, file: _File) -> list[tuple[float, float]]:
    """Seconds of the pieces of a clip. They begin and end between two frames, where no rounding of times matters."""
    if clip.stop_frame == END and clip.start_frame == 0:
        return [(NAN, NAN)]
    start, last = (clip.start_frame - 0.5) / file.rate, file.frames if clip.stop_frame == END else clip.stop_frame
    if last is None:
        return [(start, NAN)]
    return [(max(low, 0.0), high) for low, high in pieces(start, (last - 0.5) / file.rate)]


def _files(root: Path, clips: pd.DataFrame, frame_rate: float | None) -> dict[str, _File]:
    """Every file that the clips are of, each looked at once; ``TableError`` has what is wrong with all of them."""
    faults = Faults(root, lambda row: str(clips["place"].iloc[row]))
    found = {}
    for path, of in clips.groupby("path", sort=False):
        whole, row = root / str(path), int(of.index[0])
        if whole.is_dir() and frame_rate is None:
            raise UsageError(
                f"{whole} holds pictures, and nothing says how many are a second: give frame_rate "
                "(KABR: frame_rate=29.97)"
            )
        if whole.is_dir() and frame_rate is not None:
            found[str(path)] = _File(frame_rate, pictures=True)
            continue
        try:
            info = probe(whole)
        except VideoError as error:
            faults.add(row, str(error))
            continue
        if info.rate is None:
            faults.add(row, f"{path} says no frame rate")
            continue
        beyond = of["stop_frame"] > (info.announced or of["stop_frame"].max())
        faults.mark(beyond, f"frame {{}} is past the end of {path}, which has {info.announced}", of["stop_frame"] - 1)
        found[str(path)] = _File(float(info.rate), info.announced)
    faults.stop()
    return found
