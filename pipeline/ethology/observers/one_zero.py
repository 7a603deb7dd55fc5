"""One-zero sampling: was the behaviour seen at all in the interval?

The share of intervals is no share of time: it overestimates time, the more the longer the interval is, and it
underestimates how often a behaviour starts (Altmann 1974, Behaviour 49: 227-267; Martin and Bateson,
"Measuring Behaviour"). An interval counts only where the animal is visible throughout.

::

    record       A B B|B B B|A A ?|B A A
    intervals     A1   A0    (out)  A1        2 of 3 intervals have A; none follows a zero: no start
"""

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.ethology.observers.estimates import Estimates, moments
from pipeline.ethology.observers.line import Line
from pipeline.ethology.observers.settings import ObserverSettings
from pipeline.ethology.sums import over
from pipeline.timebase import CLOSE_S
from pipeline.types import IntArray


def one_zero(line: Line, interval_s: float, settings: ObserverSettings) -> tuple[Estimates, str]:
    """Each animal watched by itself, as long as it is there. A start is a one after a zero in the same span."""
    offsets, words = moments(interval_s, settings)
    order = np.lexsort((line.start_s, line.code, line.span))  # each behaviour's bouts of a span in a row
    once = [_once(line, order, interval_s, float(offset)) for offset in offsets]
    ones, starts, intervals, steps = (np.array(column) for column in zip(*once, strict=True))
    tracked = line.tracked.total_s / interval_s
    missed = 1 - intervals / tracked if tracked > 0 else np.full(len(once), np.nan)
    none, minutes = np.full(ones.shape, np.nan), np.full(len(once), line.tracked.total_s / 60)
    hours = steps * interval_s / 3600
    return Estimates(over(ones, intervals), over(starts, hours), none, intervals, missed, minutes), words


def _once(line: Line, order: IntArray, interval_s: float, offset: float) -> tuple[FloatArray, FloatArray, float, float]:
    """Intervals with each behaviour ``[K]``, ones after a zero ``[K]``, whole intervals, steps from one to the next."""
    first = np.ceil((line.visible.start_s - offset - CLOSE_S) / interval_s).astype(np.int64)
    stop = np.floor((line.visible.stop_s - offset + CLOSE_S) / interval_s).astype(np.int64)
    whole = np.maximum(stop - first, 0)
    span, code = line.span[order], line.code[order]
    low = np.floor((line.start_s[order] - offset + CLOSE_S) / interval_s).astype(np.int64)
    high = np.ceil((line.stop_s[order] - offset - CLOSE_S) / interval_s).astype(np.int64)
    low, high = np.maximum(low, first[span]), np.minimum(np.maximum(high, low + 1), stop[span])
    held = np.flatnonzero(high > low)
    span, code, low, high = span[held], code[held], low[held], high[held]
    same = np.zeros(len(held), dtype=bool)
    same[1:] = (span[1:] == span[:-1]) & (code[1:] == code[:-1])
    before = np.append(-1, high[:-1])[: len(held)]  # where the same behaviour's last interval ended
    new = high - np.where(same, np.maximum(low, before), low)
    begun = np.where(same, low > before, low > first[span])
    names = len(line.names)
    ones = np.bincount(code, weights=np.maximum(new, 0), minlength=names).astype(np.float64)
    starts = np.bincount(code, weights=begun, minlength=names).astype(np.float64)
    return ones, starts, float(whole.sum()), float(np.maximum(whole - 1, 0).sum())
