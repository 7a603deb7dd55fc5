"""The video networks of torchvision (MViT v2, Swin3D, R(2+1)D ...): a folder of ours, or torchvision's own weights."""

from collections.abc import Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from typing import Any

from pipeline.boxes import FloatArray
from pipeline.errors import MissingPart, ModelError, UsageError
from pipeline.recognizers.card import Card, Clip
from pipeline.recognizers.folder import (
    check_head,
    find_model,
    head_size,
    models_folder,
    read_card,
    verify,
    weight_files,
)
from pipeline.recognizers.moments import check_moments
from pipeline.recognizers.network import Network
from pipeline.recognizers.preprocessing import Preprocessing
from pipeline.recognizers.species import attach, check_species
from pipeline.types import Video, Window

# clip_len and frame_rate with which torchvision's Kinetics-400 weights were evaluated: weights.meta["_docs"]
_PUBLISHED = {
    "mvit": Clip(16, 1 / 7.5),
    "swin3d": Clip(32, 1 / 15),
    "s3d": Clip(128, 1 / 15),
    "r3d": Clip(16, 1 / 15),
    "mc3": Clip(16, 1 / 15),
    "r2plus1d": Clip(16, 1 / 15),
}
_MVIT = (16, 224, 224)  # frames, height, width


@dataclass
class TorchvisionRecognizer:
    """Reads and checks the model when made; loads the network when the first windows come.

    ``model`` is a folder (or a name under ``models/``) whose card names an architecture; with ``weights`` it is an
    architecture itself and torchvision's published weights of that name are used.
    """

    model: str
    weights: str | None
    interval_s: float | None
    batch: int
    device: str
    half: bool
    card: Card = field(init=False, repr=False)
    reads_pixels: bool = field(init=False, repr=False, default=True)
    _network: Network | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        if self.batch < 1:
            raise ValueError(f"batch must be >= 1, got {self.batch}")
        if self.weights is None:
            self.card = _card_of(_folder(self.model), self.model)
        else:
            published = published_weights(self.model, self.weights)
            _fetched(published)
            self.card = published_card(self.model, published)
        if self.interval_s is not None:
            self.card = replace(self.card, clip=Clip(self.card.clip.frames, self.interval_s))

    def begin(self, video: Video) -> None:
        """Nothing is kept between videos but the network."""

    def score(self, windows: Sequence[Window]) -> FloatArray:
        """Probabilities ``[len(windows), K + S]``."""
        if self._network is None:
            pixels = self.card.preprocessing
            assert pixels is not None  # both ways of making the card see to it
            model = self.load()
            self._network = Network.place(model, _forward, self.card, pixels, self.device, self.half)
        return self._network.score(windows)

    def load(self) -> Any:
        """The network with its weights; those of another network are refused."""
        from torchvision.models import get_model

        if self.weights is None:
            from safetensors.torch import load_file

            files = weight_files(_folder(self.model))
            state = {name: tensor for file in files for name, tensor in load_file(file).items()}
        else:
            state = _fetched(published_weights(self.model, self.weights))
        network = get_model(self.card.architecture, weights=None, num_classes=len(self.card.behaviours))
        try:
            network.load_state_dict(state)
        except RuntimeError as error:
            raise ModelError(f"model {self.model}: {' '.join(str(error).split())[:300]}") from error
        return attach(network, _folder(self.model), self.card) if self.weights is None else network


def _folder(model: str) -> Path:
    folder = find_model(model)
    if folder is None:
        raise UsageError(
            f"no model folder {model}, and none of that name in {models_folder()}; "
            "for torchvision's own weights set recognizer.weights=KINETICS400_V1"
        )
    return folder


def _card_of(folder: Path, name: str) -> Card:
    card = read_card(folder)
    if card.preprocessing is None:
        raise ModelError(f"model {name}: its card does not say how its pixels are prepared (preprocessing)")
    _known(card.architecture)
    check_moments(name, card.moments, {"model_type": card.architecture})
    _fits(card, name)
    check_head(name, head_size(weight_files(folder)), card)
    check_species(name, folder, card)
    verify(folder, card)
    return card


def _known(architecture: str) -> None:
    """``UsageError`` lists the architectures there are."""
    from torchvision import models

    names = models.list_models(module=models.video)
    if architecture not in names:
        raise UsageError(f"torchvision has no video network {architecture!r}; there are: {', '.join(names)}")


def _fits(card: Card, name: str) -> None:
    """``ModelError`` for MViT, whose positions are cut to one clip, with another clip."""
    pixels = card.preprocessing
    shown = (card.clip.frames, *((pixels.crop or pixels.resize) if pixels else ()))
    if card.architecture.startswith("mvit") and shown != _MVIT:
        raise ModelError(f"model {name}: {card.architecture} sees 16 frames of 224 x 224 px, its card says {shown}")


def _forward(network: Any, clips: Any) -> Any:
    return network(clips.transpose(1, 2))  # [B, T, C, H, W] -> [B, C, T, H, W]


def published_weights(architecture: str, name: str) -> Any:
    """Torchvision's entry of published weights; ``UsageError`` lists the ones there are."""
    from torchvision import models

    _known(architecture)
    there = {entry.name: entry for entry in models.get_model_weights(architecture)}
    if name not in there:
        raise UsageError(f"{architecture} has no weights {name!r}; there are: {', '.join(there)}")
    return there[name]


def _fetched(published: Any) -> Any:
    """The published weights, from torch's cache or downloaded; loaded as data, never unpickled."""
    from torch.hub import get_dir

    try:
        with redirect_stderr(StringIO()):  # torch.hub announces downloads there
            return published.get_state_dict(progress=False, check_hash=True, weights_only=True)
    except OSError as error:
        file = Path(get_dir()) / "checkpoints" / str(published.url).rsplit("/", 1)[-1]
        raise MissingPart(
            f"{published} cannot be fetched ({error}); where there is a network download {published.url}, "
            f"then copy it to {file}"
        ) from error


def published_card(architecture: str, published: Any) -> Card:
    """The card of an entry of ``published_weights``: its classes, clip and preprocessing as torchvision has them."""
    preset = published.transforms()
    return Card(
        name=f"{architecture} {published.name}",
        behaviours=tuple(published.meta["categories"]),
        clip=_PUBLISHED[architecture.split("_")[0]],
        source=published.url,
        trained_on="Kinetics-400: what people do",
        not_good_for="animals: a start for training, and a check of the chain",
        architecture=architecture,
        preprocessing=Preprocessing(
            resize=tuple(preset.resize_size),
            crop=tuple(preset.crop_size),
            mean=tuple(preset.mean),
            std=tuple(preset.std),
            antialias=False,  # torchvision.transforms._presets.VideoClassification
            interpolation=preset.interpolation.value,
        ),
    )
