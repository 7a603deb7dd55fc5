"""``ethopipe train``: everything is checked, then a recognizer is fitted, judged by held-out groups, and saved."""

from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.chain.progress import Progress
from pipeline.device import resolve
from pipeline.errors import MissingPart, UsageError
from pipeline.evaluation.calibration import log_loss, temperature, tempered
from pipeline.evaluation.confusion import confusion, metrics, table
from pipeline.formats.read_intervals import read_intervals
from pipeline.recognizers.card import Card
from pipeline.training.augment import AugmentationSettings
from pipeline.training.batches import Batches, Order
from pipeline.training.continuing import check_out
from pipeline.training.fit import BEST, Job, fit
from pipeline.training.labels import Labels, read_labels
from pipeline.training.leaks import check_leaks
from pipeline.training.learner import module
from pipeline.training.network import Start, from_model, new_network
from pipeline.training.run_clips import clips_of_run
from pipeline.training.samples import Held, Samples
from pipeline.training.save import halved, save_model
from pipeline.training.settings import About, FitSettings, NetworkSettings
from pipeline.training.split import split
from pipeline.training.stem import level
from pipeline.types import IntArray

_NEEDED = ("lightning", "torchmetrics", "tensorboard")
_FEW = 128  # clips that a new network's patch layer is levelled by


@dataclass(frozen=True)
class TrainingPlan:
    """What ``ethopipe train`` was asked for. ``settings`` is kept beside the checkpoints, to know a training again."""

    data: Path
    labels: tuple[Path, ...]
    old2new: dict[str, str]
    check_leaks: bool
    out: Path
    init: str | None
    vocabulary: tuple[str, ...]
    seed: int
    device: str
    threads: int | None
    workers: int
    max_minutes: float | None
    network: NetworkSettings
    augmentation: AugmentationSettings
    fit: FitSettings
    about: About
    settings: dict[str, Any]

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise ValueError(f"seed must be >= 0, got {self.seed}")
        if self.threads is not None and self.threads < 1:
            raise ValueError(f"threads must be >= 1 or null, got {self.threads}")
        if self.workers < 0:
            raise ValueError(f"workers must be >= 0, got {self.workers}")
        if self.max_minutes is not None and not self.max_minutes > 0:
            raise ValueError(f"max_minutes must be > 0 or null, got {self.max_minutes}")

    @property
    def working(self) -> Path:
        """Where checkpoints, curves and the settings are kept."""
        return self.out / "training"


def train(plan: TrainingPlan, progress: Progress) -> Path:
    """Train as planned, or go on where the same training was stopped; returns the model's folder.

    Raises the errors of a plan that cannot be before anything is trained, and ``KeyboardInterrupt`` where the user
    stops it. Where the time is up the best weights so far are judged and saved.
    """
    check_parts()
    labels = _labels(plan)
    behaviours = plan.vocabulary or labels.behaviours
    targets = labels.targets(behaviours)
    learnt, held = split(labels.rows, plan.fit.held_out, plan.seed)
    if plan.check_leaks:
        check_leaks(labels, learnt, held)
    check_out(plan.out, plan.working, plan.settings, labels.digest)
    device = resolve(plan.device)
    _use_threads(plan.threads)
    start = _start(plan, behaviours)
    progress.say(_said(labels, behaviours, learnt, held))
    samples = Samples(labels, targets, start, plan.augmentation, plan.seed)
    if plan.init is None:
        few = learnt[np.linspace(0, len(learnt) - 1, min(_FEW, len(learnt))).astype(np.int64)]
        level(start.model.videomae.embeddings.patch_embeddings, samples.judged(few)[0])
    job = _job(plan, samples, learnt, held, len(behaviours), device)
    done = fit(job, progress)
    logits, truth, model = _judged(plan, job.module, samples, held, device, progress)
    counts = confusion(truth, logits.argmax(1), len(behaviours))
    by = temperature(logits, truth)
    figures = metrics(counts, behaviours) | {"log_loss": round(log_loss(logits / by, truth), 4)}
    card = _card(plan, start, behaviours, labels, learnt, held, figures)
    save_model(plan.out, tempered(model, by), card, job.module.record.rows, counts)
    progress.say(table(counts, behaviours))
    if not done:
        progress.say("the time was up before the last step; the same command with more max_minutes goes on")
    progress.say(f"model    {plan.out}")
    return plan.out


def _labels(plan: TrainingPlan) -> Labels:
    """The labelled clips: of ``clips.csv``, or of a run and the files that label it."""
    if plan.labels:
        return clips_of_run(plan.data, read_intervals(list(plan.labels)), plan.old2new)
    return read_labels(plan.data)


def check_parts() -> None:
    """``MissingPart`` names the packages that training needs and that are not installed."""
    if lost := [name for name in _NEEDED if find_spec(name) is None]:
        raise MissingPart(f"{', '.join(lost)} not installed, and training needs it: pip install {' '.join(lost)}")


