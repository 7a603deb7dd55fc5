"""Text that others wrote: UTF-8 with or without a mark, any line end, of bounded size; CSV with its line numbers.

Where a CSV will do, an Excel workbook (xlsx) does too.
"""

import csv
import re
from collections.abc import Collection
from io import StringIO
from pathlib import Path

import pandas as pd

from pipeline.errors import TableError
from pipeline.formats.workbook import read_sheet

_DECIMAL = re.compile(r"^(-?[\d:]*\d),(\d+)$")  # a number, or a time as 1:05,5
MAX_BYTES = 1 << 30  # no label file is larger; reading one whole keeps this much in memory


def check_size(where: object, size: int) -> None:
    """Refuse a file, or a member of an archive, that is larger than ``MAX_BYTES``."""
    if size > MAX_BYTES:
        raise TableError(f"{where}: {size:,} bytes are more than a label file may hold ({MAX_BYTES:,}); split it")


def read_bytes(path: Path) -> bytes:
    """The whole file; ``TableError`` where it cannot be read or is too large."""
    try:
        check_size(path, path.stat().st_size)
        return path.read_bytes()
    except OSError as error:
        raise TableError(f"cannot read {path}: {error.strerror or type(error).__name__}") from error


def read_text(path: Path) -> str:
    """The whole file as text, without a byte-order mark; a sheet of an Excel workbook as CSV."""
    raw = read_bytes(path)
    if path.suffix.lower() == ".xlsx":
        return _as_csv(read_sheet(path, raw))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fault = f"byte 0x{raw[error.start]:02x} at position {error.start:,}"
        raise TableError(f"{path}: not UTF-8 text ({fault}); save it as UTF-8 (in Excel: 'CSV UTF-8')") from error


def _as_csv(rows: list[list[str]]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def read_lines(path: Path) -> list[tuple[int, str]]:
    """Lines that hold something, each with its number from 1."""
    return [(number, line.strip()) for number, line in enumerate(split_lines(path), start=1) if line.strip()]


def split_lines(path: Path) -> list[str]:
    """All lines, parted at line feeds and carriage returns only: other separators of Unicode may stand in a name."""
    return read_text(path).replace("\r\n", "\n").replace("\r", "\n").split("\n")


def last_part(path: str) -> str:
    """The last part of a path that was written on any system."""
    return path.replace("\\", "/").rsplit("/", 1)[-1]


def read_csv(path: Path) -> pd.DataFrame:
    """A CSV with a header as text, indexed by line number.

    The separator is the first of comma, semicolon, tab and space that the header holds; beside semicolons and tabs
    numbers may have a decimal comma, as Excel writes them in German. Nothing means missing: a behaviour named "NA" is
    a word. ``TableError`` names every line that has another number of fields than the header.
    """
    lines = split_lines(path)
    if not lines[0].strip():
        raise TableError(f"{path}: line 1: no header")
    separator = next((mark for mark in ",;\t " if mark in lines[0]), ",")
    table = read_rows(path, lines, separator)
    return table.replace(_DECIMAL, r"\1.\2", regex=True) if separator in ";\t" else table


def read_rows(path: Path, lines: list[str], separator: str, above: int = 0, own: Collection[str] = ()) -> pd.DataFrame:
    """The rows of a CSV as text without spaces around it, indexed by line; ``lines`` begin with the header.

    So many lines are ``above`` it in the file. Of the columns ``own`` (none: of all) no two may have one name.
    ``TableError`` names every line that has another number of fields than the header.
    """
    reader = csv.reader(lines, delimiter=separator, strict=True)  # else an open quotation mark takes in the next rows
    try:
        header = [name.strip() for name in next(reader)]
        rows = [(above + reader.line_num, row) for row in reader if any(field.strip() for field in row)]
    except csv.Error as error:
        what = f"{error}; is a quotation mark left open?" if any('"' in line for line in lines) else str(error)
        raise TableError(f"{path}: line {above + reader.line_num}: {what}") from error
    twice = sorted({name for name in header if header.count(name) > 1 and (not own or name in own)})
    wrong = [(number, len(row)) for number, row in rows if len(row) != len(header)]
    faults = [f"columns named twice: {', '.join(twice)}"] if twice else []
    faults += [f"line {number}: {count} fields, expected {len(header)}" for number, count in wrong[:5]]
    faults += [f"and {len(wrong) - 5:,} more"] if len(wrong) > 5 else []
    if faults:
        raise TableError(f"{path}: {'; '.join(faults)}")
    values = [[field.strip() for field in row] for _, row in rows]
    return pd.DataFrame(values, index=[number for number, _ in rows], columns=header, dtype="str")
