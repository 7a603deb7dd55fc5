"""Time budgets corrected for the recognizer's errors, beside what was told.

The errors are those of held-out clips, whose animals, places and light should be those of the study; where they are
not, or the matrix is nearly singular, correcting does harm. Raw shares and an audit (``audit.py``) of one's own footage
are the first choice.
"""

from typing import Any

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.correction.confusions import confusions
from pipeline.ethology.correction.held_out import HeldOut, Matrices, Naming, check_merge
from pipeline.ethology.correction.observed import Observed, Replicates
from pipeline.ethology.correction.settings import CorrectionSettings
from pipeline.ethology.correction.shares import Change, Changed, Estimate, estimate
from pipeline.ethology.correction.tables import CONFUSIONS, CORRECTED
from pipeline.ethology.ethogram import Ethogram
from pipeline.ethology.limits import Cells, MeanOfAnimals, Pooled, Share, counted
from pipeline.ethology.sequences.stretches import state_sets
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.types import BoolArray

CORRECTIONS = ("corrected", "poststratified")  # as the columns and the methods of ``Matrices`` are called


def corrected_budgets(
    bouts: pd.DataFrame,
    held_out: pd.DataFrame,
    ethogram: Ethogram,
    statistics: StatisticsSettings,
    settings: CorrectionSettings,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``tables.CORRECTED`` of a study's ``tables.BOUTS``, and ``tables.CONFUSIONS`` of the held-out clips.

    ``held_out`` is ``tables.HELD_OUT``. Each species is corrected by the matrix of its own clips, to which
    ``prior_clips`` of all clips are put row by row; one without clips has that of all. Corrected shares are of the time
    that is told to be in sight, the unknown part of it too; what is wrongly called not visible, or wrongly visible, is
    beyond them. Of raw, and of the corrections, limits are left out under ``statistics.min_units`` units, of the latter
    also under as many held-out recordings. Bouts that were smoothed give the smoothed shares: time_budgets.csv has
    those before.
    """
    sets = {of_set: ethogram.names(of_set) for of_set in state_sets(ethogram)}
    check_merge(settings.merge, sets)
    made: list[pd.DataFrame] = []
    matrices: list[pd.DataFrame] = []
    for of_set, behaviours in sets.items():
        naming = Naming.of(behaviours, settings.merge)
        observed = Observed.of(bouts, of_set, behaviours, naming, statistics.by)
        clips = HeldOut.of(held_out, of_set, behaviours, settings.merge, observed.species)
        matrices.append(confusions(clips, settings).assign(set=of_set))
        corrector = _Corrector(observed, clips, statistics, settings)
        for level, unit, rows in observed.levels(statistics.by):
            head = {"level": level, "unit": unit, "set": of_set}
            made += [pd.DataFrame(head | block) for block in corrector.blocks(rows, level)]
    return (
        CORRECTED.cast(pd.concat(made)) if made else CORRECTED.empty(),
        CONFUSIONS.cast(pd.concat(matrices)) if matrices else CONFUSIONS.empty(),
    )


class _Corrector:
    """Corrects the units of one set."""

    def __init__(
        self, observed: Observed, clips: HeldOut, statistics: StatisticsSettings, settings: CorrectionSettings
    ) -> None:
        self.observed, self.clips, self.statistics, self.settings = observed, clips, statistics, settings
        self.too_few = clips.too_few(settings)
        self.shape = observed.seconds.shape[1:]
        if not self.too_few:
            whole = clips.counts.sum(axis=0)
            self.matrices = Matrices.of(whole, settings.prior_clips)
            self.without = [Matrices.of(whole - own, settings.prior_clips) for own in clips.counts]
            self.conditions = self.matrices.conditions()
            self.silent = not clips.counts[..., -1].any()  # no clip is told as unknown

    def blocks(self, rows: BoolArray, level: str) -> list[dict[str, Any]]:
        """The rows of one unit: pooled, and of two named animals or more the mean over them."""
        seconds = self.observed.seconds[rows].sum(axis=0)
        counts = self.observed.counts(rows)
        known = {
            "behaviour": np.array(self.clips.naming.names, dtype=object),
            "merged": np.array(self.clips.naming.merged, dtype=object),
            "clips": self.clips.clips,
            "recordings": self.clips.recordings,
            **counts,
            "told_s": float(seconds[:, :-1].sum()),
            "unknown_s": float(seconds[:, -1].sum()),
        }
        refused, condition = self._refused(seconds)
        ways: list[tuple[str, Share, Cells | None]] = [("pooled", Pooled(), self.observed.cells(rows))]
        if counts["n_individuals"] > 1:
            ways.append(("mean", MeanOfAnimals(), self.observed.cells(rows, named=True)))
        return [
            known | {"weighting": way, "condition": condition} | self._figures(share, cells, level, refused)
            for way, share, cells in ways
        ]

    def _refused(self, seconds: FloatArray) -> tuple[str, float]:
        """Why a unit with these seconds ``[S, T]`` is not corrected (empty: it is); the largest condition number."""
        if self.too_few:
            return f"raw only: {self.too_few}", np.nan
        worst = float(self.conditions[seconds.sum(axis=1) > 0].max(initial=0.0))
        if worst == 0:
            return "no time in sight", np.nan
        if worst > self.settings.max_condition:
            return f"raw only: condition number {worst:,.4g} exceeds {self.settings.max_condition:g}", worst
        if self.silent and (unknown := seconds[:, -1].sum() / seconds.sum()) > 0:
            return f"raw only: {100 * unknown:.3g} % of the time is unknown, but no held-out clip is told so", worst
        return "", worst

    def _figures(self, share: Share, cells: Cells | None, level: str, refused: str) -> dict[str, Any]:
        """Raw, corrected and post-stratified shares with their limits."""
        none = Estimate.none(len(self.clips.naming.names))
        recognized = None if cells is None else self._recognized(cells)
        if cells is None or recognized is None:
            return _columns(none, none, none, "no recognized time", refused or "no recognized time")
        raw, how = self._raw(share, recognized, Replicates.of(recognized, level))
        if refused:
            return _columns(raw, none, none, how, refused)
        replicates, recordings = Replicates.of(cells, level), len(self.clips.counts)
        few = too_few(replicates, self.statistics.min_units)
        if not few and recordings < self.statistics.min_units:
            few = f"points only: {counted(recordings, 'held-out recording')}, fewer than {self.statistics.min_units}"
        corrected, stratified = (
            self._corrected(share, cells, None if few else replicates, name) for name in CORRECTIONS
        )
        words = f"{self._limits(replicates)} and {counted(recordings, 'held-out recording')}"
        return _columns(raw, corrected, stratified, how, few or words)

    def _limits(self, replicates: Replicates) -> str:
        return f"{100 * self.statistics.confidence:g} % t interval over {replicates.words}"

    def _recognized(self, cells: Cells) -> Cells | None:
        """The seconds of each behaviour, of all species; None where none is recognized."""
        parts = cells.parts.reshape(-1, *self.shape)[..., :-1].sum(axis=1)
        kept = parts.sum(axis=1) > 0
        if not kept.any():
            return None
        return Cells(cells.session[kept], cells.animal[kept], parts[kept], parts[kept].sum(axis=1))

    def _raw(self, share: Share, cells: Cells, replicates: Replicates) -> tuple[Estimate, str]:
        """What is told, with its limits, and how they were made."""
        if few := too_few(replicates, self.statistics.min_units):
            return Estimate.point(share(cells)), few
        return estimate(share, cells, replicates, None, self.statistics.confidence), self._limits(replicates)

    def _corrected(self, share: Share, cells: Cells, replicates: Replicates | None, name: str) -> Estimate:
        """One correction; ``replicates`` None: without limits."""
        changed = Changed(share, self._change(name, self.matrices))
        if replicates is None:
            return Estimate.point(changed(cells))
        told = share(cells)
        without = np.stack([self._change(name, one)(told) for one in self.without])
        return estimate(changed, cells, replicates, without, self.statistics.confidence)

    def _change(self, name: str, matrices: Matrices) -> Change:
        made: Change = getattr(matrices, name)
        return lambda told: made(told.reshape(self.shape))


def too_few(replicates: Replicates, least: int) -> str:
    """Why there are no limits; empty where there are."""
    return f"points only: {replicates.words}, fewer than {least}" if replicates.units < least else ""


def _columns(raw: Estimate, corrected: Estimate, stratified: Estimate, raw_method: str, method: str) -> dict[str, Any]:
    made: dict[str, Any] = {"raw_method": raw_method, "method": method}
    for name, one in (("raw", raw), *zip(CORRECTIONS, (corrected, stratified), strict=True)):
        made |= {name: one.share, f"{name}_low": one.low, f"{name}_high": one.high}
    return made
