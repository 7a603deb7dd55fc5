"""The cautions that rest on more than a run's videos; those are in ``test_page.py``."""

import pandas as pd
import pytest

from pipeline.report.cautions import cautions
from tests.report import made

KNOWN = made.HELD_OUT


def by_site(first: int, second: int, species: int) -> pd.DataFrame:
    """Budgets of a species with so many sessions, and of two sites with theirs."""
    return pd.concat(
        [
            made.BUDGETS,
            made.budgets({"Walk": 1.0}, level="species", unit="zebra", species="zebra", n_sessions=species),
            made.budgets({"Walk": 1.0}, level="site", unit="north", species="zebra", n_sessions=first),
            made.budgets({"Walk": 1.0}, level="site", unit="south", species="zebra", n_sessions=second),
        ]
    )


def told(budgets, held_out=KNOWN) -> str:
    return " ".join(cautions(made.summary(made.line(), held_out=held_out), {"time_budgets": budgets}))


@pytest.mark.parametrize(
    ("sessions", "words"),
    [
        (
            (4, 6, 10),
            "its values is one between sessions (north 4, south 6), or the animals that keep to them; tracks and bouts",
        ),
        ((4, 6, 10), "Some have fewer than 6."),
        ((10, 10, 10), ""),  # both sites in every session: it varies within
        ((4, 7, 10), ""),  # in one session at least
    ],
)
def test_a_column_that_is_constant_within_sessions_is_pointed_out(sessions, words):
    text = told(by_site(*sessions))
    assert words in text
    assert ("Pseudo-replication: site" in text) == bool(words)


def test_enough_sessions_of_each_value_are_not_called_few():
    assert "Some have fewer" not in told(by_site(6, 7, 13))


def test_wide_worst_case_bounds_are_pointed_out():
    wide = made.budgets({"Walk": 0.25, "Graze": 0.75}, bound_low=[0.2, 0.5], bound_high=[0.5, 0.8])
    assert "Graze is 75 % of what was seen, and anything from 50 % to 80 % of the tracked time" in told(wide)
    assert "Worst-case bounds are wide" not in told(made.BUDGETS)


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("pooled time; no interval: only 5 sessions (6 are needed)", "5 sessions, too few independent units"),
        (
            "pooled time; no interval: 5 sessions, so unequal that they count as 2.1 (3 are needed)",
            "5 sessions, too unequal independent units",
        ),
    ],
)
def test_why_there_is_no_interval_of_all_animals_is_told(method, words):
    assert words in told(made.budgets({"Walk": 1.0}, n_sessions=5, method=method))


CUT_UP = {
    "bout_ratio Walk": 1.62, "duration_ratio Walk": 0.55, "bout_ratio Graze": 1.2, "duration_ratio Graze": 0.8,
    "bout_ratio Browse": 9.0,  # nobody browses here
}  # fmt: skip


@pytest.mark.parametrize(
    ("held_out", "words"),
    [
        ({}, "How often kinematic is right is not known"),
        (
            KNOWN | {"recall Graze": 0.6},
            "Graze (71 % of the time here): only 60 % of its held-out clips were recognized right",
        ),
        (
            KNOWN | {"log_loss": 0.9},
            "The probabilities of kinematic say too much on its held-out clips (log loss 0.90)",
        ),
        (
            KNOWN | CUT_UP,
            "Bouts and transitions of Walk (1.62 times as many bouts as true, 0.55 times as long) are not to be",
        ),
    ],
)
def test_a_recognizer_of_which_little_good_is_known_is_pointed_out(held_out, words):
    assert words in told(made.BUDGETS, held_out)
    assert words not in told(made.BUDGETS)


@pytest.mark.parametrize(("settings", "warned"), [({"switch_s": 1.25}, False), ({"switch_s": 0.0}, True), ({}, False)])
def test_bouts_that_are_told_otherwise_than_the_cards_are_pointed_out(settings, warned):
    known = KNOWN | {"bout_ratio Walk": 1.0, "bouts_at switch_s": 1.25}
    summary = made.summary(made.line(), told={"behaviours": settings}, held_out=known)
    found = " ".join(cautions(summary, {"time_budgets": made.BUDGETS}))
    assert (
        "How many bouts kinematic tells for each that there is, is known of behaviours.switch_s=1.25;" in found
    ) == warned


