"""Fetching without a network: a local folder plays the hub where the bytes come in."""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pipeline.artifacts import file_hash
from pipeline.catalogue import ADDRESSES, Entry, catalogue
from pipeline.checksums import SUMS, read_sums
from pipeline.errors import MissingPart, ModelError, UsageError
from pipeline.model_folder import find_model
from pipeline.recognizers import hub as recognizers_hub
from pipeline.shelf.fetch import fetch
from pipeline.types import Window
from tests.tiny_models import FRAMES, tiny_timesformer, tiny_videomae


def entry(source: str = "huggingface", files: tuple[str, ...] = ("a.pt",), **changes: Any) -> Entry:
    told = {"name": "small", "kind": "recognizer", "repository": "some/one", "revision": "main", "licence": "MIT"}
    use = "recognizer=transformers recognizer.model={model} recognizer.interval_s=0.2"
    return Entry(source=source, files=files, size_mb=1.0, good_for="tests", use=use, **{**told, **changes})


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose files the hub and all other addresses hold; fetched models go to another."""
    folder = tmp_path / "hub"
    folder.mkdir()
    monkeypatch.setenv("ETHOPIPE_MODELS", str(tmp_path / "fetched"))

    def told(self: Any, repository: str, **settings: Any) -> Any:
        assert (repository, settings["revision"], settings["files_metadata"]) == ("some/one", "main", True)
        large = {".safetensors", ".bin"}  # the hub knows the sha256 of these
        files = [
            type("File", (), {"rfilename": path.name, "lfs": _digest(path) if path.suffix in large else None})
            for path in sorted(folder.iterdir())
        ]
        return type("Info", (), {"siblings": files})

    def from_hub(repository: str, file: str, *, revision: str, local_dir: Path) -> str:
        local_dir.mkdir(exist_ok=True)
        (local_dir / ".cache").mkdir(exist_ok=True)  # as the client does
        return str(shutil.copyfile(folder / file, local_dir / file))

    def from_address(address: str, path: str, progress: bool) -> None:
        shutil.copyfile(folder / address.rsplit("/", 1)[1], path)

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", told)
    monkeypatch.setattr("huggingface_hub.hf_hub_download", from_hub)
    monkeypatch.setattr("torch.hub.download_url_to_file", from_address)
    return folder


def _digest(path: Path) -> Any:
    return type("Lfs", (), {"sha256": file_hash(path)})


def test_a_fetched_model_is_found_by_its_name_and_scores(hub: Path, configured: Any) -> None:
    tiny_videomae(hub, ("Walk", "Graze"))
    one = entry(files=("config.json", "preprocessor_config.json", "model.safetensors"))
    assert find_model("small") is None
    assert fetch(one, one.folder)
    assert sorted(path.name for path in one.folder.iterdir()) == sorted([*one.files, SUMS])
    assert set(read_sums(one.folder)) == set(one.files)
    recognizer = configured("recognizer", "transformers", model="small", interval_s=0.2)
    assert recognizer.score([window()]).shape == (1, 2)
    assert not fetch(one, one.folder)  # all is there: the record of the first time stays


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lambda folder: (folder / "b.pt").write_bytes(b"damaged"), True),  # what finds it does not read it
        (lambda folder: (folder / "b.pt").unlink(), False),
        (lambda folder: (folder / SUMS).unlink(), False),  # stopped before it was whole
    ],
)
def test_fetching_again_mends_what_is_not_as_recorded(hub: Path, spoil: Callable[[Path], Any], found: bool) -> None:
    for name in ("a.pt", "b.pt"):
        (hub / name).write_bytes(name.encode())
    one = entry("ultralytics", ("a.pt", "b.pt"))
    assert fetch(one, one.folder)
    recorded = read_sums(one.folder)
    (hub / "a.pt").unlink()  # what is whole is not fetched again
    spoil(one.folder)
    assert (find_model("small") is not None) == found
    assert fetch(one, one.folder)
    assert (one.folder / "b.pt").read_bytes() == b"b.pt"
    assert (find_model("small"), read_sums(one.folder)) == (one.folder, recorded)
    assert not fetch(one, one.folder)


def test_a_damaged_model_is_not_taken_for_whole_when_it_cannot_be_fetched(
    hub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (hub / "a.pt").write_bytes(b"weights")
    one = entry("ultralytics")
    fetch(one, one.folder)
    (one.folder / "a.pt").write_bytes(b"damaged")
    monkeypatch.setattr("torch.hub.download_url_to_file", unreachable)
    for _ in range(2):
        with pytest.raises(MissingPart, match=r"cannot fetch small .* put it into \S+/fetched/small"):
            fetch(one, one.folder)
    assert find_model("small") is None
    (one.folder / "a.pt").write_bytes(b"weights")  # what was said is done
    assert fetch(one, one.folder)


def test_a_record_that_cannot_be_read_is_written_again(hub: Path) -> None:
    (hub / "a.pt").write_bytes(b"weights")
    one = entry("ultralytics")
    fetch(one, one.folder)
    recorded = (one.folder / SUMS).read_text()
    (one.folder / SUMS).write_text("words\n")
    with pytest.raises(ModelError, match=r"not '<sha256>  <file>' in lines 1; write or fetch the model again"):
        find_model("small")
    assert fetch(one, one.folder)
    assert (one.folder / SUMS).read_text() == recorded


def window() -> Window:
    images = np.zeros((FRAMES, 40, 40, 3), np.uint8)
    boxes = np.tile([0.0, 0.0, 8.0, 8.0], (FRAMES, 1))
    return Window(1, np.arange(FRAMES), np.arange(FRAMES) / 10, boxes, boxes, 8.0, 0, FRAMES, images=images)


def test_pickled_tensors_become_safetensors(hub: Path, configured: Any) -> None:
    from safetensors.torch import load_file

    weights = tiny_timesformer(hub, ("Walk", "Graze")) / "model.safetensors"
    state = load_file(weights)
    torch.save(state, hub / "pytorch_model.bin")
    weights.unlink()
    one = entry(files=("config.json", "preprocessor_config.json", "pytorch_model.bin"))
    fetch(one, one.folder)
    assert not (one.folder / "pytorch_model.bin").exists()
    kept = load_file(one.folder / "model.safetensors")
    assert kept.keys() == state.keys()
    assert all(torch.equal(kept[name], value) for name, value in state.items())
    assert configured("recognizer", "transformers", model="small", interval_s=0.2).score([window()]).shape == (1, 2)


def test_torchvisions_weights_become_a_folder_with_a_card(hub: Path, configured: Any) -> None:
    from torchvision.models import get_model

    torch.save(get_model("r2plus1d_18", weights=None).state_dict(), hub / "r2plus1d_18-91a641e6.pth")
    known = {"r2plus1d_18-91a641e6.pth": file_hash(hub / "r2plus1d_18-91a641e6.pth")[:8]}
    told = {"repository": "r2plus1d_18", "revision": "KINETICS400_V1", "licence": "BSD-3-Clause"}
    one = entry("torchvision", tuple(known), sha256=known, **told)
    fetch(one, one.folder)
    recognizer = configured("recognizer", "torchvision", model="small")
    assert (recognizer.card.name, recognizer.card.licence) == ("small", "BSD-3-Clause")
    assert (len(recognizer.card.behaviours), recognizer.card.clip.frames) == (400, 16)
    assert set(read_sums(one.folder)) == {"card.yaml", "model.safetensors"}
    card = (one.folder / "card.yaml").read_bytes()
    (one.folder / "card.yaml").write_text("name: x")
    assert fetch(one, one.folder)
    assert (one.folder / "card.yaml").read_bytes() == card


@pytest.mark.parametrize(
    "inside", ["x.pyth", "runs/x.pyth", "../../x.pyth"]
)  # its place in the archive is nobody's business
def test_an_archive_is_unpacked_beside_itself(hub: Path, tmp_path: Path, inside: str) -> None:
    with zipfile.ZipFile(hub / "x.pyth.zip", "w") as archive:
        archive.writestr(inside, b"weights")
        archive.writestr("__MACOSX/._x.pyth", b"dirt")
        archive.writestr("../evil", b"evil")
    one = entry(files=("x.pyth.zip",))
    fetch(one, one.folder)
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"x.pyth.zip", "x.pyth", SUMS}
    assert (one.folder / "x.pyth").read_bytes() == b"weights"


def test_a_folder_of_ones_own(hub: Path, tmp_path: Path) -> None:
    (hub / "a.pt").write_bytes(b"weights")
    out = tmp_path / "my models" / "small"
    one = entry("ultralytics", kind="detector")
    assert fetch(one, out)
    assert set(read_sums(out)) == {"a.pt"}
    assert find_model("small") is None
    other = entry("ultralytics", ("b.pt",))
    with pytest.raises(UsageError, match=r"my models/small holds another model \(a.pt\); choose another out=FOLDER"):
        fetch(other, out)


def unreachable(*words: Any, **settings: Any) -> None:
    raise ConnectionError("<no route>\nmore")


@pytest.mark.parametrize(
    ("source", "files", "text"),
    [
        (
            "huggingface",
            ("config.json", "model.safetensors"),
            r"cannot fetch small \(no route\); on a machine with a network download "
            r"https://huggingface.co/some/one/resolve/main/config.json, "
            r"https://huggingface.co/some/one/resolve/main/model.safetensors, put them into \S+/fetched/small and give "
            r"ethopipe models fetch small again; recognizer=embedded and recognizer=kinematic work without it$",
        ),
        (
            "ultralytics",
            ("a.pt",),
            r"download https://github.com/some/one/releases/download/main/a.pt, put it into \S+/fetched/small",
        ),
    ],
)
def test_offline_says_what_to_do(
    hub: Path, monkeypatch: pytest.MonkeyPatch, source: str, files: tuple[str, ...], text: str
) -> None:
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", unreachable)
    monkeypatch.setattr("torch.hub.download_url_to_file", unreachable)
    one = entry(source, files)
    with pytest.raises(MissingPart, match=text):
        fetch(one, one.folder)
    for file in files:  # what was said is done: the files are brought by hand
        (one.folder / file).write_bytes(file.encode())
    assert fetch(one, one.folder)
    assert set(read_sums(one.folder)) == set(files)


def test_the_real_clients_fail_at_once_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ETHOPIPE_MODELS", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("huggingface_hub.hf_api.constants.ENDPOINT", "http://127.0.0.1:9")
    for name, address in {"kabr_x3d": None, "yolo11n": "http://127.0.0.1:9/{file}"}.items():
        if address:
            monkeypatch.setitem(ADDRESSES, "ultralytics", address)
        with pytest.raises(MissingPart, match=rf"cannot fetch {name} \(.*refused"):
            fetch(catalogue()[name], tmp_path / name)


def test_what_the_hub_no_longer_holds_is_named(hub: Path) -> None:
    (hub / "newer.zip").touch()
    one = entry(files=("older.zip",))
    with pytest.raises(ModelError, match=r"some/one on the Hugging Face hub does not hold older.zip, but: newer.zip"):
        fetch(one, one.folder)


@pytest.mark.parametrize(
    ("one", "content", "message"),
    [
        (
            entry("ultralytics", sha256={"a.pt": "0" * 64}),
            b"else",
            r"a.pt is not the file that was published: its sha256 is \w{12}..., that of the published one 0{12}...;",
        ),
        (entry(files=("x.pyth.zip",)), b"else", r"x.pyth.zip is damaged or no archive: .*; remove it and fetch again"),
        (
            entry(files=("pytorch_model.bin",)),
            b"else",
            r"cannot load .*pytorch_model.bin as data \(.*\); save the state",
        ),
    ],
)
def test_files_that_are_not_what_they_should_be(hub: Path, one: Entry, content: bytes, message: str) -> None:
    (hub / one.files[0]).write_bytes(content)
    with pytest.raises(ModelError, match=message):
        fetch(one, one.folder)
    assert not (one.folder / SUMS).exists()
    assert find_model("small") is None


def test_an_archive_without_the_file(hub: Path) -> None:
    with zipfile.ZipFile(hub / "x.pyth.zip", "w") as archive:
        archive.writestr("y.pyth", b"")
    one = entry(files=("x.pyth.zip",))
    with pytest.raises(ModelError, match=r"x.pyth.zip holds no x.pyth, but: y.pyth"):
        fetch(one, one.folder)


class Stranger:
    """What a checkpoint must not bring along."""


def test_a_pickle_that_would_run_code_is_refused(hub: Path) -> None:
    torch.save({"model": Stranger()}, hub / "pytorch_model.bin")
    one = entry(files=("pytorch_model.bin",))
    with pytest.raises(ModelError, match=r"cannot load .*pytorch_model.bin as data"):
        fetch(one, one.folder)


def test_a_file_that_the_hub_tells_another_sha256_of(hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (hub / "model.safetensors").write_bytes(b"weights")
    one = entry(files=("model.safetensors",))
    monkeypatch.setattr("huggingface_hub.hf_hub_download", cut_off)
    with pytest.raises(ModelError, match=r"model.safetensors is not the file that was published"):
        fetch(one, one.folder)


def cut_off(repository: str, file: str, *, revision: str, local_dir: Path) -> str:
    local_dir.mkdir()
    (local_dir / file).write_bytes(b"weig")
    return str(local_dir / file)


def test_a_recognizer_says_how_a_known_model_is_got(hub: Path) -> None:
    text = "model vjepa2_ssv2 is not here yet; get it with: ethopipe models fetch vjepa2_ssv2"
    with pytest.raises(MissingPart, match=text):
        recognizers_hub.fetch("vjepa2_ssv2", None)
