"""The gap that ends a bout: how long gaps are, the mixture fitted to them, and what hangs on the criterion."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.durations.criteria import mixture_of
from pipeline.ethology.durations.mixtures import Mixture
from pipeline.ethology.durations.survival import survivor
from pipeline.report import style
from pipeline.report.colours import colour_of, present
from pipeline.report.words import plural
from pipeline.types import BoolArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LEFT, _WIDE, _TALL, _BETWEEN = 0.85, 4.3, 3.0, 1.05  # inches of a panel
_BINS = 36
_FIT, _CRITERION, _FIXED = "#d55e00", "#0072b2", "#333333"


def gap_figure(gaps: pd.DataFrame, criteria: pd.DataFrame, bridged_s: float, title: str) -> "Figure":
    """One behaviour's gaps: left the log-survivor curve, right how many there are of each length.

    ``gaps`` are rows of ``durations.gaps.single_gaps``, ``criteria`` those of ``durations.tables.CRITERIA`` of the same
    behaviour and unit: the chosen mixture is drawn over both, and the criterion with its interval. ``bridged_s`` is the
    gap up to which bouts are joined.
    """
    begun = gaps[gaps["begun"] & (gaps["gap_s"] > 0)]
    time_s, ended = begun["gap_s"].to_numpy(dtype=np.float64), begun["ended"].to_numpy(dtype=bool)
    if not ended.any():
        return style.words_only(title, "no gap between two bouts was seen to its end")
    chosen = criteria[criteria["chosen"]]
    mixture = mixture_of(chosen.iloc[0]) if len(chosen) else None
    figure = style.sheet(style.WIDTH_IN, 0.65 + _TALL + 1.0)
    left = style.panel(figure, _LEFT, 0.95, _WIDE, _TALL)
    right = style.panel(figure, _LEFT + _WIDE + _BETWEEN, 0.95, _WIDE, _TALL)
    _survivor(left, time_s, ended, mixture)
    _frequency(right, time_s, ended, mixture)
    for axes in (left, right):
        _lines(axes, chosen, bridged_s)
    left.set_xlim(0, float(time_s[ended].max()) * 1.03)
    right.legend(frameon=False, loc="upper right", fontsize=8)
    style.head(figure, title)
    style.foot(figure, _note(ended, chosen, criteria))
    return figure


def sensitivity_figure(sensitivity: pd.DataFrame, colours: Mapping[str, str], title: str) -> "Figure":
    """Number of bouts and their mean duration over the bridged gap, a line a behaviour; one unit's and set's rows.

    Left, the number is a share of that of the bouts as recorded, so that behaviours can be compared.
    """
    shown = sensitivity[sensitivity["bouts"] > 0]
    if shown.empty:
        return style.words_only(title, "no bout was recorded")
    names = present(shown["behaviour"], colours)
    below = style.legend_height(names, style.WIDTH_IN - _LEFT) + 0.3
    figure = style.sheet(style.WIDTH_IN, 0.65 + _TALL + 0.6 + below)
    left = style.panel(figure, _LEFT, 0.6 + below, _WIDE, _TALL)
    right = style.panel(figure, _LEFT + _WIDE + _BETWEEN, 0.6 + below, _WIDE, _TALL)
    for name in names:
        rows = shown[shown["behaviour"] == name].sort_values("gap_s")
        recorded, grid = rows.iloc[0], rows.iloc[1:]
        look: dict[str, Any] = {"color": colour_of(name, colours), "linewidth": 1.6}
        left.plot(grid["gap_s"], grid["bouts"] / recorded["bouts"], **look)
        right.plot(grid["gap_s"], grid["mean_s"], **look)
    for axes in (left, right):
        axes.set_xscale("log")
        axes.set_xlim(*_changing(shown))
        axes.set_xlabel("gaps bridged up to (s)")
        axes.grid(color="#e4e4e4", linewidth=0.6)
        _plain(axes, "x")
    left.set_ylim(0, 1.05)
    left.set_yticks(style.PERCENT_TICKS, style.PERCENT_LABELS)
    left.set_ylabel("bouts left, of those recorded")
    if (shown["mean_s"] > 0).any():
        right.set_yscale("log")
    _plain(right, "y")
    right.set_ylabel("mean bout (s), those cut off as seen")
    style.head(figure, title)
    style.legend(figure, names, colours, _LEFT, 0.36)
    level = "where a line is level, the answer does not hang on the gap that ends a bout"
    style.foot(figure, f"{level}; breaks of the record are not bridged")
    return figure


def _changing(sensitivity: pd.DataFrame) -> tuple[float, float]:
    """The bridged gaps over which the number of bouts of any behaviour changes, and some more."""
    rows = sensitivity[sensitivity["gap_s"] > 0]
    least = rows.groupby("behaviour")["bouts"].transform("min")
    grid = np.sort(rows["gap_s"].unique())
    last = float(rows.loc[rows["bouts"] > least, "gap_s"].max())
    shown = grid[: max(int(np.searchsorted(grid, 2 * last)), 2)] if np.isfinite(last) else grid
    return float(grid[0]), float(shown[-1])


def _survivor(axes: "Axes", time_s: FloatArray, ended: BoolArray, mixture: Mixture | None) -> None:
    """The share of gaps longer than each time."""
    curve = survivor(time_s, ended)
    share = np.append(1.0, curve.share)
    least = max(float(share[share > 0].min()), 1e-4)
    axes.step(np.append(0.0, curve.time_s), np.maximum(share, least / 2), where="post", color="#777777", linewidth=1.6)
    if mixture is not None:
        at = np.linspace(0, time_s.max(), 600)
        longer = mixture.survival(at) / mixture.survival(np.array([time_s.min() / 2]))
        axes.plot(at, np.minimum(longer, 1.0), color=_FIT, linewidth=1.2)
    axes.set_yscale("log")
    axes.set_ylim(least / 1.5, 1.2)
    _plain(axes, "y")
    axes.set_ylabel("share of gaps that are longer")
    axes.set_xlabel("gap (s)")
    axes.set_title("Log-survivor")


def _frequency(axes: "Axes", time_s: FloatArray, ended: BoolArray, mixture: Mixture | None) -> None:
    """Complete gaps in bins that are even in the logarithm, and how many the mixture expects in each."""
    low, high = float(time_s.min()), float(time_s.max())
    edges = np.geomspace(low * 0.999, max(high, low * 1.5) * 1.001, _BINS + 1)
    axes.hist(time_s[ended], edges.tolist(), color="#b9c4cc", edgecolor="white", linewidth=0.4, label="complete gaps")
    if (~ended).any():
        axes.hist(
            time_s[~ended], edges.tolist(), histtype="step", color="#8a8a8a", linestyle=":", label="cut by the record"
        )
    if mixture is not None:
        longer = mixture.survival(edges) / mixture.survival(edges[:1])
        expected = (longer[:-1] - longer[1:]) * _at_risk(time_s, edges, longer)
        middle = np.sqrt(edges[:-1] * edges[1:])
        label = f"{plural(len(mixture.weight), 'process', 'processes')}, {mixture.family.value}"
        axes.plot(middle, expected, color=_FIT, linewidth=1.4, label=label)
    axes.set_xscale("log")
    _plain(axes, "x")
    axes.set_xlabel("gap (s)")
    axes.set_ylabel("gaps in each bin")
    axes.set_ylim(0, 1.45 * axes.dataLim.y1)  # room for the legend
    axes.set_title("Log-frequency")


def _at_risk(time_s: FloatArray, edges: FloatArray, longer: FloatArray) -> FloatArray:
    """``[bins]`` gaps that reached each bin, over the share that the mixture lets reach it."""
    reached = len(time_s) - np.searchsorted(np.sort(time_s), edges[:-1])
    result: FloatArray = np.divide(reached, longer[:-1], out=np.zeros(len(reached)), where=longer[:-1] > 0)
    return result


def _lines(axes: "Axes", chosen: pd.DataFrame, bridged_s: float) -> None:
    """The criterion with its interval, and the gap that is bridged."""
    if len(chosen) and np.isfinite(chosen["criterion_s"].iloc[0]):
        row = chosen.iloc[0]
        axes.axvline(row["criterion_s"], color=_CRITERION, linewidth=1.4, label=f"criterion {row['criterion_s']:.3g} s")
        if np.isfinite(row["low_s"]) and np.isfinite(row["high_s"]):
            axes.axvspan(row["low_s"], row["high_s"], color=_CRITERION, alpha=0.15, linewidth=0)
    if bridged_s > 0:
        axes.axvline(bridged_s, color=_FIXED, linewidth=1.2, linestyle="--", label=f"bridged up to {bridged_s:.3g} s")


def _note(ended: BoolArray, chosen: pd.DataFrame, criteria: pd.DataFrame) -> str:
    said = f"{plural(int(ended.sum()), 'complete gap')}, {plural(int((~ended).sum()), 'gap')} cut by the record"
    method = chosen["method"].iloc[0] if len(chosen) else criteria["method"].iloc[0] if len(criteria) else ""
    return f"{said}; {method}" if method else said


def _plain(axes: "Axes", which: str) -> None:
    """Numbers on a logarithmic axis as people write them."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis = axes.xaxis if which == "x" else axes.yaxis
    low, high = sorted(axis.get_view_interval())
    if high < 100 * low:  # powers of ten would leave it with one number or none
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())
