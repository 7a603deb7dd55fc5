"""Smooth curves over time, all with a continuous speed: moves that start and stop gently, paths, and trembling."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d

from pipeline.boxes import FloatArray

_STEP_S = 0.1  # between the knots of a path
_WAVES = 12  # that one trembling is made of


@dataclass(frozen=True)
class Ease:
    r"""A value that goes from ``first`` to ``last`` between two times, and stays before and after.

    ::

        speed   ____        even in the middle, rising and falling evenly over the share ``ramp`` of
               /    \        the time at either end: how a pilot's stick is set
        ______/      \____
    """

    first: float
    last: float
    start_s: float = 0.0
    stop_s: float = 1.0
    ramp: float = 0.25

    def __post_init__(self) -> None:
        if self.stop_s <= self.start_s:
            raise ValueError(f"stop_s must be > start_s, got {self.start_s} to {self.stop_s}")
        if not 0 < self.ramp <= 0.5:
            raise ValueError(f"ramp must be in (0, 0.5], got {self.ramp}")

    def at(self, times_s: FloatArray) -> FloatArray:
        """Values [n] at times [n]."""
        u = np.clip((times_s - self.start_s) / (self.stop_s - self.start_s), 0.0, 1.0)
        bend = 2 * self.ramp * (1 - self.ramp)
        even = (u - self.ramp / 2) / (1 - self.ramp)
        done = np.where(u < self.ramp, u**2 / bend, np.where(u > 1 - self.ramp, 1 - (1 - u) ** 2 / bend, even))
        return np.asarray(self.first + (self.last - self.first) * done)


def still(value: float) -> Ease:
    """A value that does not change."""
    return Ease(value, value)


@dataclass(frozen=True)
class Path:
    """A path over the ground: a cubic spline through ``xy`` [n, 2] in metres at rising ``time_s`` [n]; n = 1: a place.

    Before the first moment and after the last it stands still.
    """

    time_s: FloatArray
    xy: FloatArray

    def __post_init__(self) -> None:
        if self.time_s.ndim != 1 or self.xy.shape != (len(self.time_s), 2) or not len(self.time_s):
            raise ValueError(f"a path must be time_s [n], xy [n, 2], got {self.time_s.shape}, {self.xy.shape}")
        if not np.isfinite(self.xy).all() or (np.diff(self.time_s) <= 0).any():
            raise ValueError("a path must be finite and its times must rise")

    def at(self, times_s: FloatArray) -> FloatArray:
        """Places [n, 2] at times [n]."""
        if len(self.time_s) == 1:
            return np.repeat(self.xy, len(times_s), axis=0)
        return np.asarray(self._spline(np.clip(times_s, self.time_s[0], self.time_s[-1])))

    @cached_property
    def _spline(self) -> CubicSpline:
        return CubicSpline(self.time_s, self.xy, bc_type="clamped")

    def smooth(self, seconds: float) -> "Path":
        """The path without what is quicker than ``seconds`` (a Gaussian's standard deviation): what a pilot follows."""
        if len(self.time_s) == 1:
            return self
        knots = np.arange(self.time_s[0], self.time_s[-1] + _STEP_S, _STEP_S)
        even = np.column_stack([np.interp(knots, self.time_s, self.xy[:, k]) for k in (0, 1)])
        return Path(knots, gaussian_filter1d(even, seconds / _STEP_S, axis=0, mode="nearest"))


def place(xy: FloatArray) -> Path:
    """A path that stays at ``xy`` [2]."""
    return Path(np.zeros(1), np.asarray(xy, dtype=float).reshape(1, 2))


def line(xy: FloatArray, along: FloatArray, ease: Ease) -> Path:
    """A straight path through ``xy`` [2] in the direction ``along`` [2]: ``ease`` says how far from it, when."""
    knots = np.arange(ease.start_s, ease.stop_s + _STEP_S, _STEP_S)
    return Path(knots, xy + ease.at(knots)[:, None] * along)


@dataclass(frozen=True)
class Tremble:
    """Band-limited noise in several channels: a sum of waves, so that it is known at any time and has no seam.

    ``size`` [k, w] amplitudes, ``hertz`` [k, w], ``phase`` [k, w] in radians: k channels of w waves.
    """

    size: FloatArray
    hertz: FloatArray
    phase: FloatArray

    def at(self, times_s: FloatArray) -> FloatArray:
        """Values [n, k] at times [n]."""
        angle = 2 * np.pi * self.hertz * times_s[:, None, None] + self.phase
        return np.asarray((self.size * np.cos(angle)).sum(axis=-1))


def tremble(rms: FloatArray, low_hz: FloatArray, high_hz: FloatArray, rng: np.random.Generator) -> Tremble:
    """Noise of root mean square ``rms`` [k] in the bands ``low_hz`` to ``high_hz`` [k], stronger where it is slower.

    Frequencies are spread evenly in their logarithm, amplitudes fall as their root: the spectrum of drift in wind.
    """
    share = (np.arange(_WAVES) + rng.random((len(rms), _WAVES))) / _WAVES
    hertz = low_hz[:, None] * (high_hz / low_hz)[:, None] ** share
    size = hertz**-0.5
    size *= (np.asarray(rms) / np.sqrt((size**2).sum(axis=1) / 2))[:, None]
    return Tremble(size, hertz, rng.uniform(0, 2 * np.pi, hertz.shape))
