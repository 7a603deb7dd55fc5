"""Behaviour transitions in both forms: from bout to bout, and from one moment to the next (see ``steps.py``).

Probabilities are row-wise: of all steps out of a behaviour, the share that led to each other one (transitional
probability: Bakeman and Quera 2011, "Sequential Analysis and Observational Methods for the Behavioral Sciences").
"""

from typing import Any

import numpy as np
import pandas as pd

from pipeline.ethology.ethogram import Ethogram, Kind
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.ethology.tally import Tally
from pipeline.ethology.units import Cluster, Unit, levels, stacked, units
from pipeline.tables import TRANSITIONS
from pipeline.types import IntArray

FORMS = ("bout", "interval")


def transitions(whole: Tally, ethogram: Ethogram, settings: StatisticsSettings) -> pd.DataFrame:
    """tables.TRANSITIONS: every ordered pair of states of a set for every unit but tracks, also those never seen.

    By form, level, unit, and the ethogram's order. Bout to bout has no row from a behaviour to itself. Limits rest on
    the sessions that have steps out of the behaviour, by the rules of ``units.Cluster``.
    """
    cluster = Cluster(whole, settings)
    states = [of_set for of_set in ethogram.sets if ethogram.kind(of_set) is Kind.state]
    everyone = list(units(whole, levels(whole)[:-1]))
    blocks = []
    for form in FORMS:
        step_s = settings.interval_s if form == "interval" else np.nan
        for unit in everyone:
            for of_set in states:
                sums = whole.sets[of_set]
                steps = (sums.interval_steps if form == "interval" else sums.bout_steps)[unit.rows]
                head = {"form": form, "step_s": step_s, **unit.labels, "set": of_set}
                blocks += _rows(head, unit, steps, ethogram.names(of_set), cluster)
    return TRANSITIONS.cast(stacked(blocks, "to")) if blocks else TRANSITIONS.empty()


def _rows(
    head: dict[str, Any], unit: Unit, steps: IntArray, names: tuple[str, ...], cluster: Cluster
) -> list[dict[str, Any]]:
    """One block a behaviour before, with the behaviours that may come after; ``steps`` is ``[unit's rows, K, K]``."""
    blocks = []
    for number, before in enumerate(names):
        after = [k for k in range(len(names)) if k != number or head["form"] == "interval"]
        out = steps[:, number, :].astype(np.float64)
        count, behind = out.sum(axis=0), out.sum(axis=1)
        total = count.sum()
        limits = cluster.pooled(unit, out, behind)
        blocks.append(
            {
                **head,
                "from": before,
                "to": np.array([names[k] for k in after], dtype=object),
                "count": count[after],
                "row_total": int(total),
                "p": count[after] / total if total else np.full(len(after), np.nan),
                "ci_low": limits.low[after],
                "ci_high": limits.high[after],
                "method": f"pooled counts; {limits.method}" if total else "no transition out of it",
                **cluster.counts(unit, behind),
            }
        )
    return blocks
