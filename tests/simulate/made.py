"""A film of squares whose truth one can do in one's head: 20 frames at 10 frames/s, 640 x 360 px.

::

    animal 0, plains_zebra   box 100 100 140 140 in all frames; grazes, walks from frame 10 on
    animal 1, giraffe        box 300+5k 100 350+5k 180 in frame k; browses; hidden (visible 0.1) in frames 5..9
    animal 2, impala         in the picture from frame 15 on: box 0 200 20 240, a quarter of it (inside 0.25); runs

In the world every animal goes 0.1 m east a frame (1 m/s) and faces north.
"""

from pathlib import Path

import cv2
import numpy as np

from pipeline.geodesy import Origin
from pipeline.simulate.pinhole import View
from pipeline.simulate.poses import Poses
from pipeline.simulate.truth import Filmed, Shown
from pipeline.video.encode import VideoWriter

FRAMES, WIDTH, HEIGHT, STEP_S = 20, 640, 360, 0.1
SPECIES = ["plains_zebra", "giraffe", "impala"]
WALK, GRAZE, BROWSE, RUN = 0, 1, 2, 6
ORIGIN = Origin(0.0, 37.0, 0.0)


def poses(behaviour: list[int], at: tuple[float, float] = (0.0, 0.0), step_s: float = STEP_S) -> Poses:
    """An animal that glides east at 1 m/s, facing north, its trunk 1 m above the ground."""
    n = len(behaviour)
    time_s = np.arange(n) * step_s
    trunk = np.column_stack([at[0] + time_s, np.full(n, at[1]), np.ones(n)])
    turn = np.column_stack([np.full(n, np.pi / 2), np.zeros(n), np.zeros(n)])
    flat = np.zeros((n, 2))
    feet, planted, folded = np.zeros((n, 4, 3)), np.ones((n, 4), dtype=bool), np.zeros((n, 4))
    return Poses(time_s, trunk, turn, flat, flat, flat, feet, planted, folded, np.array(behaviour, dtype=np.int64))


def shown(frame: int) -> Shown:
    """What frame ``frame`` shows."""
    boxes = [[100, 100, 140, 140], [300 + 5 * frame, 100, 350 + 5 * frame, 180], [0, 200, 20, 240]]
    visible, inside = [1.0, 0.1 if 5 <= frame < 10 else 1.0, 1.0], [1.0, 1.0, 0.25]
    n = 3 if frame >= 15 else 2
    heads = np.array([True, True, False])
    told = np.array(boxes[:n], dtype=np.float64), np.array(visible[:n]), np.array(inside[:n]), heads[:n]
    return Shown(frame, frame * STEP_S, np.arange(n), *told)


def filmed() -> Filmed:
    """The film as drawn above."""
    does = [[GRAZE] * 10 + [WALK] * 10, [BROWSE] * FRAMES, [RUN] * FRAMES]
    view = View(np.array([0.0, -30.0, 20.0]), np.pi / 2, -np.pi / 6, 0.0, 1000.0, WIDTH, HEIGHT)
    herd = [poses(words, (10.0 * k, 5.0)) for k, words in enumerate(does)]
    return Filmed("squares.mp4", SPECIES, herd, [view] * FRAMES, [shown(k) for k in range(FRAMES)], ORIGIN)


def draw(folder: Path, film: Filmed) -> Path:
    """The film as a video: filled boxes on grey noise."""
    view = film.views[0]
    ground = np.random.default_rng(0).integers(90, 130, (view.height, view.width, 3)).astype(np.uint8)
    ground = cv2.GaussianBlur(ground, (0, 0), 2.0)
    with VideoWriter(folder / film.video, view.width, view.height) as writer:
        for moment in film.shown:
            picture = ground.copy()
            for x1, y1, x2, y2 in moment.boxes.astype(int).tolist():
                cv2.rectangle(picture, (x1, y1), (x2 - 1, y2 - 1), (40, 30, 20), -1)
            writer.write(picture, moment.time_s)
    return folder / film.video
