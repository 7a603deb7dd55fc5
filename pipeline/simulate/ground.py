"""The ground of a scene and how a camera sees it: textures that repeat for ever, plants' shadows, haze and sky.

::

    picture = colour (half size) x clearness x shadow        x   lightness x detail (full size)   +   haze and sky
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.simulate.air import air
from pipeline.simulate.cover import Cover
from pipeline.simulate.light import Footprint, Light
from pipeline.simulate.noise import Field, enlarged, halved
from pipeline.simulate.pinhole import View
from pipeline.simulate.pyramid import Pyramid, Trace
from pipeline.simulate.terrain import detail, painted
from pipeline.types import Image

TEXEL_M = 0.05  # of the ground's lightness; colour is twice as coarse
GRAIN_M = 0.0125  # of the detail that is multiplied in where the camera is near
UNIT = 96  # the value of lightness that leaves a colour as it is
LEVELS = 7


@dataclass(frozen=True)
class Ground:
    """The ground of one scene. Made once; ``seen`` for every frame."""

    light: Light
    cover: Cover
    colour: Pyramid  # [h, w, 3] in the sun
    lightness: Pyramid
    grain: Pyramid
    shadows: Pyramid | None

    @staticmethod
    def made(
        rng: np.random.Generator, light: Light, size_m: float = 77.0, shadows: Sequence[Footprint] = ()
    ) -> "Ground":
        """A ground whose pattern repeats after ``size_m`` or a little less: the time to make it goes with its square.

        The pattern has 384, 768 or 1536 texels a side, so that 20 m (a training crop) takes a sixteenth of the time.
        """
        size = int(3 * 2 ** np.clip(np.floor(np.log2(size_m / TEXEL_M / 3) + 0.01), 7, 9))
        cover = Cover.draw(rng)
        tile = painted(rng, cover, light, size, TEXEL_M)
        colours, lights = _levels(tile.lightness, tile.colour * light.lit.astype(np.float32))
        return Ground(
            light,
            cover,
            Pyramid.of_tiles(colours, TEXEL_M * 2, _stored(size // 2, (2, 3, 4, 8))),
            Pyramid.of_tiles(lights, TEXEL_M, _stored(size, (2, 3, 5, 8))),
            Pyramid.repeating(detail(rng, 1024 if size > 1000 else 512, UNIT), GRAIN_M, 2, [2048, 2048]),
            _shadow_map(shadows),
        )

    def seen(self, view: View) -> Image:
        """The ground, its haze and the sky over it through a camera: [H, W, 3]."""
        full, half = Trace.of(view), Trace.of(view, 2)
        far = tuple(int(value) for value in self.colour.levels[-1].reshape(-1, 3).mean(axis=0))
        colour = self.colour.seen(half, far)
        light = self.lightness.seen(full, (UNIT,))
        self._add_grain(light, full)
        clear, veil = air(view, self.light)
        if clear is not None:
            cv2.multiply(colour, clear, dst=colour, scale=1 / 255)
        if self.shadows is not None:
            colour = self._in_shadow(colour, half)
        tint = cv2.resize(colour, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)[: view.height, : view.width]
        picture = cv2.multiply(tint, cv2.cvtColor(light, cv2.COLOR_GRAY2RGB), scale=1 / UNIT)
        return np.asarray(picture if veil is None else cv2.add(picture, veil, dst=picture), dtype=np.uint8)

    def _add_grain(self, light: Image, trace: Trace) -> None:
        """Multiply lightness by the finest detail, in place, in the rows that are near enough to show it."""
        near = (self.grain.level(trace.footprint_m) < len(self.grain.levels)).any(axis=1)
        if not near.any():
            return
        rows = np.flatnonzero(near)
        part = light[rows[0] * trace.cell[1] : (rows[-1] + 1) * trace.cell[1]]
        grain = self.grain.seen(trace, (UNIT,), (int(rows[0]), int(rows[-1]) + 1))
        cv2.multiply(part, grain, dst=part, scale=1 / UNIT)

    def _in_shadow(self, colour: Image, half: Trace) -> Image:
        """Colours at half size where the plants' shadows fall."""
        assert self.shadows is not None
        shadow = self.shadows.seen(half, (0,))
        dark = np.rint(255 - np.arange(256)[:, None, None] * (1 - self.light.dark)).clip(0, 255).astype(np.uint8)
        return np.asarray(cv2.multiply(colour, cv2.applyColorMap(shadow, dark), dst=colour, scale=1 / 255))


def _stored(size: int, times: tuple[int, ...]) -> list[int]:
    """How wide each level is stored: near ones a few times over, so that a picture mostly falls within."""
    return [size // 2**k * (times[k] if k < len(times) else times[-1]) for k in range(LEVELS)]


def _levels(lightness: Field, colour: Field) -> tuple[list[Image], list[Image]]:
    """Colours, and lightness against them (``UNIT``: as light), at resolutions that halve."""
    colours, lights = [], []
    fine, mean = lightness, np.asarray(halved(lightness))
    for _ in range(LEVELS):
        against = np.asarray(enlarged(mean, len(fine)), dtype=np.float32)
        lights.append(np.clip(fine * np.float32(UNIT) / against + np.float32(0.5), 0, 255).astype(np.uint8))
        colours.append(np.clip(colour + np.float32(0.5), 0, 255).astype(np.uint8))
        fine, mean = mean, np.asarray(halved(mean))
        colour = np.asarray(halved(colour))
    return colours, lights


def _shadow_map(shadows: Sequence[Footprint]) -> Pyramid | None:
    """All shadows of plants in one texture that lies where they do."""
    if not shadows:
        return None
    low = np.min([shadow.corner_m for shadow in shadows], axis=0)
    ends = [np.array(one.corner_m) + np.array(one.alpha.shape[::-1]) * one.texel_m for one in shadows]
    texel_m = max(0.08, float((np.max(ends, axis=0) - low).max()) / 2000)
    width, height = (np.ceil((np.max(ends, axis=0) - low) / texel_m / 8).astype(int) * 8 + 8).tolist()
    canvas = np.zeros((height, width), dtype=np.uint8)
    for one in shadows:
        at = (np.array(one.corner_m) - low) / texel_m
        sides = np.maximum(np.rint(np.array(one.alpha.shape[::-1]) * one.texel_m / texel_m), 1).astype(int)
        patch = cv2.resize((one.alpha * 255).astype(np.uint8), sides.tolist(), interpolation=cv2.INTER_AREA)
        x, y = np.floor(at).astype(int)
        part = canvas[y : y + sides[1], x : x + sides[0]]
        np.maximum(part, patch[: part.shape[0], : part.shape[1]], out=part)
    levels = [canvas]
    for _ in range(3):
        levels.append(np.asarray(halved(levels[-1]), dtype=np.uint8))
    return Pyramid(tuple(levels), texel_m, None, (float(low[0]), float(low[1])))
