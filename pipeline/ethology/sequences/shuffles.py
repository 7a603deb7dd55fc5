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
# while they are moved [n + 1, samples]: row n is what lies beside the ends of a stretch
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
    place: IntArray  # [q] the places of their first halves
    mirror: IntArray  # [q] the place with which each changes when the piece is turned round
    piece: IntArray  # [q] the piece that each is of


def shuffled(code: IntArray, stretch: IntArray, samples: int, seed: np.random.SeedSequence) -> Iterator[Sample]:
    """Any order of each stretch, all as likely; ``samples`` in chunks. ``code`` is below 255.

    Each code draws a lot of 56 bits, by which its stretch is put in order: two that are the same are as good as none.
    """
    starts = np.flatnonzero(np.diff(stretch, prepend=-1)).tolist()
    ends = [*starts[1:], len(stretch)]
    for number, rng in _chunks(len(code), samples, seed):
        lots = rng.integers(2**64 - 1, size=(number, len(code)), dtype=np.uint64, endpoint=True)
        lots <<= np.uint64(8)
        lots |= code.astype(np.uint64)
        for start, stop in zip(starts, ends, strict=True):
            lots[:, start:stop].sort(axis=1)
        yield lots.astype(np.uint8).T  # the lowest bits: the codes


def rearranged(code: IntArray, stretch: IntArray, samples: int, seed: np.random.SeedSequence) -> Iterator[Sample]:
    """Orders of each stretch in which no code follows itself, all as likely; ``code`` has none that does."""
    planned, back, forward = seed.spawn(3)
    moves = _plan(stretch, np.random.default_rng(planned))
    origin = np.append(code, _NONE).astype(np.uint8)[:, None]
    sides = _sides(stretch)
    rng = np.random.default_rng(back)
    for move in reversed(moves):
        _make(origin, move, sides, rng)
    for number, own in _chunks(len(code), samples, forward):
        made = np.repeat(origin, number, axis=1)
        for move in moves:
            _make(made, move, sides, own)
        yield made[:-1]


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
    half = (last - start + 1) // 2
    piece = np.repeat(np.arange(len(start)), half)
    place = np.arange(half.sum()) + np.repeat(start - (np.cumsum(half) - half), half)
    return _Turns(start, last, place, (start + last)[piece] - place, piece)


def _make(made: Sample, move: _Swaps | _Turns, sides: tuple[IntArray, IntArray], rng: np.random.Generator) -> None:
    """Make the move in every second sample in which it makes no repeat."""
    if isinstance(move, _Swaps):
        _swap(made, move, sides, rng)
    else:
        _turn(made, move, sides, rng)


def _swap(made: Sample, move: _Swaps, sides: tuple[IntArray, IntArray], rng: np.random.Generator) -> None:
    first, second = move
    a, b = made.take(first, axis=0), made.take(second, axis=0)
    free = _coins(a.shape, rng)
    for side in sides:
        free &= b != made.take(side[first], axis=0)
        free &= a != made.take(side[second], axis=0)
    _exchange(made, first, second, free)


def _turn(made: Sample, move: _Turns, sides: tuple[IntArray, IntArray], rng: np.random.Generator) -> None:
    start, last = move.start, move.last
    first, final = made.take(start, axis=0), made.take(last, axis=0)
    free = _coins(first.shape, rng)
    free &= final != made.take(sides[0][start], axis=0)
    free &= first != made.take(sides[1][last], axis=0)
    _exchange(made, move.place, move.mirror, free.take(move.piece, axis=0))


def _exchange(made: Sample, place: IntArray, other: IntArray, free: BoolArray) -> None:
    """The codes at each ``place [q]`` and the ``other [q]`` change places in the samples ``free [q, samples]``."""
    a, b = made.take(place, axis=0), made.take(other, axis=0)
    change = a ^ b
    change *= free.view(np.uint8)
    a ^= change
    b ^= change
    made[place], made[other] = a, b


def _coins(shape: tuple[int, ...], rng: np.random.Generator) -> BoolArray:
    """``[rows, columns]`` True in half of all cases."""
    columns = -(-shape[1] // 8)
    packed = np.frombuffer(rng.bytes(shape[0] * columns), dtype=np.uint8).reshape(shape[0], columns)
    return np.unpackbits(packed, axis=1, count=shape[1]).view(np.bool_)
