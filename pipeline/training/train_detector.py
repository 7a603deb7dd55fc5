"""``ethopipe train detector=yolo``: labels become a data set, ultralytics fits a YOLO to it, and its folder is written.

The embedded model was fitted otherwise: ``detector.py`` has a loop of ours for rendered tiles in arrays, exact when it
is stopped, with ignore regions. What both have in common is the description of the network, the folder, its card, and
how ultralytics is tamed.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.artifacts import fingerprint, write_csv
from pipeline.chain.progress import Progress
from pipeline.detectors import weights
from pipeline.detectors.folder import DetectorCard, described, write_folder
from pipeline.device import resolve, use_threads
from pipeline.errors import EthopipeError, TableError, UsageError
from pipeline.report.words import plural
from pipeline.rules import hold, hold_training
from pipeline.training.continuing import check_out, forget
from pipeline.training.detector_figures import judged
from pipeline.training.pyramid import PictureSettings, Pyramid
from pipeline.training.recordings import Labelled, Recording, digest, read_labelled
from pipeline.training.strata import shared_out
from pipeline.training.yolo_fit import BEST, YoloFit, YoloJob, curves, fit, network_of
from pipeline.training.yolo_set import HELD, LEARNT, YoloSet, made

CURVES = "curves.csv"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DetectorPlan:
    """What ``ethopipe train detector=yolo`` was asked for. ``settings`` is kept, to know a training again."""

    detector: str
    data: tuple[Path, ...]
    labels: Path | None
    species: dict[str, str]
    vocabulary: tuple[str, ...]
    recording: Recording
    check_leaks: bool
    out: Path
    init: str | None
    pictures: PictureSettings
    fit: YoloFit
    seed: int
    device: str
    threads: int | None
    workers: int
    max_minutes: float | None
    licence: str
    trained_on: str
    not_good_for: str
    settings: dict[str, Any]

    def __post_init__(self) -> None:
        hold({"data must name at least one folder or file": (list(map(str, self.data)), bool(self.data))})
        hold_training(self.seed, self.threads, self.workers, self.max_minutes)

    @property
    def working(self) -> Path:
        """Where the data set, checkpoints and settings are kept."""
        return self.out / "training"


def train_detector(plan: DetectorPlan, progress: Progress) -> Path:
    """Train as planned, or go on where the same training was stopped; returns the model's folder.

    Raises the errors of labels and settings that cannot be before anything is trained. Where the time is up the best
    weights so far are judged and saved.
    """
    found = read_labelled(plan.data, plan.labels, plan.species, plan.recording)
    species = _species(found, plan.vocabulary)
    held = held_out(found, plan.fit.held_out, plan.seed)
    device = resolve(plan.device)
    start = None if plan.init is None else network_of(plan.init)
    check_out(
        plan.out, plan.working, plan.settings, fingerprint([digest(found), sorted(Path(name).name for name in held)])
    )
    pyramid = Pyramid(plan.pictures, plan.fit.image_px, plan.seed)
    try:
        pictures = made(plan.working / "dataset", found, held, species, pyramid, plan.check_leaks, progress)
    except EthopipeError:
        forget(plan.working)
        raise
    progress.say(said(pictures))
    use_threads(plan.threads)
    job = YoloJob(pictures, start, plan.fit, plan.working, plan.seed, device, plan.workers, plan.max_minutes)
    done = fit(job, progress)
    figures = _save(plan, pictures, device, progress)
    told = ", ".join(f"{name} {value:.3f}" for name, value in figures.items())
    progress.say(f"held out: {told or 'no box is high enough in the scaled tiles to measure by'}")
    if not done:
        progress.say("the time was up before the last epoch; the same command with more max_minutes goes on")
    progress.say(f"model    {plan.out}")
    progress.say(
        f"use it   ethopipe run VIDEO detector=yolo detector.model={plan.out} detector.classes=[] "
        f"detector.image_px={plan.fit.image_px}"
    )
    return plan.out


def _species(found: Sequence[Labelled], vocabulary: tuple[str, ...]) -> tuple[str, ...]:
    """The species in their order; ``TableError`` where labels and vocabulary do not name the same."""
    told = sorted({name for one in found for name in set(one.boxes["species"])})
    if not vocabulary:
        return tuple(told)
    faults = [f"labels of {name}, which vocabulary does not name" for name in told if name not in vocabulary]
    faults += [f"no label of {name}" for name in vocabulary if name not in told]
    if faults:
        raise TableError(
            f"{'; '.join(faults)}; change vocabulary=[...], or give species another name or an empty one in "
            "species={...}"
        )
    return vocabulary


def held_out(found: Sequence[Labelled], share: float, seed: int) -> set[str]:
    """The recordings that are held out whole, with about ``share`` of the boxes of every species.

    ``UsageError`` where there is one recording only, or none can be held out that leaves all species to learn from.
    Species that no held-out recording shows are said in a warning.
    """
    table = pd.crosstab(
        np.repeat([one.recording for one in found], [len(one.boxes) for one in found]),
        np.concatenate([one.boxes["species"].to_numpy(object) for one in found]),
    )
    if len(table) < 2:
        raise UsageError(
            f"all boxes are of one recording, {table.index[0]}, and frames of one film cannot judge what was learnt "
            "from it; label a second recording and give both in data"
        )
    dear = np.array([1.0, table.shape[1] + 2])  # a species not learnt is worse than all others not judged
    out = shared_out(table.to_numpy(), np.array([1 - share, share]), dear, seed) == 1
    if not out.any() or (table[~out] == 0).all().any():
        single = [str(name) for name in table.columns[(table > 0).sum() == 1]]
        raise UsageError(
            f"no recording can be held out and leave every species to learn from: {', '.join(single)} are in one "
            "recording only; label another one"
        )
    if lost := [str(name) for name in table.columns[(table[out] == 0).all()]]:
        log.warning("no held-out recording shows %s: how well it is found is not known", ", ".join(lost))
    return set(table.index[out])


def said(pictures: YoloSet) -> str:
    """The data set in a few lines: pictures, boxes and hard cases of both sides."""
    lines = []
    for part, what in ((LEARNT, "to learn from"), (HELD, "held out")):
        of = pictures.counts[pictures.counts["part"] == part]
        total = of.sum(numeric_only=True)
        lines.append(
            f"{what}: {plural(int(of['recordings'].iloc[0]), 'recording')}, {of['pictures'].iloc[0]} pictures, "
            f"{total['boxes']} boxes ({', '.join(f'{n} {k}' for k, n in zip(of['species'], of['boxes'], strict=True))})"
            f"; hard: {total['small']} small, {total['crowded']} crowded, {total['cut']} cut; left out: "
            f"{total['left_out_cut']} cut too much, {total['left_out_small']} too small"
        )
    return "\n".join(lines)


def _save(plan: DetectorPlan, pictures: YoloSet, device: str, progress: Progress) -> dict[str, float]:
    """Write the model's folder with the figures of what it holds."""
    network = weights.opened(plan.working / BEST).model
    written = network.state_dict(), described(network)
    judge = plan.working / "judged"
    write_folder(judge, *written, _card(plan, pictures, {}))
    with progress.stage("judging the held-out pictures", "pictures") as meter:
        figures = judged(judge, pictures, plan.fit.image_px, device, meter)
    write_csv(plan.out / CURVES, curves(plan.working))
    metrics = {f"held_out_{name}": round(value, 4) for name, value in figures.items()}
    write_folder(plan.out, *written, _card(plan, pictures, metrics))
    return figures


def _card(plan: DetectorPlan, pictures: YoloSet, metrics: dict[str, float]) -> DetectorCard:
    import ultralytics

    sides = pictures.pictures.groupby("part")["recording"].agg(["size", "nunique"])
    counted = (
        f"{sides['size'][LEARNT]} pictures of {plural(sides['nunique'][LEARNT], 'recording')}; figures from "
        f"{sides['size'][HELD]} pictures of {plural(sides['nunique'][HELD], 'other recording')}, which also chose the "
        "best epoch"
    )
    return DetectorCard(
        name=plan.out.resolve().name,
        species=pictures.species,
        image_px=plan.fit.image_px,
        licence=plan.licence,
        source=f"ethopipe train detector=yolo, seed {plan.seed}, ultralytics {ultralytics.__version__}, "
        + (f"from {plan.init}" if plan.init else "a YOLO11n from random weights"),
        trained_on="; ".join(filter(None, [plan.trained_on, counted])),
        not_good_for=plan.not_good_for,
        metrics=metrics,
        held_out_chose_checkpoint=True,
    )
