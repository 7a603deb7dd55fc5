"""Whose behaviour is compared: each unit's time and bouts in either condition, and what is independent among them."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.contrasts.independence import Independence, Independent
from pipeline.ethology.contrasts.settings import ContrastSettings, Replicate
from pipeline.ethology.limits import too_few
from pipeline.ethology.sequences.stretches import as_words, in_order, who
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.ethology.sums import distinct_pairs
from pipeline.types import BoolArray
from pipeline.words import plural


@dataclass(frozen=True)
class Units:
    """``U`` units with what they did ``[U, 2, K]`` in both conditions; ``own.place`` ``[U]`` is the replicate of each.

    A unit is a session, or a named animal: once in each replicate that shows it.
    """

    seconds: FloatArray
    starts: FloatArray  # bouts whose start was seen
    ends: FloatArray  # bouts that were seen to end
    own: Independence

    @classmethod
    def of(
        cls,
        bouts: pd.DataFrame,
        of_set: str,
        names: tuple[str, ...],
        by: str,
        conditions: tuple[str, str],
        settings: ContrastSettings,
    ) -> "Units":
        """From ``tables.BOUTS``: recognized time in either condition, with individuals as the unit of named ones."""
        rows = in_order(bouts, of_set, names)
        value = as_words(rows[by])
        rows = rows[rows["behaviour"].isin(names) & value.isin(conditions) & (rows["duration_s"] > 0)]
        numbers = who(rows)
        if settings.replicate is Replicate.individual:
            rows, numbers = rows[numbers[:, 0] >= 0], numbers[numbers[:, 0] >= 0]
        individual, session = numbers[:, 0], numbers[:, 1]
        half = (as_words(rows[by]) == conditions[1]).to_numpy().astype(np.int64)
        own = Independence.of(individual, session, half, settings.replicate)
        unit = session if settings.replicate is Replicate.session else distinct_pairs(individual, own.place)[1]
        units, first, place = np.unique(unit, return_index=True, return_inverse=True)
        code = pd.Categorical(rows["behaviour"], categories=list(names)).codes
        told = np.column_stack([rows["duration_s"], ~rows["censored_start"], ~rows["censored_stop"]])
        sums = np.zeros((len(units), 2, len(names), 3))
        np.add.at(sums, (place.reshape(-1), half, code), told.astype(np.float64))
        return cls(sums[..., 0], sums[..., 1], sums[..., 2], replace(own, place=own.place[first]))

    @property
    def there(self) -> BoolArray:
        """``[U, 2]`` has the unit any time in the condition?"""
        return np.asarray(self.seconds.sum(axis=2) > 0)

    @property
    def replicates(self) -> BoolArray:
        """``[G, 2]`` has the replicate?"""
        return self.having(self.there)

    def having(self, some: BoolArray) -> BoolArray:
        """``[G, 2, ...]`` has any unit of the replicate ``some [U, 2, ...]``?"""
        found = np.zeros((int(self.own.place.max(initial=-1)) + 1, *some.shape[1:]), dtype=bool)
        np.logical_or.at(found, self.own.place, some)
        return found


def few_words(there: BoolArray, pair: tuple[str, str], kind: Independent, statistics: StatisticsSettings) -> str:
    """Why replicates ``there [G, 2]`` are too few to say how far a difference holds; empty where they are not."""
    numbers = zip(there.sum(axis=0).tolist(), pair, strict=True)
    return too_few([(n, f"{plural(n, kind.word)} in {name}") for n, name in numbers], statistics.min_units)


def shuffle_words(number: int, whole: bool, kind: Independent) -> str:
    """How p was made: ``all 924 shuffles of the conditions over sessions``."""
    return f"{'all ' * whole}{number:,} shuffles of the conditions over {kind.over}"
