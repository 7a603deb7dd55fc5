import numpy as np
import pytest
from safetensors.numpy import save_file

from pipeline.artifacts import file_hash
from pipeline.errors import ModelError
from pipeline.recognizers.card import Card, Clip
from pipeline.recognizers.folder import (
    check_head,
    find_model,
    head_size,
    models_folder,
    read_card,
    verify,
    weight_files,
    write_card,
)
from pipeline.recognizers.preprocessing import Preprocessing

SMALL = "name: small\nbehaviours: [Walk, Graze]\nclip: {frames: 16, interval_s: 0.2}\n"


def card_in(folder, text):
    (folder / "card.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_small_card(tmp_path):
    assert read_card(card_in(tmp_path, SMALL)) == Card("small", ("Walk", "Graze"), Clip(16, 0.2))


def test_what_is_written_is_read_back(tmp_path):
    card = Card(
        name="Löwe",
        behaviours=("None", "NA", "Head Up"),
        clip=Clip(16, 5 / 30),
        licence="CC0-1.0",
        metrics={"macro_recall": 0.65},
        sha256={"model.safetensors": "00ff"},
        architecture="mvit_v2_s",
        activation="sigmoid",
        preprocessing=Preprocessing((256,), (224, 224), (0.45, 0.45, 0.45), (0.225, 0.225, 0.225), antialias=False),
    )
    write_card(tmp_path, card)
    assert read_card(tmp_path) == card


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "card.yaml: the file must be a mapping, got None"),
        ("- 1\n", r"the file must be a mapping, got \[1\]"),
        ("a: [\n", "cannot read .*card.yaml"),
        ("name: x\n", "card.yaml: missing behaviours; missing clip"),
        (SMALL + "nam: y\n", r"unknown nam \(there are: name, behaviours, clip, licence"),
        (SMALL.replace("16", "many"), "clip.frames must be a whole number, got 'many'"),
        (SMALL.replace("16", "true"), "clip.frames must be a whole number, got True"),
        (SMALL.replace("16", "0"), "clip.frames must be >= 1, got 0"),
        (SMALL.replace("0.2", "0"), "clip.interval_s must be > 0, got 0"),
        (SMALL.replace("{frames: 16, interval_s: 0.2}", "16"), "clip must be a mapping, got 16"),
        (SMALL.replace("frames: 16, ", ""), "missing clip.frames"),
        (SMALL.replace("Graze", "3"), r"behaviours\[1\] must be a text, got 3"),
        (SMALL.replace("Graze", "No"), r"behaviours\[1\] must be a text, got False"),  # YAML's own trap
        (SMALL.replace("Graze", "Walk"), "behaviours must differ, twice here: Walk"),
        (SMALL.replace("[Walk, Graze]", "[]"), "behaviours must name at least one behaviour"),
        (SMALL.replace("[Walk, Graze]", "Walk"), "behaviours must be a list, got 'Walk'"),
        (SMALL + "activation: relu\n", "activation must be one of softmax, sigmoid, got 'relu'"),
        (SMALL + "preprocessing: {resize: [256]}\n", "missing preprocessing.crop; missing preprocessing.mean"),
        (SMALL + "sha256: 12\n", "sha256 must be a mapping, got 12"),
        (
            SMALL.replace("16", "many").replace("0.2", "fast") + "licence: 3\n",  # all at once
            "clip.frames must be a whole .* 'many'; clip.interval_s must be a number, got 'fast'; licence must be",
        ),
    ],
)
def test_a_card_says_all_that_is_wrong_with_it(tmp_path, text, message):
    with pytest.raises(ModelError, match=message):
        read_card(card_in(tmp_path, text))


def test_no_card(tmp_path):
    with pytest.raises(ModelError, match=r"no card: .*card.yaml; it names the model's behaviours"):
        read_card(tmp_path)


def test_files_are_held_against_their_hashes(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    good = Card("x", ("a",), Clip(1, 1.0), sha256={"model.safetensors": file_hash(tmp_path / "model.safetensors")})
    verify(tmp_path, good)
    bad = Card("x", ("a",), Clip(1, 1.0), sha256={"model.safetensors": "0" * 64, "config.json": "1" * 64})
    first = rf"model.safetensors \({good.sha256['model.safetensors'][:12]}, the card says 0{{12}}\)"
    with pytest.raises(ModelError, match=first + r", config.json \(no such file, the card says 1{12}\); fetch them"):
        verify(tmp_path, bad)


def weights(folder, **arrays):
    save_file(
        {name.replace("__", "."): np.zeros(shape) for name, shape in arrays.items()}, folder / "model.safetensors"
    )
    return weight_files(folder)


@pytest.mark.parametrize(
    ("arrays", "outputs"),
    [
        ({"conv__weight": (4, 3)}, None),  # no head
        ({"classifier__weight": (8, 3), "classifier__bias": (8,)}, 8),  # Hugging Face
        ({"head__1__weight": (5, 3), "conv__weight": (7, 3)}, 5),  # MViT
        ({"fc__weight": (2, 3)}, 2),  # R(2+1)D
        ({"classifier__1__weight": (6, 9, 1, 1, 1)}, 6),  # S3D
        ({"decoder__head__weight": (400, 3)}, None),  # a head inside something else
    ],
)
def test_outputs_are_read_from_the_header(tmp_path, arrays, outputs):
    assert head_size(weights(tmp_path, **arrays)) == outputs


def test_a_cut_off_file_is_named(tmp_path):
    (path,) = weights(tmp_path, classifier__weight=(8, 30))
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ModelError, match=r"model.safetensors is damaged or not safetensors: .*; fetch it again"):
        head_size([path])


def test_a_head_of_another_size_is_refused_by_name():
    card = Card("x", tuple("abcdefgh"), Clip(1, 1.0))
    check_head("x", 8, card)
    with pytest.raises(ModelError, match=r"^model x has 400 outputs, its card names 8 behaviours$"):
        check_head("x", 400, card)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "holds no weights: model.safetensors is missing"),
        (["pytorch_model.bin", "a.pt"], r"holds pickled weights only \(a.pt, pytorch_model.bin\): convert them"),
    ],
)
def test_weights_that_cannot_be_used(tmp_path, names, message):
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(ModelError, match=message):
        weight_files(tmp_path)


def test_models_are_found_by_path_and_by_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_model("kinematic") == models_folder() / "kinematic"
    (tmp_path / "kinematic").mkdir()  # what the user typed goes first
    assert str(find_model("kinematic")) == "kinematic"
    assert find_model("nothing") is None
