import json
import math
import shutil

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from pipeline.artifacts import file_hash
from pipeline.errors import MissingPart, ModelError, UsageError
from pipeline.formats.scores import KABR
from pipeline.recognizers.card import Card, Clip
from pipeline.recognizers.network import Network
from pipeline.recognizers.preprocessing import Preprocessing
from pipeline.recognizers.slowfast import Checkpoint, read_checkpoint
from pipeline.recognizers.x3d import X3DRecognizer
from pipeline.recognizers.x3d_config import config_of
from pipeline.recognizers.x3d_network import layers, logits
from pipeline.types import Window
from tests.tiny_models import tiny_x3d, x3d_settings


def window(seed=0, frames=4, size=(64, 96)):
    images = np.random.default_rng(seed).integers(0, 256, (frames, *size, 3), dtype=np.uint8)
    boxes = np.zeros((frames, 4))
    return Window(1, np.arange(frames), np.arange(frames) / 6, boxes, boxes, 10.0, 0, frames, False, images)


def recognizer(path, **changes):
    settings = {"model": str(path), "behaviours": [], "classes_json": None, "channels": None, "interval_s": None}
    return X3DRecognizer(**{**settings, "batch": 2, "device": "cpu", "half": False, **changes})


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    path = tmp_path_factory.mktemp("checkpoints") / "tiny.pyth"
    tiny_x3d(path, x3d_settings(8))
    return path


def three(folder, **changes):
    """A checkpoint of three outputs."""
    tiny_x3d(folder / "three.pyth", x3d_settings(3, changes))
    return folder / "three.pyth"


def test_no_window(tiny):
    assert recognizer(tiny).score([]).shape == (0, 8)


def test_the_card_says_what_the_checkpoint_says(tiny):
    card = recognizer(tiny).card
    assert (card.name, card.behaviours, card.activation, card.architecture) == ("tiny", KABR, "sigmoid", "x3d")
    assert card.clip == Clip(4, 5 * 1001 / 30000)  # every fifth frame at 29.97 frames/s
    assert card.preprocessing == Preprocessing((64,), (), (0.45,) * 3, (0.225,) * 3, antialias=False)


def by_hand(path, one, blue_first):
    """Probabilities [K] as kabr-tools has them: OpenCV resizes, every position is scored, the mean is taken."""
    checkpoint = read_checkpoint(path)
    shape = config_of(checkpoint).shape
    network = layers(shape).eval()
    network.load_state_dict(checkpoint.state)
    height, width = one.images.shape[1:3]
    short = min(height, width)
    size = (math.floor(width * 64 / short), math.floor(height * 64 / short))
    frames = [each if short == 64 else cv2.resize(each, size, interpolation=cv2.INTER_LINEAR) for each in one.images]
    pixels = (np.stack(frames) / 255 - 0.45) / 0.225  # [T, H, W, C]
    clip = torch.from_numpy(pixels).float().permute(3, 0, 1, 2)[None]
    with torch.inference_mode():
        found = logits(network, clip.flip(1) if blue_first else clip, shape.pooled)  # [1, P, K]
    return found.sigmoid().mean(1)[0].numpy(), found.shape[1]


@pytest.mark.parametrize(
    ("size", "positions", "abs_"),
    [
        ((64, 64), 1, 1e-6),  # the training's size
        ((64, 96), 2, 1e-6),  # as tall, and not resized: everything goes in, nothing is cropped
        ((96, 64), 2, 1e-6),
        ((30, 40), 2, 2e-3),  # resized: OpenCV reckons in whole numbers, and some pixels are one level off
        ((150, 200), 2, 2e-3),
    ],
)
def test_scores_are_those_of_kabr_tools_way(tiny, size, positions, abs_):
    one = window(size=size)
    expected, there = by_hand(tiny, one, blue_first=True)
    assert there == positions
    assert recognizer(tiny).score([one])[0] == pytest.approx(expected, abs=abs_)


@pytest.mark.parametrize(
    ("reverse", "channels", "blue_first"),
    [
        (True, None, True),  # as the checkpoint says
        (False, None, False),
        (True, "rgb", False),  # as the user says
        (False, "bgr", True),
        (True, "bgr", True),
    ],
)
def test_the_order_of_the_channels(tmp_path, reverse, channels, blue_first):
    path = three(tmp_path, **{"DATA.REVERSE_INPUT_CHANNEL": reverse})
    found = recognizer(path, behaviours=["a", "b", "c"], channels=channels).score([window()])[0]
    assert found == pytest.approx(by_hand(path, window(), blue_first)[0], abs=1e-6)
    assert found != pytest.approx(by_hand(path, window(), not blue_first)[0], abs=1e-3)


