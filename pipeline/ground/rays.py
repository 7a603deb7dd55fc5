"""Where a ray through a point of the picture meets flat ground, and how wrong that may be.

::

    camera o . . . . . . . . horizon      pitch   of the axis above the horizon, -90 deg: straight down
           | .    depression              roll    about the axis, clockwise as the camera sees the world
    height |    .
           |       .                      ahead = height / tan(depression), for a point in the picture's middle
    ------ + ------- x ---- ground        right   at right angles to it; both from the point below the camera
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from pipeline.boxes import FloatArray


@dataclass(frozen=True)
class Rays:
    """``n`` points of the picture and how the camera stood for each; angles in radians."""

    u: FloatArray  # [n] pixels right of the picture's middle
    v: FloatArray  # [n] pixels below it
    height_m: FloatArray  # [n] of the camera above the ground
    pitch: FloatArray  # [n]
    roll: FloatArray  # [n]
    focal_px: FloatArray  # [n]

    def landing(self) -> FloatArray:
        """Metres ``[2, n]`` ahead and to the right of the camera where the rays meet the ground; NaN at the horizon and
        above it, and for a camera that is not above the ground.
        """
        towards, scale = self._towards()
        return towards * scale

    def pixel_m(self) -> FloatArray:
        """Metres ``[n]`` that a pixel spans there, in the plane parallel to the picture; NaN as ``landing``."""
        return self._towards()[1]

    def error(self, errors: dict[str, FloatArray | float]) -> FloatArray:
        """Major semi-axis ``[n]`` in metres of the ellipse of one standard deviation round each landing.

        ``errors`` are standard deviations by the name of what is uncertain, independent of each other; the landing is
        taken as linear between what lies one of them to either side. NaN where one side is at the horizon.
        """
        xx, yy, xy = np.zeros((3, len(self.u)))
        for more, less in self._to_either_side(errors):
            x, y = (more.landing() - less.landing()) / 2
            xx, yy, xy = xx + x * x, yy + y * y, xy + x * y
        return np.asarray(np.sqrt((xx + yy) / 2 + np.hypot((xx - yy) / 2, xy)))

    def stretch(self, errors: dict[str, FloatArray | float]) -> FloatArray:
        """Standard deviation ``[n]`` of a short distance there, as a share of it, by what all rays of a frame share.

        Two animals in one frame are seen by one camera: what is told wrongly of it moves both, and of their distance
        only by how much farther it moves the one than the other is left.

        ::

           camera o  looks a degree lower     a,  b    where two animals stand, 2 m apart, at 30 deg of depression
                  |  than is told             a', b'   where they are told to stand
             40 m |                           a' - a   2.8 m: in the error of a place
                  +-----a-b-------a'-b'---    b' - b   2.9 m: their distance is told 0.1 m too long

        The shift of all places by one wrong value is a smooth map of the ground. Its gradient is made symmetric, which
        leaves out how it turns the whole; then no direction is stretched by more than its larger eigenvalue. The values
        are wrong independently of each other.
        """
        across, total = np.linalg.inv(self._slope()), np.zeros(len(self.u))
        for more, less in self._to_either_side(errors):
            gradient = (more._slope() - less._slope()) / 2 @ across
            xx, yy, xy = gradient[:, 0, 0], gradient[:, 1, 1], (gradient[:, 0, 1] + gradient[:, 1, 0]) / 2
            total += (np.abs(xx + yy) / 2 + np.hypot((xx - yy) / 2, xy)) ** 2
        return np.asarray(np.sqrt(total))

    def _to_either_side(self, errors: dict[str, FloatArray | float]) -> Iterator[tuple["Rays", "Rays"]]:
        """The rays if a value were larger by its error, and if it were smaller by it."""
        for name, by in errors.items():
            value = getattr(self, name)
            yield replace(self, **{name: value + by}), replace(self, **{name: value - by})

    def _towards(self) -> tuple[FloatArray, FloatArray]:
        """The rays ahead and to the right, in pixels ``[2, n]``, and metres of ground that such a pixel is ``[n]``."""
        cos, sin = np.cos(self.pitch), np.sin(self.pitch)
        right = self.u * np.cos(self.roll) - self.v * np.sin(self.roll)  # of the picture as a level camera sees it
        down = self.u * np.sin(self.roll) + self.v * np.cos(self.roll)
        ahead, fall = down * sin + self.focal_px * cos, down * cos - self.focal_px * sin
        there = (fall > 0) & (self.height_m > 0)
        return np.stack([ahead, right]), np.divide(self.height_m, fall, out=np.full_like(fall, np.nan), where=there)

    def _slope(self) -> FloatArray:
        """Metres that the landing moves by a pixel ``[n, 2, 2]``: ahead and to the right, by ``u`` and by ``v``."""
        by_u, by_v = np.sin(self.roll), np.cos(self.roll)  # of ``down``
        towards, scale = self._towards()
        moves = np.array([[by_u * np.sin(self.pitch), by_v * np.sin(self.pitch)], [by_v, -by_u]])
        falls = np.array([by_u, by_v]) * np.cos(self.pitch)
        metres = (moves - (towards * scale)[:, None] * falls / self.height_m) * scale
        return np.asarray(np.moveaxis(metres, -1, 0))
