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
from pipeline.ethology.correction.observed import Observed
from pipeline.ethology.correction.settings import CorrectionSettings
from pipeline.ethology.correction.shares import Change, Changed, changed_limits
from pipeline.ethology.correction.tables import CONFUSIONS, CORRECTED
from pipeline.ethology.ethogram import Ethogram
from pipeline.ethology.limited import Limited, limited
from pipeline.ethology.sequences.stretches import state_sets
from pipeline.ethology.shares import Cells, MeanOfAnimals, Pooled, Share
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
    chose = bool(held_out["chose_checkpoint"].any())
    made: list[pd.DataFrame] = []
    matrices: list[pd.DataFrame] = []
    for of_set, behaviours in sets.items():
        naming = Naming.of(behaviours, settings.merge)
        observed = Observed.of(bouts, of_set, behaviours, naming, statistics.by)
        clips = HeldOut.of(held_out, of_set, behaviours, settings.merge, observed.species)
        matrices.append(confusions(clips, settings).assign(set=of_set, chose_checkpoint=chose))
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
        """The rows of one unit: pooled, and the mean over named animals, of two recognized for long enough or more."""
        seconds = self.observed.seconds[rows].sum(axis=0)
        known = {
            "behaviour": np.array(self.clips.naming.names, dtype=object),
            "merged": np.array(self.clips.naming.merged, dtype=object),
            "clips": self.clips.clips,
            "recordings": self.clips.recordings,
            "told_s": float(seconds[:, :-1].sum()),
            "unknown_s": float(seconds[:, -1].sum()),
        }
        refused, condition = self._refused(seconds)
        ways: list[tuple[str, Share, BoolArray]] = [("pooled", Pooled(), rows)]
        watched = self.observed.watched(rows, self.statistics.min_visible_s)
        if self.observed.counts(watched)["n_individuals"] > 1:
            ways.append(("mean", MeanOfAnimals(), watched))
        return [
            known
            | {"weighting": way, "condition": condition, **self.observed.counts(own)}
            | self._figures(share, self.observed.cells(own), level, refused)
            for way, share, own in ways
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
        none = np.full(len(self.clips.naming.names), np.nan)
        recognized = None if cells is None else self._recognized(cells)
        if cells is None or recognized is None:
            raw = Limited.points(none, "no recognized time")
            return _columns(raw, *[Limited.points(none, refused or raw.method)] * 2)
        within = level == "session"
        raw = limited(share, recognized, self.statistics, within)
        if refused:
            return _columns(raw, *[Limited.points(none, refused)] * 2)
        return _columns(raw, *(self._corrected(share, cells, within, name) for name in CORRECTIONS))

    def _recognized(self, cells: Cells) -> Cells | None:
        """The seconds of each behaviour, of all species; None where none is recognized."""
        parts = cells.parts.reshape(-1, *self.shape)[..., :-1].sum(axis=1)
        kept = parts.sum(axis=1) > 0
        if not kept.any():
            return None
        return Cells(cells.session[kept], cells.animal[kept], parts[kept], parts[kept].sum(axis=1))

    def _corrected(self, share: Share, cells: Cells, within: bool, name: str) -> Limited:
        """One correction."""
        others = [self._change(name, one) for one in self.without]
        changed = Changed(share, self._change(name, self.matrices))
        return changed_limits(changed, others, cells, self.statistics, within)

    def _change(self, name: str, matrices: Matrices) -> Change:
        made: Change = getattr(matrices, name)
        return lambda told: made(told.reshape(self.shape))


def _columns(raw: Limited, corrected: Limited, stratified: Limited) -> dict[str, Any]:
    made: dict[str, Any] = {"raw_method": raw.method, "method": corrected.method}
    for name, one in (("raw", raw), *zip(CORRECTIONS, (corrected, stratified), strict=True)):
        made |= {name: one.share, f"{name}_low": one.low, f"{name}_high": one.high}
    return made
