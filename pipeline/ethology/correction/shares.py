"""Shares of what was told, made into others, with limits that know the spread of sessions and of held-out recordings.

Both are by the jackknife on the logit scale, as everywhere here (``ethology.limits``): sessions and animals are left
out of what was told, recordings out of the confusion matrix, and the two variances add up, because the clips were not
filmed in these sessions. Degrees of freedom: Satterthwaite 1946, Biometrics Bull 2: 110-114.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.ethology.correction.observed import Replicates
from pipeline.ethology.limits import Cells, Share, jackknife, logit_limits
from pipeline.types import IntArray

Change = Callable[[FloatArray], FloatArray]  # of shares of all time [S * T] into those of behaviours [K]


@dataclass(frozen=True)
class Changed:
    """Another share of cells, made into shares of behaviours."""

    base: Share
    change: Change

    def __call__(self, cells: Cells) -> FloatArray:
        """The share of all cells ``[K]``."""
        return self.change(self.base(cells))

    def without(self, cells: Cells, place: IntArray, clusters: int) -> FloatArray:
        """The share without each cluster."""
        return each(self.change, self.base.without(cells, place, clusters))


def each(change: Change, told: FloatArray) -> FloatArray:
    """``change`` of every row of ``told``; a row of nothing stays so."""
    there = np.isfinite(told).all(axis=1)
    made = [change(row) for row in told[there]]
    result = np.full((len(told), len(made[0]) if made else 1), np.nan)
    result[there] = made
    return result


@dataclass(frozen=True)
class Estimate:
    """Shares ``[K]`` and their limits (NaN: none)."""

    share: FloatArray
    low: FloatArray
    high: FloatArray

    @classmethod
    def none(cls, behaviours: int) -> "Estimate":
        """Nothing is known."""
        return cls(*np.full((3, behaviours), np.nan))

    @classmethod
    def point(cls, share: FloatArray) -> "Estimate":
        """No limits."""
        return cls(share, *np.full((2, len(share)), np.nan))


def estimate(
    share: Share, cells: Cells, replicates: Replicates, without: FloatArray | None, confidence: float
) -> Estimate:
    """A share with its limits; ``without [G, K]`` is the same without each held-out recording, None: nothing is."""
    middle = share(cells)
    spread = replicates.clusters.variance(share, cells)
    if without is None:
        return Estimate(middle, *logit_limits(middle, spread, replicates.units, confidence))
    other = jackknife(middle, without, np.ones(len(without), dtype=bool))
    free = freedom(np.stack([spread, other]), np.array([replicates.units - 1, len(without) - 1]))
    return Estimate(middle, *logit_limits(middle, spread + other, free + 1, confidence))


def freedom(variances: FloatArray, of: FloatArray | IntArray) -> FloatArray:
    """Degrees of freedom ``[K]`` of a sum of ``variances [n, K]`` with ``of [n]`` each."""
    whole = variances.sum(axis=0)
    spent = (variances**2 / np.asarray(of)[:, None]).sum(axis=0)
    return np.asarray(np.divide(whole**2, spent, out=np.full(len(whole), float(np.min(of))), where=spent > 0))
