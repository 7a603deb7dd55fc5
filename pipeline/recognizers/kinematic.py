"""A recognizer without weights: stationary, walk or run, from the animal's speed over the ground in body lengths."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.recognizers.card import Card
from pipeline.recognizers.folder import models_folder, read_card
from pipeline.recognizers.travel import speed_of
from pipeline.types import Video, Window

_SLOWEST = 1e-6  # body lengths/s taken for standing still, so that its logarithm exists


@dataclass
class KinematicRecognizer:
    """Ordered logistic classes of log speed: P(moves) and P(runs) rise around two thresholds.

    A window in which hardly any time passes (a still, a clip under half of ``step_s``), or most of whose samples lack
    the camera's motion, gives no speed and so no score.
    """

    walk_above: float
    run_above: float
    width: float
    step_s: float
    batch: int
    card: Card = field(init=False, repr=False)
    reads_pixels: bool = field(init=False, repr=False, default=False)

    def __post_init__(self) -> None:
        if not 0 < self.walk_above < self.run_above:
            raise ValueError(f"0 < walk_above < run_above must hold, got {self.walk_above} and {self.run_above}")
        for name in ("width", "step_s"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be > 0, got {getattr(self, name)}")
        if self.batch < 1:
            raise ValueError(f"batch must be >= 1, got {self.batch}")
        self.card = read_card(models_folder() / "kinematic")

    def begin(self, video: Video) -> None:
        """Nothing is kept between videos."""

    def score(self, windows: Sequence[Window]) -> FloatArray:
        """Probabilities ``[len(windows), 3]`` of stationary, walk, run; zeros where the speed cannot be told."""
        speed = np.array([speed_of(window, self.step_s) for window in windows])
        moves = _above(speed, self.walk_above, self.width)
        runs = _above(speed, self.run_above, self.width)
        scores = np.column_stack([1 - moves, moves - runs, runs])
        scores[np.isnan(speed)] = 0.0
        return scores


def _above(speed: FloatArray, threshold: float, width: float) -> FloatArray:
    """Logistic in the logarithm of speed: 0.5 at the threshold, 0.88 two widths above it."""
    distance = (np.log(np.maximum(speed, _SLOWEST)) - np.log(threshold)) / width
    return np.asarray(1 / (1 + np.exp(-distance)), dtype=np.float64)
