"""ultralytics (AGPL-3.0) fits a YOLO to a data set: stopped, it goes on from its last whole epoch.

What is exact: the same command on the same machine's CPU gives the same weights, as long as it is not stopped. What is
not: ultralytics' checkpoints hold the running average of the weights in half precision and no state of the random
numbers, so a training that was stopped ends with weights as good as, but not equal to, those of an unbroken one. An
epoch that ``max_minutes`` cuts short counts as one.
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.artifacts import whole, write_json
from pipeline.chain.progress import Meter, Progress
from pipeline.detectors import weights
from pipeline.detectors.folder import ARCHITECTURE, architecture
from pipeline.errors import MissingPart, ModelError, UsageError
from pipeline.model_folder import CARD
from pipeline.rules import hold
from pipeline.training.settings import PRECISIONS
from pipeline.training.yolo_set import DATASET, HELD, LEARNT, YoloSet

LAST, BEST, RESULTS, DONE = "last.pt", "best.pt", "results.csv", "done.json"
_SCRATCH = "ultralytics"  # its own folder: what it needs to go on, until it is done
_STRIDE = 32
_MAP50, _MAP = "metrics/mAP50(B)", "metrics/mAP50-95(B)"
_COLUMNS = {
    "epoch": "epoch", "time": "seconds", "train/box_loss": "box_loss", "train/cls_loss": "class_loss",
    "train/dfl_loss": "dfl_loss", _MAP50: "map50", _MAP: "map50_95",
}  # fmt: skip


@dataclass(frozen=True)
class YoloFit:
    """How a detector is fitted: see ``configs/train_detector.yaml``. ``learning_rate`` of None: ultralytics chooses."""

    epochs: int
    batch: int
    image_px: int
    learning_rate: float | None
    frozen: int
    patience: int
    mosaic: float
    held_out: float
    precision: str

    def __post_init__(self) -> None:
        hold(
            {
                "epochs must be >= 1": (self.epochs, self.epochs >= 1),
                "batch must be >= 1": (self.batch, self.batch >= 1),
                f"image_px must be a multiple of {_STRIDE}, from {2 * _STRIDE}": (
                    self.image_px,
                    self.image_px >= 2 * _STRIDE and self.image_px % _STRIDE == 0,
                ),
                "learning_rate must be > 0 or null": (
                    self.learning_rate,
                    self.learning_rate is None or self.learning_rate > 0,
                ),
                "frozen must be >= 0": (self.frozen, self.frozen >= 0),
                "patience must be >= 1": (self.patience, self.patience >= 1),
                "mosaic must be in [0, 1]": (self.mosaic, 0 <= self.mosaic <= 1),
                "held_out must be in (0, 1)": (self.held_out, 0 < self.held_out < 1),
                f"precision must be one of {', '.join(PRECISIONS)}": (self.precision, self.precision in PRECISIONS),
            }
        )


@dataclass(frozen=True)
class YoloJob:
    """All that a fit needs. ``start`` is a network to go on from, None a new one; ``folder`` keeps the checkpoints."""

    pictures: YoloSet
    start: Any
    settings: YoloFit
    folder: Path
    seed: int
    device: str
    workers: int
    max_minutes: float | None

    @property
    def arguments(self) -> dict[str, Any]:
        """What ultralytics is told."""
        fit = self.settings
        chosen = {} if fit.learning_rate is None else {"optimizer": "AdamW", "lr0": fit.learning_rate}
        return chosen | {
            "task": "detect", "mode": "train", "model": ARCHITECTURE, "data": str(self.pictures.folder / DATASET),
            "epochs": fit.epochs, "batch": fit.batch, "imgsz": fit.image_px, "freeze": fit.frozen or None,
            "patience": fit.patience, "mosaic": fit.mosaic, "amp": "bf16" if fit.precision == "bf16" else False,
            "seed": self.seed, "device": self.device, "workers": self.workers,
            "save_dir": str(self.folder / _SCRATCH), "plots": False, "verbose": False, "exist_ok": True,
        }  # fmt: skip


def network_of(init: str) -> Any:
    """The network of ``init`` with its weights: a .pt of ultralytics, a folder of ours, or a published name.

    ``UsageError`` where there is none such or it cannot be trained on, ``ModelError`` where it finds no boxes.
    """
    exported = UsageError(f"init={init} was exported and cannot be trained on; give the .pt that it was made from")
    if init.endswith(tuple(weights.RUNTIMES)):
        raise exported
    try:
        path = weights.found(init)
    except UsageError as error:
        kind = MissingPart if isinstance(error, MissingPart) else UsageError
        raise kind(
            f"cannot start from init={init}: {str(error).partition(';')[0]}; give a .pt of ultralytics, "
            "init=savanna_yolo (comes with ethopipe), or init=null for a new network"
        ) from error
    if path.suffix != ".pt" and not (path / CARD).is_file():
        raise exported
    opened = weights.opened(path)
    head = opened.model.model[-1]
    if opened.task != "detect" or not hasattr(head, "cv3"):
        raise ModelError(f"init={init} is made to {opened.task} with a {type(head).__name__}; give a YOLO that detects")
    return opened.model


def fit(job: YoloJob, progress: Progress) -> bool:
    """Train from the last whole epoch, or from the start; False where the time was up before the end.

    Its last and its best checkpoint and its curves are in ``folder``, each written whole or not at all.
    """
    last, done = job.folder / LAST, job.folder / DONE
    if done.is_file():
        return True
    job.folder.mkdir(parents=True, exist_ok=True)
    weights.prepared()
    label = f"training, at most {job.settings.epochs} epochs of {len(job.pictures.images(LEARNT))} pictures"
    with progress.stage(label, "epochs") as meter, weights.threads_kept():
        meter.expect(job.settings.epochs)
        with weights.threads_kept():  # taking a device takes them, and they are needed from here on
            trainer = _trainer(job, job.arguments | ({"resume": str(last)} if last.is_file() else {}))
        for event, callback in _callbacks(job, progress, meter).items():
            trainer.add_callback(event, callback)
        trainer.train()
    if done.is_file():
        shutil.rmtree(job.folder / _SCRATCH, ignore_errors=True)
    return done.is_file()


def _callbacks(job: YoloJob, progress: Progress, meter: Meter) -> dict[str, Callable[[Any], None]]:
    """What is done at ultralytics' events: stop where the time is up, keep checkpoints, tell how far it is."""
    began = time.monotonic()

    def minutes() -> float:
        return (time.monotonic() - began) / 60

    def over() -> bool:
        return job.max_minutes is not None and minutes() > job.max_minutes

    def batch_done(trainer: Any) -> None:
        trainer.stop |= over()

    def saved(trainer: Any) -> None:
        names = [LAST, *[BEST] * (trainer.fitness == trainer.best_fitness)]
        for source, name in [(trainer.csv, RESULTS), *((trainer.last, name) for name in names)]:
            with whole(job.folder / name) as part:
                shutil.copyfile(source, part)
        if trainer.epoch + 1 >= trainer.epochs or (trainer.stop and not over()):
            write_json(job.folder / DONE, {"epochs": trainer.epoch + 1})

    def epoch_done(trainer: Any) -> None:
        meter.advance(1)
        trainer.stop |= over()
        told = {name: float(value) for name, value in trainer.metrics.items()}
        progress.say(
            f"epoch {trainer.epoch + 1} of {job.settings.epochs}: mAP50 {told[_MAP50]:.3f}, mAP50-95 {told[_MAP]:.3f}, "
            f"{minutes():.1f} min"
        )

    return {"on_train_batch_end": batch_done, "on_model_save": saved, "on_fit_epoch_end": epoch_done}


