"""Bouts too short to be believed take their neighbour's behaviour. Time budgets are made before this."""

import heapq
from collections.abc import Iterator

import numpy as np
import pandas as pd

from pipeline.ethology.ethogram import Ethogram, Kind
from pipeline.ethology.runs import Runs, runs
from pipeline.timebase import CLOSE_S
from pipeline.types import BoolArray, IntArray


def smooth(behaviours: pd.DataFrame, ethogram: Ethogram, min_bout_s: float) -> pd.DataFrame:
    """The spans of ``behaviours`` (``runs.spans``) without bouts shorter than ``min_bout_s``, by track, set and frame.

    The shortest bout goes first (of equals the earlier), into its longer neighbour (of equals the earlier), until none
    is too short. Only bouts of states whose start and stop were both seen are touched: of one that the record cuts the
    length is not known, and nothing is bridged across a gap, ``unknown`` or ``not visible``. A minimum length is the
    simplest bout criterion and its value is the user's choice (Martin and Bateson, "Measuring Behaviour"; for criteria
    fitted to the data see Sibly, Nott and Fletcher 1990, Anim Behav 39: 63-69).
    """
    found = runs(behaviours)
    if min_bout_s <= 0 or len(found) == 0:
        return found.rows
    states = [of_set for of_set in ethogram.sets if ethogram.kind(of_set) is Kind.state]
    may = found.rows["set"].isin(states).to_numpy()[found.first] & found.recognized
    owner = _absorbed(found, may, min_bout_s)
    label = np.repeat(found.label[owner], found.stop - found.first)
    return found.rows.assign(behaviour=pd.Series(label, index=found.rows.index, dtype="str"))


def _absorbed(found: Runs, may: BoolArray, min_bout_s: float) -> IntArray:
    """For each run the run whose label it takes, itself where it is kept."""
    chain = _Chain(found, may)
    heap = [(lasts, run) for run, lasts in enumerate(chain.lasts) if chain.short(run, min_bout_s)]
    heapq.heapify(heap)
    while heap:
        lasts, run = heapq.heappop(heap)
        if chain.owner[run] == run and chain.lasts[run] == lasts and chain.short(run, min_bout_s):
            into = chain.absorb(run)
            if chain.short(into, min_bout_s):
                heapq.heappush(heap, (chain.lasts[into], into))
    return np.array([chain.root(run) for run in range(len(found))], dtype=np.int64)


class _Chain:
    """Runs as a linked list in which neighbours merge; -1 where the record ends or nothing recognized is beside."""

    def __init__(self, found: Runs, may: BoolArray) -> None:
        number = np.arange(len(found))
        self.before: list[int] = np.where(found.seen_before() & may, number - 1, -1).tolist()
        self.after: list[int] = np.where(found.seen_after() & may, number + 1, -1).tolist()
        self.lasts: list[float] = np.round(found.stop_s - found.start_s, 6).tolist()
        self.label: list[str] = found.label.tolist()
        self.owner: list[int] = number.tolist()

    def short(self, run: int, min_bout_s: float) -> bool:
        """Is the run too short, with both its ends seen?"""
        return self.lasts[run] < min_bout_s - CLOSE_S and self.before[run] >= 0 and self.after[run] >= 0

    def absorb(self, run: int) -> int:
        """Merge a run into its longer neighbour, and with it what then has the same label; the run that is left."""
        left, right = self.before[run], self.after[run]
        into, other = (left, right) if self.lasts[left] >= self.lasts[right] else (right, left)
        self._join(into, run)
        if self.label[other] == self.label[into]:
            self._join(into, other)
        return into

    def _join(self, into: int, gone: int) -> None:
        self.owner[gone] = into
        self.lasts[into] = round(self.lasts[into] + self.lasts[gone], 6)
        if self.after[into] == gone:
            self.after[into] = self.after[gone]
            self._link(self.after, self.before, into)
        else:
            self.before[into] = self.before[gone]
            self._link(self.before, self.after, into)

    @staticmethod
    def _link(towards: list[int], back: list[int], run: int) -> None:
        if towards[run] >= 0:
            back[towards[run]] = run

    def root(self, run: int) -> int:
        """The run that a run ended up in."""
        return next(step for step in self._owners(run) if self.owner[step] == step)

    def _owners(self, run: int) -> Iterator[int]:
        while True:
            yield run
            run = self.owner[run]
