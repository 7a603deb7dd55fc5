"""A figure with its limits, or why it has none."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.ethology.limits import Clusters, Scale, highest, t_limits, too_few, too_unequal
from pipeline.ethology.shares import Cells, Share
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.types import IntArray
from pipeline.words import plural


@dataclass(frozen=True)
class Limited:
    """A figure ``[K]``, its limits (NaN: none), and how they were made."""

    share: FloatArray
    low: FloatArray
    high: FloatArray
    method: str

    @classmethod
    def points(cls, share: FloatArray, method: str) -> "Limited":
        """A figure without limits, for the reason given."""
        return cls(share, np.full(len(share), np.nan), np.full(len(share), np.nan), method)


def limited(
    share: Share, cells: Cells, settings: StatisticsSettings, within: bool = False, scale: Scale = Scale.share
) -> Limited:
    """A figure of cells with its limits; ``within`` one session they rest on its named animals."""
    clusters, method = footing(share, cells, settings, within)
    if clusters is None:
        return Limited.points(share(cells), method)
    low, high = t_limits(share(cells), clusters.spread(share, cells, scale), settings.confidence, scale)
    return Limited(share(cells), low, high, method)


def footing(
    share: Share,
    cells: Cells,
    settings: StatisticsSettings,
    within: bool = False,
    beside: Sequence[tuple[int, str]] = (),
) -> tuple[Clusters | None, str]:
    """What limits of a share rest on, and how they are made; or None, and why there are none.

    ``beside`` is what else they rest on, as in ``Clusters.counted``.
    """
    clusters, counted = clusters_of(cells.session, cells.animal, within)
    what, worth = highest(counted)[1], clusters.effective(share, cells)
    if why := too_few([*counted, *beside], settings.min_units) or too_unequal(worth, what, settings.min_units):
        return None, f"no interval: {why}"
    over = " and ".join([what, *(words for _, words in beside)])
    return clusters, f"{100 * settings.confidence:g} % t interval over {over}"


def clusters_of(session: IntArray, animal: IntArray, within: bool) -> tuple[Clusters, list[tuple[int, str]]]:
    """What is independent among cells, and ``Clusters.counted`` of it; ``animal`` < 0 is not named.

    ``within`` one session the named animals are the units; its unnamed ones are as they are.
    """
    if within:
        named = int((animal > 0).sum())
        return Clusters.of(animal, animal), [(named, plural(named, "named animal"))]
    clusters = Clusters.of(session, animal)
    return clusters, clusters.counted
