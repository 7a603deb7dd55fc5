"""How well animals are detected: average precision at an IoU of 0.5, recall and precision.

AP50 is COCO's: detections of all frames by falling score, each takes the free true box of its frame that it overlaps
most, precision made non-increasing and read at 101 recalls from 0 to 1 (Lin et al. 2014; pycocotools ``COCOeval``).
There is no limit to the detections of a frame. ``map50`` is that over one class, animal; ``map50_species`` is the mean
over the species that occur, given only where the detector uses the truth's names.
"""

from typing import Any

import numpy as np
import pandas as pd

from pipeline import boxes
from pipeline.boxes import FloatArray
from pipeline.comparison.matching import MATCH, by_frame, counted, within
from pipeline.tables import BOX
from pipeline.types import BoolArray, IntArray

RECALLS = np.linspace(0.0, 1.0, 101)


def detection_figures(found: pd.DataFrame, animals: pd.DataFrame) -> dict[str, Any]:
    """``map50 map50_species recall precision boxes detections`` and recall and AP50 ``per_species``.

    ``found`` is tables.DETECTIONS and ``animals`` the truth's ``ANIMALS``, both of the analysed frames. Figures without
    anything to measure are None.
    """
    counts = counted(animals)
    order, hit, ignored, taken = assigned(found, animals, counts)
    kept = ~ignored[order]
    by_score = hit[order][kept]
    true, there = int(counts.sum()), int(kept.sum())
    agree = set(found["species"]) & set(animals["species"])
    by_species = {
        name: _of_species(name, found, animals, counts, taken, bool(agree)) for name in _names(animals[counts])
    }
    precisions = [told["ap50"] for told in by_species.values() if told["ap50"] is not None]
    return {
        "map50": average_precision(by_score, true),
        "map50_species": float(np.mean(precisions)) if precisions else None,
        "recall": float(by_score.sum() / true) if true else None,
        "precision": float(by_score.sum() / there) if there else None,
        "boxes": true,
        "ignored_boxes": int((~counts).sum()),
        "detections": there,
        "per_species": by_species,
    }


def _names(animals: pd.DataFrame) -> list[str]:
    return sorted(set(animals["species"]))


def _of_species(
    name: str, found: pd.DataFrame, animals: pd.DataFrame, counts: BoolArray, taken: BoolArray, agree: bool
) -> dict[str, Any]:
    """Boxes and recall of a species, whatever it was called; its own AP50 where the names agree."""
    own = counts & (animals["species"] == name).to_numpy()
    precision = None
    if agree:
        mine, called = animals[(animals["species"] == name).to_numpy()], found[(found["species"] == name).to_numpy()]
        order, hit, ignored, _ = assigned(called, mine, counted(mine))
        precision = average_precision(hit[order][~ignored[order]], int(own.sum()))
    return {"boxes": int(own.sum()), "recall": float(taken[own].mean()), "ap50": precision}


def assigned(
    found: pd.DataFrame, animals: pd.DataFrame, counts: BoolArray, match: float = MATCH
) -> tuple[IntArray, BoolArray, BoolArray, BoolArray]:
    """Detections against true boxes, best score first; a hit overlaps by an IoU of ``match`` or more.

    Returns the order of the detections by falling score ``[n]``; which hit a true box that counts ``[n]``; which count
    neither way ``[n]``; which true boxes were hit ``[m]``.
    """
    hit, ignored = np.zeros(len(found), dtype=bool), np.zeros(len(found), dtype=bool)
    taken = np.zeros(len(animals), dtype=bool)
    score = found["score"].to_numpy(np.float64)
    found_boxes, true_boxes = found[BOX].to_numpy(np.float64), animals[BOX].to_numpy(np.float64)
    for _, here, true in by_frame(found, animals):
        ranked = here[np.argsort(-score[here], kind="stable")]
        counting, regions = true[counts[true]], true[~counts[true]]
        matches = greedy(boxes.iou(found_boxes[ranked], true_boxes[counting]), match)
        got = matches >= 0
        hit[ranked[got]] = True
        taken[counting[matches[got]]] = True
        ignored[ranked[~got]] = within(found_boxes[ranked[~got]], true_boxes[regions])
    return np.argsort(-score, kind="stable").astype(np.int64), hit, ignored, taken


def greedy(similar: FloatArray, match: float = MATCH) -> IntArray:
    """For each row of ``similar [n, m]`` in turn the free column that it is most like, -1 under ``match``."""
    free = np.ones(similar.shape[1], dtype=bool)
    result = np.full(len(similar), -1, dtype=np.int64)
    for row, values in enumerate(similar):
        best = int(np.argmax(np.where(free, values, -1.0))) if free.any() else -1
        if best >= 0 and values[best] >= match:
            result[row], free[best] = best, False
    return result


def average_precision(hit: BoolArray, true: int) -> float | None:
    """AP of detections by falling score, ``hit [n]``, against ``true`` boxes; None where there are none.

    ::

        hit         1    0    1            of 2 true boxes
        recall      .5   .5   1.
        precision   1.   .5   .67   made non-increasing 1 .67 .67: (51 * 1 + 50 * .67) / 101 = 0.835
    """
    if not true:
        return None
    right = np.cumsum(hit)
    recall, precision = right / true, right / np.arange(1, len(hit) + 1)
    falling = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(recall, RECALLS - 1e-12)
    return float(np.append(falling, 0.0)[at].mean())
