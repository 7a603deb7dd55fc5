"""Two shares of each behaviour beside each other: as told and as an audit found them, raw and corrected."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.report import style
from pipeline.report.colours import colour_of, present

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_INK, _JOIN = "#444444", "#c4c4c4"
_APART = 0.17  # of a row, above and below its middle


def pairs_figure(pairs: pd.DataFrame, words: tuple[str, str], colours: Mapping[str, str], title: str) -> "Figure":
    """A row a behaviour: ``first`` hollow, ``second`` filled below it, each with its limits, where there are any.

    ``pairs`` has ``behaviour first first_low first_high second second_low second_high``; ``words`` say what the two
    shares are.
    """
    order = {name: k for k, name in enumerate(present(pairs["behaviour"], colours))}
    rows = pairs.sort_values("behaviour", key=lambda names: names.map(order), kind="stable")
    labels = [style.short(name, 24) for name in rows["behaviour"]]
    left, tall = 0.35 + style.TEXT_IN * max(map(len, labels)), 0.42 * len(rows)
    figure = style.sheet(style.WIDTH_IN, 0.8 + tall + 0.65)
    axes = style.panel(figure, left, 0.65, style.WIDTH_IN - left - 0.4, tall)
    y, fill = np.arange(len(rows), dtype=np.float64), [colour_of(name, colours) for name in rows["behaviour"]]
    ends = rows[["first", "second"]].to_numpy(dtype=np.float64)
    axes.plot(ends.T, np.stack([y - _APART, y + _APART]), color=_JOIN, linewidth=1.2, zorder=1)
    for name, at, face in (("first", y - _APART, ["white"] * len(rows)), ("second", y + _APART, fill)):
        axes.hlines(at, rows[f"{name}_low"], rows[f"{name}_high"], color=_INK, linewidth=1.3, zorder=2)
        edge = fill if name == "first" else "black"
        width = 1.6 if name == "first" else 0.6
        axes.scatter(rows[name], at, s=48, color=face, edgecolor=edge, linewidth=width, zorder=3)
    axes.set_yticks(y, labels)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xticks(style.PERCENT_TICKS, style.PERCENT_LABELS)
    axes.set_xlim(-0.008, _reach(rows))
    axes.grid(axis="x", color="#eeeeee")
    axes.set_axisbelow(True)
    axes.set_xlabel("share of time; lines: limits, where there are any")
    place: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1, 1), "borderaxespad": 0.2}
    axes.legend(handles=_key(words), frameon=False, ncols=2, fontsize=8, **place)
    style.head(figure, title)
    return figure


def _reach(rows: pd.DataFrame) -> float:
    """Where the axis ends: at the full fifth above all that is drawn."""
    drawn = rows[["first", "first_high", "second", "second_high"]].to_numpy(dtype=np.float64)
    return float(min(np.ceil(5 * np.nanmax(drawn) + 1e-9) / 5, 1.008))


def _key(words: tuple[str, str]) -> list[Any]:
    from matplotlib.lines import Line2D

    look: dict[str, Any] = {"marker": "o", "color": _INK, "linewidth": 1.3, "markersize": 6.5}
    first = Line2D([], [], markerfacecolor="white", markeredgewidth=1.6, label=words[0], **look)
    return [first, Line2D([], [], markerfacecolor=_INK, label=words[1], **look)]
