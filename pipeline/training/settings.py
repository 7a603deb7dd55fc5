"""What can be set of a training, besides the augmentation."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.errors import UsageError

PRECISIONS = ("32", "bf16")
OPTIMIZERS = ("adamw", "muon")
LOSSES = ("cross_entropy", "focal", "class_balanced", "equalization", "logit_adjustment")
RARE = LOSSES[2:]  # those that know how often each behaviour is shown, and make up for it


@dataclass(frozen=True)
class NetworkSettings:
    """A VideoMAE to be made (Tong et al. 2022, VideoMAE, NeurIPS): sizes of its clip, patches and layers.

    ``moments`` it answers for in a clip: 1, or one for each tubelet in time; None: as the model that it goes on from.
    """

    frames: int
    interval_s: float
    height_px: int
    width_px: int
    patch_px: int
    tubelet_frames: int
    width: int
    depth: int
    heads: int
    moments: int | None

    def __post_init__(self) -> None:
        for name in ("frames", "height_px", "width_px", "patch_px", "tubelet_frames", "width", "depth", "heads"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be >= 1, got {getattr(self, name)}")
        if not self.interval_s > 0:
            raise ValueError(f"interval_s must be > 0, got {self.interval_s}")
        for whole, part in (("height_px", "patch_px"), ("width_px", "patch_px"), ("frames", "tubelet_frames")):
            if getattr(self, whole) % getattr(self, part):
                raise ValueError(
                    f"{whole} must be a multiple of {part}, got {getattr(self, whole)} and {getattr(self, part)}"
                )
        if self.width % self.heads:
            raise ValueError(f"width must be a multiple of heads, got {self.width} and {self.heads}")


@dataclass(frozen=True)
class FitSettings:
    """How the weights are fitted by descent. A round is the steps between two looks at the held-out groups."""

    from_nothing: bool
    layers: int | None
    loss: str
    steps: int
    batch: int
    accumulate: int
    optimizer: str
    learning_rate: float
    warmup: float
    weight_decay: float
    label_smoothing: float
    balance: float
    clip_gradient: float
    average: float
    keep: float
    dropout: float
    patches: float
    landmarks: float
    species_weight: float
    round_steps: int
    check_clips: int
    patience: int | None
    precision: str
    devices: int
    nodes: int

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "accumulate", "round_steps", "check_clips", "devices", "nodes"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be >= 1, got {getattr(self, name)}")
        for name in ("learning_rate", "clip_gradient"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be > 0, got {getattr(self, name)}")
        for name in ("weight_decay", "landmarks", "species_weight"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must be >= 0, got {getattr(self, name)}")
        for name in ("warmup", "label_smoothing", "average", "keep", "dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} must be in [0, 1), got {getattr(self, name)}")
        if not 0 < self.patches <= 1:
            raise ValueError(f"patches must be in (0, 1], got {self.patches}")
        if not 0 <= self.balance <= 1:
            raise ValueError(f"balance must be in [0, 1], got {self.balance}")
        if self.optimizer not in OPTIMIZERS:
            raise ValueError(f"optimizer must be one of {', '.join(OPTIMIZERS)}, got {self.optimizer!r}")
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}, got {self.precision!r}")
        if self.loss not in LOSSES:
            raise ValueError(f"loss must be one of {', '.join(LOSSES)}, got {self.loss!r}")
        self._check_together()

    def _check_together(self) -> None:
        if self.layers is not None and self.layers < 0:
            raise ValueError(f"layers must be >= 0 or null for all, got {self.layers}")
        if self.patience is not None and self.patience < 1:
            raise ValueError(f"patience must be >= 1 or null, got {self.patience}")
        if self.loss in RARE and self.balance > 0:
            raise ValueError(f"loss={self.loss} makes up for rare behaviours itself: set balance=0, got {self.balance}")
        if self.batch % self.parts:
            raise ValueError(
                f"batch must be a multiple of accumulate x devices x nodes = {self.parts}, got {self.batch}"
            )

    @property
    def parts(self) -> int:
        """Into how many parts a batch is cut."""
        return self.accumulate * self.devices * self.nodes

    @property
    def of_patches(self) -> bool:
        """Is the network asked about single patches, as only a VideoMAE can be?"""
        return self.patches < 1 or self.landmarks > 0

    @property
    def rounds(self) -> int:
        """Rounds that hold all steps; the last may be cut short."""
        return -(-self.steps // self.round_steps)


@dataclass(frozen=True)
class About:
    """What the model's card will say besides what was measured."""

    name: str
    licence: str
    trained_on: str
    not_good_for: str
    definitions: dict[str, str]  # of behaviours, in words
    close: bool | None

    def check(self, behaviours: Sequence[str]) -> None:
        """``UsageError`` where something else is defined."""
        if strange := [name for name in self.definitions if name not in behaviours]:
            raise UsageError(
                f"about.definitions says what {', '.join(strange)} is, which is not learnt; "
                f"that is {', '.join(behaviours)}"
            )
