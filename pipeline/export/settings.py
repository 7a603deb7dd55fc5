"""What ``ethopipe export`` was asked for."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from pipeline.ethology.ethogram import RESERVED


class Unit(Enum):
    """What one observation of BORIS and one row of the CSV is about: a mini-scene, or a source video."""

    scene = "scene"
    video = "video"


class Choice(Enum):
    """Which mini-scenes of a behaviour are labelled: where the recognizer is least sure of it, or any."""

    confidence = "confidence"
    margin = "margin"
    even = "even"


@dataclass(frozen=True)
class ExportPlan:
    """``configs/export.yaml`` explains the values."""

    run: Path
    out: Path
    format: tuple[str, ...]  # names of export/formats.py
    unit: Unit
    prelabel: bool
    more_behaviours: tuple[str, ...]
    per_behaviour: int | None
    choose: Choice
    min_s: float
    seed: int

    def __post_init__(self) -> None:
        if wrong := [name for name in self.more_behaviours if not name.strip() or name in RESERVED]:
            raise ValueError(f"more_behaviours must be names other than {', '.join(RESERVED)}, got {wrong[0]!r}")
        if self.per_behaviour is not None and self.per_behaviour < 1:
            raise ValueError(f"per_behaviour must be >= 1 or null, got {self.per_behaviour}")
        for name in ("min_s", "seed"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must be >= 0, got {getattr(self, name)}")
