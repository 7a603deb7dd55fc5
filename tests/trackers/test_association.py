"""The four associations on paths whose identities are known in the head."""

import numpy as np
import pytest

from pipeline.errors import UsageError
from pipeline.trackers.association import Nearness, likeness_at
from pipeline.types import Detections

ALL = ["sort", "bytetrack", "ocsort", "botsort"]

each_tracker = pytest.mark.parametrize("name", ALL)


def box(x, y, width=80, height=60):
    """A box around its centre."""
    return [x - width / 2, y - height / 2, x + width / 2, y + height / 2]


def identities(tracker, moments, period_s, score=0.9):
    """Identities of each moment's boxes; moments are lists of boxes, ``period_s`` apart."""
    tracker.begin(period_s)
    return [
        tracker.update(k * period_s, Detections.of(boxes, score, "zebra")).tolist() for k, boxes in enumerate(moments)
    ]


# name, moments, what they must be called; one second between moments would be far too long, 0.2 s is not
SHORT = [
    ("no moment", [], []),
    ("one empty moment", [[]], [[]]),
    ("one box, seen once", [[box(100, 100)]], [[1]]),
    ("one box, standing", [[box(100, 100)]] * 3, [[1], [1], [1]]),
    ("two boxes: numbered in the order they are listed", [[box(100, 100), box(500, 100)]], [[1, 2]]),
    (
        "boxes listed in another order",
        [[box(100, 100), box(500, 100)], [box(500, 100), box(100, 100)]],
        [[1, 2], [2, 1]],
    ),
    ("a second animal comes", [[box(100, 100)], [box(900, 100), box(100, 100)]], [[1], [2, 1]]),
    ("missed for 0.4 s", [[box(100, 100)], [], [], [box(104, 100)]], [[1], [], [], [1]]),
    ("another place is another animal", [[box(100, 100)], [box(900, 700)]], [[1], [2]]),
    ("empty first", [[], [], [box(100, 100)]], [[], [], [1]]),
]


@each_tracker
@pytest.mark.parametrize(("moments", "expected"), [case[1:] for case in SHORT], ids=[case[0] for case in SHORT])
def test_short_stories(configured, name, moments, expected):
    assert identities(configured("tracker", name), moments, period_s=0.2) == expected


@each_tracker
@pytest.mark.parametrize("score", [0.0, 0.05, 0.1, 0.5, 1.0])
def test_an_unmatched_box_always_begins_a_track(configured, name, score):
    moments = [[box(100 + 5 * k, 100)] for k in range(5)]
    assert identities(configured("tracker", name), moments, period_s=0.2, score=score) == [[1]] * 5


@each_tracker
@pytest.mark.parametrize("rate", [5, 10, 30])
def test_fast_animal_is_one_track(configured, name, rate):
    moments = [[box(50 + 400 / rate * k, 300)] for k in range(3 * rate)]  # 400 px/s, five body lengths a second
    assert identities(configured("tracker", name), moments, 1 / rate) == [[1]] * (3 * rate)


@each_tracker
@pytest.mark.parametrize("apart_px", [0, 10, 40], ids=["through each other", "touching", "passing"])
@pytest.mark.parametrize("rate", [5, 30])
def test_two_cross_at_frame_40(configured, name, rate, apart_px):
    """At 30 frames a second they meet at 640 px in frame 40, at 5 a second at the same speed per second."""
    steps = np.arange(0, 81, 30 / rate)
    moments = [[box(240 + 10 * k, 300, 60, 40), box(1040 - 10 * k, 300 + apart_px, 60, 40)] for k in steps]
    assert identities(configured("tracker", name), moments, 1 / rate) == [[1, 2]] * len(moments)


@each_tracker
def test_lost_longer_than_max_gap_is_a_new_animal(configured, name):
    moments = [[box(100, 100)], *[[]] * 7, [box(100, 100)]]  # 1.6 s between the boxes
    assert identities(configured("tracker", name, max_gap_s=1.0), moments, 0.2)[-1] == [2]
    assert identities(configured("tracker", name, max_gap_s=1.6), moments, 0.2)[-1] == [1]


@each_tracker
def test_lost_animal_lends_its_identity_to_no_far_one(configured, name):
    """OC-SORT's second round compares plain IoU with the threshold: at or below 0 it would pair any two boxes."""
    moments = [[box(100, 100), box(500, 500)], [box(100, 100), box(1500, 900)]]
    assert identities(configured("tracker", name), moments, 0.2) == [[1, 2], [1, 3]]


