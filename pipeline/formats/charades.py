"""Data sets in the form that SlowFast reads Charades in: KABR, BaboonLand's ``charades``, kabr-tools, Animal Kingdom.

::

    <folder>/annotation/train.csv      original_vido_id video_id frame_id path labels        (so misspelt: SlowFast
                                       G0067.1 1 1 G0067.1/1.jpg 0                            looks for that header)
                                       G0067.1 1 2 G0067.1/2.jpg "0,3"                       several behaviours
             annotation/classes.json   {"Walk": 0, ...}, or df_action.xlsx
             dataset/image/G0067.1/1.jpg 2.jpg ...
             dataset/video/<id>.mp4    instead of the pictures

A clip is a stretch of pictures that follow each other and have the same labels. ``G0067.1`` is the first part of the
recording G0067; parts of one recording are one group.
"""

import csv
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from pipeline.errors import TableError, VideoError
from pipeline.formats.class_names import class_names
from pipeline.formats.clips import CLIPS, END, together
from pipeline.formats.labels import Faults, each
from pipeline.formats.text import check_size, read_csv
from pipeline.video.images import ImageFolder

HEADER = ("original_vido_id", "video_id", "frame_id", "path", "labels")
_FOLDERS = ("annotation", "annotations", "annot", ".")
_SPLITS = ("train", "val", "test", "data")  # data: kabr-tools does not split
_IMAGES = ("dataset/image", "dataset/images", "image", "images", ".")
_VIDEOS = ("dataset/video", "dataset/videos", "video", "videos")
_PART = re.compile(r"\.\d+$")
_SPECIES = {"ZP": "plains zebra", "ZG": "Grevy's zebra", "G": "giraffe", "Z": "zebra", "B": "baboon"}

log = logging.getLogger(__name__)


def find_annotation(folder: Path) -> list[Path]:
    """The csv files of such a data set; none where ``folder`` holds no such."""
    for name in _FOLDERS:
        files = [folder / name / f"{split}.csv" for split in _SPLITS]
        if found := [path for path in files if path.is_file() and _first_line(path).startswith("original_vi")]:
            return found
    return []


def read_charades(folder: Path, classes: Sequence[str] = ()) -> pd.DataFrame:
    """``CLIPS`` of a data set; frames without any label are left out.

    ``classes`` names the behaviours in the order of their numbers where the data set does not. ``TableError`` has the
    faults of all files in one line.
    """
    files = find_annotation(folder)
    if not files:
        raise TableError(f"{folder}: no {_FOLDERS[0]}/train.csv that begins with {' '.join(HEADER)}")
    names = class_names(files[0].parent, classes)
    parts = each(lambda path: _clips(folder, path, _frames(path, names)), files)
    _check_once(parts, files)
    found = pd.concat([part.drop(columns="name") for part in parts], ignore_index=True)
    if found.empty:
        raise TableError(f"{folder}: no labelled frame in {', '.join(path.name for path in files)}")
    return CLIPS.cast(found, where=str(folder))


def _first_line(path: Path) -> str:
    with path.open("rb") as file:
        return file.readline(4096).decode("utf-8-sig", errors="replace")


def _frames(path: Path, names: dict[int, str]) -> pd.DataFrame:
    """A row a labelled frame, indexed by line: ``name`` (the folder's), ``number`` of the picture, ``behaviour``."""
    rows = _rows(path)
    faults = Faults(path)
    at = rows["path"].str.extract(r"^(?:.*/)?([^/\\.][^/\\]*)/[^/]*?(\d+)\.[^./]+$")
    faults.mark(at[0].isna(), "path must be <video>/<number>.jpg, got '{}'", rows["path"])
    faults.mark(at[1].str.len() > 9, "no video has so many frames: '{}'", rows["path"])
    behaviour = rows["labels"].map({text: _behaviour(text, names) for text in rows["labels"].unique()})
    rule = f"labels must be numbers from 0 to {max(names)}, joined by commas, got '{{}}'"
    faults.mark(behaviour.isna(), rule, rows["labels"])
    twice = at.duplicated() & at[0].notna()
    faults.mark(twice, "'{}' has a row already", rows["path"])
    faults.stop()
    data = pd.DataFrame({"name": at[0], "number": at[1].astype("int64"), "behaviour": behaviour})
    nothing = data["behaviour"] == ""
    if nothing.any():
        log.warning("%s: %s of %s frames have no label and are left out", path, f"{nothing.sum():,}", f"{len(data):,}")
    return data


