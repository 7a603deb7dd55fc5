"""How a detector is fitted from tiles: what may be set, and what must stay while a training goes on."""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from pipeline.rules import hold
from pipeline.training.detector_pixels import Mixing
from pipeline.training.settings import PRECISIONS


@dataclass(frozen=True)
class DetectorFit:
    """How long, how fast and on what a detector is fitted. ``budget_s`` stops it early, to go on another time.

    Where ``steps`` is 0 the first weights themselves are judged, on all tiles, and saved.

    ``init`` is a model's folder, or the name of one of ``models/``, whose weights are the first; of several, their mean
    (``average.mean_of``); empty: random ones. Of those first weights ``keep`` goes into what is judged and saved
    (``average.between``).
    ``precision`` bf16 halves a step on CPUs with AVX512-BF16 or AMX. ``workers`` processes make the pictures ahead.
    """

    init: tuple[str, ...] = ()
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
        counts = {name: getattr(self, name) for name in ("batch", "check_steps", "check_images")}
        shares = (self.average, self.warmup, self.held_out)
        hold(
            {
                **{f"{name} must be >= 1": (count, count >= 1) for name, count in counts.items()},
                "steps must be >= 1, or 0 with init": (self.steps, self.steps >= (0 if self.init else 1)),
                f"precision must be one of {', '.join(PRECISIONS)}": (self.precision, self.precision in PRECISIONS),
                "workers must be >= 0": (self.workers, self.workers >= 0),
                "image_px must be a multiple of 32": (self.image_px, self.image_px >= 32 and self.image_px % 32 == 0),
                "keep must be in [0, 1), and above 0 only with init": (
                    self.keep,
                    0 <= self.keep < 1 and (not self.keep or bool(self.init)),
                ),
                "average and warmup must be in [0, 1), held_out in (0, 1)": (
                    shares,
                    0 <= self.average < 1 and 0 <= self.warmup < 1 and 0 < self.held_out < 1,
                ),
            }
        )

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
