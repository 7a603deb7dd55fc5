import networkx as nx
import pytest
from networkx.readwrite.graphml import generate_graphml

from pipeline.graphml import graphml


def made(kind=nx.Graph, nodes=(), edges=(), **told):
    graph = kind(**told)
    graph.add_nodes_from(nodes)
    graph.add_edges_from(edges)
    return graph


@pytest.mark.parametrize(
    "graph",
    [
        made(),
        made(nodes=["A"]),
        made(nodes=[("A", {"species": "zebra"})], level="pooled"),
        made(nx.DiGraph, [], [("A", "B", {"count": 3, "p": 0.1, "sure": True}), ("B", "A"), ("A", "A", {"p": 1e-7})]),
        # one name, two types: two keys
        made(nodes=[("A", {"x": 1}), ("B", {"x": 1.5}), ("C", {"x": ""})], edges=[("A", "B", {"x": 1})]),
        # what XML would take for its own, and other letters
        made(
            nodes=[('a<b>&"c"\n\t', {"words": "<&>\"'", "z<": "é 斑馬"})],
            edges=[("é", "b&", {"x": 2})],
            lag=1,
            form="é",
        ),
    ],
    ids=["empty", "one", "species", "directed", "types", "letters"],
)
def test_the_text_is_as_networkx_writes_it(graph):
    assert graphml(graph) == "\n".join(generate_graphml(graph)) + "\n"


def test_what_has_no_type_is_refused():
    with pytest.raises(KeyError):
        graphml(made(nodes=[("A", {"x": [1]})]))
