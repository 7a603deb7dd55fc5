import logging
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from pipeline import tables
from pipeline.errors import UsageError
from pipeline.miniscenes import mini_scenes
from pipeline.recognizers.card import Clip
from pipeline.windows import plan
from tests.test_miniscenes import still, track

KABR = Clip(16, 5 / 30)
SMALL = Clip(3, 0.4)  # every 4th frame at 10 frames/s


def planned(configured, rows, clip, camera=None, **changes):
    scenes = mini_scenes(rows, configured("miniscene"))
    return plan(scenes, tables.CAMERA.empty() if camera is None else camera, clip, configured("window", **changes))


def frames_of(windows):
    return [window.frames.tolist() for window in windows]


@pytest.mark.parametrize(
    ("clip", "changes", "told"),
    [
        (KABR, {}, "windows of 16 frames, 0.167 s apart (2.5 s from first to last), one every 0.5 s"),
        (KABR, {"frames": 8, "interval_s": 0.2, "stride_s": 0.0},
         "windows of 8 frames, 0.2 s apart (1.4 s from first to last), one from every frame on"),
        (Clip(1, 0.1), {}, "windows of a single frame, one on every frame"),
        (Clip(8, 1 / 30), {}, "windows of 8 frames, 0.0333 s apart (0.233 s from first to last), one every 0.5 s, "
         "sooner where a frame would lie between two"),
    ],
)  # fmt: skip
def test_a_window_is_told_in_words(configured, clip, changes, told):
    assert configured("window", **changes).words(clip) == told


def test_no_track_gives_no_window(configured):
    assert planned(configured, tables.TRACKS.empty(), KABR) == []


def test_a_window_tells_the_detectors_word_for_its_animal(configured):
    rows = pd.concat([track(still(30)).assign(species="giraffe"), track(still(30), 2)])
    told = {(window.track, window.species) for window in planned(configured, rows, SMALL)}
    assert told == {(1, "giraffe"), (2, "zebra")}


def test_a_still_gives_one_window_of_its_one_frame(configured):
    (window,) = planned(configured, track(still(1)), SMALL)
    assert (window.frames.tolist(), window.times_s.tolist(), window.repeated) == ([0, 0, 0], [0, 0, 0], True)
    assert (window.start_frame, window.stop_frame) == (0, 1)


@pytest.mark.parametrize(
    ("rate", "step"),
    [
        (Fraction(30), 5),  # as KABR: 76 frames, 2.50 s from first to last
        (Fraction(30000, 1001), 5),
        (Fraction(60), 10),
        (Fraction(6), 1),
    ],
)
def test_kabrs_window_is_2_5_seconds_at_every_rate(configured, rate, step):
    frames = np.arange(15 * step + 1)
    rows = track(still(len(frames)), times=[round(float(k / rate), 6) for k in frames])
    (window,) = planned(configured, rows, KABR)
    assert window.frames.tolist() == list(range(0, 15 * step + 1, step))
    assert window.times_s[-1] == pytest.approx(2.5, abs=0.003)
    assert (window.start_frame, window.stop_frame, window.repeated) == (0, 15 * step + 1, False)


def test_variable_frame_rate_goes_by_timestamps(configured):
    times = [0.0, 0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.8, 0.82]
    (window,) = planned(configured, track(still(9), times=times), SMALL)
    assert window.times_s.tolist() == [0.0, 0.4, 0.8]
    assert window.frames.tolist() == [0, 6, 7]


