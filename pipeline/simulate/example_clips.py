"""Clips to train a recognizer on: they follow one animal, as mini-scenes do.

The camera turns after the animal, which fills a drawn share of the picture. Its behaviour is the one at the clip's
middle; where the animal can hardly be seen there, or stands with its head out of the picture, it is ``Occluded``.
Behaviours are drawn evenly. In some clips the animal reaches out of the footage: what is past its edge is black, as
``crops.cut`` leaves it. In some a bush grows by the head of an animal that does not browse: if leaves only ever stood
before animals that eat them, leaves alone would tell Browse. In some the animal is far away: these are enlarged from
smaller pictures, of which all frames of the footage were encoded and not only the clip's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.boxes import FloatArray, centre
from pipeline.simulate import sensor
from pipeline.simulate.codec import through_h264
from pipeline.simulate.edge import Edge, draw
from pipeline.simulate.examples import (
    AHEAD,
    CRF,
    RATE,
    SENSORS,
    aimed,
    aside,
    beside_leaves,
    camera_at,
    scene,
    screened,
    sensors,
)
from pipeline.simulate.pinhole import View
from pipeline.simulate.render import Animal, Stage, frame
from pipeline.simulate.scene import prepare
from pipeline.simulate.schedule import BEHAVIOURS
from pipeline.simulate.skeleton import middle_of_head
from pipeline.simulate.truth import LEAST_VISIBLE, OCCLUDED, headless
from pipeline.types import BoolArray, Image, IntArray

BESIDE = 0.6  # share of the clips of an animal that stands and does not browse, by whose head a bush grows
BY_LEAVES = ("Graze", "Head Up", "Auto-Groom")  # what it does then
HIDDEN = 0.14  # share of clips for which something is put between camera and animal
FOLLOW_S = 0.5  # over which the picture's middle follows the animal
STEADY = 3  # frames of the clip over which it follows the animal's box
DRIFT_M = 0.4  # of the drone, each moment, before that is averaged over a second
FILL = (0.16, 0.95)  # share of the picture's width or height that the animal fills, evenly on a logarithmic scale
CLOSE = (0.3, 0.95)  # the same, after small animals were enlarged
AFAR = 0.35  # share of the clips that are of an animal far away
AFAR_SIDE = 2 / 3  # sides of their pictures against those of the others, before they are enlarged
AFAR_FILL = (0.12, 0.5)  # of those pictures, as FILL
EVERY = (1, 2)  # moments from frame to frame of their footage
LEAD = 12  # most frames of it before the clip


@dataclass(frozen=True)
class Clip:
    """Frames [T, H, W, 3] that follow an animal, its behaviour at their middle and in each of them [T], its species,
    and where its ``skeleton.LANDMARKS`` are in them, seen or not: pixels [T, 8, 2].
    """

    images: Image
    behaviour: str
    moments: tuple[str, ...]
    species: str
    landmarks: FloatArray


def clips(seed: int, count: int, frames: int, interval_s: float, width: int, height: int) -> Iterator[Clip]:
    """``count`` clips of one random scene, each of ``frames`` frames every ``interval_s``.

    numpy pads seeds with zeros, so that ``[seed, 1]`` here is the stream of the scene's builds (``scene.stream``), and
    3, 4 and 5 with a clip's number are those of its herd, coats and ground. Kept: models were trained on these bytes.
    10 and 11, which no scene has, are of animals far away, 12 of bushes by their heads.
    """
    rng = np.random.default_rng([seed, 1])
    take = prepare(scene(rng), seed)
    near = _Filming(width, height, FILL, sensors(rng, width, height))
    less_wide, less_high = round(AFAR_SIDE * width), round(AFAR_SIDE * height)
    cameras = sensors(np.random.default_rng([seed, 11]), less_wide, less_high)
    afar = _Filming(less_wide, less_high, AFAR_FILL, cameras)
    steps = np.rint(np.arange(frames) * interval_s * RATE).astype(np.int64)
    for number in range(count):
        k, start = _moment(take.stage, rng, int(steps[-1]))
        edge, own = draw(np.random.default_rng([seed, 5, number])), np.random.default_rng([seed, 10, number])
        crf, far = int(np.random.default_rng([seed, 4, number]).integers(*CRF)), own.random() < AFAR
        filming, film = (afar, _film(start + steps, own)) if far else (near, start + steps)
        done = np.array(BEHAVIOURS)[take.stage.animals[k].poses.behaviour[start + steps]]
        stage, leaves = take.stage, np.random.default_rng([seed, 12, number])
        if leaves.random() < BESIDE and np.isin(done, BY_LEAVES).all():
            stage = beside_leaves(stage, stage.animals[k], int(start + steps[frames // 2]), leaves)
        shot = _shot(stage, k, film, edge, filming, rng)
        images, visible = _filmed(shot, k, filming.cameras[int(rng.integers(SENSORS))], rng)
        kept = np.searchsorted(film, start + steps)
        stored = through_h264(images, crf, ahead=far and own.random() < AHEAD)[kept]
        stored[shot.past[kept]] = 0
        landmarks = landmarks_in(shot.views, shot.stage.animals[k], shot.moments)[kept]
        behaviour, moments = told(done, _heads(landmarks, shot.past[kept]), visible[kept])
        clip = Clip(stored, behaviour, moments, take.species[k], landmarks)
        yield enlarged(clip, shot.parts[kept], np.random.default_rng([seed, 3, number]), width, height)


def told(done: NDArray[np.str_], head_inside: BoolArray, visible: FloatArray) -> tuple[str, tuple[str, ...]]:
    """What a clip shows at its middle and in each of its frames, where an animal's behaviours are ``done`` [T]:
    that, or ``Occluded`` where too little is ``visible`` [T] of it or its head is not in the picture [T] that tells.
    """
    half = len(done) // 2
    words = np.where(headless(done, head_inside), OCCLUDED, done)
    hidden = visible[half - 1 : half + 1].mean() < LEAST_VISIBLE
    shown = np.where(visible < LEAST_VISIBLE, OCCLUDED, words)
    return str(OCCLUDED if hidden else words[half]), tuple(map(str, shown))


@dataclass(frozen=True)
class _Filming:
    """Pictures of ``width`` x ``height`` px of which an animal is to fill a share drawn from ``fill``."""

    width: int
    height: int
    fill: tuple[float, float]
    cameras: list[sensor.Sensor]


def _heads(landmarks: FloatArray, past: BoolArray) -> BoolArray:
    """In which frames [T] the middle of the head is in the picture, and in the footage (``past`` [T, H, W] is not)."""
    column, row = np.floor(middle_of_head(landmarks)).astype(np.int64).T
    height, width = past.shape[1:]
    there = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    beyond = past[np.arange(len(past)), np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)]
    return np.asarray(there & ~beyond, dtype=bool)


def _film(moments: IntArray, rng: np.random.Generator) -> IntArray:
    """The moments of footage that has those of a clip among its frames and began before it."""
    every, lead = int(rng.choice(EVERY)), int(rng.integers(LEAD + 1))
    first = max(int(moments[0]) - lead * every, 0)
    return np.union1d(np.arange(first, int(moments[-1]), every), moments)


def _filmed(shot: "_Shot", k: int, camera: sensor.Sensor, rng: np.random.Generator) -> tuple[Image, FloatArray]:
    """The camera's pictures [T, H, W, 3] of a shot, and how much of animal ``k`` is to be seen in each [T]."""
    images, seen = [], []
    for step, moment in enumerate(shot.moments.tolist()):
        image, drawn = frame(shot.stage, shot.views[step], moment, step, moment / RATE)
        images.append(camera.expose(image, shot.before[step], shot.views[step], rng))
        seen.append(float(drawn.visible[drawn.animal == k].sum()))
    return np.stack(images), np.array(seen)


