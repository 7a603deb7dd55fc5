"""From a picture of differences to one region per animal: fragments joined, touching animals parted."""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.boxes import FloatArray
from pipeline.detectors.samples import Grey, Mask
from pipeline.types import Image, IntArray

_STRONG = 0.4  # share of the usual contrast that some part of every animal reaches
_CORE = 0.3  # share of the usual contrast beyond which animals that touch may lie apart
_LEAST_SHARE = 0.15  # of a typical animal's area: less is a fragment, a tail, a shadow
_LEAST_CORE = 0.2  # of a typical animal's area: a smaller core is no animal of its own
_JOIN = 0.25  # of a typical animal's half width: gaps that are closed
_TRIM = 0.35  # of a typical animal's half width: tails, legs and antennae that are cut
_HOLD = 0.8  # animals: how far the area may be from the number seen last before the number is changed
_SEED = 0


@dataclass(frozen=True)
class Body:
    """The typical animal of a video, in reduced pixels."""

    area_px: float
    half_px: float  # half its width


@dataclass(frozen=True)
class Blob:
    """One animal's region."""

    xyxy: FloatArray  # [4] right and bottom exclusive
    centre: FloatArray  # [2] mean of its pixels
    contrast: float  # mean difference, 1 being the animals' usual contrast


def typical(differences: Iterable[Grey], least_px: float, most_px: float) -> Body | None:
    """The typical animal: medians over the regions of all samples, each counted by its area; None where none is seen.

    Counted by area, because fragments are many and small.
    """
    kept = list(differences)
    rough = _measured(kept, [_cleaned(difference, 0, 1) for difference in kept], least_px, most_px)
    if rough is None:
        return None
    masks = [_cleaned(difference, _JOIN * rough.half_px, _TRIM * rough.half_px) for difference in kept]
    return _measured(kept, masks, least_px, most_px) or rough


def _measured(differences: list[Grey], masks: list[Image], least_px: float, most_px: float) -> Body | None:
    areas, halves = [], []
    for difference, mask in zip(differences, masks, strict=True):
        depth = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
        label, stats, rows = _regions(mask, difference, least_px, most_px)
        areas += stats[rows, cv2.CC_STAT_AREA].tolist()
        halves += [float(depth[label == row].max()) for row in rows]
    if not areas:
        return None
    order = np.argsort(areas, kind="stable")
    share = np.cumsum(np.array(areas)[order]) / sum(areas)
    middle = slice(int(np.searchsorted(share, 0.25)), int(np.searchsorted(share, 0.75)) + 1)
    return Body(float(areas[order[np.searchsorted(share, 0.5)]]), float(np.median(np.array(halves)[order][middle])))


def find(difference: Grey, body: Body, least_px: float, most_px: float, before: FloatArray) -> list[Blob]:
    """The animals of one frame; ``before`` [m, 2] are the centres of those of the last frame, in its pixels."""
    mask = _cleaned(difference, _JOIN * body.half_px, _TRIM * body.half_px)
    core = cv2.morphologyEx((difference > _CORE).astype(np.uint8), cv2.MORPH_OPEN, _disc(_TRIM * body.half_px))
    label, stats, rows = _regions(mask, difference, max(least_px, _LEAST_SHARE * body.area_px), most_px)
    blobs: list[Blob] = []
    for row in rows:
        x, y, width, height = stats[row, : cv2.CC_STAT_AREA]
        part = np.s_[y : y + height, x : x + width]
        here = label[part] == row
        parts = _parted(here, core[part], body, before - [x, y])
        blobs += [_blob(parts == k, difference[part], np.array([x, y])) for k in range(1, parts.max() + 1)]
    return blobs


def _regions(mask: Image, difference: Grey, least_px: float, most_px: float) -> tuple[IntArray, IntArray, list[int]]:
    """Labels [h, w] and statistics of the connected regions, and the rows of those that may be animals."""
    n, label, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    peak = np.zeros(n)
    strong = difference > _STRONG
    peak[np.unique(label[strong])] = 1
    area = stats[:, cv2.CC_STAT_AREA]
    chosen = (area >= least_px) & (area <= most_px) & (peak > 0)
    return label, stats, [int(row) for row in np.flatnonzero(chosen) if row > 0]


