"""Which found boxes are which true animals, and which count neither way.

A true box counts where the animal can be judged: at least ``LEAST_HEIGHT_PX`` high, ``LEAST_VISIBLE`` of its silhouette
unhidden and ``LEAST_INSIDE`` of its body in the picture. The others are ignore regions: finding them is no merit and no
fault, as with COCO's crowds (Lin et al. 2014, ECCV) and KITTI's "don't care" areas (Geiger et al. 2012, CVPR). A truth
that somebody drew knows no such shares: it says by itself, in a column ``counts``, which boxes count.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from pipeline import boxes
from pipeline.boxes import FloatArray
from pipeline.simulate.record import LEAST_INSIDE
from pipeline.simulate.truth import LEAST_VISIBLE
from pipeline.tables import BOX
from pipeline.types import BoolArray, IntArray

MATCH = 0.5  # least IoU of a match; least share of a found box inside an ignore region
LEAST_HEIGHT_PX = 16.0
_FIRST = 1000.0  # worth of a match with a true box that counts: as many of these as can be, then the rest


def counted(animals: pd.DataFrame) -> BoolArray:
    """``[n]`` the rows of the truth's ``ANIMALS`` that count; the others are ignore regions."""
    if "counts" in animals:
        return animals["counts"].to_numpy(bool)
    high = animals["y2"] - animals["y1"] >= LEAST_HEIGHT_PX
    told = (animals["visible"] >= LEAST_VISIBLE) & (animals["inside"] >= LEAST_INSIDE)
    return np.asarray(high & told, dtype=bool)


def by_frame(first: pd.DataFrame, second: pd.DataFrame) -> Iterator[tuple[int, IntArray, IntArray]]:
    """Each frame that either table has, with the places of its rows in both."""
    columns = [table["frame"].to_numpy(np.int64) for table in (first, second)]
    orders = [np.argsort(column, kind="stable").astype(np.int64) for column in columns]
    frames = np.union1d(*columns)
    cuts = [
        np.searchsorted(column[order], np.append(frames, frames[-1:] + 1))
        for column, order in zip(columns, orders, strict=True)
    ]
    for k, frame in enumerate(frames.tolist()):
        yield frame, *(order[cut[k] : cut[k + 1]] for order, cut in zip(orders, cuts, strict=True))


def pairs(animals: pd.DataFrame, found: pd.DataFrame) -> tuple[IntArray, IntArray]:
    """Places of the rows of ``animals`` and of ``found`` (both with ``frame x1 y1 x2 y2``) that are one animal.

    One-to-one in each frame, IoU at least ``MATCH``: as many true boxes that count as can be, then the largest sum.
    """
    counts, true_boxes, found_boxes = counted(animals), _corners(animals), _corners(found)
    left, right = [], []
    for _, true, here in by_frame(animals, found):
        if len(true) and len(here):
            similar = boxes.iou(true_boxes[true], found_boxes[here])
            worth = np.where(similar >= MATCH, similar + np.where(counts[true], _FIRST, 1.0)[:, None], 0.0)
            rows, columns = linear_sum_assignment(worth, maximize=True)
            good = similar[rows, columns] >= MATCH
            left.append(true[rows[good]])
            right.append(here[columns[good]])
    if not left:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    return np.concatenate(left), np.concatenate(right)


def forgiven(animals: pd.DataFrame, found: pd.DataFrame) -> BoolArray:
    """``[n]`` the rows of ``found`` that count neither way.

    They match an ignored animal, or they match nothing and at least ``MATCH`` of them lies in an ignore region (as
    TrackEval treats KITTI).
    """
    counts = counted(animals)
    true, matched = pairs(animals, found)
    result = np.zeros(len(found), dtype=bool)
    result[matched] = ~counts[true]
    free = np.ones(len(found), dtype=bool)
    free[matched] = False
    ignored = animals[~counts]
    regions, found_boxes = _corners(ignored), _corners(found)
    for _, region, here in by_frame(ignored, found):
        if len(region) and len(here):
            result[here] |= free[here] & within(found_boxes[here], regions[region])
    return result


def within(found: FloatArray, regions: FloatArray) -> BoolArray:
    """``[n]`` the boxes of which at least ``MATCH`` lies in one of the ``regions [m, 4]``."""
    if not len(regions):
        return np.zeros(len(found), dtype=bool)
    share = boxes.intersection(found, regions).max(axis=1) / np.maximum(boxes.area(found), 1e-9)
    return np.asarray(share >= MATCH, dtype=bool)


def _corners(table: pd.DataFrame) -> FloatArray:
    return table[BOX].to_numpy(np.float64)