def _start(plan: TrainingPlan, behaviours: tuple[str, ...]) -> Start:
    if plan.init is not None:
        start = from_model(plan.init, behaviours, plan.network.interval_s, plan.seed)
        if plan.fit.of_patches and start.model.config.model_type != "videomae":
            kind = start.model.config.model_type
            raise UsageError(
                f"fit.patches and fit.landmarks are for a VideoMAE, and {plan.init} is a {kind}; "
                "set fit.patches=1 fit.landmarks=0"
            )
        return start
    return new_network(plan.network, behaviours, plan.fit.dropout, plan.seed)


def _job(plan: TrainingPlan, samples: Samples, learnt: IntArray, held: IntArray, kinds: int, device: str) -> Job:
    settings = plan.fit
    steps = -(-settings.steps // settings.rounds)  # of a round: all rounds are as long
    settings = replace(settings, steps=steps * settings.rounds, round_steps=steps)
    clips = Order(learnt, samples.targets[learnt], steps, settings.batch, settings.balance, plan.seed)
    check = _evenly(held, samples.targets, settings.check_clips, plan.seed)
    return Job(
        module=module(samples.start, kinds, settings, plan.seed),
        batches=Batches(
            settings.rounds, steps, clips, samples.training, plan.workers, pinned=device.startswith("cuda")
        ),
        held=Held(samples, check, settings.batch),
        settings=settings,
        folder=plan.working,
        device=device,
        max_minutes=plan.max_minutes,
    )


def _evenly(held: IntArray, targets: IntArray, most: int, seed: int) -> IntArray:
    """At most ``most`` of the held-out clips, as many of each behaviour as can be."""
    if len(held) <= most:
        return held
    mixed = np.random.default_rng([seed, 0xC4]).permutation(held)
    turn = np.zeros(len(mixed), dtype=np.int64)
    for kind in np.unique(targets[mixed]):
        mine = np.flatnonzero(targets[mixed] == kind)
        turn[mine] = np.arange(len(mine))
    return np.sort(mixed[np.argsort(turn, kind="stable")[:most]])


def _judged(
    plan: TrainingPlan, learner: Any, samples: Samples, held: IntArray, device: str, progress: Progress
) -> tuple[FloatArray, IntArray, Any]:
    """Logits of all held-out clips, what is true of them, and the network: the best weights, in half precision."""
    import torch

    best = plan.working / BEST
    if not best.is_file():
        raise UsageError("the time was up before the first look at the held-out groups; allow more max_minutes")
    learner.load_state_dict(torch.load(best, map_location="cpu", weights_only=True)["state_dict"])
    model = halved(learner.judged).to(device).eval()
    loader = Held(samples, held, plan.fit.batch)
    targets, found = [], []
    with progress.stage(f"judging, {len(held)} held-out clips", "batches") as meter, torch.inference_mode():
        meter.expect(len(loader))
        for clips, truth in loader:
            found.append(samples.start.logits(model, clips.to(device)).double().cpu().numpy())
            targets.append(truth.numpy())
            meter.advance(1)
    return np.concatenate(found), np.concatenate(targets), model.cpu()


def _card(
    plan: TrainingPlan,
    start: Start,
    behaviours: tuple[str, ...],
    labels: Labels,
    learnt: IntArray,
    held: IntArray,
    figures: dict[str, float],
) -> Card:
    groups = labels.rows["group"]
    counted = (
        f"{len(learnt)} clips of {groups.iloc[learnt].nunique()} groups; figures from {len(held)} clips of "
        f"{groups.iloc[held].nunique()} other groups, which also chose the best checkpoint and "
        "the temperature of the probabilities"
    )
    return Card(
        name=plan.about.name or plan.out.resolve().name,
        behaviours=behaviours,
        clip=start.clip,
        licence=plan.about.licence,
        source=f"ethopipe train, seed {plan.seed}" + (f", from {start.source}" if start.source else ""),
        trained_on="; ".join(filter(None, [plan.about.trained_on, counted])),
        not_good_for=plan.about.not_good_for,
        metrics=figures,
        preprocessing=start.preprocessing,
        close=plan.about.close,
    )


def _use_threads(threads: int | None) -> None:
    import cv2
    import torch

    cv2.setNumThreads(1)  # frames are small: OpenCV's threads would only wait for torch's
    if threads is not None:
        torch.set_num_threads(threads)


def _said(labels: Labels, behaviours: tuple[str, ...], learnt: IntArray, held: IntArray) -> str:
    rows = labels.rows
    return (
        f"{len(rows)} clips of {len(behaviours)} behaviours; {len(learnt)} of {rows['group'].iloc[learnt].nunique()} "
        f"groups to learn from, {len(held)} of {rows['group'].iloc[held].nunique()} other groups to judge by"
    )
