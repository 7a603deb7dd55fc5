"""Code sequences in another order: what they could have been if nothing followed from anything.

Each stretch keeps its codes. Where codes may repeat, any order is as likely as any other. Where they may not, any order
without a repeat is: such orders are reached from the seen one by small moves that can be taken back with the same
probability, refused where they would make a repeat. Shuffling and then repairing repeats does not give all orders the
same chance.

However few the moves, the test stays exact: they go *back* from the seen sequence to a common origin and then forward
from it, afresh for each sample, so that under the hypothesis the seen sequence is one of the samples (Besag and
Clifford 1989, Biometrika 76: 633-642, the parallel method). More moves only make it more powerful.

::

    swap       A B C A D    A D C A B      two codes of a stretch change places
    turn       A B C A D    A C B A D      a piece is read backwards
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.types import BoolArray, IntArray

Sample = NDArray[np.uint8]  # [n, samples] codes in a new order, one column a sample
_AT_ONCE = 1_000_000  # codes in work: they stay near the processor
_SWEEPS = 24  # after which the counts of neighbours are forgotten, see the tests
_PIECES = (0.04, 0.15, 0.35)  # share of the places that stay between the pieces, in turn
_NONE = 255  # beside the ends of a stretch; no code


class _Swaps(NamedTuple):
    """Pairs of places whose codes may change places, none beside another."""

    first: IntArray
    second: IntArray


class _Turns(NamedTuple):
    """``p`` pieces of two places or more, with a place that stays, or the end of a stretch, between any two."""

    start: IntArray  # [p] first place
    last: IntArray  # [p] last place
    place: IntArray  # [q] all their places
    mirror: IntArray  # [q] the place that each has in the piece turned round
    piece: IntArray  # [q] the piece that each is of


def shuffled(code: IntArray, stretch: IntArray, samples: int, seed: np.random.SeedSequence) -> Iterator[Sample]:
    """Any order of each stretch, all as likely; ``samples`` in chunks. ``code`` is below 255."""
    starts = np.flatnonzero(np.diff(stretch, prepend=-1)).tolist()
    ends = [*starts[1:], len(stretch)]
    for number, rng in _chunks(len(code), samples, seed):
        made = np.repeat(code.astype(np.uint8)[:, None], number, axis=1)
        for start, stop in zip(starts, ends, strict=True):
            if stop - start > 1:
                made[start:stop] = rng.permuted(made[start:stop].T, axis=1).T
        yield made


def rearranged(code: IntArray, stretch: IntArray, samples: int, seed: np.random.SeedSequence) -> Iterator[Sample]:
    """Orders of each stretch in which no code follows itself, all as likely; ``code`` has none that does."""
    planned, back, forward = seed.spawn(3)
    moves = _plan(stretch, np.random.default_rng(planned))
    origin = code.astype(np.uint8)[:, None]
    sides = _sides(stretch)
    rng = np.random.default_rng(back)
    for move in reversed(moves):
        _make(origin, move, sides, rng)
    for number, own in _chunks(len(code), samples, forward):
        made = np.repeat(origin, number, axis=1)
        for move in moves:
            _make(made, move, sides, own)
        yield made


def _chunks(length: int, samples: int, seed: np.random.SeedSequence) -> Iterator[tuple[int, np.random.Generator]]:
    """Numbers of samples that are worked on together, each with random numbers of its own."""
    size = max(16, _AT_ONCE // max(length, 1))
    sizes = [min(size, samples - done) for done in range(0, samples, size)]
    yield from zip(sizes, map(np.random.default_rng, seed.spawn(len(sizes))), strict=True)


def _sides(stretch: IntArray) -> tuple[IntArray, IntArray]:
    """Places before and after each; ``n``, which is no place, at the ends of a stretch."""
    n = len(stretch)
    same = stretch[1:] == stretch[:-1]
    before, after = np.full(n, n), np.full(n, n)
    before[1:][same] = np.arange(n - 1)[same]
    after[:-1][same] = np.arange(1, n)[same]
    return before, after


def _plan(stretch: IntArray, rng: np.random.Generator) -> list[_Swaps | _Turns]:
    """The moves that all samples try, in order."""
    moves: list[_Swaps | _Turns] = []
    for sweep in range(_SWEEPS):
        moves += [_swaps(stretch, rng), _turns(stretch, _PIECES[sweep % len(_PIECES)], rng)]
    return moves


def _swaps(stretch: IntArray, rng: np.random.Generator) -> _Swaps:
    """Random pairs of places of one stretch, of which no two are neighbours: those with a higher lot than theirs."""
    lot = rng.random(len(stretch))
    beside = np.concatenate([[-1.0], lot, [-1.0]])
    chosen = np.flatnonzero((lot > beside[:-2]) & (lot > beside[2:]))
    chosen = chosen[np.lexsort([rng.random(len(chosen)), stretch[chosen]])]
    of = stretch[chosen]
    rank = np.arange(len(of)) - np.searchsorted(of, of)
    first = np.flatnonzero((rank[:-1] % 2 == 0) & (of[1:] == of[:-1]))
    return _Swaps(chosen[first], chosen[first + 1])


def _turns(stretch: IntArray, stay: float, rng: np.random.Generator) -> _Turns:
    """Pieces between places that stay, each of which does with the given probability."""
    moving = rng.random(len(stretch)) >= stay
    same = (stretch[1:] == stretch[:-1]) & moving[1:] & moving[:-1]  # the place goes on from the one before
    joined = np.concatenate([[False], same, [False]])
    start, last = np.flatnonzero(~joined[:-1] & joined[1:]), np.flatnonzero(joined[:-1] & ~joined[1:])
    length = last - start + 1
    piece = np.repeat(np.arange(len(start)), length)
    place = np.arange(length.sum()) + np.repeat(start - (np.cumsum(length) - length), length)
    return _Turns(start, last, place, (start + last)[piece] - place, piece)


def _make(made: Sample, move: _Swaps | _Turns, sides: tuple[IntArray, IntArray], rng: np.random.Generator) -> None:
    """Make the move in every second sample in which it makes no repeat."""
    if isinstance(move, _Swaps):
        _swap(made, move, sides, rng)
    else:
        _turn(made, move, sides, rng)


def _swap(made: Sample, move: _Swaps, sides: tuple[IntArray, IntArray], rng: np.random.Generator) -> None:
    first, second = move
    a, b = made[first], made[second]
    free = _coins(a.shape, rng)
    for side in sides:
        free &= b != _at(made, side[first])
        free &= a != _at(made, side[second])
    change = (a ^ b) * free
    made[first] = a ^ change
    made[second] = b ^ change


def _turn(made: Sample, move: _Turns, sides: tuple[IntArray, IntArray], rng: np.random.Generator) -> None:
    start, last = move.start, move.last
    first, final = made[start], made[last]
    free = _coins(first.shape, rng)
    free &= final != _at(made, sides[0][start])
    free &= first != _at(made, sides[1][last])
    old = made[move.place]
    change = made[move.mirror]
    change ^= old
    change *= free[move.piece]
    old ^= change
    made[move.place] = old


def _at(made: Sample, place: IntArray) -> Sample:
    """What is at the places; nothing is at ``n``."""
    there: Sample = made[np.minimum(place, len(made) - 1)]
    there[place == len(made)] = _NONE
    return there


def _coins(shape: tuple[int, ...], rng: np.random.Generator) -> BoolArray:
    """``[rows, columns]`` True in half of all cases."""
    packed = rng.integers(0, 256, (shape[0], -(-shape[1] // 8)), dtype=np.uint8)
    return np.unpackbits(packed, axis=1, count=shape[1]).view(np.bool_)
