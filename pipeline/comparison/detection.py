"""How well animals are detected: average precision over overlaps, recall and precision; by species and by size.

AP is COCO's: precision made non-increasing and read at 101 recalls from 0 to 1 (Lin et al. 2014; pycocotools
``COCOeval``), at an IoU of 0.5 (``ap50``) and as the mean over IoUs from 0.5 to 0.95 (``ap50_95``). It is over one
class, animal; that of a species counts the boxes called by its name, and is given only where the detector uses the
truth's names. Recall and precision are at an IoU of 0.5, of the boxes that are scored no less than those that a run
follows; AP is of all of them, as it asks how well the scores tell true boxes from false ones.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from pipeline import boxes
from pipeline.boxes import FloatArray
from pipeline.comparison.overlaps import LEAST, Marks, Sight
from pipeline.tables import BOX
from pipeline.types import BoolArray

RECALLS = np.linspace(0.0, 1.0, 101)
ALL = ("all", "all")
AREAS = {"small": (0.0, 32.0**2), "medium": (32.0**2, 96.0**2), "large": (96.0**2, np.inf)}  # of COCO, square pixels
HEIGHTS = {
    "under 16 px": (0.0, 16.0), "16 to 32 px": (16.0, 32.0), "32 to 64 px": (32.0, 64.0), "64 to 128 px": (64.0, 128.0),
    "128 px and more": (128.0, np.inf),
}  # fmt: skip
SHOWN = (0, 5, 8)  # least overlaps of the curves: 0.5, 0.75, 0.9
_LARGEST = 4_000_000  # numbers in one array; weightings are taken in turn, so many at once

Groups = dict[tuple[str, str], dict[str, FloatArray]]  # kind of group and its name: figures [R]


def detection_figures(found: pd.DataFrame, animals: pd.DataFrame, least_score: float = 0.0) -> dict[str, Any]:
    """``map50 map50_95 map50_species recall precision boxes ignored_boxes detections``; boxes, recall and AP
    ``per_species``, ``per_size`` and ``per_height``.

    ``found`` is tables.DETECTIONS and ``animals`` the truth's ``ANIMALS``, both of the analysed frames. Recall,
    precision and ``detections`` are of those scored ``least_score`` and more. Figures without anything to measure are
    None.
    """
    sight = Sight.of([(found, animals)], least_score)
    marks = sight.marks(sight.counts, np.ones_like(sight.counts))
    told = {group: _plain(figures) for group, figures in detection(sight, np.ones((1, 1))).items()}
    every = told.pop(ALL)
    per: dict[str, dict[str, Any]] = {"species": {}, "size": {}, "height": {}}
    for (kind, name), figures in told.items():
        per[kind][name] = figures
    return {
        "map50": every["map50"],
        "map50_95": every["map50_95"],
        "map50_species": every["map50_species"],
        "recall": every["recall"],
        "precision": every["precision"],
        "boxes": every["boxes"],
        "ignored_boxes": int((~sight.counts).sum()),
        "detections": int(marks.told.sum()),
        **{f"per_{kind}": groups for kind, groups in per.items()},
    }


def _plain(figures: dict[str, FloatArray]) -> dict[str, Any]:
    values = {name: float(value[0]) for name, value in figures.items()}
    plain = {name: value if np.isfinite(value) else None for name, value in values.items()}
    return plain | {"boxes": int(values["boxes"])}


def detection(sight: Sight, weights: FloatArray) -> Groups:
    """Of all ``boxes recall precision map50 map50_95 map50_species map50_95_species``; ``boxes recall ap50 ap50_95`` by
    species, size and height, where there are true boxes.

    ``weights [R, recordings]`` is how often each recording counts. ``map50`` is over one class, ``map50_species`` the
    mean over species. Only of all is there a ``precision``: nobody knows which size a false box would have had.
    """
    whole = sight.marks(sight.counts, np.ones_like(sight.counts))
    species = _by_species(sight, whole, weights)
    every = _recalled(whole, weights) | {"precision": _precision(whole, weights)}
    for name, values in precisions(whole, weights).items():
        each = {group: figures[name] for group, figures in species.items()}
        mean = pd.DataFrame(each, index=range(len(weights))).mean(axis=1)
        every |= {f"m{name}": values, f"m{name}_species": mean.to_numpy(np.float64)}
    return {
        ALL: every,
        **species,
        **_by_bins(sight, "size", AREAS, boxes.area, weights),
        **_by_bins(sight, "height", HEIGHTS, _heights, weights),
    }


def _by_species(sight: Sight, whole: Marks, weights: FloatArray) -> Groups:
    """Recall of each species, whatever it was called; its own AP where any of the names agree."""
    names, called = sight.animals["species"], sight.found["species"]
    agree = bool(set(names) & set(called))
    made: Groups = {}
    for name in sorted(set(names[sight.counts])):
        own = np.asarray(names == name)
        true, taken = (weights @ sight.number(own & chosen) for chosen in (sight.counts, whole.taken))
        nothing = np.full(len(weights), np.nan)
        ap = {"ap50": nothing, "ap50_95": nothing}
        if agree:
            ap = precisions(sight.marks(own, own, called=np.asarray(called == name)), weights)
        made["species", str(name)] = {"boxes": true, "recall": _share(taken, true)} | ap
    return made


def _by_bins(
    sight: Sight, kind: str, bins: dict[str, tuple[float, float]], measure: Callable[[FloatArray], FloatArray],
    weights: FloatArray,
) -> Groups:  # fmt: skip
    """As COCO has it: true boxes of other bins count neither way, nor do misplaced detections of their size."""
    true, found = (measure(table[BOX].to_numpy(np.float64)) for table in (sight.animals, sight.found))
    made: Groups = {}
    for name, (low, high) in bins.items():
        inside = (true >= low) & (true < high)
        if (inside & sight.counts).any():
            marks = sight.marks(inside, np.ones_like(inside), inside=(found >= low) & (found < high))
            made[kind, name] = _recalled(marks, weights) | precisions(marks, weights)
    return made


def _heights(xyxy: FloatArray) -> FloatArray:
    return np.asarray(xyxy[:, 3] - xyxy[:, 1])


def _recalled(marks: Marks, weights: FloatArray) -> dict[str, FloatArray]:
    true = weights @ marks.true
    return {"boxes": true, "recall": _share(weights[:, marks.unit] @ marks.right, true)}


def _precision(marks: Marks, weights: FloatArray) -> FloatArray:
    counted = weights[:, marks.unit]
    return _share(counted @ marks.right, counted @ marks.told)


def precisions(marks: Marks, weights: FloatArray) -> dict[str, FloatArray]:
    """``ap50`` and ``ap50_95``, ``[R]`` each."""
    step = max(1, _LARGEST // max(1, len(marks.unit)))
    parts = [
        [average_precision(hit, kept * part[:, marks.unit], part @ marks.true) for hit, kept in _levels(marks)]
        for part in (weights[k : k + step] for k in range(0, len(weights), step))
    ]
    by_level = np.concatenate([np.stack(part) for part in parts], axis=1)  # [T, R]
    return {"ap50": by_level[0], "ap50_95": by_level.mean(axis=0)}


def _levels(marks: Marks) -> Iterator[tuple[BoolArray, BoolArray]]:
    return zip(marks.hit, marks.kept, strict=True)


def average_precision(hit: BoolArray, weights: FloatArray, true: FloatArray) -> FloatArray:
    """AP ``[R]`` of detections by falling score, ``hit [n]``, that count ``weights [R, n]`` times, against ``true [R]``
    boxes; NaN where there are none.

    ::

        hit         1    0    1            of 2 true boxes
        recall      .5   .5   1.
        precision   1.   .5   .67   made non-increasing 1 .67 .67: (51 * 1 + 50 * .67) / 101 = 0.835
    """
    return np.where(true > 0, _read(hit, weights, true).mean(axis=1), np.nan)


def curve(marks: Marks) -> pd.DataFrame:
    """Precision at each recall for some least overlaps, as AP reads it: ``least_iou recall precision``."""
    once, true = np.ones(len(marks.unit)), np.array([marks.true.sum()], dtype=np.float64)
    parts = []
    for level in SHOWN:
        precision = _read(marks.hit[level], (once * marks.kept[level])[None], true)[0]
        parts.append(pd.DataFrame({"least_iou": LEAST[level], "recall": RECALLS, "precision": precision}))
    return pd.concat(parts, ignore_index=True)


def _read(hit: BoolArray, weights: FloatArray, true: FloatArray) -> FloatArray:
    """Non-increasing precision at each of ``RECALLS`` ``[R, 101]``, 0 where that recall is not reached."""
    right, passed = np.cumsum(weights * hit, axis=1), np.cumsum(weights, axis=1)
    recall, precision = right / np.maximum(true, 1)[:, None], right / np.maximum(passed, 1)
    falling = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    rows = zip(falling, recall, strict=True)
    return np.stack([np.append(values, 0.0)[np.searchsorted(reached, RECALLS - 1e-12)] for values, reached in rows])


def _share(part: FloatArray, of: FloatArray) -> FloatArray:
    return np.asarray(np.divide(part, of, out=np.full(np.shape(of), np.nan), where=of > 0))
