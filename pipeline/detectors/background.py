"""The ground without the animals, from frames spread over the whole video.

The median over time takes an animal that rests more than half of the time for ground. So every patch in which some
frame differs from it is put to the test: which of the two, the ground as supposed or the frame, has an edge along the
patch's outline and looks like what is seen to pass elsewhere? That one shows the animal, the other is the ground.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.boxes import FloatArray
from pipeline.types import Image, IntArray

Grey = NDArray[np.float32]  # [h, w] grey levels
Mask = NDArray[np.bool_]
Stack = NDArray[np.uint8]  # [n, h, w] sampled frames on the canvas

_PASSES = 4
_LEAST_LEVELS = 8.0  # a difference below this is never told from compression noise
_ACROSS_PX = 6  # an outline's edge is measured between points this far apart
_EDGE = 0.2  # share of the animals' contrast at which an edge counts in full
_LOOKS = 0.35  # weight of the looks beside the outline
_DECIDED = 0.2  # by how much a swap must be better
_BRIEF = 0.1  # a pixel that differs for a smaller share of the time was only passed over
_BARED = 0.15  # share of the animals' contrast from which ground bared bit by bit counts
_BINS = 64


class Samples:
    """At most ``most`` frames, evenly spread over however many come: when full, every second is dropped."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._stride = 1
        self._seen = 0
        self.pictures: list[Image] = []
        self.to_reference: list[FloatArray] = []

    def add(self, picture: Image, to_reference: FloatArray) -> None:
        """Offer the next frame: its grey picture, and its transform in pixels of that picture."""
        if self._seen % self._stride == 0:
            self.pictures.append(picture)
            self.to_reference.append(to_reference)
        self._seen += 1
        if len(self.pictures) > self._most:
            self.pictures, self.to_reference = self.pictures[::2], self.to_reference[::2]
            self._stride *= 2


@dataclass(frozen=True)
class Looks:
    """What is seen to pass over ground that is mostly bare."""

    contrast: float  # grey levels between an animal and the ground
    odds: Grey  # [_BINS] log odds of animal against ground for a grey level


def bare(level: Grey, stack: Stack, limit: Grey, least_px: int) -> Grey:
    """The ground [h, w] with the animals that rest in ``level`` taken out of it.

    ``stack`` [n, h, w] are the frames; a difference beyond ``limit`` [h, w] is no noise; patches under ``least_px``
    square pixels are left alone.
    """
    level = level.copy()
    extremes = np.sort(stack, axis=0)[[min(2, len(stack) - 1), max(-3, -len(stack))]]
    for _ in range(_PASSES):
        looks, trust = _looks(level, stack, limit)
        if looks is None:
            break
        swaps = 0
        strong = np.maximum(limit, np.float32(_BARED * looks.contrast))
        for sign, picture in zip((-1, 1), extremes, strict=True):
            swaps += _swap(level, picture.astype(np.float32), sign, strong, trust, looks, least_px, holes=True)
        for picture in stack:
            for sign in (1, -1):
                swaps += _swap(level, picture.astype(np.float32), sign, limit, trust, looks, least_px)
        if swaps == 0:
            break
        level = _settled(level, stack)
    return level


def _looks(level: Grey, stack: Stack, limit: Grey) -> tuple[Looks | None, Grey]:
    """How animals look, None where nothing passes; and how much each pixel's level is to be trusted."""
    differs = np.zeros(level.shape, np.float32)
    for picture in stack:
        differs += np.abs(picture - level) > limit
    share = differs / len(stack)
    passed = (share > 0) & (share <= _BRIEF)
    y, x = np.nonzero(passed)
    values, ground = stack[:, y, x].astype(np.float32), level[y, x]
    away = np.abs(values - ground)
    clear = away > 2 * limit[y, x]
    trust = np.maximum((1 - share) ** 2, 0.01).astype(np.float32)
    if not clear.any():
        return None, trust
    contrast = float(np.percentile(away[clear], 80))
    animal = _histogram(values[away > 0.7 * contrast])
    return Looks(contrast, np.clip(np.log(animal / _histogram(ground)), -2, 2)), trust


def _histogram(values: Grey) -> Grey:
    """Density over grey levels, smoothed, never 0."""
    counts = np.bincount((values.ravel() * (_BINS / 256)).astype(np.int64), minlength=_BINS).astype(np.float32)
    smooth = np.convolve(counts, [0.1, 0.2, 0.4, 0.2, 0.1], "same") / max(1.0, counts.sum())
    return (smooth + 0.2 / _BINS).astype(np.float32)


