"""What follows what, cell by cell and over the whole table: counts, chance, effect sizes, permutations.

Definitions and sources: ``expected.py``, ``effects.py``, ``permutation.py``.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.ethogram import Ethogram
from pipeline.ethology.limited import Limited, limited
from pipeline.ethology.sequences.codes import Codes, bout_codes, counted, pairs, sampled_codes
from pipeline.ethology.sequences.effects import kappa, odds_ratio, yules_q
from pipeline.ethology.sequences.expected import chance
from pipeline.ethology.sequences.permutation import (
    affordable,
    corrected,
    correction_words,
    permuted_counts,
    too_few,
    two_sided,
)
from pipeline.ethology.sequences.settings import SequenceSettings
from pipeline.ethology.sequences.stretches import Stretches, cells_of, groups
from pipeline.ethology.sequences.tables import STEPS, WHOLE
from pipeline.ethology.shares import Cells, Pooled
from pipeline.ethology.statistics import StatisticsSettings, chi_square_p
from pipeline.ethology.units import stacked
from pipeline.types import BoolArray, IntArray
from pipeline.words import plural

_Rows = tuple[list[dict[str, Any]], dict[str, Any]]  # blocks of ``STEPS``, and one row of ``WHOLE``


def transition_tests(
    bouts: pd.DataFrame, ethogram: Ethogram, statistics: StatisticsSettings, settings: SequenceSettings
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``tables.STEPS``, a row for each ordered pair of states, and ``tables.WHOLE``, a row for each table of them.

    ``bouts`` is tables.BOUTS, with further columns where ``settings.by`` names them; each group, form and lag has a
    table of its own, also where nothing was seen. ``TableError`` says what is wrong with the bouts.
    """
    cells: list[dict[str, Any]] = []
    whole: list[dict[str, Any]] = []
    known: dict[tuple[str, ...], list[_Rows]] = {}  # a group of everybody is the same as all
    for head, found in groups(bouts, ethogram, settings.by):
        told = (found.code, found.stretch, found.units, found.bouts[["start_s", "stop_s"]].to_numpy())
        within = head["level"] == "session"
        same = (head["set"], str(within), *(some.tobytes().hex() for some in told))
        if same not in known:
            ways = coded(found, statistics.interval_s)
            known[same] = [rows for codes, of in ways for rows in _tables(codes, of, statistics, settings, within)]
        for block, row in known[same]:
            cells += [head | some for some in block]
            whole.append(head | row)
    return (
        STEPS.cast(stacked(cells, "to")) if cells else STEPS.empty(),
        WHOLE.cast(pd.DataFrame(whole)) if whole else WHOLE.empty(),
    )


def coded(of: Stretches, step_s: float) -> Iterator[tuple[Codes, Stretches]]:
    """Both forms in turn."""
    yield bout_codes(of), of
    yield sampled_codes(of, step_s), of


def form_of(codes: Codes) -> dict[str, Any]:
    """The columns ``form`` and ``step_s``."""
    return {"form": codes.form, "step_s": np.nan if codes.step_s is None else codes.step_s}


def _tables(
    codes: Codes, of: Stretches, statistics: StatisticsSettings, settings: SequenceSettings, within: bool
) -> Iterator[_Rows]:
    """The rows of each lag, without who they are of; ``within``: that is one session."""
    of_lags = [_Tested(codes, lag, settings, 1 - statistics.confidence) for lag in range(1, settings.lags + 1)]
    number = max(tested.wanted for tested in of_lags)
    permuted = permuted_counts(codes, settings.lags, number, statistics.seed)
    for lag, tested in enumerate(of_lags, start=1):
        tested.permute(permuted[lag - 1])
        top = {**form_of(codes), "lag": lag}
        before = pairs(codes.stretch, lag)
        bout = np.unique(codes.bout[before])
        stretches_behind = len(np.unique(codes.stretch[before]))
        cell = codes.code[before] * codes.kinds + codes.code[before + lag]
        behind = of.behind_each(codes.bout[before], cell, codes.kinds**2)
        share = _of_all(of.units[codes.bout[before]], cell, codes.kinds, statistics, within)
        yield tested.cells(top, of.names, behind, share), {**top, **tested.whole(stretches_behind), **of.behind(bout)}


def _of_all(units: IntArray, cell: IntArray, kinds: int, statistics: StatisticsSettings, within: bool) -> Limited:
    """The share ``[K * K]`` of each cell in all steps, with limits; ``units [steps, 3]`` as of ``Stretches.units``."""
    if not len(cell):
        return Limited.points(np.full(kinds**2, np.nan), "no step")
    cells, place = cells_of(units)
    counts = np.bincount(place * kinds**2 + cell, minlength=len(cells) * kinds**2).reshape(len(cells), kinds**2)
    behind = Cells(cells[:, 0], cells[:, 1], counts.astype(np.float64), counts.sum(axis=1).astype(np.float64))
    return limited(Pooled(), behind, statistics, within)


