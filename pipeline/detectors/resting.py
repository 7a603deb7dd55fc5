"""Animals that rest for most of a video, taken out of its median.

The median over time takes an animal that rests more than half of the time for ground. So every patch that was ever
clearly brighter or darker than the median is put to the test: which of the two, the ground as supposed or what was seen
at other times, has an edge along the patch's outline and looks like what passes elsewhere? That one is the animal.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.boxes import FloatArray
from pipeline.detectors.samples import Grey, Mask, Stack
from pipeline.types import Image, IntArray

_QUANTILES = (0.01, 0.1, 0.25, 0.75, 0.9, 0.99)  # what was seen at other times
_PASSES = 4
_ACROSS_PX = 6  # an outline's edge is measured between points this far apart
_EDGE = 0.2  # share of the animals' contrast at which an edge counts in full
_LOOKS = 0.15  # weight of one unit of log odds of the looks, beside the outline (0 to 1)
_USUAL = 0.1  # weight of what is seen most of the time
_DECIDED = 0.2  # by how much the other must be better ground
_LEAST_ODDS = 0.5  # log odds by which the looks must favour it: outlines alone mislead among shadows and branches
_BARED = 0.15  # share of the animals' contrast from which a patch is put to the test
_BRIEF = 0.1  # a pixel that differs for a smaller share of the time was only passed over
_BODY = 0.7  # share of the contrast above which a pixel shows the body, not a blurred edge
_SAME_LEVELS = 8.0
_BINS = 64
_MOST_PIXELS = 50_000  # enough to learn the looks from


@dataclass(frozen=True)
class Looks:
    """What is seen to pass over ground that is mostly bare."""

    contrast: float  # grey levels between an animal and the ground
    odds: Grey  # [_BINS] log odds of animal against ground for a grey level


@dataclass(frozen=True)
class _Ground:
    """The ground as supposed so far; ``level`` and ``support`` are written to."""

    level: Grey
    support: Grey  # share of the frames that show it
    looks: Looks


def bare(median: Grey, stack: Stack, limit: Grey, least_px: float) -> tuple[Grey, Looks | None]:
    """The ground [h, w] without the animals that rest in ``median``, and how animals look; None: nothing ever passes.

    ``stack`` [n, h, w] are the frames; a difference beyond ``limit`` [h, w] is no noise; patches under ``least_px``
    square pixels are left alone.
    """
    level, looks = median, None
    others = [(q, np.quantile(stack, q, axis=0, method="nearest").astype(np.float32)) for q in _QUANTILES]
    for _ in range(_PASSES):
        share = _share_differing(level, stack, limit)
        looks = _looks(level, stack, limit, share)
        if looks is None:
            return median, None
        ground = _Ground(level.copy(), (1 - share).astype(np.float32), looks)
        strong = np.maximum(limit, np.float32(_BARED * looks.contrast))
        swaps = [_swap(ground, other, -1 if q < 0.5 else 1, strong, least_px) for q, other in others]
        if not any(swaps):
            break
        level = _settled(ground.level, stack)
    return level, looks


def _share_differing(level: Grey, stack: Stack, limit: Grey) -> Grey:
    """Share [h, w] of the frames that do not show the level."""
    count = np.zeros(level.shape, np.float32)
    for picture in stack:
        count += cv2.absdiff(picture.astype(np.float32), level) > limit
    return count / np.float32(len(stack))


def _looks(level: Grey, stack: Stack, limit: Grey, share: Grey) -> Looks | None:
    """How animals look, from the pixels they are seen in for the shortest time: there the level surely is ground."""
    if not share.any():
        return None
    brief = max(_BRIEF, float(np.percentile(share[share > 0], 25)))
    y, x = np.nonzero((share > 0) & (share <= brief))
    step = max(1, len(y) // _MOST_PIXELS)
    y, x = y[::step], x[::step]
    values, ground = stack[:, y, x].astype(np.float32), level[y, x]
    away = np.abs(values - ground)
    clear = away > 2 * limit[y, x]
    if not clear.any():
        return None
    contrast = float(np.percentile(away[clear], 80))
    animal = _histogram(values[away > _BODY * contrast])
    return Looks(contrast, np.clip(np.log(animal / _histogram(ground)), -2, 2))


def _histogram(values: Grey) -> Grey:
    """Density [_BINS] over grey levels, smoothed, never 0."""
    counts = np.bincount(_bins(values), minlength=_BINS).astype(np.float32)
    smooth = np.convolve(counts, [0.1, 0.2, 0.4, 0.2, 0.1], "same") / max(1.0, counts.sum())
    return np.asarray(smooth + 0.2 / _BINS, dtype=np.float32)


def _bins(values: Grey) -> IntArray:
    return (values.ravel() * (_BINS / 256)).astype(np.int64)


def _swap(ground: _Ground, other: Grey, sign: int, limit: Grey, least_px: float) -> bool:
    """Put into the ground those patches of ``other`` that are the better ground; were there any?

    Brighter (``sign`` 1) and darker (-1) patches are tested apart: where an animal came and another left, they touch.
    """
    mask = (sign * (other - ground.level) > limit).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    mask, other = _filled_hulls(mask, other, ground.level)
    n, label, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] >= least_px
    large[0] = False
    if not large.any():
        return False
    part = _around(large[label])
    label, level, support, other = label[part], ground.level[part], ground.support[part], other[part]
    looks, trust = ground.looks, np.maximum(support**2, 0.01)
    edges = _outline(label, n, level, level, trust, looks) - _outline(label, n, other, level, trust, looks)
    odds = _likeness(label, n, level, looks) - _likeness(label, n, other, looks)
    gain = edges + _LOOKS * odds - _USUAL * _mean(label, n, support)
    chosen = large & (gain > _DECIDED) & (odds > _LEAST_ODDS)
    patch = cv2.dilate(chosen[label].astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    level[patch] = other[patch]
    support[patch] = 0
    return bool(chosen.any())


def _around(mask: Mask) -> tuple[slice, slice]:
    """The part of an image that holds a mask and what its outlines are compared with."""
    x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
    edge = 2 * _ACROSS_PX
    return np.s_[max(0, y - edge) : y + height + edge, max(0, x - edge) : x + width + edge]


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
    return np.asarray(total / weight, dtype=np.float64)


def _opposite(d: int) -> list[tuple[tuple[slice, slice], tuple[slice, slice]]]:
    """Pairs of views of an image ``d`` pixels apart, in the four directions."""
    every, low, high = slice(None), slice(None, -d), slice(d, None)
    across, down = ((every, low), (every, high)), ((low, every), (high, every))
    return [across, across[::-1], down, down[::-1]]


def _likeness(label: IntArray, n: int, picture: Grey, looks: Looks) -> FloatArray:
    """Mean log odds [n] that each patch of the picture is animal."""
    return _mean(label, n, looks.odds[_bins(picture)])


def _mean(label: IntArray, n: int, values: Grey) -> FloatArray:
    """Mean [n] of the values in each patch."""
    flat = label.ravel()
    return np.asarray(np.bincount(flat, values.ravel(), n) / np.maximum(np.bincount(flat, minlength=n), 1))


def _filled_hulls(mask: Image, picture: Grey, level: Grey) -> tuple[Image, Grey]:
    """The convex hulls of the mask's patches, and the picture with what the mask leaves open in them filled.

    The middle of a resting animal may never be bare, while its outline moves.
    """
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    whole = np.zeros_like(mask)
    for outline in outlines:
        cv2.fillPoly(whole, [cv2.convexHull(outline)], 1)
    return whole, _filled(np.where(mask > 0, picture, level), (whole == 0) | (mask > 0))


def _filled(values: Grey, known: Mask) -> Grey:
    """Unknown pixels filled smoothly from the known ones around: averages of ever coarser pictures."""
    if known.all() or min(values.shape) <= 2:
        mean = values[known].mean() if known.any() else np.float32(0)
        return np.where(known, values, mean).astype(np.float32)
    weight = cv2.pyrDown(known.astype(np.float32))
    total = cv2.pyrDown(np.where(known, values, 0).astype(np.float32))
    coarse = _filled(total / np.maximum(weight, 1e-3), weight > 1e-3)
    return np.where(known, values, cv2.pyrUp(coarse, dstsize=values.shape[::-1])).astype(np.float32)


def _settled(level: Grey, stack: Stack) -> Grey:
    """The level averaged over the frames that show it."""
    total, count = np.zeros_like(level), np.zeros_like(level)
    for picture in stack:
        near = np.abs(picture - level) <= _SAME_LEVELS
        total += np.where(near, picture, 0)
        count += near
    return np.where(count > 0, total / np.maximum(count, 1), level).astype(np.float32)
