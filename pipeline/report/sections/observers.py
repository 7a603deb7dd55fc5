"""What somebody in the field would have found, and how many animals a study to come needs."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pipeline.ethology.observers.tables import DESIGN, OBSERVERS, SPACING
from pipeline.report.figures import FigureEntry
from pipeline.report.markup import Markup, folded, table, tag, together
from pipeline.report.sections.common import by_set, found, listed, note, pictures, seconds, uncomputed
from pipeline.report.words import percent

_CELL = ("behaviour", "difference", "minutes")
_WHAT = (
    "The continuous record of these animals, sampled again as an observer with a stopwatch would have sampled it. Bias "
    "is how far such a record is off on average, the error how far a single one is."
)


def observers(tables: Mapping[str, pd.DataFrame], figures: Sequence[FigureEntry]) -> Markup:
    """The figure, the interval that makes points independent, and the design table."""
    sampled, spacing, design = (found(tables, one) for one in (OBSERVERS, SPACING, DESIGN))
    if sampled.empty and design.empty:
        return Markup("")
    shown = together([pictures(figures, "observers"), _untried(sampled)])
    if sampled["rmse"].isna().all():
        shown = uncomputed("Virtual observers", sampled["note"].tolist() or ["there is no record"])
    needed = [tag("h3", "How many animals a study to come needs"), *(_design(*part) for part in by_set(design))]
    return together([tag("p", _WHAT), shown, _spacing(spacing), *(needed if len(design) else [])])


def _untried(sampled: pd.DataFrame) -> Markup:
    """Which intervals no video is long enough for."""
    reasons = sampled["note"].str.removeprefix("no estimate: ")
    rows = sampled[reasons.str.startswith("longer than")].sort_values("interval_s")
    if rows.empty:
        return Markup("")
    asked = listed([f"{value:g}" for value in rows["interval_s"].unique()])
    return note(f"Not shown: intervals and samples of {asked} s, {reasons[rows.index[0]]}.")


def _spacing(spacing: pd.DataFrame) -> Markup:
    known, few = (spacing[there] for there in (spacing["interval_s"].notna(), spacing["interval_s"].isna()))
    left_out = []
    for reason, own in few[few["n"] > 0].groupby("note", sort=False):
        bouts = listed([f"{name} ({n})" for name, n in zip(own["behaviour"], own["n"], strict=True)])
        left_out.append(note(f"No interval between independent points, as {reason}: {bouts}."))
    if known.empty:
        return together(left_out)
    rows = [
        (row["behaviour"], f"{row['n']}", seconds(row["mean_s"]), seconds(row["sd_s"]), seconds(row["interval_s"]))
        for _, row in known.iterrows()
    ]
    caption = (
        "From mean + 1.96 SD of whole bouts on, points are taken for independent of each other (Bernstein 1991). Long "
        "bouts are often cut and then no whole ones: the interval is too short where many are. A share of time needs "
        "no independent points, and is better with more"
    )
    inner = table(("behaviour", "whole bouts", "mean", "SD", "interval"), rows, caption)
    return folded("Interval between independent points", inner, *left_out)


def _design(title: str, design: pd.DataFrame) -> Markup:
    """A row a behaviour, a column a difference; in each cell the number needed for each of the minutes."""
    minutes = sorted(design["minutes"].unique())
    differences = sorted(design["difference"].unique())
    known = design[design["share"].notna()]
    level = design["level"].iloc[0]
    if known.empty:
        return uncomputed(f"Units needed{title}", design["note"].tolist())
    cells = {tuple(row[name] for name in _CELL): _count(row) for _, row in known.iterrows()}
    rows = []
    for name, own in known.groupby("behaviour", sort=False):
        first = own.iloc[0]
        told = [" / ".join(cells.get((name, one, minute), "-") for minute in minutes) for one in differences]
        rows.append((str(name), percent(first["share"]), f"{first['units']}", *told))
    each = " / ".join(f"{minute:g}" for minute in minutes)
    head = ("behaviour", "share", f"{level}s behind", *(f"{100 * one:g} points" for one in differences))
    assumed = "; ".join(dict.fromkeys(known.loc[known["needed"].notna(), "note"]))
    caption = (
        f"Number of {level}s needed in each of two conditions{title} to see a difference of so many points, with "
        f"{each} visible minutes of each; {assumed}"
    )
    none = design[design["needed"].isna() & ~design["note"].str.startswith("more than")]
    why = [note(f"{name}: {reason}.") for (name, reason), _ in none.groupby(["behaviour", "note"], sort=False)]
    return together([table(head, rows, caption), *why])


def _count(row: "pd.Series[Any]") -> str:
    """The number needed; ``more`` where it is more than were tried."""
    if pd.notna(row["needed"]):
        return f"{row['needed']:.0f}"
    return "more" if row["note"].startswith("more than") else "-"
