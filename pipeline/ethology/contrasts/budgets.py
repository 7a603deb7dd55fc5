"""Do the time budgets of two conditions differ? Shares and centred log-ratios, with the animal or session as the unit.

Every unit has one budget in each condition, so who was watched longer does not count more (Machlis, Dodd and Fentress
1985, Z Tierpsychol 68: 201-214). Shares of one unit sum to 1, hence log-ratios beside them (``compositions.py``); their
zeros are replaced by a stated share, and a behaviour that one condition never shows has none. What is independent
(``units.py``) is shuffled whole.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.contrasts.compositions import log_ratios
from pipeline.ethology.contrasts.families import table_of
from pipeline.ethology.contrasts.footing import Footing, footings
from pipeline.ethology.contrasts.means import Halves, p_values
from pipeline.ethology.contrasts.settings import ContrastSettings
from pipeline.ethology.contrasts.tables import BUDGET_CONTRASTS
from pipeline.ethology.ethogram import Ethogram, Kind
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.ethology.tally import ALL
from pipeline.types import BoolArray


def compare_budgets(
    bouts: pd.DataFrame,
    by: str,
    ethogram: Ethogram,
    statistics: StatisticsSettings,
    settings: ContrastSettings,
    conditions: Sequence[str] = (),
) -> pd.DataFrame:
    """``tables.BUDGET_CONTRASTS`` of the two values of a column of the bouts table, or of the two ``conditions``.

    Limits and tests are left out where a condition has fewer than ``statistics.min_units`` replicates. ``UsageError``
    where the column has no two such values, ``TableError`` where the table has faults.
    """
    rows: list[dict[str, Any]] = []
    for footing in footings(bouts, by, ethogram, statistics, settings, conditions):
        if footing.kind is Kind.event:  # has no share of time
            continue
        rows += [footing.head | {"delta": settings.delta} | row for row in _Contrast(footing).rows()]
    return table_of(rows, BUDGET_CONTRASTS, settings)


class _Contrast:
    """Two conditions of one set."""

    def __init__(self, footing: Footing) -> None:
        self.footing, self.units, self.names = footing, footing.units, footing.names
        self.statistics, self.settings = footing.statistics, footing.settings
        self.seen: BoolArray = self.units.seconds.sum(axis=0) > 0  # [2, K]
        self.kept: BoolArray = self.seen.all(axis=0)  # have log-ratios

    def rows(self) -> list[dict[str, Any]]:
        """A row for each behaviour, and one for all."""
        zeros = (self.units.there[..., None] & (self.units.seconds <= 0)).sum(axis=0)
        if why := self.footing.nothing:
            none = {"zeros_first": 0, "zeros_second": 0, "method": why}
            return [{"behaviour": name} | none for name in (*self.names, ALL)]
        few = self.footing.few
        how = self.footing.told
        figures = self._shares(few) | self._log_ratios(few)
        each = [
            {"behaviour": name, "zeros_first": int(zeros[0, k]), "zeros_second": int(zeros[1, k])}
            | {figure: values[k] for figure, values in figures.items()}
            | {"method": "; ".join([how, *self._remarks(k, few)])}
            for k, name in enumerate(self.names)
        ]
        whole = {figure: values[-1] for figure, values in figures.items()}
        words = "total variation and Aitchison distance, which have no limits"
        return [*each, whole | {"behaviour": ALL, "zeros_first": 0, "zeros_second": 0, "method": f"{words}; {how}"}]

    def _remarks(self, k: int, few: str) -> list[str]:
        """What is to be known of a behaviour's zeros; ``few``: nothing is tested anyhow."""
        if not self.seen[:, k].any():
            return ["never seen"]
        if not self.kept[k]:
            return [f"never seen in {self.footing.pair[int(self.seen[0, k])]}: no log-ratio"]
        if self.kept.sum() == 1:
            return ["the only one seen in both: no log-ratio"]
        shown = np.asarray(self.units.seconds[..., self.kept].sum(axis=2) > 0)
        lacking = not few and not self.footing.enough(shown)
        return ["too few replicates show any behaviour that both do: no test of log-ratios"] if lacking else []

    def _tested(self, values: FloatArray, prefix: str, few: str, size: Any) -> dict[str, FloatArray]:
        """Difference, limits and p values ``[K + 1]`` of ``values [U, 2, K]``; ``size`` makes one figure of all."""
        halves = Halves(values, self.units.own.place)
        seen = halves.means[1] - halves.means[0]
        none = np.full(len(seen) + 1, np.nan)
        low, high, p = none, none, none
        if not few and min(halves.replicates) >= self.statistics.min_units:
            low, high = (np.append(limit, np.nan) for limit in halves.limits(self.statistics.confidence))
            swapped, whole = self.footing.swaps()
            other = halves.shuffled(swapped)
            both = np.append(seen, size(seen)), np.column_stack([other, size(other)])
            p = p_values(*both, whole)
        of = "p" if prefix == "difference" else f"p_{prefix}"
        return {prefix: np.append(seen, size(seen)), f"{prefix}_low": low, f"{prefix}_high": high, of: p}

    def _shares(self, few: str) -> dict[str, FloatArray]:
        seconds = self.units.seconds
        whole = seconds.sum(axis=2, keepdims=True)
        shares = np.divide(seconds, whole, out=np.full(seconds.shape, np.nan), where=whole > 0)
        means = Halves(shares, self.units.own.place).means
        made = {name: np.append(mean, np.nan) for name, mean in zip(("mean_first", "mean_second"), means, strict=True)}
        shown = np.asarray(self.seen.any(axis=0))  # what nobody shows is no test among the others
        found = self._tested(shares[..., shown], "difference", few, lambda gap: np.abs(gap).sum(axis=-1) / 2)
        return made | {name: _spread(values, np.append(shown, True)) for name, values in found.items()}

    def _log_ratios(self, few: str) -> dict[str, FloatArray]:
        """Among the behaviours that both conditions show; empty for the others, and where there is only one.

        Units that show none of them have no log-ratios.
        """
        seconds, where = self.units.seconds[..., self.kept], np.append(self.kept, True)
        delta = self.settings.delta
        if self.kept.sum() < 2:
            return {}
        found = self._tested(log_ratios(seconds, delta), "log_ratio", few, lambda gap: np.sqrt((gap**2).sum(axis=-1)))
        for name, factor in (("half", 0.5), ("double", 2.0)):
            means = Halves(log_ratios(seconds, factor * delta), self.units.own.place).means
            gap = means[1] - means[0]
            found[f"log_ratio_{name}_delta"] = np.append(gap, np.sqrt((gap**2).sum()))
        return {name: _spread(values, where) for name, values in found.items()}


def _spread(values: FloatArray, where: BoolArray) -> FloatArray:
    """``values`` at the places ``where``, NaN elsewhere."""
    made = np.full(len(where), np.nan)
    made[where] = values
    return made
