"""Any Hugging Face video classifier (VideoMAE, TimeSformer, ViViT, V-JEPA 2): a folder, or a name on the hub."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.artifacts import read_json
from pipeline.boxes import FloatArray
from pipeline.errors import ModelError
from pipeline.recognizers.card import Card, Clip
from pipeline.recognizers.folder import CARD, check_head, find_model, head_size, read_card, verify, weight_files
from pipeline.recognizers.hub import fetch
from pipeline.recognizers.moments import by_moments, check_moments
from pipeline.recognizers.network import Network
from pipeline.recognizers.preprocessing import Preprocessing, from_hugging_face
from pipeline.recognizers.species import attach, check_species
from pipeline.types import Video, Window

_PROCESSORS = ("video_preprocessor_config.json", "preprocessor_config.json")


@dataclass
class TransformersRecognizer:
    """Reads and checks the folder when made (no torch); loads the network when the first windows come."""

    model: str
    revision: str | None
    interval_s: float | None
    batch: int
    flip: bool
    device: str
    half: bool
    folder: Path = field(init=False, repr=False)
    card: Card = field(init=False, repr=False)
    reads_pixels: bool = field(init=False, repr=False, default=True)
    _network: Network | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        if self.batch < 1:
            raise ValueError(f"batch must be >= 1, got {self.batch}")
        self.folder = find_model(self.model) or fetch(self.model, self.revision)
        self.card = card_of(self.folder, self.model, self.interval_s)
        outputs = head_size(weight_files(self.folder))
        if outputs is None:
            raise ModelError(f"model {self.model} has no head: pretrained only, it has to learn behaviours first")
        check_head(self.model, outputs, self.card)
        check_species(self.model, self.folder, self.card)
        verify(self.folder, self.card)

    def begin(self, video: Video) -> None:
        """Nothing is kept between videos but the network."""

    def score(self, windows: Sequence[Window]) -> FloatArray:
        """Probabilities ``[len(windows) * M, K + S]``."""
        if self._network is None:
            assert self.card.preprocessing is not None  # card_of sees to it
            model, forward = _load(self.folder, self.card.moments)
            attach(model, self.folder, self.card)
            placed = Network.place(model, forward, self.card, self.card.preprocessing, self.device, self.half)
            self._network = dataclasses.replace(placed, flip=self.flip)
        return self._network.score(windows)


def card_of(folder: Path, name: str, interval_s: float | None) -> Card:
    """The folder's card, or one made from ``config.json``; ``interval_s`` goes before what the card says.

    ``ModelError`` where the folder is no video classifier, its card does not fit it, or the seconds between frames are
    known to nobody.
    """
    config = _json(folder, "config.json", name)
    frames = config.get("num_frames", config.get("frames_per_clip"))
    if frames is None:
        raise ModelError(f"model {name} ({config.get('model_type')}) is no video classifier: it names no num_frames")
    labels = _labels(config)
    card = read_card(folder) if (folder / CARD).is_file() else None
    if card is None:
        if interval_s is None:
            raise ModelError(f"model {name} does not say how far apart its frames are; set recognizer.interval_s=...")
        if not labels:
            raise ModelError(f"model {name} does not name its behaviours; add id2label to config.json or a {CARD}")
        several = config.get("problem_type") == "multi_label_classification"
        card = _named(name, labels, Clip(int(frames), interval_s), "sigmoid" if several else "softmax")
    if labels:
        check_head(name, len(labels), card)
    if card.clip.frames != frames:
        raise ModelError(f"model {name} sees {frames} frames at once, its card says {card.clip.frames}")
    check_moments(name, card.moments, config)
    clip = Clip(card.clip.frames, interval_s or card.clip.interval_s)
    pixels = card.preprocessing or _pixels(folder, name, str(config.get("model_type")))
    return dataclasses.replace(card, clip=clip, preprocessing=pixels)


def _named(name: str, labels: tuple[str, ...], clip: Clip, activation: str) -> Card:
    try:
        return Card(name, labels, clip, source=name, activation=activation)
    except ValueError as error:
        raise ModelError(f"model {name}: {error}") from error


def _labels(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the outputs in their order."""
    names = config.get("id2label") or {}
    return tuple(str(names[key]) for key in sorted(names, key=int))


def _pixels(folder: Path, name: str, model_type: str) -> Preprocessing:
    nested = read_json(folder / "processor_config.json") or {}
    for values in (nested.get("video_processor"), *(read_json(folder / file) for file in _PROCESSORS)):
        if values:
            return from_hugging_face(values, model_type)
    raise ModelError(f"model {name} does not say how its pixels are prepared: preprocessor_config.json is missing")


def _json(folder: Path, file: str, name: str) -> dict[str, Any]:
    values = read_json(folder / file)
    if not isinstance(values, dict):
        raise ModelError(f"model {name}: {folder / file} is missing or is not JSON")
    return values


def _load(folder: Path, moments: int) -> tuple[Any, Any]:
    """The network and how it is asked. Weights that are missing, left over or of another shape are refused.

    A layer without weights would be filled with random numbers: that must never pass for a recognizer.
    """
    from transformers import AutoModelForVideoClassification

    try:
        with quiet():
            model, info = AutoModelForVideoClassification.from_pretrained(
                folder,
                local_files_only=True,
                use_safetensors=True,
                output_loading_info=True,
                ignore_mismatched_sizes=True,  # they are reported like the others, and refused below
            )
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise ModelError(f"cannot load {folder}: {' '.join(str(error).split())[:300]}") from error
    faults = [
        f"{len(info[key])} {words} (first: {sorted(map(_key, info[key]))[0]})"
        for key, words in _FAULTS.items()
        if info.get(key)
    ]
    if faults:
        raise ModelError(f"{folder}: the weights are not those of {type(model).__name__}: {'; '.join(faults)}")
    if moments > 1:
        return model, lambda network, clips: by_moments(network, clips, moments)
    name = model.main_input_name
    return model, lambda network, clips: network(**{name: clips}).logits


_FAULTS = {
    "missing_keys": "layers have no weights",
    "unexpected_keys": "weights belong to no layer",
    "mismatched_keys": "weights have another shape",
}


def _key(name: Any) -> str:
    return name if isinstance(name, str) else str(name[0])  # of another shape: (name, shape, shape)


@contextmanager
def quiet() -> Iterator[None]:
    """Without the library's own report and progress bar; who calls says what is wrong in one line."""
    from transformers.utils import logging

    level, bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bar:
            logging.enable_progress_bar()
