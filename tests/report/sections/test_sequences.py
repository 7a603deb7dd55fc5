import numpy as np
import pandas as pd
import pytest

from pipeline.ethology.sequences.cells import transition_tests
from pipeline.ethology.sequences.dwell import dwell_times
from pipeline.ethology.sequences.order import transition_order
from pipeline.report.sections.sequences import sequences
from pipeline.report.style import save, styled
from pipeline.report.transition_graph import chance_rows, transition_graph_figure
from tests.ethology.made import ethogram, statistics
from tests.ethology.sequences.made import from_codes, settings
from tests.report import made
from tests.report.sections.read import rows, words
from tests.report.test_figures import texts

COLOURS = {"A": "#E69F00", "B": "#009E73", "C": "#D55E00"}


def cycling(seed=0, animals=3, steps=120):
    """A B C A B C ..., with one step in ten the other way round."""
    rng, codes = np.random.default_rng(seed), {}
    for animal in range(animals):
        code = [0]
        for _ in range(steps):
            code.append((code[-1] + (2 if rng.random() < 0.1 else 1)) % 3)
        codes[f"n{animal}"] = code
    return from_codes(codes)


@pytest.fixture(scope="module")
def found():
    table = cycling()
    steps, models = transition_tests(table, ethogram(), statistics(), settings(permutations=199))
    order = transition_order(table, ethogram(), statistics(), settings())
    dwells, _, _ = dwell_times(table, ethogram(), statistics(), settings())
    return {"transition_tests": steps, "transition_models": models, "transition_order": order, "dwell_times": dwells}


def test_what_is_beyond_chance_is_listed_with_its_n_and_adjusted_p(found):
    head, *body = rows(sequences(found, []))
    assert head[:7] == ["from", "to", "than chance", "seen", "expected", "n", "adjusted p"]
    told = {(row[0], row[1]): row for row in body}
    steps = chance_rows(found["transition_tests"]).set_index(["from", "to"])
    beyond = steps[steps["p_corrected"] < 0.05]
    assert set(told) == set(beyond.index)
    assert {row[2] for row in told.values()} == {"more often", "less often"}
    assert told["A", "B"][3] == f"{beyond.loc[('A', 'B'), 'count']:,}"
    assert told["A", "B"][5] == "3 / 3 / 3"


def test_n_of_a_transition_is_of_those_in_which_it_was_seen():
    table = from_codes({"n": [0, 1, 2, 0, 1, 0, 2, 1, 0, 1], "m": [0, 1, 2, 1, 2, 0, 1]})
    steps, _ = transition_tests(table, ethogram(), statistics(), settings())
    told = {(row[0], row[1]): row for row in rows(sequences({"transition_tests": steps}, []))}
    assert (told["A", "B"][5], told["A", "C"][5]) == ("2 / 2 / 2", "1 / 1 / 1")


def test_order_and_memory_are_a_sentence_each(found):
    text = words(sequences(found, []))
    assert "Order: what comes next depends (G2 = " in text
    assert "on the present behaviour" in text
    assert "by BIC the order is 1" in text
    assert "Memory:" in text


def test_what_is_not_shown_is_not_said_to_be_absent():
    """Codes in random order in stretches of two steps each: the furthest are listed, and no more is claimed."""
    rng = np.random.default_rng(3)
    table = from_codes({f"n{k}": list(rng.permutation(3)) for k in range(12)})
    steps, models = transition_tests(table, ethogram(), statistics(), settings(permutations=199))
    order = transition_order(table, ethogram(), statistics(), settings())
    told = {"transition_tests": steps, "transition_models": models, "transition_order": order}
    text = words(sequences(told, []))
    assert (
        "No single transition was shown to differ from chance; 24 transitions in 12 unbroken stretches with any, so"
        in text
    )
    assert len(rows(sequences(told, []))) == 1 + 5
    assert "Order: too few transitions to tell: 12 transitions with two behaviours before it in one stretch" in text
    assert "not to be trusted" not in text


def test_all_cells_together_are_told_with_what_is_against_it(found):
    assert "df, p < 0.001 if every transition were independent of the others, which they are not." in words(
        sequences(found, [])
    )
    few = found["transition_models"].assign(sparse_cells=2)  # of 6
    text = words(sequences(found | {"transition_models": few}, []))
    assert "df: too thin for a p value, as 2 of 6 cells expect too few." in text


def test_memory_tells_the_adjusted_p_and_the_smoothing_is_named(found):
    for p, said in ((0.06, "no sign that its age matters: A"), (0.003, "the sooner it ends: A (Weibull shape 1.50, p")):
        dwells = found["dwell_times"].assign(shape_p_corrected=p, shape_p=0.001, weibull_shape=1.5)
        text = words(sequences(found | {"dwell_times": dwells}, []))
        assert said in text
        assert "p adjusted for 3 behaviours" in text
        assert ("take short bouts away" in text) == ("sooner" in text)


