"""Probabilities that mean what they say, and how far they are from it.

Where the behaviours exclude each other, one temperature divides all logits (Guo et al. 2017, On Calibration of Modern
Neural Networks, ICML, PMLR 70:1321-1330, section 4.2): it changes no order, what was likeliest stays so. Outputs that
are independent of each other are mapped one by one along a logistic curve (Platt 1999, "Probabilistic outputs for
support vector machines", in Advances in Large Margin Classifiers, MIT Press, 61-74).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit, log_softmax, logit, softmax, xlogy

from pipeline.boxes import FloatArray
from pipeline.evaluation.outcomes import Outcomes
from pipeline.types import BoolArray, IntArray

BINS = 15  # of equal width, as Guo et al. have them
_LEAST, _MOST = 0.05, 20.0
_SMALLEST = 1e-7  # a probability as near to 0 or 1 as float32 tells apart


def temperature(logits: FloatArray, targets: IntArray) -> float:
    """What logits [N, K] are best divided by: the T in [0.05, 20] of the least log loss at the true numbers [N]."""
    found = minimize_scalar(
        lambda log_t: log_loss(logits / np.exp(log_t), targets), bounds=np.log([_LEAST, _MOST]), method="bounded"
    )
    return float(np.exp(found.x))


def log_loss(logits: FloatArray, targets: IntArray) -> float:
    """Mean over the clips of -log of the probability (natural logarithm) given to what is true."""
    return float(-log_softmax(logits, axis=1)[np.arange(len(targets)), targets].mean())


@dataclass(frozen=True)
class Calibration:
    """A map of probabilities ``[N, K]``, learnt by ``calibrated``."""

    slope: FloatArray  # [K] of the logits; one temperature: 1 / T for all
    offset: FloatArray  # [K]
    exclusive: bool  # do the probabilities of a clip sum to 1?

    def __call__(self, probabilities: FloatArray) -> FloatArray:
        """The calibrated probabilities ``[N, K]``."""
        if self.exclusive:
            return np.asarray(softmax(np.log(np.maximum(probabilities, _SMALLEST)) * self.slope, axis=1))
        return np.asarray(expit(_logits(probabilities) * self.slope + self.offset))


def calibrated(outcomes: Outcomes) -> Calibration:
    """The calibration that fits these clips best: a temperature, or a logistic curve for each behaviour."""
    k = len(outcomes.behaviours)
    if outcomes.exclusive:
        one = outcomes.part(outcomes.single)
        by = temperature(np.log(np.maximum(one.probabilities, _SMALLEST)), one.truth.argmax(axis=1))
        return Calibration(np.full(k, 1 / by), np.zeros(k), exclusive=True)
    curves = [_platt(outcomes.probabilities[:, j], outcomes.truth[:, j]) for j in range(k)]
    slope, offset = (np.array(values) for values in zip(*curves, strict=True))
    return Calibration(slope, offset, exclusive=False)


def apart(outcomes: Outcomes, part: IntArray) -> FloatArray:
    """The probabilities ``[N, K]``, those of each ``part`` [N] calibrated by the clips of all other parts.

    What the others cannot say, all clips do: where they show no single behaviour, or, of outputs that are independent,
    never one of them or nothing but it.
    """
    made = calibrated(outcomes)(outcomes.probabilities)
    for number in np.unique(part):
        own, others = part == number, outcomes.part(part != number)
        said = others.single.any() if outcomes.exclusive else others.truth.any(axis=0) & ~others.truth.all(axis=0)
        if said.any():
            made[own] = np.where(said, calibrated(others)(outcomes.probabilities[own]), made[own])
    return made


def _platt(probabilities: FloatArray, truth: BoolArray) -> tuple[float, float]:
    """Slope and offset of the logistic curve of least log loss, to Platt's targets, a little inside 0 and 1."""
    yes, no = int(truth.sum()), int((~truth).sum())
    target = np.where(truth, (yes + 1) / (yes + 2), 1 / (no + 2))
    x = _logits(probabilities)

    def loss(curve: FloatArray) -> float:
        p = np.clip(expit(x * curve[0] + curve[1]), _SMALLEST, 1 - _SMALLEST)
        return float(-(xlogy(target, p) + xlogy(1 - target, 1 - p)).mean())

    slope, offset = minimize(loss, [1.0, 0.0], method="L-BFGS-B", bounds=[(0.0, None), (None, None)]).x
    return float(slope), float(offset)


