"""What ``ethopipe export`` was asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from pipeline.ethology.ethogram import RESERVED


class Format(Enum):
    """Where behaviours are labelled."""

    cvat = "cvat"
    boris = "boris"
    csv = "csv"


class Unit(Enum):
    """What one observation of BORIS and one row of the CSV is about: a mini-scene, or a source video."""

    scene = "scene"
    video = "video"


class Choice(Enum):
    """Which mini-scenes of a behaviour are labelled: where the recognizer is least sure of it, or any."""

    confidence = "confidence"
    margin = "margin"
    even = "even"


def formats_of(words: Sequence[str]) -> tuple[Format, ...]:
    """The formats of these names; ``ValueError`` where there is none, or a name that is none's."""
    known = [one.value for one in Format]
    wrong = [word for word in words if word not in known]
    if wrong or not words:
        raise ValueError(f"formats must be one or more of {', '.join(known)}, got {wrong[0] if wrong else 'none'}")
    return tuple(map(Format, words))


@dataclass(frozen=True)
class ExportPlan:
    """``configs/export.yaml`` explains the values."""

    run: Path
    out: Path
    formats: tuple[Format, ...]
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

    @property
    def films(self) -> bool:
        """Are videos of the mini-scenes needed?"""
        return Format.cvat in self.formats or self.unit is Unit.scene
