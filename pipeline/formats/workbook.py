"""Tables as an Excel workbook (xlsx), by openpyxl. Text stays text: what begins with ``=`` is no formula."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

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
