"""How figures are made, and the cluster bootstrap for those whose limits have no formula (``limits.py`` has others).

The highest independent unit is resampled whole, because what lies below it is not independent (Hurlbert 1984, Ecol
Monogr 54: 187-211; Davison and Hinkley 1997, "Bootstrap Methods and their Application", section 3.8).
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import ndtr, stdtrit

from pipeline.boxes import FloatArray
from pipeline.types import BoolArray, IntArray

TAKEN = ("pooled", "species", "session", "individual", "track", "video", "time_bin")  # levels that there are anyhow


@dataclass(frozen=True)
class StatisticsSettings:
    """How figures and their intervals are made; ``configs/statistics`` explains the values."""

    interval_s: float
    by: list[str]
    time_bin_s: float | None
    min_units: int
    confidence: float
    resamples: int
    seed: int

    def __post_init__(self) -> None:
        if not self.interval_s > 0:
            raise ValueError(f"interval_s must be > 0, got {self.interval_s}")
        if twice := sorted({name for name in self.by if self.by.count(name) > 1 or name in TAKEN or not name}):
            raise ValueError(f"by must name columns, each once, and none of {', '.join(TAKEN)}; got {twice[0]!r}")
        if self.time_bin_s is not None and not self.time_bin_s > 0:
            raise ValueError(f"time_bin_s must be > 0 or null, got {self.time_bin_s}")
        if self.min_units < 2:
            raise ValueError(f"min_units must be >= 2, got {self.min_units}")
        if not 0 < self.confidence < 1:
            raise ValueError(f"confidence must be in (0, 1), got {self.confidence}")
        if self.resamples < 100:
            raise ValueError(f"resamples must be >= 100, got {self.resamples}")
        if self.seed < 0:
            raise ValueError(f"seed must be >= 0, got {self.seed}")


def resampled(session: IntArray, named: BoolArray, settings: StatisticsSettings) -> FloatArray:
    """How often each leaf counts in each bootstrap sample: ``[resamples, leaves]``.

    A leaf is one named animal in one session, or all unnamed animals of a session together. Sessions are drawn with
    replacement; in each drawn session its named animals are drawn with replacement, as many as it has, while what
    nobody named is kept as it is: fragments are not replicates. A single session is not resampled, its named animals
    are. The draws of ``c`` copies of a session with ``m`` named animals are one multinomial of ``c * m``.
    """
    _, place = np.unique(session, return_inverse=True)
    told = place.astype(np.int64).tobytes(), np.asarray(named, dtype=bool).tobytes()
    return _resampled(*told, settings.resamples, settings.seed)


@lru_cache(maxsize=4)
def _resampled(place: bytes, named: bytes, resamples: int, seed: int) -> FloatArray:
    """The draws by the bytes of the leaves' session and whether they are named: many figures rest on the same ones."""
    at, is_named = np.frombuffer(place, dtype=np.int64), np.frombuffer(named, dtype=bool)
    rng = np.random.default_rng(seed)
    kinds = int(at.max()) + 1
    drawn = rng.multinomial(kinds, np.full(kinds, 1 / kinds), size=resamples)
    weights = drawn[:, at].astype(np.float64)
    for number in range(kinds):
        animals = np.flatnonzero((at == number) & is_named)
        if len(animals) > 1:
            each = np.full(len(animals), 1 / len(animals))
            weights[:, animals] = rng.multinomial(drawn[:, number] * len(animals), each)
    weights.flags.writeable = False
    return weights


def ratio_limits(
    parts: FloatArray, whole: FloatArray, weights: FloatArray, units: int, confidence: float
) -> tuple[FloatArray, FloatArray]:
    """Limits ``[K]`` and ``[K]`` of the pooled ratio ``parts [leaves, K] / whole [leaves]``.

    Percentiles of the resampled ratios, widened for few ``units`` (``expanded_tail``). Shares have ``limits.py``;
    this is for means. Samples with nothing in the whole have no ratio and are left out.
    """
    total = weights @ whole
    kept = total > 0
    ratios = (weights[kept] @ parts) / total[kept, None]
    tail = expanded_tail(units, confidence)
    low, high = np.quantile(ratios, [tail, 1 - tail], axis=0)
    return low, high


def expanded_tail(units: int, confidence: float) -> float:
    """The share below the lower limit of an expanded percentile interval from so many units (2 or more).

    Plain percentiles are about ``sqrt((n - 1) / n)`` too narrow and use the normal quantile (Hesterberg 2015, Am Stat
    69: 371-386, section 4.4).
    """
    return float(ndtr(np.sqrt(units / (units - 1)) * stdtrit(units - 1, (1 - confidence) / 2)))
