"""``ethopipe train``: everything is checked, then a recognizer is fitted, judged by held-out groups, and saved."""

from dataclasses import asdict, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from pipeline.artifacts import write_json
from pipeline.chain.progress import Progress, Silent
from pipeline.device import resolve, use_threads
from pipeline.errors import EthopipeError, MissingPart, UsageError
from pipeline.formats.read_intervals import read_intervals
from pipeline.recognizers.folder import find_model
from pipeline.training.continuing import check_out, forget
from pipeline.training.descent import by_descent
from pipeline.training.describe import described, divided
from pipeline.training.fit import LAST, follows
from pipeline.training.folder_clips import clips_of_folder
from pipeline.training.frozen import on_frozen
from pipeline.training.judge import judged
from pipeline.training.labels import Labels
from pipeline.training.leaks import FILE as LEAKS
from pipeline.training.leaks import check_leaks
from pipeline.training.network import from_model, new_network
from pipeline.training.plan import TrainingPlan
from pipeline.training.run_clips import clips_of_run
from pipeline.training.samples import Samples
from pipeline.training.save import save_model
from pipeline.training.settings import FitSettings
from pipeline.training.split import split
from pipeline.training.start import Start
from pipeline.training.torchvision_network import from_torchvision
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
    labels = labels_of(plan)
    if plan.exclusive:
        labels, several = labels.of_one_behaviour()
        if several:
            progress.say(f"{several} clips show several behaviours and are left out; exclusive=false learns from them")
    behaviours = plan.vocabulary or labels.behaviours
    truth, mirror = labels.truth(behaviours), mirrored(plan.mirror, behaviours)
    learnt, held = split(labels.rows, plan.split, plan.seed)
    official = plan.split.official is not None
    leaks = check_leaks(labels, learnt, held, official, plan.working) if plan.check_leaks else None
    device = resolve(plan.device)
    use_threads(plan.threads)
    start = start_of(plan, behaviours)
    check_out(plan.out, plan.working, plan.settings, labels.digest)
    if leaks is not None:
        write_json(plan.working / LEAKS, asdict(leaks))
    progress.say(divided(plan, labels, learnt, held))
    samples = Samples(labels, truth, start, plan.augmentation, mirror, plan.seed, plan.workers)
    try:
        rows = _fitted(plan, samples, learnt, held, device, progress)
    except EthopipeError:
        if not (plan.working / LAST).is_file():
            forget(plan.working)
        raise
    batch = plan.fit.batch if isinstance(plan.fit, FitSettings) else _BATCH
    found = judged(samples, held, batch, device, progress)
    card = described(plan, start, labels, learnt, held, leaks, found)
    save_model(plan.out, start, card, rows, found)
    progress.say(found.words)
    progress.say(f"model    {plan.out}")
    return plan.out


def _fitted(
    plan: TrainingPlan, samples: Samples, learnt: IntArray, held: IntArray, device: str, progress: Progress
) -> list[dict[str, float]]:
    """Fit the network of ``samples`` as planned; its curves, none where nothing was fitted step by step."""
    if isinstance(plan.fit, FitSettings):
        return by_descent(plan, plan.fit, samples, learnt, held, device, progress)
    on_frozen(plan, plan.fit, samples, learnt, device, progress)
    return []


def labels_of(plan: TrainingPlan) -> Labels:
    """The labelled clips: of ``clips.csv`` or a public data set, or of a run and the files that label it."""
    if plan.labels:
        return clips_of_run(plan.data, read_intervals(list(plan.labels)), plan.old2new)
    return clips_of_folder(plan.data, plan.classes, plan.frame_rate).renamed(plan.old2new)


def check_parts() -> None:
    """``MissingPart`` names the packages that training needs and that are not installed."""
    if lost := [name for name in _NEEDED if find_spec(name) is None]:
        raise MissingPart(f"{', '.join(lost)} not installed, and training needs it: pip install {' '.join(lost)}")


def mirrored(mirror: dict[str, str], behaviours: tuple[str, ...]) -> IntArray:
    """What each behaviour is in a mirror [K]: the number of its twin, or its own. ``UsageError`` for unknown names."""
    if strange := sorted({*mirror, *mirror.values()} - set(behaviours)):
        raise UsageError(f"mirror names {', '.join(strange)}; the behaviours are {', '.join(behaviours)}")
    pairs = [{*pair} for pair in mirror.items()]
    if any(one & other and one != other for one in pairs for other in pairs):
        raise UsageError(f"mirror must name each behaviour in one pair, got {mirror}")
    twin = {other: name for name, other in mirror.items()} | mirror
    return np.array([behaviours.index(twin.get(name, name)) for name in behaviours], dtype=np.int64)


def start_of(plan: TrainingPlan, behaviours: tuple[str, ...]) -> Start:
    """The network that a training begins with, with a head for these behaviours."""
    return replace(_network(plan, behaviours), exclusive=plan.exclusive)


def _network(plan: TrainingPlan, behaviours: tuple[str, ...]) -> Start:
    if plan.init is None:
        dropout = plan.fit.dropout if isinstance(plan.fit, FitSettings) else 0.0
        return new_network(plan.network, behaviours, dropout, plan.seed)
    folder = find_model(plan.init)
    if plan.weights or (folder and not (folder / "config.json").is_file()):
        return from_torchvision(plan.init, plan.weights, behaviours, plan.seed)
    return from_model(plan.init, behaviours, plan.network.interval_s, plan.seed)
