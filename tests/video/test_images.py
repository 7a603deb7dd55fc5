"""A folder of numbered pictures as a video."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.errors import VideoError
from pipeline.video.images import ImageFolder
from tests.footage import number
from tests.formats.labels import write
from tests.formats.layouts import pictures


@pytest.mark.parametrize(
    ("numbers", "name"),
    [
        ([1], "{}.jpg"),  # one
        ([9, 10, 11], "{}.jpg"),  # 10 comes after 9, not after 1
        ([0, 1, 5], "clip2_{:06d}.png"),  # a picture is missing
    ],
)
def test_pictures_in_the_order_of_their_numbers(tmp_path: Path, numbers: list[int], name: str) -> None:
    made = ImageFolder.of(pictures(tmp_path, numbers, name))
    assert made.numbers.tolist() == numbers
    images = made.images(np.arange(len(numbers))[::-1])
    assert images.shape == (len(numbers), 48, 64, 3)
    assert [number(image) for image in images] == numbers[::-1]


def test_what_is_no_video(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="no pictures in it"):
        ImageFolder.of(tmp_path)
    with pytest.raises(VideoError, match="cannot read the folder"):
        ImageFolder.of(tmp_path / "none")
    pictures(tmp_path, [1])
    cv2.imwrite(str(tmp_path / "2.jpg"), np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(VideoError, match="its pictures are not all of one size"):
        ImageFolder.of(tmp_path).images(np.array([0, 1]))
    write(tmp_path / "01.jpg", "")
    with pytest.raises(VideoError, match=r"1.jpg has the number of 01.jpg, so its place in time is not known"):
        ImageFolder.of(tmp_path)
    write(tmp_path / "01.jpg", "").rename(tmp_path / "cover.jpg")
    with pytest.raises(VideoError, match=r"cover.jpg has no number at its end"):
        ImageFolder.of(tmp_path)
