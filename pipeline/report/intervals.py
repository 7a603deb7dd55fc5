"""Shares with what is not sure of them: limits, the mean over animals, worst-case bounds. A stacked bar shows none."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.report import style
from pipeline.report.bars import KEYS, told_apart, units_of
from pipeline.report.colours import colour_of, present

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DARK, _GROUND = "#444444", "#e9e9e9"
_TABLED = ("session", "individual", "track")
_ABOVE, _BELOW = -0.17, 0.19  # where in its row the pooled share and the mean over animals are


def interval_figure(budgets: pd.DataFrame, colours: Mapping[str, str], most_rows: int, title: str) -> "Figure | None":
    """Rows of tables.TIME_BUDGETS: a row a unit and behaviour, of those ``drawn``. None where there is no share.

    Behind the pooled share and its limits are the worst-case bounds; below it is the mean over animals with its own
    limits, where there is one.
    """
    shown = drawn(budgets)
    if shown.empty:
        return None
    rows = _rows(shown, colours)
    left_out, rows = max(len(rows) - most_rows, 0), rows.head(most_rows)
    labels = [
        f"{style.short(unit, 24)}: {style.short(name, 20)}"
        for unit, name in zip(rows["unit"], rows["behaviour"], strict=True)
    ]
    left, tall, below = 0.35 + style.TEXT_IN * max(map(len, labels)), 0.27 * len(rows), 0.32 if left_out else 0.1
    figure = style.sheet(style.WIDTH_IN, 0.75 + tall + 0.55 + below)
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
    y, mean = np.arange(len(rows), dtype=np.float64), rows["mean_share"].notna().to_numpy()
    fill = np.array([colour_of(name, colours) for name in rows["behaviour"]])
    above = y + np.where(mean, _ABOVE, 0.0)
    axes.hlines(above, rows["ci_low"], rows["ci_high"], color=_DARK, linewidth=1.3, zorder=2)
    axes.barh(
        y,
        rows["bound_high"] - rows["bound_low"],
        0.78,
        rows["bound_low"],
        color=_GROUND,
        zorder=1,
    )
    axes.scatter(rows["share"], above, s=44, color=fill, edgecolor="black", linewidth=0.6, zorder=3)
    if mean.any():
        of_mean = rows[mean]
        axes.hlines(
            y[mean] + _BELOW, of_mean["mean_ci_low"], of_mean["mean_ci_high"], color=_DARK, linewidth=1.0, zorder=2
        )
        axes.scatter(
            of_mean["mean_share"], y[mean] + _BELOW, s=30, marker="D", color=fill[mean], edgecolor="black",
            linewidth=0.6, zorder=3,
        )  # fmt: skip
    axes.set_yticks(y, labels)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xticks(style.PERCENT_TICKS, style.PERCENT_LABELS)
    axes.set_xlim(0, _reach(rows))
    lines = "; lines: intervals" if has_limits(rows) else ""
    axes.set_xlabel(f"share of the time in sight and recognized{lines}; grey: share of the tracked time")
    axes.grid(axis="x", color="#eeeeee")
    axes.set_axisbelow(True)
    above_right: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1, 1), "borderaxespad": 0.2}
    axes.legend(handles=_key(bool(mean.any()), has_limits(rows)), frameon=False, ncols=3, fontsize=8, **above_right)


def drawn(budgets: pd.DataFrame) -> pd.DataFrame:
    """The rows over all animals, and all others that have limits or a mean, but sessions and animals: they are many."""
    shares = budgets["share"].notna()
    limits = budgets[["ci_low", "ci_high"]].notna().all(axis=1) | budgets["mean_share"].notna()
    return told_apart(budgets[shares & (limits | (budgets["level"] == "pooled")) & ~budgets["level"].isin(_TABLED)])


def has_limits(rows: pd.DataFrame) -> bool:
    """Has any share or mean of these an interval?"""
    return bool(rows[["ci_low", "mean_ci_low"]].notna().any(axis=None))


def _reach(rows: pd.DataFrame) -> float:
    """Where the axis ends: at the full fifth above all that is drawn."""
    drawn = rows[["share", "ci_high", "mean_share", "mean_ci_high", "bound_high"]].to_numpy(dtype=np.float64)
    return float(min(np.ceil(5 * np.nanmax(drawn)) / 5, 1.0))


def _key(mean: bool, limits: bool) -> list[Any]:
    """What the marks are, without the colours of the behaviours; a line through them where there are intervals."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    look: dict[str, Any] = {"color": _DARK, "markerfacecolor": "white", "linewidth": 1.3 * limits}
    marks = [Line2D([], [], marker="o", label="of all animals' time together", **look)]
    marks += [Line2D([], [], marker="D", markersize=5, label="mean over animals", **look)] if mean else []
    return [*marks, Patch(color=_GROUND, label="worst case of the circle")]
