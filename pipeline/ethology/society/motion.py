"""Motion of animals from their places, within what was followed without a break."""

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.types import IntArray

_HOLE = 1.5  # usual steps between two rows of a track above which something is missing between them


def broken_records(rows: pd.DataFrame, unknown: FloatArray) -> IntArray:
    """The number of the unbroken record that each row ``[n]`` of tracks (by track and frame) belongs to.

    A record ends with the track, at a hole, and where the camera's motion is not known: ``unknown [n]`` counts the
    unknown motions before each row.
    """
    track, times = rows["track"].to_numpy(), rows["time_s"].to_numpy()
    same = track[1:] == track[:-1]
    step = np.diff(times)
    usual = float(np.median(step[same])) if same.any() else 0.0
    starts = np.ones(len(rows), dtype=bool)
    starts[1:] = ~same | (step > _HOLE * usual) | (unknown[1:] != unknown[:-1])
    return np.cumsum(starts).astype(np.int64)


def velocities(record: IntArray, times_s: FloatArray, places: FloatArray, at: IntArray, over_s: float) -> FloatArray:
    """Velocity ``[m, 2]`` at the rows ``at``: how far the animal came in ``over_s`` around it, by a second.

    ``record [n]`` and ``times_s [n]`` rise; ``places`` is ``[n, 2]``. Half of ``over_s`` is enough at the ends of a
    record; where there is less, the velocity is NaN.

    ::

        record      o---o---o---o---o---o
        at                  ^               from two before it to two after
        at              ^                   from one before it to two after
    """
    if len(at) == 0 or np.isnan(places).all():
        return np.full((len(at), 2), np.nan)
    first, last = np.searchsorted(record, record[at]), np.searchsorted(record, record[at], side="right") - 1
    begin = np.maximum(times_s[at] - over_s / 2, times_s[first])
    end = np.minimum(times_s[at] + over_s / 2, times_s[last])
    apart = 2 * (float(times_s.max()) + over_s + 1.0)  # records laid one behind the other
    axis = record * apart + times_s
    moved = [np.interp(record[at] * apart + end, axis, place) for place in places.T]
    came = [np.interp(record[at] * apart + begin, axis, place) for place in places.T]
    lasts = end - begin
    enough = lasts >= over_s / 2 - 1e-6
    moved_by = np.column_stack(moved) - np.column_stack(came)
    result: FloatArray = np.where(enough[:, None], moved_by / np.where(enough, lasts, 1.0)[:, None], np.nan)
    return result
