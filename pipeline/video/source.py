"""The user's words -> the videos they mean: files, folders, globs, and text files of paths.

A video's key is its path below the source's root, extension included, with every part made safe for any file system.
It never depends on which other videos there are. The root of a folder is the folder, of a glob the part before the
first wildcard, of a file its folder, of a path in a list the list's folder (or, elsewhere, its own).
"""

import hashlib
import itertools
import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from pipeline.artifacts import read_object
from pipeline.errors import UsageError
from pipeline.types import Video

VIDEO_SUFFIXES = ("mp4", "mov", "avi", "mkv", "m4v", "mts", "gif")
STILL_SUFFIXES = ("jpg", "jpeg", "png", "tif", "tiff", "bmp", "webp")  # a still is a video of one frame

_MAGIC = re.compile(r"[*?[]")
_OURS = {"videos", "tables", "figures"}  # what a run writes below its folder
_LONGEST = 160  # bytes of one part of a key: file systems allow 255, and artifacts add to it
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{i}" for port in ("com", "lpt") for i in range(1, 10))}  # Windows


def find_videos(sources: Sequence[str]) -> list[Video]:
    """The videos that the sources mean, sorted by key, each file once.

    ``UsageError`` where a source names nothing, holds no video, or two files would share a key.
    """
    found: dict[str, Video] = {}
    for source in sources:
        for root, path in _expanded(str(source)):
            found.setdefault(os.path.realpath(path), Video(key_of(path.relative_to(root)), path))
    videos = sorted(found.values(), key=lambda video: video.key)
    for first, second in itertools.pairwise(videos):
        if first.key == second.key:
            raise UsageError(
                f"{first.path} and {second.path} would both be kept as {first.key}; "
                f"give their common folder {_common(first.path, second.path)} as the source instead"
            )
    return videos


def is_still(path: Path) -> bool:
    """Is this file a picture, by its name?"""
    return _suffix(path) in STILL_SUFFIXES


def key_of(path: Path) -> str:
    """The key of a relative path: its parts, percent-encoded, joined by ``/``.

    ASCII letters, digits and ``_.-~`` stay. A part that would be too long is cut and ends in ``~`` and eight digits of
    its hash.
    """
    return "/".join(_safe(part) for part in path.parts)


def is_run(folder: Path) -> bool:
    """Is this the output folder of a run: does it hold a ``run.json`` of ours?"""
    versions = read_object(folder / "run.json").get("versions")
    return isinstance(versions, dict) and "ethopipe" in versions


def _safe(part: str) -> str:
    part = unicodedata.normalize("NFC", part)  # macOS may store the accents apart
    safe = quote(os.fsencode(part), safe="")
    if safe.split(".")[0].lower() in _RESERVED:
        safe = f"%{ord(safe[0]):02X}{safe[1:]}"
    if safe.endswith("."):  # also "..": no part can climb out of the folder
        safe = f"{safe[:-1]}%2E"
    if len(safe) > _LONGEST:
        digest = hashlib.sha256(safe.encode()).hexdigest()[:8]
        cut = re.sub("%.?$", "", safe[: _LONGEST - 20])  # not in the middle of an escape
        safe = f"{cut}~{digest}{Path(safe).suffix[:10]}"
    return safe


def _suffix(path: Path) -> str:
    return path.suffix.lower().lstrip(".")


def _common(first: Path, second: Path) -> str:
    return os.path.commonpath([first.resolve().parent, second.resolve().parent])


def _expanded(source: str) -> Iterator[tuple[Path, Path]]:
    """Root and path of every video that one source means."""
    path = _at_home(source)
    if not source.strip():
        raise UsageError("a source is empty: give a file, a folder, a glob or a .txt list of paths")
    try:
        folder, file = path.is_dir(), path.is_file()
    except OSError as error:
        raise UsageError(f"{source} cannot be looked up: {error.strerror}") from None
    if folder:
        yield from _some(path, source)
    elif file and _suffix(path) == "txt":
        yield from _listed(path)
    elif file:
        yield path.parent, path
    elif _MAGIC.search(source):
        yield from _globbed(path, source)
    else:
        raise UsageError(f"no such file or folder: {source}")


def _at_home(path: str) -> Path:
    """A path with its ``~`` expanded; as it is where there is no such home."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def _some(folder: Path, source: str) -> list[tuple[Path, Path]]:
    """The videos below a folder; ``UsageError`` where there is none."""
    paths = list(_walked(folder))
    if not paths:
        kinds = ", ".join([*VIDEO_SUFFIXES, *STILL_SUFFIXES])
        raise UsageError(f"no video in {source}: looked for {kinds} in it and below")
    return [(folder, path) for path in paths]


def _walked(folder: Path) -> Iterator[Path]:
    """Every video below a folder, in order; links are followed, each folder is entered once."""
    entered = set()
    for here, folders, files in os.walk(folder, followlinks=True):
        if (real := os.path.realpath(here)) in entered:
            folders.clear()
            continue
        entered.add(real)
        ours = _OURS if is_run(Path(here)) else set()
        kept = (name for name in folders if not name.startswith(".") and name not in ours)
        folders[:] = sorted(kept, key=lambda name: (Path(here, name).is_symlink(), name))  # the real folder goes first
        yield from (Path(here, name) for name in sorted(files) if _wanted(Path(name)))


def _wanted(path: Path) -> bool:
    return not path.name.startswith(".") and _suffix(path) in VIDEO_SUFFIXES + STILL_SUFFIXES


def _globbed(pattern: Path, source: str) -> Iterator[tuple[Path, Path]]:
    """What a glob matches: videos by their suffix, and all that is below the folders."""
    first = next(i for i, part in enumerate(pattern.parts) if _MAGIC.search(part))
    root = Path(*pattern.parts[:first])
    try:
        matches = [path for path in sorted(root.glob("/".join(pattern.parts[first:]))) if not _hidden(path, root)]
    except ValueError as error:
        raise UsageError(f"{source} cannot be matched: {error}") from None
    paths = [path for path in matches if path.is_file() and _wanted(path)]
    paths += [path for folder in matches if folder.is_dir() for path in _walked(folder)]
    if not paths:
        raise UsageError(f"no video matches {source}" if matches else f"nothing matches {source}")
    yield from ((root, path) for path in paths)


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def _listed(listing: Path) -> Iterator[tuple[Path, Path]]:
    """The videos of a text file: a path a line, relative to the file's folder; ``#`` starts a comment line."""
    try:
        lines = listing.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise UsageError(f"{listing} is not a list of paths: it is not text in UTF-8") from None
    entries = [(i, line.strip()) for i, line in enumerate(lines, 1)]
    entries = [(i, line) for i, line in entries if line and not line.startswith("#")]
    if not entries:
        raise UsageError(f"no video in {listing}: it lists no path")
    for i, line in entries:
        try:
            if _suffix(Path(line)) == "txt":
                raise UsageError(f"a list cannot name another list: {line}")
            found = list(_expanded(str(listing.parent / _at_home(line))))
        except UsageError as error:
            raise UsageError(f"{listing}, line {i}: {error}") from None
        for root, path in found:
            yield (listing.parent if path.is_relative_to(listing.parent) else root), path
