"""Clips to train on from a folder: our own ``clips.csv``, or a public data set in its authors' layout."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.errors import UsageError, VideoError
from pipeline.formats.clips import END
from pipeline.formats.labels import Faults
from pipeline.formats.read_clips import read_clips
from pipeline.training.labels import NAME, OPTIONAL, REQUIRED, Labels, read_labels
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
        return read_labels(folder)
    if not folder.is_dir():
        raise UsageError(f"no such folder: {folder}")
    root, clips = read_clips(folder, classes)
    rates = _rates(root, clips, frame_rate)
    rows, short = [], 0
    for clip in clips.itertuples(index=False):
        rate, pictures = rates[str(clip.path)]
        spans = [(NAN, NAN)] if clip.stop_frame == END and clip.start_frame == 0 else _spans(clip, rate)
        short += not spans
        told = {"path": clip.path, "behaviour": clip.behaviour, "group": clip.group, "species": clip.species}
        told |= {"split": clip.split, "row": NAN, "interval_s": 1 / rate if pictures else NAN}
        rows += [told | {"start_s": start, "stop_s": stop} for start, stop in spans]
    if short:
        log.warning("%s: %s labelled stretches shorter than %g s are left out", folder, f"{short:,}", LEAST_S)
    if not rows:
        raise UsageError(f"none of the labels of {folder} lasts {LEAST_S:g} s or more")
    return Labels(root, pd.DataFrame(rows, columns=[*REQUIRED, *OPTIONAL]))


def _spans(clip: Any, rate: float) -> list[tuple[float, float]]:
    """Seconds of the pieces of a clip. They begin and end between two frames, where no rounding of times matters."""
    start, stop = (clip.start_frame - 0.5) / rate, (clip.stop_frame - 0.5) / rate if clip.stop_frame != END else NAN
    return [(max(low, 0.0), high) for low, high in pieces(start, stop)]


def _rates(root: Path, clips: pd.DataFrame, frame_rate: float | None) -> dict[str, tuple[float, bool]]:
    """Frames a second of every file, and whether it is a folder of pictures. Every file is looked at once."""
    faults = Faults(root, lambda row: str(clips["place"].iloc[row]))
    found = {}
    for path, of in clips.reset_index(drop=True).groupby("path", sort=False):
        whole, row = root / str(path), int(of.index[0])
        if whole.is_dir():
            if frame_rate is None:
                raise UsageError(
                    f"{whole} holds pictures, and nothing says how many are a second: give frame_rate "
                    "(of drones mostly 29.97: frame_rate=29.97)"
                )
            found[str(path)] = frame_rate, True
            continue
        try:
            info = probe(whole)
        except VideoError as error:
            faults.add(row, str(error))
            continue
        beyond = of["stop_frame"] > (info.announced or of["stop_frame"].max())
        faults.mark(beyond, f"frame {{}} is past the end of {path}, which has {info.announced}", of["stop_frame"] - 1)
        found[str(path)] = float(info.rate or NAN), False
    faults.stop()
    return found
