import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from pipeline.errors import MissingPart, ModelError, UsageError
from pipeline.recognizers.card import Card, Clip
from pipeline.recognizers.folder import write_card
from pipeline.recognizers.preprocessing import Preprocessing
from pipeline.recognizers.torchvision import TorchvisionRecognizer, published_card, published_weights
from pipeline.types import Window

PIXELS = Preprocessing((32,), (32, 32), (0.45, 0.45, 0.45), (0.225, 0.225, 0.225), antialias=False)
CARD = Card("tiny", ("Walk", "Graze", "Run"), Clip(4, 1 / 6), architecture="mc3_18", preprocessing=PIXELS)


def window(seed=0, frames=4):
    images = np.random.default_rng(seed).integers(0, 256, (frames, 30, 40, 3), dtype=np.uint8)
    boxes = np.zeros((frames, 4))
    return Window(1, np.arange(frames), np.arange(frames) / 6, boxes, boxes, 10.0, 0, frames, False, images)


def recognizer(folder, **changes):
    settings = {"model": str(folder), "weights": None, "interval_s": None, "batch": 2, "device": "cpu", "half": False}
    return TorchvisionRecognizer(**{**settings, **changes})


def network(card, folder):
    """A folder with random weights of the card's network, and that network."""
    from torchvision.models import get_model

    torch.manual_seed(0)
    made = get_model(card.architecture, weights=None, num_classes=len(card.behaviours)).eval()
    folder.mkdir(exist_ok=True)
    save_file({name: tensor.contiguous() for name, tensor in made.state_dict().items()}, folder / "model.safetensors")
    write_card(folder, card)
    return made


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "mc3"
    return folder, network(CARD, folder)


@pytest.fixture
def folder(made, tmp_path):
    """The folder with a card to spoil; the weights are linked, not copied."""
    folder = tmp_path / "tiny"
    shutil.copytree(made[0], folder, copy_function=lambda a, b: shutil.os.link(a, b))
    (folder / "card.yaml").unlink()
    write_card(folder, CARD)
    return folder


def test_no_window(folder):
    assert recognizer(folder).score([]).shape == (0, 3)


def test_the_networks_own_answer(folder, made):
    batch = [window(1), window(2)]
    clips = PIXELS.apply(torch.from_numpy(np.stack([each.images for each in batch])))  # [B, T, C, H, W]
    with torch.inference_mode():
        expected = made[1](clips.permute(0, 2, 1, 3, 4)).softmax(1)
    scores = recognizer(folder).score(batch)
    assert scores == pytest.approx(expected.numpy(), abs=1e-5)
    assert scores.sum(axis=1) == pytest.approx(np.ones(2))


def test_the_interval_may_be_set(folder):
    assert recognizer(folder, interval_s=0.1).card.clip == Clip(4, 0.1)


@pytest.mark.parametrize(
    ("card", "error", "message"),
    [
        (replace(CARD, behaviours=("a", "b")), ModelError, "has 3 outputs, its card names 2 behaviours"),
        (replace(CARD, moments=2), ModelError, r"\(mc3_18\) answers once for a window: only a VideoMAE has moments"),
        (replace(CARD, preprocessing=None), ModelError, "its card does not say how its pixels are prepared"),
        (
            replace(CARD, architecture="resnet18"),
            UsageError,
            "no video network 'resnet18'; there are: mc3_18, mvit_v1_b",
        ),
        (replace(CARD, architecture=""), UsageError, "no video network ''; there are: mc3_18"),
        (replace(CARD, architecture="mvit_v2_s"), ModelError, r"sees 16 frames of 224 x 224 px, its card says \(4, 32"),
        (replace(CARD, sha256={"model.safetensors": "ab"}), ModelError, "not the files that its card describes"),
    ],
)
def test_a_card_that_does_not_fit_is_refused_when_made(folder, card, error, message):
    write_card(folder, card)
    with pytest.raises(error, match=message):
        recognizer(folder)


def test_weights_of_another_network_are_refused(folder):
    state = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    del state["stem.0.weight"]
    save_file(state, folder / "model.safetensors")
    with pytest.raises(
        ModelError, match=r'Error\(s\) in loading state_dict for VideoResNet: Missing key.*"stem.0.weight"'
    ):
        recognizer(folder).score([window()])


def test_no_such_folder(tmp_path):
    with pytest.raises(UsageError, match=r"no model folder .*nothing.*set recognizer.weights=KINETICS400_V1"):
        recognizer(tmp_path / "nothing")


def test_published_weights_are_named(tmp_path):
    with pytest.raises(UsageError, match="mvit_v2_s has no weights 'V9'; there are: KINETICS400_V1"):
        recognizer("mvit_v2_s", weights="V9")


def test_without_a_network_published_weights_are_an_error_at_once(monkeypatch, tmp_path, capsys):
    def offline(*args, **settings):
        raise OSError("no network")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("torch.hub.urlopen", offline)
    with pytest.raises(MissingPart, match=r"cannot be fetched \(no network\).*copy it to .*mvit_v2_s-ae3be167.pth"):
        recognizer("mvit_v2_s", weights="KINETICS400_V1")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("architecture", "frames", "interval_s", "crop"),
    [
        ("mvit_v2_s", 16, 1 / 7.5, (224, 224)),
        ("swin3d_t", 32, 1 / 15, (224, 224)),
        ("r2plus1d_18", 16, 1 / 15, (112, 112)),
        ("s3d", 128, 1 / 15, (224, 224)),
    ],
)
def test_thepublished_card_weights(architecture, frames, interval_s, crop):
    published = published_weights(architecture, "KINETICS400_V1")
    card = published_card(architecture, published)
    assert (card.clip, card.preprocessing.crop, len(card.behaviours)) == (Clip(frames, interval_s), crop, 400)
    said = published.meta["_docs"]  # where the numbers come from
    assert f"clip_len={frames}" in said
    assert f"frame_rate={1 / interval_s:g}" in said


@pytest.mark.parametrize("shape", [(1, 4, 300, 400, 3), (1, 4, 90, 141, 3)])
def test_the_same_pixels_as_torchvisions_own_preset(shape):
    published = published_weights("mvit_v2_s", "KINETICS400_V1")
    clips = torch.from_numpy(np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8))
    expected = published.transforms()(clips.permute(0, 1, 4, 2, 3)).transpose(1, 2)
    out = published_card("mvit_v2_s", published).preprocessing.apply(clips)
    assert float((out - expected).abs().max()) < 1e-3


@pytest.mark.slow
@pytest.mark.parametrize(("architecture", "frames"), [("mvit_v2_s", 16), ("swin3d_t", 16)])
def test_the_video_transformers(architecture, frames, tmp_path):
    pixels = replace(PIXELS, resize=(224,), crop=(224, 224))
    network(replace(CARD, architecture=architecture, clip=Clip(frames, 1 / 6), preprocessing=pixels), tmp_path / "x")
    scores = recognizer(tmp_path / "x").score([window(frames=frames)])
    assert scores.sum() == pytest.approx(1)


def test_settings_say_what_is_wrong(folder, configured):
    with pytest.raises(UsageError, match="batch must be >= 1, got 0"):
        configured("recognizer", "torchvision", model=str(folder), batch=0)
