"""Focal samples: one animal after the other, each followed for a fixed time.

Whom to follow is drawn by lot among the animals in sight as the sample starts, those followed least first: a random
order of individuals in which nobody is left out (Altmann 1974, Behaviour 49: 227-267). Bouts that a sample's start or
end cuts are counted as truncated. A sample of an animal that goes out of sight goes on: that time is missed. Every
minute of the video weighs the same, however many animals are there: where that differs, so does the share from the
pooled one.

::

    animal 1   [A A B]. . .[B B A].        samples of 3 s; the last is as long as the record is
    animal 2    . . .[C A A]. . .[C
"""

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.ethology.observers.estimates import Estimates, chance
from pipeline.ethology.observers.instants import watches
from pipeline.ethology.observers.line import Line
from pipeline.ethology.observers.settings import ObserverSettings
from pipeline.ethology.observers.windows import Clock
from pipeline.ethology.sums import over
from pipeline.types import IntArray


def focal(line: Line, length_s: float, settings: ObserverSettings) -> tuple[Estimates, str]:
    """Samples from the first moment of every video to its last; each repetition has orders of its own."""
    clock, rng = Clock(line), chance(length_s, settings)
    shape = (settings.offsets, len(line.names))
    seconds, starts, cut, bouts = np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(shape)
    visible, watched, samples = np.zeros(len(seconds)), np.zeros(len(seconds)), np.zeros(len(seconds))
    for video, (first, last) in zip(np.unique(line.video[line.tracked.place]), watches(line), strict=True):
        places = np.flatnonzero(line.video == video)
        begin = np.arange(first, last - 1e-6, length_s)
        end = np.minimum(begin + length_s, last)
        chosen = _chosen(clock.there(places, begin), settings.offsets, rng)  # [R, samples] of places, -1: nobody
        who = np.where(chosen >= 0, places[chosen], -1)
        at = np.nonzero(who >= 0)
        place, start, stop = who[at], begin[at[1]], end[at[1]]
        for k in range(len(line.names)):
            for total, values in zip(
                (seconds, starts, cut, bouts), clock.behaviour(k, place, start, stop), strict=True
            ):
                total[:, k] += _by_repetition(at[0], values, settings.offsets)
        visible += _by_repetition(at[0], clock.visible(place, start, stop), settings.offsets)
        watched += _by_repetition(at[0], stop - start, settings.offsets)
        samples += _by_repetition(at[0], np.ones(len(place)), settings.offsets)
    estimates = Estimates(
        over(seconds, visible) if not line.is_event else np.full(shape, np.nan),
        over(starts * 3600, visible),
        over(cut, bouts) if not line.is_event else np.full(shape, np.nan),
        samples,
        1 - over(visible, watched),
        watched / 60,
    )
    return estimates, f"{settings.offsets} random orders, seed {settings.seed}"


def _chosen(there: np.ndarray, repetitions: int, rng: np.random.Generator) -> IntArray:
    """``[R, samples]`` which animal is followed, -1 where nobody is ``there [samples, animals]`` as it starts."""
    samples, animals = there.shape
    times = np.zeros((repetitions, animals))
    chosen = np.full((repetitions, samples), -1, dtype=np.int64)
    for number in range(samples):
        if there[number].any():
            lot = times + rng.random((repetitions, animals))
            chosen[:, number] = np.where(there[number], lot, np.inf).argmin(axis=1)
            times[np.arange(repetitions), chosen[:, number]] += 1
    return chosen


def _by_repetition(at: IntArray, values: FloatArray, repetitions: int) -> FloatArray:
    return np.bincount(at, weights=values, minlength=repetitions).astype(np.float64)
