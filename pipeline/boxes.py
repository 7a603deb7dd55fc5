"""Geometry of boxes.

A box is ``x1 y1 x2 y2`` in pixels of the source frame, as shown (rotation applied): float, origin at the top left
corner, right and bottom exclusive. Arrays of boxes are ``[n, 4]``.
"""

from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


class Point(Enum):
    """Which point of a box is the animal's place.

    The foot point (middle of the lower edge) is where it stands: seen obliquely it lies on the ground, on which the
    camera's motion was measured, is the same for a giraffe and a zebra side by side, and stays when a head is raised.
    The centre serves footage from straight above.
    """

    foot = "foot"
    centre = "centre"


def as_boxes(values: ArrayLike) -> FloatArray:
    """Boxes ``[n, 4]`` as float64; an empty list becomes ``[0, 4]``."""
    return np.asarray(values, dtype=np.float64).reshape(-1, 4)


def area(xyxy: FloatArray) -> FloatArray:
    """Area in square pixels ``[n]``; 0 where a box is inside out."""
    return np.clip(xyxy[:, 2] - xyxy[:, 0], 0, None) * np.clip(xyxy[:, 3] - xyxy[:, 1], 0, None)


def longer(xyxy: FloatArray) -> FloatArray:
    """Longer sides ``[n]``."""
    return np.asarray((xyxy[:, 2:] - xyxy[:, :2]).max(axis=1, initial=0.0))


def centre(xyxy: FloatArray) -> FloatArray:
    """Centres ``[n, 2]`` (x, y)."""
    return (xyxy[:, :2] + xyxy[:, 2:]) / 2


def points(xyxy: FloatArray, point: Point) -> FloatArray:
    """The animals' places ``[n, 2]`` (x, y)."""
    middle = centre(xyxy)
    return np.column_stack([middle[:, 0], xyxy[:, 3]]) if point is Point.foot else middle


def intersection(first: FloatArray, second: FloatArray) -> FloatArray:
    """Shared area in square pixels of each pair ``[n, m]``."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared: FloatArray = np.clip(high - low, 0, None).prod(axis=2)
    return shared


def iou(first: FloatArray, second: FloatArray) -> FloatArray:
    """Intersection over union of each pair ``[n, m]``, in [0, 1]; 0 for two empty boxes."""
    shared = intersection(first, second)
    union = area(first)[:, None] + area(second)[None, :] - shared
    result: FloatArray = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return result


def iou_each(first: FloatArray, second: FloatArray) -> FloatArray:
    """Intersection over union of the boxes row by row ``[n]``, in [0, 1]; 0 for two empty boxes."""
    low, high = np.maximum(first[:, :2], second[:, :2]), np.minimum(first[:, 2:], second[:, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=1)
    union = area(first) + area(second) - shared
    result: FloatArray = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return result


def clip(xyxy: FloatArray, width: float, height: float) -> FloatArray:
    """Boxes cut to a frame of ``width`` x ``height``."""
    return np.clip(xyxy, 0, [width, height, width, height])


def transformed(xyxy: FloatArray, matrix: FloatArray) -> FloatArray:
    """Boxes seen through a plane transform: the new centre, and the old sides times the local scale.

    Unlike the hull of the four moved corners this does not grow a box under rotation. ``matrix`` is 3 x 3 (or one for
    each box, ``[n, 3, 3]``) and maps homogeneous column vectors (x, y, 1); scale is the square root of its
    determinant's linear part.
    """
    if len(xyxy) == 0:
        return xyxy.copy()
    points = (matrix @ np.column_stack([centre(xyxy), np.ones(len(xyxy))])[:, :, None])[:, :, 0]
    middle = points[:, :2] / points[:, 2:]
    scale = np.sqrt(np.abs(np.linalg.det(matrix[..., :2, :2])))
    half = (xyxy[:, 2:] - xyxy[:, :2]) / 2 * np.asarray(scale)[..., None]
    return np.column_stack([middle - half, middle + half])
