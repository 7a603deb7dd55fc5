"""What training examples are made of: random scenes, and cameras that look at one of their animals.

``example_clips.py`` makes the recognizer's examples of it, ``example_tiles.py`` the detector's.
"""

from dataclasses import replace

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate import sensor
from pipeline.simulate.pinhole import View
from pipeline.simulate.plants import Plant, size
from pipeline.simulate.render import Animal, Stage
from pipeline.simulate.settings import Arrangement, Codec, Flight, Scene, Schedule
from pipeline.simulate.vegetation import Look

TRAINED_ON = 1_000_000  # seeds from here on; smaller ones are for judging
RATE = 30  # moments a second of a scene's motion
SENSORS = 4  # cameras of a scene
CRF = (18, 34)  # quality of the codec that an example goes through, as all footage does
AHEAD = 0.6  # share of the footage whose encoder looks ahead
SECONDS = 30.0  # of a scene
SPACING_M = (1.5, 9.0)  # between animals
TALLEST_M = 8.0  # bush between camera and animal
FARTHEST_M = 25.0  # tree before an animal
ASTRAY_DEG = 80.0  # of a bush by a head, from where the head points
CLEAR = (0.0, 0.3)  # body lengths between a mouth and a bush that is lower
OUT_OF_REACH = (0.2, 0.5)  # and one that is not
SKY = 0.05  # share of cameras that may see the sky
# what the embedded models know, and how often each is drawn first; none of these ever lies
SPECIES = {"plains_zebra": 0.2, "grevys_zebra": 0.15, "giraffe": 0.18, "impala": 0.22, "baboon": 0.25}
FILES = 0.25  # share of herds that walk one behind another, where bodies cover each other


def scene(rng: np.random.Generator) -> Scene:
    """A small herd of one to three species in some bush or woodland, that does everything about as often."""
    count = int(rng.integers(1, 4))
    chosen = rng.choice(list(SPECIES), size=count, replace=False, p=list(SPECIES.values()))
    animals = {str(name): int(rng.integers(1, 5)) for name in chosen}
    bush, trees = float(np.exp(rng.uniform(1, 6))), float(np.exp(rng.uniform(0, 4.4)))
    in_file = rng.random() < FILES
    return Scene(
        name="examples",
        animals=animals,
        young=0.2,
        arrangement=Arrangement.columns if in_file else Arrangement.scattered,
        spacing_m=float(np.exp(rng.uniform(*np.log(SPACING_M)))),
        schedule=Schedule.busy,
        duration_s=SECONDS,
        width=1280,
        height=720,
        rate=str(RATE),
        variable_rate=False,
        flight=Flight.hover,
        height_m=[10, 80],
        depression_deg=[20, 90],
        fov_deg=[],
        animal_px=[60, 120],
        bushes_per_ha=[bush, bush],
        trees_per_ha=[trees, trees],
        codec=Codec.h264,
        bits_per_px=0.3,
    )


def sensors(rng: np.random.Generator, width: int, height: int) -> list[sensor.Sensor]:
    """The cameras of a scene, for pictures of this size."""
    return [sensor.draw(sensor.SensorSettings(), rng, width, height) for _ in range(SENSORS)]


def camera_at(
    place: FloatArray, rng: np.random.Generator, length_px: float, length_m: float, width: int, height: int
) -> View:
    """A camera somewhere above, which an animal of ``length_m`` at ``place`` would fill ``length_px`` of."""
    up = float(rng.uniform(10, 60))
    down = np.arcsin(rng.uniform(np.sin(np.radians(20)), np.sin(np.radians(85)) if rng.random() < 0.8 else 1.0))
    bearing, away = float(rng.uniform(0, 2 * np.pi)), up / np.tan(down)
    position = np.array([place[0] + away * np.cos(bearing), place[1] + away * np.sin(bearing), up])
    focal = length_px / length_m * float(np.linalg.norm(position - place))
    if rng.random() > SKY:  # a longer lens, so that the picture ends below the horizon
        focal = max(focal, height / 2 / np.tan(max(down - np.radians(3), 0.05)))
    return aimed(View(position, 0.0, 0.0, float(rng.normal(0, 0.02)), focal, width, height), place)


def aside(view: View, pixels: FloatArray) -> View:
    """The camera turned so that what was so many pixels right of and below the middle is in the middle."""
    way = np.array([*pixels, view.focal_px]) @ view.axes
    return aimed(view, view.position + way)


def aimed(view: View, at: FloatArray) -> View:
    """The camera turned to a place."""
    way = at - view.position
    return replace(view, yaw=float(np.arctan2(way[1], way[0])), pitch=float(np.arctan2(way[2], np.hypot(*way[:2]))))


