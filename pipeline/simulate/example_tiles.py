"""Tiles to train a detector on: square pictures with every animal's box.

Animals of 12 px to most of the picture, from anywhere above, and more than a scene of its own has of what makes
detectors err: herds that stand close or walk in file, woodland, something between the camera and the animal.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from pipeline.simulate import sensor
from pipeline.simulate.examples import RATE, SENSORS, aside, camera_at, half_hidden, scene
from pipeline.simulate.render import frame
from pipeline.simulate.scene import prepare
from pipeline.simulate.settings import Arrangement, Scene
from pipeline.simulate.truth import Shown
from pipeline.types import Image

SECONDS = 8.0  # of a scene
LENGTH_PX = (12.0, 0.75)  # length of the animal that a tile is about: pixels, share of the tile
SMALL_PX = 64.0  # the longest such in every second tile: herds are mostly filmed whole
HIDDEN = 0.2  # share of tiles for which something is put between camera and animal
CLOSE_M = (1.5, 3.0)  # between the animals of close herds
WOODS = ((150.0, 400.0), (30.0, 80.0))  # bushes and trees on a hectare of woodland


@dataclass(frozen=True)
class Tile:
    """A picture [H, W, 3] and what it shows; ``species`` is of each row of ``shown``."""

    image: Image
    shown: Shown
    species: list[str]


def tiles(seed: int, count: int, side: int) -> Iterator[Tile]:
    """``count`` pictures of ``side`` x ``side`` px of one random scene."""
    rng = np.random.default_rng([seed, 2])
    take = prepare(_harder(replace(scene(rng), duration_s=SECONDS), rng), seed)
    cameras = [sensor.draw(sensor.SensorSettings(), rng, side, side) for _ in range(SENSORS)]
    for number in range(count):
        k, moment = int(rng.integers(len(take.species))), int(rng.integers(len(take.times_s)))
        stage, animal = take.stage, take.stage.animals[k]
        longest = SMALL_PX if number % 2 else LENGTH_PX[1] * side
        length_px = float(np.exp(rng.uniform(np.log(LENGTH_PX[0]), np.log(longest))))
        camera = camera_at(animal.poses.trunk[moment], rng, length_px, animal.length_m, side, side)
        if rng.random() < HIDDEN:
            stage = half_hidden(stage, animal, animal.poses.trunk[moment], camera, rng)
        view = aside(camera, rng.uniform(-0.5, 0.5, 2) * side)
        before = replace(view, yaw=view.yaw + rng.normal(0, 3e-4), pitch=view.pitch + rng.normal(0, 3e-4))
        image, shown = frame(stage, view, moment, number, moment / RATE)
        exposed = cameras[int(rng.integers(SENSORS))].expose(image, before, view, rng)
        yield Tile(exposed, shown, [take.species[int(a)] for a in shown.animal])


def _harder(settings: Scene, rng: np.random.Generator) -> Scene:
    """A quarter of the scenes as they are; others a close herd, animals in file, or woodland: what merges and hides."""
    kind = int(rng.integers(4))
    if kind == 0:
        bushes, trees = ([float(rng.uniform(*most))] * 2 for most in WOODS)
        return replace(settings, bushes_per_ha=bushes, trees_per_ha=trees)
    if kind == 1:
        return settings
    return replace(
        settings,
        animals={name: 2 * count for name, count in settings.animals.items()},
        spacing_m=float(rng.uniform(*CLOSE_M)),
        arrangement=Arrangement.columns if kind == 2 else Arrangement.scattered,
    )
