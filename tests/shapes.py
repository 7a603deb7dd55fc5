"""A clip of simple shapes: rest, walk and run on textured ground under a drifting camera, drawn in a second.

It is for tests that need moving animals and nothing of how they look; ``film`` makes real scenes.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from pipeline.boxes import FloatArray
from pipeline.types import Image
from pipeline.video.encode import VideoWriter

WIDTH, HEIGHT, RATE = 480, 272, 25
MARGIN_PX = 45  # the camera sways inside this border of ground
SPEEDS = {"stationary": 0.0, "walk": 0.8, "run": 3.0}  # body lengths/s
DWELL_S = {"stationary": (3.0, 8.0), "walk": (3.0, 8.0), "run": (2.0, 4.0)}
NEXT = {"stationary": ("walk",), "walk": ("stationary", "run"), "run": ("walk",)}


@dataclass
class _Animal:
    """One animal: where it is on the ground, where it heads, and what it does until when."""

    rng: np.random.Generator
    at: FloatArray
    heading: float
    length_px: float
    colour: tuple[int, int, int]
    behaviour: str = "stationary"  # until its first step
    until_s: float = 0.0
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def step(self, time_s: float, step_s: float) -> None:
        """Go on for one frame; turn before the border of the ground."""
        if time_s >= self.until_s:
            self.behaviour = str(self.rng.choice(NEXT[self.behaviour]))
            self.until_s = time_s + self.rng.uniform(*DWELL_S[self.behaviour])
        self.seconds[self.behaviour] += step_s
        ahead = self.at + 2 * self.length_px * np.array([np.cos(self.heading), np.sin(self.heading)])
        low, high = np.full(2, 2 * MARGIN_PX), np.array([WIDTH, HEIGHT])
        if ((ahead < low) | (ahead > high)).any():
            to_middle = (low + high) / 2 - self.at
            self.heading = float(np.arctan2(to_middle[1], to_middle[0]) + self.rng.normal(0, 0.3))
        pace = SPEEDS[self.behaviour] * self.length_px * step_s
        self.at = self.at + pace * np.array([np.cos(self.heading), np.sin(self.heading)])

    def draw(self, picture: Image) -> None:
        """Body, neck and head, seen from above."""
        direction = np.array([np.cos(self.heading), np.sin(self.heading)])
        angle = float(np.degrees(self.heading))
        for along, long, wide in ((0.0, 0.36, 0.15), (0.36, 0.16, 0.07), (0.5, 0.08, 0.06)):
            middle = tuple(np.rint((self.at + along * self.length_px * direction) * 16).astype(int).tolist())
            axes = (int(long * self.length_px * 16), int(wide * self.length_px * 16))
            cv2.ellipse(picture, middle, axes, angle, 0, 360, self.colour, -1, cv2.LINE_AA, shift=4)


def draw_clip(path: Path, seed: int, duration_s: float, animals: int) -> dict[str, float]:
    """Draw the clip to ``path``; returns the true share of time of each behaviour over all animals, summing to 1."""
    rng = np.random.default_rng(seed)
    ground = _ground(rng)
    herd = [_animal(rng, k, animals) for k in range(animals)]
    with VideoWriter(path, WIDTH, HEIGHT) as writer:
        for k in range(round(duration_s * RATE)):
            time_s = k / RATE
            picture = ground.copy()
            for animal in herd:
                animal.step(time_s, 1 / RATE)
                animal.draw(picture)
            writer.write(_seen(picture, time_s), time_s)
    total = {name: sum(animal.seconds[name] for animal in herd) for name in SPEEDS}
    return {name: seconds / sum(total.values()) for name, seconds in total.items()}


def _ground(rng: np.random.Generator) -> Image:
    """Soil and grass: noise at three scales, in savanna colours."""
    size = (HEIGHT + 2 * MARGIN_PX, WIDTH + 2 * MARGIN_PX)
    noise = np.zeros(size, dtype=np.float32)
    for cell, weight in ((32, 0.5), (8, 0.3), (1, 0.2)):
        coarse = rng.normal(size=(size[0] // cell + 1, size[1] // cell + 1)).astype(np.float32)
        noise += weight * cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC)
    tint = np.array([172, 152, 106]) + 26 * noise[..., None] * np.array([1.0, 0.95, 0.8])
    return np.asarray(np.clip(tint, 0, 255), dtype=np.uint8)


def _animal(rng: np.random.Generator, k: int, animals: int) -> _Animal:
    """Animals start spread over the ground, each with a size and a dark coat of its own."""
    at = np.array([2 * MARGIN_PX + (k + 0.5) * (WIDTH - 2 * MARGIN_PX) / animals, rng.uniform(2 * MARGIN_PX, HEIGHT)])
    shade = int(rng.integers(25, 70))
    return _Animal(rng, at, rng.uniform(-np.pi, np.pi), rng.uniform(24, 32), (shade + 12, shade + 4, shade))


def _seen(picture: Image, time_s: float) -> Image:
    """What the swaying, slowly panning camera sees."""
    x = MARGIN_PX * (1 + 0.8 * np.sin(2 * np.pi * time_s / 31) + 0.03 * np.sin(2 * np.pi * time_s / 1.7))
    y = MARGIN_PX * (1 + 0.6 * np.cos(2 * np.pi * time_s / 23) + 0.03 * np.cos(2 * np.pi * time_s / 1.3))
    moved = cv2.warpAffine(picture, np.array([[1, 0, -x], [0, 1, -y]]), (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
    return np.asarray(moved, dtype=np.uint8)
