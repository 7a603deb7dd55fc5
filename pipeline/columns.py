"""What a table's declaration is, and how data is held against it.

A table that breaks its declaration is refused with all its faults in one line. ``decimals`` or ``digits`` is the
precision *at rest*: every stage reads its input as stored.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.errors import TableError

# as objects: pandas looks a name up anew each time, and there are thousands of columns in a run
_DTYPES: dict[str, Any] = {
    "int": np.dtype("int64"),
    "float": np.dtype("float64"),
    "bool": np.dtype("bool"),
    "str": pd.StringDtype(na_value=np.nan),
}


@dataclass(frozen=True)
class Column:
    """One column: ``kind`` is int, float, bool or str; a bound is inclusive; ``missing`` allows NaN (float only).

    ``decimals`` are places after the point, ``digits`` significant ones.
    """

    name: str
    kind: str
    unit: str
    meaning: str
    decimals: int | None = None
    low: float | None = None
    high: float | None = None
    missing: bool = False
    digits: int | None = None


def p_value(name: str, meaning: str) -> Column:
    """The column of a p: significant digits, because a small p is not 0."""
    return Column(name, "float", "", meaning, low=0, high=1, missing=True, digits=6)


@dataclass(frozen=True)
class Table:
    """A table's declaration. ``prefix`` names a family of float columns that may follow (``p_`` in scores), ``second``
    another with its meaning.

    ``extra``: columns that are not declared are kept, as text; elsewhere they are dropped.
    """

    name: str
    columns: tuple[Column, ...]
    prefix: str | None = None
    prefix_meaning: str = ""
    second: tuple[str, str] | None = None
    extra: bool = False

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [column.name for column in self.columns]

    def only(self, *names: str) -> "Table":
        """These columns of the table: what a reader needs of it."""
        return Table(self.name, tuple(column for column in self.columns if column.name in names))

    def family(self, present: Iterable[str]) -> list[str]:
        """The columns of the open family among those present."""
        return [name for name in present if self.prefix and name.startswith(self.prefix)]

    def second_family(self, present: Iterable[str]) -> list[str]:
        """The columns of the second open family among those present."""
        return [name for name in present if self.second and name.startswith(self.second[0])]

    def empty(self) -> pd.DataFrame:
        """The table without rows."""
        return self._empty.copy()

    @cached_property
    def _empty(self) -> pd.DataFrame:  # a run asks some sixty times
        return pd.DataFrame({c.name: pd.Series(dtype=_DTYPES[c.kind]) for c in self.columns})

    def cast(self, data: pd.DataFrame, where: str = "", known: Collection[str] = ()) -> pd.DataFrame:
        """Columns in declared order, type and precision. All faults are raised together as one ``TableError``.

        The columns ``known`` to be as declared are taken as they are.
        """
        faults = [f"missing columns {', '.join(lost)}"] if (lost := self._lost(data)) else []
        result: dict[str, pd.Series | NDArray[Any]] = {}
        for column in self.columns:
            if column.name in known:
                result[column.name] = data[column.name]
            elif column.name in data:
                result[column.name], fault = _cast(data[column.name], column)
                faults += fault
        for name in [*self.family(data.columns), *self.second_family(data.columns)]:
            result[name], fault = _cast(data[name], Column(name, "float", "", "", decimals=4))
            faults += fault
        if self.extra:
            result |= {name: data[name].astype(_DTYPES["str"]) for name in data.columns if name not in result}
        if faults:
            raise TableError(f"{where or self.name}: {'; '.join(faults)}")
        return pd.DataFrame(result, copy=False).reset_index(drop=True)

    def _lost(self, data: pd.DataFrame) -> list[str]:
        return [name for name in self.names if name not in data]


def _cast(values: pd.Series, column: Column) -> tuple[pd.Series | NDArray[Any], list[str]]:
    """Values as the column declares them, and what is wrong with them."""
    declared = _DTYPES[column.kind]
    if column.kind == "str":
        return values if values.dtype == declared else values.astype(declared), []
    if column.kind == "bool":
        return (values, []) if values.dtype == declared else _truth(values, column)
    whole = values.dtype == _DTYPES["int"]
    number = values.to_numpy() if whole and column.kind == "int" else _numbers(values)
    bad = _unlike(number, values, column)
    if bad.any():
        return number, _fault(bad, values, column, _rule(column))
    if column.decimals is not None:
        number = number.round(column.decimals) + 0.0  # no negative zero
    if column.digits is not None:
        number = np.array([float(f"{value:.{column.digits}g}") for value in number.tolist()])
    rounded = column.decimals is not None or column.digits is not None
    return (number.astype(declared) if rounded or values.dtype != declared else values), []


def _truth(values: pd.Series, column: Column) -> tuple[pd.Series, list[str]]:
    words = values.astype(_DTYPES["str"]).str.lower()
    bad = ~words.isin(["true", "false", "1", "0"])
    return words.isin(["true", "1"]), _fault(bad.to_numpy(), values, column, "true or false")


def _numbers(values: pd.Series) -> NDArray[np.float64]:
    """The values as numbers, NaN where they are none."""
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "iuf":
        return values.to_numpy(np.float64)
    return pd.to_numeric(values, errors="coerce").to_numpy(np.float64, na_value=np.nan)


def _unlike(number: NDArray[Any], values: pd.Series, column: Column) -> NDArray[np.bool_]:
    """Which of the numbers are not as the column declares them."""
    bad: NDArray[np.bool_] = np.isnan(number)
    if column.missing:
        bad &= values.notna().to_numpy()
    if column.missing and bad.any():
        bad &= ~values.astype(_DTYPES["str"]).isin(["", "nan", "<NA>"]).to_numpy()
    if column.kind == "int" and number.dtype != _DTYPES["int"]:
        with np.errstate(invalid="ignore"):  # of infinity
            bad |= number % 1 != 0
    if column.low is not None:
        bad |= number < column.low
    if column.high is not None:
        bad |= number > column.high
    return bad


def _rule(column: Column) -> str:
    bounds = [f">= {column.low:g}"] if column.low is not None else []
    bounds += [f"<= {column.high:g}"] if column.high is not None else []
    return " ".join(["a whole number" if column.kind == "int" else "a number", *bounds])


def _fault(bad: NDArray[np.bool_], values: pd.Series, column: Column, rule: str) -> list[str]:
    if not bad.any():
        return []
    row = int(np.flatnonzero(bad)[0])
    first = f"{int(bad.sum())} rows are not (first: row {row + 1}, {values.iloc[row]!r})"
    return [f"column {column.name} must be {rule}: {first}"]


def dictionary(tables: Iterable[Table]) -> pd.DataFrame:
    """The data dictionary of tables, ``table column type unit meaning``: one row a column."""
    rows = []
    for table in tables:
        rows += [(table.name, c.name, c.kind, c.unit, c.meaning) for c in table.columns]
        open_families = ((table.prefix, table.prefix_meaning), table.second or ("", ""))
        rows += [(table.name, f"{prefix}*", "float", "", meaning) for prefix, meaning in open_families if prefix]
    return pd.DataFrame(rows, columns=["table", "column", "type", "unit", "meaning"])
