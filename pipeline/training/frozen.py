"""A new head on a network that stays as it is: features once, then a probe or prototypes in seconds.

Letters: N clips, V views of each, D width, K behaviours.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.chain.progress import Progress, Silent
from pipeline.training.features import Views, features
from pipeline.training.plan import TrainingPlan
from pipeline.training.probe import Head, ProbeSettings, probe
from pipeline.training.prototypes import PrototypeSettings, prototypes
from pipeline.training.samples import Samples
from pipeline.training.start import halved
from pipeline.types import IntArray

Settings = ProbeSettings | PrototypeSettings
Folds = Sequence[tuple[IntArray, IntArray]]  # of each the clips to learn from, and those held out


def on_frozen(
    plan: TrainingPlan, settings: Settings, samples: Samples, learnt: IntArray, device: str, progress: Progress
) -> None:
    """Give the network of ``samples`` the head that the clips ``learnt`` ask for; all else stays, in half precision."""
    seen = _looked(plan, settings, samples, learnt, device, progress)
    head = head_of(samples, learnt, seen, settings, progress)
    samples.start.set_head(head.weight, head.bias)


def across_frozen(
    plan: TrainingPlan, settings: Settings, samples: Samples, folds: Folds, device: str, progress: Progress
) -> FloatArray:
    """The same of all clips; returns what heads that never saw a clip say of it, logits ``[N, K]``.

    Every clip is looked at once, whatever the number of folds.
    """
    clips = np.arange(len(samples.labels), dtype=np.int64)
    seen = _looked(plan, settings, samples, clips, device, progress)
    logits = out_of_fold(samples, seen, folds, settings)
    head = head_of(samples, clips, seen, settings, progress)
    samples.start.set_head(head.weight, head.bias)
    return logits


def out_of_fold(samples: Samples, seen: FloatArray, folds: Folds, settings: Settings) -> FloatArray:
    """What a head fitted to the other folds says of each clip, logits ``[N, K]`` of features ``seen [N, V, D]``."""
    logits = np.zeros(samples.truth.shape)
    for learnt, held in folds:
        logits[held] = head_of(samples, learnt, seen[learnt], settings, Silent()).logits(seen[held, 0])
    return logits


def head_of(samples: Samples, clips: IntArray, seen: FloatArray, settings: Settings, progress: Progress) -> Head:
    """The head that these clips ask for, which have the features ``seen [n, V, D]``."""
    start, truth = samples.start, samples.truth[clips]
    if isinstance(settings, PrototypeSettings):
        return prototypes(seen, truth.argmax(axis=1), start.behaviours)
    groups = samples.labels.rows["group"].iloc[clips].tolist()
    head, strength = probe(seen, truth, groups, Head(*start.head_values()), settings, start.exclusive)
    progress.say(f"probe of {seen.shape[-1]} features, strength {strength:g}")
    return head


def _looked(
    plan: TrainingPlan, settings: Settings, samples: Samples, clips: IntArray, device: str, progress: Progress
) -> FloatArray:
    """Features ``[n, V, D]`` of some clips; the first view is as a recognizer sees it."""
    if (samples.mirror != np.arange(len(samples.mirror))).any():  # seen in a mirror they would show another behaviour
        samples = replace(samples, augmentation=replace(samples.augmentation, flip=0.0))
    halved(samples.start.model)  # features of the weights that are saved
    folder = Path(settings.cache) if settings.cache else plan.working
    return features(Views(samples, clips, settings.views - 1), folder, device, progress)
