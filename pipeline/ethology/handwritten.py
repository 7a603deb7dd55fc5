"""Tables that people write by hand: read as text, checked, and refused with all their faults in one line."""

import warnings
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from pandas.errors import ParserWarning

from pipeline.columns import Table
from pipeline.errors import TableError


def text_table(path: Path, defaults: Mapping[str, str]) -> pd.DataFrame:
    """A CSV file as text, spaces around cells and headers removed; absent columns of ``defaults`` are filled in.

    A byte-order mark, as Excel writes it, is no part of the first header. ``TableError`` where it cannot be read.
    """
    try:
        data = _cells(path)
    except FileNotFoundError:
        raise TableError(f"no such table: {path}") from None
    except UnicodeDecodeError:
        raise TableError(f"cannot read {path} as a table: it is not text in UTF-8; save it as 'CSV UTF-8'") from None
    except ParserWarning:
        raise TableError(f"cannot read {path} as a table: its rows have more cells than its header") from None
    except (ValueError, OSError) as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise TableError(f"cannot read {path} as a table: {first}") from error
    data.columns = [str(name).strip() for name in data.columns]
    if len(data.columns) == 1 and (other := [sign for sign in ";\t" if sign in data.columns[0]]):
        raise TableError(f"{path.name}: its cells are separated by {other[0]!r}; save it with commas")
    if twice := sorted(set(data.columns[data.columns.duplicated()])):
        raise TableError(f"{path.name}: more than one column is called {', '.join(twice)}; give each a name of its own")
    data = pd.DataFrame({name: data[name].str.strip() for name in data})
    return data.assign(**{name: value for name, value in defaults.items() if name not in data})


def _cells(path: Path) -> pd.DataFrame:
    """Every cell as text. Rows longer than the header are a ``ParserWarning``; pandas would shift their cells."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", ParserWarning)
        return pd.read_csv(
            path, keep_default_na=False, dtype="str", encoding="utf-8-sig", skipinitialspace=True, index_col=False
        )


def faults_of(data: pd.DataFrame, table: Table) -> list[str]:
    """What breaks the table's declaration, as a list of at most one line."""
    try:
        table.cast(data)
    except TableError as error:
        return [str(error).removeprefix(f"{table.name}: ")]
    return []


def rows_that(what: str, bad: pd.Series) -> list[str]:
    """``2 rows name nothing (first: row 3)`` where any is bad; rows count from 1 below the header."""
    if not bad.any():
        return []
    return [f"{int(bad.sum())} rows {what} (first: row {int(bad.to_numpy().argmax()) + 1})"]
