"""How well a sequence of behaviours is cut: segments that overlap theirs, and the order in which they come.

Segment F1 and edit score are those of Lea et al. 2017, "Temporal Convolutional Networks for Action Segmentation and
Detection", CVPR, 156-165, section 4. Frames without a label are no segment.
"""

from collections.abc import Sequence

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.evaluation.confusion import share
from pipeline.stretches import stretches
from pipeline.types import IntArray

OVERLAPS = (0.10, 0.25, 0.50)  # least IoU in time of a found segment with a true one


def segments(labels: Sequence[str]) -> list[tuple[str, int, int]]:
    """Label, first frame and frame after the last of every run of equal labels; ``""`` is none."""
    words = np.asarray(labels, dtype=object)
    return [(str(words[start]), start, stop) for start, stop in stretches(words) if words[start]]


def matched(found: Sequence[str], true: Sequence[str]) -> IntArray:
    """Hits, false alarms and misses ``[len(OVERLAPS), 3]`` of the segments of two sequences of equal length.

    Each found segment in turn takes the true one of its label that it overlaps most, if nobody has it yet.
    """
    theirs, ours = segments(true), segments(found)
    result = np.zeros((len(OVERLAPS), 3), dtype=np.int64)
    shared = np.array([[_iou(a, b) for b in theirs] for a in ours]).reshape(len(ours), len(theirs))
    for k, least in enumerate(OVERLAPS):
        taken = np.zeros(len(theirs), dtype=bool)
        for row in shared:
            best = int(row.argmax()) if len(row) else -1
            if best >= 0 and row[best] >= least and not taken[best]:
                taken[best] = True
                result[k, 0] += 1
            else:
                result[k, 1] += 1
        result[k, 2] = int((~taken).sum())
    return result


def _iou(one: tuple[str, int, int], other: tuple[str, int, int]) -> float:
    """Overlap of two segments in time; 0 where their labels differ."""
    if one[0] != other[0]:
        return 0.0
    shared = min(one[2], other[2]) - max(one[1], other[1])
    return max(shared, 0) / (max(one[2], other[2]) - min(one[1], other[1]))


def f1(counts: IntArray | FloatArray) -> FloatArray:
    """``2 hits / (2 hits + false alarms + misses)`` of ``counts [..., 3]``; NaN where there is nothing."""
    hits, wrong, missed = (counts[..., k].astype(np.float64) for k in range(3))
    return share(2 * hits, 2 * hits + wrong + missed)


def edit_score(found: Sequence[str], true: Sequence[str]) -> float:
    """1 less the edits from one order of segments to the other, as a share of the longer; 1 where both are empty."""
    ours, theirs = ([label for label, _, _ in segments(words)] for words in (found, true))
    longest = max(len(ours), len(theirs))
    return 1 - _edits(ours, theirs) / longest if longest else 1.0


def _edits(one: list[str], other: list[str]) -> int:
    """Levenshtein's distance: insertions, deletions and replacements."""
    row = list(range(len(other) + 1))
    for i, word in enumerate(one, start=1):
        before, row[0] = row[0], i
        for j, theirs in enumerate(other, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != theirs))
    return row[-1]
