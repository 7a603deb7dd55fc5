"""Shares with their intervals, as points and lines: what a stacked bar cannot show."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.report import style
from pipeline.report.bars import KEYS, units_of
from pipeline.report.colours import colour_of, present

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def interval_figure(budgets: pd.DataFrame, colours: Mapping[str, str], most_rows: int, title: str) -> "Figure | None":
    """Rows of tables.TIME_BUDGETS that have limits: a row a unit and behaviour. None where there is no such row."""
    shown = budgets[budgets["ci_low"].notna() & budgets["ci_high"].notna()]
    if shown.empty:
        return None
    rows = _rows(shown, colours)
    left_out, rows = max(len(rows) - most_rows, 0), rows.head(most_rows)
    labels = [
        f"{style.short(unit, 24)}: {style.short(name, 20)}"
        for unit, name in zip(rows["unit"], rows["behaviour"], strict=True)
    ]
    left, tall, below = 0.35 + style.TEXT_IN * max(map(len, labels)), 0.24 * len(rows), 0.32 if left_out else 0.1
    figure = style.sheet(style.WIDTH_IN, 0.5 + tall + 0.55 + below)
    axes = style.panel(figure, left, 0.55 + below, style.WIDTH_IN - left - 0.4, tall)
    _draw(axes, rows, labels, colours)
    style.head(figure, title)
    if left_out:
        style.foot(figure, f"{left_out} more rows are not drawn; all are in time_budgets.csv")
    return figure


def _rows(shown: pd.DataFrame, colours: Mapping[str, str]) -> pd.DataFrame:
    """Units in the order of the bars, behaviours in the order of the ethogram."""
    order = {name: k for k, name in enumerate(present(shown["behaviour"], colours))}
    rows = shown.merge(units_of(shown)[[*KEYS, "y"]], on=KEYS)
    rows = rows.assign(order=rows["behaviour"].map(order))
    return rows.sort_values(["y", "order"], kind="stable").reset_index(drop=True)


def _draw(axes: "Axes", rows: pd.DataFrame, labels: list[str], colours: Mapping[str, str]) -> None:
    y = np.arange(len(rows))
    fill = [colour_of(name, colours) for name in rows["behaviour"]]
    axes.hlines(y, rows["ci_low"], rows["ci_high"], color="#444444", linewidth=1.3, zorder=2)
    axes.scatter(rows["share"], y, s=44, color=fill, edgecolor="black", linewidth=0.6, zorder=3)
    axes.set_yticks(y, labels)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(0, 1)
    axes.set_xticks(style.PERCENT_TICKS, style.PERCENT_LABELS)
    axes.set_xlabel("share of visible, recognized time, with its interval")
    axes.grid(axis="x", color="#eeeeee")
    axes.set_axisbelow(True)
