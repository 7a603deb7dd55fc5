"""Time of frames: exact, half-open, from 0.

A frame's ``time_s`` is its presentation timestamp less that of the first frame. It lasts until the next frame; the last
frame lasts its own duration. Nothing here divides a frame number by a rate: a video may have no constant rate.
"""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from pipeline.boxes import FloatArray

CLOSE_S = 1e-6  # two times nearer than this are the same time: they were stored with six decimals


def seconds(ticks: int, time_base: Fraction) -> float:
    """Seconds of a timestamp, rounded to the microsecond as stored."""
    return round(float(ticks * time_base), 6)


def due(time_s: float, last_s: float | None, period_s: float) -> bool:
    """Is a frame at ``time_s`` the first of its period? ``last_s`` is the time of the frame before, None at the start.

    ::

        period 0.1 s at 30 fps:   f . . f . . f . .      one frame in each [k * period, (k + 1) * period)
    """
    if last_s is None or period_s <= 0:
        return True
    return int((time_s + CLOSE_S) // period_s) != int((last_s + CLOSE_S) // period_s)


def due_frames(times_s: FloatArray, period_s: float) -> NDArray[np.int64]:
    """Indices of the frames that are ``due``, from the times of all frames [n]."""
    first = np.ones(len(times_s), dtype=bool)
    if period_s > 0:
        period = (times_s + CLOSE_S) // period_s
        first[1:] = period[1:] != period[:-1]
    return np.flatnonzero(first).astype(np.int64)


def nearest(times_s: FloatArray, wanted_s: FloatArray) -> NDArray[np.int64]:
    """Index into the rising ``times_s`` [n >= 1] of the time nearest to each wanted; of two as near, the earlier."""
    right = np.clip(np.searchsorted(times_s, wanted_s), 1, max(len(times_s) - 1, 1))
    left = right - 1
    right = np.minimum(right, len(times_s) - 1)
    later = times_s[right] - wanted_s < wanted_s - times_s[left] - CLOSE_S
    return np.where(later, right, left).astype(np.int64)
