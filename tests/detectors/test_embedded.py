import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from safetensors.numpy import load_file, save_file

from pipeline.checksums import read_sums
from pipeline.detectors import folder, weights
from pipeline.detectors.folder import ARCHITECTURE, WEIGHTS, DetectorCard, read_card, write_folder
from pipeline.detectors.yolo import YoloDetector
from pipeline.errors import ModelError, UsageError
from pipeline.model_folder import CARD, write_card
from pipeline.types import Detections, Image
from pipeline.video.frames import ArrayFrame

SPECIES = ("plains_zebra", "giraffe")
Configured = Callable[..., YoloDetector]


@pytest.fixture(scope="session")
def network() -> tuple[dict[str, Any], dict[str, Any]]:
    """Random weights of a network for two species, and its description."""
    weights.prepared()
    import torch
    from ultralytics.nn.tasks import DetectionModel

    torch.manual_seed(0)
    described = folder.architecture(len(SPECIES))
    return DetectionModel(described, verbose=False).state_dict(), described


@pytest.fixture
def made(network: tuple[dict[str, Any], dict[str, Any]], tmp_path: Path) -> Path:
    """A whole folder of it."""
    write_folder(tmp_path / "small", *network, DetectorCard("small", SPECIES, 64))
    return tmp_path / "small"


def looked_at(detector: YoloDetector, image: Image) -> Detections:
    detector.begin(None, None)  # type: ignore[arg-type]
    return detector.detect([ArrayFrame(0, 0.0, image)], np.eye(3)[None])[0]


def noise(seed: int = 0) -> Image:
    return np.random.default_rng(seed).integers(0, 255, (54, 96, 3), dtype=np.uint8)


def embedded(configured: Configured, made: Path, **changes: Any) -> YoloDetector:
    small = {"image_px": 96, "min_score": 1e-9, "iou": 0.9}
    return configured("detector", "embedded", **{"model": str(made), **small, **changes})


def test_a_folder_detects_and_twice_the_same(configured: Configured, made: Path) -> None:
    first, again = (looked_at(embedded(configured, made), noise()) for _ in range(2))
    assert len(first) > 0
    assert set(first.species) <= set(SPECIES)
    assert (first.xyxy >= 0).all()
    assert (first.xyxy <= [96, 54, 96, 54]).all()
    assert first.xyxy.tobytes() == again.xyxy.tobytes()
    assert first.score.tobytes() == again.score.tobytes()


def test_the_card_is_written_with_hashes_and_read_back(made: Path) -> None:
    card = read_card(made)
    assert dataclasses.replace(card, sha256={}) == DetectorCard("small", SPECIES, 64)
    assert sorted(card.sha256) == [ARCHITECTURE, WEIGHTS]
    assert sorted(read_sums(made)) == [ARCHITECTURE, CARD, WEIGHTS]


def test_it_is_small_half_in_the_large_and_single_in_the_small(made: Path) -> None:
    assert (made / WEIGHTS).stat().st_size < 6e6
    kinds = {(array.ndim > 1, str(array.dtype)) for array in load_file(made / WEIGHTS).values()}
    assert kinds == {(True, "float16"), (False, "float32")}


def test_only_the_classes_asked_for_come_out_renamed(configured: Configured, made: Path) -> None:
    detector = embedded(configured, made, classes=["plains_zebra"], species={"plains_zebra": "quagga"})
    assert set(looked_at(detector, noise()).species) == {"quagga"}


def test_a_name_is_found_among_our_models(configured: Configured, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.model_folder.models_folder", lambda: made.parent)
    assert weights.found("small") == made
    assert len(looked_at(embedded(configured, made, model="small"), noise())) > 0


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"species": ("plains_zebra",)}, r"model small has 2 outputs, its card names 1 species"),  # a name forgotten
        ({"species": (*SPECIES, "impala")}, r"model small has 2 outputs, its card names 3 species"),  # one too many
        ({"sha256": {WEIGHTS: "00ff"}}, r"not the files that its card describes: model.safetensors"),  # other weights
    ],
)
def test_a_card_that_does_not_fit_its_weights(
    configured: Configured, made: Path, changes: dict[str, Any], text: str
) -> None:
    write_card(made, dataclasses.replace(read_card(made), **changes))
    with pytest.raises(ModelError, match=text):
        looked_at(embedded(configured, made), noise())


def test_a_class_that_it_does_not_know(configured: Configured, made: Path) -> None:
    with pytest.raises(UsageError, match=r"has no class 'zebra'; it has: plains_zebra, giraffe"):
        looked_at(embedded(configured, made, classes=["zebra"]), noise())


def unhashed(made: Path) -> None:
    write_card(made, dataclasses.replace(read_card(made), sha256={}))


def without_a_tensor(made: Path) -> None:
    state = load_file(made / WEIGHTS)
    del state["model.0.conv.weight"]
    save_file(state, made / WEIGHTS)


def of_another_width(made: Path) -> None:
    described = yaml.safe_load((made / ARCHITECTURE).read_text())
    described["scales"]["n"][1] = 0.5
    (made / ARCHITECTURE).write_text(yaml.safe_dump(described))


@pytest.mark.parametrize(
    ("spoil", "text"),
    [
        (without_a_tensor, r"is not of the network in architecture.yaml: 1 tensors differ, as model.0.conv.weight"),
        (of_another_width, r"is not of the network in architecture.yaml: \d+ tensors differ"),
        (lambda made: (made / ARCHITECTURE).unlink(), r"holds no architecture.yaml"),
        (lambda made: (made / WEIGHTS).unlink(), r"holds no weights: model.safetensors is missing"),
        (lambda made: (made / WEIGHTS).rename(made / "best.pt"), r"pickled weights only \(best.pt\)"),
        (lambda made: (made / WEIGHTS).write_bytes(b"x" * 99), r"is damaged or not safetensors"),
        (lambda made: (made / CARD).write_text("name: x\nnames: [a]"), r"unknown names .*; missing species"),
        (lambda made: (made / CARD).write_text("{name: x, species: [a, a], image_px: 64}"), r"twice here: a"),
    ],
)
def test_a_spoilt_folder(configured: Configured, made: Path, spoil: Callable[[Path], Any], text: str) -> None:
    unhashed(made)
    spoil(made)
    with pytest.raises(ModelError, match=text):
        looked_at(embedded(configured, made), noise())


def test_a_folder_without_a_card_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is no exported model: .* and one of ours holds card.yaml"):
        weights.found(str(tmp_path))
