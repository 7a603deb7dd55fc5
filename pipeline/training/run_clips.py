"""Clips to train on from the labels of a run: stretches of its mini-scenes, whose videos it has (``scenes=true``).

Beside its behaviour each clip keeps whose it is and where it comes from: video and seconds, session, animal.
"""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.errors import UsageError
from pipeline.ethology.observations import placed, read_observations
from pipeline.labelled import Shown, joined, told_of
from pipeline.stored import StoredRun
from pipeline.training.labels import OPTIONAL, REQUIRED, Labels
from pipeline.training.pieces import LEAST_S, pieces

log = logging.getLogger(__name__)


def clips_of_run(run: Path, intervals: pd.DataFrame, old2new: Mapping[str, str]) -> Labels:
    """The labelled clips of a run's mini-scenes; a clip's group is its video, its session the run's observations say.

    Arguments and errors as ``joined`` has them; ``UsageError`` too where the run has no videos of these mini-scenes.
    """
    clips = [
        clip
        for shown, labels in joined(run, intervals, old2new)
        for track, behaviour, start, stop in zip(*(labels[name].tolist() for name in _LABEL), strict=True)
        for clip in _pieces(shown, track, behaviour, start, stop)
    ]
    if not clips:
        raise UsageError(f"none of the labels shows an animal of {run} for {LEAST_S:g} s or more")
    made = pd.DataFrame(clips, columns=[*REQUIRED, *OPTIONAL])
    if lost := sorted({path for path in made["path"] if not (run / path).is_file()}):
        raise UsageError(
            f"{run} lacks {len(lost)} of the labelled mini-scenes, as {lost[0]}; run it again with scenes=true"
        )
    stored = StoredRun(run, "", told_of(run))
    enlarged = bool(stored.told["settings"]["miniscene"]["enlarge"])
    return Labels(run, _observed(run, made, stored.given("observations")), close=enlarged)


_LABEL = ("track", "behaviour", "start_s", "stop_s")


def _pieces(shown: Shown, track: int, behaviour: str, start: float, stop: float) -> Iterator[dict[str, Any]]:
    """The clips of one label: where it lies in the track's mini-scenes, cut to at most ``PIECE_S``."""
    animal = next((name for name, tracks in shown.named.items() if track in tracks), "")
    scenes = shown.scenes[shown.scenes["track"] == track]
    columns = [scenes[name].tolist() for name in ("path", "species", "start_s", "stop_s")]
    for path, species, first, last in zip(*columns, strict=True):
        for begin, end in pieces(max(start, first), min(stop, last)):
            yield {
                "path": path, "behaviour": behaviour, "group": shown.video.key, "species": species,
                "session": "", "individual": animal, "split": "", "video": shown.video.key,
                "start_s": round(begin - first, 6), "stop_s": round(end - first, 6),
                "row": np.nan, "interval_s": np.nan, "video_start_s": begin, "video_stop_s": end,
            }  # fmt: skip


def _observed(run: Path, clips: pd.DataFrame, given: Path | None) -> pd.DataFrame:
    """The clips with what the observer said of them: their session, and the species where it was given."""
    if given and not given.is_file():
        log.warning("the observations of %s are no longer in %s: its sessions are not known", run, given)
        return clips
    observations = read_observations(given) if given else None
    middle = (clips["video_start_s"] + clips["video_stop_s"]) / 2
    told = pd.concat(
        placed(middle[own.index].to_numpy(), str(key), observations).set_index(own.index)
        for key, own in clips.groupby("video")
    )
    return clips.assign(session=told["session"], species=told["species"].where(told["species"] != "", clips["species"]))
