"""A recognizer's folder: ``card.yaml`` and its weights as safetensors. Read as data, checked before it is used."""

from pathlib import Path

from pipeline import model_folder
from pipeline.errors import ModelError
from pipeline.model_folder import CARD, PICKLED, find_model, models_folder, weight_files, write_card
from pipeline.recognizers.card import Card

__all__ = [
    "CARD",
    "HEADS",
    "PICKLED",
    "check_head",
    "find_model",
    "head_size",
    "models_folder",
    "read_card",
    "verify",
    "weight_files",
    "write_card",
]

HEADS = ("classifier", "head", "fc")  # what the last layer is called in the networks offered here


def read_card(folder: Path) -> Card:
    """The card of a model folder; ``ModelError`` with all its faults in one line."""
    return model_folder.read_card_as(Card, folder, "the model's behaviours and its clip")


def verify(folder: Path, card: Card) -> None:
    """Hold the folder's files against the card's sha256; ``ModelError`` names all that are missing or differ."""
    model_folder.verify(folder, card.sha256)


def head_size(files: list[Path]) -> int | None:
    """Outputs of the network, from the header of its weights; None where no layer is called as a head is.

    Reads no tensor; ``ModelError`` for a file that was cut off or is something else.
    """
    told = {name: shape for path in files for name, shape in model_folder.shapes(path).items()}
    sizes = [shape[0] for name, shape in told.items() if name.split(".")[0] in HEADS and name.endswith("weight")]
    return int(sizes[-1]) if sizes else None


def check_head(name: str, outputs: int | None, card: Card) -> None:
    """Refuse a network whose outputs are not the card's behaviours; ``None`` outputs are not known yet."""
    if outputs is not None and outputs != len(card.behaviours):
        raise ModelError(f"model {name} has {outputs} outputs, its card names {len(card.behaviours)} behaviours")
