"""Which behaviour follows which: the two ways of counting, which must never be mixed.

Bakeman and Quera (2011), "Sequential Analysis and Observational Methods for the Behavioral Sciences": in an event
sequence a code cannot follow itself, so the diagonal is structurally zero; in an interval sequence it can, and the
counts depend on the interval. Neither crosses a hole in the record, ``unknown`` or ``not visible``.
"""

from typing import NamedTuple

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.timebase import CLOSE_S
from pipeline.types import IntArray


class Steps(NamedTuple):
    """``s`` kinds of steps between runs, each as numbers of runs and how often it was made."""

    before: IntArray  # [s]
    after: IntArray  # [s]
    times: IntArray  # [s]


def bout_steps(stretch: IntArray) -> Steps:
    """One step from every recognized run to the next of its unbroken stretch ``[runs]``, in order of time.

    ::

        A A B B B A ? A B      A>B  B>A  A>B      nothing is counted across the ?
    """
    before = np.flatnonzero(stretch[1:] == stretch[:-1])
    return Steps(before, before + 1, np.ones(len(before), dtype=np.int64))


def interval_steps(start_s: FloatArray, stop_s: FloatArray, stretch: IntArray, step_s: float) -> Steps:
    """Steps between the runs in force at 0, ``step_s``, 2 ``step_s`` ... of the video's clock, within a stretch.

    This is instantaneous sampling (Altmann 1974, Behaviour 49: 227-267) of all animals at the same moments.
    ``start_s``, ``stop_s`` (exclusive) and ``stretch`` ``[runs]`` are of recognized runs in order of time.

    ::

        clock   |     |     |     |     |
        runs    A A A A A B B B C A A A ? A        A>A  A>B  B>A      C lies between two moments
    """
    moments = moments_in(start_s, stop_s, step_s)
    sampled = np.flatnonzero(moments > 0)
    moves = bout_steps(stretch[sampled])
    stays = np.flatnonzero(moments > 1)
    return Steps(
        np.concatenate([stays, sampled[moves.before]]),
        np.concatenate([stays, sampled[moves.after]]),
        np.concatenate([moments[stays] - 1, moves.times]),
    )


def moments_in(start_s: FloatArray, stop_s: FloatArray, step_s: float) -> IntArray:
    """How many of the moments 0, ``step_s``, 2 ``step_s`` ... lie in each span ``[start_s, stop_s)``."""
    first = np.ceil((start_s - CLOSE_S) / step_s).astype(np.int64)
    stop = np.ceil((stop_s - CLOSE_S) / step_s).astype(np.int64)
    inside: IntArray = stop - first
    return inside
