"""Animals that touch make one region of differences: which pixels are whose."""

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.boxes import FloatArray
from pipeline.detectors.samples import Grey, Mask
from pipeline.types import Image, IntArray

_LEVELS = (0.2, 0.3, 0.45)  # shares of the animals' contrast beyond which touching animals may lie apart
_RADII = (0.35, 0.5, 0.65, 0.8)  # shares of half an animal's width: bridges narrower than twice this are cut
_LEAST_CORE = 0.2  # of a typical animal's area: a smaller core is no animal of its own
_AS_CLEAR = 0.6  # of the clearest core's contrast: a fainter one is a wing, a shadow, a reflection
_WORTHWHILE = 0.7  # of a typical animal's area: a smaller region is one animal
_REACH = 0.3  # of half an animal's width: how far outside a region an animal of the last frame may have been
_KEPT = 0.75  # of the area that the animals of the last frame had: with less, one has left
_SEED = 0


@dataclass(frozen=True)
class Body:
    """The typical animal of a video, in reduced pixels."""

    area_px: float
    half_px: float  # half its width
    alike: bool  # animals differ so little in size that a region's area tells how many touch in it


@dataclass(frozen=True)
class Seen:
    """Where an animal was in the last frame, in pixels of this one."""

    centre: FloatArray  # [2]
    area_px: float
    credit_s: float  # for how long it may still be told from its neighbours by memory


def parted(region: Mask, difference: Grey, body: Body, before: list[Seen]) -> tuple[IntArray, bool]:
    """Numbers from 1 of the animals in a region [h, w], 0 outside it; and whether they were seen apart.

    Seen apart: parts that are separate where the contrast is high, or where narrow bridges are cut. Else as many as
    were here in the last frame, or as the region's area makes likely, in clusters of pixels.
    """
    if not body.alike:
        return region.astype(np.int64), True
    area = int(region.sum())
    here = _near(region, before, _REACH * body.half_px)
    cores = _cores(region, difference, body) if area >= _WORTHWHILE * body.area_px else np.zeros(region.shape, np.int64)
    if cores.max() >= max(2, sum(seen.credit_s > 0 for seen in here)):
        return np.where(region, _nearest(cores), 0), True
    likely = max(1, round(area / body.area_px))
    remembered = [seen for seen in here if seen.credit_s > 0]
    if len(remembered) > likely and area >= _KEPT * sum(seen.area_px for seen in remembered):
        return _clustered(region, len(remembered), remembered), False
    return (region.astype(np.int64) if likely == 1 else _clustered(region, likely, here)), True


def _near(region: Mask, before: list[Seen], reach_px: float) -> list[Seen]:
    """Those animals of the last frame that were on the region, or just beside it."""
    height, width = region.shape
    wide = cv2.dilate(region.astype(np.uint8), disc(reach_px))
    at = [(round(float(seen.centre[0])), round(float(seen.centre[1]))) for seen in before]
    return [
        seen for seen, (x, y) in zip(before, at, strict=True) if 0 <= x < width and 0 <= y < height and wide[y, x] > 0
    ]


def _cores(region: Mask, difference: Grey, body: Body) -> IntArray:
    """Numbers from 1 of the separate parts, by the contrast and bridge width that give the most; 0 elsewhere."""
    best = np.zeros(region.shape, dtype=np.int64)
    for level in _LEVELS:
        high = cv2.copyMakeBorder(((difference > level) & region).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
        for radius in _RADII:
            core = cv2.morphologyEx(high, cv2.MORPH_OPEN, disc(radius * body.half_px))[1:-1, 1:-1]
            n, label, stats, _ = cv2.connectedComponentsWithStats(core, connectivity=8)
            clear = np.bincount(label.ravel(), difference.ravel(), n) / np.maximum(stats[:, cv2.CC_STAT_AREA], 1)
            large = stats[:, cv2.CC_STAT_AREA] >= _LEAST_CORE * body.area_px
            large[0] = False
            large &= clear >= _AS_CLEAR * clear[large].max(initial=0)
            if large.sum() > max(1, best.max()):
                best = np.where(large, np.cumsum(large), 0)[label]
    return best


def _nearest(cores: IntArray) -> IntArray:
    """For every pixel the number of the nearest core."""
    _, index = cv2.distanceTransformWithLabels(
        (cores == 0).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    number = np.zeros(index.max() + 1, dtype=np.int64)
    number[index[cores > 0]] = cores[cores > 0]
    return number[index]


def _clustered(region: Mask, wanted: int, before: list[Seen]) -> IntArray:
    """A region cut into ``wanted`` clusters of pixels, begun from the last frame's animals where they are as many."""
    y, x = np.nonzero(region)
    points = np.column_stack([x, y]).astype(np.float32)
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.1)
    cv2.setRNGSeed(_SEED)
    if len(before) == wanted:
        away = [np.hypot(*(points - seen.centre).T) for seen in before]
        first = np.argmin(away, axis=0).astype(np.int32)[:, None]
        _, chosen, _ = cv2.kmeans(points, wanted, first, criteria, 1, cv2.KMEANS_USE_INITIAL_LABELS)
    else:
        _, chosen, _ = cv2.kmeans(points, wanted, None, criteria, 3, cv2.KMEANS_PP_CENTERS)
    parts = np.zeros(region.shape, dtype=np.int64)
    parts[y, x] = chosen.ravel() + 1
    return parts


def disc(radius: float) -> Image:
    """A round kernel [2r + 1, 2r + 1]."""
    side = 2 * round(radius) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
