"""Instantaneous and scan sampling: the state in force at each moment.

The share of points is an unbiased estimate of the share of time; states shorter than the interval are missed as bouts,
never as time (Altmann 1974, Behaviour 49: 227-267). An event has no duration and is at no moment.

::

    record     A A A A A B B C A A A A ?
    moments    |     |     |     |     |      A A B A: three changes happened, two are seen; at ? nothing
"""

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.ethology.observers.estimates import Estimates, chance, drawn_words, moments
from pipeline.ethology.observers.line import Line, Spans
from pipeline.ethology.observers.settings import ObserverSettings
from pipeline.ethology.sums import over
from pipeline.timebase import CLOSE_S
from pipeline.types import IntArray


def instantaneous(line: Line, interval_s: float, settings: ObserverSettings) -> tuple[Estimates, str]:
    """Each animal watched by itself, as long as it is there, from a moment of its own in each repetition."""
    places = len(line.video)
    phases = chance(interval_s, settings).uniform(0, interval_s, (settings.offsets, places))
    minutes = np.full(len(phases), line.tracked.total_s / 60)
    return _sampled(line, interval_s, phases, minutes), drawn_words(settings)


def scan(line: Line, interval_s: float, settings: ObserverSettings) -> tuple[Estimates, str]:
    """All animals of a video at the same moments; the observer is there from its first animal to its last."""
    offsets, words = moments(interval_s, settings)
    phases = np.broadcast_to(offsets[:, None], (len(offsets), len(line.video)))
    minutes = np.full(len(phases), sum(stop - start for start, stop in watches(line)) / 60)
    return _sampled(line, interval_s, phases, minutes), words


def watches(line: Line) -> list[tuple[float, float]]:
    """From when to when somebody is tracked in each video."""
    video = line.video[line.tracked.place]
    return [
        (float(line.tracked.start_s[video == k].min()), float(line.tracked.stop_s[video == k].max()))
        for k in np.unique(video)
    ]


def _sampled(line: Line, interval_s: float, phases: FloatArray, minutes: FloatArray) -> Estimates:
    """Points at ``phases [R, P] + k interval_s`` of each place's clock."""
    once = [_once(line, interval_s, phase) for phase in phases]
    points, changes, steps, tracked = (np.array(column) for column in zip(*once, strict=True))
    visible = points.sum(axis=1)
    hours = steps * interval_s / 3600
    none = np.full(points.shape, np.nan)
    return Estimates(over(points, visible), over(changes, hours), none, tracked, 1 - over(visible, tracked), minutes)


def _once(line: Line, interval_s: float, phase: FloatArray) -> tuple[FloatArray, FloatArray, float, float]:
    """Points in each behaviour ``[K]``, changes into it ``[K]``, steps from point to point, points while tracked.

    A step, and so a change, lies within a span: both of its points are visible and nothing broke between them.
    """
    times = _points(line.start_s, line.stop_s, phase[line.place], interval_s)
    hit = np.flatnonzero(times)
    same = line.span[hit[1:]] == line.span[hit[:-1]]
    changed = hit[1:][same & (line.code[hit[1:]] != line.code[hit[:-1]])]
    into = np.bincount(line.code[changed], minlength=len(line.names)).astype(np.float64)
    steps = times.sum() - (len(hit) - same.sum())  # bouts are by span: so many of these were hit
    return line.summed(times.astype(np.float64)), into, float(steps), float(_in(line.tracked, phase, interval_s).sum())


def _in(spans: Spans, phase: FloatArray, interval_s: float) -> IntArray:
    return _points(spans.start_s, spans.stop_s, phase[spans.place], interval_s)


def _points(start_s: FloatArray, stop_s: FloatArray, phase: FloatArray, interval_s: float) -> IntArray:
    """How many moments lie in each ``[start_s, stop_s)``."""
    before = np.ceil((start_s - phase - CLOSE_S) / interval_s)
    return (np.ceil((stop_s - phase - CLOSE_S) / interval_s) - before).astype(np.int64)
