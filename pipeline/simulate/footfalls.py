r"""Where and when an animal's feet stand, planned along its path so that a foot on the ground does not move.

::

    stride phase    0        1        2      the integral of stride frequency; stands still where the animal does
    a foot       ___/=====\__/=====\__/==   comes down when its own phase is whole, stays for the duty, swings on
                     ^ planted midway between its hip's places at touch-down and at lift-off, and exactly constant
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from pipeline.boxes import FloatArray
from pipeline.simulate import gait
from pipeline.simulate.species import Build
from pipeline.types import BoolArray

BEYOND_S = 2.0
LONGEST_SWING_S = 0.55  # of a leg of 1 m: a foot in the air comes down even where the animal stops
FARTHEST, FLYING = 0.95, 0.62  # hip heights: what the hip passes while its foot stands; from it to a foot in the air
FIRM = 0.45  # of the swing: a foot leaves the ground nearly as fast as the body moves on (0: so; 1: from rest)


@dataclass(frozen=True)
class Path:
    """Where an animal's trunk is over the ground at ``n`` even moments."""

    time_s: FloatArray  # [n]
    place: FloatArray  # [n, 2] metres
    heading: FloatArray  # [n] radians, unwrapped

    @property
    def speed_mps(self) -> FloatArray:
        """Speed over the ground ``[n]``, smoothed over a tenth of a second but 0 where nothing moves."""
        step = float(self.time_s[1] - self.time_s[0])
        raw = np.linalg.norm(np.gradient(self.place, step, axis=0), axis=1)
        return np.where(raw > 1e-6, gaussian_filter1d(raw, 0.1 / step), 0.0)


@dataclass(frozen=True)
class Steps:
    """What the legs do over ``n`` moments."""

    phase: FloatArray  # [n] strides since the start
    shares: FloatArray  # [n, 3] of walk, trot and gallop
    feet: FloatArray  # [n, 4, 3] hoof tips in the world, in the order of poses.LEGS
    planted: BoolArray  # [n, 4]


def plan(path: Path, build: Build, rng: np.random.Generator | None = None) -> Steps:
    """Feet for an animal that goes along ``path``.

    With ``rng`` it begins anywhere in the stride, and no footfall is quite like another; without, at phase 0 and
    exactly.
    """
    step = float(path.time_s[1] - path.time_s[0])
    more = int(np.ceil(BEYOND_S / step))
    whole = _beyond(path, more)
    speed = whole.speed_mps
    rate = gait.stride_frequency_hz(speed, build.hip_m)
    lag = float(rng.random()) if rng else 0.0
    phase = lag + np.concatenate([[0.0], np.cumsum((rate[1:] + rate[:-1]) / 2 * step)])
    shares = gaussian_filter1d(gait.blend(speed, build.hip_m), 0.25 / step, axis=0, mode="nearest")
    duty = gait.duty(speed, build.hip_m)
    falls = gait.falls(shares)
    joints = hips(whole, build)
    feet = np.empty((len(speed), 4, 3))
    planted = np.empty((len(speed), 4), dtype=np.bool_)
    for leg in range(4):
        own = np.maximum.accumulate(phase - falls[:, leg])
        feet[:, leg], planted[:, leg] = _one_leg(whole.time_s, own, duty, joints[:, leg], build, rng)
    here = slice(more, -more)
    return Steps(phase[here], shares[here], feet[here], planted[here])


def _beyond(path: Path, more: int) -> Path:
    """The path gone on with straight for ``more`` moments at both ends: steps there are whole too."""
    step = float(path.time_s[1] - path.time_s[0])
    before, after = np.arange(-more, 0), np.arange(1, more + 1)
    first, last = path.place[1] - path.place[0], path.place[-1] - path.place[-2]
    return Path(
        np.concatenate([path.time_s[0] + before * step, path.time_s, path.time_s[-1] + after * step]),
        np.concatenate([path.place[0] + before[:, None] * first, path.place, path.place[-1] + after[:, None] * last]),
        np.pad(path.heading, more, mode="edge"),
    )


def hips(path: Path, build: Build) -> FloatArray:
    """Places on the ground ``[n, 4, 2]`` under the hips and shoulders, half a stance to each side."""
    ahead = np.stack([np.cos(path.heading), np.sin(path.heading)], axis=-1)
    left = np.stack([-ahead[:, 1], ahead[:, 0]], axis=-1)
    corners = [(-1, 1), (1, 1), (-1, -1), (1, -1)]  # left hind, left fore, right hind, right fore
    return np.stack(
        [path.place + (x * build.trunk_m / 2) * ahead + (y * build.stance_m / 2) * left for x, y in corners], axis=1
    )


