"""The figures of an audit as tables hold them, picked out for page, figure and methods text."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from pipeline.ethology.correction.tables import AUDIT
from pipeline.report.words import percent


def audit_of(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """``audit_accuracy`` of the tables of a page; no rows where nothing was audited."""
    return tables.get(AUDIT.name, AUDIT.empty())


def by_observer(audit: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of each observer by name, without those of two held against each other."""
    single = audit[~audit["figure"].eq("agreement").groupby(audit["observer"]).transform("any")]
    yield from ((str(name), rows) for name, rows in single.groupby("observer", sort=False))


def of_pairs(audit: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of each two observers, by both names."""
    both = audit[audit["figure"].eq("agreement").groupby(audit["observer"]).transform("any")]
    yield from ((str(name), rows) for name, rows in both.groupby("observer", sort=False))


def figure_of(rows: pd.DataFrame, figure: str) -> "pd.Series[Any]":
    """The one row of a figure over all behaviours."""
    found = rows[(rows["figure"] == figure) & (rows["behaviour"] == "")]
    return found.iloc[0]


def limited(row: "pd.Series[Any]", as_share: bool = True) -> str:
    """A value with its limits in brackets: ``87 % (81 % to 91 %)``, ``0.83 (0.77 to 0.88)``."""
    written = percent if as_share else "{:.2f}".format
    if pd.isna(row["value"]):
        return "-"
    limits = f" ({written(row['ci_low'])} to {written(row['ci_high'])})" if pd.notna(row["ci_low"]) else ""
    return f"{written(row['value'])}{limits}"


def seen_right(audit: pd.DataFrame) -> str:
    """What the first observer's audit found, as a clause; empty where there is none."""
    for name, rows in by_observer(audit):
        accuracy = figure_of(rows, "accuracy")
        if pd.notna(accuracy["value"]):
            return f"{limited(accuracy)} of the told time was told right, as {name} saw it in {accuracy['n']} windows"
    return ""
