"""Two rows of time units beside each other, tallied: as they are, and with a tolerance.

A unit holds the number of a behaviour, or something negative where its coder told none. Without tolerance it counts in
the cell of what the two say in it (Bakeman and Gottman 1997, "Observing Interaction", chapter 4). With tolerance each
unit of one coder counts as agreed where the other says the same within so many units of it, else in the cell of what
the two say in it (Bakeman, Quera and Gnisci 2009, Behav Res Methods 41: 137-147). It matters whose units are gone
through, so there are two such tallies. Units are not independent: their number says nothing of precision.
"""

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.types import BoolArray, IntArray


def tally(first: IntArray, second: IntArray, behaviours: int) -> FloatArray:
    """``[K, K]`` units by what the first and the second say, of those in which both tell a behaviour."""
    both = (first >= 0) & (second >= 0)
    cells = np.bincount(first[both] * behaviours + second[both], minlength=behaviours**2)
    return cells.astype(np.float64).reshape(behaviours, behaviours)


def tolerant_tally(gone_through: IntArray, other: IntArray, within: int, behaviours: int) -> FloatArray:
    """The same with a tolerance of ``within`` units; rows are the coder whose units are gone through."""
    near = said_near(gone_through, other, within)
    return tally(gone_through, np.where(near & (other >= 0), gone_through, other), behaviours)


def said_near(asked: IntArray, said: IntArray, within: int) -> BoolArray:
    """``[n]`` is what ``asked`` says in a unit said in ``said`` at most ``within`` units away?"""
    near = np.asarray(asked == said)
    for code in sorted(set(asked[~near].tolist())):
        at = np.flatnonzero((asked == code) & ~near)
        before = np.concatenate([[0], np.cumsum(said == code)])
        low, high = np.maximum(at - within, 0), np.minimum(at + within + 1, len(said))
        near[at] = before[high] > before[low]
    return near


def runs(codes: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """First unit, unit after the last, and code of every run of one code, the negative ones too."""
    starts = np.flatnonzero(np.concatenate([[True], codes[1:] != codes[:-1]])) if len(codes) else np.empty(0, np.int64)
    stops = np.append(starts[1:], len(codes))[: len(starts)]
    return starts.astype(np.int64), stops.astype(np.int64), codes[starts]
