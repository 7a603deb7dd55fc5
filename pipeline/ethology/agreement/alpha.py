"""Krippendorff's alpha over time units: any number of coders, each of whom may have told nothing in some units.

Nominal metric, by the coincidence matrix (Krippendorff 2019, "Content Analysis", 4th ed., section 12.3).
"""

from itertools import combinations

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.ethology.agreement.kappa import ratio
from pipeline.types import IntArray


def coincidences(codes: IntArray, behaviours: int) -> FloatArray:
    """``[K, K]`` pairs of values of different coders in one unit, a pair in a unit of ``m`` values as ``1 / (m - 1)``.

    ``codes`` is ``[coders, n]``, negative where a coder told nothing; what one coder alone told counts for nothing.
    """
    weight = 1 / np.maximum((codes >= 0).sum(axis=0) - 1, 1)
    cells = np.zeros(behaviours**2)
    for first, second in combinations(codes, 2):
        both = (first >= 0) & (second >= 0)
        cells += np.bincount(first[both] * behaviours + second[both], weight[both], behaviours**2)
    pairs = cells.reshape(behaviours, behaviours)
    return pairs + pairs.T


def alpha(pairs: FloatArray) -> FloatArray:
    """``1 - observed / expected disagreement`` of ``[..., K, K]``; NaN where all values are alike or there is none."""
    by_value = pairs.sum(axis=-1)
    total = by_value.sum(axis=-1)
    observed = total - np.einsum("...kk->...", pairs)
    expected = ratio(total**2 - (by_value**2).sum(axis=-1), total - 1)
    return 1 - ratio(observed, expected)
