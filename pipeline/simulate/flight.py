"""One flight: where the drone's camera is at any moment, and where it looks.

A flight is described about the place it looks at, because that is how it is flown: bearing of the drone from that
place, distance over the ground, height, zoom. Wind and gimbal add a trembling; the gimbal holds angles, not the aim.

::

                         o  drone        depression = atan(height / away)
                     /   |               yaw = bearing + 180 deg, plus the turn of a pan
                 /       | height
    target x-------------+               bearing: from the target to the drone, anticlockwise from east
                 away
"""

from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate.curves import Ease, Path, Tremble
from pipeline.simulate.pinhole import View


@dataclass(frozen=True)
class Flight:
    """One flight, known at any time: ``target`` is looked at, ``bearing``, ``turn`` and ``roll`` are in radians.

    ``log_focal`` is the natural logarithm of the focal length in pixels (a zoom is even in it). ``shaking`` has six
    channels: x, y, z in metres, yaw, pitch, roll in radians.
    """

    width: int
    height: int
    target: Path
    bearing: Ease
    away_m: Ease
    height_m: Ease
    log_focal: Ease
    turn: Ease
    roll: float
    shaking: Tremble

    def views(self, times_s: FloatArray) -> list[View]:
        """The camera at times [n] in seconds since the start."""
        times_s = np.asarray(times_s, dtype=float)
        bearing, away, up = self.bearing.at(times_s), self.away_m.at(times_s), self.height_m.at(times_s)
        shaking = self.shaking.at(times_s)
        out = np.column_stack([away * np.cos(bearing), away * np.sin(bearing), up])
        out[:, :2] += self.target.at(times_s)
        yaw = bearing + np.pi + self.turn.at(times_s)
        angles = np.column_stack([yaw, -np.arctan2(up, away), np.full(len(times_s), self.roll)]) + shaking[:, 3:]
        focal = np.exp(self.log_focal.at(times_s))
        return [
            View(position, float(y), float(p), float(r), float(f), self.width, self.height)
            for position, (y, p, r), f in zip(out + shaking[:, :3], angles, focal, strict=True)
        ]

    def view(self, time_s: float) -> View:
        """The camera at one time."""
        return self.views(np.array([time_s]))[0]


def focal_of(fov_deg: float, width: int) -> float:
    """Focal length in pixels of a horizontal field of view over a picture ``width`` pixels wide."""
    return float(width / 2 / np.tan(np.radians(fov_deg) / 2))


def fov_of(focal_px: float, width: int) -> float:
    """Horizontal field of view in degrees."""
    return float(np.degrees(2 * np.arctan(width / 2 / focal_px)))


def focal_for(length_m: float, size_px: float, distance_m: float) -> float:
    """Focal length in pixels at which ``length_m`` across the view, at a distance, covers ``size_px``."""
    return size_px * distance_m / length_m
