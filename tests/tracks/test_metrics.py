"""Metrics of tracks whose faults can be counted by hand."""

import pandas as pd
import pytest

from pipeline.tracks.metrics import body_lengths, compare, recalls

COLUMNS = ["track", "frame", "x1", "y1", "x2", "y2"]


def animal(track, frames, x, size=10.0):
    return pd.DataFrame([[track, f, x, 0.0, x + size, size] for f in frames], columns=COLUMNS)


ONE = animal(1, range(10), 0)
TWO = pd.concat([ONE, animal(2, range(10), 100)])
SWAPPED = pd.concat(
    [animal(1, range(5), 0), animal(2, range(5, 10), 0), animal(2, range(5), 100), animal(1, range(5, 10), 100)]
)

# what was found, of whom, and what is to be measured
CASES = [
    ("nothing found", ONE[:0], ONE, {"MOTA": 0, "IDF1": 0, "HOTA": 0, "recall": 0, "tracks": 0, "animals": 1}),
    ("one, exactly", ONE, ONE, {"MOTA": 1, "IDF1": 1, "HOTA": 1, "recall": 1, "precision": 1, "switches": 0}),
    ("two, under other names", TWO.assign(track=9 - TWO["track"]), TWO, {"MOTA": 1, "IDF1": 1, "HOTA": 1}),
    ("one of ten boxes missed", ONE[1:], ONE, {"MOTA": 0.9, "IDF1": 18 / 19, "recall": 0.9, "precision": 1}),
    (
        "another identity from the middle on: 5 of 10 have the right one",
        pd.concat([animal(1, range(5), 0), animal(2, range(5, 10), 0)]),
        ONE,
        {"MOTA": 0.9, "IDF1": 0.5, "HOTA": 0.5**0.5, "DetA": 1, "AssA": 0.5, "switches": 1, "tracks": 2},
    ),
    ("two change identities", SWAPPED, TWO, {"MOTA": 0.9, "IDF1": 0.5, "switches": 2}),
    (
        "an animal that is none: 10 false boxes of 20",
        pd.concat([ONE, animal(2, range(10), 100)]),
        ONE,
        {"MOTA": 0, "IDF1": 2 / 3, "recall": 1, "precision": 0.5},
    ),
    ("boxes in frames without truth are false", animal(1, range(20), 0), ONE, {"MOTA": 0, "precision": 0.5}),
]


@pytest.mark.parametrize(("found", "truth", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_compare(found, truth, expected):
    metrics = compare(found, truth)
    assert {name: metrics[name] for name in expected} == pytest.approx(expected)


# pixels between the centres of two boxes of 10 px, share matched by IoU, by distance
APART = [(0, 1, 1), (3, 1, 1), (4, 0, 1), (10, 0, 1), (10.1, 0, 0)]


@pytest.mark.parametrize(("shift", "by_iou", "by_distance"), APART)
def test_distance_forgives_boxes_that_are_no_whole_bodies(shift, by_iou, by_distance):
    moved = animal(1, range(10), shift)
    assert compare(moved, ONE)["recall"] == by_iou
    assert compare(moved, ONE, distance=True)["recall"] == by_distance


def test_recalls_count_each_animal_and_who_followed_it():
    found = pd.concat([animal(1, range(4), 0), animal(2, range(6, 10), 0), animal(3, range(5), 100)])
    table = recalls(found, TWO)
    assert table.to_dict("list") == {"track": [1, 2], "frames": [10, 10], "found": [0.8, 0.5], "tracks": [2, 1]}


def test_recalls_of_nothing():
    assert recalls(ONE[:0], ONE)["found"].tolist() == [0]


def test_one_track_serves_one_animal_at_a_time():
    close = pd.concat([animal(1, range(10), 0), animal(2, range(10), 4)])
    assert recalls(animal(1, range(10), 2), close)["found"].sum() == 1


def test_body_length_is_the_longer_side():
    lying = pd.DataFrame([[1, f, 0, 0, 20, 10] for f in range(10)], columns=COLUMNS)
    assert body_lengths(lying).to_dict() == {1: 20}
