import pandas as pd
import pytest

from pipeline.report.bars import budget_figure
from pipeline.report.sections.budgets import budget_tables, hidden
from pipeline.report.sections.videos import sample_table, videos_table
from pipeline.tables import INDIVIDUALS
from tests.report import made
from tests.report.sections.read import rows, words
from tests.report.test_figures import texts

MEAN = {
    "mean_share": 0.5,
    "mean_ci_low": 0.4,
    "mean_ci_high": 0.6,
    "mean_method": "mean of 7 animals",
    "mean_individuals": 7,
}


def test_pooled_share_and_mean_over_animals_stand_side_by_side_with_the_worst_case():
    shown = budget_tables(made.budgets({"Walk": 0.25}, ci_low=0.2, ci_high=0.3, bound_low=0.1, bound_high=0.35, **MEAN))
    head, row = rows(shown)
    told = dict(zip(head, row, strict=True))
    assert told["share"] == "25 %"
    assert told["interval"] == "20 % to 30 %"
    assert told["animals' mean"] == "50 %"
    assert told["its interval"] == "40 % to 60 %"
    assert told["worst case"] == "10 % to 35 %"
    assert "mean of 7 animals" in words(shown)
    assert "Share: of all animals' time together" in words(shown)
    assert "Animals' mean: each animal weighs the same" not in words(budget_tables(made.BUDGETS))


def test_what_nobody_has_is_no_column_and_the_caption_says_why():
    head, *_ = rows(budget_tables(made.BUDGETS))
    assert head == ["behaviour", "share", "worst case", "time", "bouts", "cut off"]  # how often they begin: Bouts
    assert "0 named animals: no mean" in words(budget_tables(made.BUDGETS))


def test_every_level_has_its_table_with_intervals_in_the_cells():
    levels = ("site", "time_bin", "session", "individual", "track")
    parts = [made.budgets({"Walk": 0.25, "Graze": 0.75}, level=level, unit="u") for level in levels]
    parts[0] = parts[0].assign(ci_low=0.1, ci_high=0.9, n_sessions=7, n_individuals=3)
    text = budget_tables(pd.concat([made.BUDGETS, *parts]))
    for title in ("By site", "By bins of time", "By sessions", "By named animals"):
        assert title in words(text)
    drawn = texts(budget_figure(pd.concat(parts), made.COLOURS, 70, "t"))
    assert "by named animals" in drawn and "by sessions" in drawn  # as above the tables
    assert "By track" not in text
    shown = rows(text)
    heads = [row for row in shown if row[0] == "unit"]
    assert heads == [["unit", "sessions / animals / tracks", "recognized", "left out", "Walk", "Graze"]] * 4  # one form
    assert ["u", "7 / 3 / 2", "14 s", "18 %", "25 % (10 % to 90 %)", "75 % (10 % to 90 %)"] in shown
    assert ["u", "1 / - / 2", "14 s", "18 %", "25 %", "75 %"] in shown


def sessions(*names):
    return pd.concat([made.BUDGETS, *(made.budgets({"Walk": 1.0}, level="session", unit=name) for name in names)])


def test_units_stand_in_natural_order_and_stop_where_the_figure_does():
    named = sessions(*(f"S{k}" for k in (10, 2, 1, 3, 11, 20)))
    text = budget_tables(named, most=6)  # all animals, and five sessions
    assert [row[0] for row in rows(text) if row[0].startswith("S")] == ["S1", "S2", "S3", "S10", "S11"]
    cut = "The first 5 of 6 rows are shown; all are in time_budgets.csv ; the figure, these tables and Sample sizes"
    assert cut in words(text)
    assert text.index("first 5 of 6") < text.rindex("<table>")  # before the rows, not below them
    assert 'href="tables/time_budgets.csv"' in text
    assert "None of 6 rows is shown; all are in" in words(budget_tables(named, most=1))
    sampled = sample_table(named, INDIVIDUALS.empty(), most=6)
    assert [row[0] for row in rows(sampled)][2:] == ["S1", "S2", "S3", "S10", "S11"]
    drawn = budget_figure(named, made.COLOURS, 6, "t").axes[0]
    assert [label.get_text() for label in drawn.get_yticklabels()][1:] == ["S1", "S2", "S3", "S10", "S11"]


def test_means_over_the_animals_of_a_unit_stand_in_a_table_of_the_same_form():
    own = made.budgets({"Walk": 0.25}, level="sex", unit="female", **MEAN | {"mean_method": "x over 7 animals"})
    own = own.assign(n_individuals=9)
    text = budget_tables(own)
    assert [row for row in rows(text) if row[0] == "female"] == [
        ["female", "1 / 9 / 2", "14 s", "18 %", "25 %"],
        ["female", "7 of 9", "50 % (40 % to 60 %)"],
    ]
    assert "Mean share over the animals of each, each weighing the same; in brackets the interval over" in words(text)
    alone = made.budgets({"Walk": 0.5}, level="sex", unit="male", n_individuals=1)
    text = budget_tables(pd.concat([own, alone]))
    assert [row[0] for row in rows(text)[1:]] == ["female", "male", "unit", "female"]  # he has no mean
    assert "each weighing the same; none of fewer than two animals recognized for long enough; in brackets" in words(
        text
    )


