"""What a detector's folder reaches on held-out pictures: AP at an IoU of 0.5, and its mean over 0.5 to 0.95.

COCO's figures (Lin et al. 2014): of each species, their mean, and of small, medium and large boxes, by the root of a
box's area in the picture as the network is shown it. Boxes that were left out of the labels are ignore regions. There
is no limit to the detections of a picture. What is judged is what was saved: the folder, as ``ethopipe run`` opens it,
with one box and one species an animal. ultralytics' own figures, in the lines and curves of the epochs, let an animal
be several species at once and are higher where two are easily confused.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray, area
from pipeline.chain.progress import Meter
from pipeline.comparison.detection import assigned, average_precision
from pipeline.detectors.yolo import YoloDetector
from pipeline.tables import BOX
from pipeline.training.yolo_set import HELD, SMALL_PX, YoloSet
from pipeline.types import BoolArray, Detections, Video, VideoInfo
from pipeline.video.frames import ArrayFrame
from pipeline.video.probe import read_still

IOUS = [round(0.5 + 0.05 * k, 2) for k in range(10)]
LARGE_PX = 96.0  # COCO's bound of large objects
SIZES = {"small": (0.0, SMALL_PX), "medium": (SMALL_PX, LARGE_PX), "large": (LARGE_PX, np.inf)}
_LEAST_SCORE, _IOU, _AT_ONCE = 0.01, 0.5, 16


def judged(folder: Path, pictures: YoloSet, image_px: int, device: str, meter: Meter) -> dict[str, float]:
    """Figures of the held-out pictures by name, as ``map50``, ``map50_95_zebra``, ``map50_small``.

    A figure without a box to measure it by is left out.
    """
    paths = pictures.images(HELD)
    meter.expect(len(paths))
    found = pd.concat(_found(folder, paths, image_px, device, meter), ignore_index=True)
    number = {path.name: k for k, path in enumerate(paths)}
    truth = pictures.boxes[pictures.boxes["part"] == HELD]
    truth = truth.assign(frame=truth["picture"].map(number)).reset_index(drop=True)
    return figures(found, truth, pictures.species)


def figures(found: pd.DataFrame, truth: pd.DataFrame, species: tuple[str, ...]) -> dict[str, float]:
    """Figures of detections ``frame species score x1 y1 x2 y2`` against boxes ``frame species x1 .. y2 left_out``."""
    table = {name: _precisions(found, truth, name) for name in species}  # each by size
    told: dict[str, float] = {}
    for size in ("", *SIZES):
        suffix = f"_{size}" if size else ""
        values = [of[size] for of in table.values() if size in of]
        if values:
            mean = np.mean(values, axis=0)
            told |= {f"map50{suffix}": float(mean[0]), f"map50_95{suffix}": float(mean.mean())}
    for name, of in table.items():
        if "" in of:
            told |= {f"map50_{name}": float(of[""][0]), f"map50_95_{name}": float(of[""].mean())}
    return told


def _precisions(found: pd.DataFrame, truth: pd.DataFrame, species: str) -> dict[str, FloatArray]:
    """AP at each of ``IOUS [10]`` of a species: of all its boxes (""), and of those of each size that there are."""
    mine = truth[(truth["species"] == species).to_numpy()].reset_index(drop=True)
    called = found[(found["species"] == species).to_numpy()].reset_index(drop=True)
    kept = (mine["left_out"] == "").to_numpy()
    sides = {"": (kept, np.ones(len(called), dtype=bool))}
    sides |= {name: (kept & _within(mine, bounds), _within(called, bounds)) for name, bounds in SIZES.items()}
    return {name: _by_iou(called, mine, *both) for name, both in sides.items() if both[0].any()}


def _by_iou(called: pd.DataFrame, mine: pd.DataFrame, counts: BoolArray, sized: BoolArray) -> FloatArray:
    """AP at each IoU; a detection that hits nothing counts where its own size does."""
    made = []
    for match in IOUS:
        order, hit, ignored, _ = assigned(called, mine, counts, match)
        kept = ~ignored[order] & (hit | sized)[order]
        made.append(average_precision(hit[order][kept], int(counts.sum())) or 0.0)
    return np.array(made)


def _within(rows: pd.DataFrame, bounds: tuple[float, float]) -> BoolArray:
    """Is the root of a box's area in [low, high)?"""
    side = np.sqrt(area(rows[BOX].to_numpy(np.float64)))
    return np.asarray((side >= bounds[0]) & (side < bounds[1]))


def _found(folder: Path, paths: list[Path], image_px: int, device: str, meter: Meter) -> Iterator[pd.DataFrame]:
    """The detections of each picture as rows; ``frame`` is its place."""
    detector = YoloDetector(
        model=str(folder), image_px=image_px, classes=[], species={}, min_score=_LEAST_SCORE, iou=_IOU, tiles=[0],
        overlap=0.0, period_s=0.0, batch=_AT_ONCE, device=device, half=False,
    )  # fmt: skip
    still = VideoInfo(image_px, image_px, Fraction(1), 1, "jpg", "rgb24", 0, still=True)
    detector.begin(Video(folder.name, folder), still)
    for start in range(0, len(paths), _AT_ONCE):
        some = paths[start : start + _AT_ONCE]
        frames = [ArrayFrame(start + k, 0.0, read_still(path)) for k, path in enumerate(some)]
        answers = detector.detect(frames, np.eye(3))
        yield from (_rows(frame.index, answer) for frame, answer in zip(frames, answers, strict=True))
        meter.advance(len(some))


def _rows(place: int, found: Detections) -> pd.DataFrame:
    boxes = pd.DataFrame(found.xyxy, columns=BOX)
    return boxes.assign(frame=place, score=found.score, species=found.species)
