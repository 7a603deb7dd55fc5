"""One training picture from tiles: a mosaic of windows at random scales, mirrored, then spoilt as cameras spoil.

The mosaic is that of YOLOv4 (Bochkovskiy et al. 2020): four windows of four tiles about a random point. What is beyond
a tile is grey, never a reflection, which would show animals that no box tells of. No picture is turned upside down:
these are oblique views.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.boxes import FloatArray, longer
from pipeline.training.detector_tiles import LEAST_PX, Tiles
from pipeline.types import BoolArray, Image, IntArray

_KEPT = 0.3  # share of a box that a window shows, under which it is an ignore region
_GREY = 114  # beyond the tiles; ultralytics pads with it when it detects
_LUMA = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True)
class Picture:
    """A picture [px, px, 3] with the boxes [n, 4] that are in it, their species' numbers, and which count."""

    image: Image
    xyxy: FloatArray
    label: IntArray
    counts: BoolArray


@dataclass(frozen=True)
class Mixing:
    """How much is varied: shares of the pictures in [0, 1], scales as factors, ``strength`` 0 (none) to 1 and more."""

    mosaic: float = 0.5
    aimed: float = 0.8  # windows that are laid so that an animal of the tile is in them
    least_scale: float = 0.5
    most_scale: float = 1.6
    strength: float = 1.0

    def __post_init__(self) -> None:
        for name in ("mosaic", "aimed"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be in [0, 1], got {getattr(self, name)}")
        if not 0 < self.least_scale <= self.most_scale:
            raise ValueError(f"scales must be > 0 and rise, got {self.least_scale} to {self.most_scale}")
        if self.strength < 0:
            raise ValueError(f"strength must be >= 0, got {self.strength}")


def plain(tiles: Tiles, image: int) -> Picture:
    """A tile as it is."""
    return Picture(np.asarray(tiles.images[image]), *tiles.of(image))


def mixed(tiles: Tiles, image: int, among: IntArray, px: int, mixing: Mixing, rng: np.random.Generator) -> Picture:
    """A picture of ``px`` square with a window of a tile, or of that and three more from ``among``."""
    canvas = np.full((px, px, 3), _GREY, dtype=np.uint8)
    if rng.random() < mixing.mosaic:
        x, y = (int(v) for v in rng.uniform(0.3, 0.7, 2) * px)
        regions = [(0, 0, x, y), (x, 0, px, y), (0, y, x, px), (x, y, px, px)]
        chosen = [image, *rng.choice(among, 3).tolist()]
    else:
        regions, chosen = [(0, 0, px, px)], [image]
    fill = 1.0 if len(regions) == 1 else 0.0  # a lone tile leaves no grey; small ones are in the mosaics
    parts = [
        _window(canvas, region, plain(tiles, number), mixing, fill, rng)
        for region, number in zip(regions, chosen, strict=True)
    ]
    xyxy, label, counts = (np.concatenate(part) for part in zip(*parts, strict=True))
    if rng.random() < 0.5:
        canvas = np.ascontiguousarray(canvas[:, ::-1])
        xyxy = np.column_stack([px - xyxy[:, 2], xyxy[:, 1], px - xyxy[:, 0], xyxy[:, 3]])
    return Picture(spoilt(canvas, mixing.strength, rng), xyxy, label, counts)


def _window(
    canvas: Image,
    region: tuple[int, int, int, int],
    tile: Picture,
    mixing: Mixing,
    fill: float,
    rng: np.random.Generator,
) -> tuple[FloatArray, IntArray, BoolArray]:
    """Draw a random window of a tile into a region of the canvas; its boxes, labels and which count.

    The tile is scaled to ``fill`` times the region's width or more.
    """
    x1, y1, x2, y2 = region
    least = max(mixing.least_scale, min(fill * (x2 - x1) / tile.image.shape[1], mixing.most_scale))
    scale = float(np.exp(rng.uniform(np.log(least), np.log(mixing.most_scale))))
    shift = _shift(tile, scale, np.array([x2 - x1, y2 - y1]), mixing.aimed, rng)
    place = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    source = tile.image
    if scale < 1:  # warpAffine does not average when it shrinks
        source = cv2.resize(source, None, fx=scale, fy=scale, interpolation=how)
        place[:, :2] = np.eye(2)
    canvas[y1:y2, x1:x2] = cv2.warpAffine(
        source, place, (x2 - x1, y2 - y1), flags=cv2.INTER_LINEAR, borderValue=(_GREY, _GREY, _GREY)
    )
    moved = tile.xyxy * scale + np.tile(shift, 2)
    cut = np.clip(moved, 0, np.array([x2 - x1, y2 - y1] * 2))
    share = np.prod(cut[:, 2:] - cut[:, :2], axis=1) / np.maximum(np.prod(moved[:, 2:] - moved[:, :2], axis=1), 1e-9)
    counts = tile.counts & (share >= _KEPT) & (longer(cut) >= LEAST_PX)
    seen = share > 0
    return (cut + np.tile([x1, y1], 2))[seen], tile.label[seen], counts[seen]


def _shift(tile: Picture, scale: float, size: IntArray, aimed: float, rng: np.random.Generator) -> FloatArray:
    """Where the scaled tile's corner goes [2] in a region of ``size``: anywhere, or so that an animal is in it."""
    room = scale * np.array(tile.image.shape[1::-1]) - size  # beyond the region; < 0: the tile is smaller
    low, high = np.minimum(room, 0), np.maximum(room, 0)
    if tile.counts.any() and rng.random() < aimed:
        box = scale * tile.xyxy[rng.choice(np.flatnonzero(tile.counts))]
        middle = (box[:2] + box[2:]) / 2
        low = np.clip(middle - size, low, high)
        high = np.clip(middle, low, high)
    return np.asarray(-rng.uniform(low, high))


def spoilt(image: Image, strength: float, rng: np.random.Generator) -> Image:
    """A picture with other light and colours, and sometimes blurred, noisy or compressed."""
    image = cv2.transform(image, _colours(strength, rng))
    chance = rng.random(4) < 0.3 * min(strength, 1.0)
    if chance[0]:
        image = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.4, 0.4 + 1.2 * strength)))
    if chance[1]:
        image = _smeared(image, int(rng.integers(2, 3 + round(5 * strength))), float(rng.uniform(0, np.pi)))
    if chance[2]:
        noise = rng.standard_normal(image.shape, dtype=np.float32) * np.float32(rng.uniform(1, 1 + 9 * strength))
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    if chance[3]:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 90))]
        image = np.asarray(cv2.imdecode(cv2.imencode(".jpg", image, quality)[1], cv2.IMREAD_COLOR), dtype=np.uint8)
    return image


