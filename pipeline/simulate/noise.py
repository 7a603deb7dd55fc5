"""Noise that repeats without a seam: what soils, grass and coats of plants are made of."""

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]
Scalar = TypeVar("Scalar", bound=np.generic)


def enlarged(field: Field, size: int) -> Field:
    """A square texture that repeats, at ``size`` x ``size``: smooth, and still without a seam."""
    times = size // field.shape[0]
    if times == 1:
        return field
    edge = 2
    padded = cv2.copyMakeBorder(field, edge, edge, edge, edge, cv2.BORDER_WRAP)
    large = cv2.resize(padded, None, fx=times, fy=times, interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(large[edge * times : edge * times + size, edge * times : edge * times + size])


def halved(texture: NDArray[Scalar]) -> NDArray[Scalar]:
    """The mean of every 2 x 2 texels."""
    return np.asarray(cv2.resize(texture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))


def fractal(rng: np.random.Generator, size: int, first: int, roughness: float = 0.5) -> Field:
    """Fractal noise [size, size] of mean 0 and deviation 1: ``first`` cells across in its coarsest octave.

    Each octave has twice the cells and ``roughness`` times the height of the one before (fractional Brownian
    motion as summed octaves: Musgrave, Kolb & Mace 1989, SIGGRAPH); ``size`` must be ``first`` times a power of two.
    """
    field = rng.standard_normal((first, first), dtype=np.float32)
    height = 1.0
    while field.shape[0] < size:
        field = enlarged(field, field.shape[0] * 2)
        height *= roughness
        field += height * rng.standard_normal(field.shape, dtype=np.float32)
    return np.asarray((field - field.mean()) / max(float(field.std()), 1e-6), dtype=np.float32)


def shifted(texture: NDArray[Scalar], right: int, down: int) -> NDArray[Scalar]:
    """A texture that repeats, moved by whole texels."""
    return np.roll(texture, (down, right), axis=(0, 1))
