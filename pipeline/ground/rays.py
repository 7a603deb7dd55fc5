"""Where a ray through a point of the picture meets flat ground, and how wrong that may be.

::

    camera o . . . . . . . . horizon      pitch   of the axis above the horizon, -90 deg: straight down
           | .    depression              roll    about the axis, clockwise as the camera sees the world
    height |    .
           |       .                      ahead = height / tan(depression), for a point in the picture's middle
    ------ + ------- x ---- ground        right   at right angles to it; both from the point below the camera
"""

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
        cos, sin = np.cos(self.pitch), np.sin(self.pitch)
        right = self.u * np.cos(self.roll) - self.v * np.sin(self.roll)  # of the picture as a level camera sees it
        down = self.u * np.sin(self.roll) + self.v * np.cos(self.roll)
        ahead, fall = down * sin + self.focal_px * cos, down * cos - self.focal_px * sin
        there = (fall > 0) & (self.height_m > 0)
        scale = np.divide(self.height_m, fall, out=np.full_like(fall, np.nan), where=there)
        return np.stack([ahead, right]) * scale

    def error(self, errors: dict[str, FloatArray | float]) -> FloatArray:
        """Major semi-axis ``[n]`` in metres of the ellipse of one standard deviation round each landing.

        ``errors`` are standard deviations by the name of what is uncertain, independent of each other; the landing is
        taken as linear between what lies one of them to either side. NaN where one side is at the horizon.
        """
        xx, yy, xy = np.zeros((3, len(self.u)))
        for name, by in errors.items():
            more, less = (replace(self, **{name: getattr(self, name) + side * by}).landing() for side in (1, -1))
            x, y = (more - less) / 2
            xx, yy, xy = xx + x * x, yy + y * y, xy + x * y
        return np.asarray(np.sqrt((xx + yy) / 2 + np.hypot((xx - yy) / 2, xy)))
