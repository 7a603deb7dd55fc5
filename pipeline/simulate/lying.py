r"""How an animal lies: it goes down on its breast, its legs folded beneath it, and gets up before the bout is over.

::

    shoulders  ____                      ____    fore legs go down first, hind legs get up first, as ruminants' do
    hips       ____\ \                  / /      (Ekesbo & Gunnarsson 2018, Farm Animal Behaviour, CABI)
                    \ \________________/ /
                     \________________/
    bout          |<-  it stands still  ->|      walking off is the next bout's, but begins before it: up by then

A bout of Lie that the scene begins or ends with has no beginning or end: the animal lies there already.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate.curves import Ease
from pipeline.simulate.footfalls import Path, Steps
from pipeline.simulate.reach import lying_m, standing_pitch
from pipeline.simulate.schedule import LIE, Bout
from pipeline.simulate.skeleton import HIND, Skeleton
from pipeline.simulate.species import Build
from pipeline.types import BoolArray

DOWN_S, UP_S = 1.4, 1.1  # to lie down, to get up
EACH = 0.65  # of that time either end of the body takes
LIFT = 0.04  # of the hip's height a foot comes off the ground on its way
LOOK_ON = 0.8  # of the trunk's tipping that the neck undoes


@dataclass(frozen=True)
class Lying:
    """What lying adds to a standing animal over ``n`` moments, as in ``poses.Poses``."""

    drop_m: FloatArray  # [n] the trunk comes down by
    tip: FloatArray  # [n] added to the trunk's pitch
    neck: FloatArray  # [n] added to the neck's
    folded: FloatArray  # [n, 4]
    feet: FloatArray  # [n, 4, 3]
    planted: BoolArray  # [n, 4]


def lie(build: Build, bouts: Sequence[Bout], path: Path, steps: Steps) -> Lying:
    """Lying over the moments of a path, and the steps with the legs folded where it lies."""
    down, low = lain(bouts, path), lying_m(build)
    fore, hind = (down * (np.array([build.shoulder_m, build.hip_m]) - low)).T
    tip = np.arctan2(build.shoulder_m - fore - build.hip_m + hind, build.trunk_m) - standing_pitch(build)
    tip = np.where(down.any(axis=1), tip, 0.0)
    folded = np.where(HIND, down[:, 1:], down[:, :1])
    feet = _feet(build, path, steps, folded)
    return Lying((fore + hind) / 2, tip, -LOOK_ON * tip, folded, feet, steps.planted & (folded == 0))


def lain(bouts: Sequence[Bout], path: Path) -> FloatArray:
    """How far the fore and the hind quarters are down ``[n, 2]``, 0 to 1: only while the animal stands still."""
    time_s, stands = path.time_s, path.speed_mps == 0
    down = np.zeros((len(time_s), 2))
    for number, bout in enumerate(bouts):
        still = np.flatnonzero((time_s >= bout.start_s) & (time_s < bout.stop_s) & stands)
        if bout.behaviour != LIE or not len(still):
            continue
        start = time_s[still[0]] if number else time_s[0] - DOWN_S
        stop = time_s[still[-1]] if number < len(bouts) - 1 else time_s[-1] + UP_S
        late = 1 - EACH
        for end, (first, last) in enumerate(((0.0, late), (late, 0.0))):
            falls = Ease(0.0, 1.0, start + first * DOWN_S, start + (first + EACH) * DOWN_S, ramp=0.5)
            rises = Ease(1.0, 0.0, stop - (1 - last) * UP_S, stop - (1 - last - EACH) * UP_S, ramp=0.5)
            down[:, end] += falls.at(time_s) * rises.at(time_s)
    return down


def _feet(build: Build, path: Path, steps: Steps, folded: FloatArray) -> FloatArray:
    """Feet ``[n, 4, 3]`` on their way from where they stand to beneath the trunk."""
    ahead = np.stack([np.cos(path.heading), np.sin(path.heading)], axis=-1)
    left = np.stack([-ahead[:, 1], ahead[:, 0]], axis=-1)
    x, y, z = Skeleton(build).folded_feet.T
    place = path.place[:, None] + x[:, None] * ahead[:, None] + y[:, None] * left[:, None]
    beneath = np.concatenate([place, np.broadcast_to((z + lying_m(build))[:, None], (len(place), 4, 1))], axis=-1)
    feet = steps.feet + folded[..., None] * (beneath - steps.feet)
    feet[..., 2] += LIFT * build.hip_m * np.sin(np.pi * folded)
    return np.asarray(np.where(folded[..., None] > 0, feet, steps.feet))
