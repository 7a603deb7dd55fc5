"""What is done with a batch: loss, the rate of learning at each step, the running mean of the weights.

Letters: B clips, T frames, C channels, h x w pixels, M moments of a clip, K behaviours, S species.
"""

import copy
import math
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from pipeline.errors import MissingPart
from pipeline.evaluation.confusion import macro_top1
from pipeline.training.average import between, follow
from pipeline.training.batches import CHANCE
from pipeline.training.landmarks import patches_of, pointer, pointing_loss
from pipeline.training.losses import loss, species_loss
from pipeline.training.network import seen, shown_at
from pipeline.training.optimizers import optimizer
from pipeline.training.settings import FitSettings
from pipeline.training.start import Start
from pipeline.types import BoolArray

MACRO, MAP = "held_out_macro_top1", "held_out_map"  # by which the best round is chosen; MAP where several can be true
HELD_LOSS = "held_out_loss"
_WHOLE = 0.95  # of the steps, after which every patch is seen


def learning_rate(step: int, settings: FitSettings) -> float:
    """The rate at a step: rising in a line for a share ``warmup`` of the steps, then half a cosine down to nothing.

    ::

        0.0 ./''''--..__      peak ``learning_rate`` at the end of the warm-up
    """
    warm = settings.warmup * settings.steps
    if step < warm:
        return settings.learning_rate * (step + 1) / (warm + 1)
    along = min(1.0, (step - warm) / max(settings.steps - warm, 1))
    return settings.learning_rate * 0.5 * (1 + math.cos(math.pi * along))


def share_of_patches(step: int, settings: FitSettings) -> float:
    """The share of its patches that the network sees at a step; all of them once ``_WHOLE`` of the steps are done."""
    return settings.patches if step < _WHOLE * settings.steps else 1.0


@dataclass
class Record:
    """The curves so far, and the losses of the round that is going on; a checkpoint holds it."""

    rows: list[dict[str, float]]
    loss: float = 0.0
    pointing: float = 0.0
    species: float = 0.0
    steps: int = 0

    def add(self, loss: float, pointing: float, species: float) -> None:
        """One step's losses: of the behaviours, of the landmarks, of the species."""
        self.loss, self.pointing, self.steps = self.loss + loss, self.pointing + pointing, self.steps + 1
        self.species += species

    def close(self, step: int, held: dict[str, float], rate: float) -> dict[str, float]:
        """End a round: its row of the curves; ``held`` is what a look at held-out clips gave."""
        row = {
            "step": float(step),
            "learning_rate": rate,
            "loss": self.loss / max(self.steps, 1),
            "landmark_loss": self.pointing / max(self.steps, 1),
            **held,
        }
        self.rows.append(row)
        self.loss, self.pointing, self.species, self.steps = 0.0, 0.0, 0.0, 0
        return row


