"""What two conditions are compared on: whose behaviour, how many are independent, and why nothing can be said."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from pipeline.ethology.contrasts.conditions import two_conditions
from pipeline.ethology.contrasts.independence import Independent
from pipeline.ethology.contrasts.means import arrangements, swaps
from pipeline.ethology.contrasts.settings import ContrastSettings, Replicate
from pipeline.ethology.contrasts.units import Units, few_words, shuffle_words
from pipeline.ethology.contrasts.watched import watched
from pipeline.ethology.durations.merging import bridged
from pipeline.ethology.ethogram import Ethogram, Kind
from pipeline.ethology.record import record
from pipeline.ethology.sequences.stretches import as_words
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.types import BoolArray

_MANY = 1_000_000_000  # more arrangements are not counted


@dataclass(frozen=True)
class Footing:
    """The units of two conditions in one set, and how they are compared."""

    of_set: str
    kind: Kind
    names: tuple[str, ...]  # [K]
    units: Units
    by: str
    pair: tuple[str, str]
    statistics: StatisticsSettings
    settings: ContrastSettings
    brief: str  # which animals were recognized for too short a time; empty: none

    @property
    def head(self) -> dict[str, Any]:
        """What every row of the set begins with: the comparison, and its numbers."""
        replicates = self.units.replicates
        counts = (self.units.there.sum(axis=0), replicates.sum(axis=0))
        numbers = {
            f"{what}_{half}": int(count[k])
            for what, count in zip(("units", "replicates"), counts, strict=True)
            for k, half in enumerate(("first", "second"))
        }
        return {
            "by": self.by,
            "first": self.pair[0],
            "second": self.pair[1],
            "set": self.of_set,
            **numbers,
            "replicates_both": int(replicates.all(axis=1).sum()),
            "replicate": self.units.own.kind.value,
            "constant_within_session": self.units.own.constant,
            "arrangements": min(arrangements(replicates), _MANY),
        }

    @property
    def unit(self) -> str:
        """What has one value in each condition."""
        return Independent(self.settings.replicate.value).word

    @property
    def nothing(self) -> str:
        """Why nothing is compared; empty where something is."""
        lost = [name for name, some in zip(self.pair, self.units.there.T, strict=True) if not some.any()]
        told = f"no recognized time of a {self.unit} in {' and '.join(lost)}" if lost else ""
        return f"{told}, or too little: {self.brief}" if told and self.brief else told

    @property
    def few(self) -> str:
        """Why nothing is tested; empty where it is."""
        few = few_words(self.units.replicates, self.pair, self.units.own.kind, self.statistics)
        return "; ".join([few, *self.units.own.words(self.by)]) if few else ""

    @property
    def how(self) -> str:
        """How limits and p of means over units are made."""
        ways, asked = arrangements(self.units.replicates), self.settings.permutations
        limits = (
            f"means of {self.unit}s; {100 * self.statistics.confidence:g} % t limits over {self.units.own.kind.over}"
        )
        tests = shuffle_words(min(ways, asked), ways <= asked, self.units.own.kind)
        return "; ".join([limits, tests, *self.units.own.words(self.by)])

    @property
    def told(self) -> str:
        """How it is compared, or why nothing is tested, and who was left out."""
        return "; ".join(filter(None, [self.few or self.how, self.brief and f"not counting {self.brief}"]))

    def enough(self, some: BoolArray) -> BoolArray:
        """``[...]`` have ``statistics.min_units`` replicates in both conditions ``some [U, 2, ...]``?"""
        numbers = self.units.having(some).sum(axis=0)
        return np.asarray((numbers >= self.statistics.min_units).all(axis=0))

    def swaps(self) -> tuple[BoolArray, bool]:
        """``means.swaps`` of the replicates."""
        return swaps(self.units.replicates, self.settings.permutations, self.statistics.seed)


def footings(
    bouts: pd.DataFrame,
    by: str,
    ethogram: Ethogram,
    statistics: StatisticsSettings,
    settings: ContrastSettings,
    conditions: Sequence[str],
    gap_s: Mapping[tuple[str, str], float] = MappingProxyType({}),
) -> Iterator[Footing]:
    """Of each set, for two values of a column of the bouts table, or for the two ``conditions``.

    Bouts that gaps up to ``gap_s`` part are one, by set and behaviour (``durations.merging.bridged``). ``UsageError``
    where the column has no two such values, ``TableError`` where the table has faults.
    """
    pair = two_conditions(bouts, by, conditions)
    whole = bridged(record(bouts.assign(**{by: as_words(bouts[by])}), ethogram, by), gap_s)
    who = whole.who.rows
    half = (who[by] == pair[1]).to_numpy(dtype=bool)
    for of_set in ethogram.sets:
        visible_s, brief = whole.visible_s(of_set), ""
        kept = who[by].isin(pair).to_numpy() & (visible_s > 0)
        if settings.replicate is Replicate.individual:
            kept &= (who["individual"] != "").to_numpy()
            kept[kept], brief = watched(who[kept], visible_s[kept], half[kept], pair, statistics.min_visible_s)
        units = Units.of(whole, of_set, kept, half, settings)
        kind, names = ethogram.kind(of_set), ethogram.names(of_set)
        yield Footing(of_set, kind, names, units, by, pair, statistics, settings, brief)
