"""What is held out of training: whole units, so that no clip is judged by the twin it was learnt from."""

import logging
from dataclasses import dataclass
from enum import Enum

import numpy as np
import pandas as pd

from pipeline.errors import UsageError
from pipeline.formats.clips import apart
from pipeline.training.labels import PARTS
from pipeline.training.strata import shared_out
from pipeline.training.units import By, units
from pipeline.types import IntArray

log = logging.getLogger(__name__)


class Official(Enum):
    """The part of an official split that is judged by; ``labels.PARTS`` are all of them.

    ``test`` says how good a network is and chooses none: where weights are fitted step by step, ``val`` does.
    """

    val = "val"
    test = "test"


@dataclass(frozen=True)
class SplitSettings:
    """What is judged by and not learnt from; ``configs/split`` explains the values."""

    by: By
    held_out: float
    folds: int
    fold: int | None
    official: Official | None

    def __post_init__(self) -> None:
        if not 0 < self.held_out < 1:
            raise ValueError(f"held_out must be in (0, 1), got {self.held_out}")
        if self.folds < 0 or self.folds == 1:
            raise ValueError(f"folds must be >= 2, or 0 for one split, got {self.folds}")
        if self.fold is not None and not 0 <= self.fold < max(self.folds, 1):
            raise ValueError(f"fold must be in [0, folds), got {self.fold} of {self.folds}")
        if self.folds and self.official:
            raise ValueError(f"an official split has no folds: set folds=0, got {self.folds}")

    @property
    def crossed(self) -> bool:
        """Is every fold held out in its turn (cross-validation)?"""
        return self.folds > 0 and self.fold is None


def split(rows: pd.DataFrame, settings: SplitSettings, seed: int) -> tuple[IntArray, IntArray]:
    """Numbers of the clips to train on and of those held out, both rising. ``UsageError`` where that cannot be.

    ``rows`` are those of ``Labels``. Every behaviour is learnt; one that no choice of units brings to the held-out side
    too is said in a warning. Of an official split it is said what either side lacks. Where all folds are held out in
    turn, ``folds`` gives them.
    """
    if settings.official:
        learnt, held = _official(rows, settings.official)
    elif settings.folds:
        assert settings.fold is not None  # the caller asks for one split
        learnt, held = folds(rows, settings, seed)[settings.fold]
    else:
        unit = units(rows, settings.by)
        counts = _counts(rows, unit)
        shares = np.array([1 - settings.held_out, settings.held_out])
        dear = np.array([1.0, counts.shape[1] + 2])  # one not learnt is worse than all others not judged
        out = shared_out(counts.to_numpy(), shares, dear, seed)[unit] == 1
        learnt, held = np.flatnonzero(~out), np.flatnonzero(out)
    _warn(rows["behaviour"], learnt, held)
    return learnt, held


def folds(rows: pd.DataFrame, settings: SplitSettings, seed: int) -> list[tuple[IntArray, IntArray]]:
    """``settings.folds`` pairs as ``split`` gives them: every clip is held out once, every behaviour learnt each time.

    ``UsageError`` too where there are fewer units than folds, or where some fold would have all of a behaviour.
    """
    unit = units(rows, settings.by)
    most = int(unit.max()) + 1
    if settings.folds > most:
        raise UsageError(f"split.folds={settings.folds}, but {most} {settings.by.several} can be parted at most")
    counts = _counts(rows, unit)
    even = np.full(settings.folds, 1 / settings.folds)
    part = shared_out(counts.to_numpy(), even, np.ones(settings.folds), seed)
    made = []
    for fold in range(settings.folds):
        if lost := [str(name) for name in counts.columns[(counts[part != fold] == 0).all()]]:
            raise UsageError(
                f"no {settings.folds} folds leave all behaviours to learn from in each (one would hold out all of "
                f"{', '.join(lost)}); split.folds={most}, one {settings.by.one} at a time, can"
            )
        out = part[unit] == fold
        made.append((np.flatnonzero(~out), np.flatnonzero(out)))
    return made


def choosing(rows: pd.DataFrame, settings: SplitSettings, held: IntArray) -> IntArray:
    """Numbers of the clips that say which weights are best: ``held`` itself, but beside an official test its ``val``.

    None where an official split has no ``val``.
    """
    if settings.official is Official.test:
        return np.flatnonzero(rows["split"] == Official.val.value)
    return held


def sides(rows: pd.DataFrame, settings: SplitSettings, learnt: IntArray, held: IntArray) -> tuple[str, str]:
    """What the clips of both sides are of, in words: ``3 groups``, ``1 other group``."""
    by = By.recording if settings.official else settings.by
    ours, theirs = (rows[by.column].iloc[clips].nunique() for clips in (learnt, held))
    if settings.official:
        return by.counted(ours), f"{by.counted(theirs)} of the official split ({settings.official.value})"
    return by.counted(ours), by.counted(theirs, "other ")


def _counts(rows: pd.DataFrame, unit: IntArray) -> pd.DataFrame:
    """Clips of each behaviour in each unit: [units, behaviours]."""
    shown = rows["behaviour"].map(apart).reset_index(drop=True).explode()
    return pd.crosstab(unit[shown.index], shown.to_numpy())


def _official(rows: pd.DataFrame, part: Official) -> tuple[IntArray, IntArray]:
    """The clips that the column split gives to both sides; those of a third part stand on neither (``choosing``)."""
    there = rows["split"][rows["split"] != ""].value_counts()
    if lost := [name for name in (PARTS[0], part.value) if name not in there]:
        counted = ", ".join(f"{name} {count}" for name, count in there.items()) or "none"
        raise UsageError(
            f"split.official={part.value} needs clips of {' and of '.join(lost)} in the column split "
            f"(there are: {counted})"
        )
    return np.flatnonzero(rows["split"] == PARTS[0]), np.flatnonzero(rows["split"] == part.value)


def _warn(behaviour: "pd.Series[str]", learnt: IntArray, held: IntArray) -> None:
    """Say which behaviours one of the sides lacks."""
    ours, theirs = (set(behaviour.iloc[clips].map(apart).explode()) for clips in (learnt, held))
    if lost := sorted(theirs - ours):
        log.warning("no clip to learn from shows %s: it will not be found", ", ".join(lost))
    if lost := sorted(ours - theirs):
        log.warning("no held-out clip shows %s: how well it is found is not known", ", ".join(lost))
