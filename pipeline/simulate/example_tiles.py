"""Tiles to train a detector on: square pictures with every animal's box, animals of 12 px to most of the picture."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from pipeline.simulate import sensor
from pipeline.simulate.examples import RATE, SENSORS, aside, camera_at, scene, screened
from pipeline.simulate.render import frame
from pipeline.simulate.scene import prepare
from pipeline.simulate.truth import Shown
from pipeline.types import Image

SECONDS = 8.0  # of a scene
LENGTH_PX = (12.0, 0.75)  # length of the animal that a tile is about: pixels, share of the tile
HIDDEN = 0.5  # share of the tiles in which a bush stands before it,
RADII, ASTRAY = (0.35, 0.8), 0.3  # of such a radius and so far beside the line of sight, in body lengths


@dataclass(frozen=True)
class Tile:
    """A picture [H, W, 3] and what it shows; ``species`` is of each row of ``shown``."""

    image: Image
    shown: Shown
    species: list[str]


def tiles(seed: int, count: int, side: int) -> Iterator[Tile]:
    """``count`` pictures of ``side`` x ``side`` px of one random scene."""
    rng = np.random.default_rng([seed, 2])
    take = prepare(replace(scene(rng), duration_s=SECONDS), seed)
    cameras = [sensor.draw(sensor.SensorSettings(), rng, side, side) for _ in range(SENSORS)]
    for number in range(count):
        stage = take.stage
        k, moment = int(rng.integers(len(take.species))), int(rng.integers(len(take.times_s)))
        animal = stage.animals[k]
        length_px = float(np.exp(rng.uniform(np.log(LENGTH_PX[0]), np.log(LENGTH_PX[1] * side))))
        camera = camera_at(animal.poses.trunk[moment], rng, length_px, animal.length_m, side, side)
        if rng.random() < HIDDEN:
            stage = screened(stage, animal, animal.poses.trunk[moment], camera, rng, RADII, ASTRAY)
        view = aside(camera, rng.uniform(-0.5, 0.5, 2) * side)
        before = replace(view, yaw=view.yaw + rng.normal(0, 3e-4), pitch=view.pitch + rng.normal(0, 3e-4))
        image, shown = frame(stage, view, moment, number, moment / RATE)
        exposed = cameras[int(rng.integers(SENSORS))].expose(image, before, view, rng)
        yield Tile(exposed, shown, [take.species[int(a)] for a in shown.animal])
