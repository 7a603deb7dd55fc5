"""KABR's own recognizer: X3D from a checkpoint of SlowFast, with what it was trained on read from the checkpoint."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from pipeline.artifacts import read_json
from pipeline.boxes import FloatArray
from pipeline.errors import MissingPart, ModelError, UsageError
from pipeline.formats.scores import KABR
from pipeline.recognizers.card import Card, Clip
from pipeline.recognizers.folder import CARD, find_model, read_card, verify
from pipeline.recognizers.network import Network
from pipeline.recognizers.slowfast import fill, read_checkpoint
from pipeline.recognizers.x3d_config import X3DConfig, config_of
from pipeline.recognizers.x3d_network import layers, logits
from pipeline.types import Video, Window

log = logging.getLogger(__name__)

CHANNELS = ("rgb", "bgr")
_RATE = Fraction(30000, 1001)  # frames/s of the footage that KABR's sampling rate counts
_WHERE = "huggingface.co/imageomics/x3d-kabr-kinetics"
_FILE = "checkpoint_epoch_00075.pyth.zip"


@dataclass
class X3DRecognizer:
    """Reads and checks the checkpoint when made; its network goes to the device when the first windows come.

    ``model`` is a ``.pyth``, a ``.zip`` that holds one, or a folder (``slowfast.py``). The behaviours, in the order of
    the outputs, are those given as ``behaviours`` or by the file ``classes_json`` (``{"Walk": 0, ...}``), else those of
    the folder's card, else, for 8 outputs, ``KABR``. The Hugging Face conversion of KABR numbers them alphabetically:
    that is not the released checkpoint's order.

    Its head scores every position of a window, and the window's score is their mean. ``channels`` of None are turned
    around where the checkpoint says DATA.REVERSE_INPUT_CHANNEL, as kabr-tools does.
    """

    model: str
    behaviours: list[str]
    classes_json: str | None
    channels: str | None
    interval_s: float | None
    batch: int
    device: str
    half: bool
    card: Card = field(init=False, repr=False)
    reads_pixels: bool = field(init=False, repr=False, default=True)
    _config: X3DConfig = field(init=False, repr=False)
    _layers: Any = field(init=False, repr=False)
    _network: Network | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        if self.batch < 1:
            raise ValueError(f"batch must be >= 1, got {self.batch}")
        if self.channels not in (None, *CHANNELS):
            raise ValueError(f"channels must be null, {' or '.join(CHANNELS)}, got {self.channels!r}")
        path = _found(self.model)
        checkpoint = read_checkpoint(path)
        self._config = config_of(checkpoint)
        self.card = self._card(path)
        self._layers = layers(self._config.shape)
        fill(self._layers, checkpoint)

    def begin(self, video: Video) -> None:
        """Nothing is kept between videos but the network."""

    def score(self, windows: Sequence[Window]) -> FloatArray:
        """Probabilities ``[len(windows), K]``; of a sigmoid head they need not sum to 1."""
        if self._network is None:
            pixels, forward = self._config.preprocessing, self._forward
            self._network = Network.place(self._layers, forward, self.card, pixels, self.device, self.half)
        return self._network.score(windows)

    def _forward(self, network: Any, clips: Any) -> Any:
        """``[B, T, C, H, W]`` in red, green, blue -> logits ``[B, P, K]``."""
        blue_first = self._config.blue_first if self.channels is None else self.channels == "bgr"
        clips = (clips.flip(2) if blue_first else clips).transpose(1, 2)  # [B, C, T, H, W]
        return logits(network, clips, self._config.shape.pooled)

    def _card(self, path: Path) -> Card:
        """The folder's card where it has one; what the checkpoint and the settings say goes before it."""
        told = read_card(path) if (path / CARD).is_file() else None
        if told:
            verify(path, told)
        config = self._config
        behaviours = self._named() or (told.behaviours if told else _usual(config.shape.behaviours))
        if len(behaviours) != config.shape.behaviours:
            raise ModelError(
                f"model {self.model} has {config.shape.behaviours} outputs (MODEL.NUM_CLASSES), got {len(behaviours)} "
                "names for them; give recognizer.behaviours=[...] in their order, or recognizer.classes_json=FILE"
            )
        interval_s = told.clip.interval_s if told else float(config.rate / _RATE)
        clip = Clip(config.shape.frames, interval_s if self.interval_s is None else self.interval_s)
        return replace(
            told or Card(path.stem, behaviours, clip, source=str(path)),
            behaviours=behaviours,
            clip=clip,
            architecture="x3d",
            activation=config.activation,
            preprocessing=config.preprocessing,
        )

    def _named(self) -> tuple[str, ...]:
        """The names that the user gives; empty: none."""
        if self.behaviours and self.classes_json:
            raise UsageError(
                "recognizer.behaviours and recognizer.classes_json both name the outputs; give one of them"
            )
        names = _numbered(Path(self.classes_json).expanduser()) if self.classes_json else tuple(self.behaviours)
        if names == tuple(sorted(KABR)):
            log.warning(
                "behaviours in alphabetical order, as the Hugging Face conversion of KABR has them; "
                "those of the checkpoint that kabr-tools released are %s",
                ", ".join(KABR),
            )
        return names


def _found(model: str) -> Path:
    """The file or folder that is meant; ``MissingPart`` says where KABR's own checkpoint is had."""
    typed = Path(model).expanduser()
    path = typed if typed.exists() else find_model(model)
    if path is None:
        raise MissingPart(
            f"no checkpoint {model}: recognizer.model is a SlowFast .pyth, a .zip that holds one, or a folder; "
            f"KABR's own is {_FILE} at {_WHERE}: get it with: ethopipe models fetch kabr_x3d; "
            "without a network copy the file here and give its path"
        )
    return path


def _usual(outputs: int) -> tuple[str, ...]:
    """KABR's behaviours, for as many outputs."""
    return KABR if outputs == len(KABR) else ()


def _numbered(path: Path) -> tuple[str, ...]:
    """The behaviours of kabr-tools' ``classes.json`` in the order of their numbers."""
    told = read_json(path)
    if not isinstance(told, Mapping) or sorted(map(str, told.values())) != sorted(map(str, range(len(told)))):
        raise UsageError(
            f'{path}: recognizer.classes_json must number behaviours from 0, each once: {{"Walk": 0, ...}}'
        )
    return tuple(sorted(told, key=lambda name: int(told[name])))
