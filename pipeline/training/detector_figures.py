"""What a detector's folder reaches on held-out pictures, counted as ``ethopipe evaluate`` counts (``comparison/``).

What is judged is what was saved: the folder, as ``ethopipe run`` opens it, with one box and one species an animal.
ultralytics' own figures, in the lines and curves of the epochs, let an animal be several species at once and are higher
where two are easily confused. Boxes that were left out of the labels count neither way.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.chain.progress import Meter
from pipeline.comparison.detection import detection_figures
from pipeline.detectors.yolo import YoloDetector
from pipeline.tables import BOX
from pipeline.training.yolo_set import HELD, YoloSet
from pipeline.types import Detections, Video, VideoInfo
from pipeline.video.frames import ArrayFrame
from pipeline.video.probe import read_still

_LEAST_SCORE, _IOU, _AT_ONCE = 0.01, 0.5, 16
_ALL = ("map50", "map50_95", "map50_species", "recall")  # precision is that of the least score


def judged(folder: Path, pictures: YoloSet, image_px: int, device: str, meter: Meter) -> dict[str, float]:
    """Figures of the held-out pictures by name, as ``figures`` gives them."""
    paths = pictures.images(HELD)
    meter.expect(len(paths))
    found = pd.concat(_found(folder, paths, image_px, device, meter), ignore_index=True)
    number = {path.name: k for k, path in enumerate(paths)}
    truth = pictures.boxes[pictures.boxes["part"] == HELD]
    return figures(found, truth.assign(frame=truth["picture"].map(number)).reset_index(drop=True))


def figures(found: pd.DataFrame, truth: pd.DataFrame) -> dict[str, float]:
    """``map50 map50_95`` of any animal, ``map50_species``, ``recall``; ``ap50_zebra``, ``ap50_95_small`` and alike.

    ``found`` has ``frame species score x1 y1 x2 y2``, ``truth`` ``frame species x1 y1 x2 y2 left_out``. A figure
    without a box to measure it by is left out, and all are where there is none.
    """
    told = detection_figures(found, truth.assign(visible=(truth["left_out"] == "").astype(float), inside=1.0))
    if not told["boxes"]:
        return {}
    named: dict[str, Any] = {name: told[name] for name in _ALL}
    for groups in (told["per_species"], told["per_size"]):
        for group, of in groups.items():
            named |= {f"{name}_{group}": of[name] for name in ("ap50", "ap50_95")}
    return {name: float(value or 0.0) for name, value in named.items()}  # None: nothing was called by any of the names


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
