import pandas as pd

from pipeline.report.sections.budgets import budget_tables
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
    assert ["u", "7 / 3 / 2", "14 s", "18 %", "25 % (10 % to 90 %)", "75 % (10 % to 90 %)"] in rows(text)
    assert ["u", "1 / - / 2", "14 s", "18 %", "25 %", "75 %"] in rows(text)
