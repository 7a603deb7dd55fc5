"""Whole units shared out so that every part gets its share of every behaviour.

Letters: U units (what is never cut), K behaviours, P parts.
"""

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.types import IntArray

_PASSES = 5  # through all units at most, until none wants to move
_WORK = 4000  # placings of a unit in the first passes of all tries together: with many units each try is good
_TRIES = 16


def shared_out(counts: IntArray, shares: FloatArray, dear: FloatArray, seed: int) -> IntArray:
    """The part of each unit ``[U]``, the same for the same seed.

    ``counts [U, K]`` are the clips of each behaviour in each unit, ``shares [P]`` what each part should get of them.
    In random order every unit goes, and goes again, where it brings the shares of all behaviours nearest to ``shares``
    (least squares; scikit-learn's StratifiedGroupKFold chooses much alike); the best of some tries is taken. A part
    that has *all* clips of a behaviour costs ``dear [P]`` times more than any distance can.
    """
    table = np.column_stack([counts, counts.sum(axis=1)])  # the last column keeps the parts' sizes
    rng = np.random.default_rng([seed, 0x51])
    tries = [_placed(table, shares, dear, rng) for _ in range(int(np.clip(_WORK // len(table), 1, _TRIES)))]
    return min(tries, key=lambda one: one[0])[1]


def _placed(table: IntArray, shares: FloatArray, dear: FloatArray, rng: np.random.Generator) -> tuple[float, IntArray]:
    """One try: its cost, and the part of each unit."""
    whole = table.sum(axis=0)
    held = np.zeros((len(shares), table.shape[1]), dtype=np.int64)
    part = np.full(len(table), -1)

    def cost(held: IntArray) -> FloatArray:
        apart = ((held / whole - shares[:, None]) ** 2).sum(axis=1)
        return np.asarray(apart + 2 * len(whole) * dear * (held == whole).sum(axis=1))

    for _ in range(_PASSES):
        before = part.copy()
        for unit in rng.permutation(len(table)).tolist():
            if part[unit] >= 0:
                held[part[unit]] -= table[unit]
            part[unit] = int((cost(held + table[unit]) - cost(held)).argmin())
            held[part[unit]] += table[unit]
        if (part == before).all():
            break
    return float(cost(held).sum()), part
