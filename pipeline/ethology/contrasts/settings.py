"""How two conditions are compared; ``StatisticsSettings`` has confidence, units and seed."""

from dataclasses import dataclass
from enum import Enum

from pipeline.ethology.sequences.settings import Correction
from pipeline.rules import hold


class Replicate(Enum):
    """What is compared: named animals, or sessions with whoever is in them."""

    individual = "individual"
    session = "session"


class Family(Enum):
    """Over which tests of a kind p is corrected."""

    comparison = "comparison"  # those of one comparison: the behaviours
    study = "study"  # those of all comparisons that are asked for


@dataclass(frozen=True)
class ContrastSettings:
    """``replicate`` is what is compared; ``delta`` the share that stands for a behaviour never seen of a unit.

    ``ValueError`` where a value cannot be.
    """

    replicate: Replicate = Replicate.individual
    delta: float = 0.005
    permutations: int = 4999
    correction: Correction = Correction.holm
    family: Family = Family.comparison

    def __post_init__(self) -> None:
        hold(
            {
                "delta must be in (0, 0.05]": (self.delta, 0 < self.delta <= 0.05),
                "permutations must be >= 99": (self.permutations, self.permutations >= 99),
            }
        )
