"""How sequences of behaviours are tested; what ``StatisticsSettings`` says of intervals, units and seed holds too."""

from dataclasses import dataclass
from enum import Enum

from pipeline.rules import hold


class Correction(Enum):
    """What keeps many tests of one table honest."""

    holm = "holm"  # no false cell with the confidence asked for (Holm 1979, Scand J Stat 6: 65-70)
    benjamini_hochberg = "benjamini_hochberg"  # few false among those named (1995, J R Stat Soc B 57: 289-300)


@dataclass(frozen=True)
class SequenceSettings:
    """Tests of transitions and dwell times; ``ValueError`` where a value cannot be."""

    lags: int  # 1: the next code; 2: the one after it ...
    by: list[str]  # columns to give the tables for, beside everything together
    permutations: int  # 0: no permutation test
    correction: Correction
    min_expected: float  # cells that expect fewer are flagged as sparse
    min_steps: int  # tables of fewer steps are counted, not tested
    min_dwells: int  # behaviours with fewer ended bouts get no fitted distribution
    shortest_s: float  # bouts under it cannot be in the table: bout smoothing took them out

    def __post_init__(self) -> None:
        hold(
            {
                "lags must be from 1 to 100": (self.lags, 1 <= self.lags <= 100),
                "by must name each column once": (self.by, len(set(self.by)) == len(self.by)),
                "permutations must be 0 or >= 99": (
                    self.permutations,
                    self.permutations == 0 or self.permutations >= 99,
                ),
                "min_expected must be >= 0": (self.min_expected, self.min_expected >= 0),
                "min_steps must be >= 1": (self.min_steps, self.min_steps >= 1),
                "min_dwells must be >= 5": (self.min_dwells, self.min_dwells >= 5),
                "shortest_s must be >= 0": (self.shortest_s, self.shortest_s >= 0),
            }
        )
