"""Time budgets: which share of its visible, recognized time a unit spent in each behaviour.

Time out of sight and time that was not recognized leave the denominator and stand beside it (Altmann 1974, Behaviour
49: 227-267; Martin and Bateson, "Measuring Behaviour"). Shares are pooled by time: the seconds of a unit in a behaviour
over its visible seconds. Budgets are made of the frames before bout smoothing.
"""

from typing import Any

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.ethogram import Ethogram, Kind
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.ethology.tally import SetTally, Tally
from pipeline.ethology.units import LEVELS, Cluster, Unit, stacked, units
from pipeline.tables import TIME_BUDGETS


def time_budgets(whole: Tally, ethogram: Ethogram, settings: StatisticsSettings) -> pd.DataFrame:
    """tables.TIME_BUDGETS: a row for every unit and behaviour, by level, unit, and the ethogram's order.

    A share is empty where there is no visible time, and for events, which are counted only. Limits are given to pooled,
    species, session and individual rows by the rules of ``units.Cluster``.
    """
    cluster = Cluster(whole, settings)
    blocks = [
        _budget(unit, of_set, whole.sets[of_set], ethogram, cluster)
        for unit in units(whole, LEVELS)
        for of_set in ethogram.sets
    ]
    return TIME_BUDGETS.cast(stacked(blocks, "behaviour")) if blocks else TIME_BUDGETS.empty()


def _budget(unit: Unit, of_set: str, sums: SetTally, ethogram: Ethogram, cluster: Cluster) -> dict[str, Any]:
    """The rows of one unit and set, as columns."""
    seconds, behind = sums.seconds[unit.rows], sums.visible_s[unit.rows]
    visible_s = float(behind.sum())
    bouts = sums.bouts[unit.rows].sum(axis=0)
    none = np.full(len(bouts), np.nan)
    if ethogram.kind(of_set) is Kind.event:
        low, high, method = none, none, "events are counted, not timed"
        share = none
    else:
        low, high, method = cluster.limits(unit, seconds, behind)
        method = f"pooled time; {method}" if visible_s > 0 else method
        share = _ratio(seconds.sum(axis=0), visible_s)
    return {
        **unit.labels,
        "set": of_set,
        "behaviour": np.array(ethogram.names(of_set), dtype=object),
        "share": share,
        "ci_low": low,
        "ci_high": high,
        "method": method,
        **cluster.counts(unit, behind),
        "behaviour_s": seconds.sum(axis=0),
        "visible_s": visible_s,
        "excluded_s": float(sums.excluded_s[unit.rows].sum()),
        "bouts": bouts,
        "bouts_per_h": _ratio(bouts * 3600.0, visible_s),
        "censored_share": _ratio(sums.censored[unit.rows].sum(axis=0), bouts),
    }


def _ratio(part: FloatArray, whole: FloatArray | float) -> FloatArray:
    """Part by whole, missing where the whole is 0."""
    below = np.broadcast_to(np.asarray(whole, dtype=np.float64), np.shape(part))
    result: FloatArray = np.divide(part, below, out=np.full(np.shape(part), np.nan), where=below > 0)
    return result
