"""The recognizer that comes with the project: a small VideoMAE under ``models/``, trained on a simulated savanna."""

from dataclasses import dataclass

from pipeline.errors import MissingPart
from pipeline.recognizers.folder import find_model, models_folder
from pipeline.recognizers.transformers import TransformersRecognizer


@dataclass
class EmbeddedRecognizer(TransformersRecognizer):
    """As ``TransformersRecognizer``, but of a folder that is here: nothing is asked of the hub."""

    def __post_init__(self) -> None:
        if find_model(self.model) is None:
            raise MissingPart(
                f"no embedded recognizer {self.model} in {models_folder()}; install ethopipe again, make it with "
                "scripts/train_recognizer.py, or use recognizer=kinematic, which needs no weights"
            )
        super().__post_init__()
