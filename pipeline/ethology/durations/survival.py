"""Quantiles of times of which some were cut short (``ethology/survival.py``), and their intervals."""

from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.ethology.statistics import expanded_tail
from pipeline.ethology.survival import product_limit
from pipeline.ethology.units import Draws
from pipeline.types import BoolArray, IntArray

QUARTILES = (0.25, 0.5, 0.75)
_GRID = 128  # moments at which resampled curves are told: a limit is right to 0.8 % of the bouts
_EQUAL = 1e-9  # two shares as near as this are the same


@dataclass(frozen=True)
class Survivor:
    """The share that lasts longer than each time: a step down at every time at which something ended."""

    time_s: FloatArray  # [k] rising
    share: FloatArray  # [k] of what lasted longer, falling

    def quantile(self, part: float) -> float:
        """The time by which ``part`` has ended; NaN where more than the rest outlasts the record."""
        time = _quantile(self.time_s, self.share[None, :], part)[0]
        return float(time) if np.isfinite(time) else float("nan")


def survivor(time_s: FloatArray, ended: BoolArray, most: float = 1.0) -> Survivor:
    """The product-limit estimate from ``n`` times; ``ended`` is False where only the lower bound is known.

    A time that is cut at the moment at which another ends counts as having lasted longer. One that ends after nearly
    all others were cut stands for these too: the curve is told up to where one stands for more than ``most`` of all.
    Without censoring each stands for ``1 / n``.
    """
    curve = product_limit(time_s, ended)
    each = np.append(1.0, curve.survival)[:-1] / curve.at_risk  # never falls (Efron 1967: redistribution to the right)
    told = each <= most + _EQUAL
    return Survivor(curve.time_s[told], curve.survival[told])


def quantile_limits(
    time_s: FloatArray, ended: BoolArray, row: IntArray, draws: Draws, part: float, confidence: float
) -> tuple[float, float]:
    """Limits of a quantile over resampled units; ``row [n]`` is each time's row of the unit.

    Expanded percentiles (``statistics.expanded_tail``). A limit is NaN where the resampled quantile lies beyond the
    record: it is open there. Times are told on at most 128 moments. In 2,000 simulated studies each of 6, 10
    and 20 sessions that differ, 95 % limits held the true median in 93, 95 and 94 % (``scripts/coverage_medians.py``).
    """
    leaves = draws.weights.shape[1]
    moments = np.unique(time_s[ended])
    if len(draws.weights) == 0 or len(moments) == 0:
        return float("nan"), float("nan")
    if len(moments) > _GRID:
        moments = np.unique(np.quantile(time_s[ended], np.linspace(0, 1, _GRID), method="inverted_cdf"))
    leaf, shape = draws.leaf[row], (leaves, len(moments) + 1)
    ends = np.zeros(shape)
    np.add.at(ends, (leaf[ended], np.searchsorted(moments, time_s[ended])), 1.0)
    cut = np.zeros(shape)
    np.add.at(cut, (leaf[~ended], np.searchsorted(moments, time_s[~ended], side="right")), 1.0)
    # cut before a moment: no longer at risk there; a cut at [k] is one in [moments[k - 1], moments[k])
    left = np.cumsum(cut, axis=1)[:, :-1] + (np.cumsum(ends, axis=1) - ends)[:, :-1]
    risk = draws.weights @ (np.bincount(leaf, minlength=leaves)[:, None] - left)
    ended_then = draws.weights @ ends[:, :-1]
    stays = 1 - np.divide(ended_then, risk, out=np.zeros_like(risk), where=risk > 0)
    times = _quantile(moments, np.cumprod(stays, axis=1), part)
    tail = expanded_tail(draws.units, confidence)
    low, high = np.quantile(times, [tail, 1 - tail], method="inverted_cdf")
    return _finite(low), _finite(high)


def _quantile(time_s: FloatArray, share: FloatArray, part: float) -> FloatArray:
    """Quantile of each curve in ``share [c, k]``; infinite where it is not reached.

    Where a curve stays level at just ``1 - part``, the middle of that step, so that without censoring the median is
    the ordinary one; the start of that step where it is the last.
    """
    ends = np.append(time_s, np.inf)
    reached = np.concatenate([share <= 1 - part + _EQUAL, np.ones((len(share), 1), dtype=bool)], axis=1)
    passed = np.concatenate([share < 1 - part - _EQUAL, np.ones((len(share), 1), dtype=bool)], axis=1)
    first, beyond = ends[reached.argmax(axis=1)], ends[passed.argmax(axis=1)]
    result: FloatArray = np.where(np.isfinite(beyond), (first + beyond) / 2, first)
    return result


def _finite(value: float) -> float:
    return float(value) if np.isfinite(value) else float("nan")
