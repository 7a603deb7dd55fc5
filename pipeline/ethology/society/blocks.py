"""All animals of an instant against each other, many instants at a time."""

from collections.abc import Iterator

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.types import IntArray

_PAIRS = 250_000  # held in memory at once: few enough for the processor's cache


def blocks(instant: IntArray) -> Iterator[IntArray]:
    """Row numbers ``[m, N]`` of instants with the same number N of animals, until every row was named once.

    ``instant [n]`` rises. No block has more than ``_PAIRS`` pairs.
    """
    _, start, count = np.unique(instant, return_index=True, return_counts=True)
    for animals in np.unique(count):
        rows = start[count == animals][:, None] + np.arange(animals)
        at_once = max(1, _PAIRS // int(animals) ** 2)
        for first in range(0, len(rows), at_once):
            yield rows[first : first + at_once].astype(np.int64)


def apart(places: FloatArray, block: IntArray) -> FloatArray:
    """Distances ``[m, N, N]`` between the places ``[n, 2]`` of a block's animals."""
    x, y = places[block, 0], places[block, 1]
    aside, along = x[:, :, None] - x[:, None, :], y[:, :, None] - y[:, None, :]
    distance: FloatArray = np.sqrt(aside**2 + along**2)  # several times faster than hypot
    return distance


def mean_scale(scale: FloatArray, block: IntArray) -> FloatArray:
    """Mean scale ``[m, N, N]`` of each pair, from ``scale [n]``."""
    own = scale[block]
    mean: FloatArray = (own[:, :, None] + own[:, None, :]) / 2
    return mean
