import pandas as pd

from pipeline.report.bars import budget_figure
from pipeline.report.sections.budgets import budget_tables
from pipeline.report.sections.videos import sample_table
from tests.report import made
from tests.report.sections.read import rows, words

MEAN = {"mean_share": 0.5, "mean_ci_low": 0.4, "mean_ci_high": 0.6, "mean_method": "mean of 7 animals"}


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
    assert head == ["behaviour", "share", "worst case", "time", "bouts", "per hour", "cut short"]
    assert "0 named animals: no mean" in words(budget_tables(made.BUDGETS))


def test_every_level_has_its_table_with_intervals_in_the_cells():
    levels = ("site", "time_bin", "session", "individual", "track")
    parts = [made.budgets({"Walk": 0.25, "Graze": 0.75}, level=level, unit="u") for level in levels]
    parts[0] = parts[0].assign(ci_low=0.1, ci_high=0.9, n_sessions=7, n_individuals=3)
    text = budget_tables(pd.concat([made.BUDGETS, *parts]))
    for title in ("By site", "By bins of time", "By sessions", "By named animals"):
        assert title in words(text)
    assert "By track" not in text
    shown = rows(text)
    for row in (["sessions / animals / tracks", "7 / 3 / 2"], ["Walk", "25 % (10 % to 90 %)"], ["Graze", "75 %"]):
        assert row in shown


def sessions(*names):
    return pd.concat([made.BUDGETS, *(made.budgets({"Walk": 1.0}, level="session", unit=name) for name in names)])


def test_units_stand_in_natural_order_and_stop_where_the_figure_does():
    named = sessions(*(f"S{k}" for k in (10, 2, 1, 3, 11, 20)))
    text = budget_tables(named, most=6)  # all animals, and five sessions
    assert [row[0] for row in rows(text) if row[0].startswith("S")] == ["S1", "S2", "S3", "S10", "S11"]
    assert "1 more rows are in time_budgets.csv; the figure, these tables and Sample sizes stop" in words(text)
    sampled = sample_table(named, most=6)
    assert [row[0] for row in rows(sampled)][2:] == ["S1", "S2", "S3", "S10", "S11"]
    drawn = budget_figure(named, made.COLOURS, 6, "t").axes[0]
    assert [label.get_text() for label in drawn.get_yticklabels()][1:] == ["S1", "S2", "S3", "S10", "S11"]


def test_few_units_are_columns():
    assert ["unit", "a", "b"] in rows(budget_tables(sessions("b", "a")))


def test_intervals_say_what_they_rest_on():
    method = "pooled time; 95 % t interval over 12 named animals"
    limits = {"ci_low": 0.1, "ci_high": 0.9, "method": method}
    own = made.budgets({"Walk": 0.5}, level="session", unit="a", **limits)
    assert "in brackets the interval over the named animals of each" in words(budget_tables(own))
    assert "no interval: too few independent units" in words(budget_tables(sessions("a")))


def test_the_only_species_is_not_told_twice():
    one = pd.concat([made.BUDGETS, made.budgets({"Walk": 1.0}, level="species", unit="zebra", species="zebra")])
    assert "Of zebra" not in words(budget_tables(one))
    two = pd.concat([one, made.budgets({"Walk": 1.0}, level="species", unit="topi", species="topi")])
    assert "Of zebra" in words(budget_tables(two))
    assert "Of topi" in words(budget_tables(two))
