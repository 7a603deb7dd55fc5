"""Lightning fits the network: stopped at any step, it goes on from there as if it had never stopped."""

import logging
import os
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.artifacts import whole
from pipeline.chain.progress import Meter, Progress
from pipeline.errors import ModelError
from pipeline.training.batches import Batches
from pipeline.training.learner import HELD_LOSS, MACRO, MAP
from pipeline.training.samples import Held
from pipeline.training.settings import FitSettings

LAST, BEST = "last.ckpt", "best.ckpt"
_ACCELERATORS = {"cpu": "cpu", "mps": "mps"}


@dataclass(frozen=True)
class Job:
    """All that a fit needs. ``folder`` holds its checkpoints and curves; ``max_minutes`` of None is no limit.

    ``held`` of None: nothing is looked at between the rounds, and the last weights count.
    """

    module: Any
    batches: Batches
    held: Held | None
    settings: FitSettings
    folder: Path
    device: str
    max_minutes: float | None


def follows() -> bool:
    """Was this process started by another one, to train together with it? Lightning tells by these variables."""
    return any(int(os.environ.get(name, 0)) for name in ("LOCAL_RANK", "NODE_RANK", "GROUP_RANK", "RANK"))


class Stopped(Exception):  # noqa: N818 - no error: a user or the clock wants it
    """The fit was stopped before its last step; ``asked`` by the user, or by the clock."""

    def __init__(self, asked: bool) -> None:
        self.asked = asked


def fit(job: Job, progress: Progress) -> bool:
    """Train from the last checkpoint, or from the start, to the last step; False where the time was up before.

    ``KeyboardInterrupt`` where the user stopped it; the checkpoint of the last step is written first.
    """
    job.folder.mkdir(parents=True, exist_ok=True)
    last = job.folder / LAST
    label = f"training, {job.settings.steps} steps of {job.settings.batch} clips"
    with _silent(), progress.stage(label, "steps") as meter, _on_request() as asked:
        meter.expect(job.settings.steps)
        trainer = _trainer(job, _keeper(job, meter, progress, asked))
        try:
            before = last if last.is_file() else None
            trainer.fit(job.module, job.batches, job.held, ckpt_path=before, weights_only=True)
            if not trainer.is_global_zero:
                raise SystemExit(0)  # the first process judges and saves
        except Stopped as stop:
            if not trainer.is_global_zero:
                raise SystemExit(0) from None
            if stop.asked:
                raise KeyboardInterrupt from None
            return False
        except (RuntimeError, KeyError, EOFError) as error:
            if last.is_file() and trainer.global_step == 0:
                raise ModelError(f"cannot go on from {last}: {' '.join(str(error).split())[:200]}") from error
            raise
    return True


def _trainer(job: Job, keeper: Any) -> Any:
    from lightning.pytorch import Trainer
    from lightning.pytorch.loggers import TensorBoardLogger

    kind = job.device.split(":")[0]
    number = job.device.partition(":")[2]
    return Trainer(
        accelerator=_ACCELERATORS.get(kind, "gpu"),
        devices=[int(number)] if number else job.settings.devices,
        num_nodes=job.settings.nodes,
        strategy="ddp_find_unused_parameters_true" if job.settings.devices * job.settings.nodes > 1 else "auto",
        accumulate_grad_batches=job.settings.accumulate,
        precision="bf16-mixed" if job.settings.precision == "bf16" else "32-true",
        max_epochs=job.settings.rounds,
        gradient_clip_val=job.settings.clip_gradient,
        callbacks=[keeper],
        logger=TensorBoardLogger(job.folder, name="", version="curves"),
        enable_checkpointing=False,  # the keeper does it, whole or not at all
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
    )


def _keeper(job: Job, meter: Meter, progress: Progress, asked: Callable[[], bool]) -> Any:
    """The callback that keeps checkpoints, tells how far it is, and stops when it should."""
    from lightning.pytorch.callbacks import Callback

    started = time.monotonic()

    def over() -> bool:
        return job.max_minutes is not None and time.monotonic() - started > 60 * job.max_minutes

    def wanted(trainer: Any) -> bool:
        """Should it stop now? All processes that train together say the same."""
        return bool(trainer.strategy.reduce_boolean_decision(asked() or over(), all=False))

    class Keeper(Callback):
        """Lightning's hooks."""

        def on_train_start(self, trainer: Any, module: Any) -> None:
            job.batches.done = trainer.global_step  # before the first batch is asked for
            job.batches.rank, job.batches.processes = trainer.global_rank, trainer.world_size
            meter.advance(trainer.global_step)
            trainer.should_stop = no_better(module.record.rows, job.settings.patience)

        def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
            if (batch_idx + 1) % job.settings.accumulate:
                return  # a part of a step
            meter.advance(1)
            if trainer.global_step % job.batches.steps == 0:
                return  # the round is judged first, then kept below
            if wanted(trainer):
                _save(trainer, job.folder / LAST)
                raise Stopped(asked())

        def on_train_epoch_end(self, trainer: Any, module: Any) -> None:
            if job.held is None:
                module.end_round({})
            rows = module.record.rows
            if job.held is not None and score(rows[-1]) >= max(map(score, rows)):
                _save(trainer, job.folder / BEST)
            _save(trainer, job.folder / LAST)
            progress.say(_line(rows[-1], job.settings, time.monotonic() - started))
            if trainer.global_step < job.settings.rounds * job.batches.steps and wanted(trainer):
                raise Stopped(asked())
            trainer.should_stop = no_better(rows, job.settings.patience)

    return Keeper()


def no_better(rows: list[dict[str, float]], patience: int | None) -> bool:
    """Has no look at the held-out groups been better than all before for ``patience`` rounds?"""
    if patience is None or not rows:
        return False
    found = [score(row) for row in rows]
    return len(found) - 1 - found.index(max(found)) >= patience


def score(row: dict[str, float]) -> float:
    """By which one round is better than another: macro top-1, or mAP where several behaviours can be true."""
    return row[MACRO] if MACRO in row else row[MAP]


def _line(row: dict[str, float], settings: FitSettings, spent_s: float) -> str:
    kind = "macro top-1" if MACRO in row else "mAP"
    held = f", held out: loss {row[HELD_LOSS]:.3f}, {kind} {score(row):.3f}" if HELD_LOSS in row else ""
    return f"  step {row['step']:.0f} of {settings.steps}: loss {row['loss']:.3f}{held} ({spent_s / 60:.1f} min)"


def _save(trainer: Any, path: Path) -> None:
    """Lightning's checkpoint, whole or not at all; of processes that train together the first one writes it."""
    if not trainer.is_global_zero:
        trainer.save_checkpoint(path)  # only waits for the others
        return
    with whole(path) as part:
        trainer.save_checkpoint(part)


@contextmanager
def _on_request() -> Iterator[Callable[[], bool]]:
    """Ctrl-C asks for a stop at the end of the step; a second one stops at once."""
    request = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield request.is_set
        return

    def handle(number: int, frame: Any) -> None:
        if request.is_set():
            raise KeyboardInterrupt
        request.set()

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield request.is_set
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _silent() -> Iterator[None]:
    """Without Lightning's own words about hardware, tips and loaders."""
    loggers = [logging.getLogger(name) for name in ("lightning.pytorch", "lightning.fabric", "lightning")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
