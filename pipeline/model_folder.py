"""What all folders of models have in common: where they are found, their cards, and files held against the card.

A card is a frozen dataclass that travels with the weights as ``card.yaml``. Everything is read as data.
"""

import dataclasses
import os
import re
from collections.abc import Mapping
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import yaml

from pipeline.artifacts import file_hash, write_text
from pipeline.checksums import read_sums
from pipeline.errors import ModelError, UsageError

CARD = "card.yaml"
SPECIES_HEAD = "species.safetensors"  # beside the network's own weights: what tells species (recognizers/species.py)
PROTOTYPES = "prototypes.safetensors"  # where its behaviours lie among its features (training/known.py)
PICKLED = {".bin", ".pt", ".pth", ".pyth", ".ckpt", ".pkl"}
_KINDS: dict[Any, str] = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}

AnyCard = TypeVar("AnyCard")


def packaged(folder: str, file: str) -> Path:
    """A folder of ours that holds ``file``: inside the package in a wheel, beside it in a clone or editable install.

    ``UsageError`` where it is in neither place.
    """
    package = Path(__file__).resolve().parent
    for place in (package / folder, package.parent / folder):
        if (place / file).is_file():
            return place
    raise UsageError(f"{folder}/{file} is neither in {package} nor beside it; install ethopipe again")


def models_folder() -> Path:
    """``models/``, wherever ethopipe is installed."""
    return packaged("models", f"kinematic/{CARD}")


def cache_folder() -> Path:
    """What ethopipe keeps of what it fetched: ``ethopipe`` in the user's cache folder."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ethopipe"


def fetched_folder() -> Path:
    """Where fetched models are kept, a folder each: ``ETHOPIPE_MODELS``, or ``models`` in ethopipe's cache folder."""
    told = os.environ.get("ETHOPIPE_MODELS")
    return Path(told).expanduser() if told else cache_folder() / "models"


def find_model(name: str) -> Path | None:
    """The folder that ``name`` means: a folder as typed, one of ``models/``, or a fetched one; None where none is.

    Of a fetched one every file that was recorded has to be there.
    """
    typed = Path(name).expanduser()
    if typed.is_dir():
        return typed
    ours, fetched = models_folder() / name, fetched_folder() / name
    if (ours / CARD).is_file():
        return ours
    recorded = read_sums(fetched)
    return fetched if recorded and all((fetched / file).is_file() for file in recorded) else None


def read_card_as(kind: type[AnyCard], folder: Path, about: str) -> AnyCard:
    """The card of a model folder; ``ModelError`` with all its faults in one line. ``about`` says what it tells."""
    path = folder / CARD
    if not path.is_file():
        raise ModelError(f"no card: {path}; it names {about}")
    return read_yaml_as(kind, path)


def read_yaml_as(kind: type[AnyCard], path: Path) -> AnyCard:
    """A dataclass from a YAML file; ``ModelError`` with all that is wrong with it in one line."""
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise ModelError(f"cannot read {path}: {' '.join(str(error).split())}") from error
    faults: list[str] = []
    card = _made(kind, values, "", faults)
    if faults or card is None:
        raise ModelError(f"{path}: {'; '.join(faults)}")
    assert isinstance(card, kind)
    return card


def write_card(folder: Path, card: Any) -> None:
    """Write ``card.yaml``; fields that say nothing are left out."""
    values = {name: value for name, value in _plain(card).items() if value not in ("", None, {}, [])}
    text = yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None)
    write_text(folder / CARD, text)


def code_wanted(error: BaseException) -> str | None:
    """The code that a pickle would have run, as torch's reader names it where it refuses; None: it was not that."""
    found = re.search(r"GLOBAL ([\w.]+)", f"{error} {error.__cause__}")
    return found[1] if found else None


def verify(folder: Path, sha256: Mapping[str, str]) -> None:
    """Hold the folder's files against their card's sha256; ``ModelError`` names all that are missing or differ."""
    faults = []
    for name, wanted in sha256.items():
        path = folder / Path(name).name
        found = file_hash(path) if path.is_file() else "no such file"
        if found != wanted:
            faults.append(f"{name} ({found[:12]}, the card says {wanted[:12]})")
    if faults:
        raise ModelError(f"{folder}: not the files that its card describes: {', '.join(faults)}; fetch them again")


def weight_files(folder: Path) -> list[Path]:
    """The safetensors of the folder's network; ``ModelError``: there are none, or pickles only, which can run code."""
    files = sorted(path for path in folder.glob("*.safetensors") if path.name not in (SPECIES_HEAD, PROTOTYPES))
    if files:
        return files
    pickled = sorted(path.name for path in folder.iterdir() if path.suffix in PICKLED)
    if pickled:
        raise ModelError(f"{folder} holds pickled weights only ({', '.join(pickled)}): convert them to safetensors")
    raise ModelError(f"{folder} holds no weights: model.safetensors is missing")


def shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """Shape of every tensor of a safetensors file, from its header alone.

    ``ModelError`` for a file that was cut off or is something else.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as weights:
            names = list(weights.keys())  # the file is no mapping
            return {name: tuple(weights.get_slice(name).get_shape()) for name in names}
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path} is damaged or not safetensors: {error}; fetch it again") from error


def _made(kind: Any, values: Any, prefix: str, faults: list[str]) -> Any:
    """A dataclass from a mapping; what is wrong is added to ``faults`` and None given."""
    if not isinstance(values, Mapping):
        faults.append(f"{prefix.rstrip('.') or 'the file'} must be a mapping, got {values!r}")
        return None
    before, hints, taken = len(faults), get_type_hints(kind), {}
    fields = {f.name: f for f in dataclasses.fields(kind)}
    if unknown := sorted(str(key) for key in values if key not in fields):
        faults.append(f"unknown {', '.join(prefix + key for key in unknown)} (there are: {', '.join(fields)})")
    for name, field in fields.items():
        if name in values:
            taken[name] = _value(hints[name], values[name], prefix + name, faults)
        elif field.default is field.default_factory is dataclasses.MISSING:
            faults.append(f"missing {prefix}{name}")
    if len(faults) > before:
        return None
    try:
        return kind(**taken)
    except ValueError as error:
        faults.append(str(error))
        return None


def _value(kind: Any, value: Any, name: str, faults: list[str]) -> Any:
    """A value as its field declares it."""
    origin, inner = get_origin(kind), get_args(kind)
    if NoneType in inner:  # a part that may be absent: given, it is whole
        kind = next(one for one in inner if one is not NoneType)
    if dataclasses.is_dataclass(kind):
        return _made(kind, value, f"{name}.", faults)
    if origin is tuple:
        if not isinstance(value, list):
            faults.append(f"{name} must be a list, got {value!r}")
            return ()
        return tuple(_value(inner[0], item, f"{name}[{k}]", faults) for k, item in enumerate(value))
    if origin is dict:
        if not isinstance(value, Mapping):
            faults.append(f"{name} must be a mapping, got {value!r}")
            return {}
        return {str(key): _value(inner[1], item, f"{name}.{key}", faults) for key, item in value.items()}
    allowed = (int, float) if kind is float else kind
    if not isinstance(value, allowed) or (isinstance(value, bool) and kind is not bool):
        faults.append(f"{name} must be {_KINDS[kind]}, got {value!r}")
    return value


def _plain(value: Any) -> Any:
    """Dataclasses as dicts and tuples as lists, as YAML writes them."""
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
