"""The share of bouts, gaps or latencies that last longer: what the record cut short counts as a lower bound.

A time that is cut lasted at least so long (right-censored). Leaving it out, or taking it for a whole one, makes times
too short, the long ones most (Kaplan and Meier 1958, J Am Stat Assoc 53: 457-481).
"""

from typing import NamedTuple

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.types import BoolArray, IntArray


class Curve(NamedTuple):
    """Kaplan-Meier's estimate at each of ``t`` times at which a bout ended."""

    time_s: FloatArray  # [t] rising
    at_risk: IntArray  # [t]
    ended: IntArray  # [t]
    survival: FloatArray  # [t] share that lasts longer

    def mean_s(self, longest_s: float) -> float:
        """Area below the curve up to the longest bout, whole or cut; NaN without an ended bout."""
        if not len(self.time_s):
            return np.nan
        edges = np.concatenate([[0.0], self.time_s, [max(longest_s, float(self.time_s[-1]))]])
        return float(np.sum(np.diff(edges) * np.concatenate([[1.0], self.survival])))

    def median_s(self) -> float:
        """First time after which no more than half go on; NaN where more do at the end."""
        below = np.flatnonzero(self.survival <= 0.5 + 1e-12)
        return float(self.time_s[below[0]]) if len(below) else np.nan


def product_limit(duration_s: FloatArray, ended: BoolArray) -> Curve:
    """The survival curve of bouts that ended or were cut after ``duration_s``; one cut then is still at risk then."""
    times, counts = np.unique(duration_s[ended], return_counts=True)
    at_risk = len(duration_s) - np.searchsorted(np.sort(duration_s), times, side="left")
    survival: FloatArray = np.cumprod(1 - counts / np.maximum(at_risk, 1)).astype(np.float64)
    return Curve(times, at_risk.astype(np.int64), counts.astype(np.int64), survival)
