"""The pinhole camera: where a point of the world is seen, and where the ground lies in the picture.

The world: x east, y north, z up, in metres; the ground is z = 0. A camera looks along its own axis; in the picture x
goes right and y down, pixel (0, 0) covers [0, 1) x [0, 1), so the middle of the picture is at (width / 2, height / 2).

::

    yaw    heading of the camera's axis, anticlockwise from east          pitch   its angle above the horizon: -90 deg
    roll   turn about the axis, clockwise as the camera sees the world            looks straight down
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pipeline.boxes import FloatArray

NEAR_M = 0.5  # what is nearer than this to the lens, or behind it, is not seen


@dataclass(frozen=True)
class View:
    """A camera at one moment: ``position`` [3] in metres, angles in radians, ``focal_px`` and the picture's size."""

    position: FloatArray
    yaw: float
    pitch: float
    roll: float
    focal_px: float
    width: int
    height: int

    def __post_init__(self) -> None:
        if self.position.shape != (3,):
            raise ValueError(f"position must be [3], got {self.position.shape}")
        if not self.focal_px > 0 or min(self.width, self.height) < 1:
            raise ValueError(f"focal_px and size must be > 0, got {self.focal_px}, {self.width} x {self.height}")

    @cached_property
    def axes(self) -> FloatArray:
        """Rows [3, 3]: the world's directions of the picture's right, of its down, and of the camera's axis."""
        cy, sy, cp, sp = np.cos(self.yaw), np.sin(self.yaw), np.cos(self.pitch), np.sin(self.pitch)
        ahead = np.array([cp * cy, cp * sy, sp])
        right = np.array([sy, -cy, 0.0])
        down = np.array([sp * cy, sp * sy, -cp])
        cr, sr = np.cos(self.roll), np.sin(self.roll)
        return np.stack([cr * right + sr * down, cr * down - sr * right, ahead])

    def project(self, points: NDArray[np.floating]) -> tuple[FloatArray, FloatArray]:
        """Points ``[..., 3]`` -> pixels ``[..., 2]`` and depth along the axis ``[...]`` in metres.

        Points nearer than ``NEAR_M`` or behind the camera are projected as if at that depth; their depth says so.
        """
        seen = (points - self.position) @ self.axes.T
        depth = seen[..., 2]
        scale = self.focal_px / np.maximum(depth, NEAR_M)
        middle = np.array([self.width / 2, self.height / 2])
        return seen[..., :2] * scale[..., None] + middle, depth

    @cached_property
    def ground(self) -> FloatArray:
        """The homography [3, 3] from a place on the ground (x, y, 1) to the picture (u w, v w, w); w is its depth."""
        right, down, ahead = self.axes
        columns = np.stack([right, down, ahead])  # picture direction x world axis
        lens = np.array([[self.focal_px, 0, self.width / 2], [0, self.focal_px, self.height / 2], [0, 0, 1.0]])
        flat = np.column_stack([columns[:, 0], columns[:, 1], -columns @ self.position])
        return np.asarray(lens @ flat)

    def on_ground(self, pixels: FloatArray) -> FloatArray:
        """Pixels ``[..., 2]`` -> places ``[..., 2]`` on the ground in metres; NaN at and above the horizon."""
        lifted = np.concatenate([pixels, np.ones_like(pixels[..., :1])], axis=-1) @ np.linalg.inv(self.ground).T
        off = pixels - [self.width / 2, self.height / 2]
        rays = np.concatenate([off, np.full_like(pixels[..., :1], self.focal_px)], axis=-1)
        falling = (rays @ self.axes)[..., 2] < 0
        with np.errstate(divide="ignore", invalid="ignore"):
            places = lifted[..., :2] / lifted[..., 2:]
        return np.where(falling[..., None], places, np.nan)
