"""Limits of shares from few animals in few sessions: t intervals on the logit scale, robust to what is not independent.

A share is a ratio of sums, or a mean over animals of their ratios. Either is nearly a sum of one term a cell (an animal
in a session), and its variance that of sums over the clusters of cells that depend on each other: sessions, and animals
that were seen in several (Cameron, Gelbach and Miller 2011, J Bus Econ Stat 29: 238-249; without the term that they
take off for what both count, as Davezies, D'Haultfoeuille and Guyonvarch 2021, Ann Stat 49: 845-862). Shares are skewed
where they are small, so the interval is made of logits (delta method), with a t quantile for few clusters.

How often such limits hold the true share, beside those of bootstraps, is in docs/statistics.md
(``scripts/coverage.py``).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit, stdtrit

from pipeline.boxes import FloatArray
from pipeline.types import BoolArray, IntArray


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
        if len(np.unique(np.column_stack([self.session, self.animal]), axis=0)) < len(self.whole):
            raise ValueError("an animal must have one cell a session")


@dataclass(frozen=True)
class Estimate:
    """A share ``[K]``, and what each cell adds to it ``[C, K]`` (its linearisation: the columns sum to 0)."""

    share: FloatArray
    terms: FloatArray


def ratio(cells: Cells) -> Estimate:
    """The pooled share: all parts over the whole. Who was seen longer counts more."""
    share = cells.parts.sum(axis=0) / cells.whole.sum()
    return Estimate(share, (cells.parts - share * cells.whole[:, None]) / cells.whole.sum())


def mean_of_animals(cells: Cells) -> Estimate:
    """The mean over animals of each one's own share: every animal counts as much."""
    number, place = np.unique(cells.animal, return_inverse=True)
    whole, parts = _sums(cells.whole, place, len(number)), _sums(cells.parts, place, len(number))
    share = (parts / whole[:, None]).mean(axis=0)
    terms = (cells.parts - share * cells.whole[:, None]) / whole[place][:, None] / len(number)
    return Estimate(share, terms)


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
    def units(self) -> int:
        """How many independent units there are at the highest level; of two crossed kinds, of the scarcer."""
        sizes = {len(kept) for kept in (self.by_session, self.by_animal) if kept.any()}
        return min(sizes, default=0)

    @property
    def words(self) -> str:
        """As ``8 sessions and 5 animals``."""
        kinds = {"session": self.by_session, "animal": self.by_animal}
        return " and ".join(counted(len(kept), kind) for kind, kept in kinds.items() if kept.any())

    def variance(self, terms: FloatArray) -> FloatArray:
        """Of a sum of ``terms [C, K]``: ``[K]``, at least two units."""
        found = np.zeros(terms.shape[1])
        for place, kept in ((self.session, self.by_session), (self.animal, self.by_animal)):
            if kept.any():
                found += len(kept) / (len(kept) - 1) * (_sums(terms, place, len(kept))[kept] ** 2).sum(axis=0)
        return found


def logit_limits(
    share: FloatArray, variance: FloatArray, units: int, confidence: float
) -> tuple[FloatArray, FloatArray]:
    """Limits ``[K]`` and ``[K]`` of shares with these variances from so many units (2 or more), always within 0 and 1.

    Missing where a share is 0 or 1: what was never seen in so many units may be rare or absent, and no spread says how
    rare.
    """
    inside = (share > 0) & (share < 1)
    middle = np.where(inside, share, 0.5)
    reach = -stdtrit(units - 1, (1 - confidence) / 2) * np.sqrt(variance) / (middle * (1 - middle))
    low, high = (np.where(inside, expit(logit(middle) + sign * reach), np.nan) for sign in (-1, 1))
    return low, high


def counted(number: int, what: str) -> str:
    """As ``1 session``, ``8 sessions``."""
    return f"{number} {what}" + "s" * (number != 1)


def _sums(values: FloatArray, place: IntArray, number: int) -> FloatArray:
    """``values`` added up by place, ``[number, ...]``."""
    found = np.zeros((number, *values.shape[1:]))
    np.add.at(found, place, values)
    return found
