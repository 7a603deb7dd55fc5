"""``sha256sums.txt`` of a model's folder: written last, and the folder held against it.

The form is that of the common tool: ``sha256sum -c sha256sums.txt`` in the folder says the same.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from pipeline.artifacts import file_hash, write_text
from pipeline.errors import ModelError

SUMS = "sha256sums.txt"  # every file's sha256; written last, so a folder that has it was whole
_FOR_PEOPLE = "README.md"  # says how the model was made; a slip in it may be mended
_LINE = re.compile(r"(?P<sha256>[0-9a-f]{64}) [ *](?P<name>[^/\\]+)")


def files_of(folder: Path) -> list[Path]:
    """The files that make a model: those of the folder itself, but hidden ones, its README and its checksums."""
    aside = {SUMS, _FOR_PEOPLE}
    there = (path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    return sorted(path for path in there if path.name not in aside)


def write_sums(folder: Path, names: Sequence[str] | None = None) -> None:
    """Record the files of these names, or all of ``files_of``, as they are now. To be called last."""
    chosen = [path.name for path in files_of(folder)] if names is None else sorted(names)
    write_text(folder / SUMS, "".join(f"{file_hash(folder / name)}  {name}\n" for name in chosen))


def read_sums(folder: Path) -> dict[str, str]:
    """The recorded sha256 of each file by its name; empty where nothing is recorded.

    ``ModelError`` names the lines that are not ``<sha256>  <name>`` of a file in the folder itself.
    """
    path = folder / SUMS
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    found = [(number, _LINE.fullmatch(line)) for number, line in enumerate(lines, start=1) if line.strip()]
    if wrong := [str(number) for number, match in found if match is None]:
        raise ModelError(f"{path}: not '<sha256>  <file>' in lines {', '.join(wrong)}; write or fetch the model again")
    return {match["name"]: match["sha256"] for _, match in found if match}
