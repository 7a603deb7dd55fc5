"""What lens, sensor, distance and codec do to a clip. All take and give RGB ``uint8 [T, h, w, 3]``.

A clip is also a tall picture ``[T * h, w, 3]``: OpenCV changes the pixels of all its frames in one call.
"""

import math
from collections.abc import Callable

import cv2
import numpy as np

from pipeline.boxes import FloatArray
from pipeline.types import Image

_LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
_ON_GREY = np.full((3, 3), 1 / 3)  # projection on the grey axis


def recoloured(images: Image, strength: float, hue: float, grey: bool, rng: np.random.Generator) -> Image:
    """Brightness, contrast, gamma, saturation and tint changed by up to ``strength``, hue by up to ``hue`` radians."""
    matrix = _saturation(0.0 if grey else 1 + rng.uniform(-strength, strength)) @ _hue(rng.uniform(-hue, hue))
    matrix = np.diag(1 + rng.uniform(-strength, strength, 3) / 2) @ matrix
    contrast, light = 1 + rng.uniform(-strength, strength), rng.uniform(-strength, strength) * 64
    matrix = np.column_stack([contrast * matrix, np.full(3, (1 - contrast) * float(images.mean()) + light)])
    tall = cv2.transform(_tall(images), matrix)
    gamma = math.exp(rng.uniform(-strength, strength))
    curve = np.rint(255 * (np.arange(256) / 255) ** gamma).astype(np.uint8)
    return np.asarray(cv2.LUT(tall, curve), dtype=np.uint8).reshape(images.shape)


def _saturation(factor: float) -> FloatArray:
    return factor * np.eye(3) + (1 - factor) * np.outer(np.ones(3), _LUMA)


def _hue(angle: float) -> FloatArray:
    """Rotation of colours about the grey axis (Rodrigues' formula)."""
    k = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / math.sqrt(3)
    return np.asarray(math.cos(angle) * np.eye(3) + math.sin(angle) * k + (1 - math.cos(angle)) * _ON_GREY)


def softened(images: Image, sigma_px: float, rng: np.random.Generator) -> Image:
    """Out of focus, or, for every second clip, smeared along one direction as by a turning camera."""
    if rng.random() < 0.5:
        return _each(images, lambda image: cv2.GaussianBlur(image, (0, 0), sigma_px))
    kernel = _streak(2 * sigma_px, rng.uniform(0, math.pi))
    return _each(images, lambda image: cv2.filter2D(image, -1, kernel, borderType=cv2.BORDER_REPLICATE))


def _streak(half_px: float, angle: float) -> FloatArray:
    reach = math.ceil(half_px)
    across = np.arange(-reach, reach + 1)
    x, y = np.meshgrid(across, across)
    along, beside = x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)
    weight = np.clip(1.0 - np.abs(beside), 0, 1) * np.clip(half_px + 0.5 - np.abs(along), 0, 1)
    return np.asarray(weight / weight.sum(), dtype=np.float64)


def reduced(images: Image, share: float) -> Image:
    """As an animal looks that has ``share`` of the pixels a side: averaged down, and enlarged again."""
    height, width = images.shape[1:3]
    small = (max(4, round(width * share)), max(4, round(height * share)))

    def change(image: Image) -> Image:
        less = cv2.resize(image, small, interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.resize(less, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)

    return _each(images, change)


def noisy(images: Image, levels: int, rng: np.random.Generator) -> Image:
    """Even noise of up to ``levels`` (of 255) in every pixel of every frame."""
    tall = _tall(images)
    noise = rng.integers(-levels, levels + 1, tall.shape, dtype=np.int8)
    return np.asarray(cv2.add(tall, noise, dtype=cv2.CV_8U), dtype=np.uint8).reshape(images.shape)


def compressed(images: Image, quality: int) -> Image:
    """Blocks and smeared colours of a codec: each frame through JPEG."""

    def change(image: Image) -> Image:
        _, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
        decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
        return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), dtype=np.uint8)

    return _each(images, change)


def erased(images: Image, side: float, rng: np.random.Generator) -> Image:
    """One rectangle of up to ``side`` of the picture's sides in one colour of the clip, as a bush before the animal."""
    height, width = images.shape[1:3]
    high, wide = (np.maximum(rng.uniform(0.3, 1, 2) * side * np.array([height, width]), 1)).astype(int)
    top, left = rng.integers(0, height - high + 1), rng.integers(0, width - wide + 1)
    made = images.copy()
    made[:, top : top + high, left : left + wide] = images[0, rng.integers(0, height), rng.integers(0, width)]
    return made


def _tall(images: Image) -> Image:
    return np.ascontiguousarray(images).reshape(-1, *images.shape[2:])


def _each(images: Image, change: Callable[[Image], Image]) -> Image:
    made = np.empty_like(images)
    for k, image in enumerate(images):
        made[k] = change(np.ascontiguousarray(image))
    return made
