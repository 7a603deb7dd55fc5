"""``ethopipe doctor``: what this machine has, what is missing, and how to get it."""

import platform
import sys
from collections.abc import Iterator
from importlib.util import find_spec

import pipeline
from pipeline.versions import PARTS, installed

_EXTRAS = {
    "openvino": "OpenVINO folders as detector.model",
    "ray": "one run on many machines",
    "geopandas": "habitat polygons",
}
_CODECS = {"h264": "H.264", "hevc": "HEVC", "gif": "GIF", "mpeg4": "MPEG-4"}


def report() -> Iterator[str]:
    """The lines that ``ethopipe doctor`` prints."""
    yield f"ethopipe {pipeline.__version__}, Python {platform.python_version()}, {platform.platform()}"
    for name, use in PARTS.items():
        yield _line(name, use, "missing")
    for name, use in _EXTRAS.items():
        yield _line(name, use, "optional")
    yield from _codecs()
    yield f"  {'device':9s}{_device()}"


def _line(name: str, use: str, absent: str) -> str:
    found = installed(name)
    return f"  {'ok':9s}{name} {found}: {use}" if found else f"  {absent:9s}{name}: {use}; pip install {name}"


def _codecs() -> Iterator[str]:
    import av

    for codec, label in _CODECS.items():
        yield f"  {'ok' if codec in av.codecs_available else 'missing':9s}decoder {label}"
    encoder = next((name for name in ("libx264", "libopenh264") if name in av.codecs_available), None)
    yield f"  {'ok' if encoder else 'missing':9s}encoder H.264 {encoder or ''}: overlay, mini-scenes"


def _device() -> str:
    if find_spec("torch") is None:
        return "cpu (torch is not installed: detector=motion and recognizer=kinematic work without it)"
    import torch

    if torch.cuda.is_available():
        return "cuda: " + ", ".join(torch.cuda.get_device_name(k) for k in range(torch.cuda.device_count()))
    if sys.platform == "darwin" and torch.backends.mps.is_available():
        return "mps (Apple)"
    return "cpu: no GPU was found; everything runs, models with weights run slower"
