"""``ethopipe train``: everything is checked, then a recognizer is fitted, judged by held-out groups, and saved."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from pipeline.artifacts import write_json
from pipeline.chain.progress import Progress, Silent
from pipeline.device import resolve, use_threads
from pipeline.errors import EthopipeError, MissingPart, UsageError
from pipeline.formats.chimpact_folder import find_labels, read_filmed
from pipeline.formats.read_intervals import read_intervals
from pipeline.recognizers.card import twins
from pipeline.recognizers.folder import find_model
from pipeline.training.alike import Hashes
from pipeline.training.boxed_clips import clips_of_boxes
from pipeline.training.continuing import check_out, forget
from pipeline.training.crossed import by_fold, cross_validated, fold_folder, words
from pipeline.training.descent import by_descent
from pipeline.training.describe import described, divided
from pipeline.training.fit import LAST, follows
from pipeline.training.folder_clips import clips_of_folder
from pipeline.training.frozen import Folds, look_back, on_frozen
from pipeline.training.judge import Judged, judged, logits_of
from pipeline.training.labels import NAME, Labels
from pipeline.training.leaks import FILE as LEAKS
from pipeline.training.leaks import Leaks, check_leaks
from pipeline.training.network import from_model, new_network, with_moments
from pipeline.training.plan import TrainingPlan
from pipeline.training.prototypes import PrototypeSettings, check_places
from pipeline.training.run_clips import clips_of_run
from pipeline.training.samples import Samples
from pipeline.training.save import save_model
from pipeline.training.settings import FitSettings
from pipeline.training.slips import known_to, warn_of_slips
from pipeline.training.species import species_of, species_truth
from pipeline.training.split import choosing, folds, split
from pipeline.training.start import Start, halved
from pipeline.training.torchvision_network import from_torchvision
from pipeline.training.units import judgeable
from pipeline.types import IntArray

_NEEDED = ("lightning", "torchmetrics", "tensorboard")
_BATCH = 16  # clips that are judged at once, where nothing was fitted in batches


def train(plan: TrainingPlan, progress: Progress) -> Path:
    """Train as planned, or go on where the same training was stopped; returns the model's folder.

    Raises the errors of a plan that cannot be before anything is trained, and ``KeyboardInterrupt`` where the user
    stops it. Where the time is up the best weights so far are judged and saved.
    """
    check_parts()
    progress = Silent() if follows() else progress
    labels = labels_of(plan, progress)
    if plan.exclusive:
        labels, several = labels.of_one_behaviour()
        if several:
            progress.say(f"{several} clips show several behaviours and are left out; exclusive=false learns from them")
    warn_of_slips(labels, plan.vocabulary or known_to(plan.init))
    behaviours = plan.vocabulary or labels.behaviours
    plan.about.check(behaviours)
    truth, mirror = labels.truth(behaviours), mirrored(plan.mirror, behaviours)
    kept = kept_of(plan, behaviours, labels)
    one, parts = not plan.split.crossed, parts_of(plan, labels, kept)
    workings = [plan.working] if one else [fold_folder(plan, k) for k in range(len(parts))]
    leaks = _leaks(plan, labels, parts, workings)
    device = resolve(plan.device)
    use_threads(plan.threads)
    species = species_of(labels, parts) if plan.species else ()
    shown = species_truth(labels.rows, species) if species else None
    start = start_of(plan, behaviours, species)
    check_places(behaviours, kept, start.known)
    samples = Samples(labels, truth, start, plan.augmentation, mirror, plan.seed, plan.workers, shown)
    check_out(plan.out, plan.working, plan.settings, labels.digest)
    for folder, verdict in zip(workings, leaks, strict=False):
        write_json(folder / LEAKS, asdict(verdict))
    progress.say(divided(plan, labels, parts))
    if plan.init and isinstance(plan.fit, FitSettings) and plan.fit.from_nothing:
        pace = f"{plan.fit.steps} steps, learning rate {plan.fit.learning_rate:g}"
        progress.say(f"fit=new: {plan.init} goes on as a new network begins ({pace}); fit=full is made for going on")
    try:
        rows, found = (_held_out if one else _crossed)(plan, samples, parts, kept, device, progress)
    except EthopipeError:
        if not any(plan.working.rglob(LAST)):
            forget(plan.working)
        raise
    card = described(plan, samples.start, labels, parts, leaks[0] if leaks and one else None, found)
    save_model(plan.out, samples.start, card, rows, found)
    progress.say(found.words)
    if not one and not found.kept:
        progress.say(words(by_fold(found), found.figures))
    if card.thresholds:
        progress.say(f"with behaviours.card_thresholds=true {found.price(card.thresholds)}")
    progress.say(f"model    {plan.out}")
    return plan.out


def kept_of(plan: TrainingPlan, behaviours: tuple[str, ...], labels: Labels) -> tuple[str, ...]:
    """The behaviours that stay as ``init`` knows them, beside prototypes of others: those that no clip shows.

    ``UsageError`` where there is one behaviour alone, from which nothing can be told apart.
    """
    if not isinstance(plan.fit, PrototypeSettings):
        return ()
    if len(behaviours) == 1:
        whole = ", ".join(dict.fromkeys([*known_to(plan.init), *behaviours]))
        raise UsageError(
            f"all clips show {behaviours[0]}, and a recognizer tells behaviours apart; name those beside it too, which "
            f"stay as init knows them: 'vocabulary=[{whole}]'"
        )
    return tuple(name for name in behaviours if name not in labels.behaviours)


def parts_of(plan: TrainingPlan, labels: Labels, kept: tuple[str, ...]) -> Folds:
    """The clips to learn from and those held out, of each model that is fitted to judge by.

    A few examples beside behaviours that are ``kept`` need not be judged: none is held out where they are of one unit.
    """
    if plan.split.crossed:
        return folds(labels.rows, plan.split, plan.seed)
    if kept and plan.split.official is None and not plan.split.folds and not judgeable(labels.rows, plan.split.by):
        return [(np.arange(len(labels), dtype=np.int64), np.zeros(0, dtype=np.int64))]
    return [split(labels.rows, plan.split, plan.seed)]


def _leaks(plan: TrainingPlan, labels: Labels, parts: Folds, workings: Sequence[Path]) -> list[Leaks]:
    """The verdict on each split, none where nobody asks or nothing is held out; every clip is looked at once."""
    if not plan.check_leaks or not any(len(held) for _, held in parts):
        return []
    hashes, official = Hashes(labels), plan.split.official is not None
    return [check_leaks(labels, *part, official, at, hashes) for part, at in zip(parts, workings, strict=True)]


_Fitted = tuple[list[dict[str, float]], Judged]  # the curves, none where nothing was fitted step by step


def _held_out(
    plan: TrainingPlan, samples: Samples, parts: Folds, kept: tuple[str, ...], device: str, progress: Progress
) -> _Fitted:
    """Fit the network of ``samples`` to one part of the clips, and judge it by the other."""
    ((learnt, held),) = parts
    rows: list[dict[str, float]] = []
    if isinstance(plan.fit, FitSettings):
        chosen_by = choosing(samples.labels.rows, plan.split, held)
        if plan.fit.patience is not None and not len(chosen_by):
            progress.say("fit.patience is not used: official test clips stop nothing, and no clip is of val")
        rows = by_descent(plan, plan.fit, samples, learnt, chosen_by, device, progress)
        look_back(plan, samples, learnt, device, progress)
    else:
        on_frozen(plan, plan.fit, samples, learnt, device, progress)
    batch = plan.fit.batch if isinstance(plan.fit, FitSettings) else _BATCH
    halved(samples.start.model)  # what is judged is what is saved
    logits = logits_of(samples, held, batch, device, progress)
    return rows, judged(samples, held, logits, kept=kept)


def _crossed(
    plan: TrainingPlan, samples: Samples, parts: Folds, kept: tuple[str, ...], device: str, progress: Progress
) -> _Fitted:
    """Fit the network of ``samples`` to all clips, and judge the way it was fitted by each fold in its turn."""
    logits, rows = cross_validated(plan, samples, parts, device, progress)
    fold: IntArray = np.zeros(len(samples.labels), dtype=np.int64)
    if isinstance(plan.fit, FitSettings):
        look_back(plan, samples, np.arange(len(fold), dtype=np.int64), device, progress)
    for number, (_, held) in enumerate(parts):
        fold[held] = number
    halved(samples.start.model)
    return rows, judged(samples, np.arange(len(fold), dtype=np.int64), logits, fold, kept)


def labels_of(plan: TrainingPlan, progress: Progress) -> Labels:
    """The labelled clips: of ``clips.csv`` or a public data set, or of a run and the files that label it."""
    if plan.labels:
        return clips_of_run(plan.data, read_intervals(list(plan.labels), faulty=True), plan.old2new)
    if not (plan.data / NAME).is_file() and find_labels(plan.data):
        if plan.classes:
            raise UsageError(f"{plan.data} names its behaviours itself: leave classes out")
        folder = plan.scenes or plan.working / "scenes"
        films = read_filmed(plan.data)
        labels = clips_of_boxes(films, plan.miniscene, plan.about.close, plan.frame_rate, folder, progress)
        return labels.renamed(plan.old2new)
    return clips_of_folder(plan.data, plan.classes, plan.frame_rate).renamed(plan.old2new)


def check_parts() -> None:
    """``MissingPart`` names the packages that training needs and that are not installed."""
    if lost := [name for name in _NEEDED if find_spec(name) is None]:
        raise MissingPart(f"{', '.join(lost)} not installed, and training needs it: pip install {' '.join(lost)}")


def mirrored(mirror: dict[str, str], behaviours: tuple[str, ...]) -> IntArray:
    """What each behaviour is in a mirror [K]: the number of its twin, or its own. ``UsageError`` for unknown names."""
    try:
        return np.array(twins(mirror, behaviours), dtype=np.int64)
    except ValueError as error:
        raise UsageError(str(error)) from error


def start_of(plan: TrainingPlan, behaviours: tuple[str, ...], species: tuple[str, ...] = ()) -> Start:
    """The network that a training begins with, with a head for these behaviours, and one for these species."""
    return replace(_network(plan, behaviours).for_species(species, plan.seed), exclusive=plan.exclusive)


def _network(plan: TrainingPlan, behaviours: tuple[str, ...]) -> Start:
    if plan.init is None:
        dropout = plan.fit.dropout if isinstance(plan.fit, FitSettings) else 0.0
        return new_network(plan.network, behaviours, dropout, plan.seed)
    folder = find_model(plan.init)
    if plan.weights or (folder and not (folder / "config.json").is_file()):
        return from_torchvision(plan.init, plan.weights, behaviours, plan.seed)
    start = from_model(plan.init, behaviours, plan.network.interval_s, plan.seed)
    return with_moments(start, plan.network.moments)
