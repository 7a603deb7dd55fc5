"""Whose behaviour is compared: each unit's time and bouts in either condition, and what is independent among them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.contrasts.settings import ContrastSettings, Replicate
from pipeline.ethology.limits import too_few
from pipeline.ethology.sequences.stretches import as_words, in_order, who
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.types import BoolArray, IntArray
from pipeline.words import plural

# A session is in one condition (herd size): its animals share whatever else is special that day, so the session is the
# replicate, however many animals it has. Where sessions have both (sex, time of day), each is its own control. Animals
# that are seen in several such sessions are their own control too, and then they are what is independent.


@dataclass(frozen=True)
class Units:
    """``U`` units with what they did ``[U, 2, K]`` in both conditions, and the replicate of each ``[U]``, from 0."""

    seconds: FloatArray
    starts: FloatArray  # bouts whose start was seen
    ends: FloatArray  # bouts that were seen to end
    replicate: IntArray
    kind: Replicate
    constant: bool  # is no session in both conditions?

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
        kind, constant = independent(individual, session, half, settings.replicate)
        unit = cluster = session if kind is Replicate.session else individual
        if settings.replicate is not kind:
            unit = np.unique(np.column_stack([individual, session]), axis=0, return_inverse=True)[1].reshape(-1)
        units, first, place = np.unique(unit, return_index=True, return_inverse=True)
        code = pd.Categorical(rows["behaviour"], categories=list(names)).codes
        told = np.column_stack([rows["duration_s"], ~rows["censored_start"], ~rows["censored_stop"]])
        sums = np.zeros((len(units), 2, len(names), 3))
        np.add.at(sums, (place.reshape(-1), half, code), told.astype(np.float64))
        replicate = np.unique(cluster[first], return_inverse=True)[1].reshape(-1).astype(np.int64)
        return cls(sums[..., 0], sums[..., 1], sums[..., 2], replicate, kind, constant)

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
        found = np.zeros((int(self.replicate.max(initial=-1)) + 1, *some.shape[1:]), dtype=bool)
        np.logical_or.at(found, self.replicate, some)
        return found


def independent(
    individual: IntArray, session: IntArray, half: IntArray, replicate: Replicate
) -> tuple[Replicate, bool]:  # fmt: skip
    """What is independent among rows of these individuals, sessions and halves (0 or 1), and whether no session has
    both.
    """
    constant = _one_to_one(session, half)
    nested = constant or _one_to_one(individual, session)
    return Replicate.session if nested else replicate, constant


def few_words(there: BoolArray, pair: tuple[str, str], kind: Replicate, statistics: StatisticsSettings) -> str:
    """Why replicates ``there [G, 2]`` are too few to say how far a difference holds; empty where they are not."""
    numbers = zip(there.sum(axis=0).tolist(), pair, strict=True)
    return too_few([(n, f"{plural(n, kind.word)} in {name}") for n, name in numbers], statistics.min_units)


def constant_words(by: str, constant: bool) -> list[str]:
    """What is to be known of a column that does not vary within any session."""
    told = f"{by} is constant within each session: sessions are the replicates, not their animals"
    return [told] if constant else []


def shuffle_words(number: int, whole: bool, kind: Replicate) -> str:
    """How p was made: ``all 924 shuffles of the conditions over sessions``."""
    return f"{'all ' * whole}{number:,} shuffles of the conditions over {kind.over}"


def _one_to_one(first: IntArray, second: IntArray) -> bool:
    """Has every ``first`` one ``second`` only?"""
    pairs = np.unique(np.column_stack([first, second]), axis=0)
    return len(pairs) == len(np.unique(first))
