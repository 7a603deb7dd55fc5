"""Where a moving animal wants to go: neighbours, what is in the way, home, and food.

Social zones after Couzin et al. (2002, J. Theor. Biol. 218:1): animals turn away from neighbours in the zone of
repulsion; with none there, they align with moving neighbours in the zone of orientation and turn to those in the zone
of attraction (Reynolds 1987, SIGGRAPH 21:25). Collisions are foreseen at the moment of closest approach (Reynolds
1999, GDC 763).
"""

from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.errors import UsageError


@dataclass(frozen=True)
class Rules:
    """How a herd keeps together: known parameters, metres, seconds and weights against going straight on (1).

    Raises:
        UsageError: zones that do not enclose one another, a home or weight below 0.
    """

    repulsion_m: float = 2.6  # for animals of zebra size; larger ones keep more room
    orientation_m: float = 9.0
    attraction_m: float = 45.0
    align: float = 0.5
    attract: float = 0.35
    repel: float = 0.9
    wander: float = 0.35  # radians, of a slow random turn
    home_m: float = 22.0  # beyond this from the herd's centre animals of zebra size turn back
    travel: float = 1.2  # to where they are bound, if anywhere
    avoid: float = 4.0  # what they would run into
    foresee_s: float = 3.0

    def __post_init__(self) -> None:
        if not 0 < self.repulsion_m < self.orientation_m < self.attraction_m:
            zones = f"{self.repulsion_m}, {self.orientation_m}, {self.attraction_m}"
            raise UsageError(f"zones must be 0 < repulsion_m < orientation_m < attraction_m, got {zones}")
        if min(self.home_m, self.align, self.attract, self.repel, self.travel, self.avoid) < 0:
            raise UsageError("home_m and the weights of a herd's rules must be >= 0")


def unit(vectors: FloatArray) -> FloatArray:
    """Vectors ``[..., 2]`` of length 1; 0 stays 0."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9))


def social(place: FloatArray, ahead: FloatArray, speed: FloatArray, length: FloatArray, rules: Rules) -> FloatArray:
    """Where neighbours draw each animal ``[N, 2]``, for places, unit headings, speeds and body lengths."""
    between = place[None] - place[:, None]  # [N, N, 2] from row to column
    distance = np.linalg.norm(between, axis=-1)
    np.fill_diagonal(distance, np.inf)
    room = rules.repulsion_m * np.maximum((length[:, None] + length[None]) / 4.0, 0.5)
    near = distance < room
    middle = ~near & (distance < rules.orientation_m) & (speed[None] > 0.3)
    far = (distance >= rules.orientation_m) & (distance < rules.attraction_m)
    close = np.where(near, 1 - distance / room, 0.0)
    push = close / np.minimum(distance, 1e6)
    away = -np.einsum("ij,ijk->ik", push, between)
    along = unit(np.einsum("ij,jk->ik", middle.astype(np.float64), ahead))
    toward = unit(np.einsum("ij,ijk->ik", np.where(far, 1 / np.where(far, distance, 1.0), 0.0), between))
    together = rules.align * along + rules.attract * toward
    return np.where(
        near.any(axis=1)[:, None],
        rules.repel * (1 + 2 * close.max(axis=1, initial=0.0))[:, None] * unit(away),
        together,
    )


def foresight(
    place: FloatArray, velocity: FloatArray, others: FloatArray, moving: FloatArray, need: FloatArray, rules: Rules
) -> FloatArray:
    """Sideways pull ``[N, 2]`` away from what each animal would run into.

    ``others`` [M, 2] are places, ``moving`` [M, 2] their velocities, ``need`` [N, M] how near they may come; 0 where an
    animal need not mind.
    """
    gap = others[None] - place[:, None]
    drift = moving[None] - velocity[:, None]
    pace = np.maximum((drift**2).sum(axis=-1), 1e-6)
    when = np.clip(-(gap * drift).sum(axis=-1) / pace, 0, rules.foresee_s)
    miss = gap + drift * when[..., None]
    closest = np.linalg.norm(miss, axis=-1)
    danger = np.clip(1.6 * (1 - closest / np.maximum(need, 1e-6)), 0, 1) * (1 - 0.7 * when / rules.foresee_s)
    ahead = unit(velocity)[:, None]
    left = np.stack([-ahead[..., 1], ahead[..., 0]], axis=-1)
    passing = np.where((left * miss).sum(axis=-1) > 0, -1.0, 1.0)  # to the left of what passes on the right
    behind = (gap * ahead).sum(axis=-1) < 0
    pull = np.where(behind | (need <= 0), 0.0, danger * passing)
    total = np.einsum("nm,nmk->nk", pull, np.broadcast_to(left, (*pull.shape, 2)))
    size = np.linalg.norm(total, axis=-1, keepdims=True)
    return np.asarray(rules.avoid * total / np.maximum(size, 1.0))


def homeward(place: FloatArray, centre: FloatArray, length: FloatArray, rules: Rules) -> FloatArray:
    """Pull back to the herd's ground ``[N, 2]``: none inside 0.6 of ``home_m``, which is wider for longer bodies."""
    back = centre - place
    distance = np.linalg.norm(back, axis=-1, keepdims=True)
    home_m = rules.home_m * np.sqrt(np.maximum(length, 2.0) / 2.0)[:, None]
    return np.asarray(unit(back) * np.clip((distance / home_m - 0.6) * 2.5, 0, 1.6))


def turn_rate(speed: FloatArray) -> FloatArray:
    """The fastest an animal turns, radians a second ``[N]``: 38 degrees walking, 60 running, less if slower."""
    return np.asarray(np.radians(np.interp(speed, [0.0, 0.4, 1.5, 5.0], [0.0, 34.0, 38.0, 60.0])))
