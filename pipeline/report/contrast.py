"""Two conditions beside each other: shares of time and their differences, bouts and their ratios, with limits."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.contrasts.tables import COMPARISON
from pipeline.ethology.ethogram import Kind
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
_WORDS_IN = 1.25  # p beside a panel
_FARTHEST = 5.0  # doublings that a panel of ratios shows: limits beyond it end there


def compared(contrasts: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of each comparison and set of one of this family's tables, and what it is called."""
    several = contrasts["set"].nunique() > 1
    for (by, first, second, of_set), rows in contrasts.groupby([*COMPARISON, "set"], sort=False):
        yield f"{by}: {first} and {second}" + (f" ({of_set})" if several else ""), rows


def bouts_of(title: str) -> str:
    """What the figure of a comparison's bouts is called."""
    return f"Bouts by {title}"


def events_of(title: str) -> str:
    """What the figure and the part of a comparison's events are called."""
    return f"Events by {title}"


def seen(contrasts: pd.DataFrame) -> pd.DataFrame:
    """Of ``BUDGET_CONTRASTS`` the behaviours that at least one of the conditions shows."""
    shown = contrasts["behaviour"] != ALL
    return contrasts[shown & (contrasts[["mean_first", "mean_second"]] > 0).any(axis=1)]


def seen_bouts(contrasts: pd.DataFrame) -> pd.DataFrame:
    """Of ``BOUT_CONTRASTS`` the behaviours of which a start or an end was seen, where both conditions have time."""
    some = (contrasts[["starts_first", "starts_second", "ends_first", "ends_second"]] > 0).any(axis=1)
    return contrasts[some & contrasts[["starts_per_h_first", "starts_per_h_second"]].notna().all(axis=1)]


def of_kind(contrasts: pd.DataFrame, kind: Kind) -> pd.DataFrame:
    """Of ``BOUT_CONTRASTS`` states, whose bouts begin and end, or events."""
    return contrasts[contrasts["kind"] == kind.value]


def any_tested(contrasts: pd.DataFrame) -> bool:
    """Has any row of one of this family's tables an adjusted p?"""
    return bool(contrasts.filter(like="_corrected").notna().to_numpy().any())


def contrast_figure(rows: pd.DataFrame, colours: Mapping[str, str], title: str) -> "Figure":
    """``rows`` are ``seen`` of one comparison: a line a behaviour.

    Left the mean shares, open for the first condition; right the difference of the second from the first, in percentage
    points, its limits where there are any, and p after correction.
    """
    figure, shares, difference = _panels(rows, title, _SHARES_IN, _GAP_IN)
    _shares(shares, rows, colours)
    _differences(difference, rows, colours)
    return figure


def bout_figure(rows: pd.DataFrame, colours: Mapping[str, str], title: str) -> "Figure":
    """``rows`` are ``seen_bouts`` of one comparison: a line a behaviour.

    Left how many times as often bouts begin in the second condition as in the first, right how many times as long they
    last; limits where there are any, and p after correction.
    """
    figure, rates, lengths = _panels(rows, title, _APART_IN, _WORDS_IN + 0.2)
    _ratios(rates, rows, colours, "rate", "starts an hour")
    _ratios(lengths, rows, colours, "length", "mean length")
    return figure


def event_figure(rows: pd.DataFrame, colours: Mapping[str, str], title: str) -> "Figure":
    """The same of events: left how often they happen an hour, open for the first condition; right the ratio."""
    figure, often, ratio = _panels(rows, title, _SHARES_IN, _GAP_IN)
    most = _ends(often, rows, colours, "starts_per_h_first", "starts_per_h_second")
    often.set_xlim(-0.03 * most, 1.15 * most)
    often.set_xlabel("times an hour in sight")
    _ratios(ratio, rows, colours, "rate", "times an hour")
    return figure


def _panels(rows: pd.DataFrame, title: str, wide: float, gap: float) -> tuple["Figure", "Axes", "Axes"]:
    """A figure with two panels that have a line a behaviour."""
    labels = [style.short(str(name), 24) for name in rows["behaviour"]]
    left, tall = 0.35 + style.TEXT_IN * max(map(len, labels)), _ROW_IN * len(rows)
    figure = style.sheet(left + wide + gap + _APART_IN + _WORDS_IN, 0.75 + tall + _BELOW_IN)
    one = style.panel(figure, left, _BELOW_IN, wide, tall)
    other = style.panel(figure, left + wide + gap, _BELOW_IN, _APART_IN, tall)
    for axes, words in ((one, labels), (other, [""] * len(labels))):
        axes.set_yticks(np.arange(len(rows)), words)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.grid(axis="x", color="#eeeeee")
        axes.set_axisbelow(True)
    other.tick_params(axis="y", length=0)
    style.head(figure, title)
    return figure, one, other


