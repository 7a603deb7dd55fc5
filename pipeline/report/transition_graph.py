"""Transitions as a graph: behaviours on a ring, as large as their share of time, joined by arrows of probability."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.report import style
from pipeline.report.colours import colour_of, present
from pipeline.report.heatmap import FEW
from pipeline.report.words import percent, plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEVEL = 0.05  # of adjusted p, under which a transition is marked as beyond chance
_WIDE_IN, _HIGH_IN, _BELOW_IN = 7.6, 6.9, 0.75
_WIDEST, _LEAST_POINTS, _MOST_POINTS = 7.0, 9.0, 62.0  # of an arrow of probability 1; diameters of a share of 0 and 1
_OF_FEW = 1.0  # width of an arrow out of a behaviour with few transitions
_FAINT = 0.02  # a probability under this is not drawn, unless it is marked
_LABELLED = 0.15  # and one from here on is written as a number
_ALONG = (0.36, 0.3, 0.42, 0.24, 0.48, 0.54)  # where on its arrow a number may stand, the first the best
_CLEAR = 0.17  # distance between two numbers, in radii of the ring
_MORE, _LESS, _GREY = "#d55e00", "#0072b2", "#8a8a8a"


def chance_rows(steps: pd.DataFrame) -> pd.DataFrame:
    """Of ``ethology.sequences.tables.STEPS``: pooled, from one bout to the next."""
    return steps[(steps["level"] == "pooled") & (steps["form"] == "bout") & (steps["lag"] == 1)]


def transition_graph_figure(
    steps: pd.DataFrame, shares: Mapping[str, float], colours: Mapping[str, str], title: str
) -> "Figure":
    """``steps`` are ``chance_rows`` of one set; ``shares`` give each behaviour's share of visible time, 0 to 1.

    An arrow is as wide as its probability given the behaviour before; one whose adjusted p is under ``LEVEL`` is
    coloured by whether it is seen more or less often than chance gives; one out of a behaviour with fewer than ``FEW``
    transitions is thin and dotted, whatever its probability. Behaviours that nothing came from or led to are left out,
    and arrows under ``_FAINT``.
    """
    seen = steps[steps["count"] > 0]
    if seen.empty:
        return style.words_only(title, "no animal was seen to change from one behaviour to another")
    names = present([*seen["from"], *seen["to"]], colours)
    places = nx.circular_layout(nx.DiGraph([(name, name) for name in names]))
    sizes = {name: _points(shares.get(name, 0.0)) for name in names}
    figure = style.sheet(_WIDE_IN, _HIGH_IN)
    axes = style.panel(figure, 0.2, _BELOW_IN, _WIDE_IN - 0.4, _HIGH_IN - _BELOW_IN - 0.45)
    drawn = seen[(seen["p_row"] >= _FAINT) | (seen["p_corrected"] < LEVEL)].sort_values("p_row", kind="stable")
    taken = [np.asarray(places[name]) for name in names]
    for _, row in drawn.iterrows():
        _arrow(axes, row, places, sizes)
    for _, row in drawn[::-1].iterrows():
        if (row["p_row"] >= _LABELLED and row["row_total"] >= FEW) or _look(row)[1] == 2:
            _label(axes, row, places, taken)
    _nodes(axes, names, places, sizes, shares, colours)
    _key(figure, {_look(row)[0] for _, row in drawn.iterrows()}, bool((drawn["row_total"] < FEW).any()))
    style.head(figure, title)
    hidden = len(seen) - len(drawn)
    few = f"; {plural(hidden, 'arrow')} under {percent(_FAINT)} not drawn" if hidden else ""
    beyond = (
        "coloured: beyond chance, adjusted"
        if (drawn["p_corrected"] < LEVEL).any()
        else "none is shown to be beyond chance"
    )
    marks = beyond if steps["p_corrected"].notna().any() else "not tested against chance"
    style.foot(figure, f"{plural(int(seen['count'].sum()), 'transition')}; {marks}{few}")
    return figure


def _points(share: float) -> float:
    """Diameter of a node in points: its area grows with the share."""
    return float(np.sqrt(_LEAST_POINTS**2 + max(share, 0.0) * _MOST_POINTS**2))


def _look(row: "pd.Series[Any]") -> tuple[str, int]:
    """Colour and order of an arrow."""
    if not row["p_corrected"] < LEVEL:
        return _GREY, 1
    return (_MORE if row["count"] > row["expected"] else _LESS), 2


def _arrow(axes: "Axes", row: "pd.Series[Any]", places: Mapping[str, FloatArray], sizes: Mapping[str, float]) -> None:
    """From the one behaviour to the other, bent so that both directions can be seen; to itself as a loop outwards."""
    from matplotlib.patches import FancyArrowPatch

    colour, order = _look(row)
    start, stop = row["from"], row["to"]
    wide = 0.4 + _WIDEST * float(row["p_row"]) if row["row_total"] >= FEW else _OF_FEW
    axes.add_patch(
        FancyArrowPatch(
            tuple(places[start]), tuple(places[stop]), connectionstyle="arc3,rad=0.16", color=colour, zorder=order,
            arrowstyle=f"-|>,head_length={3 + 0.55 * wide:.2f},head_width={1.6 + 0.42 * wide:.2f}", linewidth=wide,
            alpha=0.45 if colour == _GREY else 0.9, shrinkA=sizes[start] / 2 + 2, shrinkB=sizes[stop] / 2 + 3,
            linestyle=":" if row["row_total"] < FEW else "-", capstyle="butt", joinstyle="miter",
        )
    )  # fmt: skip


def _label(axes: "Axes", row: "pd.Series[Any]", places: Mapping[str, FloatArray], taken: list[FloatArray]) -> None:
    """The probability beside its arrow, nearer to where it starts, clear of what is ``taken``, to which it is added."""
    start, stop = (np.asarray(places[row[name]]) for name in ("from", "to"))
    along = stop - start
    bent = 0.3 * np.array([along[1], -along[0]])  # of the arrow's curve, which leaves the line between the two
    where = [start + part * along + part * (1 - part) * bent for part in _ALONG]
    clear = [min(float(np.hypot(*(at - other))) for other in taken) for at in where]
    best = next((k for k, distance in enumerate(clear) if distance >= _CLEAR), int(np.argmax(clear)))
    taken.append(where[best])
    colour = _look(row)[0]
    axes.text(
        float(where[best][0]), float(where[best][1]), f"{row['p_row']:.2f}", zorder=5, ha="center", va="center",
        size=7.5, color="#444444" if colour == _GREY else colour, bbox=style.plate("white"),
    )  # fmt: skip


def _nodes(
    axes: "Axes", names: list[str], places: Mapping[str, FloatArray], sizes: Mapping[str, float],
    shares: Mapping[str, float], colours: Mapping[str, str],
) -> None:  # fmt: skip
    """Points over the arrows, their names outside the ring."""
    for name in names:
        x, y = places[name]
        axes.plot(
            x, y, "o", markersize=sizes[name], color=colour_of(name, colours), markeredgecolor="#222222", zorder=4
        )
        away = sizes[name] / 2 + 6
        side = "center" if abs(x) < 0.25 else "left" if x > 0 else "right"
        level = "center" if abs(y) < 0.5 else "bottom" if y > 0 else "top"
        words = f"{style.short(name, 22)}\n{percent(shares.get(name, float('nan')))}"
        axes.annotate(
            words, (x, y), (away * x, away * y), textcoords="offset points", ha=side, va=level, size=9, zorder=5
        )
    axes.set_xlim(-1.55, 1.55)
    axes.set_ylim(-1.32, 1.32)
    axes.set_axis_off()


def _key(figure: "Figure", used: set[str], dotted: bool) -> None:
    """What the ``used`` colours and the widths mean, and dots where there are any."""
    from matplotlib.lines import Line2D

    marks = (
        (_MORE, "more often than chance"),
        (_LESS, "less often than chance"),
        (_GREY, "not shown to differ from chance, or untested"),
    )
    lines = [Line2D([], [], color=colour, linewidth=2.5, label=label) for colour, label in marks if colour in used]
    lines += [Line2D([], [], color=_GREY, linewidth=0.4 + _WIDEST * p, label=f"probability {p:g}") for p in (0.1, 0.5)]
    if dotted:
        told = f"from a behaviour left fewer than {FEW} times"
        lines.append(Line2D([], [], color=_GREY, linewidth=_OF_FEW, linestyle=":", label=told))
    point: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 8, "markeredgecolor": "#222222"}
    lines.append(Line2D([], [], color="white", label="area: share of time", **point))
    figure.legend(handles=lines, loc="lower left", bbox_to_anchor=(0.02, 0.04), ncols=3, frameon=False, fontsize=8)
