"""Unbroken records and the runs of one label in them: what bouts and transitions are counted in.

A record is one animal's row of frames without a hole. It ends where the track ends, where frames are missing, and where
time is missing between two frames.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.boxes import FloatArray
from pipeline.ethology.ethogram import RESERVED
from pipeline.timebase import CLOSE_S
from pipeline.types import BoolArray, IntArray


@dataclass(frozen=True)
class Runs:
    """``m`` runs of one label, by track, set and time.

    ::

        rows    A A A B B | B B          | a hole in the record
        runs    (0, 3) (3, 5) (5, 7)     label A B B, record 0 0 1
    """

    rows: pd.DataFrame  # [n] behaviours by track, set and frame
    first: IntArray  # [m] row at which the run starts
    stop: IntArray  # [m] row after its last
    record: IntArray  # [m] number of its record
    label: NDArray[np.object_]  # [m]

    def __len__(self) -> int:
        return len(self.first)

    @property
    def recognized(self) -> BoolArray:
        """``[m]`` False for unknown and not visible."""
        return np.logical_not(np.isin(self.label, RESERVED))

    @property
    def stretch(self) -> IntArray:
        """``[m]`` number of the unbroken stretch of recognized behaviours that a recognized run belongs to."""
        new = np.ones(len(self), dtype=bool)
        new[1:] = (self.record[1:] != self.record[:-1]) | ~self.recognized[:-1] | ~self.recognized[1:]
        return np.cumsum(new).astype(np.int64)

    @property
    def start_s(self) -> FloatArray:
        """``[m]`` time of the first frame."""
        return self.rows["time_s"].to_numpy(dtype=np.float64)[self.first]

    @property
    def stop_s(self) -> FloatArray:
        """``[m]`` time of the next frame of the record; at its end that of the last frame plus its duration."""
        last = self.rows.iloc[self.stop - 1]
        stop: FloatArray = np.round(last["time_s"].to_numpy() + last["duration_s"].to_numpy(), 6)
        stop[:-1] = np.where(self.record[1:] == self.record[:-1], self.start_s[1:], stop[:-1])
        return stop

    def seen_before(self) -> BoolArray:
        """``[m]`` True where the record goes on before the run with a recognized behaviour: its start was seen."""
        seen = np.zeros(len(self), dtype=bool)
        seen[1:] = (self.record[1:] == self.record[:-1]) & self.recognized[:-1]
        return seen

    def seen_after(self) -> BoolArray:
        """``[m]`` True where the record goes on after the run with a recognized behaviour: its stop was seen."""
        seen = np.zeros(len(self), dtype=bool)
        seen[:-1] = (self.record[:-1] == self.record[1:]) & self.recognized[1:]
        return seen


def runs(behaviours: pd.DataFrame) -> Runs:
    """The runs of a behaviours table; a column ``session`` breaks records too."""
    rows = behaviours.sort_values(["track", "set", "frame"], kind="stable").reset_index(drop=True)
    broken = _broken(rows)
    codes = pd.factorize(rows["behaviour"])[0]
    starts = broken.copy()
    starts[1:] |= codes[1:] != codes[:-1]
    first = np.flatnonzero(starts)
    stop = np.append(first[1:], len(rows))[: len(first)]
    record = np.cumsum(broken)[first] - 1
    label = rows["behaviour"].to_numpy(dtype=object)[first]
    return Runs(rows, first.astype(np.int64), stop.astype(np.int64), record.astype(np.int64), label)


def _broken(rows: pd.DataFrame) -> BoolArray:
    """``[n]`` True where a row does not go on from the row before."""
    broken = np.ones(len(rows), dtype=bool)
    frame, time, lasts = (rows[name].to_numpy() for name in ("frame", "time_s", "duration_s"))
    broken[1:] = (frame[1:] != frame[:-1] + 1) | (time[1:] > time[:-1] + lasts[:-1] + 2 * CLOSE_S)
    for name in ("track", "set", "session"):
        if name in rows:
            codes = pd.factorize(rows[name])[0]
            broken[1:] |= codes[1:] != codes[:-1]
    return broken
