import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from pipeline.boxes import as_boxes, intersection, iou
from pipeline.detectors import weights
from pipeline.detectors.yolo import YoloDetector
from pipeline.errors import ModelError, UsageError
from pipeline.types import Detections, Image
from pipeline.video.frames import ArrayFrame

Configured = Callable[..., YoloDetector]
COCO_ANIMALS = {"bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"}


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small networks with random weights: ``detect.pt`` knows zebra and giraffe, ``classify.pt`` finds no boxes."""
    folder = tmp_path_factory.mktemp("yolo")
    os.environ["YOLO_CONFIG_DIR"] = str(folder)
    ultralytics = weights.prepared()
    import torch

    torch.manual_seed(0)
    for name, config in (("detect", "yolo11n.yaml"), ("classify", "yolo11n-cls.yaml")):
        network = ultralytics.YOLO(config)
        network.model.names = {k: f"thing {k}" for k in range(80)} | {0: "zebra", 1: "giraffe"}
        network.save(folder / f"{name}.pt")
    return folder


@pytest.fixture
def yolo(configured: Configured, checkpoints: Path) -> Configured:
    """The detector as configured, small, with random weights and every box kept."""

    def make(**changes: Any) -> YoloDetector:
        small = {"image_px": 64, "min_score": 1e-9, "tiles": [0], "classes": [], "iou": 0.9}
        return configured("detector", "yolo", **{"model": str(checkpoints / "detect.pt"), **small, **changes})

    return make


def looked_at(detector: YoloDetector, *images: Image) -> list[Detections]:
    detector.begin(None, None)  # type: ignore[arg-type]
    frames = [ArrayFrame(k, k / 10, image) for k, image in enumerate(images)]
    return detector.detect(frames, np.stack([np.eye(3)] * len(frames)))


def noise(seed: int, width: int = 120, height: int = 90) -> Image:
    return np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)


def test_a_checkpoint_gives_boxes_in_the_frame(yolo: Configured) -> None:
    answers = looked_at(yolo(), noise(0), noise(1))
    for answer in answers:
        assert len(answer) > 0
        assert (answer.xyxy >= 0).all()
        assert (answer.xyxy <= [120, 90, 120, 90]).all()
        assert ((answer.score > 0) & (answer.score <= 1)).all()


def test_only_the_classes_asked_for_come_out_and_under_their_species(yolo: Configured) -> None:
    answer = looked_at(yolo(classes=["zebra", "giraffe"], species={"giraffe": "okapi"}), noise(0))[0]
    assert set(answer.species) <= {"zebra", "okapi"}
    assert len(answer) > 0


def test_the_same_frames_give_the_same_bytes(yolo: Configured) -> None:
    first, again = (looked_at(yolo(tiles=[0, 64], batch=2), noise(0), noise(1), noise(2)) for _ in range(2))
    assert [a.xyxy.tobytes() for a in first] == [a.xyxy.tobytes() for a in again]
    assert [a.score.tobytes() for a in first] == [a.score.tobytes() for a in again]


def test_images_are_turned_to_the_order_of_channels_that_ultralytics_reads(
    yolo: Configured, monkeypatch: pytest.MonkeyPatch
) -> None:
    detector = yolo()
    detector.begin(None, None)  # type: ignore[arg-type]
    given: list[Image] = []
    monkeypatch.setattr(detector._network, "predict", lambda images, **_: given.extend(images) or [])
    detector._ask([np.full((2, 2, 3), [1, 2, 3], dtype=np.uint8)])
    assert given[0][0, 0].tolist() == [3, 2, 1]


def test_the_class_named_wrongly(yolo: Configured) -> None:
    with pytest.raises(
        UsageError, match=r"detect.pt has no class 'zebr'; it has: zebra, giraffe, .*did you mean zebra"
    ):
        looked_at(yolo(classes=["zebr"]), noise(0))


def test_a_model_that_finds_no_boxes(yolo: Configured, checkpoints: Path) -> None:
    text = r"classify.pt is made to classify; boxes come from models to detect, pose, segment"
    with pytest.raises(ModelError, match=text):
        looked_at(yolo(model=str(checkpoints / "classify.pt")), noise(0))


@pytest.mark.parametrize("image_px", [0, 650])
def test_image_sides_are_multiples_of_32(configured: Configured, image_px: int) -> None:
    with pytest.raises(UsageError, match=rf"image_px must be a multiple of 32, got {image_px}"):
        configured("detector", "yolo", image_px=image_px)


def test_the_configured_detector_reads_no_file_before_a_video_begins(configured: Configured) -> None:
    detector = configured("detector", "yolo")
    assert set(detector.classes) == COCO_ANIMALS
    assert (detector.tiles, detector.period_s) == ([0, 640, 1280, 2560], 0.2)


# From here on with real weights and real frames.


@pytest.fixture(scope="session")
def real() -> Path:
    if "ETHOPIPE_REAL" not in os.environ:
        pytest.skip("ETHOPIPE_REAL does not name the folder of real footage")
    return Path(os.environ["ETHOPIPE_REAL"])


@pytest.fixture
def real_yolo(configured: Configured, real: Path, checkpoints: Path) -> Configured:
    pytest.importorskip("openvino")
    model = str(real / "weights/yolov8n_int8_openvino_model")
    return lambda **changes: configured("detector", "yolo", **{"model": model, **changes})


def still(path: Path) -> Image:
    return np.ascontiguousarray(cv2.imread(str(path))[:, :, ::-1])


GIRAFFES = as_boxes([[2530, 1918, 2704, 2159], [3433, 1882, 3588, 2140], [2742, 2442, 3087, 2735]])


@pytest.mark.real
def test_three_giraffes_are_the_large_boxes_of_the_mixed_herd(real_yolo: Configured, real: Path) -> None:
    answer = looked_at(real_yolo(), still(real / "stills/mixed_herd6.jpg"))[0]
    sides = (answer.xyxy[:, 2:] - answer.xyxy[:, :2]).max(axis=1)
    large = answer[sides >= 200]  # px; the giraffes in front are 242 to 347, what stands behind them up to 140
    assert large.species.tolist() == ["giraffe"] * 3
    assert (iou(GIRAFFES, large.xyxy).max(axis=1) >= 0.8).all()
    assert not ((sides > 145) & (sides < 200)).any()


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "species", "least"),
    [
        ("plains_gazelle.jpg", "zebra", 5),  # five zebras among some sixty gazelles, which COCO does not know
        ("mixed_herd.png", "zebra", 3),  # four zebras in a row, two of them as one box
        ("mmla_boxes_drawn_DJI_0146_DJI_0146_DJI0146_002854.jpg", "zebra", 4),  # five, one taken for a cow
        ("mmla_boxes_drawn_DJI_0002_DJI_0002_DJI0002_002377.jpg", "giraffe", 2),  # two giraffes
    ],
)
def test_what_the_stills_show(real_yolo: Configured, real: Path, name: str, species: str, least: int) -> None:
    answer = looked_at(real_yolo(), still(real / "stills" / name))[0]
    assert (answer.species == species).sum() >= least


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize(
    ("giraffe", "tiles"),
    [
        (0, [0, 640, 1280, 2560]),  # 174 x 241 px in the tiles of the configuration
        (2, [0, 640, 1280, 2560]),  # 345 x 293 px, twice as long as what the smallest tiles share
        (2, [640]),  # and where no tile holds it whole
    ],
)
def test_a_giraffe_pasted_at_every_offset_over_the_seams_is_one_box(
    real_yolo: Configured, real: Path, giraffe: int, tiles: list[int]
) -> None:
    # tiles of 640 in 1100 x 900 px begin at x 0 and 460, y 0 and 260: the seams are x 460 to 640 and y 260 to 640
    frame = still(real / "stills/mixed_herd6.jpg")
    x1, y1, x2, y2 = GIRAFFES[giraffe].astype(int)
    patch = frame[y1 - 38 : y2 + 38, x1 - 38 : x2 + 38]
    box = np.array([38, 38, 38 + x2 - x1, 38 + y2 - y1])
    ground = np.full((900, 1100, 3), np.median(frame[2300:2500, 3500:4000].reshape(-1, 3), axis=0), dtype=np.uint8)
    detector = real_yolo(tiles=tiles)
    offsets = [(x, 100) for x in range(240, 650, 30)] + [(100, y) for y in range(0, 520, 40)]
    for x, y in [*offsets, *((k + 200, k) for k in range(0, 450, 40))]:
        image = ground.copy()
        image[y : y + patch.shape[0], x : x + patch.shape[1]] = patch
        truth = as_boxes(box + np.tile([x, y], 2))
        answer = looked_at(detector, image)[0]
        touching = answer[intersection(truth, answer.xyxy)[0] > 0]
        assert len(touching) == 1, f"{len(touching)} boxes at {x}, {y}: {touching.xyxy}"
        assert iou(touching.xyxy, truth)[0, 0] >= 0.8, f"{touching.xyxy} at {x}, {y}"


@pytest.mark.real
def test_another_size_of_image_is_not_ignored(real_yolo: Configured) -> None:
    text = r"was exported for images of 640 x 640 px and takes no other: set detector.image_px=640 \(got 1280\)"
    with pytest.raises(ModelError, match=text):
        looked_at(real_yolo(image_px=1280), noise(0))
