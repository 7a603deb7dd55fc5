"""Tiles over a large frame: where they lie, and where a box was cut by one.

A network sees little in 5,472 pixels squeezed into 640. So the frame is looked at as a pyramid: whole, and in
overlapping tiles of several sides. An animal no longer than ``overlap * side`` lies whole in at least one tile of that
side. What was seen in the tiles becomes one box per animal in ``merging.py``.
"""

from collections.abc import Sequence

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.types import BoolArray, IntArray

BORDER = 0.01  # share of a tile's longer side: a box that ends nearer to an inner border is taken to be cut there


def tiles_of(width: int, height: int, side: int, overlap: float) -> IntArray:
    """Tiles ``[k, 4]`` (x1 y1 x2 y2, px) of ``side`` px that cover a frame evenly, row by row; side 0: the whole frame.

    Neighbours share at least ``overlap`` of a side, in [0, 1). A side longer than the frame's is cut to it.

    ::

        width 1000, side 400, overlap 0.25:   |-------|            0 to  400
                                                    |-------|    300 to  700
                                                          |-------|  600 to 1000
    """
    rows, columns = _starts(height, side, overlap), _starts(width, side, overlap)
    wide, high = min(side or width, width), min(side or height, height)
    return np.array([(x, y, x + wide, y + high) for y in rows for x in columns], dtype=np.int64)


def _starts(length: int, side: int, overlap: float) -> list[int]:
    """Where the tiles of one row begin: the fewest that overlap enough, at even steps."""
    if side == 0 or side >= length:
        return [0]
    steps = int(np.ceil((length - side) / (side * (1 - overlap))))
    return [round(k * (length - side) / steps) for k in range(steps + 1)]


def pyramid(width: int, height: int, sides: Sequence[int], overlap: float) -> IntArray:
    """The tiles of every side ``[k, 4]``, in the order given and none twice: in a small frame sides become the same."""
    tiles = np.concatenate([tiles_of(width, height, side, overlap) for side in sides])
    return tiles[np.sort(np.unique(tiles, axis=0, return_index=True)[1])]


def cut_sides(xyxy: FloatArray, tile: IntArray, width: int, height: int) -> BoolArray:
    """At which sides ``[n, 4]`` (left, top, right, bottom) a box ends at, or beyond, an inner border of its tile.

    ``tile`` is ``[n, 4]``, one tile a box. A border of the tile that is the frame's as well cuts nothing.
    """
    near = BORDER * (tile[:, 2:] - tile[:, :2]).max(axis=1, initial=0)[:, None]
    low = xyxy[:, :2] <= tile[:, :2] + near
    high = xyxy[:, 2:] >= tile[:, 2:] - near
    inner = tile != np.array([0, 0, width, height])
    return np.asarray(np.concatenate([low, high], axis=1) & inner)