def test_events_have_how_often_they_occur():
    event = made.budgets({"Call": float("nan")}, level="sex", unit="female", bouts_per_h=3.25, behaviour_s=0.0)
    head, row = rows(budget_tables(made.budgets({"Call": float("nan")}, bouts_per_h=3.25, behaviour_s=0.0)))
    assert dict(zip(head, row, strict=True))["per hour"] == "3.2"
    text = budget_tables(event)
    assert ["female", "1 / - / 2", "14 s", "18 %", "3.2"] in rows(text)
    assert "Events an hour in sight" in words(text)


@pytest.mark.parametrize(
    ("ethogram", "behaviours", "told"),
    [
        ({}, ["Walk"], ""),
        ({"behaviours": [{"name": "Walk", "visible": True}], "relabel": {}}, ["Walk"], ""),
        (
            {"behaviours": [{"name": "Walk"}, {"name": "Occluded", "visible": False}]},
            ["Walk"],
            "Occluded: no behaviour, but what the recognizer says where the animal cannot be seen. That time (5.0 s)",
        ),
        ({"relabel": {"Hidden": "not visible"}}, ["Walk"], "Hidden: no behaviour"),
        ({"behaviours": []}, ["Walk", "Occluded"], "Occluded: nothing that animals do, but the recognizer's word for"),
    ],
)
def test_a_word_for_an_animal_that_cannot_be_seen_is_explained(ethogram, behaviours, told):
    label = pd.DataFrame({"cause": ["not visible"] * 2, "reason": ["edge", "label"], "animal_s": [9.0, 5.0]})
    tables = {"time_budgets": made.budgets(dict.fromkeys(behaviours, 0.5)), "excluded": label}
    text = words(hidden(ethogram, tables))
    assert text.startswith(told) and bool(text) == bool(told)
    without = tables | {"excluded": label[:1]}  # of a recognizer that never said it
    assert "no behaviour" not in words(hidden(ethogram, without))


def test_no_interval_of_a_behaviour_that_one_alone_was_seen_in_is_shown():
    limits = {"ci_low": 0.01, "ci_high": 0.9, "method": "pooled time; 95 % t interval over 12 named animals"}
    own = made.budgets({"Walk": 0.5, "Run": 0.1}, level="session", unit="a", n_individuals=12, **limits)
    shown = budget_tables(own.assign(n_seen=[5, 1]))
    assert rows(shown)[1][-2:] == ["50 % (1.0 % to 90 %)", "10 % (1 animal)"]
    assert (
        "of each, which says nothing of other sessions, nor whether sessions differ; none where only one of"
        in words(shown)
    )
    assert "but for a behaviour" not in words(budget_tables(own))
    pooled = rows(budget_tables(made.budgets({"Walk": 0.5}, n_seen=1, **limits)))
    assert dict(zip(*pooled, strict=True))["interval"] == "one track alone"


def test_intervals_say_what_they_rest_on():
    method = "pooled time; 95 % t interval over 12 named animals"
    limits = {"ci_low": 0.1, "ci_high": 0.9, "method": method}
    own = made.budgets({"Walk": 0.5}, level="session", unit="a", **limits)
    assert "in brackets the interval over the named animals of each" in words(budget_tables(own))
    few = sessions("a", "b").assign(method="pooled time; no interval: only 2 sessions (6 are needed)")
    assert "no interval: only 2 sessions (6 are needed) in each" in words(budget_tables(few))
    few.iloc[-1, few.columns.get_loc("method")] = "pooled time; no interval: only 1 session (6 are needed)"
    assert "no interval: too few independent units in each" in words(budget_tables(few))


def test_the_only_species_is_not_told_twice():
    one = pd.concat([made.BUDGETS, made.budgets({"Walk": 1.0}, level="species", unit="zebra", species="zebra")])
    assert "By species" not in words(budget_tables(one))
    two = pd.concat([one, made.budgets({"Walk": 1.0}, level="species", unit="topi", species="topi")])
    assert "By species" in words(budget_tables(two))
    assert [row[0] for row in rows(budget_tables(two)) if len(row) == 5] == ["unit", "topi", "zebra"]


def test_what_is_told_of_an_animal_or_a_video_stands_beside_it():
    animals = pd.concat([made.BUDGETS, made.budgets({"Walk": 1.0}, level="individual", unit="Zoe")])
    named = made.individuals("Zoe", "Zoe", "").assign(sex=["female", "female", ""])
    head, pooled, zoe = rows(sample_table(animals, named))
    assert head[:3] == ["unit", "level", "sex"]
    assert (pooled[2], zoe[:3]) == ("", ["Zoe", "individual", "female"])
    head, *lines = rows(videos_table([made.line(told={"session": "day 1", "site": "north"}), made.line("b")]))
    assert head[:4] == ["video", "session", "site", "status"]
    assert [line[1:3] for line in lines] == [["day 1", "north"], ["-", "-"]]
