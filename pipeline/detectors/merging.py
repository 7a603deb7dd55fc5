"""One box per animal from what was seen in overlapping tiles: neither doubles nor halves at the seams.

A box that ends at an inner border of its tile is a fragment; any other box is whole. Whole boxes are fused, fragments
yield to whole animals that cover them, and fragments of an animal that no tile holds whole are stitched.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from pipeline.boxes import FloatArray, area, as_boxes, clip, intersection
from pipeline.boxes import iou as pairwise_iou
from pipeline.detectors.tiles import cut_sides
from pipeline.types import BoolArray, Detections, IntArray

COVERED = 0.5  # share of a box that lies in another, from which it is taken to be a part of that
NESTED = 0.8  # the same for two whole boxes: animals stand in front of each other, so it takes more
ALIGNED = 0.5  # share of the shorter extent along a seam in which two fragments must agree to be stitched


@dataclass(frozen=True)
class _Seen:
    """Every box of every tile, the surest first."""

    xyxy: FloatArray  # [n, 4] frame pixels
    score: FloatArray  # [n]
    species: NDArray[np.object_]  # [n]
    source: IntArray  # [n] which tile it was seen in
    tile: IntArray  # [n, 4] where that tile lies
    cut: BoolArray  # [n, 4] cut at its left, top, right, bottom

    def __getitem__(self, rows: IntArray) -> "_Seen":
        return replace(self, **{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def merge(found: Sequence[Detections], tiles: IntArray, width: int, height: int, iou: float) -> Detections:
    """One box per animal from what was ``found`` in each of ``tiles`` ``[k, 4]``, both in pixels of the whole frame.

    Whole boxes that share ``iou`` or more with the surest of them become one: its place is their mean weighted by score
    (above 0), its score the highest, its species the one with the largest sum of scores, ``share`` that sum's share (of
    two as large the first by name). Order and result depend on the boxes alone, not on the order of the tiles.
    """
    seen = _gathered(found, tiles, width, height)
    fragment = seen.cut.any(axis=1)
    groups = _distinct(seen, _fused(seen, np.flatnonzero(~fragment), iou))
    places = [_mean(seen, group) for group in groups]
    rest = np.flatnonzero(fragment)
    rest = rest[~_covered(seen.xyxy[rest], as_boxes(places))]
    pieces = [piece for piece in _stitched(seen, rest) if not _refuted(seen, piece, tiles, width, height)]
    hulls = as_boxes([_hull(seen, piece) for piece in pieces])
    for k in np.argsort(-area(hulls), kind="stable"):
        if not _covered(hulls[[k]], as_boxes(places))[0]:
            places.append(hulls[k])
            groups.append(pieces[k])
    return _voted(seen, clip(as_boxes(places), width, height), groups)


def _gathered(found: Sequence[Detections], tiles: IntArray, width: int, height: int) -> _Seen:
    """All boxes in one list, by score, then by place."""
    xyxy = np.concatenate([one.xyxy for one in found])
    score = np.concatenate([one.score for one in found])
    species = np.concatenate([one.species for one in found])
    source = np.repeat(np.arange(len(found)), [len(one) for one in found])
    order = np.lexsort([species.astype("str"), *xyxy.T, -score])
    tile = tiles[source]
    return _Seen(xyxy, score, species, source, tile, cut_sides(xyxy, tile, width, height))[order]


def _fused(seen: _Seen, rows: IntArray, iou: float) -> list[IntArray]:
    """Rows that are the same animal: each group begins with its surest, and holds what shares ``iou`` with that."""
    groups = []
    alike = pairwise_iou(seen.xyxy[rows], seen.xyxy[rows]) >= iou
    np.fill_diagonal(alike, True)  # a box without area is like itself too
    free = np.ones(len(rows), dtype=bool)
    for k in range(len(rows)):
        if free[k]:
            mine = free & alike[k]
            groups.append(rows[mine])
            free &= ~mine
    return groups


def _distinct(seen: _Seen, groups: list[IntArray]) -> list[IntArray]:
    """Groups without the boxes around several surer animals, and without parts of a surer one.

    A tile that shows both a box and the one inside it has judged them to be two animals: a foal before its mother.
    """
    places = as_boxes([_mean(seen, group) for group in groups])
    shared = intersection(places, places)
    inside = shared / np.maximum(area(places), 1e-9)[:, None]  # [k, j] share of k that lies in j
    kept: list[int] = []
    for k, group in enumerate(groups):
        herd = sum(inside[j, k] >= COVERED for j in kept) >= 2
        parts = [j for j in kept if inside[k, j] >= NESTED]
        if not herd and all(np.isin(seen.source[group], seen.source[groups[j]]).any() for j in parts):
            kept.append(k)
    return [groups[k] for k in kept]


def _covered(parts: FloatArray, wholes: FloatArray) -> BoolArray:
    """Which parts ``[n]`` lie for at least half in the wholes together."""
    return np.asarray(intersection(parts, wholes).sum(axis=1) >= COVERED * area(parts))


def _stitched(seen: _Seen, rows: IntArray) -> list[IntArray]:
    """Fragments that continue each other across seams, in groups; one that nothing continues is a group of its own."""
    if len(rows) == 0:
        return []
    part = seen[rows]
    count, label = connected_components(_continues(part, 0) | _continues(part, 1), directed=False)
    return [rows[label == k] for k in range(count)]


def _continues(part: _Seen, axis: int) -> BoolArray:
    """Which fragment is the far side of which along an axis ``[n near, n far]``.

    ::

        tile of i  |------------|          i is cut at its tile's end, j at its tile's start; both tiles are of one
        i                |======|          size, and i and j agree along the seam
        j                   |=======|
        tile of j           |------------|
    """
    start, stop = part.tile[:, axis], part.tile[:, axis + 2]
    side = part.tile[:, 2:] - part.tile[:, :2]
    one_size = (side[:, None] == side[None]).all(axis=2)
    neighbours = (start[:, None] < start[None]) & (start[None] <= stop[:, None])
    cut = part.cut[:, axis + 2][:, None] & part.cut[:, axis][None]
    meets = part.xyxy[:, axis][:, None] < part.xyxy[:, axis + 2][None]
    first, last = part.xyxy[:, 1 - axis], part.xyxy[:, 3 - axis]
    shared = np.minimum(last[:, None], last[None]) - np.maximum(first[:, None], first[None])
    shorter = np.minimum((last - first)[:, None], (last - first)[None])
    return np.asarray(one_size & neighbours & cut & meets & (shared >= ALIGNED * shorter))


def _refuted(seen: _Seen, piece: IntArray, tiles: IntArray, width: int, height: int) -> bool:
    """Is it a lone fragment whose place another tile of its size shows whole, without seeing an animal there?"""
    if len(piece) > 1:
        return False
    tile = seen.tile[piece[0]]
    beside = tiles[(tiles[:, 2:] - tiles[:, :2] == tile[2:] - tile[:2]).all(axis=1)]
    cut = cut_sides(np.repeat(seen.xyxy[piece], len(beside), axis=0), beside, width, height)
    return bool((~cut.any(axis=1)).any())


def _mean(seen: _Seen, group: IntArray) -> FloatArray:
    """Place of a group of whole boxes."""
    return np.asarray(seen.score[group] / seen.score[group].sum() @ seen.xyxy[group])


def _hull(seen: _Seen, piece: IntArray) -> FloatArray:
    """Place of a group of fragments."""
    return np.concatenate([seen.xyxy[piece, :2].min(axis=0), seen.xyxy[piece, 2:].max(axis=0)])


def _voted(seen: _Seen, places: FloatArray, groups: list[IntArray]) -> Detections:
    """Each place with the species its group votes for, the surest first."""
    species, share = np.empty(len(groups), dtype=object), np.zeros(len(groups))
    for k, group in enumerate(groups):
        names, which = np.unique(seen.species[group].astype("str"), return_inverse=True)
        votes = np.bincount(which, weights=seen.score[group])
        species[k], share[k] = str(names[votes.argmax()]), votes.max() / votes.sum()
    score = np.array([seen.score[group].max() for group in groups])
    return Detections(places, score, species, share)[np.argsort(-score, kind="stable")]
