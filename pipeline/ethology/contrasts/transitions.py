"""Do two conditions differ in what follows what? Total variation of each row, tested with the animal as the unit.

Steps of one animal are not independent, so a chi-square of steps finds differences between any two groups of animals
(Machlis, Dodd and Fentress 1985, Z Tierpsychol 68: 201-214). Here conditions are shuffled over what is independent
(``units.py``), whole. The likelihood ratio of homogeneity (Anderson and Goodman 1957) stands beside it, named for what
it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import xlogy

from pipeline.boxes import FloatArray
from pipeline.ethology.contrasts.conditions import two_conditions
from pipeline.ethology.contrasts.families import table_of
from pipeline.ethology.contrasts.independence import Independence
from pipeline.ethology.contrasts.means import p_values, swaps
from pipeline.ethology.contrasts.settings import ContrastSettings, Replicate
from pipeline.ethology.contrasts.tables import TRANSITION_CONTRASTS
from pipeline.ethology.contrasts.units import few_words, shuffle_words
from pipeline.ethology.ethogram import Ethogram
from pipeline.ethology.sequences.cells import coded, form_of
from pipeline.ethology.sequences.codes import Codes, pairs
from pipeline.ethology.sequences.stretches import Stretches, as_words, state_sets, stretches
from pipeline.ethology.statistics import StatisticsSettings, chi_square_p
from pipeline.ethology.tally import ALL
from pipeline.types import BoolArray, IntArray


def compare_transitions(
    bouts: pd.DataFrame,
    by: str,
    ethogram: Ethogram,
    statistics: StatisticsSettings,
    settings: ContrastSettings,
    conditions: Sequence[str] = (),
) -> pd.DataFrame:
    """``tables.TRANSITION_CONTRASTS`` of the two values of a column of the bouts table, or of the two ``conditions``.

    A stretch ends where the condition changes. Only named animals are individuals; with sessions as the unit all rows
    count. A row is not tested where a condition has fewer than ``statistics.min_units`` replicates with such steps.
    ``UsageError`` where the column has no two such values.
    """
    pair = two_conditions(bouts, by, conditions)
    rows: list[dict[str, Any]] = []
    for of_set in state_sets(ethogram):
        found = stretches(bouts, ethogram, of_set, [by])
        found = found.part(as_words(found.bouts[by]).isin(pair).to_numpy())
        if settings.replicate is Replicate.individual:
            found = found.part(found.units[:, 0] >= 0)
        second = (as_words(found.bouts[by]) == pair[1]).to_numpy().astype(np.int64)
        for codes, of in coded(found, statistics.interval_s):
            head = {"by": by, "first": pair[0], "second": pair[1], "set": of_set, **form_of(codes)}
            halves = _Halves.of(codes, of, second, settings.replicate)
            contrast = _Contrast(halves, of.names, pair, by, statistics, settings)
            rows += [head | row for row in contrast.rows()]
    return table_of(rows, TRANSITION_CONTRASTS, settings)


@dataclass(frozen=True)
class _Halves:
    """Steps ``[G, 2, K, K]`` of each replicate in each condition."""

    steps: FloatArray
    own: Independence

    @classmethod
    def of(cls, codes: Codes, of: Stretches, second: IntArray, replicate: Replicate) -> "_Halves":
        """``second`` ``[m]`` is 1 for bouts of the second condition, else 0."""
        individual, session, _ = of.units.T
        own = Independence.of(individual, session, second, replicate)
        replicates = int(own.place.max(initial=-1)) + 1
        before, kinds = pairs(codes.stretch, 1), codes.kinds
        bout = codes.bout[before]
        half = own.place[bout] * 2 + second[bout]
        flat = (half * kinds + codes.code[before]) * kinds + codes.code[before + 1]
        counts = np.bincount(flat, minlength=replicates * 2 * kinds * kinds)
        steps = counts.reshape(replicates, 2, kinds, kinds).astype(np.float64)
        return cls(steps[steps.sum(axis=(1, 2, 3)) > 0], own)

    @property
    def there(self) -> IntArray:
        """``[G, 2, K + 1]`` steps out of each behaviour; last: of all."""
        each = self.steps.sum(axis=3)
        return np.concatenate([each, each.sum(axis=2, keepdims=True)], axis=2).astype(np.int64)

    def shuffled(self, swapped: BoolArray) -> FloatArray:
        """Steps ``[P, 2, K, K]`` with the halves of replicates ``swapped [P, G]``."""
        replicates, _, kinds, _ = self.steps.shape
        first, second = (self.steps[:, half].reshape(replicates, -1) for half in range(2))
        of_first = first.sum(axis=0) + swapped.astype(np.float64) @ (second - first)
        of_second = (first + second).sum(axis=0) - of_first
        return np.stack([of_first, of_second], axis=1).reshape(len(swapped), 2, kinds, kinds)


def total_variation(steps: FloatArray) -> FloatArray:
    """``[..., K + 1]`` half the summed differences of row probabilities of ``steps [..., 2, K, K]``; last: all rows.

    NaN where a condition has no step out of the behaviour. All rows together are weighted by their steps in both.
    """
    row = steps.sum(axis=-1)
    share = np.divide(steps, row[..., None], out=np.full(steps.shape, np.nan), where=row[..., None] > 0)
    each = np.abs(share[..., 0, :, :] - share[..., 1, :, :]).sum(axis=-1) / 2
    weight = np.where(np.isfinite(each), row.sum(axis=-2), 0.0)
    whole = weight.sum(axis=-1)
    overall = np.divide(
        (np.nan_to_num(each) * weight).sum(axis=-1), whole, out=np.full(whole.shape, np.nan), where=whole > 0
    )
    return np.concatenate([each, overall[..., None]], axis=-1)


def homogeneity(steps: FloatArray) -> tuple[FloatArray, IntArray]:
    """G2 and degrees of freedom ``[K + 1]`` of ``steps [2, K, K]`` being of one chain; last: all rows together."""
    row, column = steps.sum(axis=2, keepdims=True), steps.sum(axis=0, keepdims=True)
    both = (row > 0).all(axis=0, keepdims=True)
    expected = row * column / np.maximum(row.sum(axis=0, keepdims=True), 1.0)
    told = xlogy(steps, np.divide(steps, expected, out=np.ones(steps.shape), where=(expected > 0) & both))
    g2 = 2 * (told * both).sum(axis=(0, 2))
    df = np.where(both[0, :, 0], (column[0] > 0).sum(axis=1) - 1, 0)
    return np.append(g2, g2.sum()), np.append(df, df.sum()).astype(np.int64)


class _Contrast:
    """Two conditions of one set and form."""

    def __init__(
        self,
        halves: _Halves,
        names: Sequence[str],
        pair: tuple[str, str],
        by: str,
        statistics: StatisticsSettings,
        settings: ContrastSettings,
    ) -> None:
        self.halves, self.names, self.pair, self.by = halves, names, pair, by
        self.statistics, self.settings = statistics, settings
        self.seen = total_variation(halves.steps.sum(axis=0))

    def rows(self) -> list[dict[str, Any]]:
        """A row for each behaviour before, and one for all."""
        halves, there = self.halves, self.halves.there
        g2, df = homogeneity(halves.steps.sum(axis=0))
        why_not = [self._why_not(there[..., k] > 0, self.seen[k]) for k in range(len(self.seen))]
        tested = np.array([not why for why in why_not])
        p, shuffles, told = self._tested(tested)
        return [
            {
                "from": name,
                "steps_first": int(there[:, 0, k].sum()),
                "steps_second": int(there[:, 1, k].sum()),
                "total_variation": self.seen[k],
                "p_permuted": p[k],
                "permutations": shuffles if tested[k] else 0,
                "replicate": halves.own.kind.value,
                "replicates_first": int((there[:, 0, k] > 0).sum()),
                "replicates_second": int((there[:, 1, k] > 0).sum()),
                "replicates_both": int((there[..., k] > 0).all(axis=1).sum()),
                "constant_within_session": halves.own.constant,
                "g2_steps": g2[k] if df[k] else np.nan,
                "df_steps": int(df[k]),
                "p_steps": chi_square_p(g2[k], df[k]) if df[k] else np.nan,
                "method": why_not[k] or told,
            }
            for k, name in enumerate([*self.names, ALL])
        ]

    def _tested(self, tested: BoolArray) -> tuple[FloatArray, int, str]:
        """P of each row ``tested``, and the shuffles behind them, as a number and in words."""
        if not tested.any():
            return np.full(len(tested), np.nan), 0, ""
        halves = self.halves
        swapped, whole = swaps(halves.there[..., -1] > 0, self.settings.permutations, self.statistics.seed)
        p = p_values(self.seen, total_variation(halves.shuffled(swapped)), whole)
        told = shuffle_words(len(swapped), whole, halves.own.kind)
        return np.where(tested, p, np.nan), len(swapped), self._with_warning(told)

    def _why_not(self, there: BoolArray, seen: float) -> str:
        """Why a row that replicates ``there [G, 2]`` have steps of has no test; empty where it has."""
        if np.isnan(seen):
            return "not tested: no such step in one of the conditions"
        few = few_words(there, self.pair, self.halves.own.kind, self.statistics)
        return self._with_warning(f"not tested: {few}") if few else ""

    def _with_warning(self, told: str) -> str:
        return "; ".join([told, *self.halves.own.words(self.by)])
