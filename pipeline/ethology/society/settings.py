"""How positions are sampled, who counts as together, and what is tested against chance."""

from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from pipeline.boxes import Point
from pipeline.ethology.sequences.settings import Correction
from pipeline.rules import hold


class Unit(Enum):
    """What ``near`` and ``leave`` are measured in."""

    body_length = "body_length"
    metre = "metre"  # where positions on the ground are known
    pixel = "pixel"  # of the video's reference frame


class Group(Enum):
    """What one group is, for statistics that have the group as their unit."""

    session = "session"
    video = "video"


@dataclass(frozen=True)
class SocietySettings:
    """Everything of this family; the seed, the limits and the fewest units are those of ``StatisticsSettings``."""

    step_s: float  # between two instants
    point: Point
    heading_s: float  # over which an animal's motion is measured
    least_speed: float  # body lengths a second under which it stands still and has no heading
    least_aspect: float  # width / height that a tenth of a track's boxes reach, else it is seen end-on only; 0: any
    unit: Unit
    near: float  # in unit; the chain rule's distance
    leave: float  # in unit; a pair that is together stays so up to here
    period_s: float  # the sampling period of associations: one scan each
    min_periods: int  # pairs and tests with fewer get no index and no p
    permutations: int
    shifts: int  # time-shifted controls of synchrony
    correction: Correction  # of p for the tests of one table
    min_record_s: float  # tracks with a shorter record are left out of synchrony
    vigilance: list[str]  # behaviours that the user calls vigilance
    group: Group
    size_classes: list[int]  # first size of each class of group size

    def __post_init__(self) -> None:
        above = {name: getattr(self, name) for name in ("step_s", "heading_s", "near", "period_s")}
        least = {name: getattr(self, name) for name in ("least_speed", "least_aspect", "min_record_s")}
        draws = {name: getattr(self, name) for name in ("permutations", "shifts")}
        sizes = self.size_classes
        hold(
            {f"{name} must be > 0": (value, value > 0) for name, value in above.items()}
            | {f"{name} must be >= 0": (value, value >= 0) for name, value in least.items()}
            | {f"{name} must be >= 99": (value, value >= 99) for name, value in draws.items()}
            | {
                "leave must be >= near": (self.leave, self.leave >= self.near),
                "period_s must be >= step_s": (self.period_s, self.period_s >= self.step_s),
                "min_periods must be >= 2": (self.min_periods, self.min_periods >= 2),
                "vigilance must name each behaviour once": (
                    self.vigilance,
                    len(set(self.vigilance)) == len(self.vigilance),
                ),
                "size_classes must rise from 1": (sizes, sizes[:1] == [1] and all(a < b for a, b in pairwise(sizes))),
            }
        )
