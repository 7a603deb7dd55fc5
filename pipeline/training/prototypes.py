"""Prototypes: a behaviour is what its few examples have in common, and a clip shows what it is nearest to.

The mean of a behaviour's features is its prototype, and the squared distance to it, each feature by how much it differs
within behaviours, is a linear head (Snell et al. 2017, Prototypical Networks for Few-shot Learning, NeurIPS, eq. 8).
Nothing is fitted step by step, so three to ten clips of a behaviour are enough. A behaviour without a clip that the
network knows already keeps its row, and the new ones are placed beside it, as rows imprinted on a head that was learnt
(Qi, Brown & Lowe 2018, Low-shot learning with imprinted weights, CVPR, 5822-5830).

Letters: N clips, V views of each, D width, K behaviours.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.boxes import FloatArray
from pipeline.errors import UsageError
from pipeline.model_folder import PROTOTYPES
from pipeline.training.known import Known
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
    check_places(behaviours, [name for j, name in enumerate(behaviours) if not (targets == j).any()], None)
    views = features.reshape(-1, features.shape[-1])
    kind = np.repeat(targets, features.shape[1])
    mean = np.stack([views[kind == j].mean(axis=0) for j in range(k)])  # [K, D]
    return _nearest(mean, ((views - mean[kind]) ** 2).mean(axis=0))


def check_places(behaviours: Sequence[str], without: Sequence[str], known: Known | None) -> None:
    """``UsageError`` names those ``without`` a clip of which the network does not say where they lie either."""
    if lost := [name for name in without if known is None or np.isnan(known.mean[behaviours.index(name)]).any()]:
        raise UsageError(
            f"no clip to make a prototype of {', '.join(lost)} from, and init does not say where it lies "
            f"({PROTOTYPES}); label some, or leave it out"
        )


def _nearest(mean: FloatArray, variance: FloatArray) -> Head:
    """The head by which the nearest of the means ``[K, D]`` wins, features having that variance ``[D]``."""
    shrunk = (1 - _SHRINK) * variance + _SHRINK * max(float(variance.mean()), np.finfo(np.float64).tiny)
    return Head(mean / shrunk, -(mean**2 / shrunk).sum(axis=1) / 2)


@dataclass(frozen=True)
class Examples:
    """How alike the examples of a new behaviour are."""

    clips: int
    found: int | None  # how many of them the others would find; None where there is one alone
    raised: float  # by how much the bias was raised for that, in logits


@dataclass(frozen=True)
class Added:
    """A head of known behaviours with new ones beside them, and the examples of each, by its number."""

    head: Head
    examples: dict[int, Examples]


def beside(features: FloatArray, targets: IntArray, groups: Sequence[str], before: Head, known: Known) -> Added:
    """The head ``before`` with a prototype's row for each behaviour that clips show; all other rows stay as they are.

    ``features`` [N, V, D], ``targets`` [N] and ``groups`` [N] are those of the new ones' clips; ``known`` says where
    the others lie. Rows of a head mean nothing by themselves: by how much a prototype's are to be stretched, and what
    is to be added to all of them, the known behaviours say, of which there are both rows (``_Frame``).

    Few examples are farther from what they are examples of than they seem. Each is therefore told by the others (of
    other groups, where there are some), and where fewer than half would be found, the bias is raised until half are.
    ``UsageError`` where fewer than two known behaviours stay.
    """
    new = np.unique(targets)
    kept = np.setdiff1d(np.arange(len(before.bias)), new)
    if len(kept) < 2:
        raise UsageError(
            "two known behaviours or more must stay beside a new one, to say how its row compares with theirs; name "
            "them in vocabulary=[...]"
        )
    frame = _Frame.of(Head(before.weight[kept], before.bias[kept]), known.mean[kept], known.variance)
    weight, bias, examples = before.weight.copy(), before.bias.copy(), {}
    for k in new.tolist():
        own, where = features[targets == k], np.asarray(groups, dtype=object)[targets == k]
        weight[k], bias[k] = frame.row(own)
        margins = frame.margins(own, where) if len(own) > 1 else np.zeros(1)
        raised = max(0.0, -float(np.median(margins)))
        bias[k] += raised
        found = int((margins + raised >= 0).sum()) if len(own) > 1 else None
        examples[k] = Examples(len(own), found, raised)
    return Added(Head(weight, bias), examples)


@dataclass(frozen=True)
class _Frame:
    """What makes a row of a prototype one of the head of known behaviours.

    ::

        row = by x prototype's row + common     with which the rows of the known behaviours' own prototypes come nearest
                                                to theirs, in the logits that both give at the prototypes
    """

    kept: Head
    variance: FloatArray  # [D]
    by: float
    common: Head  # of one row

    @classmethod
    def of(cls, kept: Head, mean: FloatArray, variance: FloatArray) -> "_Frame":
        """That of known rows, whose behaviours have the means ``[K, D]``."""
        those = _nearest(mean, variance)
        told, near = (logits - logits.mean(axis=1, keepdims=True) for logits in (kept.logits(mean), those.logits(mean)))
        by = float((told * near).sum() / (near**2).sum())
        weight = kept.weight.mean(axis=0) - by * those.weight.mean(axis=0)
        return cls(kept, variance, by, Head(weight, np.asarray(kept.bias.mean() - by * those.bias.mean())))

    def row(self, clips: FloatArray) -> tuple[FloatArray, float]:
        """Weight ``[D]`` and bias for what clips ``[n, V, D]`` show."""
        own = _nearest(clips.mean(axis=(0, 1))[None], self.variance)
        return self.by * own.weight[0] + self.common.weight, float(self.by * own.bias[0] + self.common.bias)

    def margins(self, clips: FloatArray, groups: NDArray[np.object_]) -> FloatArray:
        """By how much each clip ``[n, V, D]`` is found, or missed, by a row that it did not make ``[n]``: logits."""
        part = groups if len(set(groups)) > 1 else np.arange(len(clips)).astype(object)
        made = np.empty(len(clips))
        for one in set(part):
            weight, bias = self.row(clips[part != one])
            seen = clips[part == one, 0]
            made[part == one] = seen @ weight + bias - self.kept.logits(seen).max(axis=1)
        return made
