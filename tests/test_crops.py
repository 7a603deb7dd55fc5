import numpy as np
import pytest

from pipeline.crops import cut


def ramp():
    """8 x 6 px; red is the column, green the row."""
    y, x = np.mgrid[0:6, 0:8]
    return np.dstack([x, y, np.full_like(x, 7)]).astype(np.uint8)


@pytest.mark.parametrize(
    ("rectangle", "columns", "rows"),
    [
        ([2, 1, 6, 4], [2, 3, 4, 5], [1, 2, 3]),  # inside: copied
        ([-2, 1, 2, 4], [None, None, 0, 1], [1, 2, 3]),  # over the left edge
        ([6, 1, 10, 4], [6, 7, None, None], [1, 2, 3]),  # over the right edge
        ([2, -1, 6, 2], [2, 3, 4, 5], [None, 0, 1]),  # over the top
        ([2, 5, 6, 8], [2, 3, 4, 5], [5, None, None]),  # over the bottom
        ([20, 20, 24, 23], [None] * 4, [None] * 3),  # wholly outside
    ],
)
def test_a_crop_of_its_own_size_is_copied_and_black_outside(rectangle, columns, rows):
    crop = cut(ramp(), np.array(rectangle), 4, 3)
    expected = np.zeros((3, 4, 3), dtype=np.uint8)
    for i, y in enumerate(rows):
        for j, x in enumerate(columns):
            if x is not None and y is not None:
                expected[i, j] = (x, y, 7)
    assert (crop == expected).all()


def test_a_larger_rectangle_is_averaged():
    image = np.zeros((4, 4, 3), dtype=np.uint8)
    image[::2, ::2] = 100  # one pixel of four
    assert (cut(image, np.array([0, 0, 4, 4]), 2, 2) == 25).all()


def test_a_smaller_rectangle_is_interpolated():
    crop = cut(ramp(), np.array([2, 2, 4, 4]), 8, 8)
    assert crop.shape == (8, 8, 3)
    assert crop[0, 0, 0] == 2
    assert crop[0, -1, 0] == 3


def test_the_crop_does_not_share_the_frames_memory():
    image = ramp()
    crop = cut(image, np.array([0, 0, 4, 3]), 4, 3)
    image[:] = 0
    assert crop[0, 3, 0] == 3


def test_a_rectangle_without_area_is_refused():
    with pytest.raises(ValueError, match=r"right > left and bottom > top, got 3, 0, 3, 4"):
        cut(ramp(), np.array([3, 0, 3, 4]), 4, 3)
