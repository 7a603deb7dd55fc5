"""``ethopipe doctor``: what this machine has, what is missing, and how to get it."""

import platform
from collections.abc import Iterator

import pipeline
from pipeline.chain.versions import PARTS, installed
from pipeline.device import available
from pipeline.errors import MissingPart

_EXTRAS = {
    "openvino": "OpenVINO folders as detector.model",
    "geopandas": "places on the ground as a GeoPackage",
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

    from pipeline.video.encode import encoder

    for codec, label in _CODECS.items():
        yield f"  {'ok' if codec in av.codecs_available else 'missing':9s}decoder {label}"
    found = encoder()
    yield f"  {'ok' if found else 'missing':9s}encoder H.264 {found or ''}: overlay, mini-scenes"


def _device() -> str:
    try:
        fastest = available()[0]
    except MissingPart:
        return "cpu (torch is not installed: detector=motion and recognizer=kinematic work without it)"
    if fastest == "cuda":
        import torch

        return "cuda: " + ", ".join(torch.cuda.get_device_name(k) for k in range(torch.cuda.device_count()))
    none = "cpu: no GPU was found; everything runs, models with weights run slower"
    return "mps (Apple)" if fastest == "mps" else none
