"""Which interpolated boxes bridge a gap, and which only lie between two in their usual rhythm; where boxes miss."""

import numpy as np
import pandas as pd

from pipeline.ethology.runs import rising
from pipeline.ethology.society.motion import HOLE, usual_step
from pipeline.types import BoolArray

LONGEST_STEPS = 1.5  # usual steps between two detections of a track above which an animal was missed in between


def after_hole(tracks: pd.DataFrame) -> BoolArray:
    """Where a track of one video (tables.TRACKS, any order) goes on after frames without any box of it, ``[n]``.

    Its box before lies more than ``HOLE`` usual steps earlier.
    """
    rows = in_order(tracks)
    step_s = rows["time_s"].diff().where(rows["track"].diff() == 0)
    return np.asarray((step_s > HOLE * usual_step([rows])).sort_index(), dtype=bool)


def in_gap(tracks: pd.DataFrame) -> BoolArray:
    """Where the boxes of one video (tables.TRACKS, any order) bridge a gap, ``[n]``.

    Such a box was not observed, and the detections of its track before and after it lie more than ``LONGEST_STEPS``
    usual steps apart, or one of them is missing. The usual step is the median time between successive detections of a
    track, over all tracks of the video; where every fifth frame is analysed, it is five frames.
    """
    if tracks["observed"].all():
        return np.zeros(len(tracks), dtype=bool)
    rows = in_order(tracks)
    seen = rows[rows["observed"]]
    usual_s = np.nan_to_num(seen.groupby("track")["time_s"].diff().median())
    time_s = rows["time_s"].where(rows["observed"]).groupby(rows["track"])
    apart_s = (time_s.bfill() - time_s.ffill()).fillna(np.inf)
    bridged = ~rows["observed"] & (apart_s > LONGEST_STEPS * usual_s)
    return np.asarray(bridged.sort_index(), dtype=bool)


def in_order(tracks: pd.DataFrame) -> pd.DataFrame:
    """The rows track by track, frame by frame, numbered as they are given; as they are stored nothing is to be done."""
    rows = tracks.reset_index(drop=True)
    stored = rising(rows["track"].to_numpy(), rows["frame"].to_numpy())
    return rows if stored else rows.sort_values(["track", "frame"], kind="stable")
