"""A fitted network judged by clips of groups that it never saw, and its probabilities made to mean what they say."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import softmax

from pipeline.boxes import FloatArray
from pipeline.chain.progress import Progress
from pipeline.evaluation.calibration import log_loss, temperature, thresholds
from pipeline.evaluation.confusion import confusion, metrics
from pipeline.evaluation.outcomes import GROUP, TRUTH, Outcomes
from pipeline.tables import SCORE_PREFIX
from pipeline.training.samples import Held, Samples
from pipeline.training.start import halved
from pipeline.types import IntArray

FEW = 10  # held-out clips found as a behaviour, under which no threshold is set for it


@dataclass(frozen=True)
class Judged:
    """``N`` held-out clips, ``K`` behaviours: calibrated probabilities, what is true, and the clips' rows."""

    behaviours: tuple[str, ...]
    probabilities: FloatArray  # [N, K]
    targets: IntArray  # [N]
    rows: pd.DataFrame

    @property
    def outcomes(self) -> Outcomes:
        """The same as ``ethopipe evaluate`` takes it."""
        truth = np.eye(len(self.behaviours), dtype=bool)[self.targets]
        return Outcomes(self.behaviours, self.probabilities, truth, self.rows[GROUP].to_numpy(object))

    @property
    def counts(self) -> IntArray:
        """Confusion ``[K, K]``."""
        return confusion(self.targets, self.probabilities.argmax(axis=1), len(self.behaviours))

    @property
    def figures(self) -> dict[str, float]:
        """The figures of a card."""
        return metrics(self.counts, self.behaviours) | {
            "log_loss": round(log_loss(np.log(np.maximum(self.probabilities, 1e-12)), self.targets), 4)
        }

    def thresholds(self, right: float) -> dict[str, float]:
        """The least probability of a behaviour from which it is right in a share ``right`` of the clips.

        Left out are behaviours that are right often enough as it is, that never are, and those that ``FEW`` clips
        speak for.
        """
        least, found = thresholds(self.outcomes, right), self.probabilities.argmax(axis=1)
        lowest = {k: self.probabilities[found == k, k].min() for k in np.unique(found).tolist()}
        return {
            name: float(np.floor(least[k] * 1e4) / 1e4)
            for k, name in enumerate(self.behaviours)
            if np.isfinite(least[k]) and (found == k).sum() >= FEW and least[k] > lowest[k]
        }

    @property
    def table(self) -> pd.DataFrame:
        """As ``ethopipe evaluate scores=`` reads it: a row a clip."""
        names = [name for name in ("path", "row", "start_s", "stop_s", GROUP, "species") if self.rows[name].any()]
        scores = {f"{SCORE_PREFIX}{name}": self.probabilities[:, k] for k, name in enumerate(self.behaviours)}
        truth = np.array(self.behaviours, dtype=object)[self.targets]
        return self.rows[names].assign(**{TRUTH: truth}, **scores).reset_index(drop=True)


def judged(samples: Samples, held: IntArray, batch: int, device: str, progress: Progress) -> Judged:
    """Judge the network of ``samples``, in half precision as it is saved, and divide its head by its temperature."""
    halved(samples.start.model)
    logits, targets = logits_of(samples, held, batch, device, progress), samples.targets[held]
    by = temperature(logits, targets)
    samples.start.temper(by)
    return Judged(samples.start.behaviours, softmax(logits / by, axis=1), targets, samples.labels.rows.iloc[held])


def logits_of(samples: Samples, clips: IntArray, batch: int, device: str, progress: Progress) -> FloatArray:
    """What the network of ``samples`` says of clips ``[N, K]``, seen as a recognizer sees them."""
    import torch

    start = samples.start
    model, loader, found = start.model.to(device).eval(), Held(samples, clips, batch), []
    with progress.stage(f"judging, {len(clips)} clips", "batches") as meter, torch.inference_mode():
        meter.expect(len(loader))
        for shown, _ in loader:
            found.append(start.logits(model, shown.to(device)).double().cpu().numpy())
            meter.advance(1)
    model.cpu()
    return np.concatenate(found)
