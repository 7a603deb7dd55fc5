"""What ``ethopipe evaluate`` was asked for."""

from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Any


class Frames(Enum):
    """Which frames are held against a truth of boxes."""

    auto = "those with a true box where the truth labels pictures (COCO, YOLO), else all"
    all = "all"
    labelled = "those with a true box"


_WAYS = ({"scores"}, {"run", "labels"}, {"run", "truth"}, {"tracks", "truth"})
_HOLDS = {"scores": "FILE", "run": "FOLDER", "labels": "FILE", "truth": "FOLDER", "tracks": "FILE"}
_HOW = "scores=FILE, run=FOLDER labels=FILE, run=FOLDER truth=FILE, or tracks=FILE truth=FILE"


@dataclass(frozen=True)
class EvaluationPlan:
    """One of four: ``scores``; a ``run`` and ``labels`` or its ``truth``; ``tracks`` and their ``truth``.

    ``configs/evaluate.yaml`` explains the values.
    """

    scores: Path | None
    run: Path | None
    labels: tuple[Path, ...]
    truth: Path | None
    tracks: Path | None
    frames: Frames
    old2new: dict[str, str]
    out: Path
    block: int | None
    precision: float
    confidence: float
    resamples: int
    min_units: int
    seed: int

    def __post_init__(self) -> None:
        given = {name for name in ("scores", "run", "labels", "truth", "tracks") if getattr(self, name)}
        if given not in _WAYS:
            raise ValueError(_refusal({name: getattr(self, name) for name in sorted(given)}))
        if self.block is not None and self.block < 1:
            raise ValueError(f"block must be >= 1 or null, got {self.block}")
        for name in ("precision", "confidence"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"{name} must be in (0, 1), got {getattr(self, name)}")
        for name, least in {"resamples": 100, "min_units": 2, "seed": 0}.items():
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be >= {least}, got {getattr(self, name)}")

    def plain(self) -> dict[str, Any]:
        """The settings as they can be written down."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def _refusal(given: dict[str, Any]) -> str:
    """What one given thing needs beside it, else all that can be given."""
    lost = [f"{name}={_HOLDS[name]}" for way in _WAYS if way > set(given) for name in sorted(way - set(given))]
    if len(given) == 1 and lost:
        ((name, value),) = given.items()
        return f"{name}={','.join(map(str, value)) if isinstance(value, tuple) else value} needs {' or '.join(lost)}"
    return f"give {_HOW}; got {', '.join(given) or 'none of them'}"


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [str(one) for one in value]
    if isinstance(value, Enum):
        return value.name
    return str(value) if isinstance(value, Path) else value
