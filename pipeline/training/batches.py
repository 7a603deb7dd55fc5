"""Which clips are seen when: a function of the seed and the step, so that a resumed training sees the same.

Letters: B clips of a batch, S steps of a round.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

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


@dataclass
class Batches:
    """The batches of one round after another, for Lightning; set ``done`` to begin in the middle of one.

    ``make(round, step, clips)`` gives the batch, from several threads at once where there are ``workers``.
    Lightning's own protocol of a loader that resumes (``state_dict``) is not used: a checkpoint of a round's end does
    not restore it.
    """

    steps: int
    plan: Callable[[int], IntArray]  # of a round: [S, B]
    make: Callable[[int, int, IntArray], Any]
    workers: int = 0  # threads that make batches ahead; 0: each is made when it is asked for
    done: int = field(init=False, default=0)  # batches given since the start of training

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[Any]:
        round_, first = divmod(self.done, self.steps)
        clips = self.plan(round_)
        for batch in self._made(round_, clips, first):
            self.done += 1
            yield batch

    def _made(self, round_: int, clips: IntArray, first: int) -> Iterator[Any]:
        """The batches of a round from the step ``first`` on."""
        if not self.workers:
            yield from (self.make(round_, step, clips[step]) for step in range(first, self.steps))
            return
        with ThreadPoolExecutor(self.workers) as pool:
            coming: deque[Future[Any]] = deque()
            for step in range(first, self.steps):
                coming.append(pool.submit(self.make, round_, step, clips[step]))
                if len(coming) > self.workers:
                    yield coming.popleft().result()
            yield from (future.result() for future in coming)