@pytest.mark.parametrize(
    ("adapt", "words"),
    [
        (0.0, "confidences and what was left out as unknown are not to be trusted."),
        (0.5, "left out as unknown and what each window is weighed by (behaviours.adapt) are not to be trusted."),
    ],
)
def test_what_rests_on_probabilities_that_say_too_much_is_named(adapt, words):
    settings = {"behaviours": {"adapt": adapt}}
    summary = made.summary(made.line(), told=settings, held_out=KNOWN | {"log_loss": 0.9})
    assert words in " ".join(cautions(summary, {"time_budgets": made.BUDGETS}))


def test_a_rare_behaviour_that_is_told_wrong_does_not_matter():
    rare = made.budgets({"Walk": 0.99, "Graze": 0.01})
    assert "only 60 %" not in told(rare, KNOWN | {"recall Graze": 0.6})


def test_two_shares_that_disagree_are_pointed_out_with_whom_the_mean_leaves_out():
    limits = {"ci_low": 0.1, "ci_high": 0.2, "mean_share": 0.4, "mean_ci_high": 0.5}
    how = "mean of 7 animals, 2 recognized for under 60 s left out; 95 % t interval over 7 sessions"
    text = told(made.budgets({"Run": 0.15}, mean_ci_low=0.3, mean_method=how, **limits))
    whom = "(mean of 7 animals, 2 recognized for under 60 s left out)"
    assert f"Run 15 % of all time, 40 % as a mean over animals {whom}." in text
    assert "disagree" not in told(made.budgets({"Run": 0.15}, mean_ci_low=0.2, **limits))


def test_a_recognizer_that_is_not_recorded_is_pointed_out():
    unnamed = made.summary(made.line(), model={"recognizer": "not recorded"})
    assert "By which recognizer the behaviours were recognized" in " ".join(
        cautions(unnamed, {"time_budgets": made.BUDGETS})
    )
    assert "Which recognizer" not in told(made.BUDGETS)


def record(number, ending):
    """A track that walks, runs and grazes, or goes out of sight instead: after its run, or in between."""
    walk, run, graze = (number, "Walk", 0.0, 4.0), (number, "Run", 7.0, 8.0), (number, "Graze", 8.0, 9.0)
    after, between = (number, "not visible", 8.0, 9.0), (number, "not visible", 4.0, 7.0)
    return {"": [walk, run, graze], "Run": [walk, run, after], "all": [walk, between, run]}[ending]


@pytest.mark.parametrize(
    ("endings", "words"),
    [
        (["Run"] * 9, ""),  # too few bouts
        (
            ["Run"] * 10,
            "10 of 10 bouts of Run (100 % of its time) begin where the animal comes into sight or end where it l",
        ),
        (["Run"] * 6 + [""] * 4, "6 of 10 bouts of Run (60 % of its time) begin where the animal comes into sight or"),
        (["Run"] * 5 + [""] * 5, ""),  # no more than half
        (["all"] * 10, ""),  # others do as often
    ],
)
def test_a_behaviour_of_animals_about_to_leave_is_pointed_out(endings, words):
    bouts = made.bouts([row for k, ending in enumerate(endings) for row in record(k, ending)])
    said = " ".join(cautions(made.summary(made.line(), held_out=KNOWN), {"bouts": bouts}))
    assert words in said
    assert ("begin where the animal" in said) == bool(words)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("Walk",), "such time was recognized as Walk, or is unknown."),
        (("Walk", "Arrest", "Occluded"), "such time was recognized as Walk or Arrest, or is unknown."),
        (("Walk", "Lying_down"), ""),
        (("Rest", "Occluded"), ""),
        (("Occluded",), ""),
    ],
)
def test_no_behaviour_for_an_animal_at_rest_is_pointed_out(names, words):
    text = told(made.budgets(dict.fromkeys(names, 0.5)))
    assert words in text and ("No behaviour is named for lying" in text) == bool(words)


def test_a_state_that_stands_for_nothing_else_takes_rest_in():
    other = {"ethogram": {"behaviours": [{"name": "Other", "rest": True}]}}
    said = cautions(made.summary(made.line(), held_out=KNOWN, told=other), {"time_budgets": made.BUDGETS})
    assert "No behaviour is named for" in told(made.BUDGETS) and "No behaviour is named for" not in " ".join(said)
