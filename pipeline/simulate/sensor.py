"""What lens, shutter, sensor and the camera's own processing do to a clean picture; and when its frames are taken.

Motion blur, defocus or the halo of oversharpening, darker corners, colour and contrast, noise with bands along the
rows: all in eight-bit arithmetic, a few milliseconds a frame. Noise is cut from a tile that is made once, at another
place for every frame. Order: blur of the motion, detail, corners, colour, curve, noise.
"""

from dataclasses import dataclass, field
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.boxes import FloatArray
from pipeline.simulate.pinhole import View
from pipeline.types import Image

_TILE_PX = 768  # of the noise; repeated over larger pictures
_LEAST_BLUR_PX, _MOST_BLUR_PX = 0.7, 40.0  # less is not seen; more is no footage
_LEAST_SKEW_PX = 0.5
_LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
_TICKS = 90_000  # a second: what a written frame's time is rounded to
_SHAKEN, _SHAKEN_MOST = 0.05, 0.3  # jitter of a variable rate, in frame intervals: standard deviation, limit
_DROP, _DROPS_GO_ON = 0.01, 0.4  # chance that a frame is lost; that the next one is lost too


@dataclass(frozen=True)
class SensorSettings:
    """What cameras are drawn from; lists are [low, high].

    ``shutter``: exposure as a share of the time between frames. ``detail``: the weight of a pixel's neighbour; below 0
    the picture is sharpened (halo), above it is softened. ``vignette``: light lost in the corners. ``warmth`` and
    ``tint``: gain of red against blue, and of green. ``noise`` and ``rows``: standard deviation in grey levels of 255,
    of pixels and of whole rows. ``readout``: how long the rows are read one after another, as a share of the time
    between frames; 0 is a global shutter (boxes of the truth know nothing of the skew: up to half of it).
    """

    shutter: list[float] = field(default_factory=lambda: [0.01, 0.5])
    detail: list[float] = field(default_factory=lambda: [-0.22, 0.15])
    vignette: list[float] = field(default_factory=lambda: [0.0, 0.25])
    warmth: list[float] = field(default_factory=lambda: [-0.06, 0.06])
    tint: list[float] = field(default_factory=lambda: [-0.02, 0.02])
    saturation: list[float] = field(default_factory=lambda: [0.8, 1.2])
    contrast: list[float] = field(default_factory=lambda: [0.88, 1.15])
    brightness: list[float] = field(default_factory=lambda: [-10.0, 10.0])
    gamma: list[float] = field(default_factory=lambda: [0.88, 1.12])
    noise: list[float] = field(default_factory=lambda: [0.4, 3.0])
    rows: list[float] = field(default_factory=lambda: [0.0, 0.7])
    readout: list[float] = field(default_factory=lambda: [0.0, 0.0])

    def __post_init__(self) -> None:
        limits = {"shutter": (0, 1), "detail": (-0.5, 0.25), "vignette": (0, 0.9), "warmth": (-0.5, 0.5)}
        limits |= {"tint": (-0.5, 0.5), "saturation": (0, 3), "contrast": (0.1, 3), "brightness": (-100, 100)}
        limits |= {"gamma": (0.3, 3), "noise": (0, 50), "rows": (0, 20), "readout": (0, 1)}
        for name, (low, high) in limits.items():
            given = getattr(self, name)
            if len(given) != 2 or not low <= given[0] <= given[1] <= high:
                raise ValueError(f"{name} must be [low, high] within {low:g} to {high:g}, got {given}")


@dataclass(frozen=True)
class Sensor:
    """One camera, ready to expose pictures of its size. ``draw`` makes it."""

    shutter: float
    readout: float
    detail: NDArray[np.float32]  # [3] a kernel, used along rows and columns
    corners: Image  # [height, width, 3], 255: all light comes through
    colour: FloatArray  # [3, 4] RGB in, RGB out, and what is added
    curve: Image  # [256]
    brighter: Image  # noise, above zero: at least the picture's size and a tile more
    darker: Image  # noise, below zero

    def expose(self, image: Image, view_before: View, view: View, rng: np.random.Generator) -> Image:
        """The picture ``[height, width, 3]`` that the camera makes of a clean one; ``view_before``: a frame earlier."""
        if image.shape != self.corners.shape:
            raise ValueError(f"image must be {self.corners.shape}, got {image.shape}")
        motion = image_motion(view_before, view)
        seen = _skewed(_smeared(image, motion * self.shutter), motion * self.readout)
        seen = cv2.sepFilter2D(seen, -1, self.detail, self.detail)
        seen = cv2.multiply(seen, self.corners, seen, scale=1 / 255)
        seen = cv2.LUT(cv2.transform(seen, self.colour), self.curve)
        down, right = rng.integers(0, _TILE_PX, 2)
        height, width = image.shape[:2]
        here = np.s_[down : down + height, right : right + width]
        return np.asarray(cv2.subtract(cv2.add(seen, self.brighter[here], seen), self.darker[here], seen))


