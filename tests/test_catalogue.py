"""The catalogue of what can be fetched: every entry is true of the code that uses it; bad ones are refused."""

import dataclasses
import shlex
from pathlib import Path
from typing import Any

import pytest

from pipeline.catalogue import Catalogue, Entry, catalogue, entry_of
from pipeline.config import RIVALS, compose
from pipeline.errors import ModelError, UsageError

ENTRY: dict[str, Any] = {
    "name": "small",
    "kind": "recognizer",
    "source": "huggingface",
    "repository": "some/one",
    "revision": "main",
    "files": ("config.json", "pytorch_model.bin"),
    "licence": "MIT",
    "size_mb": 1.0,
    "good_for": "tests",
    "use": "recognizer=transformers recognizer.model={model}",
}


@pytest.mark.parametrize("name", catalogue())
def test_the_settings_that_use_it_are_settings_of_a_run(name: str) -> None:
    entry = catalogue()[name]
    words = shlex.split(entry.used(entry.folder))
    choice = words[0].removeprefix(f"{entry.kind}=")
    if choice not in RIVALS[entry.kind]:
        pytest.skip(f"there is no {words[0]}")
    part = compose("run", ["source=[x]", *words])[entry.kind]
    assert part.model in (name, str(entry.folder / entry.files[0]))


def test_the_default_detector_is_in_it_and_found_where_it_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.detectors.weights import found

    monkeypatch.setenv("ETHOPIPE_MODELS", str(tmp_path))
    entry = catalogue()["yolo11n"]
    assert compose("run", ["source=[x]"]).detector.model == entry.files[0]
    entry.folder.mkdir()
    (entry.folder / entry.files[0]).touch()
    assert found(entry.files[0]) == entry.folder / entry.files[0]


def test_the_default_detector_is_where_ultralytics_fetches_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from pipeline.detectors.weights import prepared

    prepared()
    from ultralytics.utils import downloads

    asked: list[str] = []
    monkeypatch.setattr(downloads, "safe_download", lambda url, **settings: asked.append(url))
    downloads.attempt_download_asset(tmp_path / "yolo11n.pt")
    assert asked == [catalogue()["yolo11n"].address("yolo11n.pt")]


@pytest.mark.parametrize("name", [name for name, entry in catalogue().items() if entry.source == "torchvision"])
def test_torchvision_publishes_it_there(name: str) -> None:
    from pipeline.recognizers.torchvision import published_weights

    entry = catalogue()[name]
    published = published_weights(entry.repository, entry.revision)
    assert [entry.address(file) for file in entry.files] == [published.url]
    assert entry.sha256 == {entry.files[0]: published.url.rsplit("-", 1)[1].removesuffix(".pth")}
    assert entry.size_mb == pytest.approx(published.meta["_file_size"] * 1.048576, rel=0.01)  # it counts in MiB


def test_an_address_and_what_is_kept() -> None:
    entry = Entry(**ENTRY)
    assert entry.address("config.json") == "https://huggingface.co/some/one/resolve/main/config.json"
    assert entry.kept == ("config.json", "model.safetensors")
    assert Entry(**{**ENTRY, "files": ("x.pyth.zip", "y.pt")}).kept == ("x.pyth", "y.pt")


def test_it_is_used_by_its_name_or_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ETHOPIPE_MODELS", str(tmp_path))
    entry = Entry(**ENTRY)
    assert entry.used(tmp_path / "small") == "recognizer=transformers recognizer.model=small"
    assert entry.used(Path("my models")) == "recognizer=transformers recognizer.model='my models'"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "tracker"}, "small: kind must be one of detector, recognizer, got 'tracker'"),
        ({"source": "ftp"}, "small: source must be one of huggingface, torchvision, ultralytics, got 'ftp'"),
        ({"size_mb": 0.0}, "small: size_mb must be > 0, got 0.0"),
        ({"files": ()}, "small: files must name at least one file"),
        ({"files": ("../a",)}, "small: '../a' must be a plain name"),
        ({"name": "a/b"}, "a/b: 'a/b' must be a plain name"),
        ({"sha256": {"a": "0" * 64}}, "small: sha256 must be .* of one of its files, got a: 0000"),
        ({"sha256": {"config.json": "abc"}}, "small: sha256 must be 8 to 64 digits .* got config.json: abc"),
        ({"kind": "x", "size_mb": -1.0}, "kind must be .* got 'x'; size_mb must be > 0, got -1.0"),  # all at once
    ],
)
def test_an_entry_refuses_to_be_wrong(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Entry(**{**ENTRY, **change})


def test_names_differ() -> None:
    with pytest.raises(ValueError, match="names must differ, twice here: small"):
        Catalogue((Entry(**ENTRY), Entry(**{**ENTRY, "kind": "detector"})))


def test_a_broken_file_says_where(tmp_path: Path) -> None:
    fields = {field.name for field in dataclasses.fields(Entry)} - {"name", "sha256"}
    (tmp_path / "c.yaml").write_text("models: [{name: small, size: 1}]\n")
    with pytest.raises(ModelError, match=r"c.yaml: unknown models\[0\].size .*; missing models\[0\].kind") as caught:
        catalogue(tmp_path / "c.yaml")
    assert not [name for name in fields if f"missing models[0].{name}" not in str(caught.value)]


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(UsageError, match="nothing of the name videomaee can be fetched; there are: yolo11n, kabr_x3d"):
        entry_of("videomaee")
