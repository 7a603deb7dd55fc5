"""Transitions as a graph, for networkx, Gephi, yEd, Cytoscape (GraphML) and Graphviz (DOT)."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.artifacts import whole
from pipeline.errors import UsageError
from pipeline.ethology.ethogram import Ethogram

_EDGE = ("count", "p_row", "p_all", "expected", "residual", "yules_q", "p_permuted", "p_corrected")
_THICK = 6.0  # points of the line of probability 1


def transition_graph(steps: pd.DataFrame, ethogram: Ethogram) -> Any:
    """``networkx.DiGraph`` of one table of ``tables.STEPS``: a node a state, an edge where a transition was seen.

    Nodes have ``colour`` and ``steps_out``; edges ``weight`` (p_row) and the table's figures, left out where empty.
    ``UsageError`` where the rows are of several tables: pick level, unit, species, set, form and lag first.
    """
    import networkx

    keys = ["level", "unit", "species", "set", "form", "lag"]
    if len(steps[keys].drop_duplicates()) != 1:
        raise UsageError(f"a graph shows one table of transitions, got {len(steps[keys].drop_duplicates())}")
    graph = networkx.DiGraph(**{key: _plain(steps[key].iloc[0]) for key in keys})
    out = steps.drop_duplicates("from").set_index("from")["row_total"]
    for name in ethogram.names(str(steps["set"].iloc[0])):
        graph.add_node(name, colour=ethogram.colours[name], steps_out=int(out.get(name, 0)))
    for row in steps[steps["count"] > 0].to_dict("records"):
        told = {name: _plain(row[name]) for name in _EDGE if pd.notna(row[name])}
        graph.add_edge(row["from"], row["to"], weight=float(row["p_row"]), **told)
    return graph


def _plain(value: Any) -> Any:
    """A number as Python's own, which GraphML can name the type of."""
    return value.item() if isinstance(value, np.generic) else value


def write_dot(path: Path, graph: Any) -> None:
    """The graph for Graphviz: probabilities as labels and widths, behaviours in their colours."""
    lines = ["digraph transitions {", "  node [shape=ellipse, style=filled, fontname=sans];", "  edge [fontname=sans];"]
    for name, node in graph.nodes(data=True):
        lines.append(f"  {_quoted(name)} [fillcolor={_quoted(node['colour'] + '55')}];")
    for before, after, edge in graph.edges(data=True):
        width = max(_THICK * edge["weight"], 0.3)
        label = _quoted(f"{edge['weight']:.2f} ({edge['count']})")
        lines.append(f"  {_quoted(before)} -> {_quoted(after)} [label={label}, penwidth={width:.2f}];")
    with whole(path) as part:
        part.write_text("\n".join([*lines, "}"]) + "\n", encoding="utf-8", newline="\n")


def _quoted(text: str) -> str:
    """A string of the DOT language: quotes and backslashes are escaped, a line break is written as one."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