# the drawing above windows._starts: 20 frames at 10 frames/s, stride 6 frames
@pytest.mark.parametrize(
    ("tail", "length", "expected", "repeated"),
    [
        ("drop", 20, [[0, 4, 8], [6, 10, 14]], 0),
        ("repeat_last", 20, [[0, 4, 8], [6, 10, 14], [12, 16, 19]], 1),
        ("align_last", 20, [[0, 4, 8], [6, 10, 14], [11, 15, 19]], 0),
        ("drop", 21, [[0, 4, 8], [6, 10, 14], [12, 16, 20]], 0),  # the third just fits
        ("align_last", 21, [[0, 4, 8], [6, 10, 14], [12, 16, 20]], 0),  # and nothing is left over
        ("repeat_last", 21, [[0, 4, 8], [6, 10, 14], [12, 16, 20]], 0),
        ("drop", 7, [], 0),  # shorter than a window
        ("repeat_last", 7, [[0, 4, 6]], 1),
        ("align_last", 7, [[0, 4, 6]], 1),
        ("drop", 9, [[0, 4, 8]], 0),  # exactly a window
        ("align_last", 10, [[0, 4, 8], [1, 5, 9]], 0),  # one frame more
    ],
)
def test_the_tail_of_a_mini_scene(configured, tail, length, expected, repeated):
    windows = planned(configured, track(still(length), fps=10), SMALL, stride_s=0.6, tail=tail)
    assert frames_of(windows) == expected
    whole = len(expected) - repeated
    assert [window.repeated for window in windows] == [False] * whole + [True] * repeated


@pytest.mark.parametrize("fps", [24000 / 1001, 25, 30000 / 1001, 60])
@pytest.mark.parametrize("clip", [Clip(8, 1 / 30), Clip(2, 0.4), Clip(8, 0.05)])
def test_windows_shorter_than_the_stride_leave_no_frame_between_them(configured, fps, clip):
    for length in (20, 40, 97):
        windows = planned(configured, track(still(length), fps=fps), clip, stride_s=0.5)
        seen = {frame for window in windows for frame in range(window.start_frame, window.stop_frame)}
        assert seen == set(range(max(seen) + 1))
        assert len(seen) >= length - 1  # the last sample of a whole window is within half a frame of a true one


def test_no_window_runs_over_a_gap(configured):
    frames = [*range(12), *range(20, 32)]
    windows = planned(configured, track(still(24), frames=frames, fps=10), SMALL)
    assert frames_of(windows) == [[0, 4, 8], [3, 7, 11], [20, 24, 28], [23, 27, 31]]


def test_settings_go_before_the_card(configured):
    windows = planned(configured, track(still(9), fps=10), KABR, frames=2, interval_s=0.8)
    assert frames_of(windows) == [[0, 8]]


def test_footage_that_is_too_slow_is_said_once(configured, caplog):
    with caplog.at_level(logging.WARNING):
        windows = planned(configured, track(still(11), fps=5), Clip(16, 1 / 8))
    assert frames_of(windows)[0] == [0, 1, 1, 2, 2, 3, 4, 4, 5, 6, 6, 7, 7, 8, 9, 9]
    assert not windows[0].repeated
    assert [record.getMessage() for record in caplog.records] == [
        "2 of 2 windows repeat frames: the footage has fewer than one frame every 0.125 s, the clip's interval"
    ]


def test_a_panning_camera_is_taken_out(configured):
    x = np.arange(30) * 7.0  # the picture drifts 7 px a frame; the animal stands
    rows = track(np.column_stack([500 - x, x * 0 + 100, 600 - x, x * 0 + 160]))
    camera = pd.DataFrame({"frame": range(30), "time_s": np.arange(30) / 30, "m11": 1.0, "m12": 0.0, "m13": x})
    camera = tables.CAMERA.cast(camera.assign(m21=0.0, m22=1.0, m23=0.0, known=True, inliers=100))
    (window,) = planned(configured, rows, Clip(3, 0.4), camera, tail="drop")
    assert window.steady.tolist() == [[500, 100, 600, 160]] * 3
    assert window.boxes[:, 0].tolist() == [500, 500 - 12 * 7, 500 - 24 * 7]


