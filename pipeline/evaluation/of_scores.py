"""Scores of labelled clips beside what is true of them: figures of all, by behaviour and by species."""

from typing import Any

import numpy as np
import pandas as pd

from pipeline.artifacts import write_csv
from pipeline.chain.progress import Progress
from pipeline.evaluation.abstention import abstention, crossed
from pipeline.evaluation.calibration import calibration_error, reliability
from pipeline.evaluation.confusion import confusion, confusion_table
from pipeline.evaluation.metrics import Figures, figures
from pipeline.evaluation.outcomes import Outcomes, read_outcomes
from pipeline.evaluation.resampling import Limits, drawn, limits
from pipeline.evaluation.results import DPI, ENDS, finish, limited
from pipeline.evaluation.scores_page import told
from pipeline.evaluation.settings import EvaluationPlan
from pipeline.report.recognition import confusion_figure, reliability_figure
from pipeline.report.style import save, styled
from pipeline.types import IntArray

_CHUNK = 100  # resamples at once
NOT_SAID = "species not said"
Bins = dict[str, pd.DataFrame]


def evaluate_scores(plan: EvaluationPlan, progress: Progress) -> dict[str, Any]:
    """Reckon, write everything into ``plan.out``, say the figures; the contents of ``evaluation.json``."""
    assert plan.scores is not None  # the plan sees to it
    outcomes = read_outcomes(plan.scores, plan.block)
    halves = crossed(outcomes, plan.precision)
    single = outcomes.part(outcomes.single)
    found = single.probabilities.argmax(axis=1)
    counts = confusion(single.truth.argmax(axis=1), found, len(outcomes.behaviours))
    bins = {"as given": reliability(outcomes)} | ({"calibrated": reliability(halves.outcomes)} if halves else {})
    made = {
        "scores": str(plan.scores),
        "clips": len(outcomes),
        "clips_of_one_behaviour": len(single),
        "units": int(outcomes.units.max()) + 1,
        **_measured(outcomes, plan),
        "calibration_error": {name: round(calibration_error(one), 6) for name, one in bins.items()},
        "abstention": abstention(outcomes, halves, plan.precision) if halves else None,
        "per_species": _by_species(outcomes, plan),
        "told_species": _told_species(outcomes.told_species, plan),
    }
    _write(plan, outcomes, made, counts, bins)
    return finish(plan, made, told(outcomes, made, plan), progress)


def _by_species(outcomes: Outcomes, plan: EvaluationPlan) -> dict[str, Any]:
    """All figures of each species' clips; empty where no species is told."""
    if outcomes.species is None:
        return {}
    made = {}
    for name in sorted(set(outcomes.species)):
        own = outcomes.part(np.asarray(outcomes.species == name))
        made[name or NOT_SAID] = {
            "clips": len(own),
            "clips_of_one_behaviour": int(own.single.sum()),
            "units": int(own.units.max()) + 1,
            **_measured(own, plan),
        }
    return made


def _told_species(told: Outcomes | None, plan: EvaluationPlan) -> dict[str, Any] | None:
    """How well the recognizer tells species; None where it tells none, or none is known."""
    if told is None:
        return None
    made = _measured(told, plan)
    per = {
        name: {"clips": of["clips"], "recall": of["recall"], "precision": of["precision"]}
        for name, of in made["per_behaviour"].items()
    }
    return {
        "clips": len(told),
        "units": int(told.units.max()) + 1,
        "figures": {name: made["figures"][name] for name in ("top1", "macro_top1")},
        "per_species": per,
        "calibration_error": round(calibration_error(reliability(told)), 6),
    }


def _measured(outcomes: Outcomes, plan: EvaluationPlan) -> dict[str, Any]:
    """Every figure with its limits, of all and by behaviour."""
    point = _table(figures(outcomes, np.ones((1, len(outcomes)))), outcomes.behaviours)
    between = _limits(outcomes, plan)
    told_of: dict[str, Any] = {"figures": {}, "per_behaviour": {}}
    for j, name in enumerate(outcomes.behaviours):
        told_of["per_behaviour"][name] = {"clips": int(outcomes.truth[:, j].sum())}
    keys: list[Any] = point.columns.tolist()
    for (name, behaviour), value in zip(keys, point.iloc[0].tolist(), strict=True):
        figure = limited(value, between.get((name, behaviour)))
        (told_of["per_behaviour"][behaviour] if behaviour else told_of["figures"])[name] = figure
    return told_of


def _limits(outcomes: Outcomes, plan: EvaluationPlan) -> Limits:
    """Limits of every figure, by its name and its behaviour."""
    units = outcomes.units
    n = int(units.max()) + 1
    weights = drawn(n, plan)[:, units]
    parts = [
        _table(figures(outcomes, weights[k : k + _CHUNK]), outcomes.behaviours) for k in range(0, len(weights), _CHUNK)
    ]
    return limits(pd.concat(parts), n, plan.confidence) if parts else {}


def _table(made: Figures, behaviours: tuple[str, ...]) -> pd.DataFrame:
    """A row a weighting, a column a figure: its name, and its behaviour, empty where it is of all."""
    columns = {(name, ""): values for name, values in made.of_all.items()}
    for name, values in made.by_behaviour.items():
        columns |= {(name, behaviour): values[:, j] for j, behaviour in enumerate(behaviours)}
    return pd.DataFrame(columns)


def _write(plan: EvaluationPlan, outcomes: Outcomes, made: dict[str, Any], counts: IntArray, bins: Bins) -> None:
    both = pd.concat([one.assign(scores=name) for name, one in bins.items()])
    tables = {
        "per_behaviour": _rows(made["per_behaviour"]),
        "confusion": confusion_table(counts, outcomes.behaviours),
        "reliability": both[["scores", "low", "high", "clips", "confidence", "accuracy"]],
    }
    if made["per_species"]:
        parts = [_rows(of["per_behaviour"]).assign(species=name) for name, of in made["per_species"].items()]
        by_species = pd.concat(parts)
        tables["per_species"] = by_species[["species", *(name for name in by_species if name != "species")]]
    if (head := outcomes.told_species) is not None:
        of_species = confusion(head.truth.argmax(axis=1), head.probabilities.argmax(axis=1), len(head.behaviours))
        tables["species_confusion"] = confusion_table(of_species, head.behaviours)
        with styled():
            figure = confusion_figure(of_species, head.behaviours, head.behaviours, "species")
            save(figure, plan.out / "species_confusion.svg", DPI)
    for name, table in tables.items():
        write_csv(plan.out / f"{name}.csv", table)
    names = outcomes.behaviours
    with styled():
        save(confusion_figure(counts, names, names, "clip"), plan.out / "confusion.svg", DPI)
        save(reliability_figure(bins), plan.out / "reliability.svg", DPI)


def _rows(per_behaviour: dict[str, Any]) -> pd.DataFrame:
    """A row a behaviour, a column a figure and each of its limits."""
    return pd.DataFrame(
        [
            {"behaviour": name, "clips": of["clips"]}
            | {f"{figure}{end}": of[figure][k] for figure in ("recall", "precision", "ap") for k, end in ENDS.items()}
            for name, of in per_behaviour.items()
        ]
    )
