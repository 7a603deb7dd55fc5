import pickle
import shutil
import zipfile

import pytest
import torch
import yaml
from safetensors.torch import save_file

from pipeline.errors import ModelError
from pipeline.recognizers.slowfast import fill, read_checkpoint
from pipeline.recognizers.x3d_config import config_of
from pipeline.recognizers.x3d_network import layers
from tests.tiny_models import tiny_x3d, x3d_settings

SETTINGS = x3d_settings(8)
LAYER = "s3.pathway0_res0.branch2.b.weight"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A checkpoint, and its weights."""
    path = tmp_path_factory.mktemp("checkpoints") / "tiny.pyth"
    return path, tiny_x3d(path, SETTINGS)


@pytest.fixture
def pyth(made, tmp_path):
    """A copy to spoil."""
    return shutil.copy(made[0], tmp_path / "tiny.pyth")


def zipped(path, *members):
    """A zip of (name, content)."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def as_is(made, folder):
    return made[0]


def as_zip(made, folder):
    return zipped(folder / "tiny.pyth.zip", ("tiny.pyth", made[0].read_bytes()))


def as_packed_on_a_mac(made, folder):
    extra = ("__MACOSX/best/._tiny.pyth", b"finder"), ("best/results.txt", b"top1 0.9")
    return zipped(folder / "best.zip", ("best/tiny.pyth", made[0].read_bytes()), *extra)


def as_old_torch(made, folder):
    tiny_x3d(folder / "old.pyth", SETTINGS, legacy=True)
    return folder / "old.pyth"


def as_folder(made, folder):
    shutil.copy(made[0], folder / "tiny.pyth")
    (folder / "README.md").write_text("about")
    return folder


def as_safetensors(made, folder):
    save_file({f"model.{name}": value for name, value in made[1].items()}, folder / "model.safetensors")
    (folder / "config.yml").write_text(yaml.safe_dump(SETTINGS))
    shutil.copy(made[0], folder / "tiny.pyth")  # goes after them
    return folder


@pytest.mark.parametrize("form", [as_is, as_zip, as_packed_on_a_mac, as_old_torch, as_folder, as_safetensors])
def test_every_form_gives_the_same_weights_and_settings(form, made, tmp_path):
    checkpoint = read_checkpoint(form(made, tmp_path))
    assert checkpoint.settings == SETTINGS
    assert checkpoint.state.keys() == made[1].keys()
    assert all(torch.equal(value, made[1][name]) for name, value in checkpoint.state.items())


def test_the_weights_reach_their_layers(made):
    checkpoint = read_checkpoint(made[0])
    network = layers(config_of(checkpoint).shape)
    fill(network, checkpoint)
    assert all(torch.equal(value, made[1][name]) for name, value in network.state_dict().items())


class Bomb:
    """Unpickling this would make a folder."""

    def __reduce__(self):
        import os

        return os.mkdir, ("bombed",)


def saved(path, **changes):
    loaded = torch.load(path, weights_only=True)
    torch.save({key: value for key, value in {**loaded, **changes}.items() if value is not None}, path)


def pickled(path):
    path.write_bytes(pickle.dumps({"model_state": {}, "cfg": ""}))


