"""How fast an animal goes over the ground, as a window shows it: in body lengths/s, and by its own size."""

import numpy as np

from pipeline.boxes import FloatArray, centre
from pipeline.types import IntArray, Window

_GRAVITY = 9.81  # m/s^2
_LEAST_KNOWN = 0.5  # share of the samples; where fewer have the camera's motion, a following camera's animal "stands"


def speed_of(window: Window, step_s: float) -> float:
    """Speed over the ground in body lengths/s; NaN where less than half of ``step_s`` passes, where there is no length,
    and where the camera's motion was not told for most samples.

    Lengths are those of the picture: of an animal that goes toward the camera both its way and its body seem shorter.
    """
    if not window.length_px > 0 or window.known < _LEAST_KNOWN:
        return float("nan")
    return _speed(window.times_s, centre(window.steady), step_s) / window.length_px


def dimensionless_speeds_of(window: Window, step_s: float, moments: int = 1) -> FloatArray:
    """Speed over the ground v / sqrt(g * body length), from places in metres, about the middle of each of so many
    stretches of the window ``[moments]``; NaN where less than half of ``step_s`` passes, where there is no length, and
    where most samples have no place.

    The root of a Froude number (Alexander & Jayes 1983, J Zool 201: 135) that has the body's length in place of the
    height of the hip, which no box tells: animals large and small change their gait at about the same value.
    """
    told = np.full(moments, np.nan)
    if window.ground is None or not window.length_m > 0:
        return told
    known = ~np.isnan(window.ground).any(axis=1)
    if known.mean() < _LEAST_KNOWN:
        return told
    times, places = window.times_s[known], window.ground[known]
    for k, stretch in enumerate(window.moments(moments)):
        told[k] = _speed(times, places, step_s, float(stretch.times_s[0] + stretch.times_s[-1]) / 2)
    return told / float(np.sqrt(_GRAVITY * window.length_m))


def _speed(times: FloatArray, points: FloatArray, step_s: float, about_s: float | None = None) -> float:
    """Way of ``points [n, 2]`` by time; NaN where less than half of ``step_s`` passes.

    The median over the window of displacement / time between samples about ``step_s`` apart, or over those of them with
    ``about_s`` between them: a box that jitters by e px about a resting animal seems to move at about
    1.2 * e * sqrt(2) / step_s px/s, whatever the frame rate (Rayleigh's median), and a few wild boxes do not count.

    ::

        step of 3 samples:   f--.--.--f        each pair (f, f) gives one speed
                                f--.--.--f
    """
    elapsed = float(times[-1] - times[0])
    if elapsed < step_s / 2:
        return float("nan")
    first, second = _pairs(times, min(step_s, elapsed))
    if about_s is not None:
        around = (times[first] <= about_s) & (times[second] >= about_s)
        first, second = first[around], second[around]
    if not len(first):
        return float("nan")
    moved = np.hypot(*(points[second] - points[first]).T)
    return float(np.median(moved / (times[second] - times[first])))


def _pairs(times: FloatArray, step: float) -> tuple[IntArray, IntArray]:
    """Each sample [p] and the first one at least 0.9 ``step`` later; samples that are repeats of the last have none."""
    first = np.arange(len(times))
    second = np.searchsorted(times, times + 0.9 * step).astype(np.int64)
    inside = second < len(times)
    return first[inside], second[inside]
