"""Which interpolated boxes bridge a gap, and which only lie between two in their usual rhythm; where boxes miss."""

import numpy as np
import pandas as pd

from pipeline.types import BoolArray

LONGEST_STEPS = 1.5  # usual steps between two detections of a track above which an animal was missed in between


def after_hole(tracks: pd.DataFrame) -> BoolArray:
    """Where a track of one video (tables.TRACKS, any order) goes on after frames without any box of it, ``[n]``.

    Its box before lies more than ``LONGEST_STEPS`` usual steps earlier: the median time between successive boxes of a
    track, over all tracks of the video.
    """
    rows = tracks.reset_index(drop=True).sort_values(["track", "frame"], kind="stable")
    step_s = rows.groupby("track")["time_s"].diff()
    return np.asarray((step_s > LONGEST_STEPS * step_s.median()).sort_index(), dtype=bool)


def in_gap(tracks: pd.DataFrame) -> BoolArray:
    """Where the boxes of one video (tables.TRACKS, any order) bridge a gap, ``[n]``.

    Such a box was not observed, and the detections of its track before and after it lie more than ``LONGEST_STEPS``
    usual steps apart, or one of them is missing. The usual step is the median time between successive detections of a
    track, over all tracks of the video; where every fifth frame is analysed, it is five frames.
    """
    if tracks["observed"].all():
        return np.zeros(len(tracks), dtype=bool)
    rows = tracks.reset_index(drop=True).sort_values(["track", "frame"], kind="stable")
    seen = rows[rows["observed"]]
    usual_s = np.nan_to_num(seen.groupby("track")["time_s"].diff().median())
    time_s = rows["time_s"].where(rows["observed"]).groupby(rows["track"])
    apart_s = (time_s.bfill() - time_s.ffill()).fillna(np.inf)
    bridged = ~rows["observed"] & (apart_s > LONGEST_STEPS * usual_s)
    return np.asarray(bridged.sort_index(), dtype=bool)
