import networkx as nx
import numpy as np
import pytest

from pipeline.artifacts import write_graphml
from pipeline.errors import UsageError
from pipeline.ethology.ethogram import Behaviour, EthogramSettings, resolve
from pipeline.ethology.sequences.cells import transition_tests
from pipeline.ethology.sequences.graph import transition_graph, write_dot
from tests.ethology.made import ethogram, statistics
from tests.ethology.sequences.made import bouts_of, settings


@pytest.fixture
def steps():
    cells, _ = transition_tests(bouts_of({"v.mp4": {1: "AABCAB?BCAC"}}), ethogram(), statistics(), settings())
    return cells[cells["form"] == "bout"]


def test_a_graph_has_what_the_table_says(steps):
    graph = transition_graph(steps, ethogram())
    assert sorted(graph.edges) == [("A", "B"), ("A", "C"), ("B", "C"), ("C", "A")]
    assert graph.edges["A", "B"]["count"] == 2
    assert graph.edges["A", "B"]["weight"] == pytest.approx(2 / 3, abs=1e-6)
    assert nx.to_numpy_array(graph, nodelist="ABC").sum(axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert graph.nodes["B"] == {"colour": ethogram().colours["B"], "steps_out": 2}
    assert graph.graph == {
        "level": "pooled", "unit": "all", "species": "all", "set": "behaviour", "form": "bout", "lag": 1,
    }  # fmt: skip


def test_graphml_reads_back_and_has_the_same_bytes(steps, tmp_path):
    graph = transition_graph(steps, ethogram())
    write_graphml(tmp_path / "one.graphml", graph)
    write_graphml(tmp_path / "two.graphml", transition_graph(steps, ethogram()))
    assert (tmp_path / "one.graphml").read_bytes() == (tmp_path / "two.graphml").read_bytes()
    back = nx.read_graphml(tmp_path / "one.graphml")
    assert dict(back.nodes(data=True)) == dict(graph.nodes(data=True))
    assert {edge: back.edges[edge] for edge in back.edges} == {edge: graph.edges[edge] for edge in graph.edges}


def test_dot_as_graphviz_reads_it(steps, tmp_path):
    write_dot(tmp_path / "steps.dot", transition_graph(steps, ethogram()))
    lines = (tmp_path / "steps.dot").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "digraph transitions {"
    assert f'  "A" [fillcolor="{ethogram().colours["A"]}55"];' in lines
    assert '  "A" -> "B" [label="0.67 (2)", penwidth=4.00];' in lines
    assert lines[-1] == "}"


def test_names_are_quoted(tmp_path):
    odd = 'Say "boo" \\ run'
    words = resolve(EthogramSettings([Behaviour(odd), Behaviour("B")], {}), [odd, "B"])
    bouts = bouts_of({"v.mp4": {1: "ABAB"}}, "AB").replace({"behaviour": {"A": odd}})
    cells, _ = transition_tests(bouts, words, statistics(), settings())
    graph = transition_graph(cells[cells["form"] == "bout"], words)
    write_dot(tmp_path / "odd.dot", graph)
    assert '"Say \\"boo\\" \\\\ run" -> "B"' in (tmp_path / "odd.dot").read_text(encoding="utf-8")
    write_graphml(tmp_path / "odd.graphml", graph)
    assert set(nx.read_graphml(tmp_path / "odd.graphml")) == {odd, "B"}


def test_one_table_at_a_time(steps):
    with pytest.raises(UsageError, match="a graph shows one table of transitions, got 2"):
        transition_graph(steps.assign(lag=[1, 2, 1, 1, 1, 1]), ethogram())
    with pytest.raises(UsageError, match="a graph shows one table of transitions, got 0"):
        transition_graph(steps.iloc[:0], ethogram())
