"""Transitions as a heat map: from the row's behaviour to the column's."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.report import style
from pipeline.report.colours import colour_of, present
from pipeline.report.words import plural, probability
from pipeline.types import IntArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_CELL_IN = 0.62
FEW = 20  # under so many transitions a row's probabilities are printed in italics: they say little


def transition_figure(transitions: pd.DataFrame, colours: Mapping[str, str], title: str) -> "Figure":
    """One form, set and unit of tables.TRANSITIONS: row probabilities as colour, with the count in each cell.

    The diagonal of the bout form, which cannot be, is crossed out; a behaviour nothing came from or led to is left out.
    """
    seen = transitions[transitions["count"] > 0]
    if seen.empty:
        return style.words_only(title, "no animal was seen to change from one behaviour to another")
    names = present([*seen["from"], *seen["to"]], colours)
    counts = seen.pivot_table(index="from", columns="to", values="count", aggfunc="sum")
    table = counts.reindex(index=names, columns=names).fillna(0).to_numpy().astype(int)
    cell = float(np.interp(len(names), [8, 23], [_CELL_IN, 0.36]))
    left = 1.3 + style.TEXT_IN * max(min(len(name), 26) for name in names)
    top = 0.75 + 0.055 * max(min(len(name), 26) for name in names)
    side = cell * len(names)
    figure = style.sheet(max(left + side + 1.5, 7.0), top + side + 0.55)
    axes = style.panel(figure, left, 0.5, side, side)
    empty = bool((seen["form"] == "bout").all())
    _cells(axes, table, empty)
    _names(axes, names, table.sum(axis=1), colours, cell)
    _bar(figure, left + side + 0.3, 0.5 + max(side - 3.0, 0.0), min(side, 3.0))
    style.head(figure, title)
    crossed = "crossed out: impossible by definition; " if empty else ""
    style.foot(figure, f"{plural(int(table.sum()), 'transition')}; {crossed}rows under {FEW} transitions in italics")
    return figure


def _cells(axes: "Axes", table: IntArray, empty: bool) -> None:
    totals = table.sum(axis=1, keepdims=True)
    share = np.divide(table, totals, out=np.zeros(table.shape), where=totals > 0)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    size = float(np.interp(len(table), [8, 23], [8, 6]))
    for i, j in np.ndindex(*table.shape):
        if empty and i == j:
            axes.plot([j - 0.5, j + 0.5], [i + 0.5, i - 0.5], color="#b5b5b5", linewidth=0.8)
        elif table[i, j]:
            few = totals[i, 0] < FEW
            ink = "white" if share[i, j] > 0.55 else "black"
            text = _cell(float(share[i, j]), int(table[i, j])) if len(table) <= 12 else str(table[i, j])
            axes.text(j, i, text, ha="center", va="center", size=size, color=ink, style="italic" if few else "normal")


def _cell(share: float, count: int) -> str:
    return f"{probability(share)}\n({count})"


def _names(
    axes: "Axes", names: list[str], totals: IntArray,
    colours: Mapping[str, str], cell: float,
) -> None:  # fmt: skip
    """Labels with their behaviour's colour beside them; the row's label gives the count it rests on."""
    labels = [style.short(name, 26) for name in names]
    size = float(np.interp(cell, [0.36, _CELL_IN], [7.5, 9]))
    axes.set_yticks(
        range(len(names)), [f"{label}  n = {n}" for label, n in zip(labels, totals, strict=True)], size=size
    )
    axes.set_xticks(range(len(names)), labels, rotation=45, ha="left", rotation_mode="anchor", size=size)
    axes.xaxis.tick_top()
    axes.tick_params(length=0, pad=12)
    fill = [colour_of(name, colours) for name in names]
    place = np.arange(len(names))
    edge = -0.5 - 0.07 / cell
    look: dict[str, Any] = {
        "marker": "s",
        "s": 34,
        "color": fill,
        "edgecolor": "#555555",
        "linewidth": 0.4,
        "clip_on": False,
    }
    axes.scatter(np.full(len(names), edge), place, **look)
    axes.scatter(place, np.full(len(names), edge), **look)
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlabel("to", weight="bold")
    axes.set_ylabel("from", weight="bold")
    axes.spines[:].set_visible(False)
    axes.set_xticks(place[1:] - 0.5, minor=True)
    axes.set_yticks(place[1:] - 0.5, minor=True)
    axes.tick_params(which="minor", length=0)
    axes.grid(which="minor", color="white", linewidth=1.5)


def _bar(figure: "Figure", left: float, bottom: float, height: float) -> None:
    from matplotlib.cm import ScalarMappable

    axes = style.panel(figure, left, bottom, 0.14, height)
    bar = figure.colorbar(ScalarMappable(cmap="Blues"), cax=axes)
    bar.set_label("probability, given the row")
    bar.outline.set_visible(False)
