"""The motion detector: discs of known paths over a textured ground."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from pipeline.boxes import centre
from pipeline.detectors.background import background
from pipeline.detectors.samples import Samples
from pipeline.types import Detections, Image, Video, VideoInfo
from pipeline.video.frames import ArrayFrame, Footage

Configured = Callable[..., Any]
Point = tuple[float, float]

HEIGHT, WIDTH, RADIUS = 180, 240, 12
INFO = VideoInfo(WIDTH, HEIGHT, None, None, "", "", 0, False)


def ground(height: int = HEIGHT, width: int = WIDTH) -> Image:
    grain = np.random.default_rng(0).normal(size=(height // 4, width // 4)).astype(np.float32)
    smooth = cv2.resize(grain, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(130 + 15 * smooth, 0, 255).astype(np.uint8)


def scene(discs: Sequence[Sequence[Point]], grey: int = 30, noise: float = 2.0) -> list[ArrayFrame]:
    """One frame per entry; each entry holds the centres of the discs in that frame."""
    bare, grain = ground(), np.random.default_rng(1)
    frames = []
    for k, centres in enumerate(discs):
        picture = bare.copy()
        for x, y in centres:
            cv2.circle(picture, (round(x), round(y)), RADIUS, grey, -1, cv2.LINE_AA)
        picture = np.clip(picture + grain.normal(0, noise, picture.shape), 0, 255).astype(np.uint8)
        frames.append(ArrayFrame(k, k / 10, np.repeat(picture[:, :, None], 3, axis=2)))
    return frames


def found(detector: Any, frames: Sequence[ArrayFrame], matrices: np.ndarray | None = None) -> list[Detections]:
    """Both passes over a video."""
    matrices = np.broadcast_to(np.eye(3), (len(frames), 3, 3)) if matrices is None else matrices
    height, width = frames[0].image.shape[:2]
    detector.begin(Video("v", Path("v.mp4")), VideoInfo(width, height, None, None, "", "", 0, False))
    for frame, matrix in zip(frames, matrices, strict=True):
        detector.preview(frame, matrix)
    return [detector.detect([frame], matrix[None])[0] for frame, matrix in zip(frames, matrices, strict=True)]


def assert_at(answers: Sequence[Detections], discs: Sequence[Sequence[Point]], within_px: float) -> None:
    """Exactly one box on every disc and none elsewhere, in every frame."""
    for k, (boxes, centres) in enumerate(zip(answers, discs, strict=True)):
        middles, wanted = centre(boxes.xyxy), np.array(centres).reshape(-1, 2)
        assert len(middles) == len(wanted), f"frame {k}: {len(middles)} boxes, {len(wanted)} discs"
        away = np.hypot(*(middles[:, None] - wanted[None]).transpose(2, 0, 1)).reshape(len(middles), len(wanted))
        assert (away.min(axis=0, initial=99) < within_px).all(), f"frame {k}: {away.round(1).tolist()}"


def walk(n: int, start: Point, step: Point) -> list[Point]:
    return [(start[0] + k * step[0], start[1] + k * step[1]) for k in range(n)]


RESTS = [(60.0, 90.0)] * 42 + walk(18, (60, 90), (7, 0))  # 70 % of the time in one place
RETURNS = walk(12, (180, 40), (-10, 4)) + [(60.0, 88.0)] * 48  # comes, then rests to the end

SCENES = [
    pytest.param([[]] * 20, id="empty: nothing ever moves"),
    pytest.param([[p] for p in walk(40, (30, 60), (4, 1))], id="one disc, always moving"),
    pytest.param([[p] for p in RESTS], id="rests for 70 % of the time, then leaves: no ghost, never lost"),
    pytest.param([[p] for p in RETURNS], id="comes and rests for 80 % of the time"),
    pytest.param([[p, q] for p, q in zip(RESTS, walk(60, (200, 30), (-2, 2)), strict=True)], id="one rests, one moves"),
    pytest.param([[]] * 20 + [[p] for p in walk(20, (20, 90), (10, 0))], id="empty at first"),
]


@pytest.mark.parametrize("discs", SCENES)
@pytest.mark.parametrize("grey", [30, 240])
def test_every_disc_is_found_all_the_time(configured: Configured, discs: list[list[Point]], grey: int) -> None:
    assert_at(found(configured("detector", "motion"), scene(discs, grey)), discs, within_px=3)


def test_boxes_and_scores(configured: Configured) -> None:
    discs = [[p] for p in walk(40, (30, 60), (4, 1))]
    for boxes in found(configured("detector", "motion", species="vole"), scene(discs)):
        assert boxes.species.tolist() == ["vole"]
        assert 0.5 < boxes.score[0] <= 1
        sides = boxes.xyxy[0, 2:] - boxes.xyxy[0, :2]
        assert np.abs(sides - (2 * RADIUS + 1)).max() <= 3


def test_source_pixels_when_reduced(configured: Configured) -> None:
    discs = [[p] for p in walk(40, (30, 60), (4, 1))]
    large = [
        ArrayFrame(f.index, f.time_s, cv2.resize(f.image, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC))
        for f in scene(discs)
    ]
    answers = found(configured("detector", "motion", width_px=WIDTH), large)
    assert_at(answers, [[(2 * x + 0.5, 2 * y + 0.5) for x, y in centres] for centres in discs], within_px=6)


def test_two_that_touch_stay_two(configured: Configured) -> None:
    left = walk(20, (40, 90), (3, 0)) + [(97.0, 90.0)] * 30
    right = walk(20, (180, 90), (-3, 0)) + [(120.0, 90.0)] * 30  # 23 px apart: the discs are 25 px wide
    discs = [[p, q] for p, q in zip(left, right, strict=True)]
    assert_at(found(configured("detector", "motion"), scene(discs)), discs, within_px=4)


def test_a_moving_camera(configured: Configured) -> None:
    large, k = ground(HEIGHT + 80, WIDTH + 120), np.arange(40)
    offsets = np.column_stack([2 * k, k])
    places = [(60.0 + 3.5 * i, 110.0 + 0.5 * i) for i in k]  # on the ground
    frames, matrices = [], np.tile(np.eye(3), (40, 1, 1))
    for i, (x, y) in enumerate(offsets):
        picture = large.copy()
        cv2.circle(picture, (round(places[i][0]), round(places[i][1])), RADIUS, 20, -1, cv2.LINE_AA)
        frames.append(ArrayFrame(i, i / 10, np.repeat(picture[y : y + HEIGHT, x : x + WIDTH, None], 3, axis=2)))
        matrices[i, :2, 2] = x, y
    wanted = [[(px - x, py - y)] for (px, py), (x, y) in zip(places, offsets, strict=True)]
    assert_at(found(configured("detector", "motion"), frames, matrices), wanted, within_px=3)


@pytest.mark.parametrize("n", [1, 2, 4])
def test_too_few_frames_tell_no_ground(configured: Configured, n: int) -> None:
    frames = scene([[p] for p in walk(n, (30, 60), (20, 0))])
    assert [len(boxes) for boxes in found(configured("detector", "motion"), frames)] == [0] * n


def test_nothing_previewed_finds_nothing(configured: Configured) -> None:
    detector = configured("detector", "motion")
    detector.begin(Video("v", Path("v.mp4")), INFO)
    assert len(detector.detect(scene([[(50, 50)]]), np.eye(3)[None])[0]) == 0
    assert detector.detect([], np.zeros((0, 3, 3))) == []


def test_a_change_of_light_is_no_animal(configured: Configured) -> None:
    discs = [[p] for p in walk(40, (30, 60), (4, 1))]
    frames = [
        ArrayFrame(f.index, f.time_s, np.clip(f.image * (1 - 0.3 * (f.index % 2)), 0, 255).astype(np.uint8))
        for f in scene(discs)
    ]
    assert_at(found(configured("detector", "motion"), frames), discs, within_px=3)


def test_begin_forgets_the_last_video(configured: Configured) -> None:
    detector = configured("detector", "motion")
    first = scene([[p] for p in walk(40, (30, 60), (4, 1))])
    once, other, again = found(detector, first), found(detector, scene([[]] * 20)), found(detector, first)
    assert sum(map(len, other)) == 0
    for before, after in zip(once, again, strict=True):
        assert np.array_equal(before.xyxy, after.xyxy)
        assert np.array_equal(before.score, after.score)


@pytest.mark.parametrize("n", [0, 1, 7, 10, 11, 100, 1000])
def test_samples_stay_few_and_evenly_spread(n: int) -> None:
    samples = Samples(10)
    for k in range(n):
        if samples.offer():
            samples.add(np.full((1, 1), k % 256, np.uint8), np.eye(3) * k)
    numbers = [int(matrix[0, 0]) for matrix in samples.to_reference]
    assert len(numbers) == len(samples.pictures) <= 10
    assert len(numbers) >= min(n, 5)
    assert len({b - a for a, b in pairwise(numbers)}) <= 1


def test_ground_that_was_seen_too_seldom_is_not_known() -> None:
    samples, large = Samples(60), ground(HEIGHT, 2 * WIDTH)
    for k in range(20):
        x = 6 * k  # a column c is seen while 6 k <= c < 6 k + 240: five times where 24 <= c < 330
        picture = large.copy()
        cv2.circle(picture, (40 + 12 * k, 90), RADIUS, 20, -1)
        matrix = np.eye(3)
        matrix[0, 2] = x
        samples.add(picture[:, x : x + WIDTH].copy(), matrix)
    told = background(samples, sensitivity=6.0, least_px=20)
    assert told is not None
    assert told.level.shape == (HEIGHT, WIDTH + 114)
    assert np.flatnonzero(told.known[90]).tolist() == list(range(24, 330))
    assert np.flatnonzero(told.difference(np.zeros_like(told.level))[90]).tolist() == list(range(24, 330))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"period_s": -1.0}, "period_s must be >= 0, got -1.0"),
        ({"width_px": 10}, "width_px must be >= 32, got 10"),
        ({"samples": 5}, "samples must be >= 10, got 5: fewer frames do not tell ground from animals"),
        ({"sensitivity": 0.0}, "sensitivity must be > 0, got 0.0"),
        ({"min_area": 0.6}, "0 <= min_area < max_area <= 1 must hold, got 0.6 and 0.5"),
        ({"hold_s": -1.0}, "hold_s must be >= 0, got -1.0"),
        ({"species": ""}, "species must be a name, got ''"),
    ],
)
def test_settings_are_checked(configured: Configured, change: dict[str, Any], says: str) -> None:
    with pytest.raises(Exception, match=says):
        configured("detector", "motion", **change)


def truth(path: Path) -> dict[int, np.ndarray]:
    """Centres by frame; rows without size are animals whose key points were not seen."""
    rows = np.loadtxt(path, delimiter=",")
    rows = rows[(rows[:, 4] > 0) & (rows[:, 5] > 0)]
    return {int(f) - 1: rows[rows[:, 0] == f, 2:4] + rows[rows[:, 0] == f, 4:6] / 2 for f in np.unique(rows[:, 0])}


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "within_px", "recall", "precision"),
    [
        # within one median length (longer side) of the truth's boxes
        pytest.param("mice", 42, 0.95, 0.95),
        pytest.param("flies", 94, 0.98, 0.98),
    ],
)
def test_real_animals_that_rest_are_found(
    configured: Configured, real: Path, name: str, within_px: float, recall: float, precision: float
) -> None:
    footage = Footage(Video(name, real / "video" / f"{name}_overhead.mp4"))
    detector, still = configured("detector", "motion"), np.eye(3)
    detector.begin(footage.video, footage.info)
    for frame in footage.frames():
        detector.preview(frame, still)
    wanted = truth(real / "truth" / f"{name}_overhead.mot.txt")
    most = max(map(len, wanted.values()))
    hits, animals, true, boxes = 0, 0, 0, 0
    for frame in footage.frames():
        middles, centres = centre(detector.detect([frame], still[None])[0].xyxy), wanted.get(frame.index)
        if frame.index % 5 or centres is None:
            continue
        away = np.hypot(*(middles[:, None] - centres[None]).transpose(2, 0, 1)).reshape(len(middles), len(centres))
        pairs = linear_sum_assignment(np.where(away <= within_px, away, 1e6))
        matched = int((away[pairs] <= within_px).sum())
        hits, animals = hits + matched, animals + len(centres)
        if len(centres) == most:  # else a box may be right and the truth incomplete
            true, boxes = true + matched, boxes + len(middles)
    assert hits / animals >= recall
    assert true / boxes >= precision
