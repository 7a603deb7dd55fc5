"""The ground of a savanna painted as textures that repeat: soil and grass, and what is strewn over them.

Lightness is painted fine, colour at half of that, as video keeps them (4:2:0). Heights are not kept: what stands on the
ground is small, and its own shade and shadow are painted with it, for the one sun of the scene.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate.clutter import shrubs, things, worn
from pipeline.simulate.cover import Cover
from pipeline.simulate.light import Light, shadow_offset
from pipeline.simulate.noise import Field, enlarged, fractal, halved, shifted
from pipeline.types import Image


@dataclass(frozen=True)
class Painted:
    """A tile of ground."""

    lightness: Field  # [n, n] in 0..255
    colour: Field  # [n / 2, n / 2, 3]


def painted(rng: np.random.Generator, cover: Cover, light: Light, size: int, texel_m: float) -> Painted:
    """A tile of ``size`` x ``size`` texels (three times a power of two, at least 384)."""
    small = size // 8
    bare = worn(rng, cover, small, texel_m * 8)
    wander = np.asarray(fractal(rng, small, 3, 0.7) * 0.4 + 0.5, dtype=np.float32).clip(-0.6, 1.6)
    where = cover.grassy + cover.patchy * fractal(rng, small, 6, 0.62) * 0.5
    where = np.clip(where * (1 - bare), 0, 1).astype(np.float32)
    tufts = _tufts(rng, where, size)
    sun = shadow_offset(light)
    low, gloom = shrubs(rng, cover, size, texel_m, sun)
    hard, tone = things(rng, cover, size, texel_m, sun)
    layers = _Layers(where, wander, tufts, low, gloom, hard, tone)
    lightness = _lightness(rng, cover, light, layers, sun)
    return Painted(lightness, _colour(cover, layers, lightness))


def _tufts(rng: np.random.Generator, where: Field, size: int) -> Field:
    """Grass tufts [size, size] in 0..1: bumps a few texels wide, as dense as ``where`` says."""
    field = 0.5 * rng.standard_normal((size // 32, size // 32), dtype=np.float32)
    for cells, height in ((size // 16, 0.7), (size // 8, 0.8), (size // 4, 1.0)):
        field = enlarged(field, cells) + np.float32(height) * rng.standard_normal((cells, cells), dtype=np.float32)
    field = enlarged(field + 3.0 * enlarged(where, size // 4), size)
    field += rng.integers(0, 256, (size, size), dtype=np.uint8).astype(np.float32) * np.float32(0.8 / 128) - 2.3
    return np.clip(field * np.float32(0.7), 0, 1, out=field)


def _grey(colour: FloatArray) -> float:
    return float(colour @ [0.299, 0.587, 0.114])


@dataclass(frozen=True)
class _Layers:
    """What is put on the soil, [n, n] each; ``bare`` and ``wander`` [n / 8, n / 8]."""

    bare: Field
    wander: Field
    tufts: Field
    shrubs: Image
    gloom: Image
    things: Image
    tone: Image


def _lightness(rng: np.random.Generator, cover: Cover, light: Light, layers: _Layers, sun: FloatArray) -> Field:
    """How light every texel is, 0..255, in the scene's sun."""
    size = len(layers.tufts)
    noise = rng.integers(0, 256, (size, size), dtype=np.uint8).astype(np.float32) * np.float32(1 / 127.5) - 1
    soil = [_grey(colour) for colour in cover.soil]
    base = enlarged(np.asarray(soil[0] + (soil[1] - soil[0]) * layers.wander, dtype=np.float32), size)
    value = base.copy()
    value *= 1 + np.float32(0.09) * noise - np.float32(cover.litter) * (noise[:, ::-1] > np.float32(0.86))
    fresh, old = (_grey(colour) for colour in cover.grass)
    blade = np.float32((fresh + old) / 2) + np.float32(0.55 * abs(fresh - old) + 36) * noise[::-1]
    value += (blade - value) * (layers.tufts * np.float32(0.8))
    step = np.rint(sun / max(float(np.hypot(*sun)), 1e-6) * 2).astype(int)
    steep = cover.tall * float(np.hypot(*sun).clip(0.4, 1.6)) * (1 - light.ambient) * 0.8
    behind = shifted(layers.tufts, int(step[0]), int(step[1])) - layers.tufts * np.float32(0.8)
    value *= 1 - np.float32(steep) * np.clip(behind, 0, 1)
    value *= 1 - np.float32((1 - light.ambient) * 0.85 / 255) * layers.gloom
    ragged = (layers.shrubs > 0) * np.clip(np.float32(0.75) + np.float32(0.6) * noise[::-1], 0, 1)
    leaf = np.float32(_grey(cover.shrub) / 190) * layers.shrubs * (np.float32(0.9) + np.float32(0.5) * noise.T)
    value += (leaf - value) * ragged
    value += (base * np.float32(1 / 128) * layers.tone - value) * (layers.things * np.float32(1 / 255))
    return np.clip(value, 8, 255)


def _colour(cover: Cover, layers: _Layers, lightness: Field) -> Field:
    """Colours [n / 2, n / 2, 3] as light as the mean of the texels they cover."""
    size = len(layers.tufts) // 2
    wander = enlarged(layers.wander, size)[..., None]
    soil, grass = (np.asarray(pair, dtype=np.float32) for pair in (cover.soil, cover.grass))
    colour = soil[0] + (soil[1] - soil[0]) * wander
    grown = halved(layers.tufts)[..., None] * np.float32(0.9)
    colour += (grass.mean(axis=0) - colour) * grown
    bushy = halved(layers.shrubs).astype(np.float32)[..., None] / 255
    colour += (np.asarray(cover.shrub, dtype=np.float32) - colour) * bushy
    hard = halved(layers.things).astype(np.float32)[..., None] * np.float32(0.75 / 255)
    colour += (colour.mean(axis=2, keepdims=True) * np.array([1.03, 1.0, 0.95], dtype=np.float32) - colour) * hard
    grey = colour @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    return np.asarray(colour * (halved(lightness) / grey)[..., None], dtype=np.float32)


def detail(rng: np.random.Generator, size: int, mean: float) -> Image:
    """Fine grain, [size, size] about ``mean``, for texels of about a centimetre: soil, pebbles, blades of grass."""
    canvas = np.clip(128 + 9 * fractal(rng, size, 128, 1.0), 0, 255).astype(np.uint8)
    place = rng.integers(0, size, (size * 6, 2))
    turn = rng.uniform(0, np.pi, len(place))
    reach = rng.uniform(2, 9, len(place))
    end = place + np.stack([np.cos(turn), np.sin(turn)], axis=1) * reach[:, None]
    tone = rng.integers(75, 190, len(place))
    for start, stop, value in zip(place.tolist(), np.rint(end).astype(int).tolist(), tone.tolist(), strict=True):
        cv2.line(canvas, start, stop, value, 1, cv2.LINE_8)
    return np.asarray(np.clip(canvas * (mean / float(canvas.mean())), 0, 255), dtype=np.uint8)
