"""What is strewn over the ground, as textures that repeat: trails and wheel tracks, low shrubs, stones, dead twigs."""

import cv2
import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate.cover import Cover
from pipeline.simulate.noise import Field, fractal
from pipeline.types import Image

EDGE = 64  # texels: things reach over a tile's edge by less


def worn(rng: np.random.Generator, cover: Cover, size: int, texel_m: float) -> Field:
    """Where feet and wheels have bared the ground, [size, size] in 0..1: winding lines that close over the edge."""
    mask = np.zeros((size, size), dtype=np.uint8)
    lines = [(float(rng.uniform(0.3, 0.7)), 0.0) for _ in range(cover.trails)]
    if cover.tracks:
        lines += [(0.45, 0.0), (0.45, 1.6)]
    shape = rng.uniform(-1, 1, (len(lines) + 1, 4))
    along = np.linspace(0, 1, 65)
    for k, (wide, aside) in enumerate(lines):
        a = shape[-1] if cover.tracks and k >= cover.trails else shape[k]
        bend = a[0] * 0.08 * np.sin(2 * np.pi * (along + a[1])) + a[2] * 0.03 * np.sin(4 * np.pi * (along + a[3]))
        across = ((a[3] + 1) / 2 + bend) * size + aside / texel_m
        way = np.stack([along * size, across % size], axis=1)
        way = way if k % 2 == 0 or k >= cover.trails else way[:, ::-1]
        pieces = np.split(way, np.flatnonzero(np.abs(np.diff(way, axis=0)).max(axis=1) > size / 2) + 1)
        for piece in pieces:
            points = np.rint(piece * 16).astype(np.int32)
            cv2.polylines(mask, [points], False, 255, max(1, round(wide / texel_m)), cv2.LINE_AA, 4)
    return np.asarray(cv2.blur(mask, (3, 3)).astype(np.float32) / 255)


def _folded(canvas: Image) -> Image:
    """A tile from a canvas that is larger by ``EDGE`` all round: what reaches over an edge comes in at the other."""
    canvas[EDGE : 2 * EDGE] = np.maximum(canvas[EDGE : 2 * EDGE], canvas[-EDGE:])
    canvas[-2 * EDGE : -EDGE] = np.maximum(canvas[-2 * EDGE : -EDGE], canvas[:EDGE])
    canvas[:, EDGE : 2 * EDGE] = np.maximum(canvas[:, EDGE : 2 * EDGE], canvas[:, -EDGE:])
    canvas[:, -2 * EDGE : -EDGE] = np.maximum(canvas[:, -2 * EDGE : -EDGE], canvas[:, :EDGE])
    return np.ascontiguousarray(canvas[EDGE:-EDGE, EDGE:-EDGE])


def _thick(rng: np.random.Generator, count: int, size: int) -> FloatArray:
    """Places [count, 2] in a tile that crowd in some parts of it."""
    crowd = fractal(rng, 96, 3, 0.6) + 0.6 * rng.standard_normal((96, 96), dtype=np.float32)
    best = np.argsort(-crowd.ravel(), kind="stable")[: 96 * 96 * 3 // 8]
    cell = np.where(rng.random(count) < 0.75, rng.choice(best, count), rng.integers(0, 96 * 96, count))
    return np.asarray((np.stack([cell % 96, cell // 96], axis=1) + rng.uniform(0, 1, (count, 2))) * (size / 96))


def shrubs(rng: np.random.Generator, cover: Cover, size: int, texel_m: float, sun: FloatArray) -> tuple[Image, Image]:
    """Low shrubs, as opacity, and their shadows, [size, size] in 0..255 each."""
    canvas, gloom = (np.zeros((size + 2 * EDGE, size + 2 * EDGE), dtype=np.uint8) for _ in range(2))
    count = int(min(cover.shrubs_per_are * (size * texel_m) ** 2 / 100, 1800))
    middle = _thick(rng, count, size) + EDGE
    radius = np.exp(rng.normal(np.log(0.26), 0.5, count)).clip(0.1, 1.0) / texel_m
    leaves = 12
    offset = rng.normal(0, 0.45, (count, leaves, 2)) * radius[:, None, None]
    blob = (radius[:, None] * rng.uniform(0.12, 0.42, (count, leaves))).clip(0.8, 9)
    tone = rng.integers(110, 256, (count, leaves))
    height = radius[:, None] * rng.uniform(0.1, 0.7, (count, leaves))
    spots = np.rint((middle[:, None] + offset).clip(0, size + 2 * EDGE - 1) * 8).astype(int).reshape(-1, 2)
    thrown = (offset + (height[..., None] * sun).clip(-24, 24) + middle[:, None]).clip(0, size + 2 * EDGE - 1)
    for (x, y), (sx, sy), r, light in zip(
        spots.tolist(),
        np.rint(thrown * 8).astype(int).reshape(-1, 2).tolist(),
        np.rint(blob * 8).astype(int).ravel().tolist(),
        tone.ravel().tolist(),
        strict=True,
    ):
        cv2.circle(gloom, (sx, sy), r, 255, -1, cv2.LINE_8, 3)
        cv2.circle(canvas, (x, y), r, light, -1, cv2.LINE_8, 3)
    return _folded(canvas), cv2.blur(_folded(gloom), (3, 3))


def things(rng: np.random.Generator, cover: Cover, size: int, texel_m: float, sun: FloatArray) -> tuple[Image, Image]:
    """Stones and dead twigs: opacity and lightness (128: as the soil), [size, size] in 0..255."""
    mask, tone = (np.zeros((size + 2 * EDGE, size + 2 * EDGE), dtype=np.uint8) for _ in range(2))
    ares = (size * texel_m) ** 2 / 100
    stones = int(min(cover.stones_per_are * ares, 4000))
    radius = (np.exp(rng.normal(np.log(0.05), 0.55, stones)).clip(0.03, 0.35) / texel_m).clip(0.6, 9)
    middle = rng.uniform(EDGE, size + EDGE, (stones, 2))
    lightness = rng.choice([60, 90, 170, 200], stones, p=[0.3, 0.3, 0.25, 0.15]) + rng.integers(-15, 16, stones)
    shade = np.rint((middle + (sun * radius[:, None] * 0.8).clip(-6, 6)) * 8).astype(int).tolist()
    for (x, y), dark, r, value in zip(
        np.rint(middle * 8).astype(int).tolist(),
        shade,
        np.rint(radius * 8).astype(int).tolist(),
        lightness.tolist(),
        strict=True,
    ):
        for spot, paint in ((dark, 45), ((x, y), value)):
            cv2.circle(mask, spot, r, 255, -1, cv2.LINE_8, 3)
            cv2.circle(tone, spot, r, int(paint), -1, cv2.LINE_8, 3)
    for _ in range(int(min(cover.twigs_per_are * ares, 700))):
        start = rng.uniform(EDGE, size + EDGE, 2)
        steps = rng.normal(0, 0.25, (6, 2)) + rng.normal(0, 0.3, 2)
        way = np.rint((start + np.cumsum(steps, axis=0) / texel_m).clip(0, size + 2 * EDGE) * 8).astype(np.int32)
        for move, paint in ((sun * 12, 50), (0, int(rng.integers(150, 215)))):
            cv2.polylines(mask, [(way + move).astype(np.int32)], False, 220, 1, cv2.LINE_8, 3)
            cv2.polylines(tone, [(way + move).astype(np.int32)], False, paint, 1, cv2.LINE_8, 3)
    return _folded(mask), _folded(tone)