@pytest.mark.parametrize(
    ("activation", "expected", "other"),
    [
        ("softmax", [0.3, 0.7], [0.25, 0.75]),  # (0.5, 0.5) and (0.1, 0.9); of the mean logits (0, ln 3) it were other
        ("sigmoid", [0.5, 0.7], [0.5, 0.75]),  # 0.5 and 0.9
    ],
)
def test_every_position_is_scored_before_the_mean_is_taken(activation, expected, other):
    at_two = torch.tensor([[[0.0, 0.0], [0.0, math.log(9)]]])  # [B, P, K]
    pixels = Preprocessing((), (), (0.0,) * 3, (1.0,) * 3)
    card = Card("two", ("a", "b"), Clip(4, 0.2), activation=activation)
    found = Network(None, lambda network, clips: at_two, card, pixels, "cpu", torch.float32).score([window()])[0]
    assert found == pytest.approx(expected)
    assert found != pytest.approx(other)


def test_a_softmax_head_sums_to_1(tmp_path):
    path = three(tmp_path, **{"MODEL.HEAD_ACT": "softmax"})
    scores = recognizer(path, behaviours=["a", "b", "c"]).score([window(1), window(2)])
    assert scores.sum(axis=1) == pytest.approx(np.ones(2))
    assert not np.allclose(scores[0], scores[1], atol=1e-5)  # it looks


def test_scores_do_not_depend_on_the_batch(tiny):
    model = recognizer(tiny)
    together = model.score([window(1), window(2)])
    assert np.vstack([model.score([window(1)]), model.score([window(2)])]) == pytest.approx(together, abs=1e-6)


def test_the_interval_may_be_set(tiny):
    assert recognizer(tiny, interval_s=0.1).card.clip == Clip(4, 0.1)


def test_windows_of_another_length_are_refused(tiny):
    with pytest.raises(UsageError, match=r"sees 4 frames at once, got windows of 5; leave window\.frames=null"):
        recognizer(tiny).score([window(frames=5)])


CLASSES = {"Run": 2, "Walk": 0, "Graze": 1}