class _Tested:
    """One table of counts with everything that is said of it; ``permute`` comes before the cells."""

    def __init__(self, codes: Codes, lag: int, settings: SequenceSettings, alpha: float) -> None:
        self.counts, self.settings, self.alpha = counted(codes, lag), settings, alpha
        self.repeats = codes.repeats(lag)
        self.fit = chance(self.counts, self.repeats)
        self.total = int(self.counts.sum())
        self.why_not = self._why_not()
        self.codes, self.affordable = codes, affordable(codes, settings.permutations)
        self.sparse: BoolArray = self.fit.cells & ~(self.fit.expected >= settings.min_expected)
        self.model = "independence" if self.repeats else "quasi-independence: no behaviour follows itself"
        if self.repeats and codes.step_s is None:
            self.model += ", which does not know that neighbours differ: trust the permutations"

    @property
    def cells_tested(self) -> int:
        """The number of tests."""
        return int(self.fit.cells.sum())

    @property
    def wanted(self) -> int:
        """How many permutations; none where the codes are so many that those they can have would tell nothing."""
        short = self.affordable < self.settings.permutations
        tells = not (short and too_few(self.affordable, self.settings.correction, self.cells_tested, self.alpha))
        return self.affordable if tells and not self.why_not else 0

    def permute(self, permuted: IntArray) -> None:
        """Hold the counts against those of the codes in other orders ``[K, K, permutations]``."""
        self.permutations = 0 if self.why_not else permuted.shape[-1]
        self.p = two_sided(self.counts, permuted) if self.permutations else np.full(self.counts.shape, np.nan)
        self.p[~self.fit.cells] = np.nan

    def whole(self, stretches_behind: int) -> dict[str, Any]:
        """The row of ``WHOLE`` without its head and sample sizes."""
        tested = not self.why_not
        return {
            "total": self.total,
            "stretches": stretches_behind,
            "g2": self.fit.g2 if tested else np.nan,
            "df": self.fit.df,
            "p": chi_square_p(self.fit.g2, self.fit.df) if tested else np.nan,
            "sparse_cells": int(self.sparse.sum()),
            "method": self.model if tested else f"{self.model}; {self.why_not}",
        }

    def cells(
        self, head: dict[str, Any], names: Sequence[str], behind: dict[str, IntArray], share: Limited
    ) -> list[dict[str, Any]]:
        """Blocks of ``STEPS``, one for each behaviour before; ``behind`` has the sample sizes ``[K * K]``."""
        sized = behind | {"p_all_low": share.low, "p_all_high": share.high}
        column = self.counts.sum(axis=0)
        figures = self._figures() | {name: values.reshape(self.counts.shape) for name, values in sized.items()}
        blocks = []
        for number, before in enumerate(names):
            after = [k for k in range(len(names)) if k != number or self.repeats]
            blocks.append(
                {
                    **head,
                    "from": before,
                    "to": np.array([names[k] for k in after], dtype=object),
                    "count": self.counts[number, after],
                    "row_total": int(self.counts[number].sum()),
                    "column_total": column[after],
                    "total": self.total,
                    "p_all_method": share.method,
                    "sparse": self.sparse[number, after],
                    "permutations": self.permutations,
                    "method": f"{self.model}; {self.why_not or self._permuted()}",
                    **{name: values[number, after] for name, values in figures.items()},
                }
            )
        return blocks

    def _figures(self) -> dict[str, FloatArray]:
        """What each cell ``[K, K]`` has; NaN where it has none."""
        fit, row = self.fit, self.counts.sum(axis=1, keepdims=True)
        fitted = fit.cells & np.isfinite(fit.expected)
        expected = np.where(fitted, fit.expected, 0.0)
        return {
            "p_row": self.counts / np.where(row > 0, row, np.nan),
            "p_all": self.counts / (self.total or np.nan),
            "expected": np.where(fitted, expected, np.nan),
            "residual": np.where(bool(self.why_not), np.nan, fit.residual),
            "odds_ratio": np.where(fit.cells, odds_ratio(self.counts), np.nan),
            "yules_q": np.where(fit.cells, yules_q(self.counts), np.nan),
            "yules_q_chance": np.where(fitted, yules_q(expected), np.nan),
            "kappa": np.where(fitted, kappa(self.counts, expected), np.nan),
            "p_permuted": self.p,
            "p_corrected": corrected(self.p, self.settings.correction),
        }

    def _why_not(self) -> str:
        """Why there is no test; empty where there is."""
        if self.total < self.settings.min_steps:
            return f"not tested: {plural(self.total, 'step')}, fewer than {self.settings.min_steps}"
        if np.isnan(self.fit.expected).any():
            return "not tested: expected counts could not be fitted"
        return "" if self.fit.df > 0 else "not tested: the totals leave no choice"

    def _permuted(self) -> str:
        """What is to be said of the permutations."""
        cells, asked = self.cells_tested, self.settings.permutations
        if not asked:
            return "no permutations asked for"
        if not self.permutations:
            over = f"{self.settings.correction.value} over {plural(cells, 'cell')}"
            longer = "" if self.codes.step_s is None else ", a longer statistics.interval_s makes fewer codes"
            return (
                f"not permuted: {len(self.codes.code):,} codes can have {plural(self.affordable, 'permutation')}, too "
                f"few for any p_corrected to be small ({over}); sequences.correction=benjamini_hochberg needs fewer"
                f"{longer}"
            )
        told = f"{self.permutations:,} permutations within stretches"
        if self.permutations < asked:
            told += f" ({asked:,} were asked for, which the number of codes does not allow)"
        return f"{told}, {correction_words(self.settings.correction, cells, 'cell', self.permutations, self.alpha)}"
