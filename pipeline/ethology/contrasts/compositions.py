"""Shares that sum to 1, compared by ratios (Aitchison 1986, "The Statistical Analysis of Compositional Data").

Letters: K behaviours; leading dimensions are free.
"""

import numpy as np

from pipeline.boxes import FloatArray


def replaced(shares: FloatArray, delta: float) -> FloatArray:
    """Shares ``[..., K]`` in which a zero is ``delta``, and the others are less in proportion.

    Multiplicative replacement (Martin-Fernandez, Barcelo-Vidal and Pawlowsky-Glahn 2003, Math Geol 35: 253-278): ratios
    between behaviours that were seen stay as they are.
    """
    zero = shares <= 0
    return np.where(zero, delta, shares * (1 - delta * zero.sum(axis=-1, keepdims=True)))


def clr(shares: FloatArray) -> FloatArray:
    """Centred log-ratios ``[..., K]``: the logarithm of each share over the geometric mean of all; they sum to 0."""
    logs = np.log(shares)
    return np.asarray(logs - logs.mean(axis=-1, keepdims=True))


def log_ratios(seconds: FloatArray, delta: float) -> FloatArray:
    """Centred log-ratios ``[..., K]`` of seconds, zeros replaced; NaN where there are none at all."""
    whole = seconds.sum(axis=-1, keepdims=True)
    shares = np.divide(seconds, whole, out=np.full(seconds.shape, np.nan), where=whole > 0)
    return np.where(np.isnan(shares), np.nan, clr(replaced(np.where(np.isnan(shares), 1.0, shares), delta)))
