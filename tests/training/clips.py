"""Tiny labelled clips for tests: a square that moves left, moves right, or stays, before a patchwork."""

from pathlib import Path

import numpy as np

from pipeline.training.packed import ClipWriter
from pipeline.types import Image

DIRECTION = {"left": -2, "right": 2, "still": 0}  # pixels a frame
HEIGHT, WIDTH, FRAMES, INTERVAL_S = 32, 32, 6, 0.1


def square(behaviour: str, rng: np.random.Generator, frames: int = FRAMES) -> Image:
    """A clip ``[frames, HEIGHT, WIDTH, 3]``."""
    patches = rng.integers(40, 100, (HEIGHT // 8, WIDTH // 8, 3)).repeat(8, 0).repeat(8, 1)
    clip = np.repeat(patches[None].astype(np.uint8), frames, 0)
    left, top = int(rng.integers(10, 14)), int(rng.integers(4, 20))
    for t in range(frames):
        x = left + DIRECTION[behaviour] * t
        clip[t, top : top + 8, max(x, 0) : x + 8] = 230
    return clip


def write_squares(folder: Path, per_group: int = 2, groups: int = 4, frames: int = FRAMES, seed: int = 0) -> Path:
    """A packed data set of all three behaviours, ``per_group`` clips of each in every group."""
    rng = np.random.default_rng(seed)
    with ClipWriter(folder, INTERVAL_S, shard_clips=10) as writer:
        for group in range(groups):
            for behaviour in [*DIRECTION] * per_group:
                writer.add(square(behaviour, rng, frames), behaviour, "square", f"scene {group}")
    return folder