def enlarged(clip: Clip, boxes: FloatArray, rng: np.random.Generator, width: int, height: int) -> Clip:
    """A clip of ``width`` x ``height`` px; an animal, in ``boxes`` [T, 4], that is small is cut out and enlarged, as
    mini-scenes of far animals are (``miniscene.enlarge``).

    The part is the same in all frames; the animal then fills a share of it drawn from ``CLOSE``.
    """
    size = np.array(clip.images.shape[2:0:-1])
    fill = float(((boxes[:, 2:] - boxes[:, :2]).max(axis=0) / size).max())
    share = min(1.0, fill / float(np.exp(rng.uniform(*np.log(CLOSE)))))  # of the picture that is kept
    if share == 1 and (width, height) == tuple(size):
        return clip
    side = np.maximum(np.rint(size * share), 8)
    corner = np.rint(np.clip(np.median(centre(boxes), axis=0) - side / 2, 0, size - side)).astype(np.int64)
    (left, top), (right, bottom) = corner, corner + side.astype(np.int64)
    parts = clip.images[:, top:bottom, left:right]
    images = np.stack([cv2.resize(part, (width, height), interpolation=cv2.INTER_LINEAR) for part in parts])
    return replace(clip, images=images, landmarks=(clip.landmarks - corner) * [width, height] / side)


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
    """A clip about to be rendered: ``before`` are the views a frame of the footage earlier, for the motion blur, and
    ``past`` the pixels [T, H, W] that are not in the footage; ``parts`` are the boxes [T, 4] of what is in it.
    """

    stage: Stage
    moments: IntArray
    views: list[View]
    before: list[View]
    parts: FloatArray
    past: BoolArray


