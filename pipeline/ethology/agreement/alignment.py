"""Bouts or events of two coders, linked in order of time, and kappa over the links.

Two records are aligned so that their disagreements are fewest: a linked pair of the same code costs 0, of different
codes 1, and what is linked to nothing 1 (an omission of the one, a commission of the other), so that a substitution is
preferred to an omission and a commission; links never cross. This is the alignment of Needleman and Wunsch (1970) as
Quera, Bakeman and Gnisci (2007, Behav Res Methods 39: 39-49) use it. Time enters twice: only what is near in time may
be linked at all, and of equally good alignments the one with the smaller differences in onset is taken.

In the tally the last row and column are what is linked to nothing. Their corner is empty by definition: nobody can
count what both missed. What chance would give is therefore fitted iteratively with that cell zero (quasi-independence:
Bakeman and Robinson 1994, "Understanding Log-linear Analysis with ILOG"). Of one code alone that tells nothing.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.ethology.agreement.kappa import agreement, ratio
from pipeline.types import BoolArray, IntArray

_ROUNDS = 500  # of the iterative fit, at most
_CLOSE = 1e-9


@dataclass(frozen=True)
class Sequence:
    """``n`` bouts or events of one coder, in order of time, those of one coder not overlapping."""

    start_s: FloatArray  # [n]
    stop_s: FloatArray  # [n]; of events as start_s
    code: IntArray  # [n]

    def __len__(self) -> int:
        return len(self.code)

    def __getitem__(self, kept: BoolArray) -> "Sequence":
        """Some of them."""
        return Sequence(self.start_s[kept], self.stop_s[kept], self.code[kept])


def aligned(first: Sequence, second: Sequence, link_s: float, overlap: float) -> IntArray:
    """The links ``[l, 2]`` of the best alignment: places in ``first`` and in ``second``, both rising.

    A pair may be linked where its onsets are at most ``link_s`` apart, or where it shares at least the part ``overlap``
    of the longer one's time.
    """
    rows, columns, apart = _linkable(first, second, link_s, overlap)
    if not len(rows):
        return np.empty((0, 2), dtype=np.int64)
    # Unlinked, a pair costs 2; a link saves 2 or 1 of it. All differences in onset together count less than one half.
    worst = max(float(apart.max()), _CLOSE) * 2 * min(len(first), len(second))
    saved = np.where(first.code[rows] == second.code[columns], 2.0, 1.0) - apart / worst
    return _best_chain(rows, columns, saved)


def _linkable(
    first: Sequence, second: Sequence, link_s: float, overlap: float
) -> tuple[IntArray, IntArray, FloatArray]:
    """Places in the first and the second of every pair that may be linked, and by how much its onsets differ."""
    slack = link_s + _CLOSE
    low = np.searchsorted(second.start_s, first.start_s - slack)
    low = np.minimum(low, np.searchsorted(second.stop_s, first.start_s, side="right"))
    high = np.searchsorted(second.start_s, first.start_s + slack, side="right")
    high = np.maximum(high, np.searchsorted(second.start_s, first.stop_s))
    many = np.maximum(high - low, 0)
    rows = np.repeat(np.arange(len(first)), many)
    columns = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many) + np.repeat(low, many)
    apart = np.abs(first.start_s[rows] - second.start_s[columns])
    shared = np.minimum(first.stop_s[rows], second.stop_s[columns]) - np.maximum(
        first.start_s[rows], second.start_s[columns]
    )
    longer = np.maximum(first.stop_s[rows] - first.start_s[rows], second.stop_s[columns] - second.start_s[columns])
    kept = (apart <= slack) | ((shared > 0) & (shared >= overlap * longer - _CLOSE))
    return rows[kept].astype(np.int64), columns[kept].astype(np.int64), apart[kept]


def _best_chain(rows: IntArray, columns: IntArray, saved: FloatArray) -> IntArray:
    """The pairs, rising in both places, that save most together.

    What the table of Needleman and Wunsch does cell by cell is done here for the linkable pairs alone. ``ends`` are
    columns, rising, and ``most`` what the best chain up to each of them saves, rising too.
    """
    ends: list[int] = []
    most: list[float] = []
    last: list[int] = []  # the pair with which that chain ends
    before = np.full(len(rows), -1, dtype=np.int64)
    for pair in np.lexsort((-columns, rows)).tolist():  # within a row from the right: a row is linked once
        column = int(columns[pair])
        at = bisect_left(ends, column) - 1  # the best chain that ends left of the column
        total = float(saved[pair]) + (most[at] if at >= 0 else 0.0)
        before[pair] = last[at] if at >= 0 else -1
        there = bisect_right(ends, column)
        if there and most[there - 1] >= total:
            continue
        start = there - 1 if there and ends[there - 1] == column else there
        stop = start
        while stop < len(ends) and most[stop] <= total:
            stop += 1
        ends[start:stop], most[start:stop], last[start:stop] = [column], [total], [pair]
    chain = []
    pair = last[-1] if last else -1
    while pair >= 0:
        chain.append((int(rows[pair]), int(columns[pair])))
        pair = int(before[pair])
    return np.array(chain[::-1], dtype=np.int64).reshape(-1, 2)


def linked_tally(first: Sequence, second: Sequence, links: IntArray, codes: int) -> FloatArray:
    """``[K + 1, K + 1]`` what is linked, and in the last row and column what is not."""
    cells = np.zeros((codes + 1, codes + 1))
    np.add.at(cells, (first.code[links[:, 0]], second.code[links[:, 1]]), 1)
    for sequence, of, cell in ((first, 0, cells[:, codes]), (second, 1, cells[codes])):
        alone = np.setdiff1d(np.arange(len(sequence)), links[:, of])
        np.add.at(cell, sequence.code[alone], 1)
    return cells


def alignment_kappa(tally: FloatArray) -> FloatArray:
    """Kappa ``[...]`` of ``linked_tally`` ``[..., K + 1, K + 1]``; NaN where both together saw fewer than two codes."""
    expected = ratio(np.einsum("...kk->...", fitted(tally)), tally.sum(axis=(-1, -2)))
    seen = (tally.sum(axis=-1) + tally.sum(axis=-2))[..., :-1] > 0
    return np.where(seen.sum(axis=-1) > 1, ratio(agreement(tally) - expected, 1 - expected), np.nan)


def fitted(tally: FloatArray) -> FloatArray:
    """What chance would give, with the margins of ``tally`` and the last corner 0."""
    rows, columns = tally.sum(axis=-1), tally.sum(axis=-2)
    cells = np.ones(tally.shape)
    cells[..., -1, -1] = 0
    for _ in range(_ROUNDS):
        cells = cells * _scale(rows, cells.sum(axis=-1))[..., :, None]
        by_column = _scale(columns, cells.sum(axis=-2))
        cells = cells * by_column[..., None, :]
        if np.abs(np.where(columns > 0, by_column, 1) - 1).max(initial=0) < _CLOSE:
            break
    return cells


def _scale(wanted: FloatArray, there: FloatArray) -> FloatArray:
    return np.divide(wanted, there, out=np.zeros(wanted.shape), where=there > 0)


def positive_agreement(tally: FloatArray) -> FloatArray:
    """``[..., K]`` of what either says of each code, the share that is linked to the same: ``2 both / (first +
    second)`` (Cicchetti and Feinstein 1990, J Clin Epidemiol 43: 551-558).
    """
    both = np.einsum("...kk->...k", tally)
    return ratio(2 * both, tally.sum(axis=-1) + tally.sum(axis=-2))[..., :-1]
