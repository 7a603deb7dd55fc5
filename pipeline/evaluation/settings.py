"""What ``ethopipe evaluate`` was asked for."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class EvaluationPlan:
    """Either ``scores``, or a ``run`` and its ``labels``; ``configs/evaluate.yaml`` explains the values."""

    scores: Path | None
    run: Path | None
    labels: tuple[Path, ...]
    old2new: dict[str, str]
    out: Path
    block: int | None
    precision: float
    confidence: float
    resamples: int
    min_units: int
    seed: int

    def __post_init__(self) -> None:
        if (self.scores is None) == (self.run is None):
            raise ValueError("give scores=FILE, or run=FOLDER labels=FILE")
        if (self.run is None) != (not self.labels):
            raise ValueError("run and labels go together: run=FOLDER labels=FILE")
        if self.block is not None and self.block < 1:
            raise ValueError(f"block must be >= 1 or null, got {self.block}")
        for name in ("precision", "confidence"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"{name} must be in (0, 1), got {getattr(self, name)}")
        for name, least in {"resamples": 100, "min_units": 2, "seed": 0}.items():
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be >= {least}, got {getattr(self, name)}")