def _parted(region: Mask, core: Image, body: Body, before: FloatArray) -> IntArray:
    """Numbers from 1 of the animals in a region [h, w], 0 outside it."""
    cores = _cores(region, core, body)
    count = region.sum() / body.area_px
    inside = _inside(region, before)
    wanted = len(inside) if len(inside) > 0 and abs(count - len(inside)) < _HOLD else round(count)
    if cores.max() >= max(wanted, 2):
        return np.where(region, _nearest(cores), 0)
    if wanted < 2:
        return region.astype(np.int64)
    return _clustered(region, wanted, inside)


def _cores(region: Mask, core: Image, body: Body) -> IntArray:
    """Numbers from 1 of the parts that stay apart where the contrast is high."""
    n, label, stats, _ = cv2.connectedComponentsWithStats(core & region.astype(np.uint8), connectivity=8)
    number = np.zeros(n, dtype=np.int64)
    large = [row for row in range(1, n) if stats[row, cv2.CC_STAT_AREA] >= _LEAST_CORE * body.area_px]
    number[large] = np.arange(1, len(large) + 1)
    return number[label]


def _nearest(cores: IntArray) -> IntArray:
    """For every pixel the number of the nearest core."""
    _, index = cv2.distanceTransformWithLabels(
        (cores == 0).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    number = np.zeros(index.max() + 1, dtype=np.int64)
    number[index[cores > 0]] = cores[cores > 0]
    return number[index]


def _inside(region: Mask, points: FloatArray) -> FloatArray:
    """Those points [m, 2] that lie on a region."""
    if len(points) == 0:
        return points
    x, y = np.rint(points).astype(np.int64).T
    within = (x >= 0) & (y >= 0) & (x < region.shape[1]) & (y < region.shape[0])
    within[within] = region[y[within], x[within]]
    return points[within]


def _clustered(region: Mask, wanted: int, start: FloatArray) -> IntArray:
    """A region cut into ``wanted`` clusters of pixels, begun from the last frame's centres where they are as many."""
    y, x = np.nonzero(region)
    points = np.column_stack([x, y]).astype(np.float32)
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.1)
    cv2.setRNGSeed(_SEED)
    if len(start) == wanted:
        first = np.hypot(*(points[:, None] - start[None]).transpose(2, 0, 1)).argmin(axis=1).astype(np.int32)
        _, chosen, _ = cv2.kmeans(points, wanted, first, criteria, 1, cv2.KMEANS_USE_INITIAL_LABELS)
    else:
        _, chosen, _ = cv2.kmeans(points, wanted, None, criteria, 3, cv2.KMEANS_PP_CENTERS)
    parts = np.zeros(region.shape, dtype=np.int64)
    parts[y, x] = chosen.ravel() + 1
    return parts


def _blob(mask: Mask, difference: Grey, offset: IntArray) -> Blob:
    y, x = np.nonzero(mask)
    low, high = np.array([x.min(), y.min()]) + offset, np.array([x.max(), y.max()]) + offset + 1
    centre = np.array([x.mean(), y.mean()]) + offset
    return Blob(np.concatenate([low, high]).astype(np.float64), centre, float(difference[mask].mean()))


def _cleaned(difference: Grey, join: float, trim: float) -> Image:
    """What differs, with gaps of up to 2 ``join`` pixels closed and what is thinner than 2 ``trim`` cut off."""
    mask = cv2.morphologyEx((difference > 0).astype(np.uint8), cv2.MORPH_CLOSE, _disc(join))
    return cv2.morphologyEx(mask, cv2.MORPH_OPEN, _disc(max(1, trim)))


def _disc(radius: float) -> Image:
    """A round kernel."""
    side = 2 * round(radius) + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
