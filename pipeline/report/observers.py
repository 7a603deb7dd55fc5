"""Virtual observers: bias and error of each sampling rule against its interval."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.report import style
from pipeline.report.colours import colour_of, present
from pipeline.report.words import duration

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEAST_RECORDS = 10  # points, scans or intervals that an observer writes down: of fewer, figures are of a few moments
_TALL, _LEFT, _BETWEEN = 1.75, 0.95, 0.28  # inches
_ROWS = (("bias", "bias"), ("rmse", "error (RMSE)"))
_POINTS = "bias and error in points of the share; "
_TOO = f"differences between animals add to it; of under {LEAST_RECORDS} records nothing is drawn"


def observers_figure(observers: pd.DataFrame, colours: Mapping[str, str], title: str) -> "Figure":
    """Bias above, root mean squared error below, a column a method, a line a behaviour: one set's shares.

    ``observers`` is ``observers.tables.OBSERVERS``. One-zero sampling's share of intervals is drawn against the share
    of time, on a scale of its own: it shows by how much it misleads where it is taken for one. Of samples of fewer than
    ``LEAST_RECORDS`` nothing is drawn.
    """
    enough = observers["records"] >= LEAST_RECORDS
    shown = observers[observers["figure"].str.startswith("share") & observers["rmse"].notna() & enough]
    if shown.empty:
        return style.words_only(title, f"no observer had {LEAST_RECORDS} moments or intervals to write down")
    names, methods = present(shown["behaviour"], colours), list(dict.fromkeys(shown["method"]))
    below = style.legend_height(names, style.WIDTH_IN - _LEFT) + 0.3
    figure = style.sheet(style.WIDTH_IN, 0.85 + 2 * _TALL + 0.3 + 0.6 + below)
    wide = (style.WIDTH_IN - _LEFT - 0.15) / len(methods) - _BETWEEN - 0.22
    for column, method in enumerate(methods):
        left = _LEFT + column * (wide + _BETWEEN + 0.22)
        for row, (value, words) in enumerate(_ROWS):
            axes = style.panel(figure, left, 0.6 + below + (1 - row) * (_TALL + 0.3), wide, _TALL)
            _lines(axes, shown[shown["method"] == method], value, names, colours)
            _scale(axes, shown, method, value)
            if row == 0:
                axes.set_title(method if method != "one-zero" else "one-zero: no share of time; own scale")
                axes.set_xticklabels([])
            else:
                axes.set_xlabel("length of a sample" if method == "focal" else "interval")
            if column == 0:
                axes.set_ylabel(words)
    style.head(figure, title)
    style.legend(figure, names, colours, _LEFT, 0.36)
    style.foot(figure, f"{_POINTS}against the continuous record of the same animals; {_TOO}")
    return figure


def _lines(axes: "Axes", rows: pd.DataFrame, value: str, names: list[str], colours: Mapping[str, str]) -> None:
    look: dict[str, Any] = {"linewidth": 1.4, "marker": "o", "markersize": 3.2}
    for name in names:
        mine = rows[rows["behaviour"] == name].sort_values("interval_s")
        axes.plot(mine["interval_s"], 100 * mine[value], color=colour_of(name, colours), **look)
    if value == "bias":
        axes.axhline(0, color=style.GREY, linewidth=0.7, zorder=1)
    axes.grid(axis="y", color="#e4e4e4", linewidth=0.6)


def _scale(axes: "Axes", shown: pd.DataFrame, method: str, value: str) -> None:
    """Intervals on a logarithmic axis; the methods that estimate a share of time share one scale."""
    from matplotlib.ticker import FuncFormatter, NullLocator

    one_zero = shown["method"] == "one-zero"
    alike = shown[one_zero if method == "one-zero" else ~one_zero]
    high = 108 * max(float(alike["rmse"].max()), 1e-4)
    axes.set_ylim(-high if (alike[value] < 0).any() else 0.0, high)  # bias as large as it is against the error
    axes.yaxis.set_major_formatter(FuncFormatter(lambda at, _: f"{at:g}"))
    intervals = np.unique(shown.loc[shown["method"] == method, "interval_s"])
    axes.set_xscale("log")
    axes.xaxis.set_minor_locator(NullLocator())
    every = -(-len(intervals) // 5)
    axes.set_xticks(intervals[::every], [_short(seconds) for seconds in intervals[::every]])
    axes.set_xlim(intervals[0] / 1.3, intervals[-1] * 1.3)


def _short(seconds: float) -> str:
    return f"{seconds:g} s" if seconds < 120 else duration(seconds).replace(".0 ", " ")
