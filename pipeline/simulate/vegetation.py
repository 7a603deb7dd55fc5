"""Plants in the picture: their sprites laid through the lens, moved by the wind, behind haze."""

from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate.light import Light, clearness
from pipeline.simulate.pinhole import NEAR_M, View
from pipeline.simulate.raster import Patch
from pipeline.simulate.sprites import Look, Sprite

__all__ = ["Look", "placed"]

SWAY = 0.015  # how far wind bends plants, in metres per metre of height


def placed(looks: Sequence[Look], view: View, light: Light, time_s: float = 0.0) -> list[tuple[float, Patch]]:
    """The plants in the picture, through the haze: the depth of each along the camera's axis, and its patch."""
    if not looks:
        return []
    measures = np.array([[one.plant.x_m, one.plant.y_m, one.plant.height_m / 2, one.span_m] for one in looks])
    middles = measures[:, :3]
    pixels, depth = view.project(middles)
    reach = measures[:, 3] * view.focal_px / np.maximum(depth, NEAR_M)
    off = np.abs(pixels - [view.width / 2, view.height / 2]) - [view.width / 2, view.height / 2]
    near = np.flatnonzero((depth > measures[:, 3] / 2 + NEAR_M) & (off < reach[:, None]).all(axis=1))
    away = view.position - middles[near]
    sprites = [looks[k].serving(one, view.focal_px) for k, one in zip(near.tolist(), away, strict=True)]
    if not sprites:
        return []
    pulls = _pulls(sprites, middles[near], [looks[k].plant.seed for k in near.tolist()], view, time_s)
    clear = clearness(np.linalg.norm(away, axis=1), light)
    patches = [_patch(one, pull, view) for one, pull in zip(sprites, pulls, strict=True)]
    return [
        (float(depth[k]), _hazed(patch, share, light))
        for k, patch, share in zip(near.tolist(), patches, clear.tolist(), strict=True)
        if patch is not None
    ]


def _pulls(sprites: list[Sprite], middles: FloatArray, seeds: list[int], view: View, time_s: float) -> FloatArray:
    """From pixels of each sprite to pixels of the view: [n, 2, 3]. Wind moves the sprites' tops to and fro."""
    step = 0.02 * middles[:, 2:]
    right, up = (np.array([getattr(one, name) for one in sprites]) for name in ("right", "up"))
    pixels, _ = view.project(np.stack([middles, middles + step * right, middles - step * up], axis=1))
    scale = np.array([one.px_per_m for one in sprites])
    axes = ((pixels[:, 1:] - pixels[:, :1]) / (step * scale[:, None])[..., None]).transpose(0, 2, 1)
    phase = np.array([seed % 1000 for seed in seeds]) / 1000
    bend = SWAY * (np.sin(2 * np.pi * (0.7 * time_s + phase)) + 0.5 * np.sin(2 * np.pi * (1.9 * time_s + 3 * phase)))
    root = pixels[:, 0] + axes[..., 1] * (up[:, 2] * middles[:, 2] * scale)[:, None]
    axes[..., 1] -= axes[..., 0] * (bend * up[:, 2])[:, None]
    shift = root - np.einsum("nij,nj->ni", axes, np.array([one.anchor for one in sprites]))
    return np.concatenate([axes, shift[..., None]], axis=2)


def _patch(sprite: Sprite, pull: FloatArray, view: View) -> Patch | None:
    height, width = sprite.rgba.shape[:2]
    reached = pull @ np.array([[0, width, 0, width], [0, 0, height, height], [1, 1, 1, 1.0]])
    low = np.maximum(np.floor(reached.min(axis=1)), 0).astype(int)
    high = np.minimum(np.ceil(reached.max(axis=1)), (view.width, view.height)).astype(int)
    if (high <= low).any():
        return None
    moved = pull.copy()
    moved[:, 2] += pull[:, :2] @ [0.5, 0.5] - 0.5 - low  # cv2 counts from the middles of pixels
    rgba = cv2.warpAffine(sprite.rgba, moved, (high - low).tolist(), flags=cv2.INTER_LINEAR)
    return Patch(int(low[0]), int(low[1]), rgba[..., :3], rgba[..., 3] * np.float32(1 / 255))


def _hazed(patch: Patch, clear: float, light: Light) -> Patch:
    if clear > 0.995:
        return patch
    veil = (light.haze * (1 - clear)).astype(np.float32)
    return Patch(patch.left, patch.top, patch.colour * np.float32(clear) + patch.alpha[..., None] * veil, patch.alpha)
