"""Two conditions beside each other: the share of time in each, and the difference with its limits."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.ethology.tally import ALL
from pipeline.report import style
from pipeline.report.colours import colour_of
from pipeline.report.transition_graph import LEVEL
from pipeline.report.words import p_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DARK, _LINE = "#444444", "#b9b9b9"
_ROW_IN, _SHARES_IN, _APART_IN, _GAP_IN, _BELOW_IN = 0.34, 4.3, 3.6, 0.35, 0.65


def compared(contrasts: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of each comparison and set of one of this family's tables, and what it is called."""
    several = contrasts["set"].nunique() > 1
    for (by, first, second, of_set), rows in contrasts.groupby(["by", "first", "second", "set"], sort=False):
        yield f"{by}: {first} and {second}" + (f" ({of_set})" if several else ""), rows


def seen(contrasts: pd.DataFrame) -> pd.DataFrame:
    """Of ``BUDGET_CONTRASTS`` the behaviours that at least one of the conditions shows."""
    shown = contrasts["behaviour"] != ALL
    return contrasts[shown & (contrasts[["mean_first", "mean_second"]] > 0).any(axis=1)]


def contrast_figure(rows: pd.DataFrame, colours: Mapping[str, str], title: str) -> "Figure":
    """``rows`` are ``seen`` of one comparison: a line a behaviour.

    Left the mean shares, open for the first condition; right the difference of the second from the first, in percentage
    points, its limits where there are any, and p after correction.
    """
    labels = [style.short(str(name), 24) for name in rows["behaviour"]]
    left, tall = 0.35 + style.TEXT_IN * max(map(len, labels)), _ROW_IN * len(rows)
    apart = left + _SHARES_IN + _GAP_IN
    figure = style.sheet(apart + _APART_IN + 1.0, 0.75 + tall + _BELOW_IN)
    shares = style.panel(figure, left, _BELOW_IN, _SHARES_IN, tall)
    _shares(shares, rows, colours)
    shares.set_yticks(np.arange(len(rows)), labels)
    difference = style.panel(figure, apart, _BELOW_IN, _APART_IN, tall)
    _differences(difference, rows, colours)
    difference.set_yticks([])
    for axes in (shares, difference):
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.grid(axis="x", color="#eeeeee")
        axes.set_axisbelow(True)
    style.head(figure, title)
    return figure


def _shares(axes: "Axes", rows: pd.DataFrame, colours: Mapping[str, str]) -> None:
    y, fill = np.arange(len(rows)), [colour_of(name, colours) for name in rows["behaviour"]]
    axes.hlines(y, rows["mean_first"], rows["mean_second"], color=_LINE, linewidth=2.2, zorder=1)
    axes.scatter(rows["mean_first"], y, s=46, facecolor="white", edgecolor=fill, linewidth=1.8, zorder=2)
    axes.scatter(rows["mean_second"], y, s=52, color=fill, edgecolor="black", linewidth=0.6, zorder=3)
    most = float(np.nanmax(rows[["mean_first", "mean_second"]].to_numpy(dtype=np.float64)))
    axes.set_xticks(style.PERCENT_TICKS, style.PERCENT_LABELS)
    axes.set_xlim(-0.02, min(np.ceil(5 * most + 0.1) / 5, 1.0) + 0.02)
    axes.set_xlabel("mean share of recognized time")
    above: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1, 1), "borderaxespad": 0.2}
    axes.legend(handles=_key(rows), frameon=False, ncols=2, fontsize=8.5, **above)


def _differences(axes: "Axes", rows: pd.DataFrame, colours: Mapping[str, str]) -> None:
    y, fill = np.arange(len(rows)), [colour_of(name, colours) for name in rows["behaviour"]]
    middle, low, high = (100 * rows[name] for name in ("difference", "difference_low", "difference_high"))
    axes.axvline(0, color="#8a8a8a", linewidth=1, zorder=0)
    axes.hlines(y, low, high, color=_DARK, linewidth=1.4, zorder=1)
    axes.scatter(middle, y, s=46, color=fill, edgecolor="black", linewidth=0.6, zorder=2)
    far = float(np.nanmax(np.abs(np.concatenate([middle, low, high]))))
    axes.set_xlim(-1.1 * max(far, 1.0), 1.1 * max(far, 1.0))
    limits = "; lines: limits" if low.notna().any() else ", no limits"
    bold = f"; bold: adjusted p < {LEVEL:g}" if rows["p_corrected"].notna().any() else ""
    axes.set_xlabel(f"difference, percentage points{limits}{bold}")
    for place, p in zip(y, rows["p_corrected"], strict=True):
        if pd.notna(p):
            weight = "bold" if p < LEVEL else "normal"
            at: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "va": "center", "size": 8.5}
            axes.annotate(f"adj. {p_words(p)}", (1.03, place), weight=weight, **at)


def _key(rows: pd.DataFrame) -> list[Any]:
    """Which mark is which condition."""
    from matplotlib.lines import Line2D

    look: dict[str, Any] = {"color": _DARK, "linestyle": "none", "marker": "o", "markersize": 6.5}
    first, second = (style.short(str(rows[name].iloc[0]), 20) for name in ("first", "second"))
    return [Line2D([], [], label=first, markerfacecolor="white", **look), Line2D([], [], label=second, **look)]
