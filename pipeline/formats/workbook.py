"""Tables as an Excel workbook (xlsx), and rows of a sheet, by openpyxl. Text stays text: ``=`` begins no formula."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import pandas as pd

from pipeline.errors import MissingPart, TableError

EXCEL = "openpyxl not installed, and {} needs it: pip install 'ethopipe[excel]'"
SHEETS = ("bouts", "AR_count")  # of our own workbook and of Animal Kingdom's df_action: what is to be read there
MOST_ROWS = 1_048_576  # of a sheet, its head included
_LONGEST = 31  # characters of a sheet's name


@dataclass(frozen=True)
class Sheet:
    """One sheet. ``kinds`` says which columns are int, float or bool; all others are text.

    ``rows`` is text; empty cells stay empty.
    """

    name: str
    rows: pd.DataFrame
    kinds: Mapping[str, str]


def write_workbook(path: Path, sheets: Iterable[Sheet]) -> None:
    """Write the sheets in order. Characters that XML does not know are replaced."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for sheet in sheets:
        made = book.create_sheet(sheet.name[:_LONGEST])
        made.freeze_panes = "A2"
        made.append([_text(made, str(name)) for name in sheet.rows.columns])
        kinds = [sheet.kinds.get(str(name), "str") for name in sheet.rows.columns]
        for row in sheet.rows.itertuples(index=False, name=None):
            made.append([_cell(made, value, kind) for value, kind in zip(row, kinds, strict=True)])
    book.save(path)


def read_sheet(path: Path, raw: bytes) -> list[list[str]]:
    """The rows of one of ``SHEETS``, or else of the first sheet, as text; formulas as what they came to.

    ``raw`` is what the file holds; its name is for messages.

    ``MissingPart`` without openpyxl, ``TableError`` where it is no workbook.
    """
    if find_spec("openpyxl") is None:
        raise MissingPart(f"{EXCEL.format(path)}; or save the sheet as CSV")
    from openpyxl import load_workbook

    try:
        book = load_workbook(BytesIO(raw), read_only=True, data_only=True)
        sheet = book[next((name for name in SHEETS if name in book.sheetnames), book.sheetnames[0])]
        rows = [[_read(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    except (ValueError, OSError, KeyError, IndexError, BadZipFile) as error:
        raise TableError(f"cannot read {path} as a workbook: {' '.join(str(error).split())}") from error
    wide = max((k for row in rows for k, text in enumerate(row, start=1) if text), default=0)
    return [[*row, *[""] * wide][:wide] for row in rows]


def _read(value: Any) -> str:
    """A cell as it would stand in a CSV; a clock's time as h:mm:ss."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, time):
        value = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond)
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else " ".join(str(value).splitlines())


def _cell(sheet: Any, value: str, kind: str) -> Any:
    """The value as the sheet holds it."""
    if value == "":
        return None
    if kind == "bool" and value in ("True", "False"):
        return value == "True"
    if kind in ("int", "float"):
        try:
            number = float(value)
        except ValueError:
            return _text(sheet, value)
        return None if math.isnan(number) else (int(number) if kind == "int" else number)
    return _text(sheet, value)


def _text(sheet: Any, value: str) -> Any:
    """A cell of text, whatever it begins with."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if value[:1] not in ("=", "+", "-", "@") and not ILLEGAL_CHARACTERS_RE.search(value):
        return value
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("\ufffd", value))
    cell.data_type = "s"
    cell.quotePrefix = True  # stays text when somebody edits it
    return cell
