"""When budgets are corrected for a recognizer's errors, and how windows are drawn for an audit."""

from dataclasses import dataclass, field

from pipeline.ethology.ethogram import RESERVED
from pipeline.rules import hold


@dataclass(frozen=True)
class CorrectionSettings:
    """A correction is refused where the held-out clips say too little; ``ValueError`` where a value cannot be.

    ``merge`` names what behaviours are called together, as ``{Trot: Run}``. Clips and recordings are counted over all
    species; ``prior_clips`` clips of all species count beside each species' own where its errors are told
    (``matrix.shrunk``).
    """

    merge: dict[str, str] = field(default_factory=dict)
    max_condition: float = 10.0
    min_clips: int = 30
    min_recordings: int = 5
    prior_clips: float = 30.0

    def __post_init__(self) -> None:
        reserved = sorted({*self.merge, *self.merge.values()} & {*RESERVED, ""})
        hold(
            {
                f"merge must name behaviours, none of {', '.join(RESERVED)}": (reserved, not reserved),
                "max_condition must be >= 1": (self.max_condition, self.max_condition >= 1),
                "min_clips must be >= 1": (self.min_clips, self.min_clips >= 1),
                "min_recordings must be >= 2": (self.min_recordings, self.min_recordings >= 2),
                "prior_clips must be >= 0": (self.prior_clips, self.prior_clips >= 0),
            }
        )


@dataclass(frozen=True)
class AuditSettings:
    """How many windows are drawn, and how long they are.

    ``per_behaviour`` or a few more of what is told, dealt over the sessions by time, at least ``per_stratum`` of each
    that has any (from one no error can be told), and no more than fit beside each other. ``unknown``: also
    of time in sight of which nothing is told.
    """

    per_behaviour: int = 50
    per_stratum: int = 2
    window_s: float = 4.0
    unknown: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        hold(
            {
                "per_behaviour must be >= 2": (self.per_behaviour, self.per_behaviour >= 2),
                "per_stratum must be >= 2": (self.per_stratum, self.per_stratum >= 2),
                "window_s must be > 0": (self.window_s, self.window_s > 0),
                "seed must be >= 0": (self.seed, self.seed >= 0),
            }
        )
