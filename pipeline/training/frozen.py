"""New heads on a network that stays as it is: features once, then probes or prototypes in seconds.

Letters: N clips, V views of each, D width, K behaviours, S species.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.boxes import FloatArray
from pipeline.chain.progress import Progress, Silent
from pipeline.report.words import plural
from pipeline.training.descent import evenly, rarest
from pipeline.training.features import Views, features
from pipeline.training.known import Known, known_by
from pipeline.training.plan import TrainingPlan
from pipeline.training.probe import Head, ProbeSettings, probe
from pipeline.training.prototypes import PrototypeSettings, beside, prototypes
from pipeline.training.samples import Samples
from pipeline.training.start import halved, set_values, values
from pipeline.types import BoolArray, IntArray

_FEW = 32
Settings = ProbeSettings | PrototypeSettings
Folds = Sequence[tuple[IntArray, IntArray]]  # of each the clips to learn from, and those held out


def on_frozen(
    plan: TrainingPlan, settings: Settings, samples: Samples, learnt: IntArray, device: str, progress: Progress
) -> None:
    """Give the network of ``samples`` the heads that clips ``learnt`` ask for; all else stays, in half precision."""
    _learn(samples, learnt, _looked(plan, settings, samples, learnt, device, progress), settings, progress)


def across_frozen(
    plan: TrainingPlan, settings: Settings, samples: Samples, folds: Folds, device: str, progress: Progress
) -> FloatArray:
    """The same of all clips; returns what heads that never saw a clip say of it, logits ``[N, K + S]``.

    Every clip is looked at once, whatever the number of folds.
    """
    clips = np.arange(len(samples.labels), dtype=np.int64)
    seen = _looked(plan, settings, samples, clips, device, progress)
    logits = out_of_fold(samples, seen, folds, settings)
    _learn(samples, clips, seen, settings, progress)
    return logits


def out_of_fold(samples: Samples, seen: FloatArray, folds: Folds, settings: Settings) -> FloatArray:
    """What heads fitted to the other folds say of each clip, logits ``[N, K + S]`` of features ``seen [N, V, D]``."""
    logits = np.zeros((len(seen), samples.start.outputs))
    for learnt, held in folds:
        heads = heads_of(samples, learnt, seen[learnt], settings, Silent())
        logits[held] = np.concatenate([head.logits(seen[held, 0]) for head in heads], axis=1)
    return logits


def heads_of(samples: Samples, clips: IntArray, seen: FloatArray, settings: Settings, progress: Progress) -> list[Head]:
    """The heads that these clips ask for, which have the features ``seen [n, V, D]``: of behaviours, then of species.

    Species are learnt from the clips that say theirs.
    """
    start, groups = samples.start, samples.labels.rows["group"].to_numpy(object)[clips]
    of_clips = samples.truth[clips], groups
    asked = [_Asked("behaviours", start.head, seen, *of_clips, start.behaviours, start.exclusive, start.known)]
    if samples.species is not None:
        shown = samples.species[clips]
        known = shown.any(axis=1)
        told = seen[known], shown[known], groups[known]
        asked.append(_Asked("species", start.species_head, *told, start.species, exclusive=True))
    return [_head(one, settings, progress) for one in asked]


@dataclass(frozen=True)
class _Asked:
    """What a head is to learn from ``n`` clips, ``V`` views of each."""

    what: str  # it tells
    layer: Any  # of the network, as it begins
    seen: FloatArray  # [n, V, D]
    truth: BoolArray  # [n, K]
    groups: NDArray[np.object_]  # [n]
    names: tuple[str, ...]  # K of them
    exclusive: bool
    known: Known | None = None


def _head(asked: _Asked, settings: Settings, progress: Progress) -> Head:
    if isinstance(settings, PrototypeSettings):
        return _of_prototypes(asked, progress)
    before = Head(*values(asked.layer))
    head, strength = probe(asked.seen, asked.truth, asked.groups.tolist(), before, settings, asked.exclusive)
    progress.say(f"probe of {asked.seen.shape[-1]} features for {asked.what}, strength {strength:g}")
    return head


def _of_prototypes(asked: _Asked, progress: Progress) -> Head:
    """Prototypes of all behaviours, or, where the network knows those without a clip, of the others beside them."""
    unseen = ~asked.truth.any(axis=0)
    if asked.known is None or not unseen.any() or np.isnan(asked.known.mean[unseen]).any():
        return prototypes(asked.seen, asked.truth.argmax(axis=1), asked.names)
    before = Head(*values(asked.layer))
    added = beside(asked.seen, asked.truth.argmax(axis=1), asked.groups.tolist(), before, asked.known)
    for k, told in added.examples.items():
        found = "" if told.found is None else f"; {told.found} of them would be found by the others"
        found += f", with its bias raised by {told.raised:.2f}: it may be told too often" if told.raised > 0 else ""
        progress.say(f"prototype of {asked.names[k]} from {plural(told.clips, 'clip')}{found}")
    return added.head


def _learn(samples: Samples, clips: IntArray, seen: FloatArray, settings: Settings, progress: Progress) -> None:
    """Give the network the heads that these clips ask for, and keep where the behaviours lie."""
    heads = heads_of(samples, clips, seen, settings, progress)
    for layer, head in zip(samples.start.heads, heads, strict=True):
        set_values(layer, head.weight, head.bias)
    remember(samples, clips, seen[:, 0])


def remember(samples: Samples, clips: IntArray, seen: FloatArray) -> None:
    """Keep where behaviours that exclude each other lie, as clips with features ``[n, D]`` show it; none of others."""
    start, truth = samples.start, samples.truth[clips]
    known = known_by(seen, truth.argmax(axis=1), len(start.behaviours), start.known) if start.exclusive else None
    samples.start = replace(start, known=known)


def look_back(plan: TrainingPlan, samples: Samples, learnt: IntArray, device: str, progress: Progress) -> None:
    """The same for a network all of which was fitted, from about ``_FEW`` of the clips ``learnt`` of each behaviour."""
    samples.start = replace(samples.start, known=None)  # of other features
    if samples.start.exclusive:
        few = evenly(learnt, rarest(samples.truth), _FEW * len(samples.start.behaviours), plan.seed)
        halved(samples.start.model)
        remember(samples, few, features(Views(samples, few, 0), plan.working, device, progress)[:, 0])


def _looked(
    plan: TrainingPlan, settings: Settings, samples: Samples, clips: IntArray, device: str, progress: Progress
) -> FloatArray:
    """Features ``[n, V, D]`` of some clips; the first view is as a recognizer sees it."""
    if (samples.mirror != np.arange(len(samples.mirror))).any():  # seen in a mirror they would show another behaviour
        samples = replace(samples, augmentation=replace(samples.augmentation, flip=0.0))
    halved(samples.start.model)  # features of the weights that are saved
    folder = Path(settings.cache) if settings.cache else plan.working
    return features(Views(samples, clips, settings.views - 1), folder, device, progress)
