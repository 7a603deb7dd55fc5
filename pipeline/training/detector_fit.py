"""How a detector is fitted from tiles: what may be set, and what must stay while a training goes on."""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from pipeline.training.detector_pixels import Mixing
from pipeline.training.settings import PRECISIONS


@dataclass(frozen=True)
class DetectorFit:
    """How long, how fast and on what a detector is fitted. ``budget_s`` stops it early, to go on another time.

    ``init`` is a model's folder, or the name of one of ``models/``, whose weights are the first; empty: random ones.
    Of those first weights ``keep`` goes into what is judged and saved (``average.between``).
    ``precision`` bf16 halves a step on CPUs with AVX512-BF16 or AMX. ``workers`` processes make the pictures ahead.
    """

    init: str = ""
    seed: int = 0
    steps: int = 3500
    batch: int = 16
    image_px: int = 320
    learning_rate: float = 2e-3
    warmup: float = 0.03
    weight_decay: float = 5e-4
    average: float = 0.998
    keep: float = 0.0
    held_out: float = 0.1
    check_steps: int = 250
    check_images: int = 200
    budget_s: float = 0.0
    precision: str = "32"
    device: str = "auto"
    workers: int = 0
    mixing: Mixing = field(default_factory=Mixing)

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "check_steps", "check_images"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be >= 1, got {getattr(self, name)}")
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}, got {self.precision}")
        if self.workers < 0:
            raise ValueError(f"workers must be >= 0, got {self.workers}")
        if self.image_px < 32 or self.image_px % 32:
            raise ValueError(f"image_px must be a multiple of 32, got {self.image_px}")
        if not 0 <= self.keep < 1 or (self.keep and not self.init):
            raise ValueError(f"keep must be in [0, 1), and above 0 only with init, got {self.keep}")
        if not 0 <= self.average < 1 or not 0 <= self.warmup < 1 or not 0 < self.held_out < 1:
            raise ValueError("average and warmup must be in [0, 1), held_out in (0, 1)")

    def rate(self, step: int) -> float:
        """The learning rate of a step: up in a line, then down along a cosine to a hundredth."""
        rising = self.warmup * self.steps
        if step < rising:
            return self.learning_rate * (step + 1) / (rising + 1)
        done = (step - rising) / max(self.steps - rising, 1)
        return self.learning_rate * (0.01 + 0.99 * 0.5 * (1 + float(np.cos(np.pi * done))))

    @property
    def identity(self) -> dict[str, Any]:
        """The settings that must not change when a training goes on."""
        free = ("budget_s", "check_images", "check_steps", "device", "workers")
        return {name: value for name, value in asdict(self).items() if name not in free}
