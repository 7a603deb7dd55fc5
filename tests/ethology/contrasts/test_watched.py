"""Animals recognized for too short a time in a condition are in no comparison of its means, and counted."""

import pandas as pd
import pytest

from pipeline.ethology.contrasts.bouts import compare_bouts
from pipeline.ethology.contrasts.budgets import compare_budgets
from pipeline.ethology.contrasts.settings import ContrastSettings, Replicate
from tests.ethology.correction.made import bouts, row
from tests.ethology.made import ethogram, statistics

LONG = [(f"s{k}", f"z{k}", "zebra", {"A": 10.0 + k, "B": 70.0 - k}) for k in range(12)]
BRIEF = [  # in two sessions of one condition together 9 s, and 2 s; unknown time is not recognized
    ("s0", "b", "zebra", {"A": 4.0, "unknown": 99.0}),
    ("s1", "b", "zebra", {"A": 5.0}),
    ("s7", "c", "zebra", {"B": 2.0}),
]
SEX = ["f"] * 6 + ["m"] * 6


def made(compare, table, least, **changes):
    settings = ContrastSettings(permutations=99, **changes)
    return compare(table, "sex", ethogram("AB"), statistics(min_visible_s=least), settings)


@pytest.mark.parametrize("compare", [compare_budgets, compare_bouts])
@pytest.mark.parametrize(
    ("least", "told"),
    [
        (2.0, ""),
        (9.0, "not counting 1 named animal in m recognized for under 9 s"),
        (9.5, "not counting 1 named animal in f and 1 named animal in m recognized for under 9.5 s"),
    ],
)
def test_who_is_left_out(compare, least, told):
    every = bouts(*LONG, *BRIEF, sex=[*SEX, "f", "f", "m"])
    found = made(compare, every, least)
    assert row(found, behaviour="A")["units_second"] == (6 if told else 7)
    assert all(told in how for how in found["method"])
    if "in f" in told:
        alone = made(compare, bouts(*LONG, sex=SEX), least)
        assert not alone["method"].str.contains("not counting").any()
        pd.testing.assert_frame_equal(found.drop(columns="method"), alone.drop(columns="method"))


def test_nobody_is_left_and_sessions_keep_all_their_time():
    every = bouts(*LONG, *BRIEF, sex=[*SEX, "f", "f", "m"])
    none = row(made(compare_budgets, every, 81.0), behaviour="A")
    assert none["method"] == (
        "no recognized time of a named animal in f and m, or too little: 7 named animals in f and 7 named "
        "animals in m recognized for under 81 s"
    )
    sessions = made(compare_budgets, every, 81.0, replicate=Replicate.session)
    assert row(sessions, behaviour="A")[["units_first", "units_second"]].tolist() == [6, 6]


def test_where_sessions_are_the_replicates_each_needs_its_part_of_the_time():
    """Ann and Bea are in every session of both kinds of herd, so that sessions are what is independent."""
    kinds = ["large"] * 6 + ["small"] * 6
    whole = [(f"s{k}", name, "zebra", {"A": 10.0}) for k in range(12) for name in ("ann", "bea")]
    of_whole = [kinds[k] for k in range(12) for _ in range(2)]
    brief = [("s0", "zoe", "zebra", {"A": 16.0}), *((f"s{k}", "zoe", "zebra", {"B": 9.0}) for k in range(1, 6))]
    every = bouts(*whole, *brief, herd=[*of_whole, *["large"] * 6])
    settings = ContrastSettings(permutations=99)
    found = compare_budgets(every, "herd", ethogram("AB"), statistics(min_visible_s=60.0), settings)
    assert row(found, behaviour="B")["mean_first"] == 0
    assert row(found, behaviour="A")[["units_first", "units_second", "replicate"]].tolist() == [13, 12, "session"]
    told = "not counting 5 sessions of named animals in large recognized for under 60 s, or an equal part of it in each"
    assert all(told in how for how in found["method"])


def test_a_session_left_out_asks_no_more_of_the_others():
    """Of 70 s in two sessions each needs 30: the one of 20 s falls, that of 50 s stays."""
    kinds = ["large"] * 6 + ["small"] * 6
    whole = [(f"s{k}", name, "zebra", {"A": 60.0}) for k in range(12) for name in ("ann", "bea")]
    more = [("s0", "zoe", "zebra", {"B": 50.0}), ("s1", "zoe", "zebra", {"B": 20.0})]
    every = bouts(*whole, *more, herd=[*(kinds[k] for k in range(12) for _ in range(2)), "large", "large"])
    settings = ContrastSettings(permutations=99)
    found = compare_budgets(every, "herd", ethogram("AB"), statistics(min_visible_s=60.0), settings)
    assert row(found, behaviour="A")[["units_first", "units_second"]].tolist() == [13, 12]
    assert "not counting 1 session of named animals in large" in found["method"].iloc[0]
