"""What a detector that was never trained on rendered animals calls them.

    python scripts/judge_render.py SIMULATED... [--model yolov8n_int8_openvino_model] [--min-score 0.25]

SIMULATED are folders that ``ethopipe simulate`` wrote: a video with its truth. Frames are looked at in tiles of 640 px
at their own scale. An animal is found where a box overlaps its own by an IoU of 0.5, and named where that box has the
detector's word for its species. Printed per species and per angle at which the camera looks down on the animal.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from pipeline import boxes
from pipeline.boxes import FloatArray
from pipeline.detectors.yolo import YoloDetector
from pipeline.errors import EthopipeError, UsageError
from pipeline.simulate.truth_files import read_truth
from pipeline.tables import BOX
from pipeline.types import BoolArray, Detections, Image
from pipeline.video.frames import ArrayFrame
from pipeline.video.source import find_videos

WORDS = {"plains_zebra": "zebra", "grevys_zebra": "zebra", "giraffe": "giraffe"}
COCO_ANIMALS = ["bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"]
VIEWS_DEG = [0, 15, 30, 45, 60, 75, 90]
MATCH = 0.5
TILE_PX = 640


def main() -> int:
    """Print the shares; 1 where a folder or the model cannot be read."""
    given = _given()
    try:
        detector = _detector(given.model, given.min_score)
        parts = [_judged(detector, folder, given) for folder in given.simulated]
    except EthopipeError as error:
        print(error, file=sys.stderr)
        return 1
    rows = pd.concat(parts, ignore_index=True)
    if rows.empty:
        print(f"no zebra or giraffe of {given.least_px:g} px and more in the frames looked at")
        return 0
    print(shares(rows, ["species"]), shares(rows, ["species", "view"]), sep="\n\n")
    if given.out:
        rows.to_csv(given.out, index=False)
    return 0


def shares(rows: pd.DataFrame, by: list[str]) -> str:
    """How many animals, and the shares found and named, in each group and in all."""
    figures = {"animals": ("named", "size"), "found": ("found", "mean"), "named": ("named", "mean")}
    table = rows.groupby(by, observed=True).agg(**figures).reset_index()
    total = {by[0]: "all", **dict.fromkeys(by[1:], ""), "animals": len(rows)}
    total |= {name: rows[name].mean() for name in ("found", "named")}
    whole = pd.concat([table.astype(dict.fromkeys(by, str)), pd.DataFrame([total])])
    return str(whole.to_string(index=False, float_format="%.3f"))


def named(found: Detections, true: pd.DataFrame) -> tuple[BoolArray, BoolArray]:
    """Which true animals ``[n]`` a box overlaps enough, and which of them such a box calls by their name."""
    alike = boxes.iou(true[BOX].to_numpy(np.float64), found.xyxy) >= MATCH
    right = true["species"].map(WORDS).to_numpy(object)[:, None] == found.species[None]
    return np.asarray(alike.any(axis=1)), np.asarray((alike & right).any(axis=1))


def down_deg(animals: pd.DataFrame, camera: pd.DataFrame) -> FloatArray:
    """Angle ``[n]`` below the horizon at which the camera of the same frame sees each animal's trunk."""
    at = camera.set_index("frame").loc[animals["frame"]]
    away = animals[["x_m", "y_m", "z_m"]].to_numpy(np.float64) - at[["x_m", "y_m", "z_m"]].to_numpy(np.float64)
    return np.asarray(np.degrees(np.arctan2(-away[:, 2], np.hypot(away[:, 0], away[:, 1]))))


def _judged(detector: YoloDetector, folder: Path, given: argparse.Namespace) -> pd.DataFrame:
    """One row a judged animal of a simulated video: species, view, found, named and where it was."""
    truth = read_truth(folder)
    animals = truth.animals[truth.animals["species"].isin(WORDS) & (truth.animals["frame"] % given.every == 0)]
    side = (animals[["x2", "y2"]].to_numpy() - animals[["x1", "y1"]].to_numpy()).max(axis=1, initial=0)
    animals = animals[
        (side >= given.least_px) & (animals["visible"] >= given.least_visible) & (animals["inside"] > 0.9)
    ]
    animals = animals.assign(video=folder.name, down_deg=down_deg(animals, truth.camera))
    animals["view"] = pd.cut(animals["down_deg"], VIEWS_DEG, right=False)
    parts = [animals.assign(found=False, named=False).iloc[:0]]
    for number, image in _pictures(folder, set(animals["frame"])):
        seen = detector.detect([ArrayFrame(number, 0.0, image)], np.eye(3)[None])[0]
        true = animals[animals["frame"] == number]
        is_found, is_named = named(seen, true)
        parts.append(true.assign(found=is_found, named=is_named))
    columns = ["video", "frame", "track", "species", "view", "down_deg", *BOX, "found", "named"]
    return pd.DataFrame(pd.concat(parts), columns=columns)


def _pictures(folder: Path, wanted: set[int]) -> Iterator[tuple[int, Image]]:
    """The wanted frames of the one video in a folder, RGB, in order."""
    videos = find_videos([str(path) for path in sorted(folder.glob("*.mp4"))])
    if len(videos) != 1:
        raise UsageError(f"expected one .mp4 in {folder}, found {len(videos)}")
    capture = cv2.VideoCapture(str(videos[0].path))
    for number in range(max(wanted, default=-1) + 1):
        if not capture.grab():
            raise UsageError(f"{videos[0].path} ends at frame {number}, its truth goes on")
        if number in wanted:
            yield number, np.ascontiguousarray(capture.retrieve()[1][:, :, ::-1])


def _detector(model: str, min_score: float) -> YoloDetector:
    made = YoloDetector(
        classes=COCO_ANIMALS,
        species={},
        min_score=min_score,
        iou=0.5,
        tiles=[TILE_PX],
        overlap=0.25,
        period_s=0.0,
        batch=8,
        device="cpu",
        half=False,
        model=model,
        image_px=TILE_PX,
    )
    made.begin(None, None)  # type: ignore[arg-type]  # a network remembers nothing of a video
    return made


def _given() -> argparse.Namespace:
    real = Path(os.environ.get("ETHOPIPE_REAL", "."))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("simulated", type=Path, nargs="+")
    parser.add_argument("--model", default=str(real / "weights" / "yolov8n_int8_openvino_model"))
    parser.add_argument("--min-score", type=float, default=0.25)
    parser.add_argument("--least-px", type=float, default=60.0, help="longer side of the boxes judged")
    parser.add_argument("--least-visible", type=float, default=0.7, help="share of an animal that must show")
    parser.add_argument("--every", type=int, default=15, help="one frame in so many")
    parser.add_argument("--out", type=Path, help="write one row an animal as CSV")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
