"""The association network, for networkx and for the many programs that read GraphML."""

import networkx as nx
import pandas as pd

_COUNTS = ("x", "y_ab", "y_a", "y_b", "n")
_FIGURES = ("period_s", "x_chance", "sri", "sri_se", "hwi", "hwi_se")


def association_graph(associations: pd.DataFrame) -> "nx.Graph[str]":
    """The undirected graph of ASSOCIATIONS of one level; those of tracks fall apart by video.

    An edge is a pair that was together (``x`` > 0) and has what is known of it; figures that are missing are left out.
    A node has its ``species``. Animals that were with nobody are nodes, too.
    """
    graph: nx.Graph[str] = nx.Graph()
    for side in ("a", "b"):
        for name, species in zip(associations[side], associations[f"species_{side}"], strict=True):
            graph.add_node(str(name), species=str(species))
    for row in associations[associations["x"] > 0].to_dict("records"):
        known: dict[str, int | float] = {name: int(row[name]) for name in _COUNTS}
        known |= {name: float(row[name]) for name in _FIGURES if pd.notna(row[name])}
        graph.add_edge(str(row["a"]), str(row["b"]), **known)
    return graph
