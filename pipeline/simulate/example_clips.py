"""Clips to train a recognizer on: they follow one animal, as mini-scenes do.

The camera turns after the animal, which fills a drawn share of the picture. Its behaviour is the one at the clip's
middle; where the animal can hardly be seen there, it is ``Occluded``. Behaviours are drawn evenly.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate import sensor
from pipeline.simulate.codec import through_h264
from pipeline.simulate.examples import RATE, SENSORS, aimed, aside, camera_at, scene, screened
from pipeline.simulate.pinhole import View
from pipeline.simulate.render import Animal, Stage, frame
from pipeline.simulate.scene import prepare
from pipeline.simulate.schedule import BEHAVIOURS
from pipeline.simulate.truth import LEAST_VISIBLE, OCCLUDED
from pipeline.types import Image, IntArray

HIDDEN = 0.14  # share of clips for which something is put between camera and animal
FOLLOW_S = 0.5  # over which the picture's middle follows the animal
DRIFT_M = 0.4  # of the drone, each moment, before that is averaged over a second
FILL = (0.16, 0.95)  # share of the picture's width or height that the animal fills, evenly on a logarithmic scale
CLOSE = (0.3, 0.95)  # the same, of its landmarks, after small animals were enlarged
CRF = (18, 34)  # quality of the codec that a clip goes through before its animal is enlarged


@dataclass(frozen=True)
class Clip:
    """Frames [T, H, W, 3] that follow an animal, its behaviour at their middle, its species, and where its
    ``skeleton.LANDMARKS`` are in them, seen or not: pixels [T, 8, 2].
    """

    images: Image
    behaviour: str
    species: str
    landmarks: FloatArray


def clips(seed: int, count: int, frames: int, interval_s: float, width: int, height: int) -> Iterator[Clip]:
    """``count`` clips of one random scene, each of ``frames`` frames every ``interval_s``."""
    rng = np.random.default_rng([seed, 1])
    take = prepare(scene(rng), seed)
    cameras = [sensor.draw(sensor.SensorSettings(), rng, width, height) for _ in range(SENSORS)]
    steps = np.rint(np.arange(frames) * interval_s * RATE).astype(np.int64)
    for number in range(count):
        k, start = _moment(take.stage, rng, int(steps[-1]))
        shot = _shot(take.stage, k, start + steps, rng, width, height)
        camera = cameras[int(rng.integers(SENSORS))]
        images, seen = [], []
        for step, moment in enumerate(shot.moments.tolist()):
            image, shown = frame(shot.stage, shot.views[step], moment, step, moment / RATE)
            images.append(camera.expose(image, shot.before[step], shot.views[step], rng))
            seen.append(float(shown.visible[shown.animal == k].sum()))
        hidden = float(np.mean(seen[frames // 2 - 1 : frames // 2 + 1])) < LEAST_VISIBLE
        scheduled = BEHAVIOURS[int(take.stage.animals[k].poses.behaviour[start + int(steps[-1]) // 2])]
        landmarks = _landmarks(shot.stage.animals[k], shot)
        stored = through_h264(np.stack(images), int(np.random.default_rng([seed, 4, number]).integers(*CRF)))
        clip = Clip(stored, OCCLUDED if hidden else scheduled, take.species[k], landmarks)
        yield enlarged(clip, np.random.default_rng([seed, 3, number]))


def enlarged(clip: Clip, rng: np.random.Generator) -> Clip:
    """A clip whose animal is small cut out and enlarged, as mini-scenes of far animals are (``miniscene.enlarge``).

    The part is the same in all frames; the animal then fills a share of it drawn from ``CLOSE``.
    """
    height, width = clip.images.shape[1:3]
    size, marks = np.array([width, height]), clip.landmarks
    low, high = marks.min(axis=1), marks.max(axis=1)  # [T, 2]
    fill = float(((high - low).max(axis=0) / size).max())
    share = fill / float(np.exp(rng.uniform(*np.log(CLOSE))))  # of the picture that is kept
    if share >= 1:
        return clip
    side = np.maximum(np.rint(size * share), 8)
    corner = np.rint(np.clip(np.median((low + high) / 2, axis=0) - side / 2, 0, size - side)).astype(np.int64)
    (left, top), (right, bottom) = corner, corner + side.astype(np.int64)
    parts = clip.images[:, top:bottom, left:right]
    images = np.stack([cv2.resize(part, (width, height), interpolation=cv2.INTER_LINEAR) for part in parts])
    return replace(clip, images=images, landmarks=(marks - corner) * size / side)


def _moment(stage: Stage, rng: np.random.Generator, span: int) -> tuple[int, int]:
    """An animal and a first moment, so that every behaviour of the scene is as likely at the clip's middle."""
    behaviour = np.stack([animal.poses.behaviour for animal in stage.animals])
    middles = behaviour[:, span // 2 : behaviour.shape[1] - (span - span // 2)]
    wanted = rng.choice(np.unique(middles))
    who, when = np.nonzero(middles == wanted)
    pick = int(rng.integers(len(who)))
    return int(who[pick]), int(when[pick])


@dataclass(frozen=True)
class _Shot:
    """A clip about to be rendered: ``before`` are the views a frame of the footage earlier, for the motion blur."""

    stage: Stage
    moments: IntArray
    views: list[View]
    before: list[View]


def _shot(stage: Stage, k: int, moments: IntArray, rng: np.random.Generator, width: int, height: int) -> _Shot:
    """Views that follow an animal, with something before it now and then."""
    animal = stage.animals[k]
    middle = int(moments[len(moments) // 2])
    place = animal.poses.trunk[middle]
    camera = camera_at(place, rng, 100.0, animal.length_m, width, height)
    if rng.random() < HIDDEN:
        stage = screened(stage, animal, place, camera, rng)
    path = _smooth(animal.poses.trunk, round(FOLLOW_S * RATE))
    boxes = np.array([_box(animal, moment, aimed(camera, path[moment])) for moment in moments.tolist()])
    size = (boxes[:, 2:] - boxes[:, :2]).max(axis=0) / [width, height]
    zoom = float(np.exp(rng.uniform(*np.log(FILL)))) / max(float(size.max()), 1e-6)
    camera = replace(camera, focal_px=camera.focal_px * zoom)
    off = np.median((boxes[:, :2] + boxes[:, 2:]) / 2, axis=0) - [width / 2, height / 2]
    off = zoom * off + rng.normal(0, 0.04 * width, 2)
    drift = _smooth(rng.normal(0, DRIFT_M, (len(path), 3)), RATE)
    held = [aside(aimed(_moved(camera, drift[m]), path[m]), off) for m in moments.tolist()]
    before = [aside(aimed(_moved(camera, drift[m]), path[m]), off) for m in np.maximum(moments - 1, 0).tolist()]
    return _Shot(stage, moments, held, before)


def _landmarks(animal: Animal, shot: _Shot) -> FloatArray:
    """Pixels [T, 8, 2] of an animal's landmarks."""
    skeleton, moments = animal.bodies[0].skeleton, shot.moments.tolist()
    places = [skeleton.landmarks(animal.poses, moment) for moment in moments]
    return np.stack([view.project(place)[0] for view, place in zip(shot.views, places, strict=True)])


def _moved(view: View, way: FloatArray) -> View:
    return replace(view, position=view.position + way)


def _box(animal: Animal, moment: int, view: View) -> FloatArray:
    """The animal's box in a view, whether or not it reaches out of the picture."""
    pixels, _ = view.project(animal.bodies[0].posed(animal.poses, moment)[0])
    return np.concatenate([pixels.min(axis=0), pixels.max(axis=0)])


def _smooth(path: FloatArray, moments: int) -> FloatArray:
    """Running mean over an odd number of about ``moments``; the ends are repeated."""
    half = moments // 2
    padded = np.pad(path, ((half, half), (0, 0)), mode="edge")
    kernel = np.ones(2 * half + 1) / (2 * half + 1)
    return np.column_stack([np.convolve(column, kernel, mode="valid") for column in padded.T])
