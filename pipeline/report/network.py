"""Who is with whom: the association network of named animals, or of the tracks of one video."""

from typing import TYPE_CHECKING

import networkx as nx
import pandas as pd

from pipeline.ethology.society.graph import association_graph
from pipeline.report import style
from pipeline.report.colours import species_colours
from pipeline.report.words import plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDEST = 5.0  # points, of an index of 1
_HEIGHT_IN, _BELOW_IN = 6.6, 0.85
_PAIRS = 4  # lines an animal at most, over all; more are a ball of wool


def association_figure(associations: pd.DataFrame, title: str, note: str = "") -> "Figure":
    """Animals as points by species, joined by lines as wide as their simple ratio index.

    ``associations`` is ASSOCIATIONS (``ethology.society``) of one level, of tracks in one video. Animals that are often
    together lie near each other; pairs without an index are not joined, and of very many only the strongest are, which
    the figure says. ``note`` is written below.
    """
    if associations.empty:
        return style.words_only(title, "no two animals to compare: nobody is named, or only one was seen")
    graph = association_graph(associations)
    graph.remove_edges_from([edge for edge in graph.edges if "sri" not in graph.edges[edge]])
    species = {name: str(graph.nodes[name]["species"]) for name in graph}
    colours = species_colours(species.values())
    figure = style.sheet(style.WIDTH_IN, _HEIGHT_IN)
    axes = style.panel(figure, 0.3, _BELOW_IN, style.WIDTH_IN - 0.6, _HEIGHT_IN - _BELOW_IN - 0.6)
    edges = sorted(graph.edges(data="sri"), key=lambda edge: -edge[2])
    drawn = edges[: _PAIRS * len(graph)]
    _draw(axes, graph, drawn, {name: colours[kind] for name, kind in species.items()})
    style.head(figure, title)
    style.legend(figure, list(colours), colours, 0.3, 0.4)
    n = associations["n"]
    told = f"{plural(len(graph), 'animal')}, {n.min()} to {n.max()} sampling periods a pair; lines: simple ratio index"
    told += f", the strongest {len(drawn)} of {len(edges)} pairs" if len(drawn) < len(edges) else ""
    style.foot(figure, f"{told}; {note}" if note else told)
    return figure


def _draw(axes: "Axes", graph: "nx.Graph[str]", edges: list[tuple[str, str, float]], colours: dict[str, str]) -> None:
    """Lines under points, names beside them."""
    places = nx.spring_layout(graph, weight="sri", seed=0, k=None if len(graph) < 3 else 2.2 / len(graph) ** 0.5)
    for one, other, index in edges:
        (x1, y1), (x2, y2) = places[one], places[other]
        axes.plot([x1, x2], [y1, y2], color="#5a5a5a", alpha=0.25 + 0.6 * index, linewidth=_WIDEST * index, zorder=1)
    for index in (0.25, 0.5, 1.0):
        axes.plot([], [], color="#5a5a5a", alpha=0.25 + 0.6 * index, linewidth=_WIDEST * index, label=f"{index:g}")
    axes.legend(frameon=False, ncols=3, loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0.0)
    size = 9.0 if len(graph) <= 40 else 6.5
    for name in sorted(graph):
        x, y = places[name]
        axes.plot(x, y, "o", color=colours[name], markersize=size, markeredgecolor="black", markeredgewidth=0.6)
        label = f"track {name.rpartition('#')[2]}" if "#" in name else name
        axes.annotate(
            style.short(label, 18),
            (x, y),
            (7, 4),
            textcoords="offset points",
            size=size - 1,
            bbox=style.plate("white"),
            zorder=3,
        )
    axes.set_xticks([])
    axes.set_yticks([])
    axes.margins(0.08)
    axes.spines[:].set_visible(False)
