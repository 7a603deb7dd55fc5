"""Fragments of tracks: joining those of one animal, dropping what is too short or seen twice.

Everything here is in the video's reference frame and knows the whole video: no decision waits for the next frame.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from pipeline.boxes import FloatArray, as_boxes, centre, intersection, iou_each
from pipeline.timebase import CLOSE_S
from pipeline.types import BoolArray, IntArray

_VELOCITY_S = 0.5  # over which the velocity at a fragment's end is taken
_LENGTH_RATIO = 1.6  # two fragments whose body lengths differ more are two animals
_SHORTEST_GAP_S = 0.25  # below it the allowed error of a prediction no longer shrinks: boxes jitter


@dataclass(frozen=True)
class Fragment:
    """Boxes of one animal in order of time: the detections themselves, or those and the interpolated ones."""

    track: int
    rows: IntArray  # [k] places in the video's frame ledger, rising
    times_s: FloatArray  # [k]
    xyxy: FloatArray  # [k, 4] reference frame
    score: FloatArray  # [k]
    species: str
    observed: BoolArray  # [k] False where interpolated

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def length_px(self) -> float:
        """Body length: the 90th percentile of the boxes' longer sides."""
        return float(np.quantile((self.xyxy[:, 2:] - self.xyxy[:, :2]).max(axis=1), 0.9))

    @cached_property
    def velocities(self) -> tuple[FloatArray, FloatArray]:
        """Pixels per second [2] over the first and over the last half second; 0 for a single box."""
        return self._velocity(self.times_s[0]), self._velocity(self.times_s[-1])

    def _velocity(self, edge_s: float) -> FloatArray:
        near = np.flatnonzero(np.abs(self.times_s - edge_s) <= _VELOCITY_S + CLOSE_S)
        first, final = near[0], near[-1]
        span_s = self.times_s[final] - self.times_s[first]
        points = centre(self.xyxy[[first, final]])
        return (points[1] - points[0]) / span_s if span_s > 0 else np.zeros(2)


def stitched(fragments: Sequence[Fragment], max_gap_s: float, lengths: float) -> list[Fragment]:
    """Fragments of one species joined where one ends and another starts within ``max_gap_s`` at a plausible place.

    ::

        one     o--o--o--o . . . x          x: where it would be, gone on with the velocity at both sides of the gap
        other                   o--o--o     joined where x, or the last box, is near enough to the start

    Near enough is ``lengths`` body lengths for a gap of one second or more, in proportion less for a shorter one. Each
    end takes one start at most and the errors' sum is least (Hungarian). A joined one keeps the first's number.
    """
    pairs = _candidates(fragments, max_gap_s, lengths)
    following = dict(_one_to_one(pairs, len(fragments)))
    heads = sorted(set(range(len(fragments))) - set(following.values()))
    return [_chain(fragments, head, following) for head in heads]


def _candidates(fragments: Sequence[Fragment], max_gap_s: float, lengths: float) -> list[tuple[int, int, float]]:
    """Pairs that may be joined: end, start, and the prediction's error as a share of what is allowed."""
    order = np.argsort([f.times_s[0] for f in fragments], kind="stable")
    starts = np.array([fragments[k].times_s[0] for k in order])
    pairs = []
    for end, one in enumerate(fragments):
        low, high = np.searchsorted(starts, [one.times_s[-1] + CLOSE_S, one.times_s[-1] + max_gap_s + CLOSE_S])
        for start in order[low:high]:
            other = fragments[start]
            if lengths and other.species == one.species and (error := _error(one, other) / lengths) <= 1:
                pairs.append((end, int(start), error))
    return pairs


def _error(one: Fragment, other: Fragment) -> float:
    """How far ``other`` starts from where ``one`` would be, in body lengths for each second of the gap."""
    length = min(one.length_px, other.length_px)
    if max(one.length_px, other.length_px) > _LENGTH_RATIO * length:
        return np.inf
    gap_s = other.times_s[0] - one.times_s[-1]
    moved = (centre(other.xyxy[:1]) - centre(one.xyxy[-1:]))[0]
    velocity = (one.velocities[1] + other.velocities[0]) / 2
    missed = min(np.linalg.norm(moved), np.linalg.norm(moved - velocity * gap_s))
    return float(missed / (length * np.clip(gap_s, _SHORTEST_GAP_S, 1)))