@each_tracker
def test_reset_begins_again_and_repeats_itself(configured, name):
    rng = np.random.default_rng(0)
    paths = [[box(*(rng.uniform(0, 900, 2))) for _ in range(rng.integers(0, 6))] for _ in range(30)]
    tracker = configured("tracker", name)
    first = identities(tracker, paths, 0.1)
    assert identities(tracker, paths, 0.1) == first
    assert identities(configured("tracker", name), paths, 0.1) == first
    seen = [identity for moment in first for identity in moment]
    firsts = list(dict.fromkeys(seen))
    assert firsts == list(range(1, len(firsts) + 1))  # from 1 in order of appearance, nobody left without


@each_tracker
def test_two_trackers_count_apart(configured, name):
    one, other = configured("tracker", name), configured("tracker", name)
    identities(one, [[box(100, 100), box(500, 100)]], 0.2)
    assert identities(other, [[box(100, 100)]], 0.2) == [[1]]


@each_tracker
@pytest.mark.filterwarnings("error")
def test_boxes_without_area(configured, name):
    flat = [box(100, 100, width=0), box(500, 100, height=0), box(900, 100, 0, 0)]
    moments = [flat, flat, [], flat, flat]
    expected = [[1, 2, 3], [1, 2, 3], [], [1, 2, 3], [1, 2, 3]]
    assert identities(configured("tracker", name), moments, 0.2) == expected


@each_tracker
@pytest.mark.filterwarnings("error")
def test_two_frames_of_one_time(configured, name):
    tracker = configured("tracker", name)
    tracker.begin(0.2)
    boxes = Detections.of([box(100, 100)], 0.9, "zebra")
    assert [tracker.update(time_s, boxes).tolist() for time_s in (0.0, 0.2, 0.2, 0.4)] == [[1]] * 4


@each_tracker
def test_seventy_animals(configured, name):
    tracker = configured("tracker", name)
    tracker.begin(0.2)
    rng = np.random.default_rng(0)
    start = np.array([[150.0 * (k % 10), 150.0 * (k // 10)] for k in range(70)])
    step = rng.uniform(-6, 6, (70, 2))
    for k in range(25):
        boxes = Detections.of([box(x, y) for x, y in start + k * step], 0.9, "sheep")
        assert tracker.update(k * 0.2, boxes).tolist() == list(range(1, 71))


def test_strong_boxes_choose_first(configured):
    """A weak box exactly where the animal is, a strong one a little off: the animal is the strong one."""
    moments = [[box(100, 100)], [box(100, 100), box(110, 100)]]
    score = [[0.9], [0.2, 0.9]]
    tracker = configured("tracker", "bytetrack", strong_score=0.6)
    tracker.begin(0.2)
    pairs = enumerate(zip(moments, score, strict=True))
    found = [tracker.update(k * 0.2, Detections.of(boxes, s, "zebra")).tolist() for k, (boxes, s) in pairs]
    assert found == [[1], [2, 1]]


# lengths apart, likeness: IoU less d^2 / (diagonal of the hull)^2, moved from [-1, 1] to [0, 1]
LIKENESS = [(0, 1.0), (0.5, (1 + 1 / 3 - 0.25 / 3.25) / 2), (1, 0.4), (2, (1 - 4 / 10) / 2)]


@pytest.mark.parametrize(("lengths", "expected"), LIKENESS)
def test_likeness(lengths, expected):
    one, other = np.array([[0.0, 0, 10, 10]]), np.array([[10.0 * lengths, 0, 10 + 10 * lengths, 10]])
    assert likeness_at(lengths) == pytest.approx(expected)
    assert Nearness().compute(one, other) == pytest.approx(expected)


def test_likeness_of_nothing():
    assert Nearness().compute(np.zeros((0, 4)), np.zeros((3, 4))).shape == (0, 3)


# group's file, change, what is said
REFUSED = [
    ("sort", {"max_gap_s": -1.0}, r"max_gap_s must be >= 0, got -1\.0"),
    ("sort", {"reach": -0.1}, r"reach must be >= 0, got -0\.1"),
    ("botsort", {"speed": float("nan")}, "speed must be >= 0, got nan"),
    ("sort", {"reach": 0.0, "speed": 0.0}, "reach and speed must not both be 0"),
    ("bytetrack", {"strong_score": 1.5}, r"strong_score must be in \[0, 1\], got 1\.5"),
    ("bytetrack", {"max_gap_s": -2.0}, r"max_gap_s must be >= 0, got -2\.0"),
    ("ocsort", {"direction_weight": -1.0}, r"direction_weight must be >= 0, got -1\.0"),
    ("ocsort", {"direction_s": 0.0}, r"direction_s must be in \(0, 60\], got 0\.0"),
    ("ocsort", {"direction_s": 1e9}, r"direction_s must be in \(0, 60\], got 1000000000"),
]


@pytest.mark.parametrize(("name", "change", "message"), REFUSED)
def test_wrong_settings_are_named(configured, name, change, message):
    with pytest.raises(UsageError, match=message):
        configured("tracker", name, **change)
