import numpy as np
import pandas as pd
import pytest

from pipeline import tables
from pipeline.errors import UsageError
from pipeline.miniscenes import CROP, MARGIN, fitted, mini_scenes
from pipeline.tables import BOX


def track(boxes, number=1, frames=None, fps=30.0, times=None):
    """A track from boxes [n, 4]."""
    boxes = np.asarray(boxes, dtype=float).reshape(-1, 4)
    frames = np.arange(len(boxes)) if frames is None else np.asarray(frames)
    times = frames / fps if times is None else times
    data = {"track": number, "frame": frames, "time_s": times, **dict(zip(BOX, boxes.T, strict=True))}
    return tables.TRACKS.cast(pd.DataFrame(data).assign(score=1.0, species="zebra", observed=True))


def still(n, box=(960, 540, 1060, 600)):
    return [box] * n


def sides(scenes):
    return (scenes["right"] - scenes["left"]).to_numpy(), (scenes["bottom"] - scenes["top"]).to_numpy()


def test_no_track_gives_no_mini_scene(configured):
    scenes = mini_scenes(tables.TRACKS.empty(), configured("miniscene"))
    assert len(scenes) == 0
    assert {"segment", *CROP} <= set(scenes.columns)


def test_one_box_is_in_the_middle_of_400_by_300(configured):
    scenes = mini_scenes(track(still(1)), configured("miniscene"))
    assert scenes[CROP].to_numpy().tolist() == [[810, 420, 1210, 720]]


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((0, 0, 100, 60), (400, 300)),  # smaller than the window: shown at the footage's own resolution
        ((0, 0, 400, 60), (520, 390)),  # 400 * (1 + 2 * 0.15) wide, its height follows
        ((0, 0, 60, 300), (520, 390)),  # 300 * 1.3 high, its width follows
        ((0, 0, 1000, 1000), (1733, 1300)),  # the height decides
    ],
)
def test_a_larger_animal_is_zoomed_out_in_the_same_shape(configured, box, expected):
    width, height = sides(mini_scenes(track(still(9, box)), configured("miniscene")))
    assert set(zip(width, height, strict=True)) == {expected}


@pytest.mark.parametrize(
    ("given", "whole", "close", "expected"),
    [
        ({}, False, False, (MARGIN, False)),  # KABR's
        ({}, False, True, (MARGIN, True)),  # a recognizer that wants animals close
        ({}, True, False, (0.0, True)),  # the footage is a mini-scene already
        ({"margin": 0.5, "enlarge": False}, True, True, (0.5, False)),  # the user's word goes before
    ],
)
def test_what_is_left_open_is_fitted_to_detector_and_recognizer(configured, given, whole, close, expected):
    settings = fitted(configured("miniscene", **given), whole, close)
    assert (settings.margin, settings.enlarge) == expected


def test_footage_that_is_a_mini_scene_is_shown_from_edge_to_edge(configured):
    settings = fitted(configured("miniscene"), whole=True, close=False)
    scenes = mini_scenes(track(still(3, (0, 0, 280, 210))), settings)
    assert scenes[CROP].to_numpy().tolist() == [[0, 0, 280, 210]] * 3


def test_jitter_shakes_neither_zoom_nor_centre(configured):
    rng = np.random.default_rng(1)
    boxes = np.array([500, 500, 1000, 800]) + rng.normal(0, 5, (300, 4))
    scenes = mini_scenes(track(boxes), configured("miniscene"))
    width, _ = sides(scenes)
    assert np.abs(np.diff(width)).max() <= 1  # px a frame; the boxes' own width jumps by up to 20
    assert np.ptp(width[60:-60]) <= 0.02 * width.mean()
    middle = (scenes["left"] + scenes["right"]).to_numpy() / 2
    assert np.abs(np.diff(middle)).mean() < 1.0
    assert np.abs(np.diff((boxes[:, 0] + boxes[:, 2]) / 2)).mean() > 3.0  # what it would be without


def test_one_wild_box_changes_nothing(configured):
    boxes = np.array(still(90), dtype=float)
    boxes[45] = (500, 100, 1500, 1000)
    width, height = sides(mini_scenes(track(boxes), configured("miniscene")))
    assert set(zip(width, height, strict=True)) == {(400, 300)}


def test_a_growing_animal_stays_inside(configured):
    half = np.linspace(100, 600, 300)
    boxes = np.column_stack([1000 - half, 800 - half / 2, 1000 + half, 800 + half / 2])
    scenes = mini_scenes(track(boxes), configured("miniscene"))
    inside = (scenes["left"] <= scenes["x1"]) & (scenes["right"] >= scenes["x2"])
    assert inside.all()
    width, height = sides(scenes)
    assert np.abs(width / height - 4 / 3).max() < 0.005
    assert np.abs(np.diff(width)).max() <= 8  # it grows by 3.3 px a frame, on one side of its middle


def test_a_steady_walk_stays_in_the_middle_up_to_both_ends(configured):
    x = np.arange(60) * 4.0
    boxes = np.column_stack([x, x * 0, x + 100, x * 0 + 60])
    scenes = mini_scenes(track(boxes), configured("miniscene"))
    off = (scenes["left"] + scenes["right"] - scenes["x1"] - scenes["x2"]) / 2
    assert off.abs().max() <= 0.5


@pytest.mark.parametrize(
    ("frames", "times", "expected"),
    [
        ([0], [0.0], [1]),  # one
        ([0, 1, 2], [0.0, 0.1, 0.2], [1, 1, 1]),  # unbroken
        ([0, 1, 5, 6], [0.0, 0.1, 0.5, 0.6], [1, 1, 2, 2]),  # frames without a box
        ([0, 1, 2], [0.0, 0.1, 1.5], [1, 1, 2]),  # the footage itself jumps in time
        ([0, 1, 2], [0.0, 1.0, 2.0], [1, 1, 1]),  # as slow as is allowed
        ([0, 1, 2], [0.0, 0.1, 0.1], [1, 1, 1]),  # a doubled timestamp
        ([0, 1, 2], [0.0, 0.5, 0.1], [1, 1, 2]),  # time that runs back
    ],
)
def test_a_mini_scene_ends_where_its_track_is_broken(configured, frames, times, expected):
    scenes = mini_scenes(track(still(len(frames)), frames=frames, times=times), configured("miniscene"))
    assert scenes["segment"].tolist() == expected


def test_segments_are_counted_within_each_track(configured):
    both = pd.concat([track(still(3), 7, [4, 5, 9]), track(still(2), 2, [0, 1])], ignore_index=True)
    scenes = mini_scenes(both, configured("miniscene"))
    assert list(zip(scenes["track"], scenes["segment"], strict=True)) == [(2, 1), (2, 1), (7, 1), (7, 1), (7, 2)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"width_px": 8}, "width_px must be >= 16, got 8"),
        ({"margin": -0.1}, "margin must be >= 0, got -0.1"),
        ({"max_jump_s": 0.0}, "max_jump_s must be > 0, got 0.0"),
    ],
)
def test_settings_say_what_is_wrong(configured, changes, message):
    with pytest.raises(UsageError, match=message):
        configured("miniscene", **changes)
