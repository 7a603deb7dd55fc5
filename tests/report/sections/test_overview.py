import pandas as pd
import pytest

from pipeline.report.held_out import overconfident, told_right
from pipeline.report.sections.overview import overview, sentence
from tests.report import made
from tests.report.sections.read import words

LIMITS = {"ci_low": 0.1, "ci_high": 0.4, "method": "pooled time; 95 % t interval over 7 sessions"}


@pytest.mark.parametrize(
    ("shares", "changes", "told"),
    [
        # with its interval, the commonest first
        (
            {"Walk": 0.3, "Graze": 0.7},
            LIMITS,
            "In 14 s of animals' time in sight and recognized: Graze 70 % (10 % to 40 %) and Walk 30 % (10 % to 40 %) "
            "(in brackets the 95 % t interval over 7 sessions).",
        ),
        # none, and why
        (
            {"Walk": 1.0},
            {},
            "In 14 s of animals' time in sight and recognized: Walk 100 % (there is no interval: no interval under 6 "
            "sessions).",
        ),
        # a rare one is not named, many are added up
        (
            {"A": 0.4, "B": 0.2, "C": 0.15, "D": 0.1, "E": 0.09, "F": 0.057, "G": 0.003},
            {},
            "In 14 s of animals' time in sight and recognized: A 40 %, B 20 %, C 15 %, D 10 % and E 9.0 %; other "
            "behaviours together 6.0 % (there is no interval: no interval under 6 sessions).",
        ),
    ],
)  # fmt: skip
def test_the_budget_in_a_sentence(shares, changes, told):
    assert sentence(made.budgets(shares, **changes)) == told


def test_how_sure_it_is_names_animals_what_was_left_out_and_the_recognizer():
    summary = made.summary(made.line(files=("v/overlay.mp4",)), held_out=made.HELD_OUT)
    text = words(overview(summary, {"time_budgets": made.BUDGETS}, ["one thing"]))
    for told in (
        "1 session and 2 tracks of animals that nobody has named (at most 2 in sight at once), which are fragments",
        "18 % of the tracked time is in no share",
        "time left out had been spent in Graze, the commonest, it would take 59 % to 76 % of it. Animals outside the",
        "by the recognizer kinematic: 90 % of 100 held-out clips were told right (of Graze, the behaviour told "
        "worst, 80 %)",
        "1 thing found in these results that can mislead",
        "Watch a few minutes of an overlay video",
    ):
        assert told in text


def test_what_is_not_known_is_said():
    text = words(overview(made.summary(made.line()), {"time_budgets": made.BUDGETS}, []))
    assert "How often kinematic tells a behaviour right is not known" in text
    assert "No overlay video was made (overlay=true makes them)." in text
    assert "by eye: " not in text and "nobody can check" not in text
    assert "can mislead" not in text
    assert "No animal was seen" in overview(made.summary(), {"time_budgets": made.BUDGETS.iloc[:0]}, [])


def test_a_common_behaviour_that_is_often_told_wrong_is_to_be_looked_at():
    poor = made.HELD_OUT | {"recall Graze": 0.5}
    text = words(overview(made.summary(made.line(), held_out=poor), {"time_budgets": made.BUDGETS}, []))
    assert "Graze: common here, and often told wrong" in text


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        ({}, False),  # nothing is known
        ({"top1": 0.9, "recall A": 1.0, "recall B": 0.8}, False),  # no log loss
        ({"top1": 0.9, "recall A": 1.0, "recall B": 0.8, "log_loss": 0.32}, False),  # entropy of 0.9 and 0.1: 0.325
        ({"top1": 0.9, "recall A": 1.0, "recall B": 0.8, "log_loss": 0.33}, True),
        ({"top1": 1.0, "recall A": 1.0, "recall B": 1.0, "log_loss": 0.9}, False),  # no wrong one to be sure of
    ],
)
def test_probabilities_that_say_too_much(metrics, expected):
    assert overconfident(metrics) is expected


def test_figures_without_clips_are_told_as_far_as_they_go():
    assert told_right({"top1": 0.5}) == "50 % of its held-out clips were told right"
    assert told_right({"mean_average_precision": 0.5}) == ""


def test_several_sets_have_a_sentence_each():
    both = pd.concat([made.BUDGETS, made.BUDGETS.assign(set="posture")])
    text = words(overview(made.summary(made.line()), {"time_budgets": both}, []))
    assert "recognized (posture): Graze 71 %" in text


def test_of_two_shares_it_says_which_is_shown():
    budgets = made.budgets({"Walk": 1.0}, mean_share=0.9)
    assert "(shares of all animals' time together, not means over animals; there is no interval" in sentence(budgets)


@pytest.mark.parametrize(
    ("sessions", "told"),
    [
        ((), "as nobody is named, that is for you to judge"),
        ((1, 1), "no name occurs in more than one"),
        ((1, 2), "1 named animal is in more than one"),
        ((2, 2), "2 named animals are in more than one"),
    ],
)
def test_sessions_are_independent_only_if_their_animals_differ(sessions, told):
    named = [
        made.budgets({"Walk": 1.0}, level="individual", unit=f"S{k}", n_sessions=n) for k, n in enumerate(sessions)
    ]
    budgets = pd.concat([made.BUDGETS.assign(n_sessions=2), *named])
    text = words(overview(made.summary(made.line(), made.line("b")), {"time_budgets": budgets}, []))
    assert "rest on 2 sessions (one film each) and" in text
    assert f"Sessions count as independent, which holds only if their animals differ: {told}." in text
