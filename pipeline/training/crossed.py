"""Cross-validation: every clip is judged once, by a model that never saw its group, and the model kept learns from all.

::

    fold_0   held    learnt  learnt       what it says of its held-out clips,
    fold_1   learnt  held    learnt       and so do the others of theirs: together
    fold_2   learnt  learnt  held         one judgement of every clip
    kept     learnt  learnt  learnt       judged by none; the figures are those of the folds together

What is judged is therefore the way to train, on somewhat fewer clips than the model kept had (Stone 1974,
Cross-validatory choice and assessment of statistical predictions, Journal of the Royal Statistical Society B
36:111-147). Nothing is chosen by held-out clips while a fold is fitted: all learn for as many steps, and the last
weights count. The outputs of all folds together calibrate the model kept, as scikit-learn's CalibratedClassifierCV does
with ``ensemble=False``. The spread over folds is no interval: they share most of what they learnt from (Bengio &
Grandvalet 2004, No unbiased estimator of the variance of K-fold cross-validation, Journal of Machine Learning Research
5:1089-1105).
"""

import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.artifacts import whole
from pipeline.boxes import FloatArray
from pipeline.chain.progress import Progress
from pipeline.training.descent import by_descent
from pipeline.training.frozen import Folds, across_frozen
from pipeline.training.judge import Judged, logits_of
from pipeline.training.plan import TrainingPlan
from pipeline.training.samples import Samples
from pipeline.training.settings import FitSettings
from pipeline.training.start import halved
from pipeline.types import IntArray

LOGITS = "logits.npy"  # of a fold's held-out clips, beside its training
FIGURES = ("macro_top1", "top1", "log_loss", "map")  # of a card, those that are given fold by fold
_NONE: IntArray = np.zeros(0, dtype=np.int64)


def fold_folder(plan: TrainingPlan, fold: int) -> Path:
    """Where a fold's own training is."""
    return plan.working / f"fold_{fold}"


def cross_validated(
    plan: TrainingPlan, samples: Samples, folds: Folds, device: str, progress: Progress
) -> tuple[FloatArray, list[dict[str, float]]]:
    """Logits ``[N, K + S]`` of every clip by a model that never saw its group; leaves in ``samples`` one that saw all.

    Also the curves of the latter, a row a round. What was done before is not done again: a training that was stopped
    goes on in the fold, at the step, where it was. Errors as of ``by_descent``; ``max_minutes`` are for all together.
    """
    if not isinstance(plan.fit, FitSettings):
        return across_frozen(plan, plan.fit, samples, folds, device, progress), []
    if plan.fit.patience is not None:
        progress.say(
            "fit.patience is not used: no held-out clip is looked at before a fold has learnt, so none stops it"
        )
    left_minutes = _counting(plan.max_minutes)
    logits = np.zeros((len(samples.labels), samples.start.outputs))
    for fold, (learnt, held) in enumerate(folds):
        own = replace(plan, out=fold_folder(plan, fold), max_minutes=left_minutes())
        kept = own.out / LOGITS
        if not kept.is_file():
            progress.say(f"fold {fold}: {len(learnt)} clips to learn from, {len(held)} to judge by")
            _keep(kept, _of_fold(own, plan.fit, samples, learnt, held, device, progress))
        logits[held] = np.load(kept, allow_pickle=False)
    progress.say(f"the model that is kept: all {len(samples.labels)} clips to learn from")
    everything = np.arange(len(samples.labels), dtype=np.int64)
    last = replace(plan, max_minutes=left_minutes())
    return logits, by_descent(last, plan.fit, samples, everything, _NONE, device, progress)


def _of_fold(
    plan: TrainingPlan,
    settings: FitSettings,
    samples: Samples,
    learnt: IntArray,
    held: IntArray,
    device: str,
    progress: Progress,
) -> FloatArray:
    """What a model of its own, fitted to ``learnt``, says of ``held``, in half precision as one is saved."""
    own = replace(samples, start=deepcopy(samples.start))
    by_descent(plan, settings, own, learnt, _NONE, device, progress)
    halved(own.start.model)
    return logits_of(own, held, settings.batch, device, progress)


def _keep(path: Path, logits: FloatArray) -> None:
    with whole(path) as part, part.open("wb") as file:
        np.save(file, logits)


def _counting(minutes: float | None) -> Callable[[], float | None]:
    """What is left of the minutes from now on."""
    started = time.monotonic()
    return lambda: None if minutes is None else max(minutes - (time.monotonic() - started) / 60, 1e-9)


def by_fold(found: Judged) -> pd.DataFrame:
    """Figures of each fold by itself, a row each: ``fold clips groups`` and those of ``FIGURES`` that there are.

    A mean over behaviours is over those that the fold shows.
    """
    assert found.fold is not None  # asked for where there are folds
    rows = []
    for fold in np.unique(found.fold).tolist():
        mine = found.fold == fold
        own = Judged(found.outcomes.part(mine), found.apart.part(mine), found.rows[mine], found.exclusive)
        told = {name: value for name, value in own.figures.items() if name in FIGURES}
        rows.append({"fold": fold, "clips": len(own.rows), "groups": own.rows["group"].nunique()} | told)
    return pd.DataFrame(rows)


def spread(folds: pd.DataFrame) -> dict[str, float]:
    """Mean and standard deviation over the folds, for the card: ``macro_top1 mean of folds``, ``... sd of folds``."""
    return {f"{name} {word}": round(value, 4) for word, of in _over(folds).items() for name, value in of.items()}


def words(folds: pd.DataFrame, pooled: dict[str, float]) -> str:
    """What is printed of the folds: a line each, their mean and spread, and all clips together."""
    counts = ["clips", "groups"]
    total = {name: int(folds[name].sum()) for name in counts} | {n: v for n, v in pooled.items() if n in folds}
    lines = pd.DataFrame.from_dict(_over(folds) | {"together": total}, orient="index")
    table = pd.concat([folds.set_index("fold").rename(index="fold {}".format), lines])
    return table.to_string(float_format="%.3f", na_rep="", formatters=dict.fromkeys(counts, "{:.0f}".format))


def _over(folds: pd.DataFrame) -> dict[str, dict[str, float]]:
    names = [name for name in FIGURES if name in folds]
    return {
        "mean of folds": {name: float(folds[name].mean()) for name in names},
        "sd of folds": {name: float(folds[name].std(ddof=1)) for name in names},
    }
