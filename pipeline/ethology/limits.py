"""Limits of shares from few animals in few sessions: t intervals of logits, by a jackknife of what is independent.

A share is a ratio of sums, or a mean over animals of their ratios. Its variance is that of leaving out, one by one, the
clusters of cells that depend on each other: sessions, and animals that were seen in several (delete-one jackknife:
Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 11; clusters of two kinds: Cameron, Gelbach and
Miller 2011, J Bus Econ Stat 29: 238-249, without the term that they take off for what both count, as Davezies,
D'Haultfoeuille and Guyonvarch 2021, Ann Stat 49: 845-862). Shares are skewed where they are small, so all of it is done
on the logit scale, with a t quantile for few clusters.

How often such limits hold the true share, beside those of bootstraps, is in docs/statistics.md
(``scripts/coverage.py``).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import numpy as np
from scipy.special import expit, logit, stdtrit

from pipeline.boxes import FloatArray
from pipeline.ethology.sums import distinct_pairs, over, summed
from pipeline.types import BoolArray, IntArray
from pipeline.words import plural

MOST = float(np.log(3.0))  # how far leaving one cluster out can move a logit
_NOTHING = 1e-9  # seconds, or counts: what differences of sums leave by rounding


@dataclass(frozen=True)
class Cells:
    """``C`` cells, each of one animal in one session (or of all unnamed animals of a session together).

    ``session`` and ``animal`` are numbers ``[C]``, a pair of them once; ``parts`` ``[C, K]`` lie in ``whole`` ``[C]``,
    which is above 0.
    """

    session: IntArray
    animal: IntArray
    parts: FloatArray
    whole: FloatArray

    def __post_init__(self) -> None:
        if not (self.whole > 0).all():
            raise ValueError("every cell must have something in its whole")
        if len(distinct_pairs(self.session, self.animal)[0]) < len(self.whole):
            raise ValueError("an animal must have one cell a session")


class Scale(Enum):
    """What a figure is: a share lies between 0 and 1, a rate (or a mean duration) is only positive."""

    share = "logits"
    rate = "logarithms"

    def inside(self, values: FloatArray) -> BoolArray:
        """Where limits can be given."""
        return np.asarray((values > 0) & ((values < 1) | (self is Scale.rate)))

    def stretched(self, values: FloatArray) -> FloatArray:
        """On the scale on which limits are even; infinite at its ends."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(values) if self is Scale.rate else logit(np.clip(values, 0, 1)))

    def back(self, values: FloatArray) -> FloatArray:
        """The figure again."""
        return np.asarray(np.exp(values) if self is Scale.rate else expit(values))


class Share(Protocol):
    """A share ``[K]`` of cells, and the same ``[G, K]`` without each of ``G`` clusters of them.

    ``place`` ``[C]`` is the cluster of each cell, from 0. NaN where nothing is left.
    """

    def __call__(self, cells: Cells) -> FloatArray:
        """The share of all cells."""

    def without(self, cells: Cells, place: IntArray, clusters: int) -> FloatArray:
        """The share without each cluster."""


class Pooled:
    """All parts over the whole: who was seen longer counts more."""

    def __call__(self, cells: Cells) -> FloatArray:
        """The share of all cells."""
        return np.asarray(cells.parts.sum(axis=0) / cells.whole.sum())

    def without(self, cells: Cells, place: IntArray, clusters: int) -> FloatArray:
        """The share without each cluster."""
        parts = cells.parts.sum(axis=0) - summed(cells.parts, place, clusters)
        return _ratio(parts, cells.whole.sum() - summed(cells.whole, place, clusters))


