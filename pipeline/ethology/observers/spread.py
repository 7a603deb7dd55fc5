"""How much shares of time differ: between animals, between sessions, and by the luck of the minutes watched.

Of blocks of the record, each of an animal in a session. Half the squared difference of two cells (means of one animal
in one session) is on average the luck of both and what tells them apart: animals where they are of one session, animals
and sessions where they share neither (symmetric differences: Koch 1967, Technometrics 9: 93-118; in a balanced record
what an analysis of variance gives).
"""

from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.ethology.sums import distinct_pairs
from pipeline.types import IntArray

LEAST = 3  # units, or sessions: of fewer a variance between them is a guess


@dataclass(frozen=True)
class Spread:
    """How much a share differs: ``within`` is the variance of a share seen for one minute around the unit's own."""

    share: float  # mean over units
    between: float  # variance of true shares of units, each in a session of its own where there are LEAST sessions
    within: float
    units: int
    blocks: int
    days: int  # sessions
    sessions: float = float("nan")  # what of between is of sessions; NaN: the record does not show it

    def points(self, minutes: float) -> float:
        """The number of independent points that tell as much as so many minutes."""
        left = self.share * (1 - self.share) - self.between
        return max(left / self.within * minutes, 1.0) if self.within > 0 else float("inf")

    def variance(self, minutes: float) -> float:
        """Of a unit's observed share."""
        return self.between + self.within / minutes


def spread_of(shares: FloatArray, unit: IntArray, session: IntArray, block_min: float) -> Spread:
    """Variances from the shares of blocks ``[b]`` of ``block_min`` minutes each, of these units and sessions ``[b]``.

    Two blocks or more of every unit in a session; ``LEAST`` units or more.
    """
    cells, cell = distinct_pairs(unit, session)
    count = np.bincount(cell)
    mean = np.bincount(cell, weights=shares) / count
    within = float(np.sum((shares - mean[cell]) ** 2) / (len(shares) - len(count)))
    units, days = (np.unique(of, return_inverse=True)[1] for of in cells.T)
    every, same_unit, same_day = (_apart(mean, within / count, of) for of in (np.zeros_like(units), units, days))
    several = int(days.max()) + 1 >= LEAST
    squares, pairs = every - same_unit - same_day if several else same_day
    between = max(squares / pairs, 0.0)
    sessions = np.clip(between - same_day[0] / same_day[1], 0.0, between) if several and same_day[1] else np.nan
    own = np.bincount(units, weights=mean) / np.bincount(units)
    many = len(own), len(shares), int(days.max()) + 1
    return Spread(float(own.mean()), float(between), within * block_min, *many, float(sessions))


def _apart(mean: FloatArray, error: FloatArray, group: IntArray) -> FloatArray:
    """Half the squared differences of means, less their errors, summed over pairs in a group; and how many pairs."""
    number = np.bincount(group)
    sums, squares, errors = (np.bincount(group, weights=values) for values in (mean, mean**2, error))
    apart = number * squares - sums**2 - (number - 1) * errors
    return np.array([apart.sum() / 2, (number * (number - 1)).sum() / 2])
