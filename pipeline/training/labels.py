"""``clips.csv``: which stretch of which video shows which behaviour. Checked as a whole before anything is trained.

One row a clip, paths relative to the file::

    path,behaviour,species,group,start_s,stop_s
    zebra_01.mp4,Graze,zebra,2024-05-03 herd A,,              the whole clip
    zebra_01.mp4,Walk,zebra,2024-05-03 herd A,12.5,18.0       a part of it
    clips-000.npy,Trot,giraffe,scene 7,,,41,0.1333            row 41 of an array, a frame every 0.1333 s (interval_s)
    pictures/7,Walk|Head Up,zebra,scene 7,,,,0.0334           a folder of numbered pictures; two behaviours at once

``group`` is what a clip was cut from, a recording or a scene: clips of one group look alike, so a group is held out of
training as a whole or not at all. Further columns may say more: ``session`` and ``individual``, which can be held out
whole too; ``split``, an official one (train, val, test); and ``video, video_start_s, video_stop_s``, where a clip that
is a file of its own was cut from which video, so that clips of the same moment are known.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path, PurePath

import numpy as np
import pandas as pd

from pipeline.errors import TableError, UsageError, VideoError
from pipeline.formats.clips import SEVERAL, apart, renamed
from pipeline.labelled import SLACK_S
from pipeline.training.copies import content
from pipeline.types import BoolArray
from pipeline.video.images import ImageFolder
from pipeline.video.probe import length_s, opened

NAME = "clips.csv"
ARRAY = ".npy"
LANDMARKS, MOMENTS = ".landmarks.npy", ".behaviours.npy"  # in place of .npy: what is kept beside an array of clips
REQUIRED = ("path", "behaviour", "group")
NUMBERS = ("start_s", "stop_s", "row", "interval_s", "video_start_s", "video_stop_s")
OPTIONAL = ("species", "session", "individual", "split", "video", *NUMBERS)
PARTS = ("train", "val", "test")  # of an official split
_FIRST_ROW = 2  # of a spreadsheet: the names of the columns are row 1


@dataclass(frozen=True)
class Labels:
    """The clips of a folder, a row each: ``REQUIRED`` and ``OPTIONAL`` columns, numbers NaN where the cell is empty.

    ``behaviour`` may name several, joined by ``|`` (``formats.clips``). ``close``: were small animals enlarged in them?
    None where nobody says.
    """

    folder: Path
    rows: pd.DataFrame
    close: bool | None = None
    old2new: Mapping[str, str] = field(default_factory=dict)  # what names that are kept beside arrays are called here

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def behaviours(self) -> tuple[str, ...]:
        """The behaviours that occur, by alphabet."""
        return tuple(sorted({name for several in self.rows["behaviour"].unique() for name in apart(several)}))

    def renamed(self, old2new: Mapping[str, str]) -> "Labels":
        """The same under new names; a new name that is empty leaves a behaviour out. ``UsageError``: none is left."""
        known = {name: renamed(name, old2new) for name in self.rows["behaviour"].unique()}
        rows = self.rows.assign(behaviour=self.rows["behaviour"].map(known))
        rows = rows[rows["behaviour"] != ""].reset_index(drop=True)
        if rows.empty:
            raise UsageError("old2new leaves no label over; give the behaviours that matter a name")
        return replace(self, rows=rows, old2new=old2new)

    def of_one_behaviour(self) -> "tuple[Labels, int]":
        """The clips that show one behaviour, and how many others there are. ``UsageError``: there is no such clip."""
        several = self.rows["behaviour"].str.contains(SEVERAL, regex=False)
        if several.all():
            raise UsageError(
                f"every clip of {self.folder} shows several behaviours, and a recognizer tells one of each"
            )
        return replace(self, rows=self.rows[~several].reset_index(drop=True)), int(several.sum())

    @cached_property
    def digest(self) -> str:
        """The same for the same clips, labels and groups: SHA-256 of the rows, of sizes and sampled blocks of their
        files, and of what is said of single frames.
        """
        paths = [self.folder / path for path in sorted(set(self.rows["path"]))]
        told = sha256(f"{self.rows.to_csv(index=False)}{[content(path) for path in paths]}".encode())
        for moments in (path.with_suffix(MOMENTS) for path in paths):
            if moments.is_file():
                told.update(moments.read_bytes())
        return told.hexdigest()

    def truth(self, behaviours: tuple[str, ...]) -> BoolArray:
        """What each clip shows ``[n, K]``, the behaviours as given; ``TableError`` names others."""
        if strange := sorted(set(self.behaviours) - set(behaviours)):
            raise TableError(
                f"labels of {self.folder}: behaviours that are not asked for: {', '.join(strange)} "
                f"(there are: {', '.join(behaviours)}); add them to vocabulary=[...] or take their rows out"
            )
        shown = {several: apart(several) for several in self.rows["behaviour"].unique()}
        return np.array([[name in shown[several] for name in behaviours] for several in self.rows["behaviour"]])


def read_labels(folder: Path) -> Labels:
    """The labelled clips of a folder; ``TableError`` with all faults of its ``clips.csv`` in one line.

    Rows are numbered as a spreadsheet shows them: the first clip is row 2.
    """
    path = folder / NAME
    try:
        rows = pd.read_csv(path, keep_default_na=False, dtype="str", encoding="utf-8-sig")
    except FileNotFoundError:
        raise TableError(f"no {NAME} in {folder}: it names the clips and their behaviours") from None
    except (ValueError, UnicodeDecodeError, OSError) as error:
        raise TableError(f"cannot read {path} as a table: {str(error).strip().splitlines()[0]}") from error
    if lost := [name for name in REQUIRED if name not in rows]:
        raise TableError(f"{path}: missing columns {', '.join(lost)} (there are: {', '.join(rows.columns)})")
    if rows.empty:
        raise TableError(f"{path}: no clips in it")
    faults = _Faults()
    rows = _cast(rows, faults)
    _check_values(rows, faults)
    _check_files(folder, rows, faults)
    if faults.rows:
        raise TableError(f"{path}: {faults.line()}")
    return Labels(folder, rows)


class _Faults:
    """What is wrong, and in which rows."""

    def __init__(self) -> None:
        self.rows: dict[str, list[int]] = {}

    def add(self, fault: str, wrong: "pd.Series[bool]") -> None:
        """Take down the rows for which ``wrong`` holds."""
        if wrong.any():
            self.rows.setdefault(fault, []).extend((np.flatnonzero(wrong) + _FIRST_ROW).tolist())

    def line(self) -> str:
        """All of them on one line."""
        return "; ".join(f"{fault} ({_listed(rows)})" for fault, rows in self.rows.items())


def _listed(rows: list[int]) -> str:
    shown = ", ".join(map(str, sorted(rows)[:5]))
    return f"{'row' if len(rows) == 1 else 'rows'} {shown}" + (f" and {len(rows) - 5} more" if len(rows) > 5 else "")


def _cast(rows: pd.DataFrame, faults: _Faults) -> pd.DataFrame:
    """Every column, texts without spaces around them, numbers as float; what is no number is a fault."""
    made = pd.DataFrame({name: rows.get(name, pd.Series("", index=rows.index)) for name in (*REQUIRED, *OPTIONAL)})
    for name in made:
        made[name] = made[name].str.strip()
    made["split"] = made["split"].str.lower()
    for name in NUMBERS:
        numbers = pd.to_numeric(made[name], errors="coerce").replace([np.inf, -np.inf], np.nan)
        faults.add(f"{name} is no number", numbers.isna() & (made[name] != ""))
        made[name] = numbers.astype("float64")
    return made


def _check_values(rows: pd.DataFrame, faults: _Faults) -> None:
    for name in REQUIRED:
        faults.add(f"no {name}", rows[name] == "")
    for of in ("", "video_"):
        start, stop = rows[f"{of}start_s"].fillna(0.0), rows[f"{of}stop_s"]
        faults.add(f"{of}start_s < 0", start < 0)
        faults.add(f"{of}stop_s <= {of}start_s", stop.notna() & (stop <= start))
    faults.add(f"split is none of {', '.join(PARTS)}", ~rows["split"].isin(["", *PARTS]))
    array = rows["path"].str.lower().str.endswith(ARRAY)
    faults.add(f"a clip of an {ARRAY} array without row", array & rows["row"].isna())
    faults.add(f"a clip of an {ARRAY} array without interval_s > 0", array & ~(rows["interval_s"] > 0))
    faults.add("row is no whole number >= 0", rows["row"].notna() & ~((rows["row"] >= 0) & (rows["row"] % 1 == 0)))


def _check_files(folder: Path, rows: pd.DataFrame, faults: _Faults) -> None:
    """Every file once: is it there, below the folder, and can it be opened?"""
    for path, index in rows.groupby("path", sort=False).groups.items():
        mine = rows.index.isin(index)
        text = str(path)
        if not text:
            continue
        pure = PurePath(text)
        if pure.is_absolute() or ".." in pure.parts:
            faults.add("path leaves the folder", pd.Series(mine))
        elif (folder / text).is_dir():
            _check_pictures(folder / text, rows["interval_s"].where(mine, np.inf), faults)
        elif not (folder / text).is_file():
            faults.add("no such file", pd.Series(mine))
        elif text.lower().endswith(ARRAY):
            _check_array(folder / text, rows["row"].where(mine), faults)
        else:
            for fault, wrong in _video_faults(folder / text, rows):
                faults.add(fault, wrong & mine)


def _check_array(path: Path, row: "pd.Series[float]", faults: _Faults) -> None:
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
        right = array.dtype == np.uint8 and array.ndim == 5 and array.shape[-1] == 3
    except (ValueError, OSError, EOFError):
        right = False
    if not right:
        faults.add(f"{path.name} is no array of uint8 [N, T, H, W, 3]", row.notna())
    else:
        faults.add(f"{path.name} has {len(array)} clips, no such row", row >= len(array))


def _check_pictures(path: Path, interval_s: "pd.Series[float]", faults: _Faults) -> None:
    """Of a folder of pictures; ``interval_s`` is infinite in the rows of others."""
    faults.add("a clip of pictures without interval_s > 0", ~(interval_s > 0))
    try:
        ImageFolder.of(path)
    except VideoError as error:
        faults.add(str(error), interval_s != np.inf)


def _video_faults(path: Path, rows: pd.DataFrame) -> "Iterator[tuple[str, pd.Series[bool]]]":
    """Why a video cannot be used, and for which rows."""
    try:
        with opened(path) as (container, stream):
            length = length_s(container, stream)
    except VideoError as error:
        yield str(error), pd.Series(True, index=rows.index)
        return
    if length is not None:
        end = f"beyond the end of {path.name} ({length:.2f} s)"
        yield f"start_s {end}", rows["start_s"] >= length
        yield f"stop_s {end}", (rows["stop_s"] > length + SLACK_S) & ~(rows["start_s"] >= length)