def cut_off(path):
    path.write_bytes(path.read_bytes()[:5000])


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda p: p.write_bytes(b""), r"tiny\.pyth is damaged or no checkpoint of SlowFast: .*; fetch it again$"),
        (
            lambda p: p.write_text("version https://git-lfs"),
            "no checkpoint of SlowFast: Unsupported operand 118; fetch",
        ),
        (cut_off, "is damaged or no checkpoint of SlowFast: "),
        (pickled, r"no checkpoint of SlowFast: Unsupported operand \d+; fetch it again$"),
        (
            lambda p: saved(p, extra=Bomb()),
            r"not loaded: to read it, code of \w+\.mkdir would have to run; save its mode",
        ),
        (lambda p: torch.save([1, 2], p), "it has no model_state and no cfg, only list$"),
        (lambda p: saved(p, cfg=None), "it has no cfg, only epoch, model_state, optimizer_state$"),
        (lambda p: saved(p, model_state=None), "it has no model_state, only epoch, optimizer_state, cfg$"),
        (lambda p: saved(p, cfg=SETTINGS), "its cfg must be settings as YAML text, got dict"),
        (lambda p: saved(p, cfg="just words"), "its cfg must be settings as YAML text, got str"),
        (lambda p: saved(p, cfg="a: ["), "its cfg cannot be read: while parsing"),
        (
            lambda p: saved(p, cfg="a: !!python/object/apply:os.getcwd []"),
            "cfg cannot be read: could not determine a con",
        ),
        (lambda p: saved(p, model_state={1: torch.zeros(1)}), "model_state must be tensors by the name of their layer"),
        (lambda p: saved(p, model_state={"a": 1}), "must be tensors by the name of their layer, a is none$"),
    ],
)
def test_what_is_no_checkpoint_is_refused(pyth, spoil, message, monkeypatch):
    monkeypatch.chdir(pyth.parent)
    spoil(pyth)
    with pytest.raises(ModelError, match=message) as error:
        read_checkpoint(pyth)
    assert "\n" not in str(error.value)
    assert not (pyth.parent / "bombed").exists()


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ([], r"x\.zip must hold one \.pyth; it holds none: unpack it, and give the one that is meant"),
        ([("a.txt", b"")], r"must hold one \.pyth; it holds none"),
        ([("a.pyth", b""), ("b/a.pyth", b"")], r"must hold one \.pyth; it holds a\.pyth, b/a\.pyth"),
        ([("a.pyth", b"nothing")], r"x\.zip is damaged or no checkpoint of SlowFast: "),
    ],
)
def test_a_zip_of_something_else_is_refused(tmp_path, members, message):
    path = zipped(tmp_path / "x.zip", *members)
    with pytest.raises(ModelError, match=message):
        read_checkpoint(path)


def test_a_zip_that_unfolds_without_end_is_refused(tmp_path, made, monkeypatch):
    monkeypatch.setattr("pipeline.recognizers.slowfast._LARGEST", 1000)
    path = as_zip(made, tmp_path)
    with pytest.raises(ModelError, match=r"tiny\.pyth has [\d,]+ bytes, more than 1,000"):
        read_checkpoint(path)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, r"must hold one \.pyth or \.zip, or config\.yaml and safetensors; it holds none"),
        ({"a.pyth": b"", "b.zip": b""}, "it holds a.pyth, b.zip"),
        ({"model.safetensors": b"x" * 500}, "it holds none"),  # nothing says what they are
        ({"model.safetensors": b"x" * 500, "config.yaml": b"A: 1"}, "damaged, or not safetensors: .*; fetch it again"),
    ],
)
def test_a_folder_of_something_else_is_refused(tmp_path, files, message):
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelError, match=message):
        read_checkpoint(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop(LAYER), rf"network in its cfg: 1 layers have no weights \(first: {LAYER}\)$"),
        (lambda s: s.update(more=torch.zeros(1)), r"1 weights belong to no layer \(first: more\)$"),
        (
            lambda s: s.update({LAYER: torch.zeros(1, 2)}),
            rf"1 weights have another shape \(first: {LAYER} \[1, 2\], expected \[36, 1, 3, 3, 3\]\)$",
        ),
        (
            lambda s: s.update({LAYER.replace("s3", "s7"): s.pop(LAYER)}),
            rf"1 layers have no weights \(first: {LAYER}\); 1 weights belong to no layer \(first: s7",  # all at once
        ),
    ],
)
def test_weights_of_another_network_are_refused(pyth, change, message):
    state = torch.load(pyth, weights_only=True)["model_state"]
    change(state)
    saved(pyth, model_state=state)
    checkpoint = read_checkpoint(pyth)
    with pytest.raises(ModelError, match=message):
        fill(layers(config_of(checkpoint).shape), checkpoint)


def test_counts_of_training_steps_may_be_missing(pyth):
    state = torch.load(pyth, weights_only=True)["model_state"]
    saved(pyth, model_state={name: value for name, value in state.items() if "num_batches" not in name})
    checkpoint = read_checkpoint(pyth)
    fill(layers(config_of(checkpoint).shape), checkpoint)