def _colours(strength: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """A random change of colours [3, 4]: hue turned about grey, saturation, gain of all and each, brightness."""
    angle, saturation = rng.normal(0, 0.15 * strength), np.exp(rng.normal(0, 0.25 * strength))
    gains = np.exp(rng.normal(0, 0.18 * strength) + rng.normal(0, 0.06 * strength, 3))
    k = np.full((3, 3), 1 / 3)
    cross = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / np.sqrt(3)
    turned = np.cos(angle) * np.eye(3) + (1 - np.cos(angle)) * k + np.sin(angle) * cross  # Rodrigues about (1, 1, 1)
    vivid = saturation * np.eye(3) + (1 - saturation) * _LUMA[None]
    return np.column_stack([gains[:, None] * (vivid @ turned), np.full(3, rng.normal(0, 10 * strength))])


def _smeared(image: Image, length_px: int, angle: float) -> Image:
    """Motion blur along a direction."""
    kernel = np.zeros((length_px * 2 + 1,) * 2, dtype=np.float32)
    end = length_px / 2 * np.array([np.cos(angle), np.sin(angle)])
    middle = np.array([length_px, length_px])
    a, b = (tuple(round(v) for v in middle + sign * end) for sign in (-1, 1))
    cv2.line(kernel, a, b, 1.0)
    return np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum()))
