"""Tiles to train a detector on: square pictures with every animal's box, animals of 12 px to most of the picture."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate import sensor
from pipeline.simulate.codec import through_h264
from pipeline.simulate.examples import (
    AHEAD,
    CRF,
    RATE,
    SENSORS,
    aside,
    behind_another,
    camera_at,
    scene,
    screened,
    sensors,
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
AWAY = 0.35  # share of the other tiles that look beside an animal: at the ground, what grows and lies there, its herd
REACH = (1.2, 3.0)  # so many sides of the tile away from it
HERDS = 0.4  # share of the scenes that are of a large herd, seen from afar
HEADS, CLOSE_M = (12, 31), (2.0, 6.0)  # of such a herd: animals, metres between them
AFAR_PX = (14.0, 60.0)  # and their length
STILL = 0.1  # share of the tiles that are pictures of their own, not of footage
FRAMES = (3, 11)  # of the footage that a tile is from
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
    setting, herd = _with_both(scene(rng), rng), rng.random() < HERDS
    take = prepare(replace(_herd(setting, rng) if herd else setting, duration_s=SECONDS), seed)
    cameras = sensors(rng, side, side)
    for number in range(count):
        shot = _shot(take, number, herd, rng, side)
        image = _filmed(shot, number, cameras[int(rng.integers(SENSORS))], rng)
        yield Tile(image, shot.shown, [take.species[int(a)] for a in shot.shown.animal])


@dataclass(frozen=True)
class _Shot:
    """What a tile is a picture of: the stage from a view at a moment, and what of it shows."""

    stage: Stage
    view: View
    moment: int
    image: Image  # before the sensor
    shown: Shown


def _shot(take: Take, number: int, herd: bool, rng: np.random.Generator, side: int) -> _Shot:
    """A view about some animal at some moment, and what it shows; a herd, which hides its own, is seen from afar."""
    half_hidden = not herd and rng.random() < HALF_HIDDEN
    things = {thing: share for thing, share in HIDDEN.items() if thing or not half_hidden}
    lengths_px = AFAR_PX if herd else (LENGTH_PX[0], LENGTH_PX[1] * side)
    for _ in range(TRIES if half_hidden else 1):
        k, moment = int(rng.integers(len(take.species))), int(rng.integers(len(take.times_s)))
        animal = take.stage.animals[k]
        length_px = float(np.exp(rng.uniform(*np.log(lengths_px))))
        camera = camera_at(animal.poses.trunk[moment], rng, length_px, animal.length_m, side, side)
        stage = hidden(take.stage, k, moment, camera, rng, things)
        reach = HALF_HIDDEN_OFF_CENTRE if half_hidden else OFF_CENTRE
        beside = not half_hidden and rng.random() < AWAY
        view = aside(camera, side * (_beside(rng) if beside else rng.uniform(-reach, reach, 2)))
        image, shown = frame(stage, view, moment, number, moment / RATE)
        if ((shown.animal == k) & (shown.visible >= SHOWING[0]) & (shown.visible <= SHOWING[1])).any():
            break
    return _Shot(stage, view, moment, image, shown)


def _filmed(shot: _Shot, number: int, camera: sensor.Sensor, rng: np.random.Generator) -> Image:
    """What the camera makes of a shot: a frame of footage that has been through its codec, or a photograph.

    The camera turns a little from frame to frame and the animals go on. A codec takes of the frames before, and where
    it looks ahead of those after, what it does not store anew.
    """
    still, count = rng.random() < STILL, int(rng.integers(*FRAMES))
    here = int(rng.integers(count // 2, count))
    drift, last = rng.normal(0, DRIFT_PX, 2), len(shot.stage.animals[0].poses.trunk) - 1
    steps = range(-here - 1, count - here)  # frames from that of the shot on; the first is where the camera was before
    views = {n: aside(shot.view, n * drift + rng.normal(0, TREMBLE_PX, 2)) if n else shot.view for n in steps}

    def exposed(n: int) -> Image:
        moment = min(max(shot.moment + n, 0), last)
        image = frame(shot.stage, views[n], moment, number, moment / RATE)[0] if n else shot.image
        return camera.expose(image, views[n - 1], views[n], rng)

    if still:
        return exposed(0)
    crf, ahead = int(rng.integers(*CRF)), rng.random() < AHEAD
    film = through_h264(np.stack([exposed(n) for n in steps[1:]]), crf, ahead)
    return np.asarray(film[here])


def _with_both(setting: Scene, rng: np.random.Generator) -> Scene:
    """The scene; to a share of all, animals of both brown kinds are added."""
    if rng.random() > TOGETHER:
        return setting
    return replace(setting, animals={**setting.animals, **{name: int(rng.integers(1, 5)) for name in BROWN}})


def _herd(setting: Scene, rng: np.random.Generator) -> Scene:
    """The scene with many more of its animals, closer together."""
    more = int(rng.integers(*HEADS)) / sum(setting.animals.values())
    animals = {name: max(1, round(count * more)) for name, count in setting.animals.items()}
    return replace(setting, animals=animals, spacing_m=float(np.exp(rng.uniform(*np.log(CLOSE_M)))))


def _beside(rng: np.random.Generator) -> FloatArray:
    """So far from the animal, in sides [2], that a tile does not show it."""
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
