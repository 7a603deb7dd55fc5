"""Frames spread over a whole video, brought onto one canvas: what the background is learned from."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.boxes import FloatArray
from pipeline.types import Image

Grey = NDArray[np.float32]  # [h, w] grey levels
Mask = NDArray[np.bool_]
Stack = NDArray[np.uint8]  # [n, h, w] frames on the canvas

_LEAST_FRAMES = 5  # frames that must show a spot of ground before anything is said of it
_REACH = 0.5  # the canvas reaches this share of a frame beyond the first frame on every side
_STILL_PX = 0.5
_UNSEEN = 255
_BLOCKS = (32, 18)
_LEAST_BLOCKS = 60  # of the 576: fewer do not tell a picture's brightness


class Samples:
    """At most ``most`` frames, evenly spread over however many come: when full, every second is dropped."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._stride = 1
        self._seen = 0
        self.pictures: list[Image] = []
        self.to_reference: list[FloatArray] = []

    def offer(self) -> bool:
        """Count the next frame; is it one to add?"""
        self._seen += 1
        return (self._seen - 1) % self._stride == 0

    def add(self, picture: Image, to_reference: FloatArray) -> None:
        """Keep a frame: its grey picture [h, w], and its transform [3, 3] in pixels of that picture."""
        self.pictures.append(picture)
        self.to_reference.append(to_reference)
        if len(self.pictures) > self._most:
            self.pictures, self.to_reference = self.pictures[::2], self.to_reference[::2]
            self._stride *= 2


@dataclass(frozen=True)
class Aligned:
    """The sampled frames on one canvas; where a frame does not reach, it shows the median."""

    stack: Stack
    median: Grey
    noise: Grey  # standard deviation over time of ground that nothing passes
    known: Mask  # seen in enough frames
    from_reference: FloatArray  # [3, 3] from the first frame's pixels to the canvas
    moving: bool


def aligned(samples: Samples) -> Aligned | None:
    """All samples on the canvas of the first frame, equally bright; None where there are too few to tell ground."""
    if len(samples.pictures) < _LEAST_FRAMES:
        return None
    height, width = samples.pictures[0].shape
    moving = any(farthest_move(matrix, width, height) > _STILL_PX for matrix in samples.to_reference)
    if moving:
        stack, seen, from_reference = _on_canvas(samples, width, height)
    else:
        stack, from_reference = np.stack(samples.pictures), np.eye(3)
        seen = np.ones(stack.shape, dtype=np.bool_)
    count = seen.sum(axis=0)
    median = _median(stack, seen, count)
    for k in range(len(stack)):
        gain = brightness_gain(coarse(stack[k], np.where(seen[k], 255, 0).astype(np.uint8)), coarse(median))
        stack[k] = np.where(seen[k], np.clip(np.rint(stack[k] * gain), 0, 255), median)
    median = _median(stack, seen, count)
    return Aligned(stack, median, _noise(stack), count >= _LEAST_FRAMES, from_reference, moving)


def farthest_move(matrix: FloatArray, width: float, height: float) -> float:
    """The farthest, in pixels, that a transform moves a corner of a picture."""
    ends = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], dtype=np.float64)
    moved = ends @ matrix.T
    return float(np.hypot(*(moved[:, :2] / moved[:, 2:] - ends[:, :2]).T).max())


def coarse(picture: Image | Grey, known: Image | None = None) -> Grey:
    """Mean brightness of the blocks [18, 32] of a picture; NaN in blocks where some of it is not ``known``."""
    blocks = cv2.resize(picture, _BLOCKS, interpolation=cv2.INTER_AREA).astype(np.float32)
    if known is not None:
        blocks[cv2.resize(known, _BLOCKS, interpolation=cv2.INTER_AREA) < 255] = np.nan
    return np.asarray(blocks, dtype=np.float32)


def brightness_gain(shown: Grey, wanted: Grey) -> float:
    """By what to multiply a picture so that it is as bright as another: the median over their coarse blocks.

    Automatic exposure changes the whole picture when a large animal comes near. Blocks near black are left out: there
    one grey level is a large ratio.
    """
    usable = (shown > 16) & (wanted > 16) & (shown < 245)  # False where NaN
    if usable.sum() < _LEAST_BLOCKS:
        return 1.0
    return float(np.median(wanted[usable] / shown[usable]))


def _on_canvas(samples: Samples, width: int, height: int) -> tuple[Stack, Mask, FloatArray]:
    """Every sample warped [n, h, w], where it is seen, and the transform from the first frame's pixels."""
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], dtype=np.float64)
    ends = np.concatenate([corners @ matrix.T for matrix in samples.to_reference])
    ends = ends[:, :2] / ends[:, 2:]
    size = np.array([width, height])
    low = np.floor(np.maximum(ends.min(axis=0), -_REACH * size))
    high = np.ceil(np.minimum(ends.max(axis=0), (1 + _REACH) * size))
    canvas = (int(high[0] - low[0]), int(high[1] - low[1]))
    from_reference = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]], dtype=np.float64)
    stack = np.zeros((len(samples.pictures), canvas[1], canvas[0]), np.uint8)
    seen = np.zeros(stack.shape, dtype=np.bool_)
    full = np.full((height, width), 255, np.uint8)
    for k, (picture, matrix) in enumerate(zip(samples.pictures, samples.to_reference, strict=True)):
        stack[k] = cv2.warpPerspective(picture, from_reference @ matrix, canvas)
        seen[k] = cv2.warpPerspective(full, from_reference @ matrix, canvas) == 255
    return stack, seen, from_reference


def _median(stack: Stack, seen: Mask, count: NDArray[np.int64]) -> Grey:
    """Median over the frames that see each pixel."""
    ordered = np.sort(np.where(seen, stack, np.uint8(_UNSEEN)), axis=0)
    middle = np.maximum((count - 1) // 2, 0)
    return np.asarray(np.take_along_axis(ordered, middle[None], axis=0)[0], dtype=np.float32)


def _noise(stack: Stack) -> Grey:
    """Standard deviation of each pixel, from the median difference of neighbouring samples.

    An animal that comes and goes does not raise it, for the pixel shows it or the ground most times in a row.
    """
    steps = np.stack([cv2.absdiff(one, two) for one, two in zip(stack[1:], stack[:-1], strict=True)])
    spread = np.median(steps, axis=0).astype(np.float32) * np.float32(1.4826 / np.sqrt(2))
    return np.asarray(np.maximum(cv2.blur(spread, (5, 5)), max(1.0, float(np.median(spread)))), dtype=np.float32)
