"""The words of a command line: which are sources, which settings, and how a path is quoted for Hydra."""

import re
from collections.abc import Sequence
from pathlib import Path

from pipeline.errors import UsageError

_OVERRIDE = re.compile(r"[+~]{0,2}[A-Za-z_][\w./@]*=.*", re.DOTALL)
_PATHS = {
    "out",
    "individuals",
    "observations",
    "sessions",
    "starts",
    "habitats",
    "held_out",
    "audit",
    "detector.path",
    "detector.model",
    "detector.weights",
    "ground.telemetry",
    "recognizer.path",
    "recognizer.model",
    "recognizer.classes_json",
    "fit.cache",
    "scenes",
    "data",
    "init",
    "labels",
    "old2new",
    "scores",
    "run",
    "truth",
    "tracks",
    "runs",
}
_LISTS = {"source", "runs", "coders", "data", "labels", "audit"}  # that may name several paths
_ITEM = re.compile(r"""\s*('(?:\\.|[^'])*'|"(?:\\.|[^"])*"|(?:\\.|[^,])+?)\s*(?:,|$)""")


def parse(words: Sequence[str]) -> tuple[list[str], list[str], set[str]]:
    """Sources, overrides and flags of a command line.

    A word is an override where it looks like one and no such file exists; what names a path is quoted for the user, so
    that spaces, brackets, commas and ``=`` in it stay part of it.
    """
    sources: list[str] = []
    overrides: list[str] = []
    flags: set[str] = set()
    for word in words:
        if word == "--cfg":
            flags.add(word)
        elif word.startswith("--"):
            raise UsageError(f"no option {word}; settings are given as key=value (see ethopipe run --help)")
        elif _OVERRIDE.fullmatch(word) and not _there(word):
            key, _, value = word.partition("=")
            if key == "source" and not value.startswith("["):
                sources.append(value)
            else:
                overrides.append(f"{key}={_quoted_paths(key, value)}")
        else:
            sources.append(word)
    return sources, overrides, flags


def _there(word: str) -> bool:
    try:
        return Path(word).exists()
    except OSError:  # too long for a file's name
        return False


def _at_home(path: str) -> str:
    """A path with its ``~`` expanded, which some shells leave where it follows a ``=``."""
    try:
        return str(Path(path).expanduser()) if path.startswith("~") else path
    except RuntimeError:
        raise UsageError(f"{path} is in nobody's home folder; write the whole path") from None


def _quoted_paths(key: str, value: str) -> str:
    """The value of a setting, each path in it quoted: a folder that is named by a date would be read as a number."""
    if key in _LISTS and value.startswith("[") and value.endswith("]"):
        items = [item if r"\," in item else _quoted_path(item) for item in _ITEM.findall(value[1:-1])]
        return f"[{','.join(items)}]"
    if key in _PATHS and value not in {"", "null"} and not (key == "old2new" and value[0] == "{"):
        return _quoted_path(value)
    return value


def _quoted_path(word: str) -> str:
    """A word quoted where it is not."""
    return word if word[0] in "'\"" else quoted(_at_home(word))


def quoted(text: str) -> str:
    """A word as Hydra's override grammar takes it literally, whatever is in it."""
    escaped = re.sub(r"(\\*)'", r"\1\1\\'", text)  # backslashes only count before a quote
    escaped = re.sub(r"(\\+)$", r"\1\1", escaped).replace("${", "\\${")
    return f"'{escaped}'"
