"""What is told of the times of one unit and behaviour, and of whom: shared by the tables of this family."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.durations.survival import QUARTILES, quantile_limits, survivor
from pipeline.ethology.limits import Scale
from pipeline.ethology.record import Record
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.ethology.units import Cluster, Draws, Unit, levels, units
from pipeline.types import BoolArray, IntArray

Columns = dict[str, np.ndarray]  # of a table, by name

_TIMES = (
    "median_s", "q1_s", "q3_s", "median_low_s", "median_high_s", "mean_s", "mean_low_s", "mean_high_s",
)  # fmt: skip


class Units:
    """The pooled record, species, sessions and named individuals in turn, and whose rows are whose.

    Of a record that is parted by a column: the values of that column, each species by itself.

    ``min_ended`` times of one of them must be complete for a figure of them: see ``of_times``.
    """

    def __init__(self, record: Record, settings: StatisticsSettings, min_ended: int = 1) -> None:
        self._record, self.cluster, self.min_ended = record, Cluster(record.who, settings), min_ended
        of_levels = record.who.by or levels(record.who)[:-1]  # by a column the record is cut where that one changes
        self.all = list(units(record.who, of_levels)) if len(record.rows) else []
        self._drawn: dict[tuple[str, bytes, bytes], Draws] = {}

    @cached_property
    def visible_s(self) -> dict[str, FloatArray]:
        """``Record.visible_s`` of each set."""
        return {of_set: self._record.visible_s(of_set) for of_set in self._record.ethogram.sets}

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

    def draws(self, unit: Unit, behind: FloatArray) -> Draws:
        """As of ``Cluster.draws``; the last are kept: behaviours of a unit mostly have the same rows behind them."""
        key = (unit.level, unit.rows.tobytes(), (behind > 0).tobytes())
        if key not in self._drawn:
            self._drawn = {key: self.cluster.draws(unit, behind)}
        return self._drawn[key]


def by_behaviour(rows: pd.DataFrame, record: Record) -> dict[tuple[str, str], Columns]:
    """The rows of every set and behaviour of the record as columns, without the words themselves."""
    keys, none = ["set", "behaviour"], np.zeros(0, dtype=np.int64)
    columns = {str(name): rows[name].to_numpy() for name in rows if name not in keys}
    at = rows.groupby(keys).indices
    return {key: {name: some[at.get(key, none)] for name, some in columns.items()} for key in record.behaviours()}


def held(columns: Columns, row: IntArray) -> Columns:
    """What is of a unit, with the ``row`` of each; ``row [R]`` as ``Units`` gives it, for the column ``place``."""
    at = row[columns["place"]]
    mine = np.flatnonzero(at >= 0)
    return {**{name: values[mine] for name, values in columns.items()}, "row": at[mine]}


def of_times(
    time_s: FloatArray, ended: BoolArray, row: IntArray, unit: Unit, everyone: Units, none: str
) -> dict[str, Any]:
    """Quartiles by Kaplan-Meier, the mean of the complete, and limits over the highest independent units.

    ``time_s [n]``, ``ended [n]`` (False: a lower bound) and ``row [n]``, the unit's row of each; ``none`` is the reason
    where ``n`` is 0. With fewer than ``Units.min_ended`` complete ones there are no figures: where nearly all are cut
    the curve falls at the few that are not, and its quantiles are theirs alone. For the same reason there is no
    quantile or limit where one that ended stands for more than ``1 / Units.min_ended`` of all.
    """
    cluster, complete = everyone.cluster, int(ended.sum())
    counts = {"n": len(time_s), "n_complete": complete}
    if complete < everyone.min_ended:
        why_not = f"no quantile or mean: {complete} seen to their end, fewer than {everyone.min_ended}"
        return {**counts, **dict.fromkeys(_TIMES, np.nan), "method": why_not if len(time_s) else none}
    curve = survivor(time_s, ended, 1 / everyone.min_ended)
    q1, median, q3 = (curve.quantile(part) for part in QUARTILES)
    draws = everyone.draws(unit, _per_row(row, unit))
    limits = quantile_limits(time_s, ended, row, draws, 0.5, cluster.settings.confidence)
    low, high = (limit if limit <= curve.time_s[-1] else np.nan for limit in limits)
    whole, behind = _per_row(row[ended], unit, time_s[ended]), _per_row(row[ended], unit)
    mean = cluster.pooled(unit, whole[:, None], behind, Scale.rate)
    return {
        **counts,
        "median_s": median,
        "q1_s": q1,
        "q3_s": q3,
        "median_low_s": low,
        "median_high_s": high,
        "mean_s": float(time_s[ended].mean()),
        "mean_low_s": mean.low[0],
        "mean_high_s": mean.high[0],
        "method": f"{_way(median, time_s, ended, everyone.min_ended)}; {draws.method}",
    }


def _per_row(row: IntArray, unit: Unit, weights: FloatArray | None = None) -> FloatArray:
    return np.bincount(row, weights=weights, minlength=len(unit.rows)).astype(np.float64)


def _way(median: float, time_s: FloatArray, ended: BoolArray, min_ended: int) -> str:
    """How the median was made, or why there is none."""
    if np.isfinite(median):
        return "Kaplan-Meier"
    if np.isfinite(survivor(time_s, ended).quantile(0.5)):
        return f"no median: half have ended only where one that ended stands for over 1 in {min_ended} of all"
    return "no median: over half outlast the record"
