"""Boxes: answers one can do in the head."""

import numpy as np
import pytest

from pipeline import boxes


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([], [], np.zeros((0, 0))),  # empty
        ([[0, 0, 2, 2]], [[0, 0, 2, 2]], [[1.0]]),  # one, itself
        ([[0, 0, 2, 2]], [[1, 0, 3, 2]], [[1 / 3]]),  # half shifted: 2 shared of 6
        ([[0, 0, 2, 2]], [[2, 0, 4, 2]], [[0.0]]),  # touching edges share nothing: half-open
        ([[0, 0, 0, 0]], [[0, 0, 0, 0]], [[0.0]]),  # two empty boxes
        ([[0, 0, 4, 4], [0, 0, 1, 1]], [[0, 0, 2, 2]], [[0.25], [0.25]]),  # two against one
    ],
)
def test_iou(first: list[list[float]], second: list[list[float]], expected: list[list[float]]) -> None:
    assert boxes.iou(boxes.as_boxes(first), boxes.as_boxes(second)) == pytest.approx(np.array(expected))


def test_centre_area_longer_side_and_clip() -> None:
    box = boxes.as_boxes([[-2, 2, 4, 6]])
    assert boxes.longer(box).tolist() == [6]
    assert boxes.longer(boxes.as_boxes([])).tolist() == []
    assert boxes.centre(box).tolist() == [[1, 4]]
    assert boxes.area(box).tolist() == [24]
    assert boxes.clip(box, 3, 5).tolist() == [[0, 2, 3, 5]]


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [0, 0, 4, 2]),  # identity
        ([[1, 0, 5], [0, 1, -1], [0, 0, 1]], [5, -1, 9, 1]),  # shifted
        ([[2, 0, 0], [0, 2, 0], [0, 0, 1]], [0, 0, 8, 4]),  # zoomed
        ([[0, -1, 0], [1, 0, 0], [0, 0, 1]], [-3, 1, 1, 3]),  # a quarter turn moves the centre and keeps the sides
    ],
)
def test_transformed(matrix: list[list[float]], expected: list[float]) -> None:
    moved = boxes.transformed(boxes.as_boxes([[0, 0, 4, 2]]), np.array(matrix, dtype=float))
    assert moved.tolist() == [pytest.approx(expected)]


def test_transformed_of_nothing_is_nothing() -> None:
    assert boxes.transformed(boxes.as_boxes([]), np.eye(3)).shape == (0, 4)
