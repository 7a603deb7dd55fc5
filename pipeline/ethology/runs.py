"""Unbroken records and the runs of one label in them: what bouts and transitions are counted in.

A record is one animal's row of frames without a hole. It ends where the track ends, where frames are missing, and where
time is missing between two frames. Frames of which all the same is told are put together first (``spans``): an hour of
fifty animals is five million frames and some ten thousand spans.
"""

from dataclasses import dataclass
from typing import Any

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

    rows: pd.DataFrame  # [n] spans by track, set and frame
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
        stop: FloatArray = np.round(self.rows["stop_s"].to_numpy(dtype=np.float64)[self.stop - 1], 6)
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
    """The runs of a behaviours table, or of its spans; a column ``session`` breaks records too."""
    rows = behaviours if "stop_frame" in behaviours else spans(behaviours)
    broken, label = _broken(*(rows[name].to_numpy() for name in _BOUNDS)), rows["behaviour"]
    for name in {"track", "set", "session"} & {*rows.columns}:
        broken |= changed(rows[name])
    starts = broken | changed(label)
    first = np.flatnonzero(starts)
    stop = np.append(first[1:], len(rows))[: len(first)]
    record = np.cumsum(broken)[first] - 1
    named = label.to_numpy(dtype=object)[first]
    return Runs(rows, first.astype(np.int64), stop.astype(np.int64), record.astype(np.int64), named)


def spans(behaviours: pd.DataFrame, place: IntArray | None = None) -> pd.DataFrame:
    """Frames of a behaviours table put together where all the same is told of them, by track, set and frame.

    Each span has the columns of its first frame, ``duration_s`` and ``frames`` of them all, ``stop_frame`` and
    ``stop_s``, both exclusive, and the mean ``confidence``. ``place`` ``[n]`` numbers what else must be the same, and
    stays as the column ``PLACE``. Words may come as categories, and leave as text.
    """
    rows = behaviours if place is None else behaviours.assign(**{PLACE: place})
    keys = rows["track"].to_numpy(), _ranks(rows["set"]), rows["frame"].to_numpy()
    if not rising(*keys):
        rows = rows.iloc[np.lexsort(keys[::-1])]
    frame, time, lasts, sure = (rows[name].to_numpy() for name in ("frame", "time_s", "duration_s", "confidence"))
    stop_frame, stop_s = frame + 1, time + lasts
    new = _broken(frame, stop_frame, time, stop_s)
    for name in {*rows.columns} - _OF_A_FRAME:
        new |= changed(rows[name])
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(rows))[: len(first)] - 1
    count = last - first + 1
    made = rows.iloc[first].reset_index(drop=True)
    return made.assign(
        **{str(name): words.astype("str") for name, words in made.select_dtypes("category").items()},
        duration_s=np.add.reduceat(lasts, first),
        confidence=np.add.reduceat(sure, first) / count,
        stop_frame=stop_frame[last],
        stop_s=stop_s[last],
        frames=count,
    )


PLACE = "_place"  # no column that a user would write
_OF_A_FRAME = {"frame", "time_s", "duration_s", "confidence"}
_BOUNDS = ("frame", "stop_frame", "time_s", "stop_s")


def _broken(frame: IntArray, stop_frame: IntArray, time_s: FloatArray, stop_s: FloatArray) -> BoolArray:
    """``[n]`` True where a row does not go on in time from the row before."""
    broken = np.ones(len(frame), dtype=bool)
    broken[1:] = (frame[1:] != stop_frame[:-1]) | (time_s[1:] > stop_s[:-1] + 2 * CLOSE_S)
    return broken


def changed(column: pd.Series) -> BoolArray:
    """``[n]`` True where a value is another than in the row before, and in the first."""
    codes = column.to_numpy() if column.dtype.kind in "biuf" else _numbers(column)[0]
    changed = np.ones(len(codes), dtype=bool)
    changed[1:] = codes[1:] != codes[:-1]
    return changed


def _numbers(words: pd.Series) -> tuple[NDArray[Any], pd.Index]:
    """``[n]`` a number for each word, and the words by number."""
    if isinstance(words.dtype, pd.CategoricalDtype):
        return words.cat.codes.to_numpy(), words.cat.categories
    return pd.factorize(words)


def _ranks(words: pd.Series) -> NDArray[Any]:
    """``[n]`` the place of each word in the order of the words."""
    codes, known = _numbers(words)
    return np.asarray(np.argsort(known.argsort()).astype(codes.dtype)[codes])


def rising(*keys: NDArray[Any]) -> bool:
    """Are rows in the order of their keys ``[n]``, the first of which goes before the next?"""
    even = np.ones(max(len(keys[0]) - 1, 0), dtype=bool)
    for key in keys:
        if (even & (key[1:] < key[:-1])).any():
            return False
        even &= key[1:] == key[:-1]
    return True
