"""Shares of what was told, made into others, with limits that know the spread of sessions and of held-out recordings.

Both are by the jackknife on the logit scale, as everywhere here (``ethology.limits``): sessions and animals are left
out of what was told, recordings out of the confusion matrix, and the two variances add up, because the clips were not
filmed in these sessions. Degrees of freedom: Satterthwaite 1946, Biometrics Bull 2: 110-114.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.ethology.limits import Cells, Share, highest, jackknife, t_limits, too_few
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.ethology.units import Limited, clusters_of
from pipeline.types import IntArray
from pipeline.words import plural

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
        """The share without each cluster; NaN where nothing is left."""
        told = self.base.without(cells, place, clusters)
        there = np.isfinite(told).all(axis=1)
        result = np.full((len(told), len(self(cells))), np.nan)
        for row in np.flatnonzero(there):
            result[row] = self.change(told[row])
        return result


def changed_limits(
    share: Changed, others: Sequence[Change], cells: Cells, settings: StatisticsSettings, within: bool
) -> Limited:
    """A changed share with its limits; ``others`` are the change without each held-out recording.

    ``within`` one session they rest on its named animals. There are none under ``min_units`` units, or recordings.
    """
    middle, recordings = share(cells), plural(len(others), "held-out recording")
    clusters, counted = clusters_of(cells.session, cells.animal, within)
    if few := too_few([*counted, (len(others), recordings)], settings.min_units):
        return Limited.points(middle, f"no interval: {few}")
    units, what = highest(counted)
    told = share.base(cells)
    without = np.stack([change(told) for change in others])
    of_recordings = jackknife(middle, without, np.ones(len(others), dtype=bool))
    variances = np.stack([clusters.variance(share, cells), of_recordings])
    free = freedom(variances, np.array([units - 1, len(others) - 1]))
    low, high = t_limits(middle, variances.sum(axis=0), free + 1, settings.confidence)
    return Limited(middle, low, high, f"{100 * settings.confidence:g} % t interval over {what} and {recordings}")


def freedom(variances: FloatArray, of: IntArray) -> FloatArray:
    """Degrees of freedom ``[K]`` of a sum of ``variances [n, K]`` with ``of [n]`` each."""
    whole = variances.sum(axis=0)
    spent = (variances**2 / of[:, None]).sum(axis=0)
    return np.asarray(np.divide(whole**2, spent, out=np.full(len(whole), float(of.min())), where=spent > 0))