def test_behaviours_given_as_a_list_or_as_classes_json(tmp_path):
    path = three(tmp_path)
    (tmp_path / "classes.json").write_text(json.dumps(CLASSES))
    listed = recognizer(path, behaviours=["Walk", "Graze", "Run"])
    numbered = recognizer(path, classes_json=str(tmp_path / "classes.json"))
    assert listed.card.behaviours == numbered.card.behaviours == ("Walk", "Graze", "Run")


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({}, ModelError, r"has 3 outputs \(MODEL\.NUM_CLASSES\), got 0 names for them; give recognizer\.behaviours=\["),
        ({"behaviours": ["a", "b"]}, ModelError, r"has 3 outputs \(MODEL\.NUM_CLASSES\), got 2 names for them"),
        ({"behaviours": ["a", "b", "a"]}, ValueError, "behaviours must differ, twice here: a"),
        ({"behaviours": ["a"], "classes_json": "c.json"}, UsageError, "both name the outputs; give one of them"),
        (
            {"classes_json": "none.json"},
            UsageError,
            r'none\.json: recognizer\.classes_json must .*: \{"Walk": 0, \.\.\.\}',
        ),
        (
            {"classes_json": "list.json"},
            UsageError,
            r"list\.json: recognizer\.classes_json must number behaviours from 0",
        ),
        ({"classes_json": "gap.json"}, UsageError, r"gap\.json: .* from 0, each once"),
        ({"classes_json": "words.json"}, UsageError, r"words\.json: .* from 0, each once"),
        ({"channels": "grey"}, ValueError, "channels must be null, rgb or bgr, got 'grey'"),
        ({"batch": 0}, ValueError, "batch must be >= 1, got 0"),
        ({"behaviours": ["a", "b", "c"], "interval_s": 0.0}, ValueError, r"clip\.interval_s must be > 0, got 0\.0"),
    ],
)
def test_settings_that_cannot_be_are_refused(tmp_path, monkeypatch, changes, error, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.json").write_text('["Walk"]')
    (tmp_path / "gap.json").write_text('{"Walk": 0, "Graze": 2, "Run": 3}')
    (tmp_path / "words.json").write_text('{"0": "Walk", "1": "Graze", "2": "Run"}')
    with pytest.raises(error, match=message):
        recognizer(three(tmp_path), **changes)


def test_the_alphabetical_order_of_the_hugging_face_conversion_is_warned_of(tiny, caplog):
    recognizer(tiny, behaviours=sorted(KABR))
    assert "in alphabetical order, as the Hugging Face conversion of KABR has them" in caplog.text
    assert "released are Walk, Graze, Browse, Head Up, Auto-Groom, Trot, Run, Occluded" in caplog.text


def test_no_such_checkpoint(tmp_path):
    with pytest.raises(
        MissingPart, match=r"no checkpoint .*none\.pyth: .* get it with: ethopipe models fetch kabr_x3d;"
    ):
        recognizer(tmp_path / "none.pyth")


CARD = "name: KABR\nbehaviours: [a, b, c, d, e, f, g, h]\nclip: {frames: 4, interval_s: 0.2}\nlicence: MIT\n"


def test_a_folder_with_a_card(tiny, tmp_path):
    shutil.copy(tiny, tmp_path / "tiny.pyth")
    (tmp_path / "card.yaml").write_text(CARD + f"sha256: {{tiny.pyth: {file_hash(tiny)}}}\n")
    card = recognizer(tmp_path).card
    assert (card.name, card.licence, card.behaviours, card.clip) == ("KABR", "MIT", tuple("abcdefgh"), Clip(4, 0.2))
    assert (card.activation, card.architecture) == ("sigmoid", "x3d")  # the checkpoint knows better
    (tmp_path / "card.yaml").write_text(CARD + "sha256: {tiny.pyth: ab}\n")
    with pytest.raises(ModelError, match="not the files that its card describes"):
        recognizer(tmp_path)


def test_a_folder_of_safetensors_gives_the_same_scores(tiny, tmp_path):
    import yaml

    save_file(dict(read_checkpoint(tiny).state), tmp_path / "model.safetensors")
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(x3d_settings(8)))
    assert recognizer(tmp_path).score([window()]) == pytest.approx(recognizer(tiny).score([window()]))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"MODEL.MODEL_NAME": "SlowFast"},
            "no X3D: in its cfg MODEL.MODEL_NAME is SlowFast, and recognizer=x3d reads X3D",
        ),
        ({"MODEL.MODEL_NAME": None}, "no X3D: in its cfg MODEL.MODEL_NAME is missing"),
        ({"MODEL.ARCH": "i3d"}, "no X3D: in its cfg MODEL.ARCH is i3d, and recognizer=x3d reads x3d"),
        ({"DATA.MEAN": None, "X3D.DIM_C5": None}, r"its cfg: missing X3D\.DIM_C5, DATA\.MEAN$"),  # all at once
        ({"DATA.REVERSE_INPUT_CHANNEL": None}, r"missing DATA\.REVERSE_INPUT_CHANNEL"),
        ({"MODEL.HEAD_ACT": "none"}, r"MODEL\.HEAD_ACT must be one of softmax, sigmoid, got 'none'"),
        ({"DATA.NUM_FRAMES": 0}, r"DATA\.NUM_FRAMES must be a whole number > 0, got 0"),
        ({"DATA.SAMPLING_RATE": 2.5}, r"DATA\.SAMPLING_RATE must be a whole number > 0, got 2\.5"),
        ({"MODEL.NUM_CLASSES": True}, r"MODEL\.NUM_CLASSES must be a whole number > 0, got True"),
        ({"X3D.WIDTH_FACTOR": "wide"}, r"X3D\.WIDTH_FACTOR must be a number > 0, got 'wide'"),
        ({"DATA.MEAN": [0.45]}, r"DATA\.MEAN must be three numbers >= 0, got \[0\.45\]"),
        ({"DATA.STD": [1, 1, 0]}, r"DATA\.STD must be three numbers > 0, got \[1, 1, 0\]"),
        ({"RESNET.STRIDE_1X1": "no"}, r"RESNET\.STRIDE_1X1 must be true or false, got 'no'"),
        (
            {"RESNET.TRANS_FUNC": "basic_transform"},
            r"RESNET\.TRANS_FUNC must be 'x3d_transform', got 'basic_transform': X3",
        ),
        (
            {"NONLOCAL.LOCATION": [[[]], [[1]], [[]], [[]]]},
            r"NONLOCAL\.LOCATION must be \[\[\[\]\], .* another kind is not",
        ),
        (
            {"DATA.TEST_CROP_SIZE": 32},
            r"TEST_CROP_SIZE 32 leaves 1 rows, and the head pools over 2 \(DATA\.TRAIN_CROP_SIZE",
        ),
    ],
)
def test_settings_of_the_checkpoint_that_cannot_be_are_refused(tmp_path, changes, message):
    with pytest.raises(ModelError, match=message):
        config_of(Checkpoint(tmp_path / "x.pyth", x3d_settings(8, changes), {}))


def test_a_cfg_without_sections_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"x\.pyth is no X3D: in its cfg MODEL\.MODEL_NAME is missing"):
        config_of(Checkpoint(tmp_path / "x.pyth", {"MODEL": 1}, {}))


@pytest.mark.parametrize("key", ["X3D.SCALE_RES2", "X3D.BN_LIN5", "RESNET.STRIDE_1X1"])
def test_settings_younger_than_the_first_x3d_may_be_missing(tmp_path, key):
    said, silent = (Checkpoint(tmp_path, x3d_settings(8, change), {}) for change in ({}, {key: None}))
    assert config_of(silent) == config_of(said)


def test_another_head_than_the_cfg_says_is_refused(tiny, tmp_path):
    loaded = torch.load(tiny, weights_only=True)
    loaded["model_state"]["head.projection.weight"] = torch.zeros(400, 16)
    torch.save(loaded, tmp_path / "x.pyth")
    with pytest.raises(ModelError, match=r"first: head\.projection\.weight \[400, 16\], expected \[8, 16\]"):
        recognizer(tmp_path / "x.pyth")
