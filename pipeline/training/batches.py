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

    ``make(round, step, clips)`` gives the batch, in other processes where there are ``workers``.
    Lightning's own protocol of a loader that resumes (``state_dict``) is not used: a checkpoint of a round's end does
    not restore it.
    """

    rounds: int
    steps: int  # of a round
    plan: Callable[[int], IntArray]  # of a round: [S, B]
    make: Callable[[int, int, IntArray], Any]
    workers: int = 0  # processes that make batches ahead; 0: each is made when it is asked for
    pinned: bool = False
    done: int = field(init=False, default=0)  # batches given since the start of training
    _coming: Iterator[Any] | None = field(init=False, repr=False, default=None)

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[Any]:
        if self._coming is None:
            maker = _Maker(self.steps, self.plan, self.make)
            self._coming = ahead(maker, range(self.done, self.rounds * self.steps), self.workers, self.pinned)
        for batch in islice(self._coming, self.steps - self.done % self.steps):
            self.done += 1
            yield batch


@dataclass
class _Maker:
    """A batch by its number since the start; the plan of a round is kept while it goes on."""

    steps: int
    plan: Callable[[int], IntArray]
    make: Callable[[int, int, IntArray], Any]
    _planned: tuple[int, IntArray] | None = field(init=False, repr=False, default=None)

    def __call__(self, number: int) -> Any:
        round_, step = divmod(number, self.steps)
        if self._planned is None or self._planned[0] != round_:
            self._planned = (round_, self.plan(round_))
        return self.make(round_, step, self._planned[1][step])
