"""Krippendorff's u-alpha: the bouts of any number of coders on one continuum, each bout taken as a whole.

Krippendorff, Mathet, Bouvry and Widloecher (2016, Qual Quant 50: 2347-2364) mended with it the unitising alpha of 1995,
which does not behave with more than two coders; also Krippendorff 2019, "Content Analysis", 4th ed., section 12.6.3.
What coincides are the lengths on which two coders say the same or not, as in ``alpha``, here of the time that all have
coded. Units of time within a bout are one decision of its coder, so that what is expected by chance leaves out every
pair of them: with bouts of one unit each it is alpha. Gaps hold no bout; their units count one by one.
"""

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.ethology.agreement.kappa import ratio
from pipeline.ethology.agreement.time_units import runs
from pipeline.types import IntArray


def of_all(codes: IntArray) -> IntArray:
    """``[coders, n]`` with what is negative in the units in which a coder told nothing."""
    return np.where((codes >= 0).all(axis=0), codes, -1)


def within_bouts(codes: IntArray, gap: int = -1) -> float:
    """Pairs of units within one bout, a unit with itself too: the squared lengths of all bouts, added up.

    ``codes`` is as ``of_all`` gives them; ``gap`` is the code of gaps, whose units are not within anything.
    """
    pairs = 0
    for own in codes:
        start, stop, code = runs(own)
        length = (stop - start)[code >= 0]
        pairs += int(np.where(code[code >= 0] == gap, length, length**2).sum())
    return float(pairs)


def u_alpha(pairs: FloatArray, within: FloatArray) -> FloatArray:
    """``[...]`` from coincidences ``[..., K, K]`` and ``within_bouts`` ``[...]``; NaN: all values are alike, or none.

    Observed over expected disagreement, both of ``n`` values ``n_c`` of which are ``c``: the expected one is ``n (n^2 -
    sum n_c^2) / (n^2 - within)``.
    """
    by_value = pairs.sum(axis=-1)
    total = by_value.sum(axis=-1)
    observed = total - np.einsum("...kk->...", pairs)
    expected = total * ratio(total**2 - (by_value**2).sum(axis=-1), total**2 - within)
    return np.asarray(1 - ratio(observed, expected))
