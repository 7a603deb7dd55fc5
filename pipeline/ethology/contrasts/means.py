"""Means of two conditions over units that are not all independent: their difference, its limits, and its shuffles.

Letters: U units, G replicates, K figures, P shuffles.
"""

from itertools import combinations, product
from math import comb

import numpy as np
from scipy.special import stdtrit

from pipeline.boxes import FloatArray
from pipeline.ethology.limits import MOST
from pipeline.ethology.sums import over
from pipeline.types import BoolArray, IntArray


class Halves:
    """``values [U, 2, K]`` of units in both conditions (NaN: not there), added up by replicate ``[U]``."""

    def __init__(self, values: FloatArray, replicate: IntArray) -> None:
        number = int(replicate.max()) + 1
        there: BoolArray = np.asarray(np.isfinite(values).all(axis=2))
        self.sums = np.zeros((number, 2, values.shape[2]))
        self.counts = np.zeros((number, 2))
        np.add.at(self.sums, replicate, np.where(there[..., None], values, 0.0))
        np.add.at(self.counts, replicate, there)

    @property
    def replicates(self) -> IntArray:
        """How many replicates each condition has ``[2]``."""
        return np.asarray((self.counts > 0).sum(axis=0), dtype=np.int64)

    @property
    def means(self) -> FloatArray:
        """Mean over the units of each condition ``[2, K]``; NaN where it has none."""
        return over(self.sums.sum(axis=0), self.counts.sum(axis=0))

    def limits(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Limits ``[K]`` and ``[K]`` of the difference of the means, second less first; two replicates each or more.

        What the replicates add to the difference is squared and summed, each condition by ``G / (G - 1)`` more. With
        one unit a replicate, each in one condition, this is Welch's interval (1947, Biometrika 34: 28-35); with all in
        both, that of the paired t test. With some in both the degrees of freedom are those of the fewer less one.
        """
        apart = (self.sums - self.counts[..., None] * self.means) / self.counts.sum(axis=0)[:, None]
        number = self.replicates
        reach = self.reach(apart * np.sqrt(number / (number - 1))[:, None], confidence)
        difference = self.means[1] - self.means[0]
        return difference - reach, difference + reach

    def reach(self, apart: FloatArray, confidence: float) -> FloatArray:
        """How far limits ``[K]`` lie off a difference of which ``apart [G, 2, K]`` are the replicates' parts."""
        number = self.replicates
        variance = ((apart[:, 1] - apart[:, 0]) ** 2).sum(axis=0)
        free = np.full(len(variance), float(number.min() - 1))
        if not (self.counts > 0).all(axis=1).any():
            each = (apart**2).sum(axis=0)
            spent = (each**2 / (number - 1)[:, None]).sum(axis=0)
            free = np.divide(variance**2, spent, out=free, where=spent > 0)
        return np.asarray(-stdtrit(free, (1 - confidence) / 2) * np.sqrt(variance))

    @property
    def means_without(self) -> FloatArray:
        """Means of each condition without each replicate ``[G, 2, K]``; NaN where nothing is left."""
        return over(self.sums.sum(axis=0) - self.sums, self.counts.sum(axis=0) - self.counts)

    def shuffled(self, swapped: BoolArray) -> FloatArray:
        """Differences ``[P, K]`` with the halves of replicates ``swapped [P, G]``."""
        first, second = self.shuffled_means(swapped)
        return second - first

    def shuffled_means(self, swapped: BoolArray) -> tuple[FloatArray, FloatArray]:
        """Means of the first and the second condition ``[P, K]``, as of ``shuffled``."""
        other = swapped.astype(np.float64)
        flat = self.sums.reshape(len(self.sums), -1)
        kinds = self.sums.shape[2]
        first, second = flat[:, :kinds], flat[:, kinds:]
        of_first = first.sum(axis=0) + other @ (second - first)
        of_second = second.sum(axis=0) - other @ (second - first)
        moved = other @ (self.counts[:, 1] - self.counts[:, 0])
        number = self.counts.sum(axis=0)
        return over(of_first, number[0] + moved), over(of_second, number[1] - moved)


class Ratios:
    """Means of ``part [U, 2, K]`` over means of ``whole [U, 2, K]``, and their log-ratios, second condition to first.

    Units are averaged before the ratio is taken: one that has nothing in its whole stays, and none needs a number in
    the place of 0.
    """

    def __init__(self, part: FloatArray, whole: FloatArray, replicate: IntArray) -> None:
        self._halves = Halves(np.concatenate([part, whole], axis=2), replicate)

    @property
    def means(self) -> FloatArray:
        """The ratio of means in each condition ``[2, K]``; NaN where its whole is 0."""
        return over(*np.split(self._halves.means, 2, axis=1))

    @property
    def logs(self) -> FloatArray:
        """Log-ratios ``[K]``: infinite where one condition has no part, NaN where both have none, or one no whole."""
        return _log_ratio(*self.means)

    def limits(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Limits ``[K]`` and ``[K]`` of the log-ratios, as of ``Halves``; NaN where one is not finite.

        A replicate's part in the logarithm of its condition is what leaving it out does to it, up to a factor of three
        (delete-one jackknife, on average never too narrow: Efron and Stein 1981, Ann Stat 9: 586-596).
        """
        logs, number = self.logs, self._halves.replicates[:, None]
        told = np.isfinite(logs)
        with np.errstate(divide="ignore", invalid="ignore"):
            each = np.log(over(*np.split(self._halves.means_without, 2, axis=2)))[..., told]
            moved = np.clip(each - np.log(self.means[:, told]), -MOST, MOST)
        there = (self._halves.counts > 0)[..., None]
        apart = np.where(there, moved - np.where(there, moved, 0.0).sum(axis=0) / number, 0.0)
        reach = np.full(len(logs), np.nan)
        reach[told] = self._halves.reach(apart * np.sqrt((number - 1) / number), confidence)
        return logs - reach, logs + reach

    def shuffled(self, swapped: BoolArray) -> FloatArray:
        """Log-ratios ``[P, K]`` with the halves of replicates ``swapped [P, G]``."""
        return _log_ratio(*(over(*np.split(half, 2, axis=1)) for half in self._halves.shuffled_means(swapped)))


def _log_ratio(first: FloatArray, second: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(second) - np.log(first))


def arrangements(there: BoolArray) -> int:
    """In how many ways the conditions of replicates ``there [G, 2]`` can be shuffled."""
    both = int(there.all(axis=1).sum())
    return comb(len(there) - both, int(there[:, 1].sum()) - both) * int(2**both)


def swaps(there: BoolArray, permutations: int, seed: int) -> tuple[BoolArray, bool]:
    """Which replicates change their halves ``[P, G]``, and whether these are all ways that there are.

    Those in both conditions change places or not; the others change conditions among themselves.
    """
    both = np.flatnonzero(there.all(axis=1))
    single = np.flatnonzero(~there.all(axis=1))
    labels = there[single, 1]
    if arrangements(there) <= permutations:
        ways = [
            (np.isin(np.arange(len(single)), chosen), flips)
            for chosen in combinations(range(len(single)), int(labels.sum()))
            for flips in product((False, True), repeat=len(both))
        ]
        swapped = np.zeros((len(ways), len(there)), dtype=bool)
        swapped[:, single] = [chosen != labels for chosen, _ in ways]
        swapped[:, both] = [flips for _, flips in ways]
        return swapped, True
    rng = np.random.default_rng(seed)
    swapped = rng.integers(0, 2, (permutations, len(there))).astype(bool)
    swapped[:, single] = rng.permuted(np.tile(labels, (permutations, 1)), axis=1) != labels
    return swapped, False


def p_values(seen: FloatArray, shuffled: FloatArray, whole: bool) -> FloatArray:
    """Share of shuffles ``[P, K]`` at least as far from 0 as what is seen ``[K]``; where they are not the ``whole``,
    the seen one is added to them (Phipson and Smyth 2010, Stat Appl Genet Mol Biol 9: 39).
    """
    far = (~(np.abs(shuffled) < np.abs(seen) - 1e-12)).sum(axis=0)  # one that leaves a condition empty counts as far
    return np.asarray(far / len(shuffled) if whole else (far + 1) / (len(shuffled) + 1))