def _swap(
    level: Grey,
    picture: Grey,
    sign: int,
    limit: Grey,
    trust: Grey,
    looks: Looks,
    least_px: int,
    holes: bool = False,
) -> int:
    """Put into ``level`` the patches of ``picture`` that are ground rather than animal; how many.

    Only patches brighter (``sign`` 1) or darker (-1) than the level: one in which an animal came and another left is
    two. ``holes``: ground that was never bare but lies within bared ground is filled from around it.
    """
    mask = (sign * (picture - level) > limit).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    if holes:
        mask, picture = _filled_hulls(mask, picture, level)
    n, label, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] >= least_px
    large[0] = False
    if not large.any():
        return 0
    x, y, width, height = cv2.boundingRect(large[label].astype(np.uint8))
    edge = 2 * _ACROSS_PX
    part = np.s_[max(0, y - edge) : y + height + edge, max(0, x - edge) : x + width + edge]
    label, old, new = label[part], level[part], picture[part]
    gain = _outline(label, n, old, old, trust[part], looks) - _outline(label, n, new, old, trust[part], looks)
    gain += _LOOKS * (_likeness(label, n, old, looks) - _likeness(label, n, new, looks))
    chosen = large & (gain > _DECIDED)
    if chosen.any():
        patch = cv2.dilate(chosen[label].astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        old[patch] = new[patch]
        trust[part][patch] = 0.01
    return int(chosen.sum())


def _outline(label: IntArray, n: int, inside: Grey, outside: Grey, trust: Grey, looks: Looks) -> FloatArray:
    """Share [n] of each patch's outline that is an edge between ``inside`` and the ground outside."""
    inner, outer = cv2.blur(inside, (5, 5)), cv2.blur(outside, (5, 5))
    total, weight = np.zeros(n), np.full(n, 1e-6)
    for here, there in _opposite(_ACROSS_PX):
        across = (label[here] > 0) & (label[here] != label[there])
        of, sure = label[here][across], trust[there][across]
        edge = np.minimum(np.abs(inner[here][across] - outer[there][across]) / (_EDGE * looks.contrast), 1)
        total += np.bincount(of, sure * edge, n)
        weight += np.bincount(of, sure, n)
    return total / weight


def _opposite(d: int) -> list[tuple[tuple[slice, slice], tuple[slice, slice]]]:
    """Pairs of views of an image ``d`` pixels apart, in the four directions."""
    every, low, high = slice(None), slice(None, -d), slice(d, None)
    across, down = ((every, low), (every, high)), ((low, every), (high, every))
    return [across, across[::-1], down, down[::-1]]


def _likeness(label: IntArray, n: int, picture: Grey, looks: Looks) -> FloatArray:
    """Mean log odds [n] that each patch of the picture is animal."""
    odds = looks.odds[(picture * (_BINS / 256)).astype(np.int64)]
    flat = label.ravel()
    return np.bincount(flat, odds.ravel(), n) / np.maximum(np.bincount(flat, minlength=n), 1)


def _filled_hulls(mask: Image, picture: Grey, level: Grey) -> tuple[Image, Grey]:
    """The convex hulls of the mask's patches, and the picture with what the mask leaves open in them filled."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    whole = np.zeros_like(mask)
    for outline in outlines:
        cv2.fillPoly(whole, [cv2.convexHull(outline)], 1)
    return whole, filled(np.where(mask > 0, picture, level), (whole == 0) | (mask > 0))


def filled(values: Grey, known: Mask) -> Grey:
    """Unknown pixels filled smoothly from the known ones around: averages of ever coarser pictures."""
    if known.all() or min(values.shape) <= 2:
        mean = values[known].mean() if known.any() else np.float32(0)
        return np.where(known, values, mean).astype(np.float32)
    weight = cv2.pyrDown(known.astype(np.float32))
    total = cv2.pyrDown(np.where(known, values, 0).astype(np.float32))
    coarse = filled(total / np.maximum(weight, 1e-3), weight > 1e-3)
    return np.where(known, values, cv2.pyrUp(coarse, dstsize=values.shape[::-1])).astype(np.float32)


def _settled(level: Grey, stack: Stack) -> Grey:
    """The level averaged over the frames that show it."""
    total, count = np.zeros_like(level), np.zeros_like(level)
    for picture in stack:
        near = np.abs(picture - level) <= _LEAST_LEVELS
        total += np.where(near, picture, 0)
        count += near
    return np.where(count > 0, total / np.maximum(count, 1), level).astype(np.float32)
