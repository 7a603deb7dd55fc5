"""What stepping does to the trunk and the neck: the bob, rock and roll of each gait, over the stride's phase.

Amplitudes are of the order seen in horses on film: a walk nods twice a stride and rolls once; a trot bounces twice,
lowest when a diagonal pair carries; a gallop rocks once, nose up while the hind legs carry, and is highest while all
feet are gathered in the air (Hildebrand 1989, BioScience 39:766; Pfau et al. 2006, J. Exp. Biol. 209:3742).
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from pipeline.boxes import FloatArray
from pipeline.simulate import gait
from pipeline.simulate.footfalls import Path, Steps
from pipeline.simulate.species import Build

SINK = (0.05, 0.07, 0.07)  # of the hip's height the trunk is carried lower in walk, trot, gallop: legs slant
LEAN = 0.5  # of the angle at which an animal would have to lean into a turn on a smooth floor


@dataclass(frozen=True)
class Sway:
    """Added to a steady posture: metres and radians, ``[n]`` each."""

    rise_m: FloatArray
    pitch: FloatArray
    roll: FloatArray
    neck: FloatArray  # pitch
    head: FloatArray  # pitch


def sway(path: Path, steps: Steps, build: Build) -> Sway:
    """The motion of the trunk and neck that goes with the steps; nothing while the animal stands."""
    speed = path.speed_mps
    going = np.clip(gait.froude(speed, build.hip_m) / 0.05, 0, 1)
    walk, trot, gallop = (steps.shares * going[:, None]).T
    once, twice = 2 * np.pi * steps.phase, 4 * np.pi * steps.phase
    mid_trot, mid_hind, gathered = gait.DUTY["trot"] / 2, 0.20, 0.90  # of the stride
    bounce = -np.cos(twice - 4 * np.pi * mid_trot)
    rock = np.cos(once - 2 * np.pi * mid_hind)
    rise = 0.010 * walk * np.cos(twice) + 0.022 * trot * bounce + 0.045 * gallop * np.cos(once - 2 * np.pi * gathered)
    rise -= SINK[0] * walk + SINK[1] * trot + SINK[2] * gallop
    pitch = 0.012 * walk * np.sin(twice) + 0.015 * trot * np.sin(twice) + 0.125 * gallop * rock
    roll = 0.030 * walk * np.sin(once) + 0.015 * trot * np.sin(once) - _lean(path, speed)
    neck = -0.075 * walk * np.sin(twice + 0.6) - 0.02 * trot * bounce - 0.16 * gallop * rock
    head = 0.03 * walk * np.sin(twice) + 0.06 * gallop * rock
    return Sway(build.hip_m * rise, pitch, roll, neck, head)


def _lean(path: Path, speed: FloatArray) -> FloatArray:
    """Lean into a turn ``[n]``, positive to the left."""
    step = float(path.time_s[1] - path.time_s[0])
    rate = gaussian_filter1d(np.gradient(path.heading, step), 0.2 / step)
    return np.asarray(LEAN * np.arctan(speed * rate / gait.GRAVITY))
