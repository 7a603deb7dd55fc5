"""A linear probe: the network stays as it is, and only its last layer is learnt, from features computed once.

Logistic regression, multinomial where behaviours exclude each other, whose weights are held near those that the head
began with: behaviours that the network knows keep what it knows of them, as far as the clips do not say otherwise
(Chelba & Acero 2006, Adaptation of maximum entropy capitalizer: little data can help a lot, Computer Speech & Language
20:382-399), and new ones are held near zero (Alain & Bengio 2017, Understanding intermediate layers using linear
classifier probes, ICLR workshop).

Letters: N clips, V views of each, D width, K behaviours.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_expit, log_softmax, softmax

from pipeline.boxes import FloatArray
from pipeline.types import BoolArray, IntArray

STRENGTHS = tuple(float(10**k) for k in np.arange(-4.0, 1.5, 0.5))  # tried where none is given
_FOLDS = 5
_LEAST = 1e-6  # of a standard deviation


@dataclass(frozen=True)
class ProbeSettings:
    """How a probe is learnt; ``strength`` is the weight of holding on, per clip."""

    views: int
    balance: float
    strength: float | None
    cache: str | None

    def __post_init__(self) -> None:
        if self.views < 1:
            raise ValueError(f"views must be >= 1, got {self.views}")
        if not 0 <= self.balance <= 1:
            raise ValueError(f"balance must be in [0, 1], got {self.balance}")
        if self.strength is not None and not self.strength > 0:
            raise ValueError(f"strength must be > 0 or null, got {self.strength}")


@dataclass(frozen=True)
class Head:
    """A linear head: weight ``[K, D]`` and bias ``[K]``."""

    weight: FloatArray
    bias: FloatArray

    def logits(self, features: FloatArray) -> FloatArray:
        """``[..., K]`` of features ``[..., D]``."""
        return np.asarray(features @ self.weight.T + self.bias)

    def scaled(self, by: FloatArray, middle: FloatArray) -> "Head":
        """The head that gives for ``(x - middle) / by`` what this one gives for ``x``."""
        return Head(self.weight * by, self.bias + self.weight @ middle)

    def plain(self, by: FloatArray, middle: FloatArray) -> "Head":
        """The head that gives for ``x`` what this one gives for ``(x - middle) / by``."""
        return Head(self.weight / by, self.bias - self.weight @ (middle / by))


def probe(
    features: FloatArray,
    truth: BoolArray,
    groups: Sequence[str],
    start: Head,
    settings: ProbeSettings,
    exclusive: bool = True,
) -> tuple[Head, float]:
    """The head learnt from features ``[N, V, D]`` of clips that show ``truth`` [N, K], and the strength that it took.

    ``exclusive``: exactly one behaviour is true of a clip (softmax); else each is told by itself (sigmoid).

    Where none is given, the one of ``STRENGTHS`` is taken that is best for clips of ``groups`` [N] that were left out,
    in up to five parts; of a single group the strongest.
    """
    middle, by = features.mean((0, 1)), np.maximum(features.std((0, 1)), _LEAST)
    asked = _Asked((features - middle) / by, truth, start.scaled(by, middle), settings.balance, exclusive)
    strength = settings.strength or _chosen(asked, groups)
    return asked.fitted(strength).plain(by, middle), strength


@dataclass(frozen=True)
class _Asked:
    """What a probe is to learn; features are scaled, and the head it begins with is one of scaled features."""

    features: FloatArray  # [N, V, D]
    truth: BoolArray  # [N, K]
    start: Head
    balance: float
    exclusive: bool

    def part(self, rows: BoolArray) -> "_Asked":
        """Some of the clips."""
        return replace(self, features=self.features[rows], truth=self.truth[rows])

    @property
    def weights(self) -> FloatArray:
        """What each clip counts ``[N]``, 1 together: alike with ``balance`` 0, every behaviour alike with 1.

        A clip of several counts as the rarest of them.
        """
        count = np.where(self.truth, self.truth.sum(axis=0), len(self.truth)).min(axis=1).astype(np.float64)
        weight = np.maximum(count, 1.0) ** -self.balance
        return np.asarray(weight / weight.sum())

    def cost(self, logits: FloatArray, truth: BoolArray) -> FloatArray:
        """Log loss of each answer ``[n]``; of behaviours by themselves their sum."""
        if self.exclusive:
            return -np.asarray((log_softmax(logits, axis=1) * truth).sum(axis=1))
        return -np.asarray(log_expit(np.where(truth, logits, -logits)).sum(axis=1))

    def fitted(self, strength: float) -> Head:
        """The head of least weighted log loss plus ``strength / 2`` times its squared distance from the start.

        Behaviours that no clip shows stay as they are.
        """
        n, views, width = self.features.shape
        k = len(self.start.bias)
        flat, wanted = self.features.reshape(n * views, width), np.repeat(self.truth, views, axis=0)
        weight = np.repeat(self.weights, views) / views
        begun = np.concatenate([self.start.weight.ravel(), self.start.bias])
        shown = self.truth.any(axis=0)

        def cost(values: FloatArray) -> tuple[float, FloatArray]:
            logits, off = _unpacked(values, k).logits(flat), values - begun
            loss = float(weight @ self.cost(logits, wanted)) + strength / 2 * float(off @ off)
            found = softmax(logits, axis=1) if self.exclusive else expit(logits)
            error = weight[:, None] * (found - wanted) * shown
            return loss, np.concatenate([(error.T @ flat).ravel(), error.sum(axis=0)]) + strength * off

        return _unpacked(minimize(cost, begun, jac=True, method="L-BFGS-B", options={"maxiter": 500}).x, k)


def _chosen(asked: _Asked, groups: Sequence[str]) -> float:
    """The strength of the least log loss over groups left out; behaviours count as ``balance`` says."""
    part = fold_of(groups)
    if part.max() == 0:
        return STRENGTHS[-1]
    costs = []
    for strength in STRENGTHS:
        cost = np.zeros(len(part))
        for fold in range(int(part.max()) + 1):
            out = part == fold
            head = asked.part(~out).fitted(strength)
            cost[out] = asked.cost(head.logits(asked.features[out, 0]), asked.truth[out])
        costs.append(float(cost @ asked.weights))
    return STRENGTHS[int(np.argmin(costs))]


def fold_of(groups: Sequence[str]) -> IntArray:
    """Which of up to five parts each clip is in ``[N]``: groups stay whole and take turns, the largest first."""
    names, number, count = np.unique(np.asarray(groups, dtype=object), return_inverse=True, return_counts=True)
    turn = np.zeros(len(names), dtype=np.int64)
    turn[np.argsort(-count, kind="stable")] = np.arange(len(names)) % _FOLDS
    return np.asarray(turn[number], dtype=np.int64)


def _unpacked(values: FloatArray, behaviours: int) -> Head:
    return Head(values[:-behaviours].reshape(behaviours, -1), values[-behaviours:])
