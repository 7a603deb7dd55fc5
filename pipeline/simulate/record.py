"""The truth as a record of behaviour, in the tables of a run: what a perfect observer would have noted.

An animal is ``not visible`` where it is Occluded for longer than ``GLIMPSE_S`` at a stretch (reason ``label``), and
where less than ``LEAST_INSIDE`` of its body is in the picture (reason ``edge``): nobody could tell what it does. Behind
leaves that move, a little more shows of an animal than what counts and then a little less, several times a second: that
ends no bout, nor does it in a run.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.bouts import bouts
from pipeline.ethology.ethogram import NOT_VISIBLE, RESERVED, Behaviour, Ethogram, EthogramSettings, resolve
from pipeline.ethology.study import VideoTables
from pipeline.formats.scores import KABR
from pipeline.simulate.truth import OCCLUDED
from pipeline.tables import BEHAVIOURS, BOX, FRAMES, TRACKS
from pipeline.timebase import CLOSE_S
from pipeline.types import BoolArray

LEAST_INSIDE = 0.5  # share of the body's box inside the picture
GLIMPSE_S = 1.0  # hidden for no longer, an animal is still in sight: ``visibility.max_unobserved_s`` of a run
SET = "behaviour"
STILL_S = 1 / 30  # taken as the duration of a single frame


def words(*behaviours: "pd.Series[str]") -> tuple[str, ...]:
    """KABR's behaviours, then whatever else is told of in columns of behaviours, by name."""
    others = {str(name) for column in behaviours for name in column.unique()} - {*KABR, *RESERVED}
    return (*KABR, *sorted(others))


def ethogram(names: Sequence[str]) -> Ethogram:
    """Behaviours as the truth uses them: one set of states, in which Occluded cannot be seen."""
    return resolve(EthogramSettings([Behaviour(name, visible=name != OCCLUDED) for name in names], {}), names)


def frames(times_s: FloatArray) -> pd.DataFrame:
    """tables.FRAMES of frames shown from ``times_s [f]`` on; the last lasts as long as the one before."""
    steps = np.diff(times_s)
    lasts = np.append(steps, steps[-1:] if len(steps) else [STILL_S] * len(times_s))
    return FRAMES.cast(
        pd.DataFrame({"frame": np.arange(len(times_s)), "time_s": times_s, "duration_s": lasts, "fault": ""})
    )


def tracks(animals: pd.DataFrame) -> pd.DataFrame:
    """tables.TRACKS of the truth's ``ANIMALS``: every box; ``observed`` is False where the animal is Occluded.

    Replayed as detections (``detector=replay``) they are what a perfect detector sees: hidden boxes are left out.
    """
    rows = animals[["track", "frame", "time_s", *BOX, "species"]].assign(score=1.0)
    rows["observed"] = animals["behaviour"] != OCCLUDED
    return TRACKS.cast(rows.sort_values(["track", "frame"], kind="stable"))


def behaviours(animals: pd.DataFrame, of_frames: pd.DataFrame) -> pd.DataFrame:
    """tables.BEHAVIOURS of the truth's ``ANIMALS``; ``of_frames`` (tables.FRAMES) says how long each frame lasts."""
    reason = np.select([_hidden(animals, of_frames), animals["inside"] < LEAST_INSIDE], ["label", "edge"], "")
    rows = animals[["track", "frame", "time_s"]].assign(
        duration_s=of_frames.set_index("frame")["duration_s"].reindex(animals["frame"]).to_numpy(),
        set=SET,
        behaviour=animals["scheduled"].where(reason == "", NOT_VISIBLE),
        confidence=(reason == "").astype(float),
        reason=reason,
    )
    return BEHAVIOURS.cast(rows.sort_values(["track", "frame"], kind="stable"))


def _hidden(animals: pd.DataFrame, of_frames: pd.DataFrame) -> BoolArray:
    """``[n]`` the rows of an animal that is Occluded in them and around them for longer than ``GLIMPSE_S``."""
    order = np.lexsort((animals["frame"], animals["track"]))
    track, covered = animals["track"].to_numpy()[order], (animals["behaviour"] == OCCLUDED).to_numpy()[order]
    place = np.searchsorted(of_frames["frame"], animals["frame"].to_numpy()[order])
    new = (np.diff(track, prepend=-1) != 0) | (np.diff(place, prepend=-1) != 1) | np.diff(covered, prepend=False)
    stretch_s = np.add.reduceat(of_frames["duration_s"].to_numpy()[place], np.flatnonzero(new))[np.cumsum(new) - 1]
    hidden = np.empty(len(animals), dtype=bool)
    hidden[order] = covered & (stretch_s > GLIMPSE_S + CLOSE_S)
    return hidden


def record(video: str, animals: pd.DataFrame, of_frames: pd.DataFrame) -> VideoTables:
    """The truth as ``ethology.study`` takes a video."""
    return VideoTables(video, of_frames, tracks(animals), behaviours(animals, of_frames))


def true_bouts(found: VideoTables) -> pd.DataFrame:
    """tables.BOUTS of a record, as they were: nothing smoothed away."""
    told = ethogram(words(found.behaviours["behaviour"]))
    return bouts(found.behaviours, found.tracks, told, found.video, source="truth")
