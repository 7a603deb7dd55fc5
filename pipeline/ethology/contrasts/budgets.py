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
from pipeline.ethology.contrasts.conditions import two_conditions
from pipeline.ethology.contrasts.means import Halves, arrangements, p_values, swaps
from pipeline.ethology.contrasts.settings import ContrastSettings, Replicate
from pipeline.ethology.contrasts.tables import BUDGET_CONTRASTS
from pipeline.ethology.contrasts.units import Units, constant_words, few_words, shuffle_words
from pipeline.ethology.ethogram import Ethogram
from pipeline.ethology.sequences.permutation import corrected
from pipeline.ethology.sequences.stretches import state_sets
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.ethology.tally import ALL
from pipeline.types import BoolArray

_MANY = 1_000_000_000  # more arrangements are not counted


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
    pair = two_conditions(bouts, by, conditions)
    rows: list[dict[str, Any]] = []
    for of_set in state_sets(ethogram):
        names = ethogram.names(of_set)
        units = Units.of(bouts, of_set, names, by, pair, settings)
        head = {"by": by, "first": pair[0], "second": pair[1], "set": of_set, "delta": settings.delta}
        rows += [head | row for row in _Contrast(units, names, pair, by, statistics, settings).rows()]
    table = BUDGET_CONTRASTS
    return table.cast(pd.DataFrame(rows).reindex(columns=table.names)) if rows else table.empty()


class _Contrast:
    """Two conditions of one set."""

    def __init__(
        self,
        units: Units,
        names: tuple[str, ...],
        pair: tuple[str, str],
        by: str,
        statistics: StatisticsSettings,
        settings: ContrastSettings,
    ) -> None:
        self.units, self.names, self.pair, self.by = units, names, pair, by
        self.statistics, self.settings = statistics, settings
        self.seen: BoolArray = units.seconds.sum(axis=0) > 0  # [2, K]
        self.kept: BoolArray = self.seen.all(axis=0)  # have log-ratios

    def rows(self) -> list[dict[str, Any]]:
        """A row for each behaviour, and one for all."""
        replicates = self.units.replicates
        known = {
            **self._counts(),
            "replicate": self.units.kind.value,
            "constant_within_session": self.units.constant,
            "arrangements": min(arrangements(replicates), _MANY),
        }
        numbers = replicates.sum(axis=0).tolist()
        if min(numbers) == 0:
            lost = " and ".join(name for name, some in zip(self.pair, numbers, strict=True) if not some)
            why = f"no recognized time of a {self._unit} in {lost}"
            return [known | {"behaviour": name, "method": why} for name in (*self.names, ALL)]
        few = self._too_few(replicates)
        how = few or self._how(replicates)
        figures = self._shares(few) | self._log_ratios(few)
        zeros = (self.units.there[..., None] & (self.units.seconds <= 0)).sum(axis=0)
        each = [
            known
            | {"behaviour": name, "zeros_first": int(zeros[0, k]), "zeros_second": int(zeros[1, k])}
            | {figure: values[k] for figure, values in figures.items()}
            | {"method": "; ".join([how, *self._remarks(k, few)])}
            for k, name in enumerate(self.names)
        ]
        whole = {figure: values[-1] for figure, values in figures.items()}
        words = "total variation and Aitchison distance, which have no limits"
        return [*each, known | whole | {"behaviour": ALL, "method": f"{words}; {how}"}]

    @property
    def _unit(self) -> str:
        return "named animal" if self.settings.replicate is Replicate.individual else "session"

    def _counts(self) -> dict[str, int]:
        there, replicates = self.units.there.sum(axis=0), self.units.replicates
        numbers = [*there.tolist(), *replicates.sum(axis=0).tolist(), int(replicates.all(axis=1).sum())]
        names = ("units_first", "units_second", "replicates_first", "replicates_second", "replicates_both")
        return dict(zip(names, numbers, strict=True)) | {"zeros_first": 0, "zeros_second": 0}

    def _too_few(self, replicates: BoolArray) -> str:
        """Why nothing is tested; empty where it is."""
        few = few_words(replicates, self.pair, self.units.kind, self.statistics)
        return "; ".join([f"points only: {few}", *constant_words(self.by, self.units.constant)]) if few else ""

    def _how(self, replicates: BoolArray) -> str:
        ways, asked = arrangements(replicates), self.settings.permutations
        over = "sessions" if self.units.kind is Replicate.session else "animals"
        limits = f"means of {self._unit}s; {100 * self.statistics.confidence:g} % t limits over {over}"
        tests = shuffle_words(min(ways, asked), ways <= asked, self.units.kind, self.settings)
        return "; ".join([limits, tests, *constant_words(self.by, self.units.constant)])

    def _remarks(self, k: int, few: str) -> list[str]:
        """What is to be known of a behaviour's zeros; ``few``: nothing is tested anyhow."""
        if not self.seen[:, k].any():
            return ["never seen"]
        if not self.kept[k]:
            return [f"never seen in {self.pair[int(self.seen[0, k])]}: no log-ratio"]
        if self.kept.sum() == 1:
            return ["the only one seen in both: no log-ratio"]
        lacking = not few and self.units.showing(self.kept).sum(axis=0).min() < self.statistics.min_units
        return ["too few replicates show any behaviour that both do: no test of log-ratios"] if lacking else []

    def _tested(self, values: FloatArray, prefix: str, few: str, size: Any) -> dict[str, FloatArray]:
        """Difference, limits and p values ``[K + 1]`` of ``values [U, 2, K]``; ``size`` makes one figure of all."""
        halves = Halves(values, self.units.replicate)
        seen = halves.means[1] - halves.means[0]
        none = np.full(len(seen) + 1, np.nan)
        low, high, p, adjusted = none, none, none, none
        if not few and min(halves.replicates) >= self.statistics.min_units:
            low, high = (np.append(limit, np.nan) for limit in halves.limits(self.statistics.confidence))
            swapped, whole = swaps(self.units.replicates, self.settings.permutations, self.statistics.seed)
            other = halves.shuffled(swapped)
            both = np.append(seen, size(seen)), np.column_stack([other, size(other)])
            p = p_values(*both, whole)
            adjusted = np.append(corrected(p[:-1], self.settings.correction), np.nan)
        words = ("p", "p_corrected") if prefix == "difference" else (f"p_{prefix}", f"p_{prefix}_corrected")
        made = {prefix: np.append(seen, size(seen)), f"{prefix}_low": low, f"{prefix}_high": high}
        return made | dict(zip(words, (p, adjusted), strict=True))

    def _shares(self, few: str) -> dict[str, FloatArray]:
        seconds = self.units.seconds
        whole = seconds.sum(axis=2, keepdims=True)
        shares = np.divide(seconds, whole, out=np.full(seconds.shape, np.nan), where=whole > 0)
        means = Halves(shares, self.units.replicate).means
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
            means = Halves(log_ratios(seconds, factor * delta), self.units.replicate).means
            gap = means[1] - means[0]
            found[f"log_ratio_{name}_delta"] = np.append(gap, np.sqrt((gap**2).sum()))
        return {name: _spread(values, where) for name, values in found.items()}


def _spread(values: FloatArray, where: BoolArray) -> FloatArray:
    """``values`` at the places ``where``, NaN elsewhere."""
    made = np.full(len(where), np.nan)
    made[where] = values
    return made
