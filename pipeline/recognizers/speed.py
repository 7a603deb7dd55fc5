"""What an animal's speed says of its behaviour, beside what its pixels say.

Animals of one build go alike at the same Froude number v^2 / (g * h), h the height of the hip (Alexander and Jayes
1983, J Zool 201: 135-152). So in body lengths/s of the picture a gait's speed falls with the root of the size, and a
baboon walks as fast as a giraffe trots: where the detector names the species and the card knows it, its own speeds
count. Where places on the ground are known, in metres, ``dimensionless_speeds_of`` tells the gaits of large and small
animals alike.
"""

from collections.abc import Sequence

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.recognizers.card import Card
from pipeline.recognizers.travel import dimensionless_speeds_of, speed_of
from pipeline.types import Window

STEP_S = 1.0  # over which a speed is measured, here and where its card is made
SLOWEST = 0.05  # body lengths/s: what seems slower is the jitter of boxes about a resting animal
SLOWEST_DIMENSIONLESS = 0.03
_ASTRAY = 0.02  # share of the speeds that mean nothing: a wrong box, a camera motion told wrongly
_ASTRAY_ON_GROUND = 0.005  # the same of those over the ground, which take no motion from the pictures


def likelihood(windows: Sequence[Window], card: Card) -> FloatArray:
    """How likely each behaviour is to give the speeds of each window's moments ``[B * M, K]``, in [0, 1]; 1 where there
    is no speed.

    That in body lengths/s and that over the ground both count where they are told, as independent of each other: one
    errs where the picture foreshortens ways and bodies, the other where the camera's pose is told wrongly. The first is
    the window's, as over less time it is mostly the box's jitter, the second each moment's own.
    """
    told: list[FloatArray] = []
    ground, spread = card.dimensionless_speeds, card.dimensionless_spread
    for window in windows:
        medians = card.speeds | card.species_speeds.get(window.species, {})
        lengths = _likely(speed_of(window, STEP_S), SLOWEST, medians, card.speed_spread, _ASTRAY, card.behaviours)
        told += [
            lengths * _likely(speed, SLOWEST_DIMENSIONLESS, ground, spread, _ASTRAY_ON_GROUND, card.behaviours)
            for speed in dimensionless_speeds_of(window, STEP_S, card.moments).tolist()
        ]
    return np.array(told).reshape(-1, len(card.behaviours))


def _likely(
    speed: float, slowest: float, medians: dict[str, float], spread: float, astray: float, behaviours: Sequence[str]
) -> FloatArray:
    """The logarithm of a behaviour's speed is normal about that of its median, and the share ``astray`` of the speeds
    means nothing; a behaviour without a speed goes at any. 1 where no speed is told or known.
    """
    if np.isnan(speed) or not medians:
        return np.ones(len(behaviours))
    middle = np.log([medians.get(name, np.nan) for name in behaviours])
    likely = (1 - astray) * np.exp(-(((np.log(max(speed, slowest)) - middle) / spread) ** 2) / 2) + astray
    return np.asarray(np.where(np.isnan(likely), np.nanmean(likely), likely))


def weighed(scores: FloatArray, likely: FloatArray, weight: float) -> FloatArray:
    """Probabilities [B, K] of the pixels times how likely each behaviour is to give the speed [B, K], to sum 1 again.

    Pixels and speed are taken as independent given the behaviour (naive Bayes); a ``weight`` under 1 trusts the speed
    less. Where the speed says nothing the scores stay.
    """
    both = scores * likely**weight
    total = np.maximum(both.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
    return np.where((likely == 1).all(axis=1, keepdims=True), scores, both / total)
