"""From RGB crops to what a network was trained on: size, middle crop, scale, mean and standard deviation.

Done for a whole batch on the network's device. Letters: B clips, T frames, C channels, H x W pixels.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.errors import ModelError

INTERPOLATIONS = ("nearest", "bilinear", "bicubic")
_PROCESSORS = {
    "videomae": "VideoMAEImageProcessor",
    "timesformer": "VideoMAEImageProcessor",
    "vivit": "VivitImageProcessor",
}
_PILLOW = {0: "nearest", 2: "bilinear", 3: "bicubic"}  # PIL.Image.Resampling, as Hugging Face stores it


@dataclass(frozen=True)
class Preprocessing:
    """How pixels are prepared: resize, then crop from the middle, then ``(pixel * scale + shift - mean) / std``.

    ``resize`` is empty (as is), one number (pixels of the shorter side) or height and width; ``crop`` is empty or
    height and width; ``mean`` and ``std`` are of R, G, B.
    """

    resize: tuple[int, ...]
    crop: tuple[int, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    scale: float = 1 / 255
    shift: float = 0.0
    antialias: bool = True
    interpolation: str = "bilinear"

    def __post_init__(self) -> None:
        if len(self.resize) > 2 or min(self.resize, default=1) < 1:
            raise ValueError(f"preprocessing.resize must be [], [shorter side] or [height, width], got {self.resize}")
        if len(self.crop) not in (0, 2) or min(self.crop, default=1) < 1:
            raise ValueError(f"preprocessing.crop must be [] or [height, width], got {self.crop}")
        if len(self.mean) != 3 or len(self.std) != 3 or min(self.std) <= 0:
            raise ValueError(f"preprocessing.mean and std must be 3 numbers, std > 0, got {self.mean}, {self.std}")
        if self.interpolation not in INTERPOLATIONS:
            raise ValueError(
                f"preprocessing.interpolation must be one of {', '.join(INTERPOLATIONS)}, got {self.interpolation!r}"
            )

    def apply(self, clips: Any) -> Any:
        """Tensor ``uint8 [B, T, H, W, C]`` -> ``float32 [B, T, C, h, w]`` on the same device."""
        import torch
        from torchvision.transforms.v2 import InterpolationMode
        from torchvision.transforms.v2 import functional as pixels

        clips = clips.permute(0, 1, 4, 2, 3)  # [B, T, C, H, W]
        if self.resize:
            size, way = list(self.resize), InterpolationMode(self.interpolation)
            if self.antialias:
                clips = pixels.resize(clips, size, way, antialias=True)
            else:  # as torchvision's video presets: interpolated in floating point, then rounded
                clips = pixels.resize(clips.float(), size, way, antialias=False).round().clamp(0, 255)
        if self.crop:
            clips = _middle(pixels.center_crop, clips, self.crop[0], self.crop[1])
        mean, std = (torch.tensor(v, device=clips.device).view(3, 1, 1) for v in (self.mean, self.std))
        return (clips.float() * self.scale + (self.shift - mean)) / std


def _middle(padded: Callable[[Any, list[int]], Any], clips: Any, height: int, width: int) -> Any:
    """The middle ``height`` x ``width``, an odd pixel left over at the end as in Hugging Face; smaller clips padded."""
    top, left = (clips.shape[-2] - height) // 2, (clips.shape[-1] - width) // 2
    if top < 0 or left < 0:
        return padded(clips, [height, width])
    return clips[..., top : top + height, left : left + width]


def from_hugging_face(values: Mapping[str, Any], model_type: str) -> Preprocessing:
    """What a Hugging Face ``preprocessor_config.json`` means; left-out keys mean what the family's processor means.

    ``ModelError`` where it asks for something that is not offered here.
    """
    crop = _crop(values) if values.get("do_center_crop", True) else ()
    resize = _resize(values, crop, model_type) if values.get("do_resize", True) else ()
    vivit = model_type == "vivit"
    rescaled = values.get("do_rescale", True)
    normalised = values.get("do_normalize", True)
    resample = values.get("resample", 2)
    if resample not in _PILLOW:
        raise ModelError(f"preprocessor_config.json: resample must be one of {sorted(_PILLOW)}, got {resample}")
    try:
        return Preprocessing(
            resize=resize,
            crop=crop,
            mean=tuple(values["image_mean"]) if normalised else (0.0,) * 3,
            std=tuple(values["image_std"]) if normalised else (1.0,) * 3,
            scale=float(values.get("rescale_factor", 1 / 127.5 if vivit else 1 / 255)) if rescaled else 1.0,
            shift=-1.0 if rescaled and values.get("offset", vivit) else 0.0,
            interpolation=_PILLOW[resample],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"preprocessor_config.json: {error}") from error


def to_hugging_face(pixels: Preprocessing, model_type: str) -> dict[str, Any] | None:
    """The ``preprocessor_config.json`` that means the same; None where the family's processor cannot say it."""
    if model_type not in _PROCESSORS or pixels.shift or not pixels.antialias:
        return None
    size = pixels.resize if len(pixels.resize) == 2 else pixels.crop
    values = {
        "image_processor_type": _PROCESSORS[model_type],
        "do_resize": bool(pixels.resize),
        "size": {"shortest_edge": pixels.resize[0]}
        if len(pixels.resize) == 1
        else dict(zip(("height", "width"), size, strict=False)),
        "resample": next(number for number, name in _PILLOW.items() if name == pixels.interpolation),
        "do_center_crop": bool(pixels.crop),
        "crop_size": dict(zip(("height", "width"), pixels.crop or size, strict=False)),
        "do_rescale": True,
        "rescale_factor": pixels.scale,
        "do_normalize": True,
        "image_mean": list(pixels.mean),
        "image_std": list(pixels.std),
    }
    return values | ({"offset": False} if model_type == "vivit" else {})


def _resize(values: Mapping[str, Any], crop: tuple[int, ...], model_type: str) -> tuple[int, ...]:
    """``size`` is a number or shortest_edge (the shorter side), or height and width."""
    if model_type == "vjepa2" and crop:  # its processor ignores `size` and keeps the training ratio of resize to crop
        return (int(crop[0] * 256 / 224),)
    size = values.get("size")
    if isinstance(size, int):
        return (size,)
    if isinstance(size, Mapping) and size.get("shortest_edge"):
        return (int(size["shortest_edge"]),)
    if isinstance(size, Mapping) and size.get("height") and size.get("width"):
        return int(size["height"]), int(size["width"])
    raise ModelError(f"preprocessor_config.json: size must give shortest_edge or height and width, got {size}")


def _crop(values: Mapping[str, Any]) -> tuple[int, ...]:
    """``crop_size`` is a number or height and width; old files name it by ``size`` alone."""
    size = values.get("crop_size", values.get("size"))
    if isinstance(size, Mapping) and size.get("height") and size.get("width"):
        return int(size["height"]), int(size["width"])
    if isinstance(size, int):
        return size, size
    raise ModelError(f"preprocessor_config.json: crop_size must give height and width, got {size}")
