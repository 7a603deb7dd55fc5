"""How virtual observers sample, and what a study to come is asked for."""

from dataclasses import dataclass, field
from enum import Enum

from pipeline.rules import hold


class Method(Enum):
    """The sampling rules of Altmann (1974, Behaviour 49: 227-267)."""

    instantaneous = "instantaneous"  # each animal by itself, at moments of its own
    scan = "scan"  # all animals of a video at the same moments
    focal = "focal"  # one animal after the other, each for a fixed time
    one_zero = "one-zero"  # each animal by itself: was it seen at all in the interval?


@dataclass(frozen=True)
class ObserverSettings:
    """``intervals_s`` between points, scans and one-zero intervals; ``focal_s`` the lengths of focal samples.

    Sampling starts ``offsets`` times anew, at random, or at every whole ``step_s`` of the interval where these are no
    more.
    """

    intervals_s: list[float] = field(default_factory=lambda: [5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0])
    focal_s: list[float] = field(default_factory=lambda: [60.0, 300.0, 600.0])
    offsets: int = 40
    step_s: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        hold(
            {
                "intervals_s must be > 0": (list(self.intervals_s), all(value > 0 for value in self.intervals_s)),
                "focal_s must be > 0": (list(self.focal_s), all(value > 0 for value in self.focal_s)),
                "offsets must be >= 2": (self.offsets, self.offsets >= 2),
                "step_s must be > 0": (self.step_s, self.step_s > 0),
                "seed must be >= 0": (self.seed, self.seed >= 0),
            }
        )


@dataclass(frozen=True)
class DesignSettings:
    """The ``differences`` in share to be seen, in ``minutes`` an animal, with ``power``.

    ``alpha`` is the level of the tests of all behaviours of a set together. Variances come from blocks of ``block_s``
    of the record; no more than ``most_units`` a condition are tried.
    """

    differences: list[float] = field(default_factory=lambda: [0.05, 0.1, 0.2])
    minutes: list[float] = field(default_factory=lambda: [5.0, 10.0, 20.0, 40.0])
    power: float = 0.8
    alpha: float = 0.05
    block_s: float = 60.0
    most_units: int = 200
    simulations: int = 500
    seed: int = 0

    def __post_init__(self) -> None:
        hold(
            {
                "differences must be in (0, 0.5)": (
                    list(self.differences),
                    all(0 < value < 0.5 for value in self.differences),
                ),
                "minutes must be > 0": (list(self.minutes), all(value > 0 for value in self.minutes)),
                "power must be in (0, 1)": (self.power, 0 < self.power < 1),
                "alpha must be in (0, 1)": (self.alpha, 0 < self.alpha < 1),
                "block_s must be > 0": (self.block_s, self.block_s > 0),
                "most_units must be >= 3": (self.most_units, self.most_units >= 3),
                "simulations must be >= 100": (self.simulations, self.simulations >= 100),
                "seed must be >= 0": (self.seed, self.seed >= 0),
            }
        )
