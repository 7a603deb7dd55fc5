"""What a virtual observer brings home, once for every time that sampling was started anew."""

from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.ethology.observers.settings import ObserverSettings


@dataclass(frozen=True)
class Estimates:
    """``R`` repetitions of one method at one interval, over ``K`` behaviours; NaN where nothing can be told."""

    share: FloatArray  # [R, K] of time; of one-zero sampling, of intervals
    starts_per_h: FloatArray  # [R, K]
    truncated: FloatArray  # [R, K] share of the bouts in the samples that a sample's end cuts; NaN but in focal samples
    records: FloatArray  # [R] points, animals scanned, samples or intervals
    missed: FloatArray  # [R] share of them that was not visible or unknown
    observer_min: FloatArray  # [R]
    why_not: str = "nothing visible was sampled"  # where there is no estimate

    @classmethod
    def none(cls, kinds: int, why_not: str) -> "Estimates":
        """Of sampling that was not tried."""
        nothing, unknown = np.zeros(1), np.full((1, kinds), np.nan)
        return cls(unknown, unknown, unknown, nothing, np.full(1, np.nan), nothing, why_not)


def moments(interval_s: float, settings: ObserverSettings) -> tuple[FloatArray, str]:
    """When sampling starts ``[R]``, in ``[0, interval_s)``, and how these were chosen.

    Every whole step of the interval where these are no more than ``offsets``; else so many at random.
    """
    steps = interval_s / settings.step_s
    if round(steps) >= 1 and abs(steps - round(steps)) < 1e-9 and round(steps) <= settings.offsets:
        return np.arange(
            round(steps), dtype=np.float64
        ) * settings.step_s, f"all offsets in steps of {settings.step_s:g} s"
    return chance(interval_s, settings).uniform(0, interval_s, settings.offsets), drawn_words(settings)


def chance(interval_s: float, settings: ObserverSettings) -> np.random.Generator:
    """Random numbers that do not depend on which other intervals are asked for."""
    return np.random.default_rng([settings.seed, round(1000 * interval_s)])


def drawn_words(settings: ObserverSettings) -> str:
    """How random offsets are told of."""
    return f"{settings.offsets} random offsets, seed {settings.seed}"
