"""How often each behaviour is in this footage, told from the recognizer's probabilities before they are read.

A recognizer that was shown every behaviour as often takes rare ones for as likely as common ones: of much grazing a
little is called grooming, which is much for grooming. Saerens, Latinne and Decaestecker (2002, Neural Computation 14:
21-41) estimate the frequencies by expectation maximization, and weigh the probabilities by them. That needs
probabilities that are calibrated (Alexandari, Kundaje and Shrikumar 2020, Proc 37th ICML: 222-232).
"""

import numpy as np

from pipeline.boxes import FloatArray

_STEPS = 500  # of the estimate, at most
_STILL = 1e-7  # a change smaller than this ends it


def odds(probabilities: FloatArray, adapt: float) -> FloatArray:
    """How many times as often as in training each column of ``probabilities [n, k]`` occurs in these ``n`` windows.

    ``adapt`` (0 to 1) is the share of the footage's own frequencies in the result; the rest is even, so that with less
    than 1 nothing becomes impossible: it is the most probable under a Dirichlet prior that weighs ``(1 - adapt) /
    adapt`` times as much as the windows. A row that sums to less than 1 counts less. 1 everywhere without any windows,
    with ``adapt`` 0, and for a single column.
    """
    columns = probabilities.shape[1]
    weight = probabilities.sum(axis=1)
    if adapt == 0 or not weight.any():
        return np.ones(columns)
    even = frequency = np.full(columns, 1 / columns)
    for _ in range(_STEPS):
        before = frequency
        own = weighed(probabilities, frequency).sum(axis=0) / weight.sum()
        frequency = adapt * own + (1 - adapt) * even
        if np.abs(frequency - before).max() < _STILL:
            break
    return np.asarray(frequency * columns)


def weighed(probabilities: FloatArray, by: FloatArray) -> FloatArray:
    """Each row of ``probabilities [n, k]`` times ``by [k]``, brought back to the sum that it had."""
    product = probabilities * by
    total = product.sum(axis=1, keepdims=True)
    scale = np.divide(probabilities.sum(axis=1, keepdims=True), total, out=np.zeros_like(total), where=total > 0)
    return np.asarray(product * scale)
