"""Sums by place and parts of wholes: what most figures here are made of."""

import numpy as np
from numpy.typing import ArrayLike

from pipeline.boxes import FloatArray
from pipeline.timebase import CLOSE_S
from pipeline.types import BoolArray, IntArray


def summed(values: FloatArray, place: IntArray, number: int) -> FloatArray:
    """``values [n, ...]`` added up by place ``[n]``: ``[number, ...]``."""
    found = np.zeros((number, *values.shape[1:]))
    np.add.at(found, place, values)
    return found


def distinct_pairs(first: IntArray, second: IntArray) -> tuple[IntArray, IntArray]:
    """Distinct pairs of whole numbers ``[p, 2]``, rising, and which of them each pair ``[n]`` is."""
    low = int(second.min(initial=0))
    base = int(second.max(initial=0)) - low + 1
    found, place = np.unique(first * base + (second - low), return_inverse=True)  # far quicker than of rows
    return np.column_stack([found // base, found % base + low]), place


def over(part: ArrayLike, whole: ArrayLike) -> FloatArray:
    """Part by whole, NaN where the whole is 0; ``whole`` has the leading axes of ``part``, or is one number."""
    above, below = np.asarray(part), np.asarray(whole, dtype=np.float64)
    below = np.broadcast_to(below.reshape(below.shape + (1,) * (above.ndim - below.ndim)), above.shape)
    result: FloatArray = np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
    return result


def long_enough(animal: IntArray, seconds: FloatArray, least_s: float) -> BoolArray:
    """``[n]`` rows of named animals (``animal [n]`` > 0) that have ``least_s`` or more, and anything, in all rows."""
    whole = np.bincount(animal, weights=seconds)[animal]
    return np.asarray((animal > 0) & (whole > 0) & (whole >= least_s - CLOSE_S))
