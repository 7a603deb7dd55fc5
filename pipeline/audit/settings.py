"""What ``ethopipe audit`` was asked for."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.ethology.correction.settings import AuditSettings


@dataclass(frozen=True)
class AuditPlan:
    """``configs/audit.yaml`` explains the values."""

    run: Path
    out: Path
    set: str | None
    films: bool
    how: AuditSettings
