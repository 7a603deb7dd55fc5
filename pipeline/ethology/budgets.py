"""Time budgets: which share of its visible, recognized time a unit spent in each behaviour.

Time out of sight and time that was not recognized leave the denominator and stand beside it (Altmann 1974, Behaviour
49: 227-267; Martin and Bateson, "Measuring Behaviour"). Shares are pooled by time: the seconds of a unit in a behaviour
over its visible seconds. Budgets are made of the frames before bout smoothing.
"""

from typing import Any

import numpy as np
import pandas as pd

from pipeline.ethology.ethogram import Ethogram, Kind
from pipeline.ethology.limited import Limited
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.ethology.sums import over
from pipeline.ethology.tally import SetTally, Tally
from pipeline.ethology.units import Cluster, Unit, levels, stacked, units
from pipeline.tables import TIME_BUDGETS


def time_budgets(whole: Tally, ethogram: Ethogram, settings: StatisticsSettings) -> pd.DataFrame:
    """tables.TIME_BUDGETS: a row for every unit and behaviour, by level, unit, and the ethogram's order.

    A share is empty where there is no visible time, and for events, which are counted only. Beside the pooled share
    stands the mean over named animals, each of which counts as much (Machlis, Dodd and Fentress 1985, Z Tierpsychol 68:
    201-214). Limits are by the rules of ``units.Cluster``, tracks have none. The bounds are what the share can be if
    all excluded time was, or was not, spent in the behaviour (worst-case bounds: Manski 2003, "Partial Identification
    of Probability Distributions", chapter 1): time out of sight is rarely missing at random. Excluded is the time in
    which an animal had a box and was not visible or unknown, and that between two of its boxes (``lost.py``). Those of
    the mean are the means over the same animals of each one's bounds.
    """
    cluster = Cluster(whole, settings)
    blocks = [
        _budget(unit, of_set, whole.sets[of_set], ethogram, cluster)
        for unit in units(whole, levels(whole))
        for of_set in ethogram.sets
    ]
    return TIME_BUDGETS.cast(stacked(blocks, "behaviour")) if blocks else TIME_BUDGETS.empty()


def _budget(unit: Unit, of_set: str, sums: SetTally, ethogram: Ethogram, cluster: Cluster) -> dict[str, Any]:
    """The rows of one unit and set, as columns."""
    seconds, behind, beside = (some[unit.rows] for some in (sums.seconds, sums.visible_s, sums.excluded_s))
    visible_s, excluded_s = float(behind.sum()), float(beside.sum())
    bouts = sums.bouts[unit.rows].sum(axis=0)
    if ethogram.kind(of_set) is Kind.event:
        pooled = mean = Limited.points(np.full(len(bouts), np.nan), "events are counted, not timed")
    else:
        pooled, mean = cluster.pooled(unit, seconds, behind), cluster.mean(unit, seconds, behind)
    none = np.full(len(bouts), np.nan)
    timed = ethogram.kind(of_set) is not Kind.event
    meant = not np.isnan(mean.share).all()
    low, high = cluster.mean_bounds(unit, seconds, behind, beside) if meant else (none, none)
    return {
        **unit.labels,
        "set": of_set,
        "behaviour": np.array(ethogram.names(of_set), dtype=object),
        "share": pooled.share,
        "ci_low": pooled.low,
        "ci_high": pooled.high,
        "method": f"pooled time; {pooled.method}" if visible_s > 0 and timed else pooled.method,
        "mean_share": mean.share,
        "mean_ci_low": mean.low,
        "mean_ci_high": mean.high,
        "mean_method": mean.method,
        "mean_individuals": cluster.averaged(unit, behind) if timed else 0,
        "bound_low": over(seconds.sum(axis=0), visible_s + excluded_s) if timed else none,
        "bound_high": over(seconds.sum(axis=0) + excluded_s, visible_s + excluded_s) if timed else none,
        "mean_bound_low": low,
        "mean_bound_high": high,
        **cluster.counts(unit, behind),
        "n_seen": cluster.seen(unit, seconds if timed else sums.bouts[unit.rows].astype(np.float64)),
        "behaviour_s": seconds.sum(axis=0),
        "visible_s": visible_s,
        "excluded_s": excluded_s,
        "bouts": bouts,
        "bouts_per_h": over(bouts * 3600.0, visible_s),
        "censored_share": over(sums.censored[unit.rows].sum(axis=0), bouts),
    }
