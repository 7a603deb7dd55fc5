"""How an animal holds neck, head, tail and trunk for each behaviour, and how it goes from one to the next.

Targets are steps in time, one row per bout and more where the animal looks round or crops elsewhere; a Gaussian filter
makes of each step a smooth change of about 0.7 s (longer necks take longer), half of it before the bout begins: the
label changes in the middle of the movement. Quick motions (cropping, nibbling, rubbing, chewing, swishing) are added
with envelopes smoothed alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter1d

from pipeline.boxes import FloatArray
from pipeline.simulate.reach import chin_down, to_height
from pipeline.simulate.schedule import BROWSE, GRAZE, GROOM, HEAD_UP, LIE, RUN, TROT, WALK, Bout
from pipeline.simulate.species import Build

CHANGE_S = 0.19  # standard deviation of the filter for a neck of 0.62 m: 90 % of a change within 0.62 s

# neck and head pitch in degrees, each against what it hangs on; and of the tail against its backward axis
CARRIAGE = {
    "zebra": {WALK: (27, -66, -70), TROT: (40, -70, -45), RUN: (24, -46, -12), HEAD_UP: (54, -62, -78)},
    "giraffe": {WALK: (44, -78, -70), TROT: (48, -76, -40), RUN: (36, -64, 20), HEAD_UP: (60, -80, -78)},
    "impala": {WALK: (38, -62, -72), TROT: (52, -70, -50), RUN: (42, -56, -20), HEAD_UP: (68, -76, -76)},
    "baboon": {WALK: (12, -32, -25), TROT: (14, -30, -10), RUN: (6, -22, 5), HEAD_UP: (42, -46, -55)},
    "sheep": {WALK: (16, -48, -78), TROT: (24, -54, -72), RUN: (20, -46, -66), HEAD_UP: (46, -62, -80)},
}
AT_REST = 0.8  # of the neck's pitch with the head up: a lying animal's
ROUSED_S = 2.3  # a lying animal has its head up so long before it gets up, and after it went down
LAID, CHEWS = 0.3, 0.8  # how often it lays its head on the ground, and chews the cud where it does not
HANG = np.radians(-80.0)  # the tail at rest


class Food(NamedTuple):
    """Where the leaves of one Browse bout are."""

    yaw: float  # to the left of the trunk's axis
    height_m: float  # above the ground


class _Row(NamedTuple):
    """One target from ``start_s`` on; radians and metres."""

    start_s: float
    neck_yaw: float
    neck_pitch: float
    head_yaw: float
    head_pitch: float
    tail_pitch: float
    tip: float
    lower_m: float
    crop: float  # how much there is of each quick motion
    rub: float
    chew: float = 0.0


@dataclass(frozen=True)
class Carriage:
    """How the body is held at ``n`` moments: as in ``poses.Poses``, before the sway of stepping is added."""

    neck: FloatArray  # [n, 2]
    head: FloatArray  # [n, 2]
    tail: FloatArray  # [n, 2]
    tip: FloatArray  # [n] added to the trunk's pitch
    lower_m: FloatArray  # [n] the trunk comes down by


def carry(
    build: Build,
    bouts: Sequence[Bout],
    time_s: FloatArray,
    rng: np.random.Generator,
    food: Mapping[int, Food] | None = None,
) -> Carriage:
    """Carriage over ``time_s`` [n], evenly spaced, for an animal's bouts.

    ``food`` says where the leaves are for the Browse bouts it names by their number; others reach ahead at a height of
    the animal's own.
    """
    leaves = food or {}
    rows = [row for number, bout in enumerate(bouts) for row in _targets(build, bout, rng, leaves.get(number))]
    step = float(time_s[1] - time_s[0])
    starts = np.array([row.start_s for row in rows])
    now = np.clip(np.searchsorted(starts, time_s, side="right") - 1, 0, None)
    sigma = CHANGE_S * np.sqrt(max(build.neck_m, 0.3) / 0.62) / step
    held = gaussian_filter1d(np.array(rows)[now, 1:], sigma, axis=0, mode="nearest")
    quick = _quick(time_s, held[:, 7:10].T, rng)
    swish = _swish(time_s, rng)
    return Carriage(
        held[:, 0:2] + quick[:, 0:2],
        held[:, 2:4] + quick[:, 2:4],
        np.stack([swish, held[:, 4]], axis=-1),
        held[:, 5],
        held[:, 6],
    )


def _targets(build: Build, bout: Bout, rng: np.random.Generator, food: Food | None) -> list[_Row]:
    """The rows of one bout."""
    if bout.behaviour == GRAZE:
        return _grazing(build, bout, rng)
    if bout.behaviour == BROWSE:
        return _browsing(build, bout, rng, food or Food(float(rng.uniform(-0.4, 0.4)), leaf_height_m(build, rng)))
    if bout.behaviour == GROOM:
        return _grooming(bout, rng)
    if bout.behaviour == LIE:
        return _resting(build, bout, rng)
    return _carrying(build, bout, rng)


def _moments(bout: Bout, rng: np.random.Generator, low_s: float, high_s: float) -> FloatArray:
    """When something new begins within a bout: at its start, then every ``low_s`` to ``high_s`` seconds."""
    count = int((bout.stop_s - bout.start_s) / low_s) + 1
    times = bout.start_s + np.concatenate([[0.0], np.cumsum(rng.uniform(low_s, high_s, count))])
    return np.asarray(times[(times < bout.stop_s - 0.4) | (times == bout.start_s)])


def _carrying(build: Build, bout: Bout, rng: np.random.Generator) -> list[_Row]:
    """On the way, or head up and looking round."""
    neck, head, tail = np.radians(CARRIAGE[_kind(build)][bout.behaviour]) + rng.normal(0, np.radians(3.0), 3)
    alert = bout.behaviour == HEAD_UP
    rows = []
    for start in _moments(bout, rng, 1.5, 4.0) if alert else [bout.start_s]:
        look = float(rng.choice([0.0, rng.uniform(-0.9, 0.9)], p=[0.4, 0.6])) if alert else 0.0
        rows.append(_Row(start, 0.6 * look, neck, 0.4 * look, head, tail, 0.0, 0.0, 0.0, 0.0))
    return rows


def _grazing(build: Build, bout: Bout, rng: np.random.Generator) -> list[_Row]:
    """Mouth at the ground, cropping here and there to both sides."""
    reach = to_height(build, 0.035 * build.shoulder_m, np.radians(-78.0))
    rows = []
    for start in _moments(bout, rng, 1.2, 3.0):
        side = float(rng.uniform(-0.4, 0.4))
        rows.append(_Row(start, side, reach.neck, 0.3 * side, reach.head, HANG, reach.tip, reach.lower_m, 1.0, 0.0))
    return rows


def leaf_height_m(build: Build, rng: np.random.Generator) -> float:
    """A height at which an animal browses of its own will: above its knees, and high for a giraffe."""
    top = build.shoulder_m + 0.75 * build.neck_m
    return float(
        rng.uniform(0.75, 1.0) * top if build.species == "giraffe" else rng.uniform(0.55, 0.95) * build.shoulder_m
    )


def nose_for(build: Build, height_m: float) -> float:
    """How a browsing animal points its nose, radians above the horizon: down to low leaves, up to high ones."""
    return float(np.clip((height_m / build.shoulder_m - 1.1) * 0.8, -0.7, 0.35))


def _browsing(build: Build, bout: Bout, rng: np.random.Generator, food: Food) -> list[_Row]:
    """Mouth in the leaves, trying higher and lower ones."""
    rows = []
    for start in _moments(bout, rng, 1.5, 3.5):
        height = food.height_m * float(rng.uniform(0.9, 1.08))
        reach = to_height(build, height, nose_for(build, height))
        side = food.yaw + float(rng.uniform(-0.12, 0.12))
        rows.append(_Row(start, 0.8 * side, reach.neck, 0.2 * side, reach.head, HANG, 0.0, 0.0, 0.8, 0.0))
    return rows


def _grooming(bout: Bout, rng: np.random.Generator) -> list[_Row]:
    """Neck bent round to the flank, the back or the shoulder of one side."""
    side = float(rng.choice([-1.0, 1.0]))
    rows: list[_Row] = []
    for start in _moments(bout, rng, 2.0, 4.5):
        neck, head = side * rng.uniform(1.85, 2.25), side * rng.uniform(0.75, 1.15)
        pitch, nose = rng.uniform(-0.22, 0.25), rng.uniform(-0.45, -0.1)
        rows.append(_Row(start, float(neck), float(pitch), float(head), float(nose), HANG, 0.0, 0.0, 0.0, 1.0))
    return rows


def _resting(build: Build, bout: Bout, rng: np.random.Generator) -> list[_Row]:
    """Lying: the head up and chewing the cud for the most part, now and then laid on the ground."""
    neck, head, tail = np.radians(CARRIAGE[_kind(build)][HEAD_UP]) + rng.normal(0, np.radians(3.0), 3)
    low, chin = chin_down(build)
    rows = []
    for start in _moments(bout, rng, 4.0, 9.0):
        look, laid, chews = float(rng.uniform(-0.5, 0.5)), rng.random() < LAID, float(rng.random() < CHEWS)
        rows.append(_Row(start, 0.6 * look, AT_REST * neck, 0.4 * look, head, tail, 0.0, 0.0, 0.0, 0.0, chews))
        if laid and bout.start_s + ROUSED_S < start < bout.stop_s - 2 * ROUSED_S:
            rows[-1] = _Row(start, look, low, 0.0, chin, tail, 0.0, 0.0, 0.0, 0.0)
    last = rows[-1]._replace(start_s=bout.stop_s - ROUSED_S, neck_pitch=AT_REST * neck, head_pitch=head, chew=0.0)
    return [*rows, last] if rows[-1].start_s < last.start_s else rows


def _kind(build: Build) -> str:
    """Whose carriage an animal has."""
    return build.species if build.species in CARRIAGE else "zebra"


def _quick(time_s: FloatArray, envelopes: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Cropping (about 1.4 Hz), rubbing (about 2.6 Hz) and chewing of neck and head ``[n, 4]``: yaw, pitch, yaw, pitch.

    ``envelopes`` [3, n] says how much there is of each.
    """
    crop, rub, chew = envelopes
    bite = 2 * np.pi * (rng.uniform(1.2, 1.6) * time_s + rng.random())
    nibble = 2 * np.pi * (rng.uniform(2.2, 3.0) * time_s + rng.random())
    burst = crop * np.clip(0.6 + 0.6 * np.sin(2 * np.pi * (0.21 * time_s + rng.random())), 0, 1)
    return np.stack(
        [
            0.05 * rub * np.sin(0.31 * nibble) + 0.02 * burst * np.sin(0.5 * bite),
            0.03 * rub * np.sin(0.5 * nibble) + 0.025 * burst * np.sin(bite),
            0.08 * rub * np.sin(nibble) + 0.05 * burst * np.sin(0.5 * bite) + 0.04 * chew * np.sin(bite),
            0.07 * rub * np.cos(nibble) + 0.05 * burst * np.sin(bite + 0.8) + 0.04 * chew * np.cos(bite),
        ],
        axis=-1,
    )


def _swish(time_s: FloatArray, rng: np.random.Generator) -> FloatArray:
    """The tail's yaw ``[n]``: bursts of swishing about 1.3 times a second."""
    step = float(time_s[1] - time_s[0])
    awake = gaussian_filter1d((rng.random(len(time_s)) < 0.25 * step).astype(np.float64), 0.8 / step) * (2.0 / step)
    return np.asarray(np.clip(awake, 0.08, 0.7) * np.sin(2 * np.pi * (rng.uniform(1.0, 1.6) * time_s + rng.random())))