def draw(settings: SensorSettings, rng: np.random.Generator, width: int, height: int) -> Sensor:
    """A camera of the settings' ranges, every value even within its own (``shutter`` and ``noise``: in their roots)."""
    value = {name: float(rng.uniform(*getattr(settings, name))) for name in settings.__dataclass_fields__}
    for name in ("shutter", "noise"):
        low, high = np.sqrt(getattr(settings, name))
        value[name] = float(rng.uniform(low, high)) ** 2
    gamma = np.rint(255 * (np.arange(256) / 255) ** value["gamma"]).astype(np.uint8)
    noise = _noise(value["noise"], value["rows"], rng)
    covering = [(side + _TILE_PX - 1) // _TILE_PX + 1 for side in (height, width)]
    brighter, darker = (np.tile(part.astype(np.uint8), (*covering, 1)) for part in (noise.clip(0), (-noise).clip(0)))
    edge = value["detail"]
    return Sensor(
        value["shutter"],
        value["readout"],
        np.array([edge, 1 - 2 * edge, edge], dtype=np.float32),
        _corners(value["vignette"], width, height),
        _colour(value),
        gamma,
        brighter,
        darker,
    )


def image_motion(before: View, after: View) -> FloatArray:
    """How far the ground [2] moves in the picture from one view to the next, in pixels: the mean over nine places."""
    x, y = (side * np.array([0.25, 0.5, 0.75]) for side in (after.width, after.height))
    pixels = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    places = after.on_ground(pixels)
    places, pixels = places[np.isfinite(places).all(axis=1)], pixels[np.isfinite(places).all(axis=1)]
    if not len(places):
        return np.zeros(2)
    earlier, _ = before.project(np.column_stack([places, np.zeros(len(places))]))
    return np.asarray((pixels - earlier).mean(axis=0))


def _smeared(image: Image, motion: FloatArray) -> Image:
    """Blurred along ``motion`` [2] in pixels."""
    length = float(np.hypot(*motion))
    if length < _LEAST_BLUR_PX:
        return image
    motion = motion * min(1.0, _MOST_BLUR_PX / length)
    half = int(np.ceil(np.abs(motion).max() / 2)) + 1
    kernel = np.zeros((2 * half + 1, 2 * half + 1), dtype=np.float32)
    for step in np.linspace(-0.5, 0.5, 8 * half + 1):  # each moment of the exposure falls on four pixels
        x, y = half + step * motion
        left, top = int(x), int(y)
        kernel[top : top + 2, left : left + 2] += np.outer([top + 1 - y, y - top], [left + 1 - x, x - left])
    return np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE))


def _skewed(image: Image, shift: FloatArray) -> Image:
    """As rows read one after another see it while the picture moves by ``shift`` [2] in pixels; the middle stays."""
    if np.abs(shift).max() < _LEAST_SKEW_PX:
        return image
    height, width = image.shape[:2]
    x, y = shift / height
    back = np.array([[1, -x, x * height / 2], [0, 1 - y, y * height / 2]])  # from the new picture to the old
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(image, back, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE))


def _corners(vignette: float, width: int, height: int) -> Image:
    """Light that comes through: falls with the square of the distance from the middle."""
    x, y = ((np.arange(side) + 0.5) / side - 0.5 for side in (width, height))
    away = (x**2 * width**2 + y[:, None] ** 2 * height**2) / ((width**2 + height**2) / 4)
    return np.repeat(np.rint(255 * (1 - vignette * away)).astype(np.uint8)[..., None], 3, axis=2)


def _colour(value: dict[str, float]) -> FloatArray:
    """White balance, saturation about the luma, contrast about middle grey and brightness as one matrix [3, 4]."""
    balance = np.diag([1 + value["warmth"], 1 + value["tint"], 1 - value["warmth"]])
    grey = np.repeat(_LUMA[None], 3, axis=0)
    mixed = value["contrast"] * (grey + value["saturation"] * (np.eye(3) - grey)) @ balance
    return np.column_stack([mixed, np.full(3, 128 * (1 - value["contrast"]) + value["brightness"])])


def _noise(sigma: float, rows: float, rng: np.random.Generator) -> NDArray[np.int16]:
    """A tile [_TILE_PX, _TILE_PX, 3] of noise in grey levels: fine in luma, coarser in colour, a level for each row.

    Denoising in the camera leaves what is correlated over a pixel or two, the more so in colour.
    """
    size = (_TILE_PX, _TILE_PX)
    luma = _softened(rng.standard_normal((*size, 1), dtype=np.float32), 0.5)
    chroma = _softened(rng.standard_normal((*size, 3), dtype=np.float32), 1.5)
    level = rng.standard_normal((_TILE_PX, 1, 1), dtype=np.float32)
    tile = sigma * (0.9 * luma + 0.45 * chroma) + rows * level
    return np.asarray(np.rint(tile + rng.uniform(-0.3, 0.3, tile.shape)).astype(np.int16))


def _softened(noise: NDArray[np.float32], sigma_px: float) -> NDArray[np.float32]:
    """Blurred, of standard deviation 1 again."""
    soft = cv2.GaussianBlur(noise, (0, 0), sigma_px).reshape(noise.shape)
    return np.asarray(soft / soft.std())


def times(rate: Fraction, duration_s: float, variable: bool, rng: np.random.Generator) -> FloatArray:
    """Seconds [n] since the first frame at which the frames of ``duration_s`` are taken; they rise.

    A constant rate is exact (``Fraction(30000, 1001)``: every 1001/30000 s). A variable one trembles about it, and
    frames are lost now and then, sometimes several in a row; its times are whole ticks of 1/90000 s.
    """
    if rate <= 0 or duration_s <= 0:
        raise ValueError(f"rate and duration_s must be > 0, got {rate}, {duration_s}")
    count = max(1, round(Fraction(duration_s) * rate))
    exact = np.arange(count) * rate.denominator / rate.numerator
    if not variable:
        return np.asarray(exact)
    shift = np.clip(rng.normal(0, _SHAKEN, count), -_SHAKEN_MOST, _SHAKEN_MOST) / float(rate)
    shift[0] = 0
    return np.asarray(np.rint((exact + shift)[_kept(rng.random(count))] * _TICKS) / _TICKS)


def _kept(chance: FloatArray) -> NDArray[np.bool_]:
    """Which frames are not lost; the first never is."""
    kept = np.ones(len(chance), dtype=bool)
    for index in range(1, len(chance)):
        kept[index] = chance[index] >= (_DROP if kept[index - 1] else _DROPS_GO_ON)
    return kept