class MeanOfAnimals:
    """The mean over animals of each one's own share: every animal counts as much."""

    def __call__(self, cells: Cells) -> FloatArray:
        """The share of all cells."""
        return np.asarray(self._of_each(cells)[0].mean(axis=0))

    def without(self, cells: Cells, place: IntArray, clusters: int) -> FloatArray:
        """The share without each cluster: its animals' own shares change, or they are gone."""
        share, parts, whole, who = self._of_each(cells)
        pair, of_pair = distinct_pairs(place, who)
        cluster, animal = pair[:, 0], pair[:, 1]
        left = whole[animal] - summed(cells.whole, of_pair, len(pair))
        stays = left > _NOTHING * whole[animal]
        changed = _ratio(parts[animal] - summed(cells.parts, of_pair, len(pair)), np.where(stays, left, 0.0))
        moved = np.where(stays[:, None], changed, 0.0) - share[animal]
        number = len(share) - np.bincount(cluster[~stays], minlength=clusters)
        return _ratio(share.sum(axis=0) + summed(moved, cluster, clusters), number.astype(np.float64))

    @staticmethod
    def _of_each(cells: Cells) -> tuple[FloatArray, FloatArray, FloatArray, IntArray]:
        """Share, parts and whole of each animal, and the animal of each cell."""
        number, who = np.unique(cells.animal, return_inverse=True)
        parts, whole = summed(cells.parts, who, len(number)), summed(cells.whole, who, len(number))
        return parts / whole[:, None], parts, whole, who.astype(np.int64)


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

    @property
    def units(self) -> int:
        """How many independent units there are at the highest level; of two crossed kinds, of the scarcer."""
        return highest(self.counted)[0]

    def drawn(self, resamples: int, seed: int) -> FloatArray:
        """How often each cell counts in each bootstrap sample ``[resamples, C]``: its session's times its animal's."""
        rng = np.random.default_rng(seed)
        weights = np.ones((resamples, len(self.session)))
        for place, kept in ((self.session, self.by_session), (self.animal, self.by_animal)):
            if kept.any():
                drawn = rng.multinomial(len(kept), np.full(len(kept), 1 / len(kept)), size=resamples)
                weights *= np.where(kept, drawn, 1).take(place, axis=1)
        return weights

    def variance(self, share: Share, cells: Cells, scale: Scale = Scale.share) -> FloatArray:
        """Of the logit of a share ``[K]`` of these cells (at least two units), or the logarithm of a rate.

        0 where a share is 0 or 1. What leaving one cluster out does to the odds counts up to a factor of three, because
        what a single cluster shows would else have no finite variance.
        """
        middle = share(cells)
        found = np.zeros(len(middle))
        for place, kept in ((self.session, self.by_session), (self.animal, self.by_animal)):
            if kept.any():
                found += jackknife(middle, share.without(cells, place, len(kept)), kept, scale)
        return found


def jackknife(share: FloatArray, without: FloatArray, kept: BoolArray, scale: Scale = Scale.share) -> FloatArray:
    """Variance, on its scale, of a share ``[K]`` by what it is ``without [G, K]`` each of ``G`` clusters; 0 at 0 and 1.

    Only the clusters ``kept [G]`` count. NaN: nothing is left without a cluster.
    """
    inside = scale.inside(share)
    odds = scale.stretched(np.where(inside, share, 0.5))
    moved = np.clip(scale.stretched(without) - odds, -MOST, MOST)
    apart = np.where(np.isfinite(moved), moved - np.nanmean(moved, axis=0), 0.0)
    found = (len(kept) - 1) / len(kept) * (apart[kept] ** 2).sum(axis=0)
    return np.where(inside, found, 0.0)


def highest(counted: Sequence[tuple[int, str]]) -> tuple[int, str]:
    """The smaller of such numbers, and the words of all: ``8 sessions and 5 animals``."""
    return min(number for number, _ in counted), " and ".join(words for _, words in counted)


def too_few(counted: Iterable[tuple[int, str]], needed: int) -> str:
    """``only 4 sessions (6 are needed)``: of numbers, each with its words, those under ``needed``; empty: none is."""
    few = [words for number, words in counted if number < needed]
    return f"only {' and '.join(few)} ({needed} {'is' if needed == 1 else 'are'} needed)" if few else ""


def t_limits(
    share: FloatArray,
    variance: FloatArray,
    units: int | FloatArray,
    confidence: float,
    scale: Scale = Scale.share,
) -> tuple[FloatArray, FloatArray]:
    """Limits ``[K]`` and ``[K]`` of shares (rates) whose logits (logarithms) have these variances.

    ``units``, 2 or more, are what the variances come from; they may differ ``[K]``, and need not be whole.

    Missing where a share is 0 or 1: what was never seen in so many units may be rare or absent, and no spread says how
    rare.
    """
    inside = scale.inside(share)
    middle = scale.stretched(np.where(inside, share, 0.5))
    reach = -stdtrit(units - 1, (1 - confidence) / 2) * np.sqrt(variance)
    low, high = (np.where(inside, scale.back(middle + sign * reach), np.nan) for sign in (-1, 1))
    return low, high


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """``part [n, K] / whole [n]``, NaN where the whole is (but for rounding) 0."""
    return over(part, np.where(whole > _NOTHING, whole, 0.0))
