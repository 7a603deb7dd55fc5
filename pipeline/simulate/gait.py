"""Walk, trot and gallop: how fast, how long a stride, and when each foot is on the ground.

Gait diagrams after Hildebrand (1965, Science 150:701; 1989, BioScience 39:766), one stride, foot on the ground ``=``::

    walk, lateral sequence     trot, diagonal pairs       transverse gallop, one suspension
    LH |============      |    LH |=========         |    LH |======              |
    LF |==    ============|    LF |=       ==========|    LF |        ======      |
    RH |===      =========|    RH |=       ==========|    RH |  ======            |
    RF |======      ======|    RF |=========         |    RF |           ======   |   then none: all feet gathered

Animals of different size move alike at the same Froude number ``speed^2 / (g hip height)``. Stride length over hip
height is 2.4 Fr^0.34 walking and 1.9 Fr^0.40 running (Alexander & Jayes 1983, J. Zool. 201:135); stride frequency is
speed over stride length. Animals go from walk to trot at Fr 0.35 (Griffin et al. 2004, J. Exp. Biol. 207:4215), from
trot to gallop at Fr 2 to 3 (Alexander & Jayes).
"""

from collections.abc import Iterator

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate.schedule import BEHAVIOURS, GRAZE, RUN, TROT, WALK
from pipeline.simulate.species import Build
from pipeline.stretches import stretches
from pipeline.types import BoolArray, IntArray

GRAVITY = 9.81  # m/s^2
WALK_TROT = 0.35  # Froude numbers of the changes of gait
TROT_GALLOP = 2.3

# when in the stride each foot comes down, in the order of poses.LEGS: left hind, left fore, right hind, right fore
FALLS = {"walk": (0.0, 0.25, 0.5, 0.75), "trot": (0.0, 0.5, 0.5, 1.0), "gallop": (0.0, 0.40, 0.12, 0.55)}
DUTY = {"walk": 0.62, "trot": 0.45, "gallop": 0.28}  # share of the stride a foot is on the ground
SWING_S = 0.42  # of a leg of 1 m in a slow walk: slower walks lengthen the stance, not the swing
SLOWEST_DUTY = 0.86

NATURAL = {WALK: (0.10, 0.22), TROT: (0.85, 1.4), RUN: (2.7, 3.8)}  # Froude numbers an animal chooses for a bout
HELD_S = 1.0  # what an animal does instead for so long is what it does
CREEP_MPS = (0.12, 0.30)  # a step's speed while grazing; with the pauses, 0.02 to 0.15 m/s


def froude(speed_mps: FloatArray, hip_m: float) -> FloatArray:
    """Froude number of a speed, for a hip height."""
    return np.asarray(np.square(speed_mps) / (GRAVITY * hip_m))


def stride_length_m(speed_mps: FloatArray, hip_m: float) -> FloatArray:
    """Alexander & Jayes (1983): ``hip * 2.4 Fr^0.34`` walking, ``hip * 1.9 Fr^0.40`` trotting and galloping.

    Between Fr 0.25 and 0.6 one goes over into the other.
    """
    fr = np.maximum(froude(np.asarray(speed_mps, dtype=np.float64), hip_m), 1e-9)
    share = np.clip((fr - 0.25) / 0.35, 0, 1)
    return np.asarray(hip_m * ((1 - share) * 2.4 * fr**0.34 + share * 1.9 * fr**0.40))


def stride_frequency_hz(speed_mps: FloatArray, hip_m: float) -> FloatArray:
    """Strides a second: speed over stride length; 0 standing."""
    speed = np.asarray(speed_mps, dtype=np.float64)
    return np.where(speed > 1e-3, speed / stride_length_m(speed, hip_m), 0.0)


def trot_gallop_mps(mass_kg: float) -> float:
    """Speed of the change from trot to gallop, ``1.53 M^0.24`` (Heglund, Taylor & McMahon 1974, Science 186:1112)."""
    return float(1.53 * mass_kg**0.24)


def trot_gallop_hz(mass_kg: float) -> float:
    """Stride frequency at the change from trot to gallop, ``4.48 M^-0.14`` (Heglund, Taylor & McMahon 1974)."""
    return float(4.48 * mass_kg**-0.14)


def natural_speed_mps(behaviour: int, build: Build, rng: np.random.Generator) -> float:
    """A speed for one bout: from the Froude numbers of ``NATURAL``, of ``CREEP_MPS`` while grazing, else 0.

    Raises:
        ValueError: ``behaviour`` is not an index into ``BEHAVIOURS``.
    """
    if not 0 <= behaviour < len(BEHAVIOURS):
        raise ValueError(f"behaviour must be 0 to {len(BEHAVIOURS) - 1}, got {behaviour}")
    if behaviour == GRAZE:
        return float(rng.uniform(*CREEP_MPS) * np.sqrt(build.hip_m))
    if behaviour not in NATURAL:
        return 0.0
    return float(np.sqrt(rng.uniform(*NATURAL[behaviour]) * GRAVITY * build.hip_m))


def blend(speed_mps: FloatArray, hip_m: float) -> FloatArray:
    """How much of walk, trot and gallop ``[n, 3]`` there is at each speed ``[n]``; rows sum to 1."""
    fr = froude(speed_mps, hip_m)
    trot = np.clip((fr - 0.7 * WALK_TROT) / (0.6 * WALK_TROT), 0, 1)
    gallop = np.clip((fr - 0.85 * TROT_GALLOP) / (0.3 * TROT_GALLOP), 0, 1)
    return np.stack([1 - trot, trot - gallop, gallop], axis=-1)


def shown(scheduled: IntArray, shares: FloatArray, step_s: float) -> IntArray:
    """What an animal does at even moments ``[n]``: as scheduled, but where its legs do otherwise for ``HELD_S`` and
    longer, since others are in its way, that. ``shares [n, 3]`` are as of ``blend``.

    Who is held up slows down and gets faster again through all gaits: a gait of ``HELD_S`` and longer is told, of
    shorter ones, which nobody would call behaviours, the commonest.
    """
    gaits = np.array([*NATURAL])[shares.argmax(axis=1)]
    held = np.isin(scheduled, [*NATURAL]) & (gaits != scheduled)
    does = scheduled.copy()
    for whole in _long(held, step_s):
        if held[whole.start]:
            does[whole] = np.bincount(gaits[whole]).argmax()
    for part in _long(np.where(held, gaits, -1), step_s):
        if held[part.start]:
            does[part] = gaits[part]
    return does


def _long(values: IntArray | BoolArray, step_s: float) -> Iterator[slice]:
    """Where neighbours are equal for ``HELD_S`` and longer."""
    for start, stop in stretches(values):
        if (stop - start) * step_s >= HELD_S:
            yield slice(start, stop)


def duty(speed_mps: FloatArray, hip_m: float) -> FloatArray:
    """Share of the stride ``[n]`` that a foot is on the ground: ``DUTY``, and more in a slow walk."""
    shares = blend(speed_mps, hip_m)
    slow = 1 - SWING_S * np.sqrt(hip_m) * stride_frequency_hz(speed_mps, hip_m)
    walk = np.clip(slow, DUTY["walk"], SLOWEST_DUTY)
    return np.asarray(shares[..., 0] * walk + shares[..., 1] * DUTY["trot"] + shares[..., 2] * DUTY["gallop"])


def falls(shares: FloatArray) -> FloatArray:
    """When in the stride each foot comes down ``[n, 4]``, for shares of walk, trot and gallop ``[n, 3]``."""
    return np.asarray(shares @ np.array([FALLS["walk"], FALLS["trot"], FALLS["gallop"]]))
