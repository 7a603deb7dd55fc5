"""What the sections of the page say in the same way."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from pipeline.columns import Table
from pipeline.report.figures import FigureEntry
from pipeline.report.markup import Markup, link, tag, together
from pipeline.report.pictures import shown
from pipeline.report.words import percent, plural, readable

OF_BOUTS = (
    "shares are of bouts after smoothing, those of Time budgets of every frame before it: they may differ a little"
)
UNSEEN = ("occluded", "out of sight")  # words that ethograms have for an animal that cannot be seen
MOST_ROWS = 60  # of a table in the page; the rest is in the CSV
SAME_CUT = "; the figure, these tables and Sample sizes stop at the same unit"


def found(tables: Mapping[str, pd.DataFrame], declared: Table) -> pd.DataFrame:
    """A table of those given to the page; one that is not there has no rows."""
    return tables.get(declared.name, declared.empty())


def of_pooled(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows over all animals."""
    return rows[rows["level"] == "pooled"]


def unit_name(unit: "pd.Series[Any] | Mapping[str, Any]") -> str:
    """A unit in words, with its species where the unit does not say it."""
    if unit["level"] == "pooled":
        return "all animals pooled"
    name = readable(unit["unit"])
    return name if unit["species"] in ("", "all", unit["unit"]) else f"{name}, {unit['species']}"


def excluded_share(unit: "pd.Series[Any]") -> float:
    """Share of the tracked time that is out of sight or not recognized; NaN where nothing was tracked."""
    tracked = unit["visible_s"] + unit["excluded_s"]
    return float(unit["excluded_s"] / tracked) if tracked else float("nan")


def between(low: float, high: float, written: Callable[[float], str] = percent) -> str:
    """``12 % to 15 %``; ``-`` where there is no interval, an open end as ``...``."""
    ends = ["..." if math.isnan(end) else written(end) for end in (low, high)]
    return "-" if ends == ["...", "..."] else " to ".join(ends)


def seconds(value: float) -> str:
    """Seconds as a table shows them; ``-`` where missing."""
    return "-" if pd.isna(value) else f"{value:.1f} s" if value < 99.95 else f"{value:.0f} s"


def filled(head: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """A table's head and rows without the columns in which no row has anything."""
    kept = [number for number, cells in enumerate(zip(*rows, strict=True)) if set(cells) != {"-"}]
    return [head[number] for number in kept], [[row[number] for number in kept] for row in rows]


def partly(count: int, file: str, most: int = MOST_ROWS, why: str = "") -> Markup:
    """A note, to stand above a table, that not all ``count`` rows are shown, and ``why``; nothing where they are."""
    if count <= most:
        return Markup("")
    shown = f"The first {most:,} of {count:,} rows are shown" if most else f"None of {plural(count, 'row')} is shown"
    return tag("p", together([f"{shown}; all are in ", link(f"tables/{file}", file), f"{why}."]), class_="note")


def note(text: str) -> Markup:
    """A small remark."""
    return tag("p", text, class_="note")


def uncomputed(what: str, reasons: Sequence[str]) -> Markup:
    """Why something is not there: each reason once."""
    return note(f"{what}: not computed, because: {'; '.join(dict.fromkeys(reasons))}.")


def pictures(figures: Sequence[FigureEntry], *kinds: str) -> Markup:
    """The figures of these kinds that are over all videos, in the order of the kinds."""
    mine = [entry for kind in kinds for entry in figures if entry.kind == kind and not entry.video]
    return together(map(shown, mine))


def listed(names: Sequence[str], word: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return f" {word} ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def by_method(rows: pd.DataFrame, who: str) -> str:
    """How the figures of rows were made; where in several ways, of whom (a column) each."""
    names = rows.groupby("method", sort=False)[who].unique()
    return names.index[0] if len(names) == 1 else "; ".join(f"{listed(own)}: {how}" for how, own in names.items())


def by_set(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of each set of behaviours, with what to add to a title: its name where there are several."""
    several = rows["set"].nunique() > 1
    for name, own in rows.groupby("set", sort=False):
        yield f" ({name})" if several else "", own