def _rows(path: Path) -> pd.DataFrame:
    """The file as text without quotes, indexed by line; millions of rows are read in seconds."""
    check_size(path, path.stat().st_size)
    try:
        table = pd.read_csv(
            path, sep=" ", header=None, names=range(len(HEADER) + 1), dtype="str", na_filter=False,
            quoting=csv.QUOTE_NONE, skip_blank_lines=False, encoding="utf-8-sig",
        )  # fmt: skip
    except (ValueError, OSError) as error:
        read_csv(path)  # says it by line where it can
        raise TableError(f"cannot read {path}: {' '.join(str(error).split())}") from error
    table.index = pd.RangeIndex(1, len(table) + 1)
    table = table[table[0] != ""]
    if tuple(table.iloc[0, :5]) != HEADER:
        there = " ".join(table.iloc[0]).strip()
        raise TableError(f"{path}: line 1: the header must be '{' '.join(HEADER)}' (so misspelt), got '{there}'")
    faults = Faults(path)
    faults.mark((table[4] == "") | (table[5] != ""), f"not {len(HEADER)} fields with one space between them")
    faults.stop()
    rows = table.iloc[1:, :5].set_axis(list(HEADER), axis=1)
    return rows.assign(labels=rows["labels"].str.replace('"', ""), path=rows["path"].str.replace('"', ""))


def _behaviour(text: str, names: dict[int, str]) -> str | None:
    """The behaviours of ``0,3``; None where a number is none."""
    found = [names.get(int(number)) if number.isdecimal() else None for number in text.split(",")] if text else []
    return None if None in found else together(name for name in found if name)


def _clips(folder: Path, path: Path, frames: pd.DataFrame) -> pd.DataFrame:
    """The stretches of one file, with its split; each in a folder of pictures or a video that is there.

    ::

        picture      1  2  3  4  7  8  9        4 and 7 do not follow each other
        labels       0  0  3  3  3  3  .        . no label
        clips        [---)[---)[---)
    """
    faults = Faults(path)
    sources = {str(name): _source(folder, str(name), rows, faults) for name, rows in frames.groupby("name", sort=False)}
    faults.stop()
    split = "" if path.stem == "data" else path.stem
    rows = frames.reset_index(names="line").sort_values(["name", "number"], kind="stable")
    new = (rows["name"] != rows["name"].shift()) | (rows["behaviour"] != rows["behaviour"].shift())
    new |= rows["number"].diff() != 1
    runs = rows.groupby(new.cumsum(), sort=False)
    told = runs.agg(line=("line", "first"), name=("name", "first"), behaviour=("behaviour", "first"),
                    start=("number", "first"), stop=("number", "last"))  # fmt: skip
    told = told[told["behaviour"] != ""].sort_values("line")
    of = told["name"].map(sources)
    first = np.array([source.first for source in of], dtype=np.int64)
    last = np.array([source.last for source in of], dtype=np.int64)
    stem = told["name"].str.replace(_PART, "", regex=True)
    return pd.DataFrame(
        {
            "name": told["name"],
            "path": [source.path for source in of],
            "behaviour": told["behaviour"],
            "species": stem.map(_species),
            "group": stem,
            "split": split,
            "start_frame": told["start"] - first,
            "stop_frame": np.where(told["stop"] == last, END, told["stop"] - first + 1),
            "place": [f"{path.name}, line {line}" for line in told["line"]],
        }
    )


@dataclass(frozen=True)
class _Source:
    """Where the frames of a clip are, relative to the data set's folder."""

    path: str
    first: int  # number that its first frame has in the labels
    last: int = -1  # its last in the labels, of a video: it may have another frame than there were pictures


def _source(folder: Path, name: str, rows: pd.DataFrame, faults: Faults) -> _Source:
    """The pictures or the video of that name."""
    line, numbers = int(rows.index[0]), rows["number"].to_numpy()
    below = next((PurePosixPath(root) / name for root in _IMAGES if (folder / root / name).is_dir()), None)
    if below is None:
        below = next(
            (PurePosixPath(r) / f"{name}.mp4" for r in _VIDEOS if (folder / r / f"{name}.mp4").is_file()), None
        )
        if below is None:
            faults.add(line, f"no folder {_IMAGES[0]}/{name} and no {_VIDEOS[0]}/{name}.mp4")
        return _Source(str(below), int(numbers.min()), int(numbers.max()))
    try:
        there = ImageFolder.of(folder / below).numbers
    except VideoError as error:
        faults.add(line, str(error))
        return _Source("", 0)
    if len(lost := np.flatnonzero(~np.isin(numbers, there))):
        what = f"picture {numbers[lost[0]]} of {name} is not there ({len(there)} are, {there[0]} to {there[-1]})"
        faults.add(int(rows.index[lost[0]]), what + (f", nor are {len(lost) - 1} more" if len(lost) > 1 else ""))
    return _Source(str(below), int(there[0]))


def _species(stem: str) -> str:
    """The species of a recording by the letters of its name, as KABR and kabr-tools give them."""
    letters = re.fullmatch(r"([A-Z]+)\d+", stem)
    return _SPECIES.get(letters[1], "") if letters else ""


def _check_once(parts: list[pd.DataFrame], files: list[Path]) -> None:
    """``TableError`` where a video stands in two files: the same clips on both sides of a split."""
    for k, one in enumerate(parts):
        for other, path in zip(parts[k + 1 :], files[k + 1 :], strict=True):
            if both := sorted(set(one["name"]) & set(other["name"])):
                shown = ", ".join(both[:5]) + (f" and {len(both) - 5} more" if len(both) > 5 else "")
                raise TableError(f"{files[k]} and {path.name} both label {shown}; a clip is of one split")
