"""An ultralytics model's file or folder: found, or fetched once, and loaded as data.

ultralytics by default runs what a checkpoint's pickle says, installs packages, reports usage and writes settings into
the home folder. All of that is turned off before it is imported.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from pipeline.detectors import folder as own
from pipeline.errors import EthopipeError, MissingPart, ModelError, UsageError
from pipeline.formats.near import SLIP, nearest
from pipeline.model_folder import CARD, cache_folder, code_wanted, fetched_folder, find_model

log = logging.getLogger(__name__)

_PACKAGES = (".mlpackage", ".aimodel")  # the exports that are folders with a suffix
RUNTIMES = {".onnx": "onnxruntime", "_openvino_model": "openvino"}  # how a model's name ends: the package it needs


def prepared() -> Any:
    """The module ``ultralytics``, imported tame; ``MissingPart`` where it is not installed."""
    os.environ.update(ULTRALYTICS_SAFE_LOAD="1", YOLO_AUTOINSTALL="false", YOLO_OFFLINE="true")
    os.environ.setdefault("YOLO_VERBOSE", "false")
    os.environ.setdefault("YOLO_CONFIG_DIR", str(cache_folder()))
    try:
        with np.printoptions(), threads_kept():
            import torchvision  # noqa: F401  first: ultralytics then always uses its suppression of doubles
            import ultralytics
    except ImportError as error:
        raise MissingPart(
            f"detector=yolo needs ultralytics and torchvision ({error}): pip install ultralytics, "
            "or use detector=motion, which needs no weights"
        ) from error
    return ultralytics


@contextmanager
def threads_kept() -> Iterator[None]:
    """Whatever ultralytics does inside, torch and OpenCV keep their threads, here and in processes started later.

    When imported it sets OMP_NUM_THREADS=1, which torch reads the first time it counts its threads; when it takes a CPU
    it leaves torch all cores but one, at most eight. The recognizer would be as slow.
    """
    import torch

    of_cv2, of_torch, told = cv2.getNumThreads(), torch.get_num_threads(), os.environ.get("OMP_NUM_THREADS")
    try:
        yield
    finally:
        cv2.setNumThreads(of_cv2)
        torch.set_num_threads(of_torch)
        if told is None:
            os.environ.pop("OMP_NUM_THREADS", None)


def found(model: str) -> Path:
    """What ``model`` names: a path, a folder of ``models/``, or a checkpoint that ultralytics publishes.

    A published one is fetched when it is first asked for. Raises ``UsageError`` where there is no such thing,
    ``MissingPart`` where it cannot be fetched or its runtime is not installed.
    """
    path = Path(model)
    if not path.exists():
        path = find_model(model) or _published(model)
    if (path / CARD).is_file():
        return path
    if path.is_dir() and not path.name.endswith(("_model", *_PACKAGES)):
        raise UsageError(
            f"folder {path} is no exported model: the name of one ends in _openvino_model or alike, "
            f"and one of ours holds {CARD}"
        )
    if path.suffix in {".yaml", ".yml"}:
        raise UsageError(f"{model} describes a network but holds no weights; give a .pt, .onnx or OpenVINO folder")
    for ending, package in RUNTIMES.items():
        if path.name.endswith(ending) and find_spec(package) is None:
            raise MissingPart(f"{model} needs the package {package}: pip install {package}")
    return path


def _published(model: str) -> Path:
    """The cached copy of a published checkpoint, fetched where it is not there yet."""
    prepared()
    from ultralytics.utils.downloads import GITHUB_ASSETS_NAMES, attempt_download_asset

    if model not in GITHUB_ASSETS_NAMES:
        near = nearest(model, sorted(GITHUB_ASSETS_NAMES), SLIP) or "yolo11n.pt"
        raise UsageError(
            f"no such model: {model}; detector.model is a path to a .pt file, an .onnx file or an OpenVINO folder, "
            f"a folder of models/, or a name that ultralytics publishes, such as {near}"
        )
    path = fetched_folder() / Path(model).stem / model
    if path.exists():
        return path
    log.info("fetching %s into %s", model, path.parent)
    try:
        attempt_download_asset(path, progress=False)
    except (OSError, MemoryError) as error:
        raise MissingPart(
            f"cannot get {model}: {_plain(error)}; download it once and give detector.model=PATH, "
            "or use detector=embedded or detector=motion, which need no download"
        ) from error
    return path


def opened(path: Path) -> Any:
    """The model as ultralytics' ``YOLO``; ``ModelError`` where the file is not one, or would run code to be read."""
    ultralytics = prepared()
    from ultralytics.nn import tasks

    if path.suffix == ".pt" and not getattr(tasks, "SAFE_LOAD", False):
        raise MissingPart(
            f"ultralytics {ultralytics.__version__} would run code inside {path}: it is too old, or was imported "
            "before ethopipe could forbid it; pip install -U ultralytics, or export the model to .onnx"
        )
    with refusing(path):
        if path.is_dir() and (path / CARD).is_file():
            return own.filled(path)
        return ultralytics.YOLO(str(path))


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Any failure to read a model becomes one line; a pickled class that is not a network's is named."""
    try:
        yield
    except EthopipeError:
        raise
    except Exception as error:  # archives, pickles and graphs each have readers that fail in their own ways
        if code := code_wanted(error):
            raise ModelError(
                f"{path} was not loaded: to read it, code of {code} would have to run; "
                "save the model with ultralytics again, or export it to .onnx"
            ) from error
        raise ModelError(f"cannot load {path}: {_plain(error)}") from error


def _plain(error: BaseException) -> str:
    """The first line of an error's text without pictograms."""
    lines = [*str(error).splitlines(), type(error).__name__]
    texts = (line.encode("ascii", "ignore").decode().removeprefix("ERROR").strip() for line in lines)
    return next(text for text in texts if text).rstrip(".")
