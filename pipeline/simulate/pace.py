"""How fast an animal goes at each moment: its schedule's bouts as a smooth speed."""

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import gaussian_filter1d

from pipeline.boxes import FloatArray
from pipeline.simulate import gait
from pipeline.simulate.schedule import GRAZE, Bout
from pipeline.simulate.species import Build

GATHER_S = 0.32  # standard deviation of the filter that makes changes of speed smooth
STEP_S = 0.15  # the same for the small steps of a grazing animal
CREEPS_S, PAUSES_S = (0.7, 2.0), (1.2, 4.5)  # a grazing animal steps on for so long, then stands for so long
STILL_MPS = 0.01  # slower is standing


def pace(build: Build, bouts: Sequence[Bout], time_s: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Speed ``[n]`` in m/s at evenly spaced moments; changes lie half before, half after the bout's start.

    Walk, Trot and Run go at a speed drawn per bout; Graze creeps and pauses; all else stands.
    """
    going, creeping = np.zeros(len(time_s)), np.zeros(len(time_s))
    for bout in bouts:
        within = (time_s >= bout.start_s) & (time_s < bout.stop_s)
        speed = gait.natural_speed_mps(bout.behaviour, build, rng)
        if bout.behaviour == GRAZE:
            creeping[within] = speed * _creeps(time_s[within] - bout.start_s, rng)
        else:
            going[within] = speed
    going[-1], creeping[-1] = going[-2], creeping[-2]  # the last moment lies at the end of the last bout
    step = float(time_s[1] - time_s[0])
    total = _smooth(going, GATHER_S / step) + _smooth(creeping, STEP_S / step)
    return np.where(total > STILL_MPS, total, 0.0)


def _smooth(speed: FloatArray, sigma: float) -> FloatArray:
    return np.asarray(gaussian_filter1d(speed, sigma, mode="nearest", truncate=2.2))


def _creeps(since_s: FloatArray, rng: np.random.Generator) -> FloatArray:
    """1 while a grazing animal steps on, 0 while it stands ``[m]``; it begins standing."""
    count = int(since_s[-1] / (CREEPS_S[0] + PAUSES_S[0])) + 2 if len(since_s) else 0
    turns = np.stack([rng.uniform(*PAUSES_S, count), rng.uniform(*CREEPS_S, count)], axis=-1).ravel()
    return np.asarray(np.searchsorted(np.cumsum(turns), since_s, side="right") % 2, dtype=np.float64)
