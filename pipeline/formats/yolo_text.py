"""YOLO text: a folder with one file a frame, a line a box: ``class cx cy w h [confidence] [identity]``, in shares of
the picture's size.

Files are named ``<frame>.txt``, ``frame_<frame>.txt`` (CVAT) or ``<stem>_<frame>.txt`` (kabr-tools; ultralytics, whose
``predict`` counts frames from 1: give ``first_frame=1``). A frame without animals has an empty file or none.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import yaml

from pipeline.errors import TableError
from pipeline.formats.labels import Faults, finished, is_whole, numbers
from pipeline.formats.text import read_lines, read_text

NUMBERED = re.compile(r"^(?P<stem>.*?)[_-]?(?P<frame>\d+)$")
NAMES = ("data.yaml", "dataset.yaml", "metadata.yaml", "obj.names", "classes.txt", "labels.txt")
COLUMNS = ["class", "cx", "cy", "w", "h", "sixth", "seventh"]


def read_yolo(path: Path, stem: str, size: tuple[int, int], first_frame: int = 0) -> pd.DataFrame:
    """Boxes of the video ``stem`` whose pictures have ``size`` (width, height).

    ``path`` is the folder, a folder with ``labels/`` or ``obj_train_data/`` in it, or the one file of a still.
    A sixth field is an identity where it is whole throughout and never twice in a file, else a confidence
    (ultralytics writes either). Names come from ``data.yaml`` or ``obj.names``; without them species is ``class 3``.
    ``TableError`` names every fault by file and line.
    """
    folder = _folder(path)
    files = {path: first_frame} if path.is_file() else _numbered(folder, stem, first_frame)
    return _read(path, files, size, _names(folder, folder.parent), first_frame)


def read_yolo_pictures(path: Path, files: Mapping[Path, int], sizes: Mapping[int, tuple[int, int]]) -> pd.DataFrame:
    """Boxes of a data set's pictures: ``files`` gives each text file its picture's number, ``sizes`` the pictures'.

    ``path`` is the data set; class names are looked for in it, and where the text files are. Errors as ``read_yolo``.
    """
    places = dict.fromkeys([path, *(place for file in files for place in (file.parent, file.parent.parent))])
    return _read(path, files, sizes, _names(*places), 0)


def _read(
    path: Path,
    files: Mapping[Path, int],
    size: tuple[int, int] | Mapping[int, tuple[int, int]],
    names: dict[int, str],
    first_frame: int,
) -> pd.DataFrame:
    """Boxes of files, of which each stands for a frame; ``size`` is that of all pictures, or of each frame's."""
    places: list[str] = []
    faults = Faults(path, lambda row: places[row])
    raw = _rows(files, places, faults)
    data = numbers(raw[COLUMNS[:5]], faults)
    data["frame"] = raw["frame"].astype("float64")
    data = data.assign(**_extras(numbers(raw[COLUMNS[5:]].replace("", "-1"), faults), data["frame"]))
    for name in ("cx", "cy", "w", "h"):
        faults.mark(data[name].abs() > 10, name + " must be a share of the picture, got {:g}", data[name])
    data["species"] = _species(data["class"], names, faults)
    return finished(_scaled(data, size), faults, first_frame)


def _folder(path: Path) -> Path:
    if path.is_file():
        return path.parent
    inner = (path / name for name in ("obj_train_data", "labels"))
    return next((folder for folder in inner if folder.is_dir()), path)


def _numbered(folder: Path, stem: str, first_frame: int) -> dict[Path, int]:
    """The files of one video, with the frame each stands for; a file named as the video itself is a still's."""
    files = {}
    for path in sorted(folder.glob("*.txt")):
        match = NUMBERED.match(path.stem)
        if path.stem == stem:
            files[path] = first_frame
        elif match and match["stem"] in ("", "frame", stem):
            files[path] = int(match["frame"])
    if not files:
        raise TableError(f"{folder}: no file named {stem}_<frame>.txt, frame_<frame>.txt or <frame>.txt")
    return files


def _rows(files: Mapping[Path, int], places: list[str], faults: Faults) -> pd.DataFrame:
    """All lines as text, padded to seven fields; ``places`` grows with them."""
    rows: list[list[object]] = []
    index: list[int] = []
    for path, frame in files.items():
        for number, line in read_lines(path):
            fields = line.split()
            places.append(f"{path.name} line {number}")
            if 5 <= len(fields) <= 7:
                rows.append([frame, *fields, *[""] * (7 - len(fields))])
                index.append(len(places) - 1)
            else:
                faults.add(len(places) - 1, f"{len(fields)} fields, expected 5 to 7 (polygons are not boxes)")
    return pd.DataFrame(rows, index=index, columns=["frame", *COLUMNS])


def _extras(extra: pd.DataFrame, frame: pd.Series) -> dict[str, "pd.Series[float] | float"]:
    """Score and identity out of the last two fields, -1 where a field is absent."""
    sixth, seventh = extra["sixth"], extra["seventh"]
    there = sixth >= 0
    alone = bool((seventh == -1).all())
    once = not pd.DataFrame({"frame": frame, "id": sixth})[there].duplicated().any()
    if alone and there.any() and once and is_whole(sixth, -1).all():
        return {"score": 1.0, "given_id": sixth}
    return {"score": sixth.mask(sixth == -1, 1.0), "given_id": seventh}


def _names(*places: Path) -> dict[int, str]:
    """Class names from the first file of them in the folders; empty where there are none."""
    for path in (place / name for place in places for name in NAMES):
        if not path.is_file():
            continue
        if path.suffix != ".yaml":
            return {number: name for number, (_, name) in enumerate(read_lines(path))}
        names = _yaml_names(path)
        if names:
            return names
    return {}


def _yaml_names(path: Path) -> dict[int, str]:
    try:
        content = yaml.safe_load(read_text(path))
        names = content.get("names") if isinstance(content, dict) else None
        pairs = names.items() if isinstance(names, dict) else enumerate(names or [])
        return {int(number): str(name) for number, name in pairs}
    except (yaml.YAMLError, TypeError, ValueError, RecursionError) as error:
        raise TableError(f"{path}: no class names can be read: {' '.join(str(error).split())}") from error


def _species(classes: pd.Series, names: dict[int, str], faults: Faults) -> pd.Series:
    known = classes.isin(list(names)) if names else is_whole(classes, 0)
    rule = f"one of the {len(names)} that are named" if names else "a whole number from 0"
    faults.mark(~known & classes.notna(), f"class must be {rule}, got " + "{:g}", classes)
    return classes.map(lambda value: names.get(value, f"class {value:g}")).astype("str")


def _scaled(data: pd.DataFrame, size: tuple[int, int] | Mapping[int, tuple[int, int]]) -> pd.DataFrame:
    """Corners in pixels."""
    of_frame = dict.fromkeys(data["frame"].unique(), size) if isinstance(size, tuple) else size
    width, height = (data["frame"].map({k: sides[i] for k, sides in of_frame.items()}) for i in (0, 1))
    return data.assign(
        x1=(data["cx"] - data["w"] / 2) * width,
        y1=(data["cy"] - data["h"] / 2) * height,
        x2=(data["cx"] + data["w"] / 2) * width,
        y2=(data["cy"] + data["h"] / 2) * height,
    )
