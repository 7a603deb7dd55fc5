"""Intervals over recordings: they are resampled whole, because what lies within one is not independent.

``ethology.statistics`` has the sources. Under ``min_units`` recordings there are points and no interval.
"""

from typing import Any

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.statistics import expanded_tail
from pipeline.evaluation.settings import EvaluationPlan

Limits = dict[Any, tuple[float, float]]  # by the name of the figure's column


def drawn(units: int, plan: EvaluationPlan) -> FloatArray:
    """How often each of the ``units`` counts in each resample ``[R, units]``; ``R`` is 0 where they are too few."""
    rng = np.random.default_rng(plan.seed)
    times = plan.resamples if units >= plan.min_units else 0
    return rng.multinomial(units, np.full(units, 1 / units), size=times).astype(np.float64)


def limits(samples: pd.DataFrame, units: int, confidence: float) -> Limits:
    """Limits of each column of ``samples``, a row a resample; a column without any number has none."""
    told = samples.dropna(axis="columns", how="all")
    if told.empty:
        return {}
    tail = expanded_tail(units, confidence)
    low, high = told.quantile(tail), told.quantile(1 - tail)
    return {name: (float(low[name]), float(high[name])) for name in told.columns}
