"""``ethopipe evaluate``: scores of labelled clips, or a run, beside the truth, as figures, tables and pictures."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.artifacts import whole, write_json
from pipeline.boxes import FloatArray
from pipeline.chain.progress import Progress
from pipeline.ethology.statistics import expanded_tail
from pipeline.evaluation.against_labels import evaluate_run
from pipeline.evaluation.calibration import calibrated, calibration_error, reliability, thresholds, told
from pipeline.evaluation.confusion import confusion, confusion_table
from pipeline.evaluation.metrics import Figures, figures
from pipeline.evaluation.outcomes import Outcomes, read_outcomes
from pipeline.evaluation.results import DPI, FILE, known, limited, shown
from pipeline.evaluation.settings import EvaluationPlan
from pipeline.report.recognition import confusion_figure, reliability_figure
from pipeline.report.style import save, styled
from pipeline.types import BoolArray

_CHUNK = 100  # resamples at once


def evaluate(plan: EvaluationPlan, progress: Progress) -> dict[str, Any]:
    """Reckon, write everything into ``plan.out``, say the figures; the contents of ``evaluation.json``."""
    if plan.scores is None:
        return evaluate_run(plan, progress)
    outcomes = read_outcomes(plan.scores, plan.block)
    measured = _measured(outcomes, plan)
    halves = _crossed(outcomes, plan.precision)
    single = outcomes.part(outcomes.single)
    found = single.probabilities.argmax(axis=1)
    counts = confusion(single.truth.argmax(axis=1), found, len(outcomes.behaviours))
    bins = {"as given": reliability(outcomes)} | ({"calibrated": reliability(halves.outcomes)} if halves else {})
    made = {
        "scores": str(plan.scores),
        "clips": len(outcomes),
        "clips_of_one_behaviour": len(single),
        "units": int(outcomes.units.max()) + 1,
        **measured,
        "calibration_error": {name: round(calibration_error(one), 6) for name, one in bins.items()},
        "abstention": _abstention(outcomes, halves, plan.precision) if halves else None,
    }
    _write(plan.out, outcomes, made, counts, bins)
    for line in _lines(made, plan):
        progress.say(line)
    progress.say(f"figures  {plan.out / FILE}")
    return made


def _measured(outcomes: Outcomes, plan: EvaluationPlan) -> dict[str, Any]:
    """Every figure with its limits, of all and by behaviour."""
    point = figures(outcomes, np.ones((1, len(outcomes))))
    units = outcomes.units
    n = int(units.max()) + 1
    low = high = None
    if n >= plan.min_units:
        low, high = _limits(outcomes, n, plan)
    return {
        "figures": {name: _told(name, None, point, low, high) for name in point.of_all},
        "per_behaviour": {
            name: {
                "clips": int(outcomes.truth[:, j].sum()),
                **{figure: _told(figure, j, point, low, high) for figure in point.by_behaviour},
            }
            for j, name in enumerate(outcomes.behaviours)
        },
    }


def _limits(outcomes: Outcomes, n: int, plan: EvaluationPlan) -> tuple[Figures, Figures]:
    """Limits of every figure: units are resampled whole (``ethology.statistics`` has the sources)."""
    rng = np.random.default_rng(plan.seed)
    drawn = rng.multinomial(n, np.full(n, 1 / n), size=plan.resamples)[:, outcomes.units].astype(np.float64)
    parts = [figures(outcomes, drawn[k : k + _CHUNK]) for k in range(0, plan.resamples, _CHUNK)]
    tail = expanded_tail(n, plan.confidence)

    def at(share: float) -> Figures:
        first = parts[0]
        return Figures(
            {name: _quantile([part.of_all[name] for part in parts], share) for name in first.of_all},
            {name: _quantile([part.by_behaviour[name] for part in parts], share) for name in first.by_behaviour},
        )

    return at(tail), at(1 - tail)


def _quantile(parts: list[FloatArray], share: float) -> FloatArray:
    """The quantile over all weightings, kept as one weighting ``[1]`` or ``[1, K]``; NaN where nothing tells."""
    values = np.concatenate(parts)
    nothing = ~np.isfinite(values).any(axis=0)
    return np.where(nothing, np.nan, np.nanquantile(np.where(nothing, 0.0, values), share, axis=0))[None]


def _told(
    name: str, behaviour: int | None, point: Figures, low: Figures | None, high: Figures | None
) -> dict[str, float | None]:
    """A figure and its limits; None where they are not known."""

    def value(of: Figures) -> float:
        return float(of.of_all[name][0] if behaviour is None else of.by_behaviour[name][0, behaviour])

    return limited(value(point), None if low is None or high is None else (value(low), value(high)))


@dataclass(frozen=True)
class _Crossed:
    """Each half of the clips treated by what the other half taught."""

    outcomes: Outcomes  # calibrated
    told: BoolArray  # [N] which are called by a behaviour


def _crossed(outcomes: Outcomes, precision: float) -> _Crossed | None:
    """The clips calibrated and with their doubtful ones left out, each half by the other.

    The halves are the first and the last of the units, as they stand in the file: neighbours are alike, and a random
    half would know its other half too well. None where a half has no clip of one behaviour.
    """
    first = outcomes.units < (outcomes.units.max() + 1) / 2
    if not (outcomes.single[first].any() and outcomes.single[~first].any()):
        return None
    probabilities, kept = np.empty_like(outcomes.probabilities), np.empty(len(outcomes), dtype=bool)
    for own, other in ((first, ~first), (~first, first)):
        teacher = outcomes.part(other)
        learnt = calibrated(teacher)
        probabilities[own] = learnt(outcomes.probabilities[own])
        least = thresholds(replace(teacher, probabilities=learnt(teacher.probabilities)), precision)
        kept[own] = told(replace(outcomes.part(own), probabilities=probabilities[own]), least)
    return _Crossed(replace(outcomes, probabilities=probabilities), kept)


def _abstention(outcomes: Outcomes, halves: _Crossed, precision: float) -> dict[str, Any]:
    """What is gained where doubtful clips are left ``unknown``, and for how many clips."""
    treated = halves.outcomes
    learnt = calibrated(outcomes)
    least = thresholds(replace(outcomes, probabilities=learnt(outcomes.probabilities)), precision)
    right = outcomes.truth[np.arange(len(outcomes)), treated.probabilities.argmax(axis=1)]
    return {
        "wanted_precision": precision,
        "told": round(float(halves.told.mean()), 6),
        "right_of_all": round(float(right.mean()), 6),
        "right_of_told": round(float(right[halves.told].mean()), 6) if halves.told.any() else None,
        "thresholds": {name: known(value) for name, value in zip(outcomes.behaviours, least, strict=True)},
    }


def _write(out: Path, outcomes: Outcomes, made: dict[str, Any], counts: Any, bins: dict[str, pd.DataFrame]) -> None:
    write_json(out / FILE, made)
    rows = [
        {"behaviour": name, "clips": of["clips"]}
        | {f"{figure}{end}": of[figure][key] for figure in ("recall", "precision", "ap") for key, end in _ENDS.items()}
        for name, of in made["per_behaviour"].items()
    ]
    both = pd.concat([one.assign(scores=name) for name, one in bins.items()])
    tables = {
        "per_behaviour": pd.DataFrame(rows),
        "confusion": confusion_table(counts, outcomes.behaviours),
        "reliability": both[["scores", "low", "high", "clips", "confidence", "accuracy"]],
    }
    for name, table in tables.items():
        with whole(out / f"{name}.csv") as part:
            table.to_csv(part, index=False, float_format="%.6g", lineterminator="\n")
    with styled():
        save(confusion_figure(counts, outcomes.behaviours, outcomes.behaviours, "clip"), out / "confusion.png", DPI)
        save(reliability_figure(bins), out / "reliability.png", DPI)


_ENDS = {"value": "", "low": "_low", "high": "_high"}
_NAMES = {
    "top1": "top-1", "top3": "top-3", "top5": "top-5",
    "macro_top1": "macro top-1 (balanced accuracy)", "macro_top3": "macro top-3", "macro_top5": "macro top-5",
    "map": "mAP", "map_head": "mAP, head", "map_middle": "mAP, middle", "map_tail": "mAP, tail",
}  # fmt: skip


def _lines(made: dict[str, Any], plan: EvaluationPlan) -> list[str]:
    """What is printed."""
    units, wide = made["units"], max(10, *map(len, made["per_behaviour"]))
    said = f"{made['clips']} clips, {made['clips_of_one_behaviour']} of one behaviour, {units} units to resample"
    lines = [said if units >= plan.min_units else f"{said}: too few for intervals"]
    lines += [f"  {_NAMES[name]:32s} {shown(figure)}" for name, figure in made["figures"].items()]
    lines.append(f"  {'behaviour':{wide}s}  clips  {'recall':22s}{'precision':22s}average precision")
    for name, of in made["per_behaviour"].items():
        told_of = "".join(f"{shown(of[figure]):22s}" for figure in ("recall", "precision", "ap"))
        lines.append(f"  {name:{wide}s} {of['clips']:6d}  {told_of.rstrip()}")
    errors = ", ".join(f"{value:.3f} {name}" for name, value in made["calibration_error"].items())
    lines.append(f"  expected calibration error       {errors}")
    if (of := made["abstention"]) and of["right_of_told"] is not None:
        lines.append(
            f"  doubtful clips left unknown      {of['told']:.1%} are told, {of['right_of_told']:.1%} of these right "
            f"(of all {of['right_of_all']:.1%})"
        )
    return lines
