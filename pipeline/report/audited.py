"""The figures of an audit as tables hold them, picked out for page, figure and methods text."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from pipeline.ethology.correction.audited import LEAST_WINDOWS
from pipeline.ethology.correction.tables import AUDIT
from pipeline.report.held_out import LEAST_RECALL
from pipeline.report.words import percent, plural

_LOW = {"precision": "of the time recognized as it {} is it", "recall": "{} of its time is recognized as it"}


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
    """A value with its limits in brackets: ``87 % (81 % to 91 %)``, ``0.83 (0.77 to 0.88)``; ``1.00 (no interval)``.

    Of fewer than ``LEAST_WINDOWS``: ``75 % (of 4 windows, no interval)``.
    """
    written = percent if as_share else "{:.2f}".format
    if pd.isna(row["value"]):
        return "-"
    limits = f"{written(row['ci_low'])} to {written(row['ci_high'])}" if pd.notna(row["ci_low"]) else "no interval"
    few = f"of {plural(int(row['n']), 'window')}, " if row["n"] < LEAST_WINDOWS else ""
    return f"{written(row['value'])} ({few}{limits})"


def by_figure(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The rows of one observer by figure, each by behaviour."""
    return {str(figure): own.set_index("behaviour") for figure, own in rows.groupby("figure")}


def contradicted(rows: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Behaviours that one observer contradicts, and in what: shares apart by more than the limits, little right."""
    ways = by_figure(rows)
    for behaviour in map(str, ways["share"].index):
        share, assigned = _row(ways["share"], behaviour), float(ways["share_told"]["value"][behaviour])
        found = []
        if assigned < share["ci_low"] or assigned > share["ci_high"]:
            found.append(f"{percent(assigned)} recognized, {limited(share)} judged")
        lows = ((words, _row(ways[way], behaviour)) for way, words in _LOW.items())
        found += [words.format(limited(row)) for words, row in lows if _clearly_low(row)]
        if found:
            yield behaviour, "; ".join(found)


def _row(rows: pd.DataFrame, behaviour: str) -> "pd.Series[Any]":
    return rows.loc[[behaviour]].iloc[0]


def _clearly_low(row: "pd.Series[Any]") -> bool:
    """Is even the upper limit, or where there is none the value, under ``LEAST_RECALL``?"""
    most = row["value"] if pd.isna(row["ci_high"]) else row["ci_high"]
    return bool(row["n"] >= LEAST_WINDOWS and most < LEAST_RECALL)


def seen_right(audit: pd.DataFrame) -> str:
    """What every observer of an audit found, and how far they agree, as a clause; empty where there is nothing."""
    found = [
        f"{limited(accuracy)} of it is right according to {name} in {plural(int(accuracy['n']), 'window')}"
        for name, rows in by_observer(audit)
        if pd.notna((accuracy := figure_of(rows, "accuracy"))["value"])
    ]
    if not found:
        return ""
    agreed = [f"; {both} agree in {limited(figure_of(rows, 'agreement'))} of it" for both, rows in of_pairs(audit)]
    return f"{', '.join(found)}{''.join(agreed)}"
