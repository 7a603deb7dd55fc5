import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from pipeline.detectors import weights
from pipeline.errors import MissingPart, ModelError, UsageError


class Stranger:
    """What a checkpoint must not bring along."""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("ETHOPIPE_MODELS", raising=False)
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(tmp_path / "settings"))
    return tmp_path / "cache" / "ethopipe"


def unreachable(*_: Any, **__: Any) -> None:
    raise ConnectionError("❌ Download failure for https://github.com/x. Environment may be offline.\nmore")


def test_ultralytics_is_tame() -> None:
    threads = cv2.getNumThreads()
    form = np.get_printoptions()
    weights.prepared()
    from ultralytics.nn import tasks
    from ultralytics.utils import AUTOINSTALL, ONLINE

    assert (tasks.SAFE_LOAD, AUTOINSTALL, ONLINE) == (True, False, False)
    assert (cv2.getNumThreads(), np.get_printoptions()) == (threads, form)
    assert os.environ["YOLO_OFFLINE"] == "true"


DETECTS = """
from hydra.utils import instantiate
from pipeline.config import compose
instantiate(compose("run", ["source=[x]", "detector=embedded", "detector.image_px=64"]).detector).begin(None, None)
"""
COUNTS = """
import os, torch
print(torch.get_num_threads(), os.environ.get("OMP_NUM_THREADS"))
"""


def test_ultralytics_takes_no_threads_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    words = [[sys.executable, "-c", code] for code in (COUNTS, DETECTS + COUNTS)]
    alone, beside = (subprocess.run(line, capture_output=True, text=True, check=True).stdout for line in words)
    assert beside == alone


def test_a_file_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "my weights (1).pt"
    path.touch()
    assert weights.found(str(path)) == path


@pytest.mark.parametrize(
    "model",
    [
        "nowhere/yolo11n.pt",  # a folder that is not there, though the name is a published one
        "best.pt",  # a file that is not there
        "yolo11n",  # no suffix
        "https://example.org/best.pt",  # nothing is fetched from just anywhere
    ],
)
def test_absent_models_are_refused(model: str) -> None:
    with pytest.raises(UsageError, match=r"no such model: .*; detector.model is a path to a .pt file, .* such as yolo"):
        weights.found(model)


def test_a_slip_in_a_published_name_is_answered_with_the_name() -> None:
    with pytest.raises(UsageError, match=r"no such model: yolo11.pt; .* such as yolo11\w.pt"):
        weights.found("yolo11.pt")


def test_published_models_are_fetched_once(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    weights.prepared()
    fetched: list[Path] = []

    def fetch(path: Path, **_: Any) -> None:
        fetched.append(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    monkeypatch.setattr("ultralytics.utils.downloads.attempt_download_asset", fetch)
    assert weights.found("yolo11n.pt") == weights.found("yolo11n.pt") == cache / "models" / "yolo11n" / "yolo11n.pt"
    assert fetched == [cache / "models" / "yolo11n" / "yolo11n.pt"]


def test_offline_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    weights.prepared()
    monkeypatch.setattr("ultralytics.utils.downloads.attempt_download_asset", unreachable)
    text = (
        r"cannot get yolo11n.pt: Download failure for https://github.com/x. Environment may be offline; "
        r"download it once and give detector.model=PATH, or use detector=embedded or detector=motion"
    )
    with pytest.raises(MissingPart, match=text):
        weights.found("yolo11n.pt")


@pytest.mark.parametrize(("name", "package"), [("best.onnx", "onnxruntime"), ("best_int8_openvino_model", "openvino")])
def test_absent_runtimes_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, package: str) -> None:
    (tmp_path / name).touch()
    monkeypatch.setattr(weights, "find_spec", lambda _: None)
    with pytest.raises(MissingPart, match=rf"{name} needs the package {package}: pip install {package}"):
        weights.found(str(tmp_path / name))


@pytest.mark.parametrize("model", ["", ".", "weights"])
def test_folders_are_known_by_their_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "weights").mkdir()
    with pytest.raises(UsageError, match=r"is no exported model: the name of one ends in _openvino_model"):
        weights.found(model)


def test_a_description_of_a_network_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "yolo11n.yaml").touch()
    with pytest.raises(UsageError, match=r"yolo11n.yaml describes a network but holds no weights"):
        weights.found(str(tmp_path / "yolo11n.yaml"))


def test_a_checkpoint_with_foreign_code_is_refused_by_name(tmp_path: Path) -> None:
    import torch

    torch.save({"model": Stranger()}, tmp_path / "best.pt")
    with pytest.raises(ModelError, match=r"best.pt was not loaded: .* code of tests.detectors.test_weights.Stranger"):
        weights.opened(tmp_path / "best.pt")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.pt", b""),  # nothing in it
        ("text.pt", b"these are no weights"),  # something else
    ],
)
def test_files_that_are_no_models(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ModelError, match=rf"cannot load .*{name}: \S"):
        weights.opened(path)


def test_an_untamed_ultralytics_reads_no_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights.prepared()
    monkeypatch.setattr("ultralytics.nn.tasks.SAFE_LOAD", False)
    with pytest.raises(MissingPart, match=r"would run code inside .*best.pt: .* pip install -U ultralytics"):
        weights.opened(tmp_path / "best.pt")
