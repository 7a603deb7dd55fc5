"""Which clips are seen when: a function of the seed and the step, so that a resumed training sees the same.

Letters: B clips of a batch, S steps of a round.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np

from pipeline.training.ahead import ahead
from pipeline.types import IntArray

ORDER, CHANGE, CHANCE = 1, 2, 3  # streams of random numbers: the order, the augmentation, the network's own


def order(targets: IntArray, steps: int, batch: int, balance: float, seed: int, round_: int) -> IntArray:
    """The clips of one round ``[S, B]``, numbers into ``targets`` [n].

    ``balance`` 0 shows every clip as often as any other, 1 every behaviour; between them the weight of a behaviour is
    its number of clips to the power ``1 - balance``. Within a behaviour the clips take turns.
    """
    rng = np.random.default_rng([seed, ORDER, round_])
    kinds, counts = np.unique(targets, return_counts=True)
    weight = counts.astype(np.float64) ** (1 - balance)
    share = np.cumsum(weight / weight.sum())
    # evenly spread points hit each behaviour its share of times, to within one: less noise than drawing
    points = (np.arange(steps * batch) + rng.random()) / (steps * batch)
    kind = rng.permutation(np.minimum(np.searchsorted(share, points, side="right"), len(kinds) - 1))
    chosen = np.zeros(steps * batch, dtype=np.int64)
    for k, name in enumerate(kinds):
        at, clips = np.flatnonzero(kind == k), np.flatnonzero(targets == name)
        turns = -(-len(at) // len(clips))
        chosen[at] = np.concatenate([rng.permutation(clips) for _ in range(turns)] or [clips])[: len(at)]
    return chosen.reshape(steps, batch)


@dataclass(frozen=True)
class Order:
    """The clips of every round: ``order`` over those of ``clips`` [n] that are learnt from."""

    clips: IntArray
    targets: IntArray  # of them
    steps: int
    batch: int
    balance: float
    seed: int

    def __call__(self, round_: int) -> IntArray:
        """``[S, B]``."""
        return self.clips[order(self.targets, self.steps, self.batch, self.balance, self.seed, round_)]


@dataclass
class Batches:
    """The batches of one round after another, for Lightning; set ``done`` to begin in the middle of one.

    ``make(round, step, clips, places)`` gives the clips of a batch that stand at these places of it, in other processes
    where there are ``workers``. A batch is shared between the ``processes`` that train together, and each one's share
    is cut into ``accumulate`` parts whose gradients add up, so that what is learnt depends on neither::

        a batch of 8 clips, 2 processes, 2 parts each:   0 1 2 3 4 5 6 7
        the first process's first and second part:       0 . . . 4 . . .    . . 2 . . . 6 .

    Lightning's own protocol of a loader that resumes (``state_dict``) is not used: a checkpoint of a round's end does
    not restore it.
    """

    rounds: int
    steps: int  # of a round
    plan: Callable[[int], IntArray]  # of a round: [S, B]
    make: Callable[[int, int, IntArray, IntArray], Any]
    workers: int = 0  # processes that make batches ahead; 0: each is made when it is asked for
    pinned: bool = False
    accumulate: int = 1
    rank: int = field(init=False, default=0)  # of this process among those that train together
    processes: int = field(init=False, default=1)
    done: int = field(init=False, default=0)  # steps since the start of training
    _coming: Iterator[Any] | None = field(init=False, repr=False, default=None)

    def __len__(self) -> int:
        return self.steps * self.accumulate

    def __iter__(self) -> Iterator[Any]:
        if self._coming is None:
            maker = _Maker(self.steps, self.plan, self.make, self.accumulate, self.rank, self.processes)
            parts = range(self.done * self.accumulate, self.rounds * len(self))
            self._coming = ahead(maker, parts, self.workers, self.pinned)
        left = self.steps - self.done % self.steps
        for number, part in enumerate(islice(self._coming, left * self.accumulate), start=1):
            self.done += number % self.accumulate == 0
            yield part


@dataclass
class _Maker:
    """A part of a batch by its number since the start; the plan of a round is kept while it goes on."""

    steps: int
    plan: Callable[[int], IntArray]
    make: Callable[[int, int, IntArray, IntArray], Any]
    accumulate: int
    rank: int
    processes: int
    _planned: tuple[int, IntArray] | None = field(init=False, repr=False, default=None)

    def __call__(self, number: int) -> Any:
        at, part = divmod(number, self.accumulate)
        round_, step = divmod(at, self.steps)
        if self._planned is None or self._planned[0] != round_:
            self._planned = (round_, self.plan(round_))
        clips = self._planned[1][step]
        places = np.arange(part * self.processes + self.rank, len(clips), self.accumulate * self.processes)
        return self.make(round_, step, clips[places], places)
