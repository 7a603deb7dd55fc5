"""Labelled intervals from any file or folder of labels; the format is told by its content."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from pipeline.errors import TableError, UsageError
from pipeline.formats.ava import names_beside, read_seconds
from pipeline.formats.boris import is_boris, read_boris
from pipeline.formats.boris_project import read_project
from pipeline.formats.chimpact import is_ava, read_ava, read_behaviours
from pipeline.formats.cvat_behaviour import ACTIONS, find_scenes, read_actions
from pipeline.formats.intervals_text import read_plain
from pipeline.formats.jwatcher import FOCAL, read_focal
from pipeline.formats.kabr_write import PREDICTIONS
from pipeline.formats.labels import each
from pipeline.formats.scores import read_predictions
from pipeline.formats.sdis import read_sdis
from pipeline.formats.text import read_lines


def read_intervals(paths: list[Path], faulty: bool = False) -> pd.DataFrame:
    """``INTERVALS`` of all files and folders, one after another.

    A folder holds mini-scenes labelled in CVAT, or folders of such; ChimpACT's json, one a video; or JWatcher's data
    files, one an animal. ``TableError`` has the faults of all files in one line; ``place`` begins with the file's name.
    ``faulty``: rows of a spreadsheet that cannot be are no error, they are kept with their ``fault``.
    """
    if not paths:
        raise UsageError("no labels given; for example: labels=[boris_events.tsv]")
    return _placed(lambda path: _of_folder(path) if path.is_dir() else _of_file(path, faulty), paths)


def _placed(read: Callable[[Path], pd.DataFrame], paths: Sequence[Path]) -> pd.DataFrame:
    """What is read of each, one after another; ``place`` begins with its name."""
    parts = zip(paths, each(read, paths), strict=True)
    return pd.concat([part.assign(place=f"{path.name}, " + part["place"]) for path, part in parts], ignore_index=True)


def _of_folder(folder: Path) -> pd.DataFrame:
    if scenes := find_scenes(folder):
        return read_actions(folder, scenes)
    if files := sorted(folder.glob("*.json")):
        return _placed(read_behaviours, files)
    if files := sorted(folder.glob("*.dat")):
        return _placed(read_focal, files)
    raise TableError(f"{folder}: no folder of labelled mini-scenes: none below it holds {ACTIONS}/")


def _of_file(path: Path, faulty: bool) -> pd.DataFrame:
    if path.suffix.lower() == ".boris":
        return read_project(path)
    if path.suffix.lower() == ".sds":
        return read_sdis(path)
    lines = read_lines(path)
    if not lines:
        raise TableError(f"{path}: it is empty")
    if lines[0][1].startswith("<"):
        raise TableError(
            f"{path}: labels of CVAT are read from the folder of mini-scenes, the one that holds {ACTIONS}/"
        )
    if lines[0][1].startswith(FOCAL):
        return read_focal(path)
    if lines[0][1].startswith("{"):
        return read_behaviours(path)
    if lines[0][1].split(" ") == list(PREDICTIONS):
        return read_predictions(path)
    if is_ava(lines[0][1]):
        return read_seconds(path, names) if (names := names_beside(path, lines[0][1])) else read_ava(path)
    return read_boris(path) if is_boris(lines[0][1]) else read_plain(path, faulty)
