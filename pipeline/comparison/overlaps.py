"""Detections against true boxes at ten least overlaps at once, as COCO matches them.

Detections by falling score; each takes, at every least IoU of ``LEAST`` by itself, the free true box of its frame that
it overlaps most; one that counts goes before any that does not (Lin et al. 2014, ECCV; pycocotools ``COCOeval``).
There is no limit to the detections of a frame.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline import boxes
from pipeline.boxes import FloatArray
from pipeline.comparison.matching import by_frame, counted
from pipeline.tables import BOX
from pipeline.types import BoolArray, IntArray

LEAST = np.linspace(0.5, 0.95, 10)  # least IoU of a match
_ALL = (1 << len(LEAST)) - 1  # a bit for each of them
_CLOSE = 1e-10  # as pycocotools forgives


@dataclass(frozen=True)
class Marks:
    """What became of ``n`` detections at each of the ``T`` least overlaps, best score first."""

    hit: BoolArray  # [T, n] it took a true box that counts
    kept: BoolArray  # [T, n] it counts at all: it did not take, or lie in, a box that counts neither way
    score: FloatArray  # [n]
    followed: BoolArray  # [n] of ``Sight.followed``
    unit: IntArray  # [n] its recording
    true: IntArray  # [recordings] true boxes that count
    taken: BoolArray  # [m] true boxes, in the table's order, that one of the followed took at an IoU of 0.5

    @property
    def told(self) -> BoolArray:
        """``[n]`` detections that were followed and count at an IoU of 0.5: precision is of these."""
        return np.asarray(self.kept[0] & self.followed)

    @property
    def right(self) -> BoolArray:
        """``[n]`` those of ``told`` that took a true box."""
        return np.asarray(self.hit[0] & self.followed)


@dataclass(frozen=True)
class Sight:
    """Detections ``n`` and true boxes ``m`` of some recordings, and the pairs ``p`` that overlap enough for a match."""

    found: pd.DataFrame  # [n] score species x1 y1 x2 y2 unit
    animals: pd.DataFrame  # [m] species x1 y1 x2 y2 unit
    counts: BoolArray  # [m] the others are regions in which a detection is no merit and no fault
    units: int  # recordings
    first: IntArray  # [p] detection
    second: IntArray  # [p] true box
    similar: FloatArray  # [p] IoU; share of the detection that lies in a region
    least_score: float = 0.0  # of the detections that a run follows

    @classmethod
    def of(cls, parts: Sequence[tuple[pd.DataFrame, pd.DataFrame]], least_score: float = 0.0) -> "Sight":
        """Of each recording its detections (tables.DETECTIONS) and true boxes, both of the frames that are judged."""
        first, second, similar = [], [], []
        before = np.zeros(2, dtype=np.int64)  # detections and true boxes of the recordings that came before
        for found, animals in parts:
            row, column, overlap = _pairs(found, animals)
            first.append(row + before[0])
            second.append(column + before[1])
            similar.append(overlap)
            before += len(found), len(animals)
        return cls(
            _joined([found for found, _ in parts], ["score", "species", *BOX]),
            _joined([animals for _, animals in parts], ["species", *BOX]),
            np.concatenate([counted(animals) for _, animals in parts]),
            len(parts),
            np.concatenate(first),
            np.concatenate(second),
            np.concatenate(similar),
            least_score,
        )

    @property
    def followed(self) -> BoolArray:
        """``[n]`` detections that are scored no less than those that a run follows."""
        return self.found["score"].to_numpy(np.float64) >= self.least_score

    def number(self, chosen: BoolArray) -> IntArray:
        """How many of the ``chosen [m]`` true boxes each recording has."""
        unit = self.animals["unit"].to_numpy(np.int64)[chosen]
        return np.bincount(unit, minlength=self.units).astype(np.int64)

    def marks(
        self, merit: BoolArray, there: BoolArray, called: BoolArray | None = None, inside: BoolArray | None = None
    ) -> Marks:
        """Of the true boxes that are ``there [m]`` those of ``merit [m]`` count; taking another one counts neither way.

        Only the detections ``called [n]`` are there; those that take nothing and are not ``inside [n]`` count neither
        way. None: all of them.
        """
        score = self.found["score"].to_numpy(np.float64)
        order = np.argsort(-score, kind="stable").astype(np.int64)
        if called is not None:
            order = order[called[order]]
        hit, forgiven, taken = self._taken(order, merit & self.counts, there)
        if inside is not None:
            forgiven = np.where(inside, forgiven, _ALL & ~hit)
        unit = self.found["unit"].to_numpy(np.int64)[order]
        true = self.number(merit & self.counts)
        followed = self.followed[order]
        return Marks(_bits(hit[order]), ~_bits(forgiven[order]), score[order], followed, unit, true, taken)

    def _taken(self, order: IntArray, merit: BoolArray, there: BoolArray) -> tuple[IntArray, IntArray, BoolArray]:
        """Bits of the least overlaps at which each detection hits ``[n]`` or is forgiven ``[n]``; true boxes taken."""
        rank = np.full(len(self.found), -1, dtype=np.int64)
        rank[order] = np.arange(len(order))
        chosen = np.flatnonzero((rank[self.first] >= 0) & there[self.second])
        first, second, similar = self.first[chosen], self.second[chosen], self.similar[chosen]
        turn = np.lexsort((-similar, ~merit[second], rank[first]))
        bits = (1 << np.searchsorted(LEAST - _CLOSE, similar, side="right")) - 1  # of those that it reaches
        free, done = [_ALL] * len(self.animals), [0] * len(self.found)
        hit, forgiven = np.zeros(len(self.found), dtype=np.int64), np.zeros(len(self.found), dtype=np.int64)
        took = np.zeros(len(self.animals), dtype=bool)
        followed = self.followed.tolist()
        columns = (values[turn].tolist() for values in (first, second, bits, merit[second], self.counts[second]))
        for found, true, enough, is_merit, is_single in zip(*columns, strict=True):
            now = enough & free[true] & ~done[found]
            done[found] |= now
            if is_single:  # a region has room for many
                free[true] &= ~now
            (hit if is_merit else forgiven)[found] |= now
            took[true] |= bool(is_merit and now & 1 and followed[found])
        return hit, forgiven, took


def _pairs(found: pd.DataFrame, animals: pd.DataFrame) -> tuple[IntArray, IntArray, FloatArray]:
    """Places of detections and true boxes of one frame that overlap enough, and how much."""
    first: list[IntArray] = [np.zeros(0, dtype=np.int64)]
    second: list[IntArray] = [np.zeros(0, dtype=np.int64)]
    similar = [np.zeros(0)]
    counts = counted(animals)
    ours, theirs = found[BOX].to_numpy(np.float64), animals[BOX].to_numpy(np.float64)
    for _, here, true in by_frame(found, animals):
        if len(here) and len(true):
            region = boxes.intersection(ours[here], theirs[true]) / np.maximum(boxes.area(ours[here]), 1e-9)[:, None]
            overlap = np.where(counts[true], boxes.iou(ours[here], theirs[true]), region)
            row, column = np.nonzero(overlap >= LEAST[0] - _CLOSE)
            first.append(here[row])
            second.append(true[column])
            similar.append(overlap[row, column])
    return np.concatenate(first), np.concatenate(second), np.concatenate(similar)


def _joined(parts: Sequence[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    return pd.concat([part[columns].assign(unit=k) for k, part in enumerate(parts)], ignore_index=True)


def _bits(values: IntArray) -> BoolArray:
    """``[T, n]`` of ``[n]`` numbers."""
    return np.asarray((values[None] >> np.arange(len(LEAST))[:, None]) & 1, dtype=bool)
