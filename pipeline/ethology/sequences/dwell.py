"""Dwell times of each state, and what they come to in the long run with the transitions: a semi-Markov summary.

A semi-Markov chain goes from state to state as the embedded chain of bouts does and stays in each as long as its bouts
last, whatever their distribution. In the long run the share of time in state ``j`` is ``v_j m_j / sum(v m)``, ``v`` the
embedded chain's stationary distribution and ``m`` the mean dwell times (Ross 1996, "Stochastic Processes", th. 4.8.3).
Where it is far from the observed share, the record is short, cut or not stationary.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import connected_components

from pipeline.boxes import FloatArray
from pipeline.ethology.ethogram import Ethogram
from pipeline.ethology.limited import Limited, footing, limited
from pipeline.ethology.limits import Scale, t_limits, t_p
from pipeline.ethology.sequences.codes import bout_codes, counted
from pipeline.ethology.sequences.memory import SHAPES, Memory, memory, pulls
from pipeline.ethology.sequences.permutation import corrected
from pipeline.ethology.sequences.settings import SequenceSettings
from pipeline.ethology.sequences.stretches import Stretches, cells_of, groups
from pipeline.ethology.sequences.tables import DWELLS, SEMI_MARKOV, SURVIVAL
from pipeline.ethology.shares import Cells, Pooled
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.ethology.sums import summed
from pipeline.ethology.survival import Curve, product_limit
from pipeline.ethology.units import stacked
from pipeline.types import BoolArray, IntArray
from pipeline.words import plural

Rows = list[dict[str, Any]]


def dwell_times(
    bouts: pd.DataFrame, ethogram: Ethogram, statistics: StatisticsSettings, settings: SequenceSettings
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """``tables.DWELLS``, ``tables.SURVIVAL`` and ``tables.SEMI_MARKOV``: a row a state, and the curves between."""
    dwells: Rows = []
    curves: Rows = []
    chains: Rows = []
    for head, of in groups(bouts, ethogram, settings.by):
        told = [(head | row, curve) for row, curve in _dwells(of, statistics, settings, head["level"] == "session")]
        dwells += _corrected([row for row, _ in told], settings)
        curves += [_curve(head, row["behaviour"], curve) for row, curve in told if len(curve.time_s)]
        chains += [head | row for row in _chain(of, np.array([row["survival_mean_s"] for row, _ in told]))]
    return (
        DWELLS.cast(pd.DataFrame(dwells)) if dwells else DWELLS.empty(),
        SURVIVAL.cast(stacked(curves, "time_s")) if curves else SURVIVAL.empty(),
        SEMI_MARKOV.cast(pd.DataFrame(chains)) if chains else SEMI_MARKOV.empty(),
    )


def _dwells(
    of: Stretches, statistics: StatisticsSettings, settings: SequenceSettings, within: bool
) -> Iterator[tuple[dict[str, Any], Curve]]:
    """The row of each state, without its head, and its curve; ``within``: all is of one session."""
    left, right = of.bouts["censored_start"].to_numpy(), of.bouts["censored_stop"].to_numpy()
    duration = of.bouts["duration_s"].to_numpy()
    for number, name in enumerate(of.names):
        mine = of.code == number
        kept = np.flatnonzero(mine & ~left)
        time, ended = duration[kept], ~right[kept]
        curve, whole = product_limit(time, ended), time[ended]
        fit, why_not = _memory(time, ended, settings)
        mean = limits(whole, of.units[kept[ended]], statistics, within)
        shape, how = shape_limits(fit, time, ended, of.units[kept], settings.shortest_s, statistics, within)
        yield (
            {
                "behaviour": name,
                "ended": int(ended.sum()),
                "right_censored": int((~ended).sum()),
                "left_censored": int((mine & left).sum()),
                **_moments(whole),
                "ci_low": mean.low[0],
                "ci_high": mean.high[0],
                "survival_mean_s": curve.mean_s(float(time.max(initial=0.0))),
                "survival_median_s": curve.median_s(),
                **fit._asdict(),
                **shape,
                "method": f"mean: {mean.method}; {why_not or f'{_truncated(settings)}; shape: {how}'}",
                **of.behind(kept),
            },
            curve,
        )


def _corrected(rows: Rows, settings: SequenceSettings) -> Rows:
    """The rows of one group and set, their p corrected for the number of behaviours."""
    adjusted = corrected(np.array([row["shape_p"] for row in rows]), settings.correction)
    return [row | {"shape_p_corrected": p} for row, p in zip(rows, adjusted, strict=True)]


def _moments(whole: FloatArray) -> dict[str, float]:
    """Mean, median and coefficient of variation of ended bouts; NaN where there are too few."""
    mean = float(whole.mean()) if len(whole) else np.nan
    return {
        "mean_s": mean,
        "median_s": float(np.median(whole)) if len(whole) else np.nan,
        "cv": float(whole.std(ddof=1)) / mean if len(whole) > 1 and mean > 0 else np.nan,
    }


def _memory(time: FloatArray, ended: BoolArray, settings: SequenceSettings) -> tuple[Memory, str]:
    """The fits, or why there are none."""
    number = int((ended & (time >= settings.shortest_s) & (time > 0)).sum())
    if number < settings.min_dwells:
        return Memory(), f"no fit: {plural(number, 'ended bout')}, fewer than {settings.min_dwells}"
    fit = memory(time, ended, settings.shortest_s)
    return fit, "no fit: all last the shortest time" if np.isnan(fit.rate_per_s) else ""


def shape_limits(
    fit: Memory,
    time: FloatArray,
    ended: BoolArray,
    units: IntArray,
    shortest_s: float,
    statistics: StatisticsSettings,
    within: bool,
) -> tuple[dict[str, float], str]:
    """Limits of Weibull's shape and p of its being 1 (NaN: no fit, or too few units), and how they are made.

    The bouts ``[bouts]`` are those that ``fit`` was made of; ``units [bouts, 3]`` are as of ``Stretches.units``.
    """
    none = dict.fromkeys(("shape_low", "shape_high", "shape_p"), np.nan)
    if np.isnan(fit.weibull_shape):
        return none, ""
    if not 1.01 * SHAPES[0] < fit.weibull_shape < 0.99 * SHAPES[1]:
        return none, "no interval: nearly all bouts are of one length"
    kept = (time >= shortest_s) & (time > 0)
    parts, whole = pulls(time[kept], ended[kept], shortest_s, fit.weibull_shape)
    cells = _cells(parts, whole, units[kept])
    clusters, how = footing(Pooled(), cells, statistics, within)
    if clusters is None:
        return none, how
    shape, spread = Pooled()(cells), clusters.spread(Pooled(), cells, Scale.rate)
    low, high = t_limits(shape, spread, statistics.confidence, Scale.rate)
    p = t_p(shape, spread, 1.0, Scale.rate)
    return {"shape_low": low[0], "shape_high": high[0], "shape_p": p[0]}, how


def _truncated(settings: SequenceSettings) -> str:
    return "fits by maximum likelihood" + (
        f", given that bouts last {settings.shortest_s:g} s" if settings.shortest_s else ""
    )


def limits(whole: FloatArray, units: IntArray, statistics: StatisticsSettings, within: bool) -> Limited:
    """The mean of durations ``[bouts]`` with its limits; ``units [bouts, 3]`` are as of ``Stretches.units``."""
    if len(whole) == 0:
        return Limited.points(np.full(1, np.nan), "no ended bout")
    return limited(Pooled(), _cells(whole, np.ones(len(whole)), units), statistics, within, Scale.rate)


def _cells(parts: FloatArray, whole: FloatArray, units: IntArray) -> Cells:
    """What bouts ``[bouts]`` add up to in each cell."""
    cells, place = cells_of(units)
    sums = summed(np.column_stack([parts, whole]), place, len(cells))
    return Cells(cells[:, 0], cells[:, 1], sums[:, :1], sums[:, 1])


def _curve(head: dict[str, Any], behaviour: str, curve: Curve) -> dict[str, Any]:
    return {**head, "behaviour": behaviour, **curve._asdict()}


def stationary(counts: IntArray) -> tuple[FloatArray, str]:
    """Shares ``[K]`` of visits that a chain with these step counts ``[K, K]`` comes to; else NaN and why not.

    States that were never seen have 0. There is one answer only where all states lead to one group that is not left.
    """
    kinds = len(counts)
    there = np.flatnonzero(counts.sum(axis=0) + counts.sum(axis=1))
    if not len(there):
        return np.full(kinds, np.nan), "no transition was seen"
    steps = counts[np.ix_(there, there)]
    number, group = connected_components(steps > 0, directed=True, connection="strong")
    leaves = [(steps[group == one][:, group != one] > 0).any() for one in range(number)]
    closed = np.flatnonzero(~np.array(leaves))
    if len(closed) > 1:
        return np.full(kinds, np.nan), "behaviours fall into groups that were never left"
    kept = group == closed[0]
    if not steps[kept].any():
        return np.full(kinds, np.nan), "one behaviour was never left"
    within = steps[np.ix_(kept, kept)]
    chain = within / within.sum(axis=1, keepdims=True)
    system = np.vstack([chain.T - np.eye(len(chain)), np.ones(len(chain))])
    shares = np.zeros(kinds)
    shares[there[kept]] = np.linalg.lstsq(system, np.append(np.zeros(len(chain)), 1.0), rcond=None)[0]
    return np.clip(shares, 0.0, 1.0), ""


def _chain(of: Stretches, dwell_s: FloatArray) -> Rows:
    """The rows of ``SEMI_MARKOV`` without their head; ``dwell_s [K]`` is NaN where no bout ended."""
    counts = counted(bout_codes(of), 1)
    visits, why_not = stationary(counts)
    spent = np.where(visits > 0, visits * dwell_s, 0.0)
    if not why_not and (lost := [of.names[k] for k in np.flatnonzero(np.isnan(spent))]):
        why_not = f"no ended bout of {', '.join(lost)}"
    seconds = np.bincount(of.code, weights=of.bouts["duration_s"].to_numpy(), minlength=len(of.names))
    whole = seconds.sum() or np.nan
    return [
        {
            "behaviour": name,
            "steps_out": int(counts[k].sum()),
            "visits": visits[k],
            "dwell_s": dwell_s[k],
            "share_implied": spent[k] / spent.sum() if not why_not else np.nan,
            "share_observed": seconds[k] / whole,
            "seconds": seconds[k],
            "method": why_not or "embedded chain of bouts, mean dwell times by Kaplan-Meier",
            **of.behind(of.code == k),
        }
        for k, name in enumerate(of.names)
    ]
