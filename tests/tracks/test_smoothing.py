"""Interpolation and smoothing of one animal's boxes."""

import numpy as np
import pytest

from pipeline.tracks.fragments import Fragment
from pipeline.tracks.smoothing import interpolated, local_line, smoothed


def fragment(rows, x, rate=10):
    """Boxes of 10 x 10 px whose left edge is ``x``, on the given rows of a ledger with ``rate`` frames a second."""
    rows, x = np.asarray(rows), np.asarray(x, dtype=float)
    xyxy = np.column_stack([x, 0 * x, x + 10, 0 * x + 10])
    return Fragment(1, rows, rows / rate, xyxy, x / 100, "zebra", np.ones(len(rows), dtype=bool))


TIMES = np.arange(20) / 10

# rows with a detection, longest gap filled, rows with a box
GAPS = [
    ("one", [3], 1.0, [3]),
    ("neighbours", [3, 4], 1.0, [3, 4]),
    ("a gap as long as allowed", [0, 4], 0.4, [0, 1, 2, 3, 4]),
    ("a gap too long", [0, 4], 0.3, [0, 4]),
    ("one filled, one not", [0, 2, 8, 10], 0.5, [0, 1, 2, 8, 9, 10]),
    ("no gap allowed", [0, 2, 3], 0.0, [0, 2, 3]),
]


@pytest.mark.parametrize(("rows", "max_gap_s", "expected"), [case[1:] for case in GAPS], ids=[case[0] for case in GAPS])
def test_gaps(rows, max_gap_s, expected):
    result = interpolated(fragment(rows, [10 * row for row in rows]), TIMES, max_gap_s)
    assert result.rows.tolist() == expected
    assert result.rows[result.observed].tolist() == rows
    assert result.xyxy[:, 0] == pytest.approx([10 * row for row in expected])
    assert result.score == pytest.approx([row / 10 for row in expected])


def test_interpolation_follows_the_clock_not_the_frame_count():
    """Frames at 0, 0.1, 0.9 and 1 s: the second is at a tenth of the way."""
    times_s = np.array([0, 0.1, 0.9, 1.0])
    ends = Fragment(1, np.array([0, 3]), times_s[[0, 3]], np.array([[0.0, 0, 10, 10], [100, 0, 110, 10]]),
                    np.ones(2), "zebra", np.ones(2, dtype=bool))  # fmt: skip
    assert interpolated(ends, times_s, 1.0).xyxy[:, 0] == pytest.approx([0, 10, 90, 100])


def test_frames_of_one_time_take_the_first_box():
    times_s = np.array([0, 0, 0.0])
    ends = Fragment(1, np.array([0, 2]), times_s[[0, 2]], np.array([[0.0, 0, 10, 10], [8, 0, 18, 10]]),
                    np.ones(2), "zebra", np.ones(2, dtype=bool))  # fmt: skip
    assert interpolated(ends, times_s, 1.0).xyxy[:, 0].tolist() == [0, 0, 8]


# times of the values; all lie on 3 + 2 t
LINES = [
    ("one", [0.0]),
    ("two", [0.0, 0.1]),
    ("even", np.arange(50) / 30),
    ("uneven", np.cumsum(np.random.default_rng(0).uniform(0.01, 0.3, 50))),
    ("two of one time", [0.0, 0.1, 0.1, 0.2]),
    ("all of one time", [1.0, 1.0]),
]


@pytest.mark.parametrize("times_s", [case[1] for case in LINES], ids=[case[0] for case in LINES])
def test_a_straight_line_stays_to_its_ends(times_s):
    times_s = np.asarray(times_s)
    values = (3 + 2 * times_s)[:, None]
    assert local_line(times_s, values, sigma_s=0.1) == pytest.approx(values)


def test_smoothing_carries_nothing_over_a_gap():
    jump = fragment([0, 1, 2, 10, 11, 12], [0, 0, 0, 90, 90, 90])
    assert smoothed(jump, 0.5).xyxy == pytest.approx(jump.xyxy)


def test_smoothing_off_and_on():
    zigzag = fragment(range(20), [0, 6] * 10)
    assert smoothed(zigzag, 0.0) is zigzag
    result = smoothed(zigzag, 0.3)
    assert result.xyxy[3:-3, 0] == pytest.approx(3, abs=0.2)
    assert result.xyxy[:, 2] - result.xyxy[:, 0] == pytest.approx(10)  # the size did not change, and does not


def test_sizes_never_run_below_what_was_seen():
    """A line through sizes that shrink fast and then stay would go through 0 at the end."""
    small = fragment(range(6), [0] * 6)
    small.xyxy[:, 2] = [40, 20, 5, 1, 1, 1]
    result = smoothed(small, 0.2).xyxy
    assert (result[:, 2] - result[:, 0] >= 1 - 1e-9).all()
