"""From a picture of differences to one blob per animal: fragments joined, tails cut, touching animals parted."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.boxes import FloatArray
from pipeline.detectors.parting import Body, Seen, disc, parted
from pipeline.detectors.samples import Grey, Mask
from pipeline.types import Image, IntArray

_STRONG = 0.4  # share of the usual contrast that some part of every animal reaches
_FAINTEST = 0.1  # share of the usual contrast that an animal has over its whole area
_LEAST_SHARE = 0.15  # of a typical animal's area: less is a fragment, a tail, a shadow
_JOIN = 0.25  # of half an animal's width: gaps up to twice this are closed
_TRIM = 0.35  # of half an animal's width: what is thinner than twice this is cut off: tails, legs, antennae
_SINGLE = 0.25  # of the area seen lies in blobs smaller than the typical animal; the rest may be groups that touch
_ALIKE = 2.0  # ratio of the quartiles of blob area below which animals are alike in size


@dataclass(frozen=True)
class Blob:
    """One animal, in pixels of the picture."""

    xyxy: FloatArray  # [4] right and bottom exclusive
    centre: FloatArray  # [2] mean of its pixels
    area_px: float
    contrast: float  # mean difference, 1 being the animals' usual contrast
    apart: bool  # False: parted from its neighbours only because it was before


def typical(differences: Sequence[Grey], least_px: float, most_px: float) -> Body | None:
    """The typical single animal of the sampled frames; None where there is none.

    Blobs are counted by their area, because fragments are many and small.
    """
    rough = _measured(differences, [_cleaned(difference, 0, 1) for difference in differences], least_px, most_px)
    if rough is None:
        return None
    masks = [_cleaned(difference, _JOIN * rough.half_px, _TRIM * rough.half_px) for difference in differences]
    return _measured(differences, masks, least_px, most_px) or rough


def find(difference: Grey, body: Body, least_px: float, most_px: float, before: Sequence[Seen]) -> list[Blob]:
    """The animals of one frame; ``before`` are those of the last frame, in this one's pixels."""
    x0, y0, difference = _cut(difference, round(body.half_px) + 1)
    mask = _cleaned(difference, _JOIN * body.half_px, _TRIM * body.half_px)
    label, stats, rows = _regions(mask, difference, max(least_px, _LEAST_SHARE * body.area_px), most_px)
    blobs: list[Blob] = []
    for row in rows:
        x, y, width, height = stats[row, : cv2.CC_STAT_AREA]
        part, corner = np.s_[y : y + height, x : x + width], np.array([x + x0, y + y0])
        shifted = [Seen(seen.centre - corner, seen.area_px, seen.credit_s) for seen in before]
        numbers, apart = parted(label[part] == row, difference[part], body, shifted)
        blobs += [_blob(numbers == k, difference[part], corner, apart) for k in range(1, numbers.max() + 1)]
    return [blob for blob in blobs if blob.contrast >= _FAINTEST]


def _cut(difference: Grey, margin: int) -> tuple[int, int, Grey]:
    """The part of a picture in which anything differs, with a margin; and where it begins."""
    x, y, width, height = cv2.boundingRect((difference > 0).astype(np.uint8))
    left, top = max(0, x - margin), max(0, y - margin)
    return left, top, difference[top : y + height + margin, left : x + width + margin]


def _cleaned(difference: Grey, join: float, trim: float) -> Image:
    """What differs, with gaps of up to 2 ``join`` pixels closed and what is thinner than 2 ``trim`` cut off."""
    mask = cv2.morphologyEx((difference > 0).astype(np.uint8), cv2.MORPH_CLOSE, disc(join))
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, disc(max(1, trim))))


def _regions(mask: Image, difference: Grey, least_px: float, most_px: float) -> tuple[IntArray, IntArray, list[int]]:
    """Labels [h, w] and statistics of the connected regions, and the rows of those that may be animals."""
    n, label, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    strong = np.zeros(n, dtype=np.bool_)
    strong[label[difference > _STRONG]] = True
    area = stats[:, cv2.CC_STAT_AREA]
    chosen = (area >= least_px) & (area <= most_px) & strong
    return label, stats, [int(row) for row in np.flatnonzero(chosen) if row > 0]


def _measured(differences: Sequence[Grey], masks: list[Image], least_px: float, most_px: float) -> Body | None:
    """Area and half width of a single animal among the regions of all masks."""
    areas, halves = [], []
    for difference, mask in zip(differences, masks, strict=True):
        depth = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
        label, stats, rows = _regions(mask, difference, least_px, most_px)
        areas += [float(stats[row, cv2.CC_STAT_AREA]) for row in rows]
        halves += [float(depth[label == row].max()) for row in rows]
    if not areas:
        return None
    alike = _weighted(areas, areas, 0.75) < _ALIKE * _weighted(areas, areas, 0.25)
    usual = _SINGLE if alike else 0.5
    return Body(_weighted(areas, areas, usual), _weighted(halves, areas, usual), alike)


def _weighted(values: list[float], weights: list[float], quantile: float) -> float:
    """Smallest value up to which lies the given share of the weight."""
    order = np.argsort(values, kind="stable")
    share = np.cumsum(np.array(weights)[order]) / sum(weights)
    return values[int(order[np.searchsorted(share, quantile)])]


def _blob(mask: Mask, difference: Grey, corner: IntArray, apart: bool) -> Blob:
    y, x = np.nonzero(mask)
    low, high = np.array([x.min(), y.min()]), np.array([x.max(), y.max()]) + 1
    xyxy = np.concatenate([low + corner, high + corner]).astype(np.float64)
    centre = np.array([x.mean() + corner[0], y.mean() + corner[1]], dtype=np.float64)
    return Blob(xyxy, centre, float(len(x)), float(difference[mask].mean()), apart)
