import pandas as pd
import pytest

from pipeline.report.held_out import overconfident, told_right
from pipeline.report.methods import methods_text
from pipeline.report.sections.methods import card
from pipeline.report.sections.overview import overview, sentence
from pipeline.report.sections.unrecorded import left_out, unfollowed
from pipeline.tables import EXCLUDED
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
            {"A": 0.4, "B": 0.2, "C": 0.15, "D": 0.1, "E": 0.05, "F": 0.04, "G": 0.057, "H": 0.003},
            {},
            "In 14 s of animals' time in sight and recognized: A 40 %, B 20 %, C 15 %, D 10 %, G 5.7 % and E 5.0 %; "
            "other behaviours together 4.3 % (there is no interval: no interval under 6 sessions).",
        ),
        # a word for an animal that cannot be seen is no behaviour, and named where it has a share worth naming
        (
            {"Graze": 0.5, "Occluded": 0.5},
            {},
            "In 14 s of animals' time in sight and recognized: Graze 50 %; Occluded, which is none, 50 % (there is no "
            "interval: no interval under 6 sessions).",
        ),
    ],
)  # fmt: skip
def test_the_budget_in_a_sentence(shares, changes, told):
    assert sentence(made.budgets(shares, **changes)) == told


def test_a_behaviour_at_the_edge_of_sight_is_marked_beside_its_share():
    text = sentence(made.budgets({"Graze": 0.7, "Run": 0.3}), doubtful={("behaviour", "Run")})
    assert "Run 30 % (doubtful: mostly of animals just coming into sight or leaving it, see Read this first) (" in text


def test_what_nobody_checked_is_said_to_be_so_before_any_share():
    text = words(overview(made.summary(made.line()), {"time_budgets": made.BUDGETS}, []))
    assert text.index("nobody has checked it on this footage") < text.index("Graze 71 %")


def test_how_sure_it_is_names_animals_what_was_left_out_and_the_recognizer():
    summary = made.summary(made.line(files=("v/overlay.mp4",)), held_out=made.HELD_OUT)
    text = words(overview(summary, {"time_budgets": made.BUDGETS}, ["one thing"]))
    for told in (
        "1 session and 2 tracks of animals that nobody has named (at most 2 in sight at once), which are fragments",
        "No record of behaviour: 18 % of the 17 s of tracked time, in no share. How long animals were there before and",
        "time left out of it had been spent in Graze, the commonest, it would take 59 % to 76 % of it. Time before an",
        "recognized by kinematic: 90 % of 100 held-out clips were recognized right (of Graze, the behaviour recognized "
        "worst, 80 %)",
        "1 thing found in these results that can mislead",
        "Do you mean by the behaviours' names what the recognizer's training data took for them?",
        "Watch a few minutes of an overlay video",
    ):
        assert told in text


def test_what_is_not_known_is_said():
    text = words(overview(made.summary(made.line()), {"time_budgets": made.BUDGETS}, []))
    assert "How often kinematic is right is not known" in text
    assert "took for them? This report has names and no definitions." in text
    defined = made.summary(made.line(), definitions={"Graze": "head at the ground"})
    text_defined = words(overview(defined, {"time_budgets": made.BUDGETS}, []))
    assert "took for them? The methods card defines them." in text_defined
    assert "ethopipe run makes them with overlay=true, and none was made here." in text
    assert "by eye: " not in text and "nobody can check" not in text
    assert "can mislead" not in text
    assert "No animal was seen" in overview(made.summary(), {"time_budgets": made.BUDGETS.iloc[:0]}, [])


def test_a_common_behaviour_that_is_often_told_wrong_is_to_be_looked_at():
    poor = made.HELD_OUT | {"recall Graze": 0.5}
    text = words(overview(made.summary(made.line(), held_out=poor), {"time_budgets": made.BUDGETS}, []))
    assert "Graze: common here, and often recognized wrong" in text


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
    assert told_right({"top1": 0.5}) == "50 % of its held-out clips were recognized right"
    assert told_right({"mean_average_precision": 0.5}) == ""


