"""A detector that sees only a tile's pixels, at every offset over the seams."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import pytest

from pipeline.boxes import as_boxes, iou
from pipeline.detectors.network import NetworkDetector
from pipeline.types import Detections, Image
from pipeline.video.frames import ArrayFrame

SETTINGS = {
    "classes": [],
    "species": {},
    "min_score": 0.3,
    "iou": 0.5,
    "tiles": [0],
    "overlap": 0.25,
    "period_s": 0.2,
    "batch": 4,
    "device": "cpu",
    "half": False,
}


@dataclass
class Bright(NetworkDetector):
    """Finds bright patches. What ends at the picture's border scores higher and is taken for a cow."""

    sizes: list[list[tuple[int, ...]]] = field(init=False, default_factory=list)

    def _load(self) -> None:
        self.sizes.append([])

    def _predict(self, crops: list[Image]) -> list[Detections]:
        self.sizes.append([crop.shape for crop in crops])
        return [self._patches(crop) for crop in crops]

    def _patches(self, crop: Image) -> Detections:
        _, _, found, _ = cv2.connectedComponentsWithStats((crop[:, :, 0] > 128).astype(np.uint8))
        x, y, wide, high = found[1:, :4].T
        boxes = np.column_stack([x, y, x + wide, y + high])
        cut = (boxes[:, :2] == 0).any(axis=1) | (boxes[:, 2:] == crop.shape[1::-1]).any(axis=1)
        return Detections.of(boxes, np.where(cut, 0.9, 0.6), np.where(cut, "cow", "zebra"))


def picture(animals: Sequence[Sequence[int]], width: int = 250, height: int = 175) -> ArrayFrame:
    image = np.zeros((height, width, 3), dtype=np.uint8)
    for x1, y1, x2, y2 in animals:
        image[y1:y2, x1:x2] = 255
    return ArrayFrame(0, 0.0, image)


def found(detector: NetworkDetector, *frames: ArrayFrame) -> list[Detections]:
    return detector.detect(frames, np.stack([np.eye(3)] * len(frames)))


@pytest.mark.parametrize(
    ("animal", "tiles"),
    [
        ((15, 10), [80]),  # shorter than the overlap of 20 px
        ((15, 10), [0, 80]),  # and the whole frame as well
        ((36, 30), [80, 160]),  # longer than the overlap, whole in the next size
        ((100, 87), [0, 80]),  # larger than the smallest tile, whole in the frame
        ((100, 87), [80]),  # larger than any tile: nothing but fragments
        ((100, 10), [80, 160]),  # long and low
    ],
)
def test_one_box_at_every_offset_over_a_seam(animal: tuple[int, int], tiles: list[int]) -> None:
    # tiles of 80 px begin at x 0, 57, 113, 170 and at y 0, 48, 95: the first seams are x 57 to 80 and y 48 to 80
    detector = Bright(**{**SETTINGS, "tiles": tiles})
    wide, high = animal
    along = [(x, 38) for x in range(max(55 - wide, 1), 83)]
    down = [(38, y) for y in range(max(45 - high, 1), 83)]
    corners = [(k, k) for k in range(max(45 - high, 1), 83)]
    for x, y in along + down + corners:
        truth = as_boxes([x, y, x + wide, y + high])
        answer = found(detector, picture(truth.astype(int)))[0]
        assert len(answer) == 1, f"{len(answer)} boxes at {x}, {y}: {answer.xyxy}"
        assert iou(answer.xyxy, truth)[0, 0] >= 0.8, f"{answer.xyxy} at {x}, {y}"


def test_whole_animals_name_the_species() -> None:
    detector = Bright(**{**SETTINGS, "tiles": [0, 80]})
    answer = found(detector, picture([(75, 75, 90, 85)]))[0]
    assert (answer.species.tolist(), answer.share.tolist()) == (["zebra"], [1.0])


def test_two_animals_at_every_offset_stay_two() -> None:
    detector = Bright(**{**SETTINGS, "tiles": [0, 80]})
    for x in range(20, 83):
        animals = [(x, 38, x + 13, 48), (x + 15, 40, x + 28, 50)]
        answer = found(detector, picture(animals))[0]
        assert sorted(answer.xyxy.round(6).tolist()) == as_boxes(animals).tolist()


def test_empty_frames_and_frames_without_pixels() -> None:
    detector = Bright(**{**SETTINGS, "tiles": [0, 80]})
    answers = found(detector, picture([]), ArrayFrame(1, 0.2, np.zeros((0, 0, 3), dtype=np.uint8)))
    assert [len(answer) for answer in answers] == [0, 0]


def test_batches_hold_tiles_of_one_size_and_no_more_than_asked() -> None:
    detector = Bright(**{**SETTINGS, "tiles": [0, 160], "batch": 3})
    found(detector, *[picture([])] * 2)  # each the whole frame and 2 x 2 tiles
    assert [len(sizes) for sizes in detector.sizes] == [2, 3, 3, 2]
    assert all(len(set(sizes)) == 1 for sizes in detector.sizes)


def test_company_changes_nothing() -> None:
    detector = Bright(**{**SETTINGS, "tiles": [0, 80], "batch": 5})
    frames = [picture([(25 * k, 25, 25 * k + 22, 37)]) for k in range(4)]
    together = found(detector, *frames)
    alone = [found(detector, frame)[0] for frame in frames]
    assert [a.xyxy.tolist() for a in together] == [a.xyxy.tolist() for a in alone]


def test_weights_are_loaded_once() -> None:
    detector = Bright(**SETTINGS)
    detector.begin(None, None)  # type: ignore[arg-type]
    detector.begin(None, None)  # type: ignore[arg-type]
    assert len(detector.sizes) == 1
    assert not detector.previews


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"min_score": 0.0}, r"min_score must be in \(0, 1\], got 0.0"),
        ({"min_score": 1.5}, r"min_score must be in \(0, 1\], got 1.5"),
        ({"iou": 7.0}, r"iou must be in \(0, 1\], got 7.0"),
        ({"tiles": []}, r"tiles must be sides in px, 0 for the whole frame, at least one, got \[\]"),
        ({"tiles": [-640]}, r"tiles must be sides in px, .* got \[-640\]"),
        ({"overlap": 1.0}, r"overlap must be in \[0, 0.9\], got 1.0"),
        ({"period_s": -1.0}, "period_s must be >= 0, got -1.0"),
        ({"batch": 0}, "batch must be >= 1, got 0"),
    ],
)
def test_settings_are_checked(change: dict[str, object], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Bright(**{**SETTINGS, **change})


@pytest.mark.parametrize("module", ["device", "detectors.yolo", "detectors.torchvision"])
def test_importing_loads_no_network_library(module: str) -> None:
    code = f"import sys, pipeline.{module}; print({{'torch', 'torchvision', 'ultralytics'}} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "set()"
