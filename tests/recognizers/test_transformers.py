import json
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from pipeline.config import compose
from pipeline.errors import MissingPart, ModelError, UsageError
from pipeline.plan import plan
from pipeline.recognizers import hub
from pipeline.recognizers.card import Card, Clip
from pipeline.recognizers.folder import write_card
from pipeline.recognizers.transformers import TransformersRecognizer
from pipeline.types import Window
from tests import tiny_models

BEHAVIOURS = ("Walk", "Graze", "Run")
CARD = "name: tiny\nbehaviours: [a, b, c]\nclip: {frames: 4, interval_s: 0.2}\n"


def window(seed=0, frames=4):
    images = np.random.default_rng(seed).integers(0, 256, (frames, 30, 40, 3), dtype=np.uint8)
    boxes = np.zeros((frames, 4))
    return Window(1, np.arange(frames), np.arange(frames) / 6, boxes, boxes, 10.0, 0, frames, False, images)


def recognizer(folder, interval_s=1 / 6, **changes):
    settings = {"model": str(folder), "revision": None, "interval_s": interval_s, "batch": 2, "flip": False}
    return TransformersRecognizer(**{**settings, "device": "cpu", "half": False, **changes})


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return tiny_models.tiny_videomae(tmp_path_factory.mktemp("models") / "videomae", BEHAVIOURS)


@pytest.fixture
def folder(made, tmp_path):
    """A copy to spoil."""
    return shutil.copytree(made, tmp_path / "tiny")


@pytest.mark.parametrize("family", ["tiny_videomae", "tiny_timesformer", "tiny_vivit", "tiny_vjepa2"])
def test_every_family_scores_windows(family, tmp_path):
    getattr(tiny_models, family)(tmp_path, BEHAVIOURS)
    model = recognizer(tmp_path)
    assert (model.card.behaviours, model.card.clip.frames, model.reads_pixels) == (BEHAVIOURS, 4, True)
    scores = model.score([window(1), window(2), window(3)])
    assert scores.shape == (3, 3)
    assert scores.sum(axis=1) == pytest.approx(np.ones(3))
    assert not np.allclose(scores[0], scores[1], atol=1e-5)  # it looks


def test_no_window(folder):
    assert recognizer(folder).score([]).shape == (0, 3)


def test_the_same_scores_as_the_librarys_own_way(folder):
    from transformers import AutoModelForVideoClassification, VideoMAEVideoProcessor

    batch = [window(1), window(2)]
    videos = [torch.from_numpy(each.images).permute(0, 3, 1, 2) for each in batch]
    inputs = VideoMAEVideoProcessor.from_pretrained(folder)(videos, return_tensors="pt")
    with torch.inference_mode():
        expected = AutoModelForVideoClassification.from_pretrained(folder)(**inputs).logits.softmax(1)
    assert recognizer(folder).score(batch) == pytest.approx(expected.numpy(), abs=1e-4)


def test_scores_do_not_depend_on_the_batch(folder):
    model = recognizer(folder)
    together = model.score([window(1), window(2)])
    assert np.vstack([model.score([window(1)]), model.score([window(2)])]) == pytest.approx(together, abs=1e-6)


def test_half_precision_is_for_gpus(folder):
    assert recognizer(folder, half=True).score([window()]) == pytest.approx(recognizer(folder).score([window()]))


def test_the_folders_card_goes_before_its_config(folder):
    (folder / "card.yaml").write_text(CARD + "activation: sigmoid\nlicence: CC0-1.0\n")
    model = recognizer(folder, interval_s=None)
    assert (model.card.behaviours, model.card.clip.interval_s, model.card.licence) == (("a", "b", "c"), 0.2, "CC0-1.0")
    logits = torch.special.logit(torch.from_numpy(model.score([window()])))
    (folder / "card.yaml").write_text(CARD)
    assert recognizer(folder).score([window()]) == pytest.approx(logits.softmax(1).numpy(), abs=1e-5)


def test_a_multi_label_config_means_sigmoid(folder):
    spoil_config(folder, problem_type="multi_label_classification")
    assert recognizer(folder).card.activation == "sigmoid"
    model = ["recognizer=transformers", f"recognizer.model={folder}", "recognizer.interval_s=0.2"]
    words = ["source=[x.mp4]", *model, "behaviours.adapt=0.5"]
    with pytest.raises(UsageError, match=r"for behaviours that exclude each other; .* tells each by itself"):
        plan(compose("run", words), "")


def test_windows_of_another_length_are_refused(folder):
    with pytest.raises(UsageError, match=r"sees 4 frames at once, got windows of 5; leave window.frames=null"):
        recognizer(folder).score([window(frames=5)])


def spoil_config(folder, **changes):
    values = json.loads((folder / "config.json").read_text()) | changes
    (folder / "config.json").write_text(json.dumps({k: v for k, v in values.items() if v is not None}))


def spoil_weights(folder, change):
    state = load_file(folder / "model.safetensors")
    change(state)
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})


