"""Networks of every family: what the head is given, a head for other behaviours, and what is free to change."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.errors import MissingPart, UsageError
from pipeline.recognizers.card import Card, Clip
from pipeline.recognizers.folder import write_card
from pipeline.recognizers.preprocessing import Preprocessing
from pipeline.training.network import from_model
from pipeline.training.start import Start, scale
from pipeline.training.torchvision_network import from_torchvision
from tests.tiny_models import tiny_timesformer, tiny_videomae, tiny_vivit, tiny_vjepa2

FAMILIES = {"videomae": tiny_videomae, "timesformer": tiny_timesformer, "vivit": tiny_vivit, "vjepa2": tiny_vjepa2}


def s3d(folder: Path, behaviours: list[str]) -> Path:
    """torchvision's smallest video network as a model folder; it sees 16 frames of 224 pixels."""
    return of_torchvision("s3d", folder, behaviours, 16, 224)


def mc3(folder: Path, behaviours: list[str]) -> Path:
    """A residual network, which looks at 4 frames of 32 pixels in no time."""
    return of_torchvision("mc3_18", folder, behaviours, 4, 32)


def of_torchvision(name: str, folder: Path, behaviours: list[str], frames: int, side: int) -> Path:
    """One of torchvision's networks as a model folder: random weights, their norms fitted to noise."""
    from safetensors.torch import save_file
    from torchvision.models import get_model

    torch.manual_seed(0)
    folder.mkdir()
    network = get_model(name, weights=None, num_classes=len(behaviours))
    for part in network.modules():
        if isinstance(part, torch.nn.BatchNorm3d):
            part.momentum = 1.0
    with torch.no_grad():
        network.train()(torch.rand(2, 3, frames, side, side))
    save_file(network.state_dict(), folder / "model.safetensors")
    pixels = Preprocessing(resize=(side, side), crop=(), mean=(0.45,) * 3, std=(0.225,) * 3)
    card = Card("tiny", tuple(behaviours), Clip(frames, 0.1), architecture=name, preprocessing=pixels)
    write_card(folder, card)
    return folder


@pytest.fixture(scope="module")
def of_family(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A folder of each family, which knows A and B."""

    @cache
    def made(family: str) -> Path:
        make: Callable[..., Path] = s3d if family == "s3d" else FAMILIES[family]
        return make(tmp_path_factory.mktemp("families") / family, ["A", "B"])

    return made


def start(folder: Path, behaviours: list[str]) -> Start:
    if folder.name == "s3d":
        return from_torchvision(str(folder), None, behaviours, seed=0)
    return from_model(str(folder), behaviours, 0.1, seed=0)


@pytest.mark.parametrize("family", [*FAMILIES, "s3d"])
def test_logits_are_the_head_of_the_features(family: str, of_family: Callable[[str], Path]) -> None:
    one = start(of_family(family), ["B", "C", "A"])  # a new one between two that it knows
    assert one.behaviours == ("B", "C", "A")
    clips = torch.rand(2, one.clip.frames, 3, *one.size)
    one.model.eval()
    with torch.inference_mode():
        features, logits = one.features(clips), one.logits(one.model, clips)
    weight, bias = one.head_values()
    assert weight.shape == (3, features.shape[1])
    np.testing.assert_allclose(features.numpy() @ weight.T + bias, logits.numpy(), atol=1e-4)


@pytest.mark.parametrize("family", [*FAMILIES, "s3d"])
def test_known_behaviours_keep_their_rows(family: str, of_family: Callable[[str], Path]) -> None:
    before, bias = start(of_family(family), ["A", "B"]).head_values()
    after, offset = start(of_family(family), ["B", "C", "A"]).head_values()
    np.testing.assert_array_equal(after[[2, 0]], before)
    np.testing.assert_array_equal(offset[[2, 0]], bias)
    assert 0 < np.abs(after[1]).max() < 0.2


@pytest.mark.parametrize("family", [*FAMILIES, "s3d"])
def test_only_the_last_layers_are_free(family: str, of_family: Callable[[str], Path]) -> None:
    one = start(of_family(family), ["A", "B"])
    free = [sum(weight.numel() for weight in one.thawed(n).parameters() if weight.requires_grad) for n in (0, 1, 99)]
    everything = sum(weight.numel() for weight in one.thawed(None).parameters() if weight.requires_grad)
    head = sum(weight.numel() for weight in one.head.parameters())
    assert head <= free[0] < free[1] <= free[2] <= everything
    one.thawed(0)
    assert all(weight.requires_grad for weight in one.head.parameters())


def test_a_calibrated_head_gives_the_logits_that_are_asked_for(of_family: Callable[[str], Path]) -> None:
    one = start(of_family("videomae"), ["A", "B"])
    weight, bias = one.head_values()
    scale(one.head, np.array([0.5, 2.0]), np.array([0.0, 1.0]))
    after, offset = one.head_values()
    np.testing.assert_allclose(after, weight * [[0.5], [2.0]], rtol=1e-3, atol=1e-6)
    assert (np.float16(after) == after).all()  # as it is saved
    assert offset.tolist() == pytest.approx([bias[0] / 2, bias[1] * 2 + 1], abs=1e-3)


def test_what_cannot_be_started_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(UsageError, match=r"torchvision has no video network 'mvit_v9'; there are: mc3_18, mvit_v1_b"):
        from_torchvision("mvit_v9", "KINETICS400_V1", ["A"], 0)
    monkeypatch.setattr(
        "torch.hub.load_state_dict_from_url", lambda *_, **__: (_ for _ in ()).throw(OSError("offline"))
    )
    with pytest.raises(MissingPart, match=r"cannot be fetched .*; where there is a network download"):
        from_torchvision("s3d", "KINETICS400_V1", ["A"], 0)
