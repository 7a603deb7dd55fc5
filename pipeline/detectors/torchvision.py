"""Faster R-CNN, RetinaNet, FCOS and SSD through torchvision: the way without AGPL code."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.detectors.network import MOST, NetworkDetector
from pipeline.detectors.species import vocabulary
from pipeline.device import resolve
from pipeline.errors import MissingPart, ModelError, UsageError
from pipeline.formats.near import nearest
from pipeline.types import Detections, Image

DEFAULT = "DEFAULT"  # torchvision's word for the best weights it publishes


@dataclass
class TorchvisionDetector(NetworkDetector):
    """A detector by torchvision's name, with its published COCO weights or a state dict of the user's.

    ``weights`` is ``DEFAULT`` or a path to a state dict (safetensors, or a .pt of plain tensors). ``names`` are the
    model's classes in order without the background; none: COCO's, as torchvision numbers them.
    """

    model: str
    weights: str
    names: list[str]
    _network: Any = field(init=False, default=None, repr=False)
    _device: str = field(init=False, default="cpu", repr=False)
    _species: dict[int, str] = field(init=False, default_factory=dict, repr=False)

    def _load(self) -> None:
        published = _published(self.model)
        coco = list(published.meta["categories"][1:])
        names = self.names or coco
        self._species = vocabulary(dict(enumerate(names, start=1)), self.classes, self.species, self.model)
        self._device = resolve(self.device)
        if self.weights != DEFAULT:
            network = _filled(self.model, read_state(self.weights), self.weights, len(names) + 1)
        elif len(names) == len(coco):
            network = _fetched(self.model, published)
        else:
            raise ModelError(_misfit(f"the published {self.model}", len(coco) + 1, len(names) + 1))
        _let(network, {"score_thresh": self.min_score, "nms_thresh": self.iou, "detections_per_img": MOST})
        self._network = network.eval().to(self._device)

    def _predict(self, crops: list[Image]) -> list[Detections]:
        import torch

        batch = [torch.from_numpy(np.ascontiguousarray(crop)).to(self._device) for crop in crops]
        batch = [crop.permute(2, 0, 1).float() / 255 for crop in batch]
        half = self.half and self._device.startswith("cuda")
        with torch.inference_mode(), torch.autocast("cuda", enabled=half):
            return [self._translated(answer) for answer in self._network(batch)]

    def _translated(self, answer: dict[str, Any]) -> Detections:
        score = answer["scores"].double().cpu().numpy()
        label = answer["labels"].cpu().numpy()
        keep = (score >= self.min_score) & np.isin(label, list(self._species))
        names = [self._species[int(k)] for k in label[keep]]
        return Detections.of(answer["boxes"].double().cpu().numpy()[keep], score[keep], names)


def _let(network: Any, limits: dict[str, float]) -> None:
    """Set what a network leaves out by itself; two-stage networks keep that in their heads."""
    for part in (network, getattr(network, "roi_heads", None)):
        for name, value in limits.items():
            if hasattr(part, name):
                setattr(part, name, value)


def _published(model: str) -> Any:
    """The published weights of a detector; ``UsageError`` with the names there are where it is not one of them."""
    from torchvision import models

    known = models.list_models(module=models.detection)
    if model not in known:
        near = nearest(model, known)
        hint = f"; did you mean {near}?" if near else ""
        raise UsageError(f"torchvision has no detector {model!r}; it has: {', '.join(known)}{hint}")
    return models.get_model_weights(model).DEFAULT


def _fetched(model: str, published: Any) -> Any:
    """The network with its published weights."""
    from torchvision.models import get_model

    try:
        published.get_state_dict(progress=False, check_hash=True, weights_only=True)  # proves the file to be plain data
        return get_model(model, weights=published, progress=False)
    except (OSError, RuntimeError) as error:  # no network; a file that is not the one published
        raise MissingPart(
            f"cannot get the weights of {model} ({error}); download {published.url} once and give "
            "detector.weights=PATH, or use detector=motion, which needs no weights"
        ) from error


def read_state(weights: str) -> dict[str, Any]:
    """A state dict from a file, as data: safetensors, or a pickle of nothing but tensors."""
    path = Path(weights)
    if not path.is_file():
        raise UsageError(f"no such file: {weights}; detector.weights is {DEFAULT} or the path to a state dict")
    with _refusing(weights):
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return dict(load_file(path))
        import torch

        state = torch.load(path, map_location="cpu", weights_only=True)
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise ModelError(f"{weights} holds no state dict: a .pt file of tensors by name, or safetensors")
    return state


@contextmanager
def _refusing(weights: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # safetensors, zip and pickle readers each fail in their own ways
        raise ModelError(
            f"cannot load {weights} as data ({str(error).splitlines()[0]}); save the state dict as safetensors"
        ) from error


def _filled(model: str, state: dict[str, Any], weights: str, outputs: int) -> Any:
    """The network with a state dict of the user's; ``ModelError`` says what of it does not fit."""
    from torchvision.models import get_model

    network = get_model(model, weights=None, weights_backbone=None, num_classes=outputs)
    own, given = ({name for name in names if not _counter(name)} for names in (network.state_dict(), state))
    if own != given:
        example = min(own ^ given)
        raise ModelError(f"{weights} is no {model}: {len(own ^ given)} names differ, the first is {example}")
    for name, value in network.state_dict().items():
        if not _counter(name) and state[name].shape != value.shape:
            theirs = outputs * state[name].shape[0] / value.shape[0]  # a head has so many rows for each output
            raise ModelError(_misfit(weights, theirs, outputs))
    network.load_state_dict(state, strict=False)
    return network


def _counter(name: str) -> bool:
    """Is it a count of training steps, which frozen layers lack and nothing here needs?"""
    return name.endswith("num_batches_tracked")


def _misfit(weights: str, theirs: float, ours: int) -> str:
    return (
        f"{weights} has a head of {theirs:g} outputs, but detector.names gives {ours}: "
        f"{ours - 1} classes and the background"
    )
