"""A scene from its settings and a seed: everything that stands before the camera, and the camera's way, ready to film.

Every part draws from a stream of its own, so that another flight leaves the herd as it was.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate import drone, habits, sensor
from pipeline.simulate.bodies import bodies
from pipeline.simulate.curves import Path
from pipeline.simulate.ground import Ground
from pipeline.simulate.herd import move
from pipeline.simulate.light import Light
from pipeline.simulate.pinhole import View
from pipeline.simulate.plants import Plant, scatter
from pipeline.simulate.poses import Poses
from pipeline.simulate.render import Animal, Stage
from pipeline.simulate.settings import Scene, drawn
from pipeline.simulate.settings import Schedule as Habit
from pipeline.simulate.species import Build, individual
from pipeline.simulate.vegetation import Look

AROUND_M = 40.0  # of bush about the herd
APART_M = 24.0  # at most, of groups from where their ways cross
WAY_M_S = 0.8  # a travelling herd's, stops counted: its groups meet in the middle of the film
FINER = 4  # moments of motion for a frame, where frames come unevenly


class Stream(IntEnum):
    """Which part of a scene draws from which stream of the seed."""

    light = 0
    builds = 1
    plants = 2
    herd = 3
    coats = 4
    ground = 5
    flight = 6
    sensor = 7
    times = 8
    noise = 9


def stream(seed: int, part: Stream, number: int = 0) -> np.random.Generator:
    """The random numbers of one part of a scene (of one frame, one animal); examples share some (``example_clips``)."""
    return np.random.default_rng([seed, int(part), number])


@dataclass(frozen=True)
class Take:
    """A scene ready to film: the stage, and for each frame its time and the camera."""

    stage: Stage
    species: list[str]  # one an animal
    times_s: FloatArray  # [frames]
    views: list[View]
    sensor: sensor.Sensor
    seed: int


def prepare(scene: Scene, seed: int) -> Take:
    """Everything of a scene that is made once. The same settings and seed give the same take."""
    times_s = sensor.times(scene.frames_per_s, scene.duration_s, scene.variable_rate, stream(seed, Stream.times))
    light = Light.draw(stream(seed, Stream.light))
    builds = _builds(scene, seed)
    poses, plants = _herd(scene, seed, builds, times_s)
    looks = [Look(plant, light) for plant in plants]
    ground = Ground.made(stream(seed, Stream.ground), light, shadows=[look.shadow() for look in looks])
    coats = [bodies(build, stream(seed, Stream.coats, k)) for k, build in enumerate(builds)]
    animals = [Animal(body, pose) for body, pose in zip(coats, poses, strict=True)]
    flight = _flight(scene, seed, times_s, poses, builds)
    camera = sensor.draw(sensor.SensorSettings(), stream(seed, Stream.sensor), scene.width, scene.height)
    stage = Stage(animals, looks, ground, light)
    return Take(stage, [build.species for build in builds], times_s, flight.views(times_s), camera, seed)


def _builds(scene: Scene, seed: int) -> list[Build]:
    """The animals, in an order that does not go by species."""
    rng = stream(seed, Stream.builds)
    builds = [individual(name, rng, scene.young) for name, number in scene.animals.items() for _ in range(number)]
    return [builds[k] for k in rng.permutation(len(builds))]


def _herd(scene: Scene, seed: int, builds: list[Build], times_s: FloatArray) -> tuple[list[Poses], list[Plant]]:
    """How the animals move among the plants; the plants that they need to browse on are added."""
    rng = stream(seed, Stream.plants)
    side_m = 2 * (scene.spacing_m * np.sqrt(len(builds)) + AROUND_M)
    plants = scatter(rng, side_m, drawn(scene.bushes_per_ha, rng), drawn(scene.trees_per_ha, rng))
    of = {Habit.natural: habits.natural, Habit.busy: habits.busy, Habit.travelling: habits.travelling}[scene.schedule]
    finer = FINER if scene.variable_rate else 1
    poses, grown = move(
        builds,
        plants,
        stream(seed, Stream.herd),
        float(times_s[-1]) + 1 / scene.frames_per_s,
        float(scene.frames_per_s) * finer,
        [of(build.species) for build in builds],
        scene.arrangement.value,
        spacing_m=scene.spacing_m,
        apart_m=min(APART_M, WAY_M_S * scene.duration_s / 2),
    )
    return [pose.at(times_s) for pose in poses], [*plants, *grown]


def _flight(scene: Scene, seed: int, times_s: FloatArray, poses: list[Poses], builds: list[Build]) -> drone.Flight:
    """The drone's way; what it looks at is the middle of the herd."""
    middle = np.median([pose.trunk[:, :2] for pose in poses], axis=0)
    settings = scene.flown(float(np.median([build.length_m for build in builds])))
    target = Path(times_s, middle)
    return drone.draw(settings, stream(seed, Stream.flight), target, scene.width, scene.height, scene.duration_s)
