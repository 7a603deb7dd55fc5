"""A detector's folder: card, architecture and weights as safetensors. Read as data, checked before it is used.

The architecture is a network's description in the words of ultralytics (AGPL-3.0), its outputs the species of the
card in their order. Tensors of two and more dimensions are stored in half precision, the others (norms, biases) in
single: the weights can be trained on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from pipeline import model_folder
from pipeline.artifacts import file_hash, whole, write_text
from pipeline.checksums import SUMS, write_sums
from pipeline.errors import ModelError

ARCHITECTURE, WEIGHTS = "architecture.yaml", "model.safetensors"
_LOCAL = ("yaml_file", "scale", "ch", "channels")  # what ultralytics adds to a description that it has read


@dataclass(frozen=True)
class DetectorCard:
    """Name, species in the order of the outputs, and provenance of a detector. ``image_px``: side of its training.

    ``held_out_chose_checkpoint`` as of a recognizer's card, its pictures in the place of clips.
    """

    name: str
    species: tuple[str, ...]
    image_px: int
    licence: str = "AGPL-3.0-or-later"
    source: str = ""
    trained_on: str = ""
    not_good_for: str = ""
    metrics: dict[str, float] = field(default_factory=dict)
    held_out_chose_checkpoint: bool | None = None
    sha256: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.species:
            raise ValueError("species must name at least one species")
        if len(set(self.species)) < len(self.species):
            twice = sorted({name for name in self.species if self.species.count(name) > 1})
            raise ValueError(f"species must differ, twice here: {', '.join(twice)}")
        if self.image_px < 1:
            raise ValueError(f"image_px must be >= 1, got {self.image_px}")


def read_card(folder: Path) -> DetectorCard:
    """The card of a detector's folder; ``ModelError`` with all its faults in one line."""
    return model_folder.read_card_as(DetectorCard, folder, "the detector's species")


def architecture(species: int) -> dict[str, Any]:
    """The description of a YOLO11n with so many outputs, as ultralytics publishes it."""
    from ultralytics.utils import ROOT

    text = (ROOT / "cfg" / "models" / "11" / "yolo11.yaml").read_text(encoding="utf-8")
    described: dict[str, Any] = yaml.safe_load(text)
    return {**described, "nc": species, "scales": {"n": described["scales"]["n"]}}


def described(network: Any) -> dict[str, Any]:
    """The description of a network of ultralytics, of the one scale that it has, its outputs as many as it has."""
    text = {name: value for name, value in network.yaml.items() if name not in _LOCAL}
    scales, scale = text.get("scales", {}), network.yaml.get("scale") or ""
    return text | ({"scales": {scale: scales[scale]}} if scale in scales else {})


def filled(folder: Path) -> Any:
    """The folder's network as ultralytics' ``YOLO``, to be imported tame before.

    ``ModelError`` where its files are not those of the card, the head has not one output a species, or a tensor is
    missing, unknown or of another shape.
    """
    from safetensors.torch import load_file
    from ultralytics import YOLO

    card = read_card(folder)
    model_folder.verify(folder, card.sha256)
    path = model_folder.weight_files(folder)[0]
    if not (folder / ARCHITECTURE).is_file():
        raise ModelError(f"{folder} holds no {ARCHITECTURE}, which describes its network")
    outputs = head_size(path)
    if outputs != len(card.species):
        raise ModelError(f"model {folder.name} has {outputs} outputs, its card names {len(card.species)} species")
    network = YOLO(str(folder / ARCHITECTURE), task="detect")
    _widen(network.model, path)
    _fit_in(network.model, load_file(path), path)
    network.model.names = dict(enumerate(card.species))
    return network


def head_size(path: Path) -> int | None:
    """Classes of a YOLO's head, from the header of its weights; None where it has no layer called so."""
    shape = _class_branch(model_folder.shapes(path))
    return shape[0] if shape else None


def _class_branch(shapes: Mapping[str, tuple[int, ...]]) -> tuple[int, ...] | None:
    """Shape of the last tensor of the class branch at the finest level: classes, width, 1, 1."""
    return next((shape for name, shape in shapes.items() if name.endswith(".cv3.0.2.weight")), None)


def _widen(network: Any, path: Path) -> None:
    """Give the class branch the width of the weights.

    A network builds it as wide as it has classes (up to 100), one that went on from another's weights keeps theirs.
    """
    from ultralytics.nn.tasks import DetectionModel

    built = _class_branch({name: tuple(value.shape) for name, value in network.state_dict().items()})
    stored = _class_branch(model_folder.shapes(path))
    if built and stored and built[1] != stored[1]:
        network.load(DetectionModel({**network.yaml, "nc": stored[1]}, verbose=False), verbose=False)


def _fit_in(network: Any, state: dict[str, Any], path: Path) -> None:
    """Load a state dict; in float32, whatever it is stored in."""
    import torch

    own = {name: value for name, value in network.state_dict().items() if not _counter(name)}
    odd = sorted(own.keys() ^ state.keys()) + [k for k in own.keys() & state.keys() if own[k].shape != state[k].shape]
    if odd:
        raise ModelError(f"{path} is not of the network in {ARCHITECTURE}: {len(odd)} tensors differ, as {min(odd)}")
    network.load_state_dict({name: value.float() for name, value in state.items()}, strict=False)
    network.eval().to(memory_format=torch.channels_last)  # a fifth faster on a CPU


def _counter(name: str) -> bool:
    """Is it a count of training steps, which nothing here needs?"""
    return name.endswith("num_batches_tracked")


def write_folder(folder: Path, state: dict[str, Any], described: dict[str, Any], card: DetectorCard) -> DetectorCard:
    """Write a detector's folder, its checksums last; the card as written, with the files' sha256."""
    from safetensors.torch import save_file

    kept = {k: (v.half() if v.dim() > 1 else v.float()).cpu().contiguous() for k, v in state.items() if not _counter(k)}
    for name in (SUMS, model_folder.CARD):
        (folder / name).unlink(missing_ok=True)
    with whole(folder / WEIGHTS) as part:
        save_file(kept, part)
    write_text(folder / ARCHITECTURE, yaml.safe_dump(described, sort_keys=False, default_flow_style=None, width=120))
    card = replace(card, sha256={name: file_hash(folder / name) for name in (ARCHITECTURE, WEIGHTS)})
    model_folder.write_card(folder, card)
    write_sums(folder)
    return card
