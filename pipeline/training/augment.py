"""A clip changed as footage differs: framing, mirror, colour, sharpness, compression, frame rate.

Every change is drawn once a clip and is the same, or slowly changing, over its frames: what moves in a clip is what the
animal does. Time never runs backwards: walking backwards is another behaviour.

Letters: T frames, H x W pixels of the source, h x w pixels of the network.
"""

import math
from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.crops import cut
from pipeline.recognizers.card import Clip
from pipeline.recognizers.preprocessing import Preprocessing
from pipeline.training.degrade import compressed, erased, noisy, recoloured, reduced, softened
from pipeline.types import Image, IntArray

_SHARES = ("flip", "grey", "blur", "low_resolution", "noise", "compression", "erase")


@dataclass(frozen=True)
class AugmentationSettings:
    """How far a clip may be changed; a share is how many clips are changed that way, 0 never, 1 always."""

    flip: float
    scale_low: float
    scale_high: float
    shift: float
    drift: float
    aspect: float
    rate_low: float
    rate_high: float
    colour: float
    hue_deg: float
    grey: float
    blur: float
    blur_px: float
    low_resolution: float
    low_resolution_least: float
    noise: float
    noise_levels: int
    compression: float
    compression_quality: int
    erase: float
    erase_side: float

    def __post_init__(self) -> None:
        for name in _SHARES:
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be in [0, 1], got {getattr(self, name)}")
        for low, high in (("scale_low", "scale_high"), ("rate_low", "rate_high")):
            if not 0 < getattr(self, low) <= getattr(self, high):
                raise ValueError(f"0 < {low} <= {high} must hold, got {getattr(self, low)} and {getattr(self, high)}")
        for name in ("shift", "drift", "hue_deg", "blur_px"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must be >= 0, got {getattr(self, name)}")
        if not 1 <= self.aspect <= 4:
            raise ValueError(f"aspect must be in [1, 4], got {self.aspect}")
        if not 0 <= self.colour < 1:
            raise ValueError(f"colour must be in [0, 1), got {self.colour}")
        if not 0 < self.low_resolution_least <= 1:
            raise ValueError(f"low_resolution_least must be in (0, 1], got {self.low_resolution_least}")
        if not 0 <= self.noise_levels <= 100:
            raise ValueError(f"noise_levels must be in [0, 100], got {self.noise_levels}")
        if not 1 <= self.compression_quality <= 95:
            raise ValueError(f"compression_quality must be in [1, 95], got {self.compression_quality}")
        if not 0 <= self.erase_side < 1:
            raise ValueError(f"erase_side must be in [0, 1), got {self.erase_side}")


def sample_times(times: FloatArray, clip: Clip, settings: AugmentationSettings, rng: np.random.Generator) -> FloatArray:
    """Seconds of the samples ``[clip.frames]`` of a training window within a clip's frames at ``times``.

    The frame rate is varied by ``rate_low`` to ``rate_high`` as far as the clip is long enough, and the window may
    begin anywhere in it.
    """
    rate = rng.uniform(settings.rate_low, settings.rate_high)
    longest = float(times[-1]) / clip.span_s if clip.span_s > 0 else rate
    rate = min(rate, max(longest, 1.0))
    start = rng.uniform(0, max(float(times[-1]) - rate * clip.span_s, 0.0))
    return start + rate * clip.interval_s * np.arange(clip.frames, dtype=np.float64)


@dataclass(frozen=True)
class Framing:
    """Which rectangles [T, 4] of a clip are shown, in whole pixels, and whether in a mirror."""

    rectangles: IntArray
    mirrored: bool

    def of_points(self, points: FloatArray) -> FloatArray:
        """Where points [T, P, 2] in the clip's pixels come to lie, as shares of the width and height that is shown."""
        corner, side = self.rectangles[:, None, :2], (self.rectangles[:, 2:] - self.rectangles[:, :2])[:, None]
        shares = (points - corner) / side
        return np.stack([1 - shares[..., 0], shares[..., 1]], axis=-1) if self.mirrored else np.asarray(shares)


def changed(
    images: Image, framed: Framing, size: tuple[int, int], settings: AugmentationSettings, rng: np.random.Generator
) -> Image:
    """A clip ``uint8 [T, H, W, 3]`` as it is framed, its pixels changed: ``uint8 [T, h, w, 3]``."""
    made = np.stack([cut(image, at, size[1], size[0]) for image, at in zip(images, framed.rectangles, strict=True)])
    if framed.mirrored:
        made = np.ascontiguousarray(made[:, :, ::-1])
    if rng.random() < settings.blur:
        made = softened(made, rng.uniform(0.3, max(settings.blur_px, 0.3)), rng)
    if rng.random() < settings.low_resolution:
        made = reduced(made, rng.uniform(settings.low_resolution_least, 1.0))
    made = recoloured(made, settings.colour, math.radians(settings.hue_deg), rng.random() < settings.grey, rng)
    if rng.random() < settings.erase:
        made = erased(made, settings.erase_side, rng)
    if settings.noise_levels and rng.random() < settings.noise:
        made = noisy(made, int(rng.integers(1, settings.noise_levels + 1)), rng)
    if rng.random() < settings.compression:
        made = compressed(made, int(rng.integers(settings.compression_quality, 96)))
    return made


def shown(height: int, width: int, pixels: Preprocessing) -> FloatArray:
    """The part of a picture that the network is shown: left, top, right, bottom in source pixels."""
    if not pixels.crop:
        return np.array([0.0, 0.0, width, height])
    factors = [1.0, 1.0]
    if len(pixels.resize) == 1:
        factors = [min(height, width) / pixels.resize[0]] * 2
    elif pixels.resize:
        factors = [height / pixels.resize[0], width / pixels.resize[1]]
    high, wide = pixels.crop[0] * factors[0], pixels.crop[1] * factors[1]
    return np.array([(width - wide) / 2, (height - high) / 2, (width + wide) / 2, (height + high) / 2])


def framing(frames: int, base: FloatArray, settings: AugmentationSettings, rng: np.random.Generator) -> Framing:
    """Rectangles around the part ``base`` that a recognizer is ``shown``; the same for the same ``rng``.

    They wander a little, as that of a tracked animal does.
    """
    side = base[2:] - base[:2]  # width, height
    stretch = math.exp(rng.uniform(-0.5, 0.5) * math.log(settings.aspect))
    scale = math.exp(rng.uniform(math.log(settings.scale_low), math.log(settings.scale_high)))
    middle = (base[:2] + base[2:]) / 2 + rng.uniform(-settings.shift, settings.shift, 2) * side
    path = middle + _wander(frames, rng)[:, :2] * settings.drift * side  # [T, 2]
    zoom = scale * np.exp(_wander(frames, rng)[:, :1] * settings.drift)  # [T, 1]
    sides = np.maximum(side * np.array([stretch, 1 / stretch]) * zoom, 2.0)
    corner = np.rint(path - sides / 2)
    rectangles = np.column_stack([corner, corner + np.rint(sides)]).astype(np.int64)
    return Framing(rectangles, bool(rng.random() < settings.flip))


def _wander(frames: int, rng: np.random.Generator) -> FloatArray:
    """Two slow ways [T, 2] in [-1, 1]: half a swing to one and a half over the clip, at a random phase."""
    t = np.linspace(0, 1, max(frames, 1))[:, None]
    swing, phase = rng.uniform(0.5, 1.5, 2), rng.uniform(0, 2 * math.pi, 2)
    return np.asarray(rng.uniform(0, 1, 2) * np.sin(2 * math.pi * swing * t + phase), dtype=np.float64)
