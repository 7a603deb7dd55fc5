"""A run's tables for a statistician: as tidy CSV with a data dictionary, and the same as one workbook.

Tidy: every variable a column, every observation a row, every kind of unit a table (Wickham 2014, J Stat Softw 59(10)).
"""

import shlex
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
from pipeline.formats.workbook import EXCEL, MOST_ROWS, Sheet, write_workbook

VIDEOS = Table("videos", (
    Column("video", "str", "", "key of the video: its path below the source, made safe"),
    Column("path", "str", "", "where it is"),
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
_KINDS = (".csv", ".graphml", ".dot")  # tables, and graphs of them


def write_tidy(folder: Path, held: Held) -> list[str]:
    """The tables of the run as they stand, those of what goes deeper in folders, and graphs of them; ``videos.csv``,
    ``ethogram.csv``, and a ``dictionary.csv`` of all tables.
    """
    for name, path in _stored(held).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / name)
    write_table(folder / "videos.csv", _videos(held), VIDEOS)
    write_table(folder / "ethogram.csv", _ethogram(held), ETHOGRAM)
    write_text(folder / f"{DICTIONARY}.csv", _dictionary(held).to_csv(index=False, lineterminator="\n"))
    return _stale(held)


def write_xlsx(folder: Path, held: Held) -> list[str]:
    """``<run>.xlsx``: the tables of ``write_tidy``, a sheet a table; ``check_xlsx`` comes first."""
    with whole(folder / f"{held.name}.xlsx") as part:
        write_workbook(part, _sheets(held))
    return _stale(held)


def check_tidy(held: Held) -> object:
    """``UsageError`` where the run has no tables."""
    return _stored(held)


def check_xlsx(held: Held) -> None:
    """``MissingPart`` without openpyxl; ``UsageError`` for a table with more rows than a sheet takes, or without any
    table.
    """
    if find_spec("openpyxl") is None:
        raise MissingPart(f"{EXCEL.format('format=xlsx')}; or take format=tidy")
    for path in _tables(held):
        if path.stat().st_size >= MOST_ROWS and (rows := len(text_table(path, {}))) >= MOST_ROWS:
            raise UsageError(
                f"{path.stem} has {rows:,} rows, and a sheet takes {MOST_ROWS:,} with its head; take format=tidy"
            )


def _stored(held: Held) -> dict[str, Path]:
    """The run's own tables and their graphs, by where they stand below its folder of tables.

    Left out are tables that it gives to be filled in, and what is not its own: copies that somebody edited
    (``<table>.edited1.csv``), and parts of what broke off.
    """
    home = held.run / "tables"
    found = {path.relative_to(home).as_posix(): path for path in sorted(home.rglob("*")) if path.suffix in _KINDS}
    if not found:
        raise UsageError(f"{held.run} has no tables: it broke off; give the command that made it again")
    return {name: path for name, path in found.items() if not _foreign(path)}


def _foreign(path: Path) -> bool:
    edited = path.suffix == ".csv" and "." in path.stem
    return edited or path.name.startswith(".") or path.stem.endswith(_TEMPLATE)


def _tables(held: Held) -> list[Path]:
    """The tables alone, without their dictionary: those of shares and counts first."""
    found = [path for path in _stored(held).values() if path.suffix == ".csv" and path.stem != DICTIONARY]
    return sorted(found, key=lambda path: path.parent != held.run / "tables")


def _stale(held: Held) -> list[str]:
    """A line where tables do not know all names."""
    if not (held.run / "tables" / "bouts.csv").is_file() or not held.renamed:
        return []
    names = held.run / "tables" / "individuals.csv"
    made = shlex.join(["ethopipe", "analyze", *(str(run.folder) for run in held.runs), f"individuals={names}"])
    made = f"the command that made the study makes with individuals={names}" if held.study else f"{made} makes"
    return [f"animals have other names in {names} than in all other tables: export what {made}"]


def _videos(held: Held) -> pd.DataFrame:
    return pd.DataFrame(
        [(one.key, one.media, *one.size, one.fps, one.info["decoded"], one.info["duration_s"]) for one in held.videos],
        columns=VIDEOS.names,
    )


def _ethogram(held: Held) -> pd.DataFrame:
    rows = [(one.name, one.set, one.kind.value, one.visible, one.colour) for one in held.behaviours]
    return pd.DataFrame(rows, columns=ETHOGRAM.names)


def _dictionary(held: Held) -> pd.DataFrame:
    """What the run's own dictionary says of the tables that are there, and of what is added here: ``table column type
    unit meaning``.
    """
    path, there = held.run / "tables" / f"{DICTIONARY}.csv", {path.stem for path in _tables(held)}
    parts = [text_table(path, {}).loc[lambda rows: rows["table"].isin(there)]] if path.is_file() else []
    return pd.concat([*parts, dictionary((VIDEOS, ETHOGRAM))])


def _sheets(held: Held) -> Iterator[Sheet]:
    """Each table with the types of its columns; the dictionary first, for whoever opens the workbook."""
    meanings = _dictionary(held)
    yield Sheet(DICTIONARY, meanings, {})
    for path in _tables(held):
        yield _sheet(path.stem, text_table(path, {}), meanings)
    yield _sheet("videos", _videos(held), meanings)
    yield _sheet("ethogram", _ethogram(held), meanings)


def _sheet(name: str, rows: pd.DataFrame, meanings: pd.DataFrame) -> Sheet:
    own = meanings[meanings["table"] == name]
    return Sheet(name, rows.astype("str"), dict(zip(own["column"], own["type"], strict=True)))
