"""Fragments of tracks: which are one animal, which are none."""

import numpy as np
import pytest

from pipeline.tracks.fragments import Fragment, long_enough, often_seen, stitched, sure_enough, without_duplicates


def fragment(track, start, stop, x, speed=0.0, size=20.0, species="zebra"):
    """An animal at 10 frames/s from row ``start`` to before ``stop``; ``x`` is where it starts, speed in px/s."""
    rows = np.arange(start, stop)
    left = x + speed * (rows - start) / 10
    xyxy = np.column_stack([left, 0 * left, left + size, 0 * left + size])
    return Fragment(track, rows, rows / 10, xyxy, np.ones(len(rows)), species, np.ones(len(rows), dtype=bool))


# fragments, numbers of what is left, when gaps of 2 s and misses of half a body length a second are allowed
STITCHES = [
    ("none", [], []),
    ("one", [fragment(1, 0, 10, 0)], [[1, 10]]),
    ("stands still, gap of 1.1 s", [fragment(1, 0, 10, 0), fragment(2, 20, 30, 0)], [[1, 20]]),
    ("goes on as it went", [fragment(1, 0, 10, 0, 50), fragment(2, 20, 30, 100, 50)], [[1, 20]]),
    ("10 px off: half a length", [fragment(1, 0, 10, 0), fragment(2, 20, 30, 10)], [[1, 20]]),
    ("11 px off", [fragment(1, 0, 10, 0), fragment(2, 20, 30, 11)], [[1, 10], [2, 10]]),
    ("gap of 2.1 s", [fragment(1, 0, 10, 0), fragment(2, 30, 40, 0)], [[1, 10], [2, 10]]),
    ("both are there at once", [fragment(1, 0, 10, 0), fragment(2, 9, 20, 0)], [[1, 10], [2, 11]]),
    ("an adult and a calf", [fragment(1, 0, 10, 0), fragment(2, 20, 30, 0, size=40)], [[1, 10], [2, 10]]),
    ("two species", [fragment(1, 0, 10, 0), fragment(2, 20, 30, 0, species="horse")], [[1, 10], [2, 10]]),
    ("three in a row", [fragment(k, 15 * k, 15 * k + 10, 0) for k in range(3)], [[0, 30]]),
    (
        "one end, two starts: the nearer",
        [fragment(1, 0, 10, 0), fragment(2, 20, 30, 8), fragment(3, 20, 30, -2)],
        [[1, 20], [2, 10]],
    ),
    (
        "two ends, two starts: both go on, though the best pair alone would be the second with the third",
        [fragment(1, 0, 10, 0), fragment(2, 0, 10, 9), fragment(3, 20, 30, 5), fragment(4, 20, 30, 18)],
        [[1, 20], [2, 20]],
    ),
]


@pytest.mark.parametrize(("fragments", "expected"), [case[1:] for case in STITCHES], ids=[case[0] for case in STITCHES])
def test_stitched(fragments, expected):
    result = stitched(fragments, max_gap_s=2.0, lengths=0.5)
    assert [[one.track, len(one)] for one in result] == expected
    assert all((np.diff(one.rows) > 0).all() for one in result)


def test_a_fragment_is_measured_once_and_none_of_another_species(monkeypatch):
    measured = []
    quantile = np.quantile
    monkeypatch.setattr(np, "quantile", lambda *of: measured.append(1) or quantile(*of))
    herd = [fragment(k, 15 * k, 15 * k + 10, 0, species="horse" if k == 9 else "zebra") for k in range(10)]
    assert len(stitched(herd, max_gap_s=5.0, lengths=0.5)) == 2
    assert len(measured) == 9


@pytest.mark.parametrize("off", [{"max_gap_s": 0.0, "lengths": 0.5}, {"max_gap_s": 2.0, "lengths": 0.0}])
def test_stitching_off(off):
    assert len(stitched([fragment(1, 0, 10, 0), fragment(2, 12, 30, 0)], **off)) == 2


# rows of the fragment, analysed frames in the video, is it kept when 1 s and 3 detections are asked for
LENGTHS = [
    ("long enough", (0, 11), 100, True),
    ("too short", (0, 10), 100, False),
    ("half of a clip of 1.1 s", (0, 7), 12, True),
    ("less than half of it", (0, 6), 12, False),
    ("a still", (0, 1), 1, True),
    ("both frames of two", (0, 2), 2, True),
]


@pytest.mark.parametrize(("rows", "n", "kept"), [case[1:] for case in LENGTHS], ids=[case[0] for case in LENGTHS])
def test_long_enough(rows, n, kept):
    assert len(long_enough([fragment(1, *rows, 0)], 1.0, 3, np.arange(n) / 10)) == kept


def test_one_sure_detection_carries_the_weak_ones():
    weak, sure = fragment(1, 0, 10, 0), fragment(2, 0, 10, 50)
    weak.score[:], sure.score[:] = 0.1, 0.1
    sure.score[4] = 0.3
    assert sure_enough([weak, sure], 0.3) == [sure]
    assert sure_enough([weak, sure], 0.0) == [weak, sure]


def test_long_enough_asks_for_detections_too():
    sparse = fragment(1, 0, 2, 0)
    sparse.rows[1], sparse.times_s[1] = 50, 5.0
    assert long_enough([sparse], 1.0, 3, np.arange(100) / 10) == []
    assert long_enough([sparse], 1.0, 2, np.arange(100) / 10) == [sparse]


@pytest.mark.parametrize(("share", "kept"), [(0.5, 1), (0.51, 0)])
def test_often_seen_counts_analysed_frames_only(share, kept):
    """Rows 0 to 9, of which 0, 2, 4, 6 are analysed and 0 and 4 have a detection."""
    dense = fragment(1, 0, 10, 0)
    dense.observed[:] = np.isin(dense.rows, [0, 4])
    assert len(often_seen([dense], share, np.array([0, 2, 4, 6]))) == kept


# fragments, who stays when IoU above 0.5 in most frames of the shorter makes a duplicate
DOUBLES = [
    ("none", [], []),
    ("one", [fragment(1, 0, 10, 0)], [1]),
    ("the shorter goes", [fragment(1, 0, 10, 0), fragment(2, 0, 20, 2)], [2]),
    ("of equals the later goes", [fragment(1, 0, 10, 0), fragment(2, 0, 10, 2)], [1]),
    ("IoU of 1/3", [fragment(1, 0, 10, 0), fragment(2, 0, 10, 10)], [1, 2]),
    ("one after the other", [fragment(1, 0, 10, 0), fragment(2, 10, 20, 0)], [1, 2]),
    ("half of the time: not most", [fragment(1, 0, 10, 0), fragment(2, 5, 15, 0)], [1, 2]),
    ("of three only the longest stays", [fragment(k, 0, 10 + k, k) for k in range(3)], [2]),
]


@pytest.mark.parametrize(("fragments", "kept"), [case[1:] for case in DOUBLES], ids=[case[0] for case in DOUBLES])
def test_without_duplicates(fragments, kept):
    assert [one.track for one in without_duplicates(fragments, iou=0.5)] == kept
