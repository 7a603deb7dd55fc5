"""The likeliest sequence of behaviours: a change must be worth its cost, so that a moment's doubt makes no bout.

A hidden Markov model in which every change is as unlikely as any other, solved by Viterbi's algorithm (Viterbi 1967,
IEEE Trans Inf Theory 13: 260-269; Rabiner 1989, Proc IEEE 77: 257-286).
"""

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.types import BoolArray, IntArray

_LEAST = 1e-3  # a probability below it counts as this: no single window may forbid a behaviour
_INSTANT_S = 1e-6  # what a frame without duration counts for: a still has a behaviour too


def likeliest(probabilities: FloatArray, duration_s: FloatArray, known: BoolArray, switch_s: float) -> IntArray:
    """The column of ``probabilities [n, k]`` for each of ``n`` frames in order, from the best sequence of all.

    It has the largest sum of ``duration_s * log(probability)`` less ``switch_s`` (seconds, >= 0) for every change. So
    to leave a behaviour and come back pays where another is e times as probable for ``2 * switch_s``. Frames that are
    not ``known`` say nothing, and what is beyond them is independent: changes there are free. ``switch_s`` 0 takes
    each frame's own best; of equals the first.
    """
    own = probabilities.argmax(axis=1)
    if switch_s <= 0 or len(own) == 0:
        return np.asarray(own, dtype=np.int64)
    same = (probabilities[1:] == probabilities[:-1]).all(axis=1) & (known[1:] == known[:-1])
    start = np.flatnonzero(np.append(True, ~same))  # of stretches in which the windows are the same
    lasts = np.add.reduceat(np.maximum(duration_s, _INSTANT_S), start)
    told = known[start]
    evidence = np.log(np.maximum(probabilities[start], _LEAST)) * np.where(told, lasts, 0.0)[:, None]
    cost = np.where(told[1:] & told[:-1], switch_s, 0.0)
    return np.asarray(np.repeat(_viterbi(evidence, cost), np.diff(np.append(start, len(own)))), dtype=np.int64)


def _viterbi(evidence: FloatArray, cost: FloatArray) -> IntArray:
    """The path ``[m]`` through ``evidence [m, k]`` with the largest sum less ``cost [m - 1]`` of its changes."""
    m, k = evidence.shape
    came_from = np.empty((m, k), dtype=np.int64)
    best = evidence[0]
    for step in range(1, m):
        top = int(best.argmax())
        changed = best[top] - cost[step - 1]
        came_from[step] = np.where(changed > best, top, np.arange(k))
        best = np.maximum(best, changed) + evidence[step]
    path = np.empty(m, dtype=np.int64)
    path[-1] = best.argmax()
    for step in range(m - 1, 0, -1):
        path[step - 1] = came_from[step, path[step]]
    return path
