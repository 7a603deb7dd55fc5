"""A YOLO11n from scratch on tiles: network and loss of ultralytics (AGPL-3.0), a loop of ours.

Every step's pictures depend on the seed and the step alone, so that a training that was stopped goes on as if it had
not been. Ignore regions take no part in the loss of the classes.
"""

import copy
import logging
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from pipeline.artifacts import whole, write_csv
from pipeline.detectors.folder import DetectorCard, architecture, filled, read_card
from pipeline.detectors.weights import prepared
from pipeline.device import resolve
from pipeline.errors import UsageError
from pipeline.model_folder import find_model
from pipeline.training.ahead import ahead
from pipeline.training.average import between, follow, mean_of
from pipeline.training.detector_fit import DetectorFit
from pipeline.training.detector_judge import judged
from pipeline.training.detector_loss import batch_of, unignored
from pipeline.training.detector_pixels import mixed
from pipeline.training.detector_tiles import Tiles, parted
from pipeline.training.optimizers import by_decay
from pipeline.types import IntArray

log = logging.getLogger(__name__)

CHECKPOINT, CURVES = "checkpoint.pt", "curves.csv"
_GAINS = {"box": 7.5, "cls": 0.5, "dfl": 1.5}  # weights of the loss's parts, as ultralytics sets them


