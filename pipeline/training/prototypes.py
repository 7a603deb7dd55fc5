"""Prototypes: a behaviour is what its few examples have in common, and a clip shows what it is nearest to.

The mean of a behaviour's features is its prototype, and the squared distance to it, each feature by how much it differs
within behaviours, is a linear head (Snell et al. 2017, Prototypical Networks for Few-shot Learning, NeurIPS, eq. 8).
Nothing is fitted step by step, so three to ten clips of a behaviour are enough.

Letters: N clips, V views of each, D width, K behaviours.
"""

from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.errors import UsageError
from pipeline.training.probe import Head
from pipeline.types import IntArray

_SHRINK = 0.1  # share of the mean variance in that of a feature: few examples seem alike by chance


@dataclass(frozen=True)
class PrototypeSettings:
    """How prototypes are made."""

    views: int
    cache: str | None

    def __post_init__(self) -> None:
        if self.views < 1:
            raise ValueError(f"views must be >= 1, got {self.views}")


def prototypes(features: FloatArray, targets: IntArray, behaviours: tuple[str, ...]) -> Head:
    """The head of prototypes from features ``[N, V, D]`` of clips that show ``targets`` [N].

    Its logits are half the squared distance, each feature's over its variance within behaviours, negative, but for what
    is the same for all. ``UsageError`` names behaviours without a clip.
    """
    k = len(behaviours)
    if lost := [name for name, n in zip(behaviours, np.bincount(targets, minlength=k), strict=True) if n == 0]:
        raise UsageError(f"no clip to make a prototype of {', '.join(lost)} from; label some, or leave it out")
    views = features.reshape(-1, features.shape[-1])
    kind = np.repeat(targets, features.shape[1])
    mean = np.stack([views[kind == j].mean(axis=0) for j in range(k)])  # [K, D]
    variance = ((views - mean[kind]) ** 2).mean(axis=0)  # [D] within behaviours
    variance = (1 - _SHRINK) * variance + _SHRINK * max(float(variance.mean()), np.finfo(np.float64).tiny)
    return Head(mean / variance, -(mean**2 / variance).sum(axis=1) / 2)
