"""Textures that lie on the ground, at several resolutions, and how a camera sees them.

::

    the picture in cells:   . . . . . .  far: coarse texels      every cell is warped from the level whose texels are
                            . . . . . .                          about as large as a pixel's trace on the ground; cells
                            # # # # # #  near: fine texels       of one level side by side are warped at once
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate.noise import halved
from pipeline.simulate.pinhole import View
from pipeline.stretches import stretches
from pipeline.types import Image, IntArray

CELL_PX = (160, 24)  # width and height of a cell of the picture


@dataclass(frozen=True)
class Trace:
    """Where the pixels of a view lie on the ground: ``to_ground`` takes (column, row, 1) of a pixel's middle there.

    ``footprint_m`` [rows, columns] is the size of a pixel on the ground at the cells' middles, infinite above the
    horizon; ``scale`` pixels of the view make one of the picture that is drawn.
    """

    to_ground: FloatArray  # [3, 3]
    footprint_m: FloatArray
    width: int
    height: int
    cell: tuple[int, int]

    @staticmethod
    def of(view: View, scale: int = 1) -> "Trace":
        """The trace of a view, or of its picture made ``scale`` times smaller."""
        width, height = -(-view.width // scale), -(-view.height // scale)
        middles = np.array([[scale, 0, scale / 2], [0, scale, scale / 2], [0, 0, 1.0]])
        to_ground = np.linalg.inv(view.ground) @ middles
        cell = (CELL_PX[0] // scale, CELL_PX[1] // scale)
        x = (np.arange(-(-width // cell[0])) + 0.5) * cell[0]
        y = (np.arange(-(-height // cell[1])) + 0.5)[:, None] * cell[1]
        nearness = to_ground[2, 0] * x + to_ground[2, 1] * y + to_ground[2, 2]  # 1 / depth
        reach = to_ground[2, 1] * cell[1] / 2
        nearness = np.where(nearness > 0, nearness, nearness + abs(reach))  # a cell that straddles the horizon
        safe = np.maximum(nearness, 1e-9)
        area = abs(np.linalg.det(to_ground)) / safe**3
        slant = 1 / (safe * max(view.position[2], 0.1))
        stretched = np.sqrt(area) * np.maximum(1, np.sqrt(slant) / 3)  # far rows are long: coarser, or they shimmer
        return Trace(to_ground, np.where(nearness > 0, stretched, np.inf), width, height, cell)


@dataclass(frozen=True)
class Pyramid:
    """One texture at resolutions that halve from level to level; ``texel_m`` is the size of the finest.

    A texture with a ``period_m`` repeats; one without lies once, its first texel at ``corner_m``, amid ``around``. Rows
    go north, columns east.
    """

    levels: tuple[Image, ...]
    texel_m: float
    period_m: float | None = None
    corner_m: tuple[float, float] = (0.0, 0.0)
    around: tuple[int, ...] = (0,)

    @staticmethod
    def repeating(finest: Image, texel_m: float, count: int, stored: list[int]) -> "Pyramid":
        """A texture without a seam, at ``count`` resolutions."""
        tiles = [finest]
        for _ in range(count - 1):
            tiles.append(np.asarray(halved(tiles[-1]), dtype=np.uint8))
        return Pyramid.of_tiles(tiles, texel_m, stored)

    @staticmethod
    def of_tiles(tiles: list[Image], texel_m: float, stored: list[int]) -> "Pyramid":
        """Levels that were made one by one, each laid side by side until it is ``stored`` texels wide."""
        many = [max(1, width // tile.shape[1]) for width, tile in zip(stored, tiles, strict=True)]
        levels = [np.tile(tile, (n, n) + (1,) * (tile.ndim - 2)) for n, tile in zip(many, tiles, strict=True)]
        return Pyramid(tuple(levels), texel_m, texel_m * tiles[0].shape[1])

    def level(self, footprint_m: FloatArray) -> IntArray:
        """The level for pixels of these sizes on the ground; ``len(levels)`` where even the coarsest is too fine."""
        exact = np.log2(np.clip(footprint_m, 1e-6, 1e6) / self.texel_m)
        return np.clip(np.rint(exact - 0.2), 0, len(self.levels)).astype(np.int64)

    def seen(self, trace: Trace, beyond: tuple[int, ...], rows: tuple[int, int] | None = None) -> Image:
        """The texture in the picture of ``trace``, [H, W] or [H, W, C]; ``beyond`` where it is too far to be told.

        Only the cells of ``rows`` [first, stop) are made, and given, if any are named.
        """
        first, stop = rows or (0, len(trace.footprint_m))
        above, height = first * trace.cell[1], min(stop * trace.cell[1], trace.height)
        picture = np.empty((height - above, trace.width, *self.levels[0].shape[2:]), dtype=np.uint8)
        for left, top, right, bottom, level in _rectangles(self.level(trace.footprint_m[first:stop]), trace):
            part = picture[top:bottom, left:right]
            if level == len(self.levels):
                part[:] = beyond
            else:
                self._warp(part, trace.to_ground, left, top + above, level)
        return picture

    def _warp(self, part: Image, to_ground: FloatArray, left: int, top: int, level: int) -> None:
        height, width = part.shape[:2]
        texel_m = self.texel_m * 2**level
        corner = np.array([[1, 0, left], [0, 1, top], [0, 0, 1.0]])
        lay = np.diag([1 / texel_m, 1 / texel_m, 1])
        lay[:2, 2] = -np.array(self.corner_m) / texel_m - 0.5
        pull = lay @ to_ground @ corner
        texture = self.levels[level]
        border = cv2.BORDER_CONSTANT
        if self.period_m is not None:
            border = cv2.BORDER_WRAP
            pull = _near(pull, width, height, texture.shape[1], round(self.period_m / texel_m))
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        cv2.warpPerspective(texture, pull, (width, height), part, flags, border, self.around)


def _near(pull: FloatArray, width: int, height: int, stored: int, period: int) -> FloatArray:
    """The same warp moved by whole periods, so that most of it falls within what is stored: that is much faster."""
    corners = pull @ np.array([[0, width, 0, width], [0, 0, height, height], [1, 1, 1, 1.0]])
    places = corners[:2, corners[2] > 0] / corners[2, corners[2] > 0]
    if not places.size:
        return pull
    middle = (places.min(axis=1) + places.max(axis=1)) / 2
    move = np.rint((stored / 2 - middle) / period) * period
    return np.array([[1, 0, move[0]], [0, 1, move[1]], [0, 0, 1.0]]) @ pull


def _rectangles(levels: IntArray, trace: Trace) -> Iterator[tuple[int, int, int, int, int]]:
    """Left, top, right, bottom and level of rectangles that tile the picture: cells of one level put together."""
    wide, high = trace.cell
    open_: dict[tuple[int, int, int], int] = {}  # first cell, cell after the last, level -> row of cells where it began
    for row in range(len(levels) + 1):
        runs = _runs(levels[row]) if row < len(levels) else []
        for run in [run for run in open_ if run not in runs]:
            first, stop, level = run
            top = open_.pop(run) * high
            yield first * wide, top, min(stop * wide, trace.width), min(row * high, trace.height), level
        for run in runs:
            open_.setdefault(run, row)


def _runs(levels: IntArray) -> list[tuple[int, int, int]]:
    """Stretches of equal numbers: the first, the one after the last, the number."""
    return [(first, stop, int(levels[first])) for first, stop in stretches(levels)]
