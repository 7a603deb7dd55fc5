"""Clips to train on from the labels of a run: stretches of its mini-scenes, whose videos it has (``scenes=true``)."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.artifacts import read_object
from pipeline.errors import UsageError
from pipeline.labelled import Shown, joined
from pipeline.training.labels import OPTIONAL, REQUIRED, Labels
from pipeline.training.pieces import LEAST_S, pieces


def clips_of_run(run: Path, intervals: pd.DataFrame, old2new: Mapping[str, str]) -> Labels:
    """The labelled clips of a run's mini-scenes; a clip's group is its video.

    Arguments and errors as ``joined`` has them; ``UsageError`` too where the run has no videos of these mini-scenes.
    """
    clips = [
        clip
        for shown, labels in joined(run, intervals, old2new)
        for track, behaviour, start, stop in zip(*(labels[name].tolist() for name in _LABEL), strict=True)
        for clip in _pieces(shown, shown.scenes[shown.scenes["track"] == track], behaviour, start, stop)
    ]
    if not clips:
        raise UsageError(f"none of the labels shows an animal of {run} for {LEAST_S:g} s or more")
    made = pd.DataFrame(clips, columns=[*REQUIRED, *OPTIONAL])
    if lost := sorted({path for path in made["path"] if not (run / path).is_file()}):
        raise UsageError(
            f"{run} lacks {len(lost)} of the labelled mini-scenes, as {lost[0]}; run it again with scenes=true"
        )
    return Labels(run, made, close=bool(read_object(run / "run.json")["settings"]["miniscene"]["enlarge"]))


_LABEL = ("track", "behaviour", "start_s", "stop_s")


def _pieces(shown: Shown, scenes: pd.DataFrame, behaviour: str, start: float, stop: float) -> Iterator[dict[str, Any]]:
    """The clips of one label: where it lies in the track's mini-scenes."""
    columns = [scenes[name].tolist() for name in ("path", "species", "start_s", "stop_s")]
    for path, species, first, last in zip(*columns, strict=True):
        for begin, end in pieces(max(start, first) - first, min(stop, last) - first):
            yield {
                "path": path, "behaviour": behaviour, "group": shown.video.key, "species": species,
                "start_s": begin, "stop_s": end, "row": np.nan, "interval_s": np.nan, "split": "",
            }  # fmt: skip
