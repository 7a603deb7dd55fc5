"""Labels beside points of a panel, none of which stands upon another."""

from typing import TYPE_CHECKING

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.report import style
from pipeline.types import IntArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_POINTS = 72  # an inch
_SIDES = ((1, -1), (1, 1), (-1, -1), (-1, 1))  # right or left of its point, above or below, the first the best
_OFF = (5.0, 3.0)  # points from its point
_LETTER, _LINE = 0.7, 1.25  # width and height of bold letters, in sizes


class Labels:
    """What is taken of a panel is a sheet with a cell a point, so that thousands of labels are tried in no time.

    ``view`` is the panel's left, right, top and bottom, ``inch`` how long an inch is, both in units of the data.
    """

    def __init__(self, axes: "Axes", view: tuple[float, float, float, float], inch: float) -> None:
        left, right, top, bottom = view
        self._axes, self._corner, self._scale = axes, np.array([left, top]), _POINTS / inch
        self._taken = np.zeros(np.ceil(np.array([bottom - top, right - left]) * self._scale).astype(int), dtype=bool)

    def add(self, text: str, point: FloatArray, size: float, *, needed: bool = False) -> None:
        """White on a dark plate, at the first side of ``point`` that is free; left out where none is, if not needed."""
        sides = [side for side in _SIDES if self._free(*self._box(text, point, size, side))]
        if not (sides or needed):
            return
        side = (*sides, _SIDES[0])[0]
        (left, top), (right, bottom) = np.maximum(self._box(text, point, size, side), 0)
        self._taken[top:bottom, left:right] = True
        self._axes.annotate(
            text, (float(point[0]), float(point[1])), (_OFF[0] * side[0], -_OFF[1] * side[1]),
            textcoords="offset points", ha="left" if side[0] > 0 else "right", va="top" if side[1] > 0 else "bottom",
            color="white", weight="bold", size=size, bbox=style.plate("black"), zorder=5,
        )  # fmt: skip

    def _box(self, text: str, point: FloatArray, size: float, side: tuple[int, int]) -> IntArray:
        """Upper left and lower right corner ``[2, 2]`` of a label, in cells."""
        near = (point - self._corner) * self._scale + np.array(_OFF) * side
        far = near + np.array([_LETTER * len(text), _LINE]) * size * side
        corners: IntArray = np.rint(np.sort([near, far], axis=0)).astype(np.int64)
        return corners

    def _free(self, first: IntArray, last: IntArray) -> bool:
        """Does a label from one corner to the other stand in the panel, and on no other?"""
        inside = (first >= 0).all() and (last <= self._taken.shape[::-1]).all()
        return bool(inside and not self._taken[first[1] : last[1], first[0] : last[0]].any())
