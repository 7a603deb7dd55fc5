"""How figures and their intervals are made; ``limits.py`` makes those of shares and rates."""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, ndtr, stdtrit

LEAST_P = 1e-300  # a smaller p of chi-square is said to be this: 0 it is never
TAKEN = (
    *("pooled", "species", "session", "individual", "track", "video", "time_bin"),  # levels that there are anyhow
    *("subject", "set", "behaviour", "kind", "confidence", "source", "reason", "frame", "time_s"),  # of tables of ours
    *("start_s", "stop_s", "duration_s", "start_frame", "stop_frame", "censored_start", "censored_stop"),
    *("frames", "left_out", "cause"),  # of what they are made from
)


@dataclass(frozen=True)
class StatisticsSettings:
    """How figures and their intervals are made; ``configs/statistics`` explains the values."""

    interval_s: float
    by: list[str]
    time_bin_s: float | None
    min_units: int
    min_visible_s: float
    confidence: float
    resamples: int
    seed: int

    def __post_init__(self) -> None:
        if not self.interval_s >= 0.01:
            raise ValueError(f"interval_s must be >= 0.01, got {self.interval_s}")
        if twice := sorted({name for name in self.by if self.by.count(name) > 1 or name in TAKEN or not name}):
            raise ValueError(f"by must name columns, each once, and none of {', '.join(TAKEN)}; got {twice[0]!r}")
        if self.time_bin_s is not None and not self.time_bin_s > 0:
            raise ValueError(f"time_bin_s must be > 0 or null, got {self.time_bin_s}")
        if self.min_units < 2:
            raise ValueError(f"min_units must be >= 2, got {self.min_units}")
        if not self.min_visible_s >= 0:
            raise ValueError(f"min_visible_s must be >= 0, got {self.min_visible_s}")
        if not 0 < self.confidence < 1:
            raise ValueError(f"confidence must be in (0, 1), got {self.confidence}")
        if self.resamples < 100:
            raise ValueError(f"resamples must be >= 100, got {self.resamples}")
        if self.seed < 0:
            raise ValueError(f"seed must be >= 0, got {self.seed}")


def expanded_tail(units: int, confidence: float) -> float:
    """The share below the lower limit of an expanded percentile interval from so many units (2 or more).

    Plain percentiles are about ``sqrt((n - 1) / n)`` too narrow and use the normal quantile (Hesterberg 2015, Am Stat
    69: 371-386).
    """
    return float(ndtr(np.sqrt(units / (units - 1)) * stdtrit(units - 1, (1 - confidence) / 2)))


def chi_square_p(value: float, freedom: float) -> float:
    """Share of the chi-square distribution that is at least ``value``; ``LEAST_P`` where it is less than that."""
    return max(float(chdtrc(freedom, value)), LEAST_P)
