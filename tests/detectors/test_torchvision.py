import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import URLError

import numpy as np
import pytest

from pipeline.detectors.torchvision import TorchvisionDetector, _let
from pipeline.errors import MissingPart, ModelError, UsageError
from pipeline.types import Detections
from pipeline.video.frames import ArrayFrame

Configured = Callable[..., TorchvisionDetector]
SMALL = "ssdlite320_mobilenet_v3_large"


class Stranger:
    """What a checkpoint must not bring along."""


def network(outputs: int) -> Any:
    """The smallest of torchvision's detectors, with random weights."""
    import torch
    from torchvision.models import get_model

    torch.manual_seed(0)
    return get_model(SMALL, weights=None, weights_backbone=None, num_classes=outputs)


@pytest.fixture(scope="session")
def states(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """State dicts of a network with three outputs, in both formats, one of them without the counters of training."""
    import torch
    from safetensors.torch import save_file

    folder = tmp_path_factory.mktemp("torchvision")
    state = network(3).state_dict()
    save_file(state, folder / "two.safetensors")
    torch.save({k: v for k, v in state.items() if not k.endswith("num_batches_tracked")}, folder / "two.pt")
    torch.save({"model": Stranger()}, folder / "stranger.pt")
    torch.save([1, 2], folder / "list.pt")
    torch.save(torch.nn.Linear(2, 2).state_dict(), folder / "linear.pt")
    (folder / "text.safetensors").write_text("these are no weights")
    return folder


@pytest.fixture
def detector(configured: Configured, states: Path) -> Configured:
    """The detector as configured, small, with random weights for zebra and giraffe, and every box kept."""

    def make(**changes: Any) -> TorchvisionDetector:
        small = {"model": SMALL, "weights": str(states / "two.safetensors"), "names": ["zebra", "giraffe"]}
        return configured("detector", "torchvision", **{**small, "classes": [], "min_score": 1e-6, **changes})

    return make


def looked_at(detector: TorchvisionDetector) -> Detections:
    detector.begin(None, None)  # type: ignore[arg-type]
    image = np.random.default_rng(0).integers(0, 255, (90, 120, 3), dtype=np.uint8)
    return detector.detect([ArrayFrame(0, 0.0, image)], np.eye(3)[None])[0]


def test_a_network_leaves_out_no_more_than_is_asked(detector: Configured, states: Path) -> None:
    from torchvision.models import get_model

    asked = detector(min_score=0.003, iou=0.9)
    looked_at(asked)
    own = asked._network
    assert (own.score_thresh, own.nms_thresh, own.detections_per_img) == (0.003, 0.9, 1000)
    twice = get_model("fasterrcnn_mobilenet_v3_large_fpn", weights=None, weights_backbone=None, num_classes=3)
    _let(twice, {"score_thresh": 0.003, "nms_thresh": 0.9, "detections_per_img": 1000})
    heads = twice.roi_heads
    assert (heads.score_thresh, heads.nms_thresh, heads.detections_per_img) == (0.003, 0.9, 1000)


@pytest.mark.parametrize("weights", ["two.safetensors", "two.pt"])
def test_a_state_dict_gives_boxes_in_the_frame(detector: Configured, states: Path, weights: str) -> None:
    answer = looked_at(detector(weights=str(states / weights)))
    assert len(answer) > 0
    assert (answer.xyxy >= 0).all()
    assert (answer.xyxy <= [120, 90, 120, 90]).all()
    assert set(answer.species) <= {"zebra", "giraffe"}


def test_both_formats_are_one_model(detector: Configured, states: Path) -> None:
    first, second = looked_at(detector()), looked_at(detector(weights=str(states / "two.pt")))
    assert first.xyxy.tobytes() == second.xyxy.tobytes()


def test_only_sure_boxes_of_the_classes_asked_for(detector: Configured) -> None:
    import torch

    one = detector(classes=["giraffe"], species={"giraffe": "okapi"}, min_score=0.5)
    one.begin(None, None)  # type: ignore[arg-type]
    boxes = torch.tensor([[0.0, 0, k, k] for k in range(1, 5)])  # the third is sure enough and a giraffe, output 2
    answer = {"boxes": boxes, "scores": torch.tensor([0.9, 0.4, 0.5, 0.8]), "labels": torch.tensor([1, 2, 2, 0])}
    found = one._translated(answer)
    assert (found.xyxy.tolist(), found.score.tolist(), found.species.tolist()) == ([[0, 0, 3, 3]], [0.5], ["okapi"])


def test_published_weights_are_fetched_and_named_after_coco(
    detector: Configured, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = network(91).state_dict()
    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", lambda *_, **__: state)
    found = detector(weights="DEFAULT", names=[], classes=["zebra"])
    found.begin(None, None)  # type: ignore[arg-type]
    assert found._species == {24: "zebra"}  # COCO's number of the zebra, with gaps


def test_offline_says_what_to_do(detector: Configured, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: Any, **__: Any) -> None:
        raise URLError("Name or service not known")

    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", unreachable)
    text = (
        rf"cannot get the weights of {SMALL} \(.*not known.*\); download https://.*\.pth once and give detector.weights"
    )
    with pytest.raises(MissingPart, match=text):
        looked_at(detector(weights="DEFAULT", names=[]))


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        # a head of another size than the names
        (
            {"names": ["zebra"]},
            ModelError,
            r"two.safetensors has a head of 3 outputs, but detector.names gives 2: 1 class",
        ),
        (
            {"names": []},
            ModelError,
            r"has a head of 3 outputs, but detector.names gives 91: 90 classes and the background",
        ),
        (
            {"weights": "DEFAULT"},
            ModelError,
            rf"published {SMALL} has a head of 91 outputs, but detector.names gives 3",
        ),
        # a state dict of another network
        ({"weights": "linear.pt"}, ModelError, rf"linear.pt is no {SMALL}: \d+ names differ, the first is \S+"),
        # files that hold something else
        (
            {"weights": "stranger.pt"},
            ModelError,
            r"cannot load .*stranger.pt as data \(.*\); save the state dict as safet",
        ),
        (
            {"weights": "list.pt"},
            ModelError,
            r"list.pt holds no state dict: a .pt file of tensors by name, or safetensors",
        ),
        ({"weights": "text.safetensors"}, ModelError, r"cannot load .*text.safetensors as data"),
        ({"weights": "nowhere.pt"}, UsageError, r"no such file: .*nowhere.pt; detector.weights is DEFAULT or the path"),
        # a network, a class that there is not
        (
            {"model": "fasterrcnn"},
            UsageError,
            r"torchvision has no detector 'fasterrcnn'; it has: fasterrcnn_\w+, .*did you",
        ),
        (
            {"classes": ["zebr"]},
            UsageError,
            rf"model {SMALL} has no class 'zebr'; it has: zebra, giraffe; did you mean zebra",
        ),
    ],
)
def test_what_does_not_fit_is_named(
    detector: Configured, states: Path, change: dict[str, Any], error: type[Exception], text: str
) -> None:
    if change.get("weights", "DEFAULT") != "DEFAULT":
        change = {"weights": str(states / change["weights"])}
    with pytest.raises(error, match=text):
        looked_at(detector(**change))


def test_no_agpl_code_is_imported(states: Path) -> None:
    code = (
        "import sys; from pipeline.detectors.torchvision import TorchvisionDetector as D; "
        f"D([], {{}}, .5, .5, [0], .2, .2, 1, 'cpu', False, {SMALL!r}, {str(states / 'two.safetensors')!r}, "
        "['a', 'b']).begin(None, None); print('torch' in sys.modules, 'ultralytics' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "True False"
