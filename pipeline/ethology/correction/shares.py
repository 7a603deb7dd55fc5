"""Shares of what was told, made into others, with limits that know the spread of sessions and of held-out recordings.

Both are by the jackknife on the logit scale, as everywhere here (``ethology.limits``): sessions and animals are left
out of what was told, recordings out of the confusion matrix, and the two variances add up, because the clips were not
filmed in these sessions.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.ethology.limited import Limited, footing
from pipeline.ethology.limits import jackknife, t_limits
from pipeline.ethology.shares import Cells, Share
from pipeline.ethology.statistics import StatisticsSettings
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

    def weights(self, cells: Cells) -> FloatArray:
        """How much each cell counts: as in the other share."""
        return self.base.weights(cells)


def changed_limits(
    share: Changed, others: Sequence[Change], cells: Cells, settings: StatisticsSettings, within: bool
) -> Limited:
    """A changed share with its limits; ``others`` are the change without each held-out recording.

    ``within`` one session they rest on its named animals. There are none under ``min_units`` units, or recordings.
    """
    middle, told = share(cells), share.base(cells)
    recordings = (len(others), plural(len(others), "held-out recording"))
    clusters, method = footing(share, cells, settings, within, [recordings])
    if clusters is None:
        return Limited.points(middle, method)
    of_recordings = jackknife(middle, np.stack([change(told) for change in others]))
    low, high = t_limits(middle, clusters.spread(share, cells) + of_recordings, settings.confidence)
    return Limited(middle, low, high, method)
