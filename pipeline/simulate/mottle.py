"""Smooth noise in three dimensions, for coats: a sum of waves in random directions."""

import numpy as np

from pipeline.boxes import FloatArray

WAVES = 8


class Mottle:
    """A smooth random field with values about 0, standard deviation 1, and bumps about ``size_m`` across."""

    def __init__(self, rng: np.random.Generator, size_m: float) -> None:
        if not size_m > 0:
            raise ValueError(f"size_m must be > 0, got {size_m}")
        self.waves = rng.normal(0, np.pi / (1.6 * size_m), (3, WAVES))
        self.phases = rng.uniform(0, 2 * np.pi, WAVES)

    def __call__(self, points: FloatArray) -> FloatArray:
        """Values [n] at points [n, 3] in metres."""
        single = np.asarray(points, dtype=np.float32)
        total = np.zeros(len(single), dtype=np.float32)
        for wave, phase in zip(self.waves.T.astype(np.float32), self.phases.astype(np.float32), strict=True):
            total += np.cos(single @ wave + phase)
        return np.asarray(total * np.sqrt(2 / WAVES), dtype=np.float64)


def smooth(low: float, high: float, x: FloatArray) -> FloatArray:
    """0 up to ``low``, 1 from ``high``, smooth in between; ``high`` below ``low`` turns it round."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def mix(first: FloatArray, second: FloatArray, share: FloatArray) -> FloatArray:
    """Colours [n, 3] or [3], mixed by ``share`` [n] of the second."""
    return np.asarray(first + (second - first) * share[:, None])
