"""Tiles to train a detector on: square pictures with every animal's box, animals of 12 px to most of the picture."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate import sensor
from pipeline.simulate.examples import RATE, SENSORS, aside, behind_another, camera_at, scene, screened, under_a_tree
from pipeline.simulate.pinhole import View
from pipeline.simulate.render import Stage, frame
from pipeline.simulate.scene import prepare
from pipeline.simulate.settings import Scene
from pipeline.simulate.truth import Shown
from pipeline.types import Image

SECONDS = 8.0  # of a scene
LENGTH_PX = (12.0, 0.75)  # length of the animal that a tile is about: pixels, share of the tile
HIDDEN = {"": 0.3, "bush": 0.2, "tree": 0.25, "animal": 0.25}  # share of the tiles in which such a thing is before it
RADII = (0.35, 0.8)  # of the bush, in body lengths
GAPS = (0.3, 0.9)  # between it and the other animal
ASTRAY = 0.3  # how far beside the line of sight the thing stands
BROWN = ("impala", "baboon")  # of a few pixels, told apart by their shape alone
TOGETHER = 0.5  # share of the scenes to which both are added, so that no soil goes with one of them
AWAY = 0.15  # share of the tiles about what is beside an animal: the ground, and what grows and lies there
REACH = (1.2, 3.0)  # so many sides of the tile away from it
PARTLY = 0.6  # share of the tiles whose animal is to be partly hidden, which a detector misses most
SHOWN = (0.3, 0.8)  # share of it that shows then
OFF = 0.35  # how far from it the middle of such a tile may be, in sides
TRIES = 4  # to draw such a view


@dataclass(frozen=True)
class Tile:
    """A picture [H, W, 3] and what it shows; ``species`` is of each row of ``shown``."""

    image: Image
    shown: Shown
    species: list[str]


def tiles(seed: int, count: int, side: int) -> Iterator[Tile]:
    """``count`` pictures of ``side`` x ``side`` px of one random scene.

    ``[seed, 2]`` is the stream of the scene's plants as well; kept, as in ``example_clips``.
    """
    rng = np.random.default_rng([seed, 2])
    take = prepare(replace(_with_both(scene(rng), rng), duration_s=SECONDS), seed)
    cameras = [sensor.draw(sensor.SensorSettings(), rng, side, side) for _ in range(SENSORS)]
    for number in range(count):
        partly = rng.random() < PARTLY
        for _ in range(TRIES if partly else 1):
            k, moment = int(rng.integers(len(take.species))), int(rng.integers(len(take.times_s)))
            stage, view = _taken(take.stage, k, moment, rng, side, partly)
            image, shown = frame(stage, view, moment, number, moment / RATE)
            if partly and _is_partly(shown, k):
                break
        before = replace(view, yaw=view.yaw + rng.normal(0, 3e-4), pitch=view.pitch + rng.normal(0, 3e-4))
        exposed = cameras[int(rng.integers(SENSORS))].expose(image, before, view, rng)
        yield Tile(exposed, shown, [take.species[int(a)] for a in shown.animal])


def _taken(stage: Stage, k: int, moment: int, rng: np.random.Generator, side: int, partly: bool) -> tuple[Stage, View]:
    """What stands where, and the camera, for a tile about animal ``k``, which is to be ``partly`` hidden or not."""
    animal = stage.animals[k]
    length_px = float(np.exp(rng.uniform(np.log(LENGTH_PX[0]), np.log(LENGTH_PX[1] * side))))
    camera = camera_at(animal.poses.trunk[moment], rng, length_px, animal.length_m, side, side)
    stage = hidden(stage, k, moment, camera, rng, partly)
    off = rng.uniform(-OFF, OFF, 2) if partly else _off_centre(rng)
    return stage, aside(camera, off * side)


def _is_partly(shown: Shown, k: int) -> bool:
    """Does as much of animal ``k`` show as is asked of a partly hidden one?"""
    return bool(((shown.animal == k) & (shown.visible >= SHOWN[0]) & (shown.visible <= SHOWN[1])).any())


def _with_both(setting: Scene, rng: np.random.Generator) -> Scene:
    """The scene; to a share of all, animals of both brown kinds are added."""
    if rng.random() > TOGETHER:
        return setting
    return replace(setting, animals={**setting.animals, **{name: int(rng.integers(1, 5)) for name in BROWN}})


def _off_centre(rng: np.random.Generator) -> FloatArray:
    """How far from the animal the middle of a tile is, in sides [2]; of a share of them too far to show it."""
    if rng.random() > AWAY:
        return rng.uniform(-0.5, 0.5, 2)
    angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(*REACH)
    return np.array([np.cos(angle), np.sin(angle)]) * reach


def hidden(stage: Stage, k: int, moment: int, camera: View, rng: np.random.Generator, partly: bool) -> Stage:
    """The stage with a bush, a tree, another animal or, unless it is to be ``partly`` hidden, nothing before ``k``."""
    animal = stage.animals[k]
    place = animal.poses.trunk[moment]
    shares = np.array([0.0 if partly and not thing else share for thing, share in HIDDEN.items()])
    match str(rng.choice(list(HIDDEN), p=shares / shares.sum())):
        case "bush":
            return screened(stage, animal, place, camera, rng, RADII, ASTRAY)
        case "tree":
            return under_a_tree(stage, animal, place, camera, rng, ASTRAY)
        case "animal":
            return behind_another(stage, k, moment, camera, rng, GAPS, ASTRAY)
    return stage