def curves(folder: Path) -> pd.DataFrame:
    """A row an epoch: ``epoch seconds``, the parts of the loss, ``map50 map50_95`` of the held-out pictures."""
    rows = pd.read_csv(folder / RESULTS, skipinitialspace=True).drop_duplicates("epoch", keep="last")
    return rows[list(_COLUMNS)].rename(columns=_COLUMNS)


def _trainer(job: YoloJob, arguments: dict[str, Any]) -> Any:
    """Ultralytics' trainer of detectors, without what it would download, and without its last validation.

    Its name must not hold "Trainer": to one called so ultralytics adds the loggers of other firms. The data set is
    given as it is; read from its YAML, fonts would be fetched first. The figures are those of the folder that is
    written (``detector_figures.py``), and the last checkpoint stays one to go on from.
    """
    from ultralytics.models.yolo.detect import DetectionTrainer

    species = dict(enumerate(job.pictures.species))
    data = {"path": job.pictures.folder, "nc": len(species), "names": species, "channels": 3}
    data |= {part: str((job.pictures.folder / "images" / part).resolve()) for part in (LEARNT, HELD)}
    changes = {"get_dataset": lambda self: data, "final_eval": lambda self: None}
    trainer = type("Fit", (DetectionTrainer,), changes)(overrides=arguments)
    if "resume" not in arguments:
        cfg = architecture(len(species)) if job.start is None else job.start.yaml
        trainer.model = trainer.get_model(cfg=cfg, weights=job.start, verbose=False)
    return trainer