def module(start: Start, truth: BoolArray, settings: FitSettings, seed: int) -> Any:
    """The network as Lightning trains it; ``truth`` [N, K] is what the clips show that are learnt from.

    ``MissingPart`` where lightning or torchmetrics is not installed.
    """
    try:
        import torch
        from lightning.pytorch import LightningModule
        from torchmetrics.classification import MulticlassConfusionMatrix, MultilabelAveragePrecision
    except ImportError as error:
        wanted = "pip install lightning torchmetrics"
        raise MissingPart(f"{error.name} is not installed, and training needs it: {wanted}") from error

    prepared = replace(start.preprocessing, resize=(), crop=())
    n, k = truth.shape
    cost = loss(settings.loss, truth.sum(axis=0), n, settings.label_smoothing, start.exclusive)
    plain = loss("cross_entropy", truth.sum(axis=0), n, 0.0, start.exclusive)

    class Learner(LightningModule):
        """Lightning's hooks, in the order in which they are called."""

        def __init__(self) -> None:
            super().__init__()
            self.network = start.thawed(settings.layers).train()
            self.mean = copy.deepcopy(start.model).requires_grad_(False) if settings.average else None
            self.first: Any = copy.deepcopy(start.model.state_dict()) if settings.keep else None
            self.kept = copy.deepcopy(start.model).requires_grad_(False) if settings.keep else None
            self.pointer = pointer(start.model.config.hidden_size, seed) if settings.landmarks else None
            self.counts = MulticlassConfusionMatrix(k) if start.exclusive else MultilabelAveragePrecision(k)
            self.record = Record([])
            self.held_loss: list[Any] = []
            self.held_clips = 0

        @property
        def fitted(self) -> Any:
            """The network at this step: its running mean where there is one."""
            return self.network if self.mean is None else self.mean

        @property
        def judged(self) -> Any:
            """What is judged and saved: the network, nearer to its first weights by ``keep``; of a round's end."""
            return self.fitted if self.kept is None else self.kept

        def configure_optimizers(self) -> Any:
            return optimizer([self.network, self.pointer], settings)

        def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
            part = [batch_idx % settings.accumulate, self.global_rank] if settings.parts > 1 else []
            chance = np.random.SeedSequence([seed, CHANCE, self.global_step, *part])
            torch.manual_seed(int(chance.generate_state(1)[0]))
            for group in self.trainer.optimizers[0].param_groups:
                group["lr"] = group["scale"] * learning_rate(self.global_step, settings)

        def training_step(self, batch: Any, batch_idx: int) -> Any:
            clips, shown, landmarks = batch
            answers, pointed, told = self._answers(prepared.apply(clips), landmarks)
            shown = shown[told.to(shown.device)]  # of [B, M, K + S] what is answered for
            learnt = shown[:, :k].any(1) | (not start.exclusive)  # not what is done and nobody is to tell
            of_behaviours = cost(answers[learnt, :k].float(), shown[learnt, :k])
            every, of_species = of_behaviours + settings.landmarks * pointed, 0.0
            if start.species:
                of_species = species_loss(answers[:, k:].float(), shown[:, k:], settings.label_smoothing)
                every = every + settings.species_weight * of_species
            self.record.add(float(of_behaviours.detach()), float(pointed), float(of_species))
            return every

        def _answers(self, clips: Any, landmarks: Any) -> Any:
            """Logits of moments, the loss of pointing at landmarks (0 where that is not asked for), and of which
            moments ``bool [B, M]`` the logits are.
            """
            if not settings.of_patches and start.moments == 1:
                return start.answers(self.network, clips), torch.zeros(()), shown_at(None, len(clips), 1)
            logits, patches, gone = seen(start, self.network, clips, share_of_patches(self.global_step, settings))
            told = shown_at(gone, len(clips), start.moments)
            if self.pointer is None:
                return logits, torch.zeros(()), told
            wanted = torch.from_numpy(patches_of(landmarks, start.grid)).to(clips.device)
            return logits, pointing_loss(self.pointer(patches), wanted, gone), told

        def optimizer_step(self, *arguments: Any, **named: Any) -> None:
            step = self.global_step
            super().optimizer_step(*arguments, **named)
            if self.mean is not None:
                follow(self.mean, self.network, settings.average, step)
            if self.kept is not None and (step + 1) % settings.round_steps == 0:
                self.kept.load_state_dict(between(self.first, self.fitted.state_dict(), settings.keep))

        def on_validation_epoch_start(self) -> None:
            self.judged.eval()
            self.counts.reset()
            self.held_loss, self.held_clips = [], 0

        def validation_step(self, batch: Any, batch_idx: int) -> None:
            clips, shown = batch[0], batch[1][:, :k]
            logits = start.logits(self.judged, clips).float()
            self.held_loss.append(plain(logits, shown) * len(clips))
            self.counts.update(*((logits.argmax(1), shown.argmax(1)) if start.exclusive else (logits, shown.long())))
            self.held_clips += len(clips)

        def on_validation_epoch_end(self) -> None:
            found = self.counts.compute().cpu().numpy()
            score = {MACRO: macro_top1(found)} if start.exclusive else {MAP: float(found)}
            self.end_round({HELD_LOSS: float(sum(self.held_loss)) / self.held_clips} | score)

        def end_round(self, held: dict[str, float]) -> None:
            beside = {"species_loss": self.record.species / max(self.record.steps, 1)} if start.species else {}
            row = self.record.close(self.global_step, held | beside, learning_rate(self.global_step, settings))
            for name, value in row.items():
                self.log(name, value)

        def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
            checkpoint["record"] = asdict(self.record)

        def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
            self.record = Record(**checkpoint["record"])

    return Learner()
