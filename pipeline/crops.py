"""Cutting rectangles out of a frame: black where they leave it, resized without distortion."""

import cv2
import numpy as np

from pipeline.types import Image, IntArray


def cut(image: Image, rectangle: IntArray, width: int, height: int) -> Image:
    """The part of an RGB frame ``[H, W, 3]`` in ``rectangle`` (left, top, right, bottom: whole pixels, right and bottom
    exclusive, perhaps outside the frame), as RGB ``[height, width, 3]``.

    A rectangle of that very size is copied pixel by pixel; a larger one is averaged (area), a smaller one interpolated
    (linear). ``ValueError`` for a rectangle without area.
    """
    left, top, right, bottom = (int(edge) for edge in rectangle)
    if right <= left or bottom <= top:
        raise ValueError(f"a crop needs right > left and bottom > top, got {left}, {top}, {right}, {bottom}")
    part = np.zeros((bottom - top, right - left, 3), dtype=np.uint8)
    rows = slice(max(top, 0), min(bottom, image.shape[0]))
    columns = slice(max(left, 0), min(right, image.shape[1]))
    if rows.start < rows.stop and columns.start < columns.stop:
        part[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = image[rows, columns]
    if part.shape[:2] == (height, width):
        return part
    way = cv2.INTER_AREA if part.shape[1] > width else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(part, (width, height), interpolation=way), dtype=np.uint8)
