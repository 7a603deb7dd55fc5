"""What is said of a training: how its clips were divided, and the card of the model that came of it."""

from pipeline.recognizers.card import Card
from pipeline.training.judge import Judged
from pipeline.training.labels import Labels
from pipeline.training.leaks import Leaks
from pipeline.training.plan import TrainingPlan
from pipeline.training.settings import FitSettings
from pipeline.training.split import sides
from pipeline.training.start import Start
from pipeline.types import IntArray


def divided(plan: TrainingPlan, labels: Labels, learnt: IntArray, held: IntArray) -> str:
    """How many clips there are, and of what those are that are learnt from and judged by."""
    ours, theirs = sides(labels.rows, plan.split, learnt, held)
    return (
        f"{len(labels)} clips of {len(labels.behaviours)} behaviours; {len(learnt)} of {ours} to learn from, "
        f"{len(held)} of {theirs} to judge by"
    )


def described(
    plan: TrainingPlan,
    start: Start,
    labels: Labels,
    learnt: IntArray,
    held: IntArray,
    leaks: Leaks | None,
    found: Judged,
) -> Card:
    """The card: where the model comes from, what it was shown, and how it did on the clips held out."""
    ours, theirs = sides(labels.rows, plan.split, learnt, held)
    chose = "the best checkpoint and the temperature" if isinstance(plan.fit, FitSettings) else "the temperature"
    counted = (
        f"{len(learnt)} clips of {ours}; figures from {len(held)} clips of {theirs}, which also chose {chose} "
        "of the probabilities" + (" and the thresholds" if plan.told_right and plan.exclusive else "")
    )
    leaking = str(leaks) if leaks is not None and plan.split.official else ""
    return Card(
        name=plan.about.name or plan.out.resolve().name,
        behaviours=start.behaviours,
        clip=start.clip,
        licence=plan.about.licence,
        source=f"ethopipe train, seed {plan.seed}" + (f", from {start.source}" if start.source else ""),
        trained_on="; ".join(filter(None, [plan.about.trained_on, counted, leaking])),
        not_good_for=plan.about.not_good_for,
        metrics=found.figures,
        architecture=start.architecture,
        activation="softmax" if plan.exclusive else "sigmoid",
        preprocessing=start.preprocessing,
        close=next(close for close in (plan.about.close, labels.close, start.close) if close is not None),
        species=start.species,
        species_metrics=found.species_figures,
        thresholds=found.thresholds(plan.told_right) if plan.told_right and plan.exclusive else {},
    )