def _one_to_one(pairs: list[tuple[int, int, float]], n: int) -> list[tuple[int, int]]:
    """The most pairs, at the least sum of errors. Ends and starts that share no candidate are solved apart."""
    from scipy.optimize import linear_sum_assignment
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not pairs:
        return []
    ends, starts, errors = (np.array(column) for column in zip(*pairs, strict=True))
    _, group = connected_components(coo_array((np.ones(len(pairs)), (ends, starts + n)), shape=(2 * n, 2 * n)), False)
    chosen = []
    for label in np.unique(group[ends]):
        mine = group[ends] == label
        rows, row = np.unique(ends[mine], return_inverse=True)
        columns, column = np.unique(starts[mine], return_inverse=True)
        gain = np.zeros((len(rows), len(columns)))
        gain[row, column] = 2 - errors[mine]  # a second pair always outweighs a better first one
        best = zip(*linear_sum_assignment(gain, maximize=True), strict=True)
        chosen += [(int(rows[i]), int(columns[j])) for i, j in best if gain[i, j] > 0]
    return chosen


def _chain(fragments: Sequence[Fragment], head: int, following: dict[int, int]) -> Fragment:
    parts = [fragments[head]]
    while head in following:
        head = following[head]
        parts.append(fragments[head])
    return replace(
        parts[0],
        rows=np.concatenate([part.rows for part in parts]),
        times_s=np.concatenate([part.times_s for part in parts]),
        xyxy=np.concatenate([part.xyxy for part in parts]),
        score=np.concatenate([part.score for part in parts]),
        observed=np.concatenate([part.observed for part in parts]),
    )


def long_enough(
    fragments: Sequence[Fragment], min_duration_s: float, min_observed: int, times_s: FloatArray
) -> list[Fragment]:
    """Fragments that last ``min_duration_s`` and have ``min_observed`` detections.

    ``times_s`` are those of the analysed frames. Nobody is asked for more than half of what the video offers, so that a
    still or a clip of three frames keeps its animals.
    """
    duration_s = min(min_duration_s, (times_s[-1] - times_s[0]) / 2) if len(times_s) else 0.0
    count = min(min_observed, (len(times_s) + 1) // 2)
    return [f for f in fragments if f.times_s[-1] - f.times_s[0] >= duration_s - CLOSE_S and len(f) >= count]


def sure_enough(fragments: Sequence[Fragment], min_peak_score: float) -> list[Fragment]:
    """Fragments with a detection that is scored ``min_peak_score`` or more.

    An animal is seen well at some time; what is unlike an animal is so all the time. Weak detections of a track that
    has a sure one stay: so a low ``tracks.min_score`` loses nobody and invents nobody.
    """
    return [f for f in fragments if f.score.max() >= min_peak_score]


def often_seen(fragments: Sequence[Fragment], min_share: float, analysed: IntArray) -> list[Fragment]:
    """Interpolated fragments that were detected in ``min_share`` or more of the analysed frames where they have a box.

    ``analysed`` are places in the frame ledger, rising. What flickers on and off is mostly no animal.
    """
    looks = [int(np.isin(f.rows, analysed, assume_unique=True).sum()) for f in fragments]
    return [f for f, n in zip(fragments, looks, strict=True) if f.observed.sum() >= min_share * n]


def without_duplicates(fragments: Sequence[Fragment], iou: float) -> list[Fragment]:
    """Of two that lie on each other (IoU above ``iou`` in most frames of the shorter) the longer stays."""
    order = sorted(range(len(fragments)), key=lambda k: (-int(fragments[k].observed.sum()), k))
    hulls = as_boxes([[*f.xyxy[:, :2].min(axis=0), *f.xyxy[:, 2:].max(axis=0)] for f in fragments])
    kept: list[int] = []
    for k in order:
        met = np.flatnonzero(intersection(hulls[[k]], hulls[kept])[0])  # row by row: all pairs would fill the memory
        if not any(_same(fragments[k], fragments[kept[near]], iou) for near in met):
            kept.append(k)
    return [fragments[k] for k in sorted(kept)]


def _same(shorter: Fragment, longer: Fragment, iou: float) -> bool:
    if shorter.rows[0] > longer.rows[-1] or longer.rows[0] > shorter.rows[-1]:
        return False
    _, mine, its = np.intersect1d(shorter.rows, longer.rows, assume_unique=True, return_indices=True)
    return bool((iou_each(shorter.xyxy[mine], longer.xyxy[its]) > iou).sum() * 2 > len(shorter))
