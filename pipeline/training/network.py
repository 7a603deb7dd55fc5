"""The network that is trained: a new VideoMAE, or a model folder to go on with, with a head for these behaviours."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pipeline.errors import ModelError
from pipeline.recognizers.card import Clip
from pipeline.recognizers.folder import CARD, find_model
from pipeline.recognizers.hub import fetch
from pipeline.recognizers.moments import VIDEOMAE, check_moments, given_to_head
from pipeline.recognizers.preprocessing import Preprocessing
from pipeline.recognizers.species import asked, attach, check_species
from pipeline.recognizers.transformers import card_of, quiet
from pipeline.training.known import read_known
from pipeline.training.settings import NetworkSettings
from pipeline.training.start import FAMILIES, Start
from pipeline.training.stem import set_stem

_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, as VideoMAE's published weights have them
_HEADS = ("classifier.", "head.", "decoder.", "mask_token")  # of other behaviours, or of pretraining


def seen(start: Start, model: Any, clips: Any, share: float) -> tuple[Any, Any, Any | None]:
    """A VideoMAE's answers [B M, K + S], its patches [B, n, D], and which ``bool [B, N]`` were left out (None: none).

    From a random ``share`` of the tubelets of ``float [B, T, C, h, w]``: leaving others out makes a step cheaper at
    little loss (Liu et al. 2023, PatchDropout, WACV), and a tubelet that is whole shows the animal whole.
    """
    gone = left_out(len(clips), start.grid, share, clips.device) if share < 1 else None
    pooled, patches = given_to_head(model, clips, start.moments, gone)
    return asked(model, model.classifier, lambda: model.classifier(pooled)), patches, gone


def new_network(settings: NetworkSettings, behaviours: Sequence[str], dropout: float, seed: int) -> Start:
    """A VideoMAE with random weights behind a patch layer of cosines (``stem.py``), the same for the same seed."""
    import torch
    from transformers import VideoMAEConfig, VideoMAEForVideoClassification

    size = (settings.height_px, settings.width_px)
    config = VideoMAEConfig(
        **_names(behaviours),
        image_size=list(size) if size[0] != size[1] else size[0],
        patch_size=settings.patch_px,
        num_frames=settings.frames,
        tubelet_size=settings.tubelet_frames,
        hidden_size=settings.width,
        num_hidden_layers=settings.depth,
        num_attention_heads=settings.heads,
        intermediate_size=4 * settings.width,
        hidden_dropout_prob=dropout,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = VideoMAEForVideoClassification(config)
    set_stem(model.videomae.embeddings.patch_embeddings.projection)
    pixels = Preprocessing(resize=size, crop=(), mean=_MEAN, std=_STD)
    clip = Clip(settings.frames, settings.interval_s)
    return with_moments(Start(model, VIDEOMAE, clip, pixels, size, tuple(behaviours)), settings.moments)


def with_moments(start: Start, moments: int | None) -> Start:
    """The same answering for so many moments of a clip; None: as it is. ``ModelError`` where it cannot."""
    if moments is None:
        return start
    check_moments(start.source or "to be made", moments, start.model.config.to_dict())
    return replace(start, moments=moments)


def from_model(name: str, behaviours: Sequence[str], interval_s: float, seed: int) -> Start:
    """A model folder (or a name under ``models/`` or on the hub) to go on with; its clip and pixels stay as they are.

    Where its behaviours are others its head is new, but for those that it knows. ``interval_s`` counts where the model
    does not say how far apart its frames are. ``ModelError`` where anything but the head lacks its weights.
    """
    import torch
    from transformers import AutoModelForVideoClassification

    folder = find_model(name) or fetch(name, None)
    card = card_of(folder, name, None if (folder / CARD).is_file() else interval_s)
    try:
        with quiet(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model, info = AutoModelForVideoClassification.from_pretrained(
                folder,
                local_files_only=True,
                use_safetensors=True,
                dtype=torch.float32,
                output_loading_info=True,
                ignore_mismatched_sizes=True,
            )
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise ModelError(f"cannot load {folder}: {' '.join(str(error).split())[:300]}") from error
    keys = {key if isinstance(key, str) else key[0] for kind in info if kind.endswith("_keys") for key in info[kind]}
    if strange := sorted(key for key in keys if not key.startswith(_HEADS)):
        raise ModelError(f"{folder}: {len(strange)} layers do not fit {type(model).__name__} (first: {strange[0]})")
    assert card.preprocessing is not None  # card_of sees to it
    size, family = _size(card.preprocessing, model.config), model.config.model_type
    if family not in FAMILIES:
        raise ModelError(f"{folder} is a {family}; what can be trained is {', '.join(FAMILIES)}")
    check_species(name, folder, card)
    start = Start(
        attach(model, folder, card),
        family,
        card.clip,
        card.preprocessing,
        size,
        card.behaviours,
        card.name,
        close=card.close,
        species=card.species,
        moments=card.moments,
    )
    start = replace(start, known=read_known(folder, *start.head_values()[0].shape))
    return start.for_behaviours(behaviours, seed)


def _size(pixels: Preprocessing, config: Any) -> tuple[int, int]:
    """What the network sees: height and width after resizing and cropping."""
    shape = pixels.crop or (pixels.resize if len(pixels.resize) == 2 else ())
    size = shape or getattr(config, "image_size", None) or getattr(config, "crop_size", None)
    high, wide = (size, size) if isinstance(size, int) else tuple(size or ())
    return int(high), int(wide)


def shown_at(gone: Any | None, clips: int, moments: int) -> Any:
    """Of which moments of clips ``bool [B, M]`` something is seen, as ``seen`` left out."""
    import torch

    if gone is None or moments == 1:
        return torch.ones(clips, moments, dtype=torch.bool)
    return ~gone.reshape(clips, moments, -1)[..., 0]


def left_out(clips: int, grid: tuple[int, int, int], share: float, device: Any) -> Any:
    """Which patches ``bool [B, t h w]`` are left out: all of the same time, others of each clip, as many of all."""
    import torch

    order = torch.rand(clips, grid[0], device=device).argsort(1).argsort(1)
    gone = order >= max(1, round(share * grid[0]))
    return gone.repeat_interleave(grid[1] * grid[2], dim=1)


def _names(behaviours: Sequence[str]) -> dict[str, Any]:
    return {"id2label": dict(enumerate(behaviours)), "label2id": {name: k for k, name in enumerate(behaviours)}}
