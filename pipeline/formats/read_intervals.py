"""Labelled intervals from any file or folder of labels; the format is told by its content."""

from pathlib import Path

import pandas as pd

from pipeline.errors import TableError, UsageError
from pipeline.formats.boris import is_boris, read_boris
from pipeline.formats.boris_project import read_project
from pipeline.formats.cvat_behaviour import ACTIONS, read_actions
from pipeline.formats.intervals_text import read_plain
from pipeline.formats.text import read_lines


def read_intervals(paths: list[Path]) -> pd.DataFrame:
    """``INTERVALS`` of all files and folders, one after another.

    A folder holds mini-scenes labelled in CVAT, or folders of such. ``TableError`` has all faults of a file in one
    line; ``place`` then begins with the file's name.
    """
    if not paths:
        raise UsageError("no labels given; for example: labels=[boris_events.tsv]")
    parts = []
    for path in paths:
        found = pd.concat([read_actions(folder) for folder in _scenes(path)]) if path.is_dir() else _of_file(path)
        parts.append(found.assign(place=f"{path.name}, " + found["place"]))
    return pd.concat(parts, ignore_index=True)


def _scenes(folder: Path) -> list[Path]:
    """The folders of mini-scenes at or below ``folder``."""
    found = sorted(path.parent for path in [folder / ACTIONS, *folder.rglob(f"*/{ACTIONS}")] if path.is_dir())
    if not found:
        raise TableError(f"{folder}: no folder of labelled mini-scenes: none below it holds {ACTIONS}/")
    return found


def _of_file(path: Path) -> pd.DataFrame:
    if path.suffix.lower() == ".boris":
        return read_project(path)
    lines = read_lines(path)
    if not lines:
        raise TableError(f"{path}: it is empty")
    if lines[0][1].startswith("<"):
        raise TableError(
            f"{path}: labels of CVAT are read from the folder of mini-scenes, the one that holds {ACTIONS}/"
        )
    return read_boris(path) if is_boris(lines[0][1]) else read_plain(path)
