"""Limits of shares from few animals in few sessions: t intervals of logits, by a jackknife of what is independent.

A share is a ratio of sums, or a mean over animals of their ratios. Its variance is that of leaving out, one by one, the
clusters of cells that depend on each other: sessions, and animals that were seen in several (delete-one jackknife:
Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 11; clusters of two kinds: Cameron, Gelbach and
Miller 2011, J Bus Econ Stat 29: 238-249, without the term that they take off for what both count, as Davezies,
D'Haultfoeuille and Guyonvarch 2021, Ann Stat 49: 845-862). Shares are skewed where they are small, so all of it is done
on the logit scale, with a t quantile for few clusters.

A variance that hangs on few of its clusters is known less well than their number says: its degrees of freedom are those
that the spread of their contributions shows (Pan and Wall 2002, Stat Med 21: 1429-1441), which few clusters show too
mildly, and therefore at most one less than as many equal clusters as they count for by their weights (Kish 1965,
"Survey Sampling"). Those of sums are Satterthwaite's (1946, Biometrics Bull 2: 110-114).

How often such limits hold the true share, beside those of bootstraps, is in docs/statistics.md
(``scripts/coverage.py``).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from scipy.special import expit, logit, stdtr, stdtrit

from pipeline.boxes import FloatArray
from pipeline.ethology.shares import Cells, Share
from pipeline.ethology.sums import summed
from pipeline.types import BoolArray, IntArray
from pipeline.words import plural

UNEQUAL = "so unequal"  # what is said of units too unequal for limits
MOST = float(np.log(3.0))  # how far leaving one cluster out can move a logit


class Scale(Enum):
    """What a figure is: a share lies between 0 and 1, a rate (or a mean duration) is only positive."""

    share = "logits"
    rate = "logarithms"

    def inside(self, values: FloatArray) -> BoolArray:
        """Where limits can be given."""
        return np.asarray((values > 0) & ((values < 1) | (self is Scale.rate)))

    def stretched(self, values: FloatArray) -> FloatArray:
        """On the scale on which limits are even; infinite at its ends, and beyond them."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(np.maximum(values, 0)) if self is Scale.rate else logit(np.clip(values, 0, 1)))

    def back(self, values: FloatArray) -> FloatArray:
        """The figure again."""
        return np.asarray(np.exp(values) if self is Scale.rate else expit(values))


@dataclass(frozen=True)
class Spread:
    """Variances ``[K]`` of figures on their scale, and the degrees of freedom ``[K]`` that each is known with."""

    variance: FloatArray
    freedom: FloatArray

    def __add__(self, other: "Spread") -> "Spread":
        """Of sums of figures that have nothing to do with each other."""
        whole = self.variance + other.variance
        spent = self.variance**2 / self.freedom + other.variance**2 / other.freedom
        least = np.minimum(self.freedom, other.freedom)
        return Spread(whole, np.divide(whole**2, spent, out=least, where=spent > 0))


@dataclass(frozen=True)
class Clusters:
    """Which cells depend on each other: those of a session, and those of an animal that was seen in several.

    A cluster that lies whole in one of the other kind adds nothing to it: of animals that are each seen in one session
    only the sessions count, and of sessions that each show one animal, seen again elsewhere, only the animals.
    """

    session: IntArray  # [C] from 0
    animal: IntArray  # [C] from 0
    by_session: BoolArray  # [sessions] does the session count?
    by_animal: BoolArray  # [animals]

    @classmethod
    def of(cls, session: IntArray, animal: IntArray) -> "Clusters":
        """The clusters of cells, by the numbers of their sessions and animals."""
        (_, visit), (_, who) = (np.unique(given, return_inverse=True) for given in (session, animal))
        again = np.bincount(who) > 1
        company = np.bincount(visit) > 1
        alone = np.zeros(len(company), dtype=bool)
        alone[visit[again[who]]] = True  # shows an animal that was seen elsewhere too ...
        return cls(visit.astype(np.int64), who.astype(np.int64), company | ~alone, again)  # ... and nobody else

    @property
    def counted(self) -> list[tuple[int, str]]:
        """How many there are of each kind that counts, and in words: ``5 animals``."""
        kinds = {"session": self.by_session, "animal": self.by_animal}
        return [(len(kept), plural(len(kept), kind)) for kind, kept in kinds.items() if kept.any()]

    def drawn(self, resamples: int, seed: int) -> FloatArray:
        """How often each cell counts in each bootstrap sample ``[resamples, C]``: its session's times its animal's."""
        rng = np.random.default_rng(seed)
        weights = np.ones((resamples, len(self.session)))
        for place, kept in self._kinds:
            drawn = rng.multinomial(len(kept), np.full(len(kept), 1 / len(kept)), size=resamples)
            weights *= np.where(kept, drawn, 1).take(place, axis=1)
        return weights

    def effective(self, share: Share, cells: Cells) -> float:
        """How many equal units those of these cells are worth in a share; of two crossed kinds, of the scarcer."""
        return min(effective(_of_each(share.weights(cells), place, kept)) for place, kept in self._kinds)

    def spread(self, share: Share, cells: Cells, scale: Scale = Scale.share) -> Spread:
        """Of a share ``[K]`` of these cells (at least two units), or a rate: the sum over the kinds that count."""
        middle, weights = share(cells), share.weights(cells)
        first, *more = (
            jackknife(middle, share.without(cells, place, len(kept)), scale, _of_each(weights, place, kept), kept)
            for place, kept in self._kinds
        )
        return first + more[0] if more else first

    @property
    def _kinds(self) -> list[tuple[IntArray, BoolArray]]:
        """The cluster of each cell, and whether each counts, of the kinds of which any does."""
        kinds = ((self.session, self.by_session), (self.animal, self.by_animal))
        return [(place, kept) for place, kept in kinds if kept.any()]


