"""Graphs as GraphML (graphml.graphdrawing.org), for Gephi, yEd, Cytoscape and networkx.

The text is what networkx writes. That holds the whole document as a tree of objects: 20 000 edges of ten figures took
150 MB and several times as long.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

_HEAD = (
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns'
    ' http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">'
)
_TYPES = {str: "string", int: "long", float: "double", bool: "boolean"}
_QUOTED = {'"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#09;"}

_Keys = dict[tuple[str, str, str], str]  # what a figure is called, its type and what it is of: its key's name


def graphml(graph: Any) -> str:
    """A networkx graph (no multigraph) with all attributes: words, whole numbers, numbers and truth values."""
    keys: _Keys = {}
    of_graph = list(_data(graph.graph, "graph", keys, 4))  # its keys come first, its data last
    body = []
    for name, node in graph.nodes(data=True):
        body += _element(f'node id="{_attribute(name)}"', node, "node", keys)
    for one, other, edge in graph.edges(data=True):
        body += _element(f'edge source="{_attribute(one)}" target="{_attribute(other)}"', edge, "edge", keys)
    body += of_graph
    tag = f'graph edgedefault="{"directed" if graph.is_directed() else "undirected"}"'
    declared = [
        f'  <key id="{key}" for="{scope}" attr.name="{_attribute(name)}" attr.type="{kind}" />'
        for (name, kind, scope), key in reversed(keys.items())
    ]
    whole = [f"  <{tag}>", *body, "  </graph>"] if body else [f"  <{tag} />"]
    return "\n".join([_HEAD, *declared, *whole, "</graphml>\n"])


def _element(tag: str, data: Mapping[str, Any], scope: str, keys: _Keys) -> list[str]:
    """The lines of a node or an edge."""
    inside = list(_data(data, scope, keys, 6))
    return [f"    <{tag}>", *inside, f"    </{tag[:4]}>"] if inside else [f"    <{tag} />"]


def _data(data: Mapping[str, Any], scope: str, keys: _Keys, indent: int) -> Iterator[str]:
    """A line an attribute; those of a new name or type get the next key."""
    for name, value in data.items():
        key = keys.setdefault((name, _TYPES[type(value)], scope), f"d{len(keys)}")
        text = _ascii(escape(str(value)))
        yield f'{" " * indent}<data key="{key}">{text}</data>' if text else f'{" " * indent}<data key="{key}" />'


def _attribute(value: object) -> str:
    return _ascii(escape(str(value), _QUOTED))


def _ascii(text: str) -> str:
    """Other letters by their numbers, which every reader understands."""
    return text if text.isascii() else text.encode("ascii", "xmlcharrefreplace").decode()
