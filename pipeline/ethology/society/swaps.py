"""Members of the groups of each sampling period swapped at random: what association by chance looks like.

Bejder, Fletcher and Brager (1998, Anim Behav 56: 719-725) swap members between groups, here within sampling periods
(Whitehead 1999, Anim Behav 57: F26-F29), so that each animal keeps its periods and each group its size. In a period an
animal is in one group; swapping without end then makes every seating of the animals on the groups' places equally
likely, and seatings are drawn anew instead of walking there swap by swap.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.types import BoolArray, IntArray

_DENSE = 50  # products of a matrix that are as fast as counting one pair of places


@dataclass(frozen=True)
class Seats:
    """Places in the groups of all periods, and who sat there.

    ``period [s]`` rises; a number is left out where a period does not follow on the one before.
    """

    period: IntArray  # [s]
    group: IntArray  # [s] number of the group, over all periods, from 0
    animal: IntArray  # [s] from 0
    animals: int  # N

    @property
    def periods(self) -> int:
        """How many numbers of periods there are, used or not."""
        return int(self.period.max(initial=-1)) + 1

    @property
    def _of_group(self) -> IntArray:
        """The period of each group ``[groups]``."""
        return self.period[np.unique(self.group, return_index=True)[1]]

    def seen(self) -> FloatArray:
        """1 where an animal was seen in a period ``[periods, N]``."""
        seen = np.zeros((self.periods, self.animals))
        seen[self.period, self.animal] = 1.0
        return seen

    def pairs(self) -> tuple[IntArray, IntArray]:
        """Every pair of places in one group, once."""
        order, size = np.argsort(self.group, kind="stable"), np.bincount(self.group)
        rank = np.arange(len(order)) - np.repeat(np.cumsum(size) - size, size)
        partners = np.repeat(size, size) - rank - 1
        left = np.repeat(np.arange(len(order)), partners)
        step = np.arange(len(left)) - np.repeat(np.cumsum(partners) - partners, partners)
        return order[left], order[left + 1 + step]

    def counted(self, left: IntArray, right: IntArray, animal: IntArray, pair: IntArray) -> IntArray:
        """How often the two animals of each ``pair [k]`` sit on pairs of places; ``animal [s]`` sits on each.

        A pair is the number of the lower one times N plus the higher.
        """
        counts = np.bincount(animal[left] * self.animals + animal[right], minlength=self.animals**2)
        lower, higher = np.divmod(pair, self.animals)
        both_ways: IntArray = counts[pair] + counts[higher * self.animals + lower]
        return both_ways

    def together(self, animal: IntArray) -> FloatArray:
        """How often each two animals ``[N, N]`` sit in one group; the fastest where these are few and groups large."""
        there = np.zeros((int(self.group.max()) + 1, self.animals))
        there[self.group, animal] = 1.0
        result: FloatArray = there.T @ there
        return result

    def movable(self) -> BoolArray:
        """Which places ``[s]`` are in periods where swaps change anything: several groups, one of two or more."""
        groups, size = np.bincount(self._of_group, minlength=self.periods), np.bincount(self.group)
        largest = np.zeros(self.periods)
        np.maximum.at(largest, self._of_group, size)
        return np.asarray(((groups > 1) & (largest > 1))[self.period])

    def expected(self) -> FloatArray:
        """Periods together on average over all seatings ``[N, N]``: of each period, the share of pairs in one group."""
        n, size = np.bincount(self.period, minlength=self.periods), np.bincount(self.group)
        inside = np.bincount(self._of_group, weights=size * (size - 1.0), minlength=self.periods)
        share, seen = inside / np.maximum(n * (n - 1.0), 1.0), self.seen()
        result: FloatArray = (seen * share[:, None]).T @ seen
        return result

    def persistence(self) -> tuple[float, float]:
        """Share of pairs seen in one period that are in one group; and among those that were so the period before."""
        n = np.bincount(self.period, minlength=self.periods)
        left, right = self.pairs()
        one, other, when = self.animal[left], self.animal[right], self.period[left]
        there = np.append(self.seen(), np.zeros((1, self.animals)), axis=0) > 0
        both_next = there[when + 1, one] & there[when + 1, other]
        pair = np.minimum(one, other) * self.animals + np.maximum(one, other)
        span = self.animals**2
        still = np.isin((when + 1) * span + pair, when * span + pair)[both_next]
        possible = float((n * (n - 1) / 2).sum())
        return len(left) / possible if possible else np.nan, float(still.mean()) if len(still) else np.nan


@dataclass(frozen=True)
class Shuffled:
    """The spread (standard deviation) of the simple ratio indices, as seen and over the permutations."""

    observed: float
    drawn: FloatArray  # [permutations]; empty where nothing can be swapped
    n_periods: int  # with something to swap


def shuffled(seats: Seats, pair: IntArray, either: FloatArray, permutations: int, seed: int) -> Shuffled:
    """Draw seatings. ``pair [k]`` are the pairs as in ``Seats.counted``, ``either [k]`` their index's n.

    Who was seen when stays, and with it what the index divides by.
    """
    rng = np.random.default_rng(seed)
    moves = seats.movable()
    at, animal, count = np.flatnonzero(moves), seats.animal.copy(), _counter(seats, moves, pair)
    size = np.unique(seats.period[at], return_counts=True)[1]
    taken = np.arange(size.max(initial=0)) < size[:, None]  # [periods, places]
    seated, lots = np.zeros(taken.shape, dtype=np.int64), np.full(taken.shape, np.inf)  # empty places are drawn last
    seated[taken] = animal[at]

    def spread() -> float:
        return float(np.std(count(animal) / either))

    observed, drawn = spread(), np.zeros(permutations if len(at) else 0)
    for number in range(len(drawn)):
        lots[taken] = rng.random(len(at))
        animal[at] = np.take_along_axis(seated, np.argsort(lots, axis=1), axis=1)[taken]
        drawn[number] = spread()
    return Shuffled(observed, drawn, len(taken))


def _counter(seats: Seats, moves: BoolArray, pair: IntArray) -> Callable[[IntArray], IntArray | FloatArray]:
    """What counts, whoever sits where, how often the animals of each pair are in one group; who moves is told."""
    left, right = seats.pairs()
    if seats.animals**2 * (int(seats.group.max()) + 1) < _DENSE * len(left):
        return lambda animal: seats.together(animal)[np.divmod(pair, seats.animals)]
    fixed = ~moves[left]
    base = seats.counted(left[fixed], right[fixed], seats.animal, pair)
    left, right = left[~fixed], right[~fixed]
    return lambda animal: base + seats.counted(left, right, animal, pair)
