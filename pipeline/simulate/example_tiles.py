"""Tiles to train a detector on: square pictures with every animal's box, animals of 12 px to most of the picture."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate import sensor
from pipeline.simulate.codec import through_h264
from pipeline.simulate.examples import (
    CRF,
    RATE,
    SENSORS,
    aside,
    behind_another,
    camera_at,
    scene,
    screened,
    under_a_tree,
)
from pipeline.simulate.pinhole import View
from pipeline.simulate.render import Stage, frame
from pipeline.simulate.scene import Take, prepare
from pipeline.simulate.settings import Scene
from pipeline.simulate.truth import Shown
from pipeline.types import Image

SECONDS = 8.0  # of a scene
LENGTH_PX = (12.0, 0.75)  # length of the animal that a tile is about: pixels, share of the tile
# What is before the animal, in these proportions; before one that is to be half-hidden never nothing
HIDDEN = {"": 0.3, "bush": 0.2, "tree": 0.25, "animal": 0.25}
RADII = (0.35, 0.8)  # of the bush, in body lengths
GAPS = (0.3, 0.9)  # between it and the other animal
ASTRAY = 0.3  # how far beside the line of sight the thing stands
BROWN = ("impala", "baboon")  # of a few pixels, told apart by their shape alone
TOGETHER = 0.5  # share of the scenes to which both are added, so that no soil goes with one of them
HALF_HIDDEN = 0.45  # share of the tiles that are to be about a half-hidden animal, which a detector misses most
SHOWING = (0.3, 0.8)  # share of its outline that shows then
TRIES = 4  # at drawing such a tile; the last is taken whatever it shows
OFF_CENTRE, HALF_HIDDEN_OFF_CENTRE = 0.5, 0.35  # how far the animal may be from the middle of its tile, in sides
AWAY = 0.35  # share of the other tiles that are about what is beside an animal: the ground, what grows and lies there
REACH = (1.2, 3.0)  # so many sides of the tile away from it
STILL = 0.1  # share of the tiles that are pictures of their own, not of footage
FRAMES = (1, 7)  # of the footage that a tile is the last of
DRIFT_PX, TREMBLE_PX = 0.7, 0.4  # from frame to frame: how the picture moves on, how far it strays from that


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
        view, image, shown = _shot(take, number, rng, side)
        filmed = _filmed(image, view, cameras[int(rng.integers(SENSORS))], rng)
        yield Tile(filmed, shown, [take.species[int(a)] for a in shown.animal])


def _shot(take: Take, number: int, rng: np.random.Generator, side: int) -> tuple[View, Image, Shown]:
    """A view about some animal at some moment, and what it shows."""
    half_hidden = rng.random() < HALF_HIDDEN
    things = {thing: share for thing, share in HIDDEN.items() if thing or not half_hidden}
    for _ in range(TRIES if half_hidden else 1):
        k, moment = int(rng.integers(len(take.species))), int(rng.integers(len(take.times_s)))
        animal = take.stage.animals[k]
        length_px = float(np.exp(rng.uniform(np.log(LENGTH_PX[0]), np.log(LENGTH_PX[1] * side))))
        camera = camera_at(animal.poses.trunk[moment], rng, length_px, animal.length_m, side, side)
        stage = hidden(take.stage, k, moment, camera, rng, things)
        off = rng.uniform(-HALF_HIDDEN_OFF_CENTRE, HALF_HIDDEN_OFF_CENTRE, 2) if half_hidden else _off_centre(rng)
        view = aside(camera, off * side)
        image, shown = frame(stage, view, moment, number, moment / RATE)
        if ((shown.animal == k) & (shown.visible >= SHOWING[0]) & (shown.visible <= SHOWING[1])).any():
            break
    return view, image, shown


def _filmed(image: Image, view: View, camera: sensor.Sensor, rng: np.random.Generator) -> Image:
    """What the camera makes of a picture: the last frame of footage that has been through its codec, or a photograph.

    The frames before are of the same moment, moved; a codec takes of them what it does not store anew.
    """
    count = 1 if (still := rng.random() < STILL) else int(rng.integers(*FRAMES))
    drift, frames = rng.normal(0, DRIFT_PX, 2), []
    for ago in range(count)[::-1]:
        moved = image if ago == 0 else _moved(image, ago * drift + rng.normal(0, TREMBLE_PX, 2))
        before = replace(view, yaw=view.yaw + rng.normal(0, 3e-4), pitch=view.pitch + rng.normal(0, 3e-4))
        frames.append(camera.expose(moved, before, view, rng))
    return frames[0] if still else through_h264(np.stack(frames), int(rng.integers(*CRF)))[-1]


def _moved(image: Image, pixels: FloatArray) -> Image:
    place = np.column_stack([np.eye(2), pixels])
    return np.asarray(cv2.warpAffine(image, place, image.shape[1::-1], borderMode=cv2.BORDER_REFLECT_101))


def _with_both(setting: Scene, rng: np.random.Generator) -> Scene:
    """The scene; to a share of all, animals of both brown kinds are added."""
    if rng.random() > TOGETHER:
        return setting
    return replace(setting, animals={**setting.animals, **{name: int(rng.integers(1, 5)) for name in BROWN}})


def _off_centre(rng: np.random.Generator) -> FloatArray:
    """How far from the animal the middle of a tile is, in sides [2]; of a share of them too far to show it."""
    if rng.random() > AWAY:
        return rng.uniform(-OFF_CENTRE, OFF_CENTRE, 2)
    angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(*REACH)
    return np.array([np.cos(angle), np.sin(angle)]) * reach


def hidden(
    stage: Stage, k: int, moment: int, camera: View, rng: np.random.Generator, things: Mapping[str, float]
) -> Stage:
    """The stage with one of ``things``, by their shares, before animal ``k``: a bush, a tree, an animal, nothing."""
    animal = stage.animals[k]
    place = animal.poses.trunk[moment]
    shares = np.array(list(things.values()))
    match str(rng.choice(list(things), p=shares / shares.sum())):
        case "bush":
            return screened(stage, animal, place, camera, rng, RADII, ASTRAY)
        case "tree":
            return under_a_tree(stage, animal, place, camera, rng, ASTRAY)
        case "animal":
            return behind_another(stage, k, moment, camera, rng, GAPS, ASTRAY)
    return stage