def test_clips_that_also_chose_the_checkpoint_are_said_to_flatter():
    told = told_right({"top1": 0.5}, chose_checkpoint=True)
    assert told == (
        "50 % of its held-out clips (which also chose its best checkpoint and so flatter it) were recognized right"
    )
    summary = made.summary(made.line(), held_out={"top1": 0.5}, held_out_chose_checkpoint=True)
    tables = {"time_budgets": made.BUDGETS}
    texts = [words(overview(summary, tables, [])), words(card(summary, tables)), *methods_text(summary, tables)]
    assert [told in text for text in texts].count(True) == 3


def test_several_sets_have_a_sentence_each():
    both = pd.concat([made.BUDGETS, made.BUDGETS.assign(set="posture")])
    text = words(overview(made.summary(made.line()), {"time_budgets": both}, []))
    assert "recognized (posture): Graze 71 %" in text


def test_the_mean_over_animals_stands_beside_a_share_that_it_differs_from():
    budgets = made.budgets({"Walk": 0.7, "Graze": 0.3}, mean_share=[0.65, 0.31], **LIMITS)
    text = sentence(budgets)
    assert "Walk 70 % (10 % to 40 %; animals' mean 65 %) and Graze 30 % (10 % to 40 %) (shares of all" in text
    assert "animals' mean: each animal weighs the same, told where it is 2 points off or more; in brackets" in text
    alike = sentence(budgets.assign(mean_share=budgets["share"]))
    assert "means over animals, each weighing the same, are less than 2 points off; in brackets" in alike
    assert "animals' mean" not in alike


def excluded(**seconds):
    """tables.EXCLUDED of one video by cause."""
    data = pd.DataFrame({"cause": [cause.replace("_", " ") for cause in seconds], "animal_s": list(seconds.values())})
    return EXCLUDED.cast(data.assign(video=made.KEY, session="", set="behaviour", reason="", footage_s=float("nan")))


def test_time_without_a_record_is_told_by_its_cause():
    found = {"excluded": excluded(not_visible=2.0, unknown=1.0)}
    told = "18 % of the 17 s of tracked time (with a box, but out of sight 2.0 s; in sight, but not recognized 1.0 s)"
    assert left_out(made.BUDGETS.iloc[0], found) == told
    assert left_out(made.BUDGETS.iloc[0].replace("behaviour", "other"), found) == "18 % of the 17 s of tracked time"
    lost = {"excluded": excluded(not_visible=3.0).assign(reason="lost")}
    assert left_out(made.BUDGETS.iloc[0], lost) == "18 % of the 17 s of tracked time (lost between two boxes 3.0 s)"


@pytest.mark.parametrize(
    ("names", "start_s", "told"),
    [
        ((), 0.0, "is not known, as nobody is named"),
        (("", ""), 0.0, "is not known, as nobody is named"),
        (("a", "b", ""), 0.0, "nothing is known of it: 6.0 s more, which is not tracked time"),  # twice 3 of 10 s
        (("a", "a"), [0.0, 6.0], "seen from beginning to end"),  # not meanwhile, but that is known
        (("a", "a"), [1.0, 5.0], "nothing is known of it: 2.0 s more, which is not tracked time"),
    ],
)
def test_time_of_which_nothing_is_known(names, start_s, told):
    rows = made.individuals(*names).assign(start_s=start_s)
    rows["stop_s"] = rows["start_s"] + (4.0 if isinstance(start_s, list) else 7.0)
    assert told in unfollowed({"individuals": rows}, [made.line()])


@pytest.mark.parametrize(
    ("sessions", "told"),
    [
        ((), ": as nobody is named, that is for you to judge"),
        ((1, 1), ": no name occurs in more than one"),
        ((1, 2), "; here 1 named animal is in more than one"),
        ((2, 2), "; here 2 named animals are in more than one"),
    ],
)
def test_sessions_are_independent_only_if_their_animals_differ(sessions, told):
    named = [
        made.budgets({"Walk": 1.0}, level="individual", unit=f"S{k}", n_sessions=n) for k, n in enumerate(sessions)
    ]
    budgets = pd.concat([made.BUDGETS.assign(n_sessions=2), *named])
    text = words(overview(made.summary(made.line(), made.line("b")), {"time_budgets": budgets}, []))
    assert "rest on 2 sessions (one film each) and" in text
    assert f"Sessions count as independent, which holds only if their animals differ{told}." in text
    assert ("Is each name one animal, and each animal one name? Names are yours (indi" in text) == bool(sessions)
