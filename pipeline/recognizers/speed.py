"""What an animal's speed says of its behaviour, beside what its pixels say."""

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.recognizers.card import Card

STEP_S = 1.0  # over which a speed is measured, here and where its card is made
SLOWEST = 0.05  # body lengths/s: what seems slower is the jitter of boxes about a resting animal
_ASTRAY = 0.02  # share of the speeds that mean nothing: a wrong box, a camera motion told wrongly


def weighed(scores: FloatArray, speed: FloatArray, card: Card, weight: float) -> FloatArray:
    """Probabilities [B, K] of the pixels times how likely each behaviour is to give the speeds [B], to sum 1 again.

    The logarithm of a behaviour's speed, in body lengths/s, is normal about that of ``card.speeds`` with a standard
    deviation of ``card.speed_spread``; a behaviour without a speed goes at any. Pixels and speed are taken as
    independent given the behaviour (naive Bayes); a ``weight`` under 1 trusts the speed less. Where the speed is NaN
    the scores stay.
    """
    told, known = scores.copy(), ~np.isnan(speed)
    middle = np.log([card.speeds.get(name, np.nan) for name in card.behaviours])  # [K]
    off = (np.log(np.maximum(speed[known], SLOWEST))[:, None] - middle) / card.speed_spread  # [B, K]
    likely = (1 - _ASTRAY) * np.exp(-(off**2) / 2) + _ASTRAY
    likely = np.where(np.isnan(off), np.nanmean(likely, axis=1, keepdims=True), likely)
    both = scores[known] * likely**weight
    told[known] = both / np.maximum(both.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
    return told
