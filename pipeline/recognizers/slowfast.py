"""SlowFast's checkpoints, read as data and without that framework.

A ``.pyth`` is what ``torch.save`` makes of ``epoch``, ``model_state``, ``optimizer_state`` and ``cfg``, the settings of
its training as YAML text (facebookresearch/SlowFast, ``slowfast/utils/checkpoint.py``).
"""

import re
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import yaml

from pipeline.errors import EthopipeError, ModelError
from pipeline.model_folder import code_wanted
from pipeline.recognizers.folder import weight_files

_LARGEST = 1 << 31  # bytes of a checkpoint inside a zip; KABR's has 44 million
_PACKED = (".pyth", ".zip")
_CONFIGS = ("config.yaml", "config.yml")


@dataclass(frozen=True)
class Checkpoint:
    """Weights by the name of their layer, and the settings of the training that made them."""

    path: Path
    settings: Mapping[str, Any]
    state: Mapping[str, Any]


def read_checkpoint(path: Path) -> Checkpoint:
    """A ``.pyth``, a ``.zip`` that holds one, or a folder with one of these or with ``config.yaml`` and safetensors.

    ``ModelError`` where it is something else, where it is damaged, and where reading it would run code.
    """
    if path.is_dir():
        return _of_folder(path)
    loaded = _loaded(path)
    lost = [key for key in ("model_state", "cfg") if not isinstance(loaded, dict) or key not in loaded]
    if lost:
        there = ", ".join(map(str, loaded)) if isinstance(loaded, dict) else type(loaded).__name__
        gone = " and no ".join(lost)
        raise ModelError(f"{path} is no checkpoint of SlowFast: it has no {gone}, only {there[:200]}")
    return Checkpoint(path, _settings(loaded["cfg"], path), _tensors(loaded["model_state"], path))


def fill(network: Any, checkpoint: Checkpoint) -> None:
    """Give a network its weights; ``ModelError`` names what of them is missing, left over or of another shape.

    The counts of training steps in batch norms mean nothing here and may be missing.
    """
    own = {name: tuple(value.shape) for name, value in network.state_dict().items() if not _counter(name)}
    given = {name: tuple(value.shape) for name, value in checkpoint.state.items() if not _counter(name)}
    missing, extra = sorted(own.keys() - given.keys()), sorted(given.keys() - own.keys())
    other = sorted(name for name in own.keys() & given.keys() if own[name] != given[name])
    faults = [f"{len(missing)} layers have no weights (first: {missing[0]})"] if missing else []
    faults += [f"{len(extra)} weights belong to no layer (first: {extra[0]})"] if extra else []
    if other:
        first = f"{other[0]} {list(given[other[0]])}, expected {list(own[other[0]])}"
        faults.append(f"{len(other)} weights have another shape (first: {first})")
    if faults:
        raise ModelError(f"{checkpoint.path}: the weights are not those of the network in its cfg: {'; '.join(faults)}")
    network.load_state_dict(checkpoint.state, strict=False)


def _counter(name: str) -> bool:
    return name.endswith("num_batches_tracked")


def _of_folder(folder: Path) -> Checkpoint:
    """Safetensors and their settings go before a checkpoint beside them: nothing of them can run."""
    config = next((path for name in _CONFIGS if (path := folder / name).is_file()), None)
    if config is not None and any(folder.glob("*.safetensors")):
        return Checkpoint(folder, _settings(config.read_bytes(), config), _safe(folder))
    packed = sorted(path for path in folder.iterdir() if path.suffix in _PACKED)
    if len(packed) != 1:
        there = ", ".join(path.name for path in packed) or "none"
        raise ModelError(f"{folder} must hold one .pyth or .zip, or config.yaml and safetensors; it holds {there}")
    return read_checkpoint(packed[0])


def _safe(folder: Path) -> Mapping[str, Any]:
    """The folder's tensors, without the ``model.`` that Hugging Face puts before the names of a wrapped network."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        state = {name: value for file in weight_files(folder) for name, value in load_file(file).items()}
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{folder}: damaged, or not safetensors: {error}; fetch it again") from error
    return {name.removeprefix("model."): value for name, value in state.items()}


def _loaded(path: Path) -> Any:
    """What the file holds, by torch's reader that makes nothing but tensors, numbers, text and containers."""
    import torch

    try:
        with warnings.catch_warnings(action="ignore"):  # of pickles that are too young, and refused
            return torch.load(_opened(path), map_location="cpu", weights_only=True)
    except EthopipeError:
        raise
    except Exception as error:  # archives and pickles each have readers that fail in their own ways
        if code := code_wanted(error):
            raise ModelError(
                f"{path} was not loaded: to read it, code of {code} would have to run; "
                "save its model_state and cfg alone, as tensors and text"
            ) from error
        raise ModelError(f"{path} is damaged or no checkpoint of SlowFast: {_reason(error)}; fetch it again") from error


def _reason(error: Exception) -> str:
    """The first sentence of what torch says, without its advice to let code run."""
    text = str(error).rpartition("WeightsUnpickler error: ")[2].strip() or type(error).__name__
    return text.splitlines()[0].split(". ")[0].rstrip(". ")


def _opened(path: Path) -> Path | BinaryIO:
    """The file itself, or the one ``.pyth`` inside it; a ``.pyth`` of today is a zip too, of other things."""
    if not zipfile.is_zipfile(path):
        return path
    with zipfile.ZipFile(path) as archive:
        inside = [one for one in archive.infolist() if re.search(r"(^|/)[^/.][^/]*\.pyth$", one.filename)]
        if not inside and path.suffix != ".zip":
            return path
        if len(inside) != 1:
            there = ", ".join(one.filename for one in inside) or "none"
            raise ModelError(f"{path} must hold one .pyth; it holds {there}: unpack it, and give the one that is meant")
        if inside[0].file_size > _LARGEST:
            raise ModelError(f"{path}: {inside[0].filename} has {inside[0].file_size:,} bytes, more than {_LARGEST:,}")
        return BytesIO(archive.read(inside[0]))


def _settings(text: Any, where: Path) -> Mapping[str, Any]:
    """The settings from their YAML, which may name no class."""
    try:
        settings = yaml.safe_load(text) if isinstance(text, (str, bytes)) else None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ModelError(f"{where}: its cfg cannot be read: {' '.join(str(error).split())[:200]}") from error
    if not isinstance(settings, dict):
        raise ModelError(f"{where}: its cfg must be settings as YAML text, got {type(text).__name__}")
    return settings


def _tensors(state: Any, where: Path) -> Mapping[str, Any]:
    import torch

    if not isinstance(state, dict) or not all(isinstance(name, str) for name in state):
        raise ModelError(f"{where}: its model_state must be tensors by the name of their layer")
    if strange := [name for name, value in state.items() if not isinstance(value, torch.Tensor)]:
        raise ModelError(f"{where}: its model_state must be tensors by the name of their layer, {strange[0]} is none")
    return state