def card(folder, text):
    (folder / "card.yaml").write_text(text)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: (f / "config.json").unlink(), "config.json is missing or is not JSON"),
        (lambda f: (f / "config.json").write_text('{"num'), "config.json is missing or is not JSON"),
        (lambda f: spoil_config(f, num_frames=None), r"\(videomae\) is no video classifier: it names no num_frames"),
        (lambda f: spoil_config(f, id2label=None), "does not name its behaviours; add id2label to config.json or a c"),
        (lambda f: spoil_config(f, id2label={"0": "a", "1": "a", "2": "b"}), "behaviours must differ, twice here: a"),
        (lambda f: (f / "preprocessor_config.json").unlink(), "preprocessor_config.json is missing"),
        (lambda f: (f / "model.safetensors").rename(f / "pytorch_model.bin"), "holds pickled weights only"),
        (lambda f: (f / "model.safetensors").write_bytes(b"x" * 500), "is damaged or not safetensors"),
        (lambda f: card(f, CARD.replace("[a, b, c]", "[a, b]")), "has 3 outputs, its card names 2 behaviours"),
        (lambda f: card(f, CARD.replace("4", "16")), "sees 4 frames at once, its card says 16"),
        (lambda f: card(f, CARD + "sha256: {config.json: ab}\n"), "not the files that its card describes: config.json"),
        (
            lambda f: spoil_weights(f, lambda s: s.update({"classifier.weight": torch.zeros(400, 32)})),
            "has 400 outputs, its card names 3 behaviours",
        ),
        (
            lambda f: spoil_weights(f, lambda s: [s.pop("classifier.weight"), s.pop("classifier.bias")]),
            "has no head: pretrained only",
        ),
    ],
)
def test_a_folder_that_cannot_be_used_is_refused_when_made(folder, spoil, message):
    spoil(folder)
    with pytest.raises(ModelError, match=message):
        recognizer(folder)


def test_the_seconds_between_frames_have_to_be_known(folder):
    with pytest.raises(ModelError, match=r"how far apart its frames are; set recognizer.interval_s=\.\.\."):
        recognizer(folder, interval_s=None)


LAYER = "videomae.encoder.layer.0.output.dense.weight"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop(LAYER), rf"1 layers have no weights \(first: {LAYER}\)"),
        (lambda s: s.update({"more": torch.zeros(2)}), r"1 weights belong to no layer \(first: more\)"),
        (lambda s: s.update({LAYER: torch.zeros(2, 2)}), rf"1 weights have another shape \(first: {LAYER}\)"),
    ],
)
def test_weights_of_another_network_are_refused_when_loaded(folder, change, message):
    spoil_weights(folder, change)
    model = recognizer(folder)
    with pytest.raises(ModelError, match=message):
        model.score([window()])


def test_a_network_that_the_library_does_not_know(folder):
    spoil_config(folder, model_type="unheard-of")
    with pytest.raises(ModelError, match=r"cannot load .*unheard-of"):
        recognizer(folder).score([window()])


def test_without_a_network_a_hub_name_is_an_error_at_once(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(MissingPart, match=r"model nobody/nothing is no folder here.*hf download nobody/nothing"):
        recognizer("nobody/nothing")


def test_a_name_that_is_neither_folder_nor_hub_model():
    with pytest.raises(MissingPart, match="no model folder no/such/folder, and none of that name in"):
        hub.fetch("no/such/folder", None)


@pytest.mark.parametrize(
    ("files", "error", "message"),
    [
        (["config.json", "pytorch_model.bin"], ModelError, "is published as pickled weights only"),
        ([], ModelError, "is published as pickled weights only"),
    ],
)
def test_pickles_on_the_hub_are_not_fetched(monkeypatch, tmp_path, files, error, message):
    class Listed:
        siblings = [type("File", (), {"rfilename": name}) for name in files]

    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", lambda *args, **settings: Listed)
    with pytest.raises(error, match=message):
        hub.fetch("nobody/nothing", None)


def test_settings_say_what_is_wrong(folder, configured):
    with pytest.raises(UsageError, match="batch must be >= 1, got 0"):
        configured("recognizer", "transformers", model=str(folder), batch=0)


def test_built_from_its_config(folder, configured):
    built = configured("recognizer", "transformers", model=str(folder), interval_s=0.2)
    assert (built.device, built.half, built.card.clip.interval_s) == ("cpu", False, 0.2)


def test_in_a_mirror_a_behaviour_counts_as_its_twin(folder):
    plain, mean = (recognizer(folder, flip=flip).score([window(1)])[0] for flip in (False, True))
    mirrored = 2 * mean - plain
    write_card(folder, Card("tiny", BEHAVIOURS, Clip(4, 1 / 6), mirror={"Walk": "Run"}))
    found = recognizer(folder, flip=True).score([window(1)])[0]
    assert found == pytest.approx((plain + mirrored[[2, 1, 0]]) / 2, abs=1e-6)
    assert found != pytest.approx(mean, abs=1e-4)


@pytest.mark.parametrize("mirror", [{"Walk": "Fly"}, {"Walk": "Run", "Run": "Graze"}])
def test_a_mirror_that_cannot_be(folder, mirror):
    text = f"{CARD.replace('a, b, c', ', '.join(BEHAVIOURS))}mirror: {json.dumps(mirror)}\n"
    (folder / "card.yaml").write_text(text)
    with pytest.raises(ModelError, match=r"mirror (names Fly; the behaviours|must name each behaviour in one)"):
        recognizer(folder)
