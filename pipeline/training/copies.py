"""Files that are copies of one another, whatever they are called."""

from collections.abc import Iterable
from pathlib import Path

from pipeline.artifacts import fingerprint, sampled_content


def copies(folder: Path, paths: Iterable[str]) -> dict[str, str]:
    """Each of the files and folders of pictures below ``folder``, and the first of the same content: often itself.

    Only those of one size are looked into.
    """
    of_size: dict[tuple[int, ...], list[str]] = {}
    for path in sorted(set(paths)):
        of_size.setdefault(tuple(file.stat().st_size for file in _files(folder / path)), []).append(path)
    found: dict[str, str] = {}
    for same in of_size.values():
        first: dict[str, str] = {}
        for path in same:
            found[path] = first.setdefault(content(folder / path) if len(same) > 1 else path, path)
    return found


def content(path: Path) -> str:
    """The same for a file or a folder of pictures and its copies: SHA-256 of sizes and sampled blocks."""
    return fingerprint([sampled_content(file) for file in _files(path)])


def _files(path: Path) -> list[Path]:
    return sorted(file for file in path.iterdir() if file.is_file()) if path.is_dir() else [path]
