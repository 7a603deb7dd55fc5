"""What is told of the times of one unit and behaviour, and of whom: shared by the tables of this family."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.durations.survival import QUARTILES, quantile_limits, survivor
from pipeline.ethology.limits import Scale
from pipeline.ethology.record import Record
from pipeline.ethology.units import Cluster, Unit, levels, units
from pipeline.types import BoolArray, IntArray

_NAN = float("nan")


class Units:
    """The pooled record, species, sessions and named individuals in turn, and whose rows are whose."""

    def __init__(self, record: Record, cluster: Cluster) -> None:
        self._record, self.cluster = record, cluster
        self.all = list(units(record.who, levels(record.who)[:-1])) if len(record.rows) else []

    def __iter__(self) -> Iterator[tuple[Unit, IntArray]]:
        """Each unit with the number ``[R]`` that a row of ``Record.who`` has in it, -1 where it is not in it."""
        for unit in self.all:
            row = np.full(len(self._record.who.rows), -1, dtype=np.int64)
            row[unit.rows] = np.arange(len(unit.rows))
            yield unit, row

    def head(self, unit: Unit, behind: FloatArray) -> dict[str, Any]:
        """The columns that say who: of those with something ``behind [unit's rows]`` the figure."""
        counts = self.cluster.counts(unit, behind)
        return {**unit.labels, **{name: counts[name] for name in ("n_individuals", "n_sessions", "n_tracks")}}


def by_behaviour(rows: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    """The rows of each set and behaviour, without the words themselves."""
    keys = ["set", "behaviour"]
    return {(str(of_set), str(name)): some.drop(columns=keys) for (of_set, name), some in rows.groupby(keys)}


def of_times(
    time_s: FloatArray, ended: BoolArray, row: IntArray, unit: Unit, cluster: Cluster, none: str
) -> dict[str, Any]:
    """Quartiles by Kaplan-Meier, the mean of the complete, and limits over the highest independent units.

    ``time_s [n]``, ``ended [n]`` (False: a lower bound) and ``row [n]``, the unit's row of each; ``none`` is the reason
    where ``n`` is 0.
    """
    curve = survivor(time_s, ended)
    q1, median, q3 = (curve.quantile(part) for part in QUARTILES)
    draws = cluster.draws(unit, _per_row(row, unit))
    low, high = quantile_limits(time_s, ended, row, draws, 0.5, cluster.settings.confidence)
    whole, complete = _per_row(row[ended], unit, time_s[ended]), _per_row(row[ended], unit)
    mean = cluster.pooled(unit, whole[:, None], complete, Scale.rate)
    return {
        "n": len(time_s),
        "n_complete": int(ended.sum()),
        "median_s": median,
        "q1_s": q1,
        "q3_s": q3,
        "median_low_s": low,
        "median_high_s": high,
        "mean_s": float(time_s[ended].mean()) if ended.any() else _NAN,
        "mean_low_s": mean.low[0],
        "mean_high_s": mean.high[0],
        "method": _method(len(time_s), int(ended.sum()), median, draws.method, none),
    }


def _per_row(row: IntArray, unit: Unit, weights: FloatArray | None = None) -> FloatArray:
    return np.bincount(row, weights=weights, minlength=len(unit.rows)).astype(np.float64)


def _method(n: int, complete: int, median: float, limits: str, none: str) -> str:
    if n == 0:
        return none
    if complete == 0:
        return "no quantile: all are cut by the record"
    return f"Kaplan-Meier; {limits}" if np.isfinite(median) else f"no median: over half outlast the record; {limits}"
