"""The truth as a record of behaviour, in the tables of a run: what a perfect observer would have noted.

An animal is ``not visible`` where nobody could tell what it does: for longer than ``GLIMPSE_S`` at a stretch Occluded
(reason ``label``) or standing with its head out of the picture (``truth.headless``; reason ``edge``), and wherever less
than ``LEAST_INSIDE`` of its body is in the picture (``edge``). Behind leaves that move, a little more shows of one than
what counts and then a little less, several times a second: that ends no bout, nor does it in a run.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.bouts import bouts
from pipeline.ethology.ethogram import NOT_VISIBLE, RESERVED, Behaviour, Ethogram, EthogramSettings, resolve
from pipeline.ethology.study import VideoTables
from pipeline.formats.scores import KABR
from pipeline.simulate.truth import OCCLUDED, headless
from pipeline.tables import BEHAVIOURS, BOX, FRAMES, TRACKS
from pipeline.timebase import CLOSE_S
from pipeline.types import BoolArray

LEAST_INSIDE = 0.5  # share of the body's box inside the picture
GLIMPSE_S = 1.0  # out of sight for no longer, an animal is still seen: ``visibility.max_unobserved_s`` of a run
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
    occluded, no_head = animals["behaviour"] == OCCLUDED, headless(animals["scheduled"], animals["head_inside"])
    lasting = _lasting(animals, of_frames, (occluded | no_head).to_numpy())
    beyond = (lasting & no_head) | (animals["inside"] < LEAST_INSIDE)
    reason = np.select([lasting & occluded, beyond], ["label", "edge"], "")
    rows = animals[["track", "frame", "time_s"]].assign(
        duration_s=of_frames.set_index("frame")["duration_s"].reindex(animals["frame"]).to_numpy(),
        set=SET,
        behaviour=animals["scheduled"].where(reason == "", NOT_VISIBLE),
        confidence=(reason == "").astype(float),
        reason=reason,
    )
    return BEHAVIOURS.cast(rows.sort_values(["track", "frame"], kind="stable"))


def _lasting(animals: pd.DataFrame, of_frames: pd.DataFrame, unseen: BoolArray) -> BoolArray:
    """``[n]`` the rows of an animal that is ``unseen`` [n] in them and around them for longer than ``GLIMPSE_S``."""
    order = np.lexsort((animals["frame"], animals["track"]))
    track, out = animals["track"].to_numpy()[order], unseen[order]
    place = np.searchsorted(of_frames["frame"], animals["frame"].to_numpy()[order])
    new = (np.diff(track, prepend=-1) != 0) | (np.diff(place, prepend=-1) != 1) | np.diff(out, prepend=False)
    stretch_s = np.add.reduceat(of_frames["duration_s"].to_numpy()[place], np.flatnonzero(new))[np.cumsum(new) - 1]
    lasting = np.empty(len(animals), dtype=bool)
    lasting[order] = out & (stretch_s > GLIMPSE_S + CLOSE_S)
    return lasting


def record(video: str, animals: pd.DataFrame, of_frames: pd.DataFrame) -> VideoTables:
    """The truth as ``ethology.study`` takes a video."""
    return VideoTables(video, of_frames, tracks(animals), behaviours(animals, of_frames))


def true_bouts(found: VideoTables) -> pd.DataFrame:
    """tables.BOUTS of a record, as they were: nothing smoothed away."""
    told = ethogram(words(found.behaviours["behaviour"]))
    return bouts(found.behaviours, found.tracks, told, found.video, source="truth")
