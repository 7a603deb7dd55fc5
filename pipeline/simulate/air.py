"""Haze and sky between the camera and the ground, for every pixel of a picture.

::

    one table along the line straight up the picture (turned with the    . . sky . . | horizon | haze . . haze . ground
    camera's roll), which every pixel looks up by its place on that line rise of its ray
"""

import cv2
import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate.light import Light, clearness, sky_colour
from pipeline.simulate.pinhole import View
from pipeline.types import Image


def air(view: View, light: Light) -> tuple[Image | None, Image | None]:
    """How much of the ground's colour is left, at half size, 0..255, and the light of haze and sky, at full size.

    Both None where the air is clear.
    """
    up = view.axes[:, 2]
    steep = float(np.hypot(up[0], up[1]))  # how fast rays rise from pixel to pixel towards the horizon
    reach = int(np.ceil(np.hypot(view.width, view.height) / 2)) + 2
    along = np.arange(-reach, reach + 1, dtype=np.float64)
    sine = (along * steep + up[2] * view.focal_px) / np.sqrt(along**2 + view.focal_px**2)
    table = _air_table(sine, float(view.position[2]), light)
    x, y = (np.arange(size) + 0.5 - size / 2 for size in (view.width, view.height))
    turn = up[:2] / steep if steep > 1e-6 else np.array([0.0, 1.0])
    corner = abs(turn[0]) * x[-1] + abs(turn[1]) * y[-1]
    if table[int(reach + corner), 3] > 252:
        return None, None
    if abs(turn[0]) < 2e-3:
        rows = np.rint(y * np.sign(turn[1])).astype(int) + reach
        left = np.ascontiguousarray(np.broadcast_to(table[rows[::2], 3:], (len(y[::2]), len(x[::2]))))
        wide = [np.ascontiguousarray(np.broadcast_to(table[rows, k, None], (len(y), len(x)))) for k in range(3)]
        return cv2.merge([left] * 3), cv2.merge(wide)
    used = table[int(reach - corner) : int(reach + corner) + 2].astype(int)
    step = 8 if np.abs(used[8:] - used[:-8]).max(initial=0) < 8 else 2  # haze alone is smooth, a horizon is not
    x, y = (np.arange(-(-size // step)) * step + (step - size) / 2 for size in (view.width, view.height))
    where = (x * turn[0] + (y[:, None] * turn[1] + (reach + 0.5))).astype(np.int32)
    seen = table.view(np.uint32).reshape(-1)[where].view(np.uint8).reshape(*where.shape, 4)
    half = _enlarged(cv2.extractChannel(seen, 3), step // 2, -(-view.height // 2), -(-view.width // 2))
    veil = _enlarged(cv2.cvtColor(seen, cv2.COLOR_RGBA2RGB), step, view.height, view.width)
    return cv2.merge([half] * 3), veil


def _enlarged(picture: Image, times: int, height: int, width: int) -> Image:
    """A picture made larger, cut to ``height`` x ``width``."""
    large = cv2.resize(picture, None, fx=times, fy=times, interpolation=cv2.INTER_LINEAR)
    return np.asarray(large[:height, :width], dtype=np.uint8)


def _air_table(sine: FloatArray, height_m: float, light: Light) -> Image:
    """For rays that rise by ``sine`` [n]: the colour of haze or sky, and what is left of the ground's, [n, 4]."""
    distance = np.where(sine < 0, height_m / np.maximum(-sine, 1e-9), np.inf)
    clear = clearness(distance, light)
    glow = light.haze * (1 - clear)[:, None]
    veil = np.where((sine < 0)[:, None], glow, sky_colour(np.arcsin(np.clip(sine, -1, 1)), light))
    return np.ascontiguousarray(np.rint(np.column_stack([veil, 255 * clear])).astype(np.uint8))