def _shot(stage: Stage, k: int, moments: IntArray, edge: Edge, filming: _Filming, rng: np.random.Generator) -> _Shot:
    """Views that follow an animal, or what of it is in the footage, with something before it now and then."""
    animal, width, height = stage.animals[k], filming.width, filming.height
    place = animal.poses.trunk[int(moments[len(moments) // 2])]
    camera = camera_at(place, rng, 100.0, animal.length_m, width, height)
    if rng.random() < HIDDEN:
        stage = screened(stage, animal, place, camera, rng)
    path = _smooth(animal.poses.trunk, round(FOLLOW_S * RATE))
    aims = [aimed(camera, path[moment]) for moment in moments.tolist()]
    boxes = np.array([_box(animal, moment, view) for moment, view in zip(moments.tolist(), aims, strict=True)])
    places = edge.places(boxes, np.array([view.project(place)[0] for view in aims]))
    parts = edge.parts(boxes, places)
    size = (parts[:, 2:] - parts[:, :2]).max(axis=0) / [width, height]
    zoom = float(np.exp(rng.uniform(*np.log(filming.fill)))) / max(float(size.max()), 1e-6)
    half = np.array([width, height]) / 2
    off = zoom * (_smooth(centre(parts), STEADY) - half) + rng.normal(0, 0.04 * width, 2)
    shift = (zoom - 1) * half + off  # what was seen at a pixel is now at zoom * pixel - shift
    drift = _smooth(rng.normal(0, DRIFT_M, (len(path), 3)), RATE)
    turned = _Turned(replace(camera, focal_px=camera.focal_px * zoom), path, drift, off)
    return _Shot(
        stage,
        moments,
        turned.views(moments),
        turned.views(np.maximum(moments - 1, 0)),
        zoom * parts - np.tile(shift, 2),
        edge.past(zoom * places - shift[:, edge.axis], width, height),
    )


@dataclass(frozen=True)
class _Turned:
    """A camera that drifts by ``drift`` [N, 3] metres, and at a clip's T moments is turned to a ``path`` [N, 3] and
    from there by ``off`` [T, 2] pixels.
    """

    camera: View
    path: FloatArray
    drift: FloatArray
    off: FloatArray

    def views(self, moments: IntArray) -> list[View]:
        """The views at moments [T]."""
        places = [replace(self.camera, position=self.camera.position + self.drift[m]) for m in moments.tolist()]
        turned = [aimed(view, self.path[m]) for view, m in zip(places, moments.tolist(), strict=True)]
        return [aside(view, off) for view, off in zip(turned, self.off, strict=True)]


def landmarks_in(views: Sequence[View], animal: Animal, moments: IntArray) -> FloatArray:
    """Pixels [T, 8, 2] of an animal's ``skeleton.LANDMARKS`` at T moments of its poses, seen or not."""
    skeleton = animal.bodies[0].skeleton
    places = [skeleton.landmarks(animal.poses, moment) for moment in moments.tolist()]
    return np.stack([view.project(place)[0] for view, place in zip(views, places, strict=True)])


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