def _logits(probabilities: FloatArray) -> FloatArray:
    return np.asarray(logit(np.clip(probabilities, _SMALLEST, 1 - _SMALLEST)))


def reliability(outcomes: Outcomes) -> pd.DataFrame:
    """How often the likeliest behaviour is true, by how likely it is said to be.

    One row a bin of ``BINS`` equal ones: ``low high clips confidence accuracy``, the last two means, NaN in an empty
    bin. A clip with several behaviours is right where the likeliest is one of them.
    """
    right = outcomes.truth[np.arange(len(outcomes)), outcomes.probabilities.argmax(axis=1)]
    return binned(outcomes.probabilities.max(axis=1), right)


def binned(confidence: FloatArray, right: BoolArray) -> pd.DataFrame:
    """``reliability`` of anything that is right or not with some confidence in [0, 1], ``[N]`` each."""
    place = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    count = np.bincount(place, minlength=BINS)
    mean = [
        np.bincount(place, weights=of, minlength=BINS) / np.where(count > 0, count, np.nan)
        for of in (confidence, right)
    ]
    edges = np.arange(BINS + 1) / BINS
    return pd.DataFrame(
        {"low": edges[:-1], "high": edges[1:], "clips": count, "confidence": mean[0], "accuracy": mean[1]}
    )


def calibration_error(bins: pd.DataFrame) -> float:
    """Expected calibration error: mean distance of confidence and accuracy over the clips (Guo et al., section 2)."""
    gap = (bins["confidence"] - bins["accuracy"]).abs().fillna(0.0)
    return float((gap * bins["clips"]).sum() / max(int(bins["clips"].sum()), 1))


def thresholds(outcomes: Outcomes, precision: float) -> FloatArray:
    """For each behaviour the least probability ``[K]`` from which, where it is the likeliest, it is true often enough.

    Often enough is a share of ``precision`` of the clips from there on; infinity where there is no such probability:
    the behaviour is then never told.
    """
    found = outcomes.probabilities.argmax(axis=1)
    return _least(outcomes, found[:, None] == np.arange(len(outcomes.behaviours)), precision)


def own_thresholds(outcomes: Outcomes, precision: float) -> FloatArray:
    """The same for behaviours that are told each by itself: of all clips from that probability on, likeliest or not."""
    return _least(outcomes, np.ones_like(outcomes.truth), precision)


def _least(outcomes: Outcomes, among: BoolArray, precision: float) -> FloatArray:
    """Thresholds ``[K]`` that are set by the clips ``among`` [N, K]."""
    least = np.full(len(outcomes.behaviours), np.inf)
    for j in range(len(least)):
        mine = np.flatnonzero(among[:, j])
        score = outcomes.probabilities[mine, j]
        order = np.argsort(-score, kind="stable")
        mine, score = mine[order], score[order]
        share = np.cumsum(outcomes.truth[mine, j]) / np.arange(1, len(mine) + 1)
        last = np.append(np.diff(score) != 0, True)[: len(mine)]  # of the clips with one score
        enough = np.flatnonzero((share >= precision) & last)
        if len(enough):
            least[j] = score[enough[-1]]
    return least


def told(outcomes: Outcomes, least: FloatArray) -> BoolArray:
    """Which clips are called by a behaviour, the others being ``unknown`` ``[N]``."""
    found, score = outcomes.probabilities.argmax(axis=1), outcomes.probabilities.max(axis=1)
    return np.asarray(score >= least[found])