def test_a_zooming_camera_does_not_change_the_animals_length(configured):
    scale = np.linspace(1, 2, 30)  # the animal's picture grows as the camera comes nearer
    rows = track(np.column_stack([0 * scale, 0 * scale, 100 * scale, 60 * scale]))
    camera = pd.DataFrame({"frame": range(30), "time_s": np.arange(30) / 30, "m11": 1 / scale, "m22": 1 / scale})
    camera = tables.CAMERA.cast(camera.assign(m12=0.0, m13=0.0, m21=0.0, m23=0.0, known=True, inliers=100))
    (window,) = planned(configured, rows, Clip(3, 0.4), camera, tail="drop")
    assert window.length_px == pytest.approx(100, abs=0.1)


def test_body_length_is_the_90th_percentile_of_the_detected_boxes(configured):
    lengths = [*range(101, 202), 5000]
    rows = track([(0, 0, length, 50) for length in lengths])
    rows["observed"] = rows["x2"] < 5000  # the interpolated box is no measurement
    windows = planned(configured, rows, SMALL)
    assert {window.length_px for window in windows} == {191.0}


def test_places_on_the_ground_go_with_their_frames(configured):
    rows = track([(0, 0, length, 50) for length in range(101, 202)])
    rows["observed"] = rows["frame"] != 100
    ground = rows[["track", "frame"]].assign(x_m=rows["frame"] * 0.1, y_m=5.0, pixel_m=0.02).drop(index=[0, 12])
    scenes, settings = mini_scenes(rows, configured("miniscene")), configured("window")
    first = plan(scenes, tables.CAMERA.empty(), SMALL, settings, ground)[0]
    np.testing.assert_allclose(first.ground, [[np.nan, np.nan], [np.nan, np.nan], [2.4, 5.0]])
    assert first.length_m == pytest.approx(0.02 * np.percentile([*range(102, 113), *range(114, 201)], 90))
    (nowhere,) = {window.length_m for window in plan(scenes, tables.CAMERA.empty(), SMALL, settings, ground[:0])}
    assert np.isnan(nowhere)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"frames": 0}, "frames must be >= 1 or null, got 0"),
        ({"interval_s": 0.0}, "interval_s must be > 0 or null, got 0.0"),
        ({"stride_s": -1}, "stride_s must be >= 0 .0: every frame., got -1"),
    ],
)
def test_settings_say_what_is_wrong(configured, changes, message):
    with pytest.raises(UsageError, match=message):
        configured("window", **changes)


def test_a_stride_of_zero_looks_at_every_frame(configured):
    """Labels per frame come back as they are: 21 frames, 21 windows of one."""
    windows = planned(configured, track(still(21)), Clip(1, 0.03), stride_s=0.0)
    assert [(w.start_frame, w.stop_frame, w.repeated) for w in windows] == [(k, k + 1, False) for k in range(21)]


@pytest.mark.parametrize("tail", ["drop", "repeat_last", "align_last"])
def test_a_clip_of_one_frame_lies_on_every_frame_whatever_the_stride(configured, tail):
    windows = planned(configured, track(still(21)), Clip(1, 0.03), stride_s=0.5, tail=tail)
    assert [(w.start_frame, w.stop_frame, w.repeated) for w in windows] == [(k, k + 1, False) for k in range(21)]


def test_one_frame_asked_for_in_the_settings_lies_on_every_frame_too(configured):
    windows = planned(configured, track(still(21)), KABR, frames=1, stride_s=0.5)
    assert frames_of(windows) == [[k] for k in range(21)]


def test_a_window_says_for_which_share_of_its_samples_the_cameras_motion_was_told(configured):
    camera = pd.DataFrame({"frame": range(30), "time_s": np.arange(30) / 30, "m11": 1.0, "m12": 0.0, "m13": 0.0})
    told = np.arange(30) < 12  # of the samples 0, 12 and 24 only the first
    camera = tables.CAMERA.cast(camera.assign(m21=0.0, m22=1.0, m23=0.0, known=told, inliers=100))
    rows = track(still(30), fps=30)
    (window,) = planned(configured, rows, Clip(3, 0.4), camera, tail="drop")
    assert window.known == pytest.approx(1 / 3)
    (window,) = planned(configured, rows, Clip(3, 0.4), tail="drop")
    assert window.known == 1.0  # no camera table: it stands still
