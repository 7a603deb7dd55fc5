import json
import os
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline import tables
from pipeline.errors import UsageError
from pipeline.miniscenes import mini_scenes
from pipeline.types import Window
from pipeline.windows import plan
from tests.test_miniscenes import track

STATIONARY, WALK, RUN = range(3)


def window(speed=0.0, frames=13, interval_s=1 / 6, length_px=100.0, jitter_px=0.0, seed=0, times=None):
    """An animal of 100 x 60 px that goes right at ``speed`` body lengths/s."""
    times = np.arange(frames) * interval_s if times is None else np.asarray(times, dtype=float)
    x = times * speed * length_px
    boxes = np.column_stack([x, 0 * x, x + 100, 0 * x + 60])
    boxes += np.random.default_rng(seed).normal(0, jitter_px, boxes.shape)
    numbers = np.arange(len(times))
    return Window(1, numbers, times, boxes * 7, boxes, length_px, 0, len(times))


def test_no_window(configured):
    assert configured("recognizer", "kinematic").score([]).shape == (0, 3)


def test_the_card_names_three_behaviours_and_a_window_of_two_seconds(configured):
    recognizer = configured("recognizer", "kinematic")
    assert recognizer.card.behaviours == ("stationary", "walk", "run")
    assert recognizer.card.clip.span_s == pytest.approx(2.0, abs=1e-4)
    assert not recognizer.reads_pixels


@pytest.mark.parametrize(
    ("speed", "expected"),
    [
        (0.0, STATIONARY),
        (0.03, STATIONARY),
        (0.25, WALK),
        (0.6, WALK),
        (2.0, RUN),
        (8.0, RUN),
    ],
)
@pytest.mark.parametrize("jitter_px", [0.0, 1.0])  # 1 px: 1 % of the body
def test_gaits(configured, speed, expected, jitter_px):
    windows = [window(speed, jitter_px=jitter_px, seed=seed) for seed in range(20)]
    scores = configured("recognizer", "kinematic").score(windows)
    assert scores.sum(axis=1) == pytest.approx(np.ones(20))
    assert (scores.argmax(axis=1) == expected).all()


def test_confidence_is_even_at_a_threshold_and_grows_with_distance(configured):
    recognizer = configured("recognizer", "kinematic")
    at, above, far = recognizer.score([window(0.1), window(0.1 * np.exp(0.7)), window(0.32)])
    assert at[STATIONARY] == pytest.approx(0.5, abs=1e-6)
    assert above[STATIONARY] == pytest.approx(0.119, abs=0.001)  # two widths above: 1 / (1 + e^2)
    assert far[WALK] > 0.9


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (0.0, False),  # an animal that stands in the picture of a camera that may be following it
        (6 / 13, False),
        (0.5, True),
        (1.0, True),
    ],
)
def test_where_the_cameras_motion_is_mostly_unknown_nothing_is_stationary(configured, known, told):
    scores = configured("recognizer", "kinematic").score([replace(window(0.0), known=known), window(0.0)])
    assert scores.sum(axis=1) == pytest.approx([float(told), 1.0])
    assert scores[1].argmax() == STATIONARY


def test_what_cannot_be_told_has_no_score(configured):
    assert configured("recognizer", "kinematic").score([window(frames=1)]).tolist() == [[0, 0, 0]]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"walk_above": 2.0}, "0 < walk_above < run_above must hold, got 2.0 and 1.0"),
        ({"walk_above": 0.0}, "0 < walk_above < run_above must hold, got 0.0 and 1.0"),
        ({"width": 0.0}, "width must be > 0, got 0.0"),
        ({"step_s": 0.0}, "step_s must be > 0, got 0.0"),
        ({"batch": 0}, "batch must be >= 1, got 0"),
    ],
)
def test_settings_say_what_is_wrong(configured, changes, message):
    with pytest.raises(UsageError, match=message):
        configured("recognizer", "kinematic", **changes)


REAL = Path(os.environ.get("ETHOPIPE_REAL", "/nowhere"))
needs_real = pytest.mark.skipif(not REAL.is_dir(), reason="ETHOPIPE_REAL does not name the real footage")


def seen(configured, rows):
    """Windows of given tracks and their scores."""
    recognizer = configured("recognizer", "kinematic")
    scenes = mini_scenes(rows, configured("miniscene"))
    windows = plan(scenes, tables.CAMERA.empty(), recognizer.card.clip, configured("window", stride_s=0.2))
    return windows, recognizer.score(windows)


@pytest.mark.real
@needs_real
def test_labelled_deer_move_and_stand(configured):
    """MammAlps: a ground camera; windows of which 90 % carry one label. Deer cut by the frame's edge look slower."""
    found = json.loads((REAL / "labels" / "mammalps_two_deer.json").read_text())["frames"]
    boxes = pd.DataFrame(
        [
            (each["track_id"], frame["frame_id"], each["attributes"]["action"], *each["bbox"])
            for frame in found
            for each in frame["detections"]
        ],
        columns=["track", "frame", "action", "x1", "y1", "x2", "y2"],
    )
    rows = boxes.assign(time_s=boxes["frame"] / 30, score=1.0, species="red deer", observed=True)
    windows, scores = seen(configured, tables.TRACKS.cast(rows))
    right, whole = [], []
    for made, score in zip(windows, scores, strict=True):
        inside = boxes[(boxes["track"] == made.track) & boxes["frame"].between(made.start_frame, made.stop_frame - 1)]
        share = inside["action"].value_counts(normalize=True)
        if share.iloc[0] >= 0.9 and share.index[0] != "unknown":
            right.append((score.argmax() != STATIONARY) == (share.index[0] == "walking"))
            whole.append((made.boxes[:, 0] > 1).all() and (made.boxes[:, 2] < 1915).all())  # of 1920 px
    assert (len(right), sum(right)) == (63, 53)
    assert (sum(whole), np.array(right)[np.array(whole)].mean()) == (31, 1.0)


@pytest.mark.real
@needs_real
def test_a_labelled_zebra_walks(configured):
    """KABR's fixture has 0.67 s and no picture to take the drone's motion from: track 1 goes 0.18 body lengths/s."""
    root = ET.parse(REAL / "kabr_fixture" / "DJI_0068_tracks.xml").getroot()
    shapes = next(shape for shape in root.iter("track") if shape.get("id") == "1")
    boxes = [[float(box.get(edge)) for edge in ("xtl", "ytl", "xbr", "ybr")] for box in shapes.iter("box")]
    windows, scores = seen(configured, track(boxes, fps=29.97))
    assert [made.repeated for made in windows] == [True]
    assert scores.argmax(axis=1).tolist() == [WALK]
