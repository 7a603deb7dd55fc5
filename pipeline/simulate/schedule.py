"""When an animal does what: a semi-Markov chain of bouts whose parameters are known.

::

    bouts    | Graze        | Head Up | Walk      | Browse ...    which behaviour follows which: a Markov chain of bouts
             |<- dwell ->|                                         how long each lasts: a gamma distribution of its own

A semi-Markov process is the usual model of behaviour that comes in bouts (Haccou & Meelis 1992, Statistical Analysis of
Behavioural Data, Oxford University Press). Its truth is exact: ``transitions``, ``mean_s`` and the shares they imply.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.types import IntArray

BEHAVIOURS = ("Walk", "Graze", "Browse", "Head Up", "Auto-Groom", "Trot", "Run", "Lie")  # KABR's but Occluded; and Lie
WALK, GRAZE, BROWSE, HEAD_UP, GROOM, TROT, RUN, LIE = range(len(BEHAVIOURS))
MOVING = (WALK, TROT, RUN)  # the animal gets somewhere
STANDING = (BROWSE, HEAD_UP, GROOM)  # the feet stay where they are; a grazing animal creeps


class Bout(NamedTuple):
    """One stretch ``[start_s, stop_s)`` of one behaviour (an index into the schedule's behaviours)."""

    behaviour: int
    start_s: float
    stop_s: float


@dataclass(frozen=True)
class Schedule:
    """The chain of bouts of one animal, ``K`` behaviours.

    A behaviour that nothing leads to has a column of zeros; its own row still sums to 1.

    Raises:
        ValueError: a shape does not fit, a row does not sum to 1, a behaviour follows itself, a dwell time is not > 0.
    """

    behaviours: tuple[str, ...]
    transitions: FloatArray  # [K, K] from row to column; rows sum to 1, nothing follows itself
    mean_s: FloatArray  # [K] mean of the dwell time
    shape: FloatArray  # [K] of the gamma distribution of dwell times: 1 exponential, the larger the more regular
    start: FloatArray  # [K] chances of the first bout, sums to 1

    def __post_init__(self) -> None:
        k = len(self.behaviours)
        for name, want in (("transitions", (k, k)), ("mean_s", (k,)), ("shape", (k,)), ("start", (k,))):
            got = getattr(self, name).shape
            if got != want:
                raise ValueError(f"{name} must be {list(want)} for {k} behaviours, got {list(got)}")
        if (self.transitions < 0).any() or not np.allclose(self.transitions.sum(axis=1), 1):
            raise ValueError(f"rows of transitions must be >= 0 and sum to 1, sums are {self.transitions.sum(axis=1)}")
        if np.diagonal(self.transitions).any():
            raise ValueError("no behaviour follows itself: the diagonal of transitions must be 0")
        if not ((self.mean_s > 0).all() and (self.shape > 0).all()):
            raise ValueError(f"mean_s and shape must be > 0, got {self.mean_s} and {self.shape}")
        if (self.start < 0).any() or not np.isclose(self.start.sum(), 1):
            raise ValueError(f"start must be >= 0 and sum to 1, got {self.start}")

    def draw(self, rng: np.random.Generator, duration_s: float) -> list[Bout]:
        """Bouts one after another from 0, where the first begins, to ``duration_s``, where the last is cut off.

        One that is drawn by ``shares`` would be caught in its middle, and be shorter: what lasts long gets more of a
        short scene than they say.

        Raises:
            ValueError: ``duration_s`` is not > 0.
        """
        if not duration_s > 0:
            raise ValueError(f"duration_s must be > 0, got {duration_s}")
        bouts: list[Bout] = []
        now, chances = 0.0, self.start
        while now < duration_s:
            behaviour = int(rng.choice(len(self.behaviours), p=chances))
            dwell = rng.gamma(self.shape[behaviour], self.mean_s[behaviour] / self.shape[behaviour])
            bouts.append(Bout(behaviour, now, min(now + float(dwell), duration_s)))
            now += float(dwell)
            chances = self.transitions[behaviour]
        return bouts

    @property
    def frequencies(self) -> FloatArray:
        """Shares of bouts ``[K]`` in the long run: the stationary distribution of the chain of bouts."""
        k = len(self.behaviours)
        balance = np.vstack([self.transitions.T - np.eye(k), np.ones(k)])
        shares = np.linalg.lstsq(balance, np.append(np.zeros(k), 1.0), rcond=None)[0]
        return np.where(self.transitions.any(axis=0), np.clip(shares, 0, None), 0.0)  # what nothing leads to never is

    @property
    def shares(self) -> FloatArray:
        """Shares of time ``[K]`` in the long run: how often a bout comes times how long it lasts."""
        time = self.frequencies * self.mean_s
        return np.asarray(time / time.sum())


def at(bouts: list[Bout], time_s: FloatArray) -> IntArray:
    """The behaviour at each moment ``[n]``; after the last bout, the last behaviour."""
    starts = np.array([bout.start_s for bout in bouts])
    kinds = np.array([bout.behaviour for bout in bouts], dtype=np.int64)
    which = np.clip(np.searchsorted(starts, time_s, side="right") - 1, 0, None)
    return kinds[which]
