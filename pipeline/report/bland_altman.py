"""Two observers' time budgets as Bland and Altman draw them: the difference of two shares over their mean."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.report import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDE_IN, _HIGH_IN, _LEFT_IN, _GAP_IN = 2.7, 2.0, 0.8, 0.75
_ACROSS = 3
_INK, _LINE = "#1f6f8b", "#b0452c"


def budget_agreement_figure(budgets: pd.DataFrame, limits: pd.DataFrame, coders: Sequence[str]) -> "Figure":
    """A panel a behaviour, a point an animal, of two coders' ``budgets`` and ``budget_agreement`` tables."""
    title = "Do the time budgets agree?"
    if limits.empty:
        return style.words_only(title, "no time that both coded")
    down = -(-len(limits) // _ACROSS)
    across = min(_ACROSS, len(limits))
    wide = _LEFT_IN + across * _WIDE_IN + (across - 1) * _GAP_IN + 0.9
    figure = style.sheet(max(wide, 6.5), 0.85 + down * (_HIGH_IN + 0.7))
    most = max(0.05, float((budgets["share_b"] - budgets["share_a"]).abs().max()), _widest(limits))
    for k, (_, row) in enumerate(limits.iterrows()):
        left = _LEFT_IN + k % _ACROSS * (_WIDE_IN + _GAP_IN)
        axes = style.panel(figure, left, 0.75 + (down - 1 - k // _ACROSS) * (_HIGH_IN + 0.7), _WIDE_IN, _HIGH_IN)
        _points(axes, budgets[budgets["behaviour"] == row["behaviour"]], row)
        axes.set_ylim(-1.12 * most, 1.12 * most)
        if k % _ACROSS == 0:
            axes.set_ylabel("difference of shares")
        if k + _ACROSS >= len(limits):
            axes.set_xlabel("mean of the two shares")
    style.head(figure, title)
    first, second = (style.short(name, 24) for name in coders)
    style.foot(
        figure,
        f"above 0: {second} says it more often than {first}; line: bias; broken: limits of agreement; grey: of these",
    )
    return figure


def _widest(limits: pd.DataFrame) -> float:
    """The limit of agreement that is farthest from 0."""
    far = np.abs(limits[["loa_low", "loa_high"]].to_numpy(dtype=np.float64))
    return float(np.nanmax(far)) if np.isfinite(far).any() else 0.0


def _points(axes: "Axes", own: pd.DataFrame, row: "pd.Series[Any]") -> None:
    axes.axhline(0, color="#c8c8c8", linewidth=1, zorder=0)
    mean, apart = (own["share_a"] + own["share_b"]) / 2, own["share_b"] - own["share_a"]
    axes.plot(mean, apart, "o", markersize=4.5, color=_INK, alpha=0.75, markeredgewidth=0)
    axes.axhline(row["bias"], color=_LINE, linewidth=1.2)
    for side in ("loa_low", "loa_high"):
        if np.isfinite(row[side]):
            axes.axhline(row[side], color=_LINE, linewidth=1, linestyle=(0, (4, 3)))
            axes.axhspan(row[f"{side}_low"], row[f"{side}_high"], color="#8a8a8a", alpha=0.12, linewidth=0)
    axes.set_xlim(-0.02, 1.02)
    axes.set_title(f"{style.short(str(row['behaviour']), 24)}  n = {row['n']}", size=9)
