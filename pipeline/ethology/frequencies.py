"""How often each behaviour is in a video, told from the recognizer's probabilities before they are read.

A recognizer that was shown every behaviour as often takes rare ones for as likely as common ones: of much grazing a
little is called grooming, which is much for grooming. Saerens, Latinne and Decaestecker (2002, Neural Computation 14:
21-41) estimate the frequencies by expectation maximization, and weigh the probabilities by them. That needs behaviours
that exclude each other and probabilities that are calibrated (Alexandari, Kundaje and Shrikumar 2020, Proc 37th ICML:
222-232). All animals of the video share one estimate; windows that overlap count as if they did not.
"""

import numpy as np

from pipeline.boxes import FloatArray

_STEPS = 500  # of the estimate, at most
_STILL = 1e-7  # a change smaller than this ends it


def times_as_often(probabilities: FloatArray, adapt: float) -> FloatArray:
    """How often each of ``k`` behaviours is in ``n`` windows; 1: as often as if all were equally frequent.

    ``probabilities [n, k]`` are of a recognizer that was shown all as often; a row that sums to less than 1 counts
    less. ``adapt`` (0 to 1) is the share of the video's own frequencies in the result, the rest is even, as if ``(1 -
    adapt) / adapt`` times as many windows had shown all as often: so however long the video, none becomes impossible.
    With 1 a few windows that agree are made certain. 1 everywhere without any windows, with ``adapt`` 0, and for one
    column.
    """
    columns = probabilities.shape[1]
    weight = probabilities.sum(axis=1)
    if not weight.any():
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
