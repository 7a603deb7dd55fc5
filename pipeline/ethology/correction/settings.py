"""When budgets are corrected for a recognizer's errors, and how windows are drawn for an audit."""

from collections.abc import Mapping
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

    merge: Mapping[str, str] = field(default_factory=dict)
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
