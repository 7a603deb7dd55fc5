"""Installed versions of ethopipe and of the parts that its numbers depend on."""

import platform
from importlib.metadata import PackageNotFoundError, version

import pipeline

PARTS = {
    "av": "decoding and encoding video",
    "decord": "reading training clips",
    "opencv-python": "pixels",
    "trackers": "tracking",
    "pandas": "tables",
    "matplotlib": "figures",
    "torch": "detectors and recognizers with weights",
    "torchvision": "detector=torchvision, recognizer=torchvision",
    "ultralytics": "detector=yolo",
    "transformers": "recognizer=transformers",
}


def versions() -> dict[str, str]:
    """Installed versions, by distribution; what is not installed is left out."""
    known = {"ethopipe": pipeline.__version__, "python": platform.python_version()}
    return known | {name: found for name in PARTS if (found := installed(name))}


def installed(name: str) -> str | None:
    """Version of a distribution, None where it is absent. ``decord2`` stands in for ``decord`` on macOS."""
    for candidate in (name, "decord2") if name == "decord" else (name,):
        try:
            return version(candidate)
        except PackageNotFoundError:
            continue
    return None