def screened(
    stage: Stage,
    animal: Animal,
    place: FloatArray,
    camera: View,
    rng: np.random.Generator,
    radii: tuple[float, float] = (0.6, 1.0),
    astray: float = 0.25,
) -> Stage:
    """The stage with a bush on the line from camera to animal, so high that the line goes through it.

    Its radius, drawn from ``radii``, and how far it stands beside the line (normal deviation ``astray``) are in body
    lengths.
    """
    radius = animal.length_m * float(rng.uniform(*radii))
    above = animal.poses.trunk[0, 2] * float(rng.uniform(1.3, 2.4))
    gap = radius + animal.length_m * float(rng.uniform(0.1, 0.3))
    height = min(above + gap * _sight(place, camera)[1], TALLEST_M)
    at = _before(animal, place, camera, gap, astray, rng)
    return _planted(stage, "bush", at, radius, height, rng)


def beside_leaves(stage: Stage, animal: Animal, moment: int, rng: np.random.Generator) -> Stage:
    """The stage with a bush before the head of an animal that does not eat of it, up to ``ASTRAY_DEG`` to its side.

    Where its leaves are as high as the mouth they are out of reach, or nobody could tell that it does not.
    """
    muzzle, poll = animal.bodies[0].skeleton.landmarks(animal.poses, moment)[:2]
    high = animal.poses.trunk[moment, 2] * float(rng.uniform(0.4, 1.5))
    radius, ahead = high * float(rng.uniform(0.3, 0.6)), np.arctan2(*(muzzle - poll)[1::-1])
    way = ahead + np.radians(rng.uniform(-ASTRAY_DEG, ASTRAY_DEG))
    clear = animal.length_m * float(rng.uniform(*(CLEAR if high < muzzle[2] else OUT_OF_REACH)))
    at = muzzle[:2] + (radius + clear) * np.array([np.cos(way), np.sin(way)])
    return _planted(stage, "bush", at, radius, high, rng)


def under_a_tree(
    stage: Stage, animal: Animal, place: FloatArray, camera: View, rng: np.random.Generator, astray: float
) -> Stage:
    """The stage with a tree between camera and animal: its trunk before the animal or its crown above it."""
    radius, height = size("acacia", rng)
    _, rise = _sight(place, camera)
    near = 0.3 * animal.length_m
    gap = float(rng.uniform(near, max(near, min(height / max(rise, 1e-6), FARTHEST_M))))
    at = _before(animal, place, camera, gap, astray, rng)
    return _planted(stage, "acacia", at, radius, height, rng)


def behind_another(
    stage: Stage, k: int, moment: int, camera: View, rng: np.random.Generator, gaps: tuple[float, float], astray: float
) -> Stage:
    """The stage with another of its animals, where there is one, moved to between camera and animal ``k``.

    How far before it, drawn from ``gaps``, and how far beside the line (normal deviation ``astray``) are in lengths of
    animal ``k``. The other animal's whole path is moved.
    """
    others = [n for n in range(len(stage.animals)) if n != k]
    if not others:
        return stage
    animal, n = stage.animals[k], int(rng.choice(others))
    gap = animal.length_m * float(rng.uniform(*gaps))
    at = _before(animal, animal.poses.trunk[moment], camera, gap, astray, rng)
    poses = stage.animals[n].poses
    by = np.append(at - poses.trunk[moment, :2], 0.0)
    moved = replace(stage.animals[n], poses=replace(poses, trunk=poses.trunk + by, feet=poses.feet + by))
    return replace(stage, animals=[*stage.animals[:n], moved, *stage.animals[n + 1 :]])


def _sight(place: FloatArray, camera: View) -> tuple[FloatArray, float]:
    """The way [2] on the ground from a place toward the camera, 1 long, and how steeply the line of sight rises."""
    toward = camera.position[:2] - place[:2]
    away = max(float(np.linalg.norm(toward)), 1e-6)
    return toward / away, float(camera.position[2] - place[2]) / away


def _before(
    animal: Animal, place: FloatArray, camera: View, gap_m: float, astray: float, rng: np.random.Generator
) -> FloatArray:
    """A place [2] on the ground ``gap_m`` from an animal toward the camera, some body lengths beside the line (normal
    deviation ``astray``).
    """
    toward, _ = _sight(place, camera)
    beside = np.array([-toward[1], toward[0]]) * float(rng.normal(0, astray * animal.length_m))
    return place[:2] + toward * gap_m + beside


def _planted(
    stage: Stage, kind: str, at: FloatArray, radius_m: float, height_m: float, rng: np.random.Generator
) -> Stage:
    plant = Plant(kind, float(at[0]), float(at[1]), radius_m, height_m, int(rng.integers(2**31)))
    return replace(stage, plants=[*stage.plants, Look(plant, stage.light)])