@dataclass(frozen=True)
class Pictures:
    """A step's pictures, as a batch with its ignore regions (``batch_of``); of the seed and the step alone."""

    tiles: Tiles
    among: IntArray  # numbers of the tiles that are trained on
    fit: DetectorFit

    def __call__(self, step: int) -> tuple[dict[str, Any], Any]:
        """``step`` counts from the start of the training; every tile is the first of a picture in turn."""
        fit, n = self.fit, len(self.among)
        rng = np.random.default_rng([fit.seed, 1, step])
        places = np.arange(step * fit.batch, (step + 1) * fit.batch)
        orders = {epoch: self._order(epoch) for epoch in range(places[0] // n, places[-1] // n + 1)}
        first = [orders[k // n][k % n] for k in places.tolist()]
        return batch_of([mixed(self.tiles, int(k), self.among, fit.image_px, fit.mixing, rng) for k in first])

    def _order(self, epoch: int) -> IntArray:
        return np.random.default_rng([self.fit.seed, 2, epoch]).permutation(self.among)


class Trainer:
    """The state of a training: the network, its running average, the optimizer and the step. ``folder`` keeps it."""

    def __init__(self, tiles: Tiles, fit: DetectorFit, folder: Path) -> None:
        prepared()
        import torch
        from ultralytics.nn.tasks import DetectionModel

        self.tiles, self.fit, self.folder = tiles, fit, folder
        every = np.arange(len(tiles.group))
        self.train_on, self.held_out = parted(tiles.group, fit.held_out, fit.seed) if fit.steps else (every[:0], every)
        self.described = architecture(len(tiles.species))
        torch.manual_seed(fit.seed)
        self.device = torch.device(resolve(fit.device))
        network, self.origin = DetectionModel(self.described, verbose=False), "random weights"
        if fit.init:
            cards, weights = zip(*(_first(init, tiles.species) for init in fit.init), strict=True)
            network.load_state_dict(mean_of(weights))
            named = " and ".join(f"the weights of {card.name} ({card.trained_on})" for card in cards)
            self.origin = f"the mean of {named}" if len(cards) > 1 else named
        self.network = network.to(self.device, memory_format=torch.channels_last)
        self.average = DetectionModel(self.described, verbose=False).to(self.device)
        self.average.load_state_dict(self.network.state_dict())
        self.first = copy.deepcopy(self.average.state_dict()) if fit.keep else {}
        self.network.args = SimpleNamespace(**_GAINS)
        self.criterion = self.network.init_criterion()
        trained = (weight for weight in self.network.parameters() if weight.requires_grad)
        self.optimizer = torch.optim.AdamW(by_decay(trained, fit.weight_decay), lr=fit.learning_rate)
        self.step, self.seconds, self.rows = 0, 0.0, list[dict[str, float]]()
        self._resume()

    def run(self) -> list[dict[str, float]]:
        """Train to the last step, or until the budget is spent; the curves' rows. A checkpoint is left at each look."""
        began, total = time.perf_counter(), np.zeros(3)
        before, first = self.seconds, self.step
        pinned = self.device.type == "cuda"
        pictures = Pictures(self.tiles, self.train_on, self.fit)
        for batch, ignored in ahead(pictures, range(first, self.fit.steps), self.fit.workers, pinned):
            total += self._step(batch, ignored)
            self.step += 1
            self.seconds = before + time.perf_counter() - began
            spent = 0 < self.fit.budget_s <= self.seconds - before
            if self.step % self.fit.check_steps == 0 or self.step == self.fit.steps or spent:
                count = self.step - max(first, self.rows[-1]["step"] if self.rows else 0)
                self._look(total / max(count, 1))
                total[:] = 0
            if spent:
                log.info("the budget of %g s is spent at step %d of %d", self.fit.budget_s, self.step, self.fit.steps)
                break
        return self.rows

    @property
    def kept(self) -> Any:
        """What is judged and saved: the running average, nearer to the first weights by ``keep``."""
        if not self.fit.keep:
            return self.average
        mean = copy.deepcopy(self.average)
        mean.load_state_dict(between(self.first, self.average.state_dict(), self.fit.keep))
        return mean

    @property
    def done(self) -> bool:
        """Has it made its last step?"""
        return self.step >= self.fit.steps

    def _step(self, batch: dict[str, Any], ignored: Any) -> Any:
        """One step of the optimizer; the loss's parts box, cls and dfl ``[3]``."""
        import torch

        batch = {name: value.to(self.device, non_blocking=True) for name, value in batch.items()}
        images = (batch["img"].float() / 255).contiguous(memory_format=torch.channels_last)
        for group in self.optimizer.param_groups:
            group["lr"] = self.fit.rate(self.step)
        self.network.train()
        self.criterion.bce = unignored(self.criterion, ignored.to(self.device))
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.fit.precision == "bf16"):
            answers = self.network(images)
        loss, parts = self.criterion(_float(answers), batch)
        self.optimizer.zero_grad(set_to_none=True)
        loss.sum().backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 10.0)
        self.optimizer.step()
        follow(self.average, self.network, self.fit.average, self.step)
        return np.array([float(value) for value in parts.values()])

    def _look(self, loss: Any) -> None:
        """Judge what is kept on held-out tiles, note it, and leave a checkpoint and the curves."""
        figures = judged(self.kept, self.tiles, self.held_out[: self.fit.check_images])
        names = ("box_loss", "class_loss", "dfl_loss")
        told = dict(zip(names, (float(v) for v in loss), strict=True))
        row = {"step": float(self.step), "seconds": self.seconds, "rate": self.fit.rate(self.step), **told, **figures}
        self.rows.append(row)
        log.info("step %d: %s", self.step, ", ".join(f"{k} {v:.4g}" for k, v in row.items() if k != "step"))
        self._save()

    def _save(self) -> None:
        import torch

        state = {
            "settings": self.fit.identity,
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "first": self.first,
            "optimizer": self.optimizer.state_dict(),
            "progress": {"step": self.step, "seconds": self.seconds, "rows": self.rows},
        }
        with whole(self.folder / CHECKPOINT) as part:
            torch.save(state, part)
        write_csv(self.folder / CURVES, pd.DataFrame(self.rows))

    def _resume(self) -> None:
        import torch

        path = self.folder / CHECKPOINT
        if not path.is_file():
            return
        state = torch.load(path, map_location="cpu", weights_only=True)
        if state["settings"] != self.fit.identity:
            mine = self.fit.identity
            other = sorted(name for name in mine if state["settings"].get(name) != mine[name])
            raise UsageError(
                f"{path} is of a training with other {', '.join(other)}; take another folder, or delete it"
            )
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.first = state["first"]
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.seconds = state["progress"]["step"], state["progress"]["seconds"]
        self.rows = state["progress"]["rows"]


def _first(init: str, species: tuple[str, ...]) -> tuple[DetectorCard, Any]:
    """Card and weights of a model to begin with, which must tell the same species apart, in the same order."""
    folder = find_model(init) or Path(init)
    card = read_card(folder)
    if card.species != species:
        raise UsageError(
            f"{init} tells {', '.join(card.species)} apart, the tiles {', '.join(species)}; begin with a model of the "
            "same species, or with random weights"
        )
    return card, filled(folder).model.state_dict()


def _float(answers: Any) -> Any:
    """The same lists and mappings of tensors, in single precision: what the loss reckons in."""
    import torch

    if isinstance(answers, dict):
        return {name: _float(value) for name, value in answers.items()}
    if isinstance(answers, (list, tuple)):
        return [_float(value) for value in answers]
    return answers.float() if torch.is_floating_point(answers) else answers