def test_too_few_units_for_a_test_of_memory_are_said(found):
    how = "mean: no interval: only 2 sessions (6 are needed); fits; shape: no interval: only 3 sessions (6 are needed)"
    dwells = found["dwell_times"].assign(shape_p=np.nan, shape_p_corrected=np.nan, weibull_shape=1.5, method=how)
    text = words(sequences(found | {"dwell_times": dwells}, []))
    assert "untested shapes, because only 3 sessions (6 are needed) (over 1 would mean: the longer it lasts" in text
    assert "p adjusted" not in text


def test_an_arrow_of_few_transitions_is_thin():
    few = transition_tests(from_codes({"n": [0, 1, 2] * 9 + [0]}), ethogram(), statistics(), settings())[0]
    figure = transition_graph_figure(chance_rows(few), {}, COLOURS, "graph")
    assert {patch.get_linewidth() for patch in figure.axes[0].patches} == {1.0}  # 9 of each
    assert "from a behaviour left fewer than 20 times" in texts(figure)


def test_too_little_is_said_and_not_tested():
    table = from_codes({"n": [0, 1, 0, 2]})
    steps, _ = transition_tests(table, ethogram(), statistics(), settings())
    order = transition_order(table, ethogram(), statistics(), settings())
    text = words(sequences({"transition_tests": steps, "transition_order": order}, []))
    assert "Transitions against chance: not computed, because: " in text
    assert "3 steps, fewer than" in text
    assert "Order of the chain: not computed, because: " in text
    none = [
        f"mean: no interval: only 1 session; no fit: {ended}, fewer than 20"
        for ended in ("no ended bouts", "1 ended bout")
    ]
    dwells = pd.DataFrame(
        {"behaviour": ["Walk", "Run"], "method": none, "level": "pooled", "set": "a", "weibull_shape": np.nan}
    )
    text = words(sequences({"dwell_times": dwells}, []))
    assert (
        "Memory: not computed, because: Walk: no ended bouts, fewer than 20; Run: 1 ended bout, fewer than 20." in text
    )


def test_transitions_are_there_as_numbers_with_their_intervals():
    some = made.transitions({("Walk", "Graze"): 3, ("Graze", "Walk"): 1}).assign(
        ci_low=[0.5, np.nan], ci_high=[0.9, np.nan]
    )
    text = words(sequences({"transitions": some}, []))
    assert "1.00 [0.50, 0.90] (3)" in text
    assert "1.00 (1)" in text
    rare = some.assign(p=[0.004, 1.0])
    assert "<0.01 [0.50, 0.90] (3)" in words(sequences({"transitions": rare}, []))  # as in the figure
    two = some.assign(method=["over 4 sessions", "over 2 sessions"])
    assert "count. Walk: over 4 sessions; Graze: over 2 sessions. Time out" in words(
        sequences({"transitions": two}, [])
    )


def test_the_weight_of_unknown_time_stands_beside_the_matrix(drawn):
    text = words(sequences({"time_budgets": made.BUDGETS}, []))
    assert text == (
        "In no transition: 18 % of the 17 s of tracked time; it breaks the record, and what lies before and after "
        "it is not joined."
    )
    entry = next(entry for entry in drawn[1] if entry.kind == "transitions")
    assert "not recognized (unknown) has no weight: it is in no row or column" in entry.caption


def test_the_graph_marks_what_is_beyond_chance(found):
    rows_ = chance_rows(found["transition_tests"])
    figure = transition_graph_figure(rows_, {"A": 0.5, "B": 0.25, "C": 0.0}, COLOURS, "graph")
    written = texts(figure)
    assert "left fewer than" not in written  # no arrow is dotted
    assert "A\n50 %" in written
    assert "more often than chance" in written
    arrows = list(figure.axes[0].patches)
    assert len(arrows) == (rows_["count"] > 0).sum()
    assert {patch.get_edgecolor()[:3] for patch in arrows} >= {(0xD5 / 255, 0x5E / 255, 0.0)}
    sizes = sorted(line.get_markersize() for line in figure.axes[0].lines)
    assert sizes[0] == 9 and sizes[2] ** 2 - 81 == pytest.approx(2 * (sizes[1] ** 2 - 81))  # area goes with the share


def test_the_graph_says_what_it_does_not_draw_and_the_same_twice(found, tmp_path):
    steps = chance_rows(found["transition_tests"]).assign(p_corrected=np.nan)
    few = steps.assign(p_row=steps["p_row"].where(steps["from"] != "A", 0.01))
    with styled():
        for name in ("a", "b"):
            figure = transition_graph_figure(few, {}, COLOURS, "graph")
            save(figure, tmp_path / f"{name}.svg", 50, pdf=True)
    assert "2 arrows under 2.0 % not drawn" in texts(figure)
    assert "not tested against chance" in texts(figure)
    for suffix in (".png", ".svg", ".pdf"):
        assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


def test_no_change_is_said_in_words():
    empty = pd.DataFrame(columns=["level", "form", "lag", "count", "from", "to"])
    assert "no animal was seen to change" in texts(transition_graph_figure(empty, {}, COLOURS, "graph"))
