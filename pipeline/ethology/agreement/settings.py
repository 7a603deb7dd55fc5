"""How records are compared."""

from dataclasses import dataclass
from enum import Enum

from pipeline.rules import hold


class Watched(Enum):
    """Which time of an animal in a video a coder is taken to have watched."""

    coded = "from the first to the last that the coder coded of the animal"
    all = "from the video's start to the last that any coder coded in it, and every animal that any of them names"


@dataclass(frozen=True)
class AgreementSettings:
    """``configs/agree.yaml`` explains the values."""

    unit_s: float = 0.1
    tolerance_s: float = 1.0
    link_s: float = 2.0
    overlap: float = 0.5
    nothing_coded: bool = False
    watched: Watched = Watched.coded
    confidence: float = 0.95
    resamples: int = 1000
    min_units: int = 6
    min_compared_s: float = 60.0
    seed: int = 0

    def __post_init__(self) -> None:
        hold(
            {
                "unit_s must be >= 0.001": (self.unit_s, self.unit_s >= 0.001),
                "tolerance_s must be >= 0": (self.tolerance_s, self.tolerance_s >= 0),
                "link_s must be >= 0": (self.link_s, self.link_s >= 0),
                "overlap must be in (0, 1]": (self.overlap, 0 < self.overlap <= 1),
                "confidence must be in (0, 1)": (self.confidence, 0 < self.confidence < 1),
                "resamples must be >= 100": (self.resamples, self.resamples >= 100),
                "min_units must be >= 2": (self.min_units, self.min_units >= 2),
                "min_compared_s must be >= 0": (self.min_compared_s, self.min_compared_s >= 0),
                "seed must be >= 0": (self.seed, self.seed >= 0),
            }
        )
