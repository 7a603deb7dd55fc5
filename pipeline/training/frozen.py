"""A new head on a network that stays as it is: features once, then a probe or prototypes in seconds."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.boxes import FloatArray
from pipeline.chain.progress import Progress
from pipeline.training.features import Views, features
from pipeline.training.plan import TrainingPlan
from pipeline.training.probe import Head, ProbeSettings, probe
from pipeline.training.prototypes import PrototypeSettings, prototypes
from pipeline.training.samples import Samples
from pipeline.training.start import halved, set_values, values
from pipeline.types import BoolArray, IntArray


def on_frozen(
    plan: TrainingPlan,
    settings: ProbeSettings | PrototypeSettings,
    samples: Samples,
    learnt: IntArray,
    device: str,
    progress: Progress,
) -> None:
    """Give the network of ``samples`` the heads that clips ``learnt`` ask for; all else stays, in half precision."""
    if (samples.mirror != np.arange(len(samples.mirror))).any():  # seen in a mirror they would show another behaviour
        samples = replace(samples, augmentation=replace(samples.augmentation, flip=0.0))
    start = samples.start
    halved(start.model)  # features of the weights that are saved
    folder = Path(settings.cache) if settings.cache else plan.working
    seen = features(Views(samples, learnt, settings.views - 1), folder, device, progress)
    groups = samples.labels.rows["group"].to_numpy(object)[learnt]
    asked = _Asked(seen, samples.truth[learnt], groups, start.behaviours, start.exclusive, "behaviours")
    _learn(start.head, asked, settings, progress)
    if samples.species is not None:
        shown = samples.species[learnt]
        known = shown.any(axis=1)
        of_species = _Asked(seen[known], shown[known], groups[known], start.species, True, "species")
        _learn(start.species_head, of_species, settings, progress)


@dataclass(frozen=True)
class _Asked:
    """What a head is to learn from ``N`` clips, ``V`` views of each."""

    features: FloatArray  # [N, V, D]
    truth: BoolArray  # [N, K]
    groups: NDArray[np.object_]  # [N]
    names: tuple[str, ...]  # K of them
    exclusive: bool
    what: str  # that they are names of


def _learn(layer: Any, asked: _Asked, settings: ProbeSettings | PrototypeSettings, progress: Progress) -> None:
    """Set a linear layer to what the clips ask for."""
    if isinstance(settings, PrototypeSettings):
        head = prototypes(asked.features, asked.truth.argmax(axis=1), asked.names)
    else:
        before = Head(*values(layer))
        head, strength = probe(asked.features, asked.truth, list(asked.groups), before, settings, asked.exclusive)
        progress.say(f"probe of {asked.features.shape[-1]} features for {asked.what}, strength {strength:g}")
    set_values(layer, head.weight, head.bias)
