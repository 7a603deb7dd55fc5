"""Bodies that take up room: who is in whose way, and how they give way without going through each other."""

from collections.abc import Sequence

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate.plants import Plant
from pipeline.simulate.species import Build
from pipeline.types import BoolArray, IntArray

ALONG = np.array([-0.55, 0.05, 0.65])  # circles that stand for a body, in trunk lengths along it
LOOK_M = 14.0  # bodies farther away hinder nobody
TOUCH = 0.85  # of the room two bodies keep: nearer they do not come; between, they push past one another
BRAKE_MPS2 = 3.5  # how hard an animal brakes behind another
BACK_M, TURN_AWAY = 0.03, 0.06  # metres and radians in a step of a tenth of a second: stepping back, turning away
EDGE_MPS = 0.35  # so slowly it goes on when there is no room left: it must move to turn


class Room:
    """Room taken by ``N`` animals and by plants."""

    def __init__(self, animals: Sequence[Build], plants: Sequence[Plant]) -> None:
        self.animals = animals
        self.trunk = np.array([b.trunk_m for b in animals])
        self.half = np.array([0.5 * b.girth_m for b in animals])
        self.survey(plants)

    def survey(self, plants: Sequence[Plant]) -> None:
        """What stands where, and how near animals may come: crowns only hinder who is as high; low shrubs nobody."""
        self.green = np.array([[p.x_m, p.y_m] for p in plants]).reshape(-1, 2)
        tall = np.array([b.shoulder_m for b in self.animals])[:, None]
        height = np.array([p.height_m for p in plants])[None]
        radius = np.array([p.radius_m for p in plants])[None]
        stem = np.array([p.kind in ("acacia", "dead") for p in plants], dtype=np.bool_)[None]
        thick = np.where(stem & (tall < 0.45 * height), 0.1 * radius + 0.15, 0.75 * radius)
        self.thick = np.where(height < 0.5 * tall, 0.0, thick)  # [N, M]

    def circles(self, place: FloatArray, heading: FloatArray) -> FloatArray:
        """Middles ``[N, 3, 2]`` of the circles that stand for the bodies."""
        ahead = np.stack([np.cos(heading), np.sin(heading)], axis=-1)
        return np.asarray(place[:, None] + (ALONG * self.trunk[:, None])[..., None] * ahead[:, None])

    def may_go(self, place: FloatArray, heading: FloatArray, speed: FloatArray) -> FloatArray:
        """The speed ``[N]`` at which an animal can still stop behind whoever is in its way; inf with nobody there."""
        i, j = _near(place, LOOK_M)
        ahead = np.stack([np.cos(heading), np.sin(heading)], axis=-1)
        to = self.circles(place, heading)[j] - place[i][:, None]
        forth = (to * ahead[i][:, None]).sum(axis=-1)
        aside = np.abs(ahead[i, None, 0] * to[..., 1] - ahead[i, None, 1] * to[..., 0])
        room = (self.half[i] + self.half[j])[:, None]
        gap = np.where((aside < room) & (forth > 0), forth - ALONG[-1] * self.trunk[i][:, None] - room, np.inf).min(
            axis=1
        )
        along = np.clip((ahead[i] * ahead[j]).sum(axis=-1) * speed[j], 0, None)
        may = along + np.sqrt(2 * BRAKE_MPS2 * np.clip(gap - 0.1, 0, None))
        most = np.full(len(place), np.inf)
        np.minimum.at(most, i, np.maximum(may, EDGE_MPS))
        return most

    def give_way(
        self,
        place: FloatArray,
        heading: FloatArray,
        new: FloatArray,
        turned: FloatArray,
        most: FloatArray,
        moves: BoolArray,
    ) -> tuple[FloatArray, FloatArray, BoolArray]:
        """From ``place`` and ``heading`` to ``new`` and ``turned`` without pressing into anybody.

        Those who move [N] are shifted by ``most`` metres [N] at most, out of bodies and plants. Who would still press
        deeper into another steps back and turns away instead, or keeps place and heading (third array: who lost its
        way on); who stands keeps them to the last digit.
        """
        way = self._from_bodies(new, turned, moves)
        for _ in range(2):
            shift = self._from_bodies(new, turned, moves) + self._from_plants(new, turned)
            size = np.linalg.norm(shift, axis=1)
            scale = np.where(moves, np.minimum(1, most / np.maximum(size, 1e-9)), 0.0)
            new = new + shift * scale[:, None]
        away = way / np.maximum(np.linalg.norm(way, axis=1), 1e-9)[:, None]
        aside = np.angle((away[:, 0] + 1j * away[:, 1]) * np.exp(-1j * heading))
        lost = np.zeros(len(place), dtype=np.bool_)
        for back_m, turn in ((BACK_M, TURN_AWAY), (BACK_M, 0.0), (0.0, 0.0), (0.0, 0.0)):
            worse = self._worse(place, heading, new, turned, moves)
            if not worse.any():
                break
            new = np.where(worse[:, None], place + back_m * away, new)
            turned = np.where(worse, heading + np.clip(aside, -turn, turn), turned)
            lost |= worse
        return new, turned, lost

    def _worse(
        self, place: FloatArray, heading: FloatArray, new: FloatArray, turned: FloatArray, moves: BoolArray
    ) -> BoolArray:
        """Who of those that move overlaps another more at the ``new`` places than at the old ``[N]``."""
        i, j = _near(new, 4 * float(self.trunk.max(initial=0.0)))
        before, after = self.circles(place, heading), self.circles(new, turned)
        room = TOUCH * (self.half[i] + self.half[j])
        old, now = _clearance(before[i], before[j])[0] - room, _clearance(after[i], after[j])[0] - room
        worse = np.zeros(len(place), dtype=np.bool_)
        np.logical_or.at(worse, i, now < np.minimum(old, 0) - 1e-3)
        return worse & moves

    def _from_bodies(self, place: FloatArray, heading: FloatArray, moves: BoolArray) -> FloatArray:
        """How each animal must shift ``[N, 2]`` to be clear of the others; of two that move, each half."""
        bodies = self.circles(place, heading)
        i, j = _near(place, 4 * float(self.trunk.max(initial=0.0)))
        clear, way = _clearance(bodies[i], bodies[j])
        deep = np.clip(self.half[i] + self.half[j] - clear, 0, None) * np.where(moves[j], 0.55, 1.0)
        shift = np.zeros_like(place)
        np.add.at(shift, i, deep[:, None] * way)
        return shift

    def _from_plants(self, place: FloatArray, heading: FloatArray) -> FloatArray:
        """How each animal must shift ``[N, 2]`` to be clear of plants."""
        bodies, shift = self.circles(place, heading), np.zeros_like(place)
        n, m = np.nonzero(self.thick > 0)
        close = np.abs(self.green[m] - place[n]).max(axis=1) < self.thick[n, m] + 2 * self.trunk[n]
        n, m = n[close], m[close]
        clear, way = _clearance(bodies[n], self.green[m][:, None])
        np.add.at(shift, n, np.clip(self.thick[n, m] + 0.6 * self.half[n] - clear, 0, None)[:, None] * way)
        return shift


def _near(place: FloatArray, within_m: float) -> tuple[IntArray, IntArray]:
    """Pairs of animals ``[k]``, ``[k]`` nearer than ``within_m``, each both ways round."""
    gap = ((place[None] - place[:, None]) ** 2).sum(axis=-1)
    np.fill_diagonal(gap, np.inf)
    i, j = np.nonzero(gap < within_m**2)
    return i, j


def _clearance(first: FloatArray, second: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Least distance ``[k]`` of circles' middles ``[k, P, 2]`` and ``[k, Q, 2]``, and the way from second to first."""
    between = first[:, :, None] - second[:, None]
    between = between.reshape(len(first), first.shape[1] * second.shape[1], 2)
    square = (between**2).sum(axis=-1)
    which = square.argmin(axis=1)
    rows = np.arange(len(first))
    distance = np.sqrt(square[rows, which])
    return distance, between[rows, which] / np.maximum(distance, 1e-9)[:, None]
