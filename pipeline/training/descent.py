"""Weights fitted step by step: what the fit is given, and the best weights of it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.chain.progress import Progress
from pipeline.errors import UsageError
from pipeline.recognizers.moments import VIDEOMAE
from pipeline.training.batches import Batches, Order
from pipeline.training.fit import BEST, LAST, Job, fit
from pipeline.training.learner import module
from pipeline.training.plan import TrainingPlan
from pipeline.training.samples import Held, Samples
from pipeline.training.settings import FitSettings
from pipeline.training.stem import level
from pipeline.types import BoolArray, IntArray

_FEW = 128  # clips that a new network's patch layer is levelled by


def by_descent(
    plan: TrainingPlan,
    settings: FitSettings,
    samples: Samples,
    learnt: IntArray,
    held: IntArray,
    device: str,
    progress: Progress,
) -> list[dict[str, float]]:
    """Fit the network of ``samples``, or go on where that was stopped; leaves its best weights in it.

    Which weights are best the clips ``held`` say; where there are none of them the last are taken, and ``fit.patience``
    means nothing. Returns the curves, a row a round. ``KeyboardInterrupt`` where the user stops it, ``UsageError``
    where the time is up before there is anything to judge, or before the last weights.
    """
    start = samples.start
    if settings.of_patches and start.family != VIDEOMAE:
        raise UsageError(
            f"fit.patches and fit.landmarks are for a VideoMAE, and {plan.init} is a {start.family}; "
            "set fit.patches=1 fit.landmarks=0"
        )
    if plan.init is None:
        few = learnt[np.linspace(0, len(learnt) - 1, min(_FEW, len(learnt))).astype(np.int64)]
        level(start.model.videomae.embeddings.patch_embeddings, samples.judged(few)[0])
    job = _job(plan, settings, samples, learnt, held, device)
    if not fit(job, progress):
        if job.held is None:
            raise UsageError("the time was up before the last step; the same command goes on from there")
        progress.say("the time was up before the last step; the same command with more max_minutes goes on")
    start.model.load_state_dict(_weights(plan.working / (LAST if job.held is None else BEST), job.module))
    rows: list[dict[str, float]] = job.module.record.rows
    return rows


def _weights(checkpoint: Path, learner: Any) -> Any:
    import torch

    if not checkpoint.is_file():
        raise UsageError("the time was up before the first look at the held-out groups; allow more max_minutes")
    learner.load_state_dict(torch.load(checkpoint, map_location="cpu", weights_only=True)["state_dict"])
    return learner.judged.state_dict()


def _job(
    plan: TrainingPlan, settings: FitSettings, samples: Samples, learnt: IntArray, held: IntArray, device: str
) -> Job:
    steps = -(-settings.steps // settings.rounds)  # of a round: all rounds are as long
    patience = settings.patience if len(held) else None
    settings = replace(settings, steps=steps * settings.rounds, round_steps=steps, patience=patience)
    truth = samples.truth[learnt]
    clips = Order(learnt, rarest(truth), steps, settings.batch, settings.balance, plan.seed)
    check = evenly(held, rarest(samples.truth), settings.check_clips, plan.seed)
    return Job(
        module=module(samples.start, truth, settings, plan.seed),
        batches=Batches(
            settings.rounds,
            steps,
            clips,
            samples.training,
            plan.workers,
            pinned=device.startswith("cuda"),
            accumulate=settings.accumulate,
        ),
        held=Held(samples, check, settings.batch) if len(held) else None,
        settings=settings,
        folder=plan.working,
        device=device,
        max_minutes=plan.max_minutes,
    )


def rarest(truth: BoolArray) -> IntArray:
    """The number of each clip's behaviour ``[N]``, of several the rarest; 0 where it shows none."""
    count = np.where(truth, truth.sum(axis=0), len(truth) + 1)
    return np.asarray(count.argmin(axis=1), dtype=np.int64)


def evenly(held: IntArray, targets: IntArray, most: int, seed: int) -> IntArray:
    """At most ``most`` of the held-out clips, as many of each behaviour as can be."""
    if len(held) <= most:
        return held
    mixed = np.random.default_rng([seed, 0xC4]).permutation(held)
    turn = np.zeros(len(mixed), dtype=np.int64)
    for kind in np.unique(targets[mixed]):
        mine = np.flatnonzero(targets[mixed] == kind)
        turn[mine] = np.arange(len(mine))
    return np.sort(mixed[np.argsort(turn, kind="stable")[:most]])