def _shares(axes: "Axes", rows: pd.DataFrame, colours: Mapping[str, str]) -> None:
    most = _ends(axes, rows, colours, "mean_first", "mean_second")
    axes.set_xticks(style.PERCENT_TICKS, style.PERCENT_LABELS)
    axes.set_xlim(-0.02, min(np.ceil(5 * most + 0.1) / 5, 1.0) + 0.02)
    axes.set_xlabel("mean share of recognized time")


def _ends(axes: "Axes", rows: pd.DataFrame, colours: Mapping[str, str], first: str, second: str) -> float:
    """A line from the first condition's figure to the second's, a behaviour each; returns the largest of them."""
    y, fill = np.arange(len(rows)), [colour_of(name, colours) for name in rows["behaviour"]]
    axes.hlines(y, rows[first], rows[second], color=_LINE, linewidth=2.2, zorder=1)
    axes.scatter(rows[first], y, s=46, facecolor="white", edgecolor=fill, linewidth=1.8, zorder=2)
    axes.scatter(rows[second], y, s=52, color=fill, edgecolor="black", linewidth=0.6, zorder=3)
    above: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1, 1), "borderaxespad": 0.2}
    axes.legend(handles=_key(rows), frameon=False, ncols=2, fontsize=8.5, **above)
    return float(np.nanmax(rows[[first, second]].to_numpy(dtype=np.float64)))


def _differences(axes: "Axes", rows: pd.DataFrame, colours: Mapping[str, str]) -> None:
    values = 100 * rows[["difference", "difference_low", "difference_high"]].to_numpy(dtype=np.float64)
    subtracted = f"{rows['second'].iloc[0]} - {rows['first'].iloc[0]}"
    apart = _apart(axes, rows, values, rows["p_corrected"], colours)
    axes.set_xlabel(f"{subtracted}, percentage points; {apart}")
    far = max(float(np.nanmax(np.abs(values))), 1.0)
    axes.set_xlim(-1.1 * far, 1.1 * far)


def _ratios(axes: "Axes", rows: pd.DataFrame, colours: Mapping[str, str], of: str, what: str) -> None:
    """Ratios of the second condition to the first, as doublings."""
    values = np.log2(rows[[f"{of}_ratio", f"{of}_ratio_low", f"{of}_ratio_high"]].to_numpy(dtype=np.float64))
    words = _apart(axes, rows, values, rows[f"p_{of}_corrected"], colours)
    second, first = (style.short(str(rows[name].iloc[0]), 20) for name in ("second", "first"))
    axes.set_xlabel(f"{what}, {second} / {first}\n{words}", loc="left")
    for place in np.flatnonzero(np.isnan(values[:, 0])):
        axes.annotate(
            "no ratio", (0, place), ha="center", va="center", size=8.5, color=style.GREY, backgroundcolor="white"
        )
    far = np.ceil(min(np.nanmax([1.0, *np.abs(values[np.isfinite(values)])]), _FARTHEST))
    ticks = np.arange(-far, far + 1)
    axes.set_xticks(ticks, [f"{2**k:g}" if k >= 0 else f"1/{2**-k:g}" for k in ticks])
    axes.set_xlim(-1.05 * far, 1.05 * far)


def _apart(
    axes: "Axes", rows: pd.DataFrame, values: FloatArray, adjusted: "pd.Series[float]", colours: Mapping[str, str]
) -> str:
    """Points with their limits ``values [n, 3]`` about 0, p beside them; what the axis has to say of these."""
    y, fill = np.arange(len(rows)), [colour_of(name, colours) for name in rows["behaviour"]]
    middle, low, high = values.T
    axes.axvline(0, color="#8a8a8a", linewidth=1, zorder=0)
    axes.hlines(y, low, high, color=_DARK, linewidth=1.4, zorder=1)
    axes.scatter(middle, y, s=46, color=fill, edgecolor="black", linewidth=0.6, zorder=2)
    for place, p in zip(y, adjusted, strict=True):
        if pd.notna(p):
            weight = "bold" if p < LEVEL else "normal"
            at: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "va": "center", "size": 8.5}
            axes.annotate(f"adj. {p_words(p)}", (1.03, place), weight=weight, **at)
    limits = "lines: limits" if np.isfinite(low).any() else "no limits"
    return limits + (f"; bold: adjusted p < {LEVEL:g}" if adjusted.notna().any() else "")


def _key(rows: pd.DataFrame) -> list[Any]:
    """Which mark is which condition."""
    from matplotlib.lines import Line2D

    look: dict[str, Any] = {"color": _DARK, "linestyle": "none", "marker": "o", "markersize": 6.5}
    first, second = (style.short(str(rows[name].iloc[0]), 20) for name in ("first", "second"))
    return [Line2D([], [], label=first, markerfacecolor="white", **look), Line2D([], [], label=second, **look)]
