"""Do two conditions differ in what follows what? Total variation of each row, tested with the animal as the unit.

Steps of one animal are not independent, so a chi-square of steps finds differences between any two groups of animals
(Machlis, Dodd and Fentress 1985, Z Tierpsychol 68: 201-214). Here conditions are shuffled over individuals, or
sessions: a unit that was seen in both keeps its two halves, which may change places; the others change conditions among
themselves. The likelihood ratio of homogeneity (Anderson and Goodman 1957) stands beside it, named for what it is.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import xlogy
from scipy.stats import chi2

from pipeline.boxes import FloatArray
from pipeline.ethology.ethogram import Ethogram
from pipeline.ethology.sequences.cells import coded, form_of, plural
from pipeline.ethology.sequences.codes import Codes, pairs
from pipeline.ethology.sequences.permutation import corrected
from pipeline.ethology.sequences.settings import Replicate, SequenceSettings
from pipeline.ethology.sequences.stretches import Stretches, as_words, state_sets, stretches, two_conditions
from pipeline.ethology.sequences.tables import COMPARISON
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.types import BoolArray, IntArray

_ALL = "all"


def compare_transitions(
    bouts: pd.DataFrame,
    by: str,
    ethogram: Ethogram,
    statistics: StatisticsSettings,
    settings: SequenceSettings,
    conditions: Sequence[str] = (),
) -> pd.DataFrame:
    """``tables.COMPARISON`` of the two values of a column of the bouts table, or of the two ``conditions`` among them.

    A stretch ends where the condition changes. Only named animals are individuals; with sessions as the unit all rows
    count. ``UsageError`` where the column has no two such values.
    """
    wanted = two_conditions(bouts, by, conditions)
    rows: list[dict[str, Any]] = []
    for of_set in state_sets(ethogram):
        found = stretches(bouts, ethogram, of_set, [by])
        found = found.part(as_words(found.bouts[by]).isin(wanted).to_numpy())
        if settings.replicate is Replicate.individual:
            found = found.part(found.units[:, 0] >= 0)
        second = (as_words(found.bouts[by]) == wanted[1]).to_numpy().astype(np.int64)
        for codes, of in coded(found, statistics.interval_s):
            head = {"by": by, "first": wanted[0], "second": wanted[1], "set": of_set, **form_of(codes)}
            rows += [head | row for row in _rows(_Halves(codes, of, second, settings), of.names, statistics, settings)]
    return COMPARISON.cast(pd.DataFrame(rows)) if rows else COMPARISON.empty()


class _Halves:
    """Steps ``[u, 2, K, K]`` of each unit in each condition."""

    def __init__(self, codes: Codes, of: Stretches, second: IntArray, settings: SequenceSettings) -> None:
        unit = of.units[:, 0 if settings.replicate is Replicate.individual else 1]
        names, place = np.unique(unit, return_inverse=True)
        before, kinds = pairs(codes.stretch, 1), codes.kinds
        bout = codes.bout[before]
        half = place.reshape(-1)[bout] * 2 + second[bout]
        flat = (half * kinds + codes.code[before]) * kinds + codes.code[before + 1]
        counts = np.bincount(flat, minlength=len(names) * 2 * kinds * kinds)
        steps = counts.reshape(len(names), 2, kinds, kinds).astype(np.float64)
        self.steps: FloatArray = steps[steps.sum(axis=(1, 2, 3)) > 0]

    def there(self) -> IntArray:
        """``[u, 2, K]`` steps out of each behaviour."""
        there: IntArray = self.steps.sum(axis=3).astype(np.int64)
        return there

    def shuffled(self, permutations: int, seed: int) -> FloatArray:
        """Steps ``[permutations, 2, K, K]`` with the conditions shuffled over the units."""
        rng = np.random.default_rng(seed)
        units, _, kinds, _ = self.steps.shape
        seen = self.steps.sum(axis=(2, 3)) > 0
        single = np.flatnonzero(~seen.all(axis=1))
        swapped = rng.integers(0, 2, (permutations, units)).astype(np.float64)
        labels = np.tile(seen[single, 1].astype(np.float64), (permutations, 1))
        swapped[:, single] = np.abs(rng.permuted(labels, axis=1) - seen[single, 1])
        first, second = (self.steps[:, half].reshape(units, -1) for half in range(2))
        total = first.sum(axis=0) + second.sum(axis=0)
        of_first = first.sum(axis=0) + swapped @ (second - first)
        return np.stack([of_first, total - of_first], axis=1).reshape(permutations, 2, kinds, kinds)


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


def _rows(
    halves: _Halves, names: Sequence[str], statistics: StatisticsSettings, settings: SequenceSettings
) -> list[dict[str, Any]]:
    """A row for each behaviour before, and one for all."""
    steps, there = halves.steps.sum(axis=0), halves.there()
    there = np.concatenate([there, there.sum(axis=2, keepdims=True)], axis=2)
    seen, (g2, df) = total_variation(steps), homogeneity(steps)
    why_not = [_why_not(there[..., k] > 0, seen[k], statistics, settings) for k in range(len(seen))]
    tested = np.array([not why for why in why_not])
    p = _p_values(halves, seen, tested, statistics, settings)
    each = np.append(corrected(p[:-1], settings.correction), np.nan)
    told = _told(int(tested[:-1].sum()), settings)
    return [
        {
            "from": name,
            "steps_first": int(there[:, 0, k].sum()),
            "steps_second": int(there[:, 1, k].sum()),
            "total_variation": seen[k],
            "p_permuted": p[k],
            "p_corrected": each[k],
            "permutations": settings.permutations if tested[k] else 0,
            "units_first": int((there[:, 0, k] > 0).sum()),
            "units_second": int((there[:, 1, k] > 0).sum()),
            "units_both": int((there[..., k] > 0).all(axis=1).sum()),
            "g2_steps": g2[k] if df[k] else np.nan,
            "df_steps": int(df[k]),
            "p_steps": float(chi2.sf(g2[k], df[k])) if df[k] else np.nan,
            "method": why_not[k] or told,
        }
        for k, name in enumerate([*names, _ALL])
    ]


def _p_values(
    halves: _Halves, seen: FloatArray, tested: BoolArray, statistics: StatisticsSettings, settings: SequenceSettings
) -> FloatArray:
    """``(k + 1) / (n + 1)`` of each row ``tested``; a shuffle that leaves a row empty counts as far."""
    p = np.full(len(seen), np.nan)
    if tested.any():
        other = total_variation(halves.shuffled(settings.permutations, statistics.seed))
        far = ~(other < seen - 1e-12)
        p[tested] = ((far.sum(axis=0) + 1) / (settings.permutations + 1))[tested]
    return p


def _why_not(there: BoolArray, seen: float, statistics: StatisticsSettings, settings: SequenceSettings) -> str:
    """Why a row that units ``there [u, 2]`` have steps of has no test; empty where it has."""
    word = "named animal" if settings.replicate is Replicate.individual else "session"
    units = int(there.any(axis=1).sum())
    if np.isnan(seen):
        return "not tested: no such step in one of the conditions"
    if units < statistics.min_units:
        return f"not tested: {plural(units, word)}, fewer than {statistics.min_units}"
    return "" if settings.permutations else "no permutations asked for"


def _told(rows: int, settings: SequenceSettings) -> str:
    word = "named animals" if settings.replicate is Replicate.individual else "sessions"
    shuffles = f"{settings.permutations:,} shuffles of the conditions over {word}"
    return f"{shuffles}, {settings.correction.value} over {plural(rows, 'row')}"