def _one_leg(
    time_s: FloatArray,
    own: FloatArray,
    duty: FloatArray,
    joint: FloatArray,
    build: Build,
    rng: np.random.Generator | None,
) -> tuple[FloatArray, BoolArray]:
    """One foot ``[n, 3]`` and whether it stands ``[n]``, for the leg's own phase (whole at touch-down)."""
    cycles = np.arange(np.floor(own[0]) - 1, np.floor(own[-1]) + 2)
    down = _when(cycles, time_s, own)
    stay = np.interp(down, time_s, duty)
    up = np.maximum(_when(cycles + stay, time_s, own), down)
    gone = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(joint, axis=0), axis=1))])
    up = np.clip(_passed(np.interp(down, time_s, gone) + FARTHEST * build.hip_m, time_s, gone), down, up)
    longest = LONGEST_SWING_S * np.sqrt(build.hip_m)
    down[1:] = np.clip(down[1:], up[:-1], up[:-1] + longest)
    first, last = _at(down, time_s, joint), _at(up, time_s, joint)
    plants = (first + last) / 2
    if rng:  # who has not moved yet stands less squarely
        loose = np.where(np.linalg.norm(last - first, axis=1) > 0.01, 0.015, 0.06) * build.hip_m
        plants = plants + loose[:, None] * np.clip(rng.normal(size=plants.shape), -2, 2)

    now = np.clip(np.searchsorted(down, time_s, side="right") - 1, 0, len(cycles) - 2)
    width = np.maximum(down[now + 1] - up[now], 1e-9)
    swing = np.clip((time_s - up[now]) / width, 0, 1)
    stands = (time_s <= up[now]) | (time_s >= down[now + 1])
    here = np.where(time_s >= down[now + 1], now + 1, now)
    glide = swing - (FIRM / (2 * np.pi)) * np.sin(2 * np.pi * swing)
    hop = plants[now + 1] - plants[now]
    lift = np.minimum(0.03 * build.hip_m + 0.10 * np.linalg.norm(hop, axis=1), 0.24 * build.hip_m)
    foot = np.empty((len(time_s), 3))
    foot[:, :2] = np.where(stands[:, None], plants[here], plants[now] + glide[:, None] * hop)
    foot[:, 2] = np.where(stands, 0.0, lift * np.sin(np.pi * swing**0.85))
    off = foot[:, :2] - joint
    far = np.linalg.norm(off, axis=1) / (FLYING * build.hip_m)
    near = joint + off / np.maximum(far, 1.0)[:, None]
    foot[:, :2] = np.where(stands[:, None], foot[:, :2], near)
    return foot, stands


def _passed(metres: FloatArray, time_s: FloatArray, gone: FloatArray) -> FloatArray:
    """When a joint has gone so many metres ``[k]``; inf where it never has."""
    after = np.searchsorted(gone, metres, side="left")
    return np.where(after < len(time_s), time_s[np.minimum(after, len(time_s) - 1)], np.inf)


def _when(phases: FloatArray, time_s: FloatArray, own: FloatArray) -> FloatArray:
    """The last moments ``[k]`` at which the leg's own phase is not yet past each of ``phases``.

    Where the animal stands still in between, that is when it sets off again. Before the first moment and after the
    last the stride is taken to go on at a hertz.
    """
    known = np.concatenate([[own[0] - 3], own, [own[-1] + 3]])
    times = np.concatenate([[time_s[0] - 3], time_s, [time_s[-1] + 3]])
    after = np.clip(np.searchsorted(known, phases, side="right"), 1, len(known) - 1)
    gap = np.maximum(known[after] - known[after - 1], 1e-12)
    return np.asarray(times[after - 1] + (phases - known[after - 1]) / gap * (times[after] - times[after - 1]))


def _at(moments: FloatArray, time_s: FloatArray, joint: FloatArray) -> FloatArray:
    """Places ``[k, 2]`` of a joint at moments; before the first and after the last moment, there."""
    return np.stack([np.interp(moments, time_s, joint[:, axis]) for axis in range(2)], axis=-1)
