"""A run's tables for a statistician: as tidy CSV with a data dictionary, and the same as one workbook.

Tidy: every variable a column, every observation a row, every kind of unit a table (Wickham 2014, J Stat Softw 59(10)).
"""

import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from pipeline.artifacts import whole, write_table, write_text
from pipeline.columns import Column, Table, dictionary
from pipeline.errors import MissingPart, UsageError
from pipeline.ethology.handwritten import text_table
from pipeline.export.held import Held
from pipeline.formats.workbook import MOST_ROWS, Sheet, write_workbook

VIDEOS = Table("videos", (
    Column("video", "str", "", "key of the video: its path below the source, made safe"),
    Column("path", "str", "", "where it was when the run was made"),
    Column("width", "int", "px", "width as shown", low=1),
    Column("height", "int", "px", "height as shown", low=1),
    Column("fps", "float", "1/s", "frames a second; 0 for a still", decimals=6, low=0),
    Column("frames", "int", "", "frames decoded", low=0),
    Column("duration_s", "float", "s", "how long it lasts", decimals=6, low=0),
))  # fmt: skip
ETHOGRAM = Table("ethogram", (
    Column("behaviour", "str", "", "name of the behaviour"),
    Column("set", "str", "", "the set of mutually exclusive behaviours it belongs to"),
    Column("kind", "str", "", "state (has a duration) or event (is counted)"),
    Column("visible", "bool", "", "False where the label says that the animal cannot be seen"),
    Column("colour", "str", "", "its colour in the figures, #RRGGBB"),
))  # fmt: skip
DICTIONARY = "dictionary"
_TEMPLATE = "_template"  # a table whose name ends so is to be filled in by the user


def write_tidy(folder: Path, held: Held) -> list[str]:
    """The tables of the run as they stand, ``videos.csv``, ``ethogram.csv``, and a ``dictionary.csv`` of them all."""
    folder.mkdir(parents=True)
    for path in _tables(held):
        shutil.copyfile(path, folder / path.name)
    write_table(folder / "videos.csv", _videos(held), VIDEOS)
    write_table(folder / "ethogram.csv", _ethogram(held), ETHOGRAM)
    write_text(folder / f"{DICTIONARY}.csv", _dictionary(held).to_csv(index=False, lineterminator="\n"))
    return []


def write_xlsx(folder: Path, held: Held) -> list[str]:
    """``<run>.xlsx``: what ``write_tidy`` writes, a sheet a table.

    ``MissingPart`` without openpyxl; ``UsageError`` for a table with more rows than a sheet takes.
    """
    if find_spec("openpyxl") is None:
        raise MissingPart(
            "openpyxl not installed, and format=xlsx needs it: pip install 'ethopipe[excel]'; or take format=tidy"
        )
    sheets = list(_sheets(held))
    with whole(folder / f"{held.name}.xlsx") as part:
        write_workbook(part, sheets)
    return []


def _tables(held: Held) -> list[Path]:
    """The run's own tables, but for those that it gives to be filled in."""
    found = sorted((held.run / "tables").glob("*.csv"))
    if not found:
        raise UsageError(f"{held.run} has no tables: it broke off; give the command that made it again")
    return [path for path in found if not path.stem.endswith(_TEMPLATE)]


def _videos(held: Held) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (one.key, str(one.video.path), *one.size, one.fps, one.info["decoded"], one.info["duration_s"])
            for one in held.videos
        ],
        columns=VIDEOS.names,
    )


def _ethogram(held: Held) -> pd.DataFrame:
    rows = [(one.name, one.set, one.kind.value, one.visible, one.colour) for one in held.behaviours]
    return pd.DataFrame(rows, columns=ETHOGRAM.names)


def _dictionary(held: Held) -> pd.DataFrame:
    """The run's own dictionary and what is added here: ``table column type unit meaning``."""
    path = held.run / "tables" / f"{DICTIONARY}.csv"
    parts = [text_table(path, {})] if path.is_file() else []
    parts += [dictionary(table).assign(table=table.name) for table in (VIDEOS, ETHOGRAM)]
    return pd.concat(parts)[["table", "column", "type", "unit", "meaning"]]


def _sheets(held: Held) -> Iterator[Sheet]:
    """Each table with the types of its columns; the dictionary first, for whoever opens the workbook."""
    meanings = _dictionary(held)
    yield Sheet(DICTIONARY, meanings, {})
    for path in _tables(held):
        if path.stem != DICTIONARY:
            yield _sheet(path.stem, text_table(path, {}), meanings)
    yield _sheet("videos", _videos(held), meanings)
    yield _sheet("ethogram", _ethogram(held), meanings)


def _sheet(name: str, rows: pd.DataFrame, meanings: pd.DataFrame) -> Sheet:
    if len(rows) >= MOST_ROWS:
        raise UsageError(
            f"{name} has {len(rows):,} rows, and a sheet takes {MOST_ROWS:,} with its head; take format=tidy"
        )
    own = meanings[meanings["table"] == name]
    return Sheet(name, rows.astype("str"), dict(zip(own["column"], own["type"], strict=True)))
