"""What ends a bout, and how the question is looked into."""

from dataclasses import dataclass
from enum import Enum

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.rules import hold


class Criterion(Enum):
    """Which gap ends a bout: one that is given, or where the processes of a fitted mixture are equally likely."""

    fixed = "fixed"
    exponential = "exponential"  # of random processes, as in a log-survivor plot with straight parts
    lognormal = "lognormal"  # of processes with a typical gap, as meals have
    best = "best"  # whichever of the two has the lower BIC


@dataclass(frozen=True)
class BoutSettings:
    """Which gaps are bridged and which mixtures are fitted.

    ``fixed`` is the default because what a fit gives depends on the model: criteria for the same cows ran from 1.9 to
    49 min over five methods (Tolkamp and Kyriazakis 1999, Anim Behav 57: 807-817), and clips cut the long gaps away.
    """

    criterion: Criterion = Criterion.fixed
    gap_s: float = 0.0
    processes: int = 3
    min_gaps: int = 50
    min_ended: int = 5
    shortest_s: float = 0.0
    resamples: int = 200
    grid_low_s: float = 0.5
    grid_high_s: float = 300.0
    grid_points: int = 40

    def __post_init__(self) -> None:
        hold(
            {
                "gap_s must be >= 0": (self.gap_s, self.gap_s >= 0),
                "processes must be 2 or 3": (self.processes, self.processes in (2, 3)),
                "min_gaps must be >= 20": (self.min_gaps, self.min_gaps >= 20),
                "min_ended must be >= 1": (self.min_ended, self.min_ended >= 1),
                "shortest_s must be >= 0": (self.shortest_s, self.shortest_s >= 0),
                "resamples must be >= 100": (self.resamples, self.resamples >= 100),
                "grid_low_s must be > 0": (self.grid_low_s, self.grid_low_s > 0),
                "grid_high_s must be > grid_low_s": (self.grid_high_s, self.grid_high_s > self.grid_low_s),
                "grid_points must be >= 2": (self.grid_points, self.grid_points >= 2),
            }
        )

    @property
    def grid_s(self) -> FloatArray:
        """The gaps whose bridging is tried: 0, then evenly in the logarithm."""
        return np.append(0.0, np.geomspace(self.grid_low_s, self.grid_high_s, self.grid_points))
