"""Shares of cells, each of one animal in one session: all parts over the whole, or the mean over animals."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.ethology.sums import distinct_pairs, over, summed
from pipeline.types import IntArray

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


class Share(Protocol):
    """A share ``[K]`` of cells, and the same ``[G, K]`` without each of ``G`` clusters of them.

    ``place`` ``[C]`` is the cluster of each cell, from 0. NaN where nothing is left.
    """

    def __call__(self, cells: Cells) -> FloatArray:
        """The share of all cells."""

    def without(self, cells: Cells, place: IntArray, clusters: int) -> FloatArray:
        """The share without each cluster."""

    def weights(self, cells: Cells) -> FloatArray:
        """How much each cell counts ``[C]``, 1 together."""


class Pooled:
    """All parts over the whole: who was seen longer counts more."""

    def __call__(self, cells: Cells) -> FloatArray:
        """The share of all cells."""
        return np.asarray(cells.parts.sum(axis=0) / cells.whole.sum())

    def without(self, cells: Cells, place: IntArray, clusters: int) -> FloatArray:
        """The share without each cluster."""
        parts = cells.parts.sum(axis=0) - summed(cells.parts, place, clusters)
        return _ratio(parts, cells.whole.sum() - summed(cells.whole, place, clusters))

    def weights(self, cells: Cells) -> FloatArray:
        """How much each cell counts: by its whole."""
        return np.asarray(cells.whole / cells.whole.sum())


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

    def weights(self, cells: Cells) -> FloatArray:
        """How much each cell counts: by its part of its animal's whole."""
        _, _, whole, who = self._of_each(cells)
        return np.asarray(cells.whole / whole[who] / len(whole))

    @staticmethod
    def _of_each(cells: Cells) -> tuple[FloatArray, FloatArray, FloatArray, IntArray]:
        """Share, parts and whole of each animal, and the animal of each cell."""
        number, who = np.unique(cells.animal, return_inverse=True)
        parts, whole = summed(cells.parts, who, len(number)), summed(cells.whole, who, len(number))
        return parts / whole[:, None], parts, whole, who.astype(np.int64)


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """``part [n, K] / whole [n]``, NaN where the whole is (but for rounding) 0."""
    return over(part, np.where(whole > _NOTHING, whole, 0.0))
