"""A new head on a network that stays as it is: features once, then a probe or prototypes in seconds."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from pipeline.chain.progress import Progress
from pipeline.training.features import Views, features
from pipeline.training.plan import TrainingPlan
from pipeline.training.probe import Head, ProbeSettings, probe
from pipeline.training.prototypes import PrototypeSettings, prototypes
from pipeline.training.samples import Samples
from pipeline.training.start import halved
from pipeline.types import IntArray


def on_frozen(
    plan: TrainingPlan,
    settings: ProbeSettings | PrototypeSettings,
    samples: Samples,
    learnt: IntArray,
    device: str,
    progress: Progress,
) -> None:
    """Give the network of ``samples`` the head that the clips ``learnt`` ask for; all else stays, in half precision."""
    if (samples.mirror != np.arange(len(samples.mirror))).any():  # seen in a mirror they would show another behaviour
        samples = replace(samples, augmentation=replace(samples.augmentation, flip=0.0))
    start = samples.start
    halved(start.model)  # features of the weights that are saved
    folder = Path(settings.cache) if settings.cache else plan.working
    seen = features(Views(samples, learnt, settings.views - 1), folder, device, progress)
    truth = samples.truth[learnt]
    if isinstance(settings, PrototypeSettings):
        head = prototypes(seen, truth.argmax(axis=1), start.behaviours)
    else:
        groups = samples.labels.rows["group"].iloc[learnt].tolist()
        head, strength = probe(seen, truth, groups, Head(*start.head_values()), settings, start.exclusive)
        progress.say(f"probe of {seen.shape[-1]} features, strength {strength:g}")
    start.set_head(head.weight, head.bias)
