"""What is said of a training: how its clips were divided, and the card of the model that came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from pipeline.recognizers.card import Card
from pipeline.recognizers.folder import CARD, find_model, read_card
from pipeline.recognizers.hub import fetch
from pipeline.report.words import plural
from pipeline.training.crossed import by_fold, spread
from pipeline.training.frozen import Folds
from pipeline.training.judge import Judged
from pipeline.training.labels import Labels
from pipeline.training.leaks import Leaks
from pipeline.training.plan import TrainingPlan
from pipeline.training.settings import FitSettings
from pipeline.training.split import choosing, sides
from pipeline.training.start import Start
from pipeline.types import IntArray

Told = TypeVar("Told")


def divided(plan: TrainingPlan, labels: Labels, parts: Folds) -> str:
    """How many clips there are, and of what those are that are learnt from and judged by."""
    clips = f"{plural(len(labels), 'clip')} of {plural(len(labels.behaviours), 'behaviour')}"
    if plan.split.crossed:
        held = ", ".join(str(len(out)) for _, out in parts)
        return f"{clips} of {_units(plan, labels)}; {len(parts)} folds of {held}, each judged by a model of the others"
    ((learnt, held_out),) = parts
    if not len(held_out):
        return f"{clips} of {_units(plan, labels)}, all to learn from; nothing is left to judge by"
    ours, theirs = sides(labels.rows, plan.split, learnt, held_out)
    return f"{clips}; {len(learnt)} of {ours} to learn from, {len(held_out)} of {theirs} to judge by"


def _units(plan: TrainingPlan, labels: Labels) -> str:
    by = plan.split.by
    return by.counted(labels.rows[by.column].nunique())


def described(
    plan: TrainingPlan,
    start: Start,
    labels: Labels,
    parts: Folds,
    leaks: Leaks | None,
    found: Judged,
) -> Card:
    """The card: where the model comes from, what it was shown, and how it did on the clips held out.

    Of folds the figures are those of all clips together, with mean and spread over the folds beside them.
    """
    chose = f"the {'temperature' if plan.exclusive else 'curves'} of the probabilities"
    chose += " and the thresholds" if plan.told_right else ""
    best = apart = ""
    if found.kept:
        counted = _beside(plan, start, labels, found)
    elif plan.split.crossed:
        counted = (
            f"{len(labels)} clips of {_units(plan, labels)}; figures by cross-validation: each of these clips was told "
            f"by one of {len(parts)} other models, fitted alike, that never saw its {plan.split.by.one}; they also "
            f"chose {chose}"
        )
    else:
        ((learnt, held),) = parts
        ours, theirs = sides(labels.rows, plan.split, learnt, held)
        best, apart = _best(plan, labels, held)
        counted = (
            f"{plural(len(learnt), 'clip')} of {ours}; figures from {plural(len(held), 'clip')} of {theirs}, which "
            f"also chose {best}{chose}{apart}"
        )
    counted += "" if found.kept else f"; {_calibrated(found)}"
    leaking = str(leaks) if leaks is not None and plan.split.official else ""
    card = Card(
        name=plan.about.name or plan.out.resolve().name,
        behaviours=start.behaviours,
        clip=start.clip,
        licence=plan.about.licence,
        source=f"ethopipe train, seed {plan.seed}" + (f", from {start.source}" if start.source else ""),
        trained_on="; ".join(filter(None, [plan.about.trained_on, counted, leaking])),
        not_good_for=plan.about.not_good_for,
        definitions=dict(plan.about.definitions),
        metrics=found.figures | (spread(by_fold(found)) if found.fold is not None and not found.kept else {}),
        held_out_chose_checkpoint=bool(best),
        architecture=start.architecture,
        activation="softmax" if plan.exclusive else "sigmoid",
        moments=start.moments,
        preprocessing=start.preprocessing,
        close=next(close for close in (plan.about.close, labels.close, start.close) if close is not None),
        species=start.species,
        species_metrics=found.species_figures,
        thresholds=found.thresholds(plan.told_right) if plan.told_right else {},
        mirror=dict(plan.mirror),
    )
    return _as_before(card, plan, found.kept) if found.kept else card


def _beside(plan: TrainingPlan, start: Start, labels: Labels, found: Judged) -> str:
    """What was added to a model whose other behaviours stay as they were, and what is known of it."""
    held = plural(len(found.rows), "clip")
    judged = f"figures from {held} by prototypes of other clips" if len(found.rows) else "not judged"
    return (
        f"{plural(len(labels), 'clip')} of {_units(plan, labels)} for {', '.join(labels.behaviours)}; {judged}; "
        f"{', '.join(found.kept)} as in {start.source}; how often those are now taken for others was not judged"
    )


def _as_before(card: Card, plan: TrainingPlan, kept: tuple[str, ...]) -> Card:
    """With what the card of ``init`` says of behaviours that stayed: thresholds, mirror, speeds and definitions."""
    folder = find_model(plan.init or "") or fetch(plan.init or "", None)
    if not (folder / CARD).is_file():  # of the hub, without a card of ours
        return card
    before = read_card(folder)
    return replace(
        card,
        thresholds=_of(kept, before.thresholds),
        mirror=card.mirror or {one: other for one, other in before.mirror.items() if {one, other} <= set(kept)},
        speeds=_of(kept, before.speeds),
        species_speeds={species: own for species, of in before.species_speeds.items() if (own := _of(kept, of))},
        speed_spread=before.speed_spread,
        dimensionless_speeds=_of(kept, before.dimensionless_speeds),
        dimensionless_spread=before.dimensionless_spread,
        definitions=_of(kept, before.definitions) | card.definitions,
    )


def _of(names: Sequence[str], told: Mapping[str, Told]) -> dict[str, Told]:
    return {name: told[name] for name in names if name in told}


def _best(plan: TrainingPlan, labels: Labels, held: IntArray) -> tuple[str, str]:
    """What else the clips held out chose, and what was chosen without them; empty where nothing was."""
    if not isinstance(plan.fit, FitSettings):
        return "", ""
    by = choosing(labels.rows, plan.split, held)
    if by is held:
        return "the best checkpoint and ", ""
    other = f"{plural(len(by), 'clip')} of val chose the best checkpoint" if len(by) else "the last weights were taken"
    return "", f"; {other}"


def _calibrated(found: Judged) -> str:
    """What is known of how well the probabilities are calibrated."""
    shown = ("log_loss, " if found.exclusive else "") + "held_out.csv and reliability.png"
    if len(set(found.apart.group)) > 1:
        return f"{shown} are of probabilities that other groups calibrated"
    return f"{shown} flatter the calibration: all clips are of the group that chose it"
