"""Confusion matrices, and what they make of the shares that were told. Rows are true, columns told.

Letters: K behaviours, T told words (the behaviours and ``unknown``), S species; leading dimensions are free.

If a behaviour that is true for a share ``p_i`` of the time is told as ``j`` with the rate ``C_ij``, whatever the
shares, then ``q = C' p`` is told. Solving this for ``p`` corrects any other shares than those of the clips (Rogan and
Gladen 1978, Am J Epidemiol 107: 71-76, of two classes), but blows up chance by up to the condition number of ``C``.
Post-stratification, ``p_i = sum_j q_j P(true i | told j)``, is steady, but right only where behaviours are as frequent
as among the clips (both in Buonaccorsi 2010, "Measurement Error", chapter 2).
"""

import numpy as np
from scipy.optimize import nnls

from pipeline.boxes import FloatArray


def rates(counts: FloatArray) -> FloatArray:
    """``counts [..., K, T]`` by row: how often what is true is told so. NaN in a row without clips."""
    whole = counts.sum(axis=-1, keepdims=True)
    return np.asarray(np.divide(counts, whole, out=np.full(counts.shape, np.nan), where=whole > 0))


def predictive(counts: FloatArray) -> FloatArray:
    """``counts [..., K, T]`` by column: how often what is told is true. What no clip is told as is taken as told."""
    as_told = np.broadcast_to(np.eye(*counts.shape[-2:]), counts.shape)
    return np.where(
        counts.sum(axis=-2, keepdims=True) > 0, np.swapaxes(rates(np.swapaxes(counts, -1, -2)), -1, -2), as_told
    )


def shrunk(own: FloatArray, rate: FloatArray, clips: float, axis: int = -1) -> FloatArray:
    """Rates of ``own`` clips ``[..., K, T]`` with so many ``clips`` of the ``rate`` of all species put to each row.

    A row of ``n`` clips of its own is ``n / (n + clips)`` its own (a Dirichlet prior: Bishop, Fienberg and Holland
    1975, "Discrete Multivariate Analysis", chapter 12). ``axis`` -2: to each column, of predictive values.
    """
    whole = own.sum(axis=axis, keepdims=True) + clips
    return np.asarray(
        np.divide(own + clips * rate, whole, out=np.broadcast_to(rate, own.shape).copy(), where=whole > 0)
    )


def condition(rate: FloatArray) -> float:
    """Condition number of a matrix of rates (2-norm): infinite where a row is like a mixture of others."""
    return float(np.linalg.cond(rate)) if np.isfinite(rate).all() else np.inf


def constrained(rate: FloatArray, told: FloatArray) -> FloatArray:
    """The shares ``[K]``, none negative, with the sum of ``told [T]``, whose mixture of rows is nearest to it.

    Where solving gives shares in [0, 1] this is the solution. Least squares on the simplex are non-negative ones of
    ``[C' - q 1'; 1'] p = [0; 1]``, scaled: for any direction of ``p`` the best length is in between.
    """
    whole = told.sum()
    if not whole > 0:
        return np.zeros(len(rate))
    apart = rate.T - (told / whole)[:, None]
    found = nnls(np.vstack([apart, np.ones(len(rate))]), np.append(np.zeros(len(told)), 1.0))[0]
    return np.asarray(found / found.sum() * whole)


def poststratified(value: FloatArray, told: FloatArray) -> FloatArray:
    """The shares ``[K]`` of ``told [T]`` by predictive values ``[K, T]``."""
    return np.asarray(value @ told)
