r"""How plants look: pictures of their leaves and branches, made anew only when the camera has moved far about them.

::

    camera                  a sprite is the plant seen along one direction, without perspective: drawn once, far
      \  direction          leaves first, then laid into each frame by the affine map of its own axes (right, up)
       \   ^ up             through the lens; the ground and animals show through where there is no leaf
        \ /__> right
         root
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.boxes import FloatArray
from pipeline.simulate.foliage import Foliage, foliage
from pipeline.simulate.light import Footprint, Light, shadow_offset
from pipeline.simulate.pinhole import NEAR_M
from pipeline.simulate.plants import Plant
from pipeline.simulate.raster import Floats
from pipeline.types import Image, IntArray

FINER = 2  # samples per pixel of a sprite, each way
TURN = float(np.deg2rad(7.5))  # from one direction that there are sprites for to the next
ZOOM = 1.4  # and from one scale to the next
KEPT = 4  # sprites of a plant: a camera that hovers between two directions needs both
LARGEST_PX = 600  # a plant that is seen larger is drawn no finer
SLABS = 6  # a plant is drawn in as many slices, far to near, each its branches first
LEAF_SHAPES = 3  # slim leaves, turned three ways


@dataclass(frozen=True)
class Sprite:
    """A plant seen along one direction."""

    rgba: Floats  # [h, w, 4], colours multiplied by their opacity
    anchor: FloatArray  # [2] the root, in pixels from the picture's corner
    px_per_m: float
    direction: FloatArray  # [3] from the plant to the camera
    right: FloatArray  # [3] the world's direction of the picture's right
    up: FloatArray  # [3] and of its up


class Look:
    """The look of one plant under one light; keeps the sprites used last."""

    def __init__(self, plant: Plant, light: Light) -> None:
        self.plant = plant
        self.light = light
        self.pieces = foliage(plant)
        self._colour = _lit(self.pieces, plant, light)
        self._bark = np.clip(self.pieces.bark * light.lit * 0.72, 0, 255)
        self._corners = _corners(self.pieces)
        self._sprites: dict[tuple[int, int, int], Sprite] = {}

    def __reduce__(self) -> tuple[type["Look"], tuple[Plant, Light]]:
        """Pickled as what it is made from: a process makes the leaves again sooner than it is sent them."""
        return Look, (self.plant, self.light)

    @property
    def span_m(self) -> float:
        """The larger of its width and height."""
        return max(self.plant.radius_m * 2, self.plant.height_m)

    def sprite(self, elevation: float, azimuth: float, px_per_m: float) -> Sprite:
        """The plant from a camera at ``azimuth`` (anticlockwise from east) and ``elevation`` above its horizon."""
        level = np.cos(elevation)
        direction = np.array([level * np.cos(azimuth), level * np.sin(azimuth), np.sin(elevation)])
        right = np.array([-np.sin(azimuth), np.cos(azimuth), 0.0])
        up = np.cross(direction, right)
        px_per_m *= min(1.0, LARGEST_PX / (self.span_m * px_per_m))
        flat = np.stack([right, -up], axis=1) * px_per_m * FINER
        low, size = _frame(self._corners @ flat, self.pieces.radius_m * px_per_m * FINER)
        canvas = np.zeros((size[1], size[0], 4), dtype=np.uint8)
        self._draw(canvas, flat, low, px_per_m * FINER, direction)
        rgba = cv2.resize(canvas, None, fx=1 / FINER, fy=1 / FINER, interpolation=cv2.INTER_AREA)
        return Sprite(rgba.astype(np.float32), -low / FINER, px_per_m, direction, right, up)

    def _draw(self, canvas: Image, flat: FloatArray, low: FloatArray, scale: float, direction: FloatArray) -> None:
        """Branches and leaves, far to near, by the map ``flat`` [3, 2] on a canvas whose corner is at ``low`` [2]."""
        pieces = self.pieces
        shown = int(np.clip(canvas.shape[0] * canvas.shape[1] * 0.7, 200, len(pieces.leaves)))
        spots, ends = pieces.leaves[:shown] @ flat - low, pieces.branches @ flat - low
        side = _side(pieces.radius_m * scale * np.sqrt(len(pieces.leaves) / shown))
        shapes = LEAF_SHAPES if side > 2 else 1
        depth = pieces.leaves[:shown] @ direction
        nearest = np.argsort(depth, kind="stable")
        branch_depth = (pieces.branches @ direction).mean(axis=1)
        cuts = np.quantile(depth, np.linspace(0, 1, SLABS + 1)[1:-1])
        slab = np.searchsorted(cuts, branch_depth)
        lines = np.rint(ends * 8).astype(int)
        wide = np.rint(pieces.girth_m * scale).clip(1, None).astype(int)
        samples = canvas.view(np.uint32).reshape(-1)
        for k, leaves in enumerate(np.array_split(nearest, SLABS)):
            for m in np.flatnonzero(slab == k).tolist():
                colour = (*(self._bark * (0.55 + 0.45 * k / SLABS)).tolist(), 255.0)
                cv2.line(canvas, lines[m, 0].tolist(), lines[m, 1].tolist(), colour, int(wide[m]), cv2.LINE_8, 3)
            for shape in range(shapes):
                some = leaves[shape::shapes]
                samples[_splats(spots[some], side, canvas.shape[1], shape)] = self._colour[some, None]

    def serving(self, away: FloatArray, focal_px: float) -> Sprite:
        """The sprite for a camera ``away`` [3] metres off, from the nearest of a fixed set of directions and scales.

        Which one it is does not hang on what was drawn before: a film comes out the same in whatever parts it is made.
        """
        distance = float(np.sqrt(away @ away))
        px_per_m = min(focal_px / max(distance, NEAR_M), LARGEST_PX / self.span_m)
        zoom = int(np.ceil(np.log(px_per_m) / np.log(ZOOM)))
        tilt = round(float(np.arcsin(away[2] / max(distance, NEAR_M))) / TURN)
        round_ = max(1, round(2 * np.pi * float(np.cos(tilt * TURN)) / TURN))  # directions at this elevation
        turn = round(float(np.arctan2(away[1], away[0])) / (2 * np.pi) * round_) % round_
        key = (tilt, turn, zoom)
        sprite = self._sprites.pop(key, None) or self.sprite(tilt * TURN, turn / round_ * 2 * np.pi, ZOOM**zoom)
        self._sprites[key] = sprite
        if len(self._sprites) > KEPT:
            del self._sprites[next(iter(self._sprites))]  # the one not used for longest
        return sprite

    def shadow(self) -> Footprint:
        """The shadow on the ground, where the plant stands."""
        pieces, plant = self.pieces, self.plant
        texel_m = max(0.05, plant.radius_m / 40)
        fall = np.vstack([np.eye(2), shadow_offset(self.light)]) / texel_m  # [3, 2]: from a point to its shadow
        spots = pieces.leaves @ fall
        soft = (0.012 + 0.6 * max(self.light.ambient - 0.55, 0)) * plant.height_m / texel_m
        low, size = _frame(self._corners @ fall, pieces.radius_m / texel_m + 3 * soft)
        ends = pieces.branches @ fall - low
        mask = np.zeros((size[1], size[0]), dtype=np.uint8)
        mask.reshape(-1)[_splats(spots - low, _side(1.1 * pieces.radius_m / texel_m), size[0])] = 255
        wide = np.rint(pieces.girth_m / texel_m).clip(1, None).astype(int).tolist()
        for (start, end), w in zip(np.rint(ends * 8).astype(int).tolist(), wide, strict=True):
            cv2.line(mask, start, end, 255, w, cv2.LINE_8, 3)
        alpha = cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), max(soft, 0.5))
        corner = low * texel_m + [plant.x_m, plant.y_m]
        return Footprint((float(corner[0]), float(corner[1])), texel_m, alpha)


def _corners(pieces: Foliage) -> FloatArray:
    """The corners [8, 3] of a box that holds all pieces and the root."""
    points = np.concatenate([pieces.leaves, pieces.branches.reshape(-1, 3), np.zeros((1, 3))])
    low, high = points.min(axis=0), points.max(axis=0)
    return np.array([[(low, high)[k >> axis & 1][axis] for axis in range(3)] for k in range(8)])


def _frame(corners: FloatArray, pad: float) -> tuple[FloatArray, tuple[int, int]]:
    """The corner and the size, even, of a canvas that holds ``corners`` [8, 2] and ``pad`` about them."""
    low = np.floor((corners.min(axis=0) - pad - 6) / FINER) * FINER
    size = np.ceil((corners.max(axis=0) + pad + 6 - low) / FINER).astype(int) * FINER
    return low, (int(size[0]), int(size[1]))


def _side(radius: float) -> int:
    """How many samples wide the square dot for a leaf is."""
    return int(np.clip(np.rint(2.1 * radius), 1, 11))


def _splats(spots: FloatArray, side: int, width: int, shape: int | None = None) -> IntArray:
    """Samples [n, k] of a canvas ``width`` wide that dots on ``spots`` [n, 2] cover: round, or slim leaves turned."""
    reach = np.arange(side) - (side - 1) / 2
    x, y = (grid.ravel() for grid in np.meshgrid(reach, reach))
    inside = np.hypot(x, y) <= max(side * 0.56, 0.5)
    if side > 2 and shape is not None:
        turn = np.pi * (shape + 0.3) / LEAF_SHAPES
        inside &= np.abs(x * np.sin(turn) - y * np.cos(turn)) <= max(side * 0.24, 0.75)
    corner = np.floor(spots - (side - 1) / 2).astype(np.int64)
    offset = ((y[inside] - reach[0]) * width + x[inside] - reach[0]).astype(np.int64)
    return np.asarray((corner[:, 1] * width + corner[:, 0])[:, None] + offset)


def _lit(pieces: Foliage, plant: Plant, light: Light) -> NDArray[np.uint32]:
    """Colours [n] of leaves, opaque, four bytes in one: bright on the crown's sunny skin, dark inside."""
    facing = np.clip(pieces.normals @ light.direction, 0, None) / max(np.sin(light.elevation), 0.55)
    if plant.kind == "stone":
        through, inner = facing, np.zeros(len(facing))
    else:
        outward = (pieces.leaves - [0, 0, plant.height_m * 0.5]) / [plant.radius_m, plant.radius_m, plant.height_m]
        inner = np.clip(pieces.depth * 1.5, 0, 1)
        through = (
            (0.35 + 0.65 * facing) * np.clip(0.9 + 0.55 * (outward @ light.direction), 0.25, 1.25) * (1 - 0.45 * inner)
        )
    direct = (1 - light.ambient) * through[:, None] * light.sun
    diffuse = light.ambient * ((0.72 + 0.28 * pieces.normals[:, 2]) * (1 - 0.35 * inner))[:, None] * light.sky
    colour = np.clip(pieces.colour * light.exposure * (direct + diffuse), 0, 255)
    opaque = np.column_stack([colour, np.full(len(colour), 255.0)]).astype(np.uint8)
    return np.ascontiguousarray(opaque).view(np.uint32).reshape(-1)