def effective(weights: FloatArray) -> float:
    """How many equal units are worth as much as units with these weights, which add up to 1 (Kish)."""
    return float(1 / (weights**2).sum())


def jackknife(
    share: FloatArray,
    without: FloatArray,
    scale: Scale = Scale.share,
    weights: FloatArray | None = None,
    kept: BoolArray | None = None,
) -> Spread:
    """Of a share ``[K]``, by what it is ``without [G, K]`` each of ``G`` clusters; NaN: nothing is left without it.

    The clusters have ``weights [G]`` that add up to 1 (none: all the same); only those ``kept [G]`` count (none: all
    do). Variances are 0 where a share is 0 or 1. What leaving one cluster out does to the odds (to a rate) counts up to
    a factor of three, because what a single cluster shows would else have no finite variance.
    """
    inside, number = scale.inside(share), len(without)
    odds = scale.stretched(np.where(inside, share, 0.5))
    moved = np.clip(scale.stretched(without) - odds, -MOST, MOST)
    apart = np.where(np.isfinite(moved), moved - np.nanmean(moved, axis=0), 0.0)
    squares = np.where(inside, apart**2, 0.0)
    if kept is not None:
        squares[~kept] = 0.0
    whole, unlike = squares.sum(axis=0), number * squares.var(axis=0, ddof=1)
    shown = np.divide(2 * whole**2, unlike, out=np.full(len(share), np.inf), where=unlike > 0)
    worth = number if weights is None else effective(weights)
    return Spread((number - 1) / number * whole, np.minimum(shown, worth - 1))


def highest(counted: Sequence[tuple[int, str]]) -> tuple[int, str]:
    """The smaller of such numbers, and the words of all: ``8 sessions and 5 animals``."""
    return min(number for number, _ in counted), " and ".join(words for _, words in counted)


def too_few(counted: Iterable[tuple[int, str]], needed: int) -> str:
    """``only 4 sessions (6 are needed)``: of numbers, each with its words, those under ``needed``; empty: none is."""
    few = [words for number, words in counted if number < needed]
    return f"only {' and '.join(few)} ({needed} {'is' if needed == 1 else 'are'} needed)" if few else ""


def too_unequal(worth: float, what: str, needed: int) -> str:
    """``9 sessions, so unequal that they count as 2.4 (3 are needed)``: of units ``worth`` under half of ``needed``.

    Their limits would reach nearly from one end to the other. Empty: they are worth as much or more.
    """
    if worth >= needed / 2:
        return ""
    shown = int(10 * worth) / 10  # rounded down: what is too little never reads as if it were enough
    return f"{what}, {UNEQUAL} that they count as {shown:g} ({needed / 2:g} are needed)"


def t_limits(
    share: FloatArray, spread: Spread, confidence: float, scale: Scale = Scale.share
) -> tuple[FloatArray, FloatArray]:
    """Limits ``[K]`` and ``[K]`` of shares (rates) with this spread.

    Missing where a share is 0 or 1: what was never seen in so many units may be rare or absent, and no spread says how
    rare.
    """
    inside = scale.inside(share)
    middle = scale.stretched(np.where(inside, share, 0.5))
    reach = -stdtrit(spread.freedom, (1 - confidence) / 2) * np.sqrt(spread.variance)
    low, high = (np.where(inside, scale.back(middle + sign * reach), np.nan) for sign in (-1, 1))
    return low, high


def t_p(share: FloatArray, spread: Spread, other: float, scale: Scale = Scale.share) -> FloatArray:
    """Two-sided p ``[K]`` of shares (rates) with this spread being truly ``other``; NaN where there is no spread."""
    inside = scale.inside(share) & (spread.variance > 0)
    apart = scale.stretched(np.where(inside, share, 0.5)) - scale.stretched(np.full(len(share), other))
    steps = apart / np.sqrt(np.where(inside, spread.variance, 1.0))
    return np.where(inside, 2 * stdtr(spread.freedom, -np.abs(steps)), np.nan)


def _of_each(weights: FloatArray, place: IntArray, kept: BoolArray) -> FloatArray:
    """The weights of clusters ``[G]``, from those of their cells."""
    return summed(weights, place, len(kept))
