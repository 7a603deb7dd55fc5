"""How surely ``compare`` sees a difference: its test made of simulated studies, and the t test's formula beside it."""

from functools import lru_cache

import numpy as np
from scipy.special import nctdtr, stdtrit

from pipeline.boxes import FloatArray
from pipeline.ethology.contrasts.means import p_values, swaps
from pipeline.ethology.observers.spread import Spread
from pipeline.types import BoolArray

_AT_ONCE = 500  # studies whose shuffles are held in memory together


def t_power(difference: float, variance: float, units: int, alpha: float) -> float:
    """Power of the two-sided t test of ``units`` in each of two conditions of that variance (noncentral t)."""
    if variance <= 0:
        return 1.0
    freedom = 2 * units - 2
    beyond = stdtrit(freedom, 1 - alpha / 2)
    shift = difference / np.sqrt(2 * variance / units)
    below, other = (nctdtr(freedom, shift, at) if shift < far else 0.0 for at, far in ((beyond, 35), (-beyond, 7)))
    return float(1 - below + np.nan_to_num(other))  # farther out nctdtr fails, and both parts are under 1e-9


def studies(spread: Spread, share: float, minutes: float, size: tuple[int, int], seed: int) -> tuple[FloatArray, ...]:
    """Observed shares ``[n, S]`` of n units in either condition of S studies: ``spread.share``, and ``share``."""
    rng, points = np.random.default_rng(seed), spread.points(minutes)
    return tuple(_drawn(rng, mean, spread.between, points, size) for mean in (spread.share, share))


def shuffled_p(first: FloatArray, second: FloatArray, permutations: int, seed: int) -> FloatArray:
    """P ``[S]`` of the difference of means in each study, as ``contrasts`` finds it with these settings.

    ``first`` and ``second`` ``[n, S]`` are the values of replicates that are in one condition each.
    """
    to_second, whole = _labels(len(first), permutations, seed)
    values = np.concatenate([first, second])
    parts = np.array_split(np.arange(values.shape[1]), -(-values.shape[1] // _AT_ONCE))
    return np.concatenate([_p(values[:, part], second[:, part], to_second, whole) for part in parts])


def _p(values: FloatArray, second: FloatArray, to_second: BoolArray, whole: bool) -> FloatArray:
    """Of the gap between the conditions' sums, which is so many times that of their means."""
    signs = np.where(to_second, 1.0, -1.0)
    return p_values(2 * second.sum(axis=0) - values.sum(axis=0), signs @ values, whole)


@lru_cache(maxsize=64)
def _labels(units: int, permutations: int, seed: int) -> tuple[BoolArray, bool]:
    """Which units a shuffle has in the second condition ``[P, 2 n]``, and whether these are all shuffles."""
    there: BoolArray = np.repeat(np.eye(2, dtype=bool), units, axis=0)
    swapped, whole = swaps(there, permutations, seed)
    return np.asarray(swapped != there[:, 1]), whole


def _drawn(rng: np.random.Generator, mean: float, between: float, points: float, size: tuple[int, int]) -> FloatArray:
    """Observed shares of units; a variance that no beta distribution of that mean has is cut to nearly its most.

    A count k of n = 2 points - 1 by chance, and a beta distribution of k and n - k: any share, with the variance of so
    many points, and exactly 0 or 1 where all n are alike.
    """
    between = min(between, 0.99 * mean * (1 - mean))
    true = np.full(size, mean)
    if between > 0:
        total = mean * (1 - mean) / between - 1
        true = rng.beta(mean * total, (1 - mean) * total, size)
    if not np.isfinite(points):
        return true
    number = max(round(2 * points - 1), 1)
    count = rng.binomial(number, true)
    found, inside = count / number, (count > 0) & (count < number)
    found[inside] = rng.beta(count[inside], number - count[inside])
    return found
