"""Skins lofted along stations: a smooth surface by two numbers, how far along it and how far round.

::

    along 0 ---- 1 ---- 2 ---- n-1    (a station every whole number; the surface is smooth in between)
    round 0: top,  0.25: left,  0.5: bottom,  0.75: right,  1: top again
"""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator

from pipeline.boxes import FloatArray
from pipeline.types import IntArray


@dataclass(frozen=True)
class Loft:
    """A closed tube through ``n`` stations, in the rest pose."""

    top: FloatArray  # [n, 3]
    bottom: FloatArray  # [n, 3]
    half: FloatArray  # [n, 3] from the middle to the left side
    top_weights: FloatArray  # [n, bones], each row sums to 1
    bottom_weights: FloatArray  # [n, bones]
    where: FloatArray  # [n] what part of the body a station is, for the coat
    part: int  # number of the part, for the coat

    def __post_init__(self) -> None:
        n = len(self.top)
        for name in ("bottom", "half", "top_weights", "bottom_weights", "where"):
            if len(getattr(self, name)) != n:
                raise ValueError(f"{name} must have one row for each of {n} stations, got {len(getattr(self, name))}")

    def at(self, along: FloatArray, turn: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Points ``[a, r, 3]`` at ``along`` [a] in 0..1 and ``turn`` [r] in 0..1, and ``where`` they are ``[a]``."""
        stations = np.linspace(0.0, 1.0, len(self.top))
        rows = np.concatenate([self.top, self.bottom, self.half, self.where[:, None]], axis=1)
        top, bottom, half, where = np.split(PchipInterpolator(stations, rows)(np.clip(along, 0, 1)), [3, 6, 9], axis=1)
        angle = 2 * np.pi * turn[None, :, None]
        middle, up = (top + bottom)[:, None] / 2, (top - bottom)[:, None] / 2
        return middle + np.cos(angle) * up + np.sin(angle) * half[:, None], where[:, 0]

    def weights(self, along: FloatArray, turn: FloatArray) -> FloatArray:
        """How much each bone moves the surface there, ``[a, r, bones]``."""
        place = np.clip(along, 0, 1) * (len(self.top) - 1)
        low = np.minimum(place.astype(int), len(self.top) - 2)
        share = (place - low)[:, None]
        top, bottom = (w[low] * (1 - share) + w[low + 1] * share for w in (self.top_weights, self.bottom_weights))
        up = (0.5 + 0.5 * np.cos(2 * np.pi * turn))[None, :, None]
        return np.asarray(top[:, None] * up + bottom[:, None] * (1 - up))


def tube(rings: int, corners: int) -> IntArray:
    """Faces ``[F, 3]`` of a tube of ``rings`` rings of ``corners`` + 1 vertices (the last lies on the first), closed
    by fans.

    Counter-clockwise from outside where the rings follow each other along x and go round from top to left.
    """
    side = corners + 1
    ring, corner = (grid.ravel() for grid in np.meshgrid(np.arange(rings - 1), np.arange(corners), indexing="ij"))
    a = ring * side + corner
    b, c, d = a + 1, a + side + 1, a + side
    wall = np.concatenate([np.stack([a, d, c], axis=1), np.stack([a, c, b], axis=1)])
    fan = np.arange(1, corners - 1)
    first = np.stack([np.zeros_like(fan), fan, fan + 1], axis=1)
    last = (rings - 1) * side + first[:, ::-1]
    return np.concatenate([wall, first, last]).astype(np.int64)
