"""What an animal's speed says of its behaviour, beside what its pixels say.

Animals of one build go alike at the same Froude number v^2 / (g * h), h the height of the hip (Alexander and Jayes
1983, J Zool 201: 135-152). So in body lengths/s a gait's speed falls with the root of the size, and a baboon walks as
fast as a giraffe trots: where the detector names the species and the card knows it, its own speeds count.
"""

from collections.abc import Sequence

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.recognizers.card import Card

STEP_S = 1.0  # over which a speed is measured, here and where its card is made
SLOWEST = 0.05  # body lengths/s: what seems slower is the jitter of boxes about a resting animal
_ASTRAY = 0.02  # share of the speeds that mean nothing: a wrong box, a camera motion told wrongly


def weighed(scores: FloatArray, speed: FloatArray, species: Sequence[str], card: Card, weight: float) -> FloatArray:
    """Probabilities [B, K] of the pixels times how likely each behaviour is to give the speeds [B], to sum 1 again.

    The logarithm of a behaviour's speed, in body lengths/s, is normal about that of the species [B] in
    ``card.species_speeds``, or where it is not there in ``card.speeds``, with a standard deviation of
    ``card.speed_spread``; a behaviour without a speed goes at any. Pixels and speed are taken as independent given the
    behaviour (naive Bayes); a ``weight`` under 1 trusts the speed less. Where the speed is NaN the scores stay.
    """
    told, known = scores.copy(), ~np.isnan(speed)
    middle = np.log([_medians(name, card) for name in species]).reshape(scores.shape)[known]
    off = (np.log(np.maximum(speed[known], SLOWEST))[:, None] - middle) / card.speed_spread
    likely = (1 - _ASTRAY) * np.exp(-(off**2) / 2) + _ASTRAY
    likely = np.where(np.isnan(off), np.nanmean(likely, axis=1, keepdims=True), likely)
    both = scores[known] * likely**weight
    told[known] = both / np.maximum(both.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
    return told


def _medians(species: str, card: Card) -> list[float]:
    """Speeds of the behaviours [K]; NaN where none is known."""
    own = card.speeds | card.species_speeds.get(species, {})
    return [own.get(name, np.nan) for name in card.behaviours]
