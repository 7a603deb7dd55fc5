"""The recognizer that comes with the project: a small VideoMAE under ``models/``, trained on a simulated savanna."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.errors import MissingPart
from pipeline.recognizers.folder import find_model, models_folder
from pipeline.recognizers.speed import likelihood, weighed
from pipeline.recognizers.transformers import TransformersRecognizer
from pipeline.types import Window


@dataclass
class EmbeddedRecognizer(TransformersRecognizer):
    """As ``TransformersRecognizer``, but of a folder that is here: nothing is asked of the hub.

    Where its card knows how fast its behaviours are, the animal's speed counts beside the pixels, with ``speed_weight``
    >= 0 (``recognizers/speed.py``).
    """

    speed_weight: float

    def __post_init__(self) -> None:
        if not self.speed_weight >= 0:
            raise ValueError(f"speed_weight must be >= 0, got {self.speed_weight}")
        if find_model(self.model) is None:
            raise MissingPart(
                f"no embedded recognizer {self.model} in {models_folder()}; install ethopipe again, make it with "
                "scripts/train_recognizer.py, or use recognizer=kinematic, which needs no weights"
            )
        super().__post_init__()

    def score(self, windows: Sequence[Window]) -> FloatArray:
        """Probabilities ``[len(windows) * M, K + S]``; speed says nothing of the species."""
        scores = super().score(windows)
        if not self.speed_weight:
            return scores
        likely = likelihood(windows, self.card)
        likely[[_fixed(window) for window in windows for _ in range(self.card.moments)]] = 1.0
        own, species = np.split(scores, [len(self.card.behaviours)], axis=1)
        return np.hstack([weighed(own, likely, self.speed_weight), species])


def _fixed(window: Window) -> bool:
    """Does the box not move in the picture at all? Then it is the picture: footage that is a mini-scene already."""
    return bool((window.boxes == window.boxes[0]).all())
