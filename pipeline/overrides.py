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
    "detector.path",
    "detector.model",
    "recognizer.path",
    "recognizer.model",
    "data",
    "init",
    "labels",
    "old2new",
    "scores",
    "run",
    "truth",
    "tracks",
}


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
                overrides.append(f"{key}={quoted(_at_home(value)) if _plain_path(key, value) else value}")
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


def _plain_path(key: str, value: str) -> bool:
    several = (key in {"labels", "data"} and value.startswith("[")) or (key == "old2new" and value.startswith("{"))
    return key in _PATHS and value not in {"", "null"} and value[0] not in "'\"" and not several


def quoted(text: str) -> str:
    """A word as Hydra's override grammar takes it literally, whatever is in it."""
    escaped = re.sub(r"(\\*)'", r"\1\1\\'", text)  # backslashes only count before a quote
    escaped = re.sub(r"(\\+)$", r"\1\1", escaped).replace("${", "\\${")
    return f"'{escaped}'"
