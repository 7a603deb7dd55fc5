"""Motion of animals from their places, within what was followed without a break."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.types import BoolArray, IntArray

HOLE = 1.5  # usual steps between two rows of a track above which something is missing between them


def usual_step(blocks: Iterable[pd.DataFrame]) -> float:
    """The median time between two rows of a track, over blocks of whole tracks (by track and frame); 0 of none."""
    steps = []
    for rows in blocks:
        track, times = rows["track"].to_numpy(), rows["time_s"].to_numpy()
        steps.append(np.diff(times)[track[1:] == track[:-1]])
    every = np.concatenate(steps)
    return float(np.median(every, overwrite_input=True)) if len(every) else 0.0


def broken_records(rows: pd.DataFrame, unknown: IntArray, longest_s: float) -> IntArray:
    """The number of the unbroken record, from 1, that each row ``[n]`` of tracks (by track and frame) belongs to.

    A record ends with the track, at a step longer than ``longest_s``, and where the camera's motion is not known:
    ``unknown [n]`` counts the unknown motions before each row.
    """
    track, times = rows["track"].to_numpy(), rows["time_s"].to_numpy()
    starts = np.ones(len(rows), dtype=bool)
    starts[1:] = (track[1:] != track[:-1]) | (np.diff(times) > longest_s) | (unknown[1:] != unknown[:-1])
    return np.cumsum(starts).astype(np.int64)


@dataclass(frozen=True)
class Stretches:
    """The time around ``m`` rows of tracks over which the motion there is measured.

    All records lie one behind the other on one axis.

    ::

        record      o---o---o---o---o---o
        at                  ^               from two before it to two after
        at              ^                   from one before it to two after
    """

    at: IntArray  # [m] rows of tracks
    needed: IntArray  # [k] rows, rising, whose places the motion rests on, and ``at``
    axis: FloatArray  # [k] place of these on the axis
    begin: FloatArray  # [m] on the axis
    end: FloatArray  # [m] on the axis
    lasts_s: FloatArray  # [m]
    enough: BoolArray  # [m] does it last long enough to tell a velocity?

    def velocities(self, places: FloatArray) -> FloatArray:
        """How far the animals came in the stretch by a second ``[m, 2]``, of the places ``[k, 2]`` of what is needed.

        NaN where there is not enough of it.
        """
        if len(self.at) == 0 or np.isnan(places).all():
            return np.full((len(self.at), 2), np.nan)
        moved, came = ([np.interp(x, self.axis, place) for place in places.T] for x in (self.end, self.begin))
        lasts = np.where(self.enough, self.lasts_s, 1.0)[:, None]
        result: FloatArray = np.where(
            self.enough[:, None], (np.column_stack(moved) - np.column_stack(came)) / lasts, np.nan
        )
        return result


def stretches(record: IntArray, times_s: FloatArray, at: IntArray, over_s: float) -> Stretches:
    """The stretches of ``over_s`` around the rows ``at``; half of it is enough at the ends of a record.

    ``record [n]`` and ``times_s [n]`` of all rows rise.
    """
    first, last = np.searchsorted(record, record[at]), np.searchsorted(record, record[at], side="right") - 1
    begin: FloatArray = np.maximum(times_s[at] - over_s / 2, times_s[first])
    end: FloatArray = np.minimum(times_s[at] + over_s / 2, times_s[last])
    apart = 2 * (float(times_s.max(initial=0.0)) + over_s + 1.0)
    axis, before = record * apart + times_s, record[at] * apart
    begin, end, lasts = before + begin, before + end, end - begin
    needed = np.zeros(len(record) + 1, dtype=bool)
    needed[at] = True
    for edge in (begin, end):
        left = np.searchsorted(axis, edge, side="right") - 1
        needed[left] = needed[left + 1] = True
    rows = np.flatnonzero(needed[:-1])
    return Stretches(at, rows, axis[rows], begin, end, lasts, lasts >= over_s / 2 - 1e-6)
