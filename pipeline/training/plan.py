"""What ``ethopipe train`` was asked for, checked when it is made."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.miniscenes import MiniSceneSettings
from pipeline.rules import hold_training
from pipeline.training.augment import AugmentationSettings
from pipeline.training.probe import ProbeSettings
from pipeline.training.prototypes import PrototypeSettings
from pipeline.training.settings import About, FitSettings, NetworkSettings
from pipeline.training.split import SplitSettings


@dataclass(frozen=True)
class TrainingPlan:
    """All settings of a training. ``settings`` is kept beside the checkpoints, to know a training again."""

    data: Path
    labels: tuple[Path, ...]
    old2new: dict[str, str]
    classes: tuple[str, ...]
    frame_rate: float | None
    scenes: Path | None
    check_leaks: bool
    out: Path
    init: str | None
    weights: str | None
    vocabulary: tuple[str, ...]
    exclusive: bool
    species: bool
    mirror: dict[str, str]
    told_right: float | None
    seed: int
    device: str
    threads: int | None
    workers: int
    max_minutes: float | None
    miniscene: MiniSceneSettings
    split: SplitSettings
    network: NetworkSettings
    augmentation: AugmentationSettings
    fit: FitSettings | ProbeSettings | PrototypeSettings
    about: About
    settings: dict[str, Any]

    def __post_init__(self) -> None:
        hold_training(self.seed, self.threads, self.workers, self.max_minutes)
        if self.frame_rate is not None and not self.frame_rate > 0:
            raise ValueError(f"frame_rate must be > 0 or null, got {self.frame_rate}")
        if self.told_right is not None and not 0 < self.told_right <= 1:
            raise ValueError(f"told_right must be in (0, 1] or null, got {self.told_right}")
        if self.weights is not None and self.init is None:
            raise ValueError(f"weights={self.weights} are torchvision's of a network: name it too, as init=mvit_v2_s")
        if not self.exclusive and isinstance(self.fit, PrototypeSettings):
            raise ValueError("prototypes tell one behaviour of each clip; where several can be true use fit=probe")
        if self.split.crossed and isinstance(self.fit, FitSettings) and self.fit.devices * self.fit.nodes > 1:
            raise ValueError(
                "folds are fitted one after another by one process: set fit.devices=1 fit.nodes=1, or train with each "
                "fold by a command of its own: split.fold=0, 1, ..."
            )
        if self.init is None and isinstance(self.fit, FitSettings) and self.fit.keep:
            raise ValueError(f"fit.keep={self.fit.keep} is a share of init's weights: name init, or set fit.keep=0")
        if len(set(self.vocabulary)) < len(self.vocabulary):
            raise ValueError(f"vocabulary must name each behaviour once, got {', '.join(self.vocabulary)}")
        if self.init is None and not (isinstance(self.fit, FitSettings) and self.fit.from_nothing):
            raise ValueError(
                "only fit=new begins from nothing; say what to go on from: init=savanna_videomae, or another"
            )

    @property
    def working(self) -> Path:
        """Where checkpoints, curves, features and the settings are kept."""
        return self.out / "training"
