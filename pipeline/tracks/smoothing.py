"""Boxes between the detections: interpolated over short gaps, and smoothed in time."""

from dataclasses import replace

import numpy as np

from pipeline.boxes import FloatArray, centre
from pipeline.timebase import CLOSE_S
from pipeline.tracks.fragments import Fragment
from pipeline.types import IntArray

_REACH = 3.0  # standard deviations after which a weight is as good as 0


def interpolated(fragment: Fragment, times_s: FloatArray, max_gap_s: float) -> Fragment:
    """A box on every source frame between two detections that are at most ``max_gap_s`` apart, linear in time.

    ``times_s`` are those of all frames of the ledger. The score goes over from one detection's to the other's.

    ::

        detections   o . . o . . . . . . . o . o      gaps of 3 and 2 are filled, one of 8 is too long
        result       o i i o               o i o
    """
    known = fragment.times_s
    every = np.arange(fragment.rows[0], fragment.rows[-1] + 1)
    next_one = np.searchsorted(fragment.rows, every)
    last_one = next_one - (fragment.rows[next_one] != every)
    keep = known[next_one] - known[last_one] <= max_gap_s + CLOSE_S
    rows, before, after = every[keep], last_one[keep], next_one[keep]
    gap_s, passed_s = known[after] - known[before], times_s[rows] - known[before]
    share = np.divide(passed_s, gap_s, out=np.zeros_like(gap_s), where=gap_s > 0)
    return replace(
        fragment,
        rows=rows,
        times_s=times_s[rows],
        xyxy=_between(fragment.xyxy, before, after, share[:, None]),
        score=_between(fragment.score, before, after, share),
        observed=before == after,
    )


def _between(values: FloatArray, before: IntArray, after: IntArray, share: FloatArray) -> FloatArray:
    return values[before] + share * (values[after] - values[before])


def smoothed(fragment: Fragment, smooth_s: float) -> Fragment:
    """Centres and sizes smoothed over ``smooth_s`` (standard deviation of a Gaussian weight); 0 leaves them.

    Each value becomes that of a weighted straight line through its neighbours (Cleveland 1979, J. Am. Stat. Assoc.
    74:829), so an animal that walks straight is not held back at its track's ends. Nothing is carried over a gap.
    """
    if smooth_s <= 0:
        return fragment
    cuts = np.flatnonzero(np.diff(fragment.rows) > 1) + 1
    parts = zip(np.split(fragment.times_s, cuts), np.split(fragment.xyxy, cuts), strict=True)
    return replace(fragment, xyxy=np.concatenate([_smooth_boxes(t, xyxy, smooth_s) for t, xyxy in parts]))


def _smooth_boxes(times_s: FloatArray, xyxy: FloatArray, smooth_s: float) -> FloatArray:
    size = xyxy[:, 2:] - xyxy[:, :2]
    values = local_line(times_s, np.column_stack([centre(xyxy), size]), smooth_s)
    half = np.maximum(values[:, 2:], size.min(axis=0)) / 2  # a line must not run below any size that was seen
    return np.column_stack([values[:, :2] - half, values[:, :2] + half])


def local_line(times_s: FloatArray, values: FloatArray, sigma_s: float) -> FloatArray:
    """``values`` [n, d] at rising ``times_s`` [n], each replaced by the weighted straight line through its neighbours.

    Weights are Gaussian with ``sigma_s`` > 0; exact for values that are linear in time, at the ends too.
    """
    n = len(times_s)
    reach = int((np.searchsorted(times_s, times_s + _REACH * sigma_s, side="right") - np.arange(n)).max())
    weight, first, second = np.zeros(n), np.zeros(n), np.zeros(n)  # sums of w, w dt, w dt^2
    level, slope = np.zeros_like(values), np.zeros_like(values)  # sums of w y, w dt y
    for shift in range(-min(reach, n) + 1, min(reach, n)):
        here = slice(max(0, -shift), min(n, n - shift))
        there = slice(max(0, shift), min(n, n + shift))
        dt = times_s[there] - times_s[here]
        w = np.exp(-0.5 * (dt / sigma_s) ** 2)
        weight[here] += w
        first[here] += w * dt
        second[here] += w * dt**2
        level[here] += w[:, None] * values[there]
        slope[here] += (w * dt)[:, None] * values[there]
    spread = weight * second - first**2
    straight = spread > 1e-9 * (weight * sigma_s) ** 2  # False for a lone box: its line has no slope
    line = (second[:, None] * level - first[:, None] * slope) / np.where(straight, spread, 1)[:, None]
    return np.where(straight[:, None], line, level / weight[:, None])
