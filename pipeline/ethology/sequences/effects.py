"""How strong a single transition is, whatever the number of steps: odds ratio, Yule's Q, transformed kappa.

Bakeman and Quera (2011), "Sequential Analysis and Observational Methods for the Behavioral Sciences", ch. 9; Wampold
(1989), "Kappa as a measure of pattern in sequential data", Quality and Quantity 23: 171-187.
"""

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.types import IntArray


def odds_ratio(counts: IntArray | FloatArray) -> FloatArray:
    """``[K, K]`` odds that the column follows the row, over the odds that it follows another; NaN where infinite."""
    a, b, c, d = _four(counts)
    return _by(a * d, b * c)


def yules_q(counts: IntArray | FloatArray) -> FloatArray:
    """``[K, K]`` ``(ad - bc) / (ad + bc)`` of the table folded to two by two, -1 to 1; NaN where both are 0.

    With structural zeros chance is not at 0: take that of the expected counts as the point of rest.
    """
    a, b, c, d = _four(counts)
    return _by(a * d - b * c, a * d + b * c)


def kappa(counts: IntArray, expected: FloatArray) -> FloatArray:
    """``[K, K]`` how far the count is between chance (0) and the most (1) or the least (-1) it can be.

    The most is the smaller of its row and column totals, the least 0. NaN where chance leaves no room.
    """
    above = counts - expected
    most = np.minimum(counts.sum(axis=1)[:, None], counts.sum(axis=0)[None, :]) - expected
    return np.where(above >= 0, _by(above, most), _by(above, expected))


def _four(counts: IntArray | FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """This before and this after; this before, other after; other before, this after; other before and after."""
    a = np.asarray(counts, dtype=np.float64)
    row, column = a.sum(axis=1)[:, None], a.sum(axis=0)[None, :]
    return a, row - a, column - a, a.sum() - row - column + a


def _by(part: FloatArray, whole: FloatArray) -> FloatArray:
    small = 1e-9  # sums of fitted counts are not exactly 0
    kept = np.abs(whole) > small
    result: FloatArray = np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=kept)
    return result
