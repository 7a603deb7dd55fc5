from collections import Counter
from math import log

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from pipeline.ethology.sequences.order import likelihoods, transition_order
from pipeline.ethology.sequences.tables import ORDER
from pipeline.tables import BOUTS
from tests.ethology.made import ethogram, statistics
from tests.ethology.sequences.made import bouts_of, chain, from_codes, settings


def made(bouts, letters="ABC", **changes):
    return transition_order(bouts, ethogram(letters), statistics(), settings(**changes))


def best(table, form):
    rows = table[table["form"] == form]
    return int(rows["order"][rows["best_bic"]].item())


def counted(code, kinds):
    counts = np.zeros((kinds, kinds, kinds), dtype=int)
    for triple in zip(code, code[1:], code[2:], strict=False):
        counts[triple] += 1
    return counts


def test_likelihoods_are_those_of_a_count_by_hand():
    code = "ABAACBBACABBCAACCBABAACB"
    three = Counter(zip(code, code[1:], code[2:], strict=False))
    last, pair, context = Counter(), Counter(), Counter()
    for (a, b, c), number in three.items():
        last[c] += number
        pair[b, c] += number
        context[a, b] += number
    row = Counter()
    for (b, _), number in pair.items():
        row[b] += number
    expected = [
        sum(n * log(n / len(code[2:])) for n in last.values()),
        sum(n * log(n / row[b]) for (b, _), n in pair.items()),
        sum(n * log(n / context[a, b]) for (a, b, _), n in three.items()),
    ]
    found, parameters = likelihoods(counted(["ABC".index(letter) for letter in code], 3), True)
    assert found == pytest.approx(expected)
    assert parameters.tolist() == [2, 6, 2 * len(context)]


@pytest.mark.parametrize(
    ("kinds", "repeats", "expected"),
    [
        (3, True, [2, 6, 18]),  # K - 1, K (K - 1), K K (K - 1)
        (4, True, [3, 12, 48]),
        (3, False, [2, 3, 6]),  # K - 1, K (K - 2), K (K - 1) (K - 2)
        (4, False, [3, 8, 24]),
        (2, False, [0, 0, 0]),  # only to and fro: nothing is free
    ],
)
def test_parameters_where_everything_was_seen(kinds, repeats, expected):
    there = np.ones((kinds, kinds, kinds), dtype=int)
    if not repeats:
        same = np.eye(kinds, dtype=bool)
        there[same] = 0
        there[:, same] = 0
    found, parameters = likelihoods(there * 5, repeats)
    if kinds > 2:
        assert parameters.tolist() == expected
    assert np.diff(found) == pytest.approx([0, 0], abs=1e-8)  # all alike: no order tells more


def test_the_order_that_made_it_is_found():
    rng = np.random.default_rng(0)
    zero = np.array([[0, 0.8, 0.2], [0.5, 0, 0.5], [0.2, 0.8, 0]])  # weights 1 : 4 : 1 of the two that can follow
    assert best(made(from_codes({"x": chain(rng, zero, 600)})), "bout") == 0
    first = np.array([[0, 0.8, 0.2], [0.2, 0, 0.8], [0.8, 0.2, 0]])
    assert best(made(from_codes({"x": chain(rng, first, 600)})), "bout") == 1
    code = [0, 1]  # second: comes back to where it was with 0.8
    for _ in range(600):
        other = 3 - code[-1] - code[-2] if code[-1] != code[-2] else 0
        code.append(code[-2] if rng.random() < 0.8 else other)
    second = made(from_codes({"x": code}))
    assert best(second, "bout") == 2
    assert second[(second["form"] == "bout") & (second["order"] == 2)]["p"].item() < 1e-6


def test_the_likelihood_ratio_is_right_as_often_as_it_says():
    rng = np.random.default_rng(1)
    first = np.array([[0, 0.8, 0.2], [0.5, 0, 0.5], [0.3, 0.7, 0]])
    p = []
    for _ in range(200):
        found, parameters = likelihoods(counted(chain(rng, first, 400).tolist(), 3), False)
        p.append(chi2.sf(2 * (found[2] - found[1]), parameters[2] - parameters[1]))
    assert np.mean(np.array(p) < 0.1) == pytest.approx(0.1, abs=0.08)


def test_runs_of_one_behaviour_are_of_first_order_in_time():
    table = made(bouts_of({"v.mp4": {1: "AAAAABBBBBBCCCCAAAABBBBBCCCCCCCAAAAAABBBBBCCCC"}}))
    assert best(table, "interval") == 1


@pytest.mark.parametrize("bouts", [BOUTS.empty(), bouts_of({"v.mp4": {1: "??"}})])
def test_nothing(bouts):
    table = made(bouts)
    assert (table.columns.tolist(), len(table)) == (ORDER.names, 0)


@pytest.mark.parametrize("word", ["A", "AB", "AB?BA?AB"])  # no code has two before it
def test_too_little_has_no_figure(word):
    table = made(bouts_of({"v.mp4": {1: word}}))
    rows = table[table["form"] == "bout"]
    assert rows[["aic", "bic", "g2", "p"]].isna().all(axis=None)
    assert not rows[["best_aic", "best_bic"]].any(axis=None)
    assert (rows["method"] == "not tested: 0 steps with two behaviours before, fewer than 5").all()


def test_two_behaviours_leave_no_choice():
    rows = made(bouts_of({"v.mp4": {1: "ABABABABAB"}})).query("form == 'bout'")
    assert rows["df"].tolist() == [0, 0, 0] and not rows[["best_aic", "best_bic"]].any(axis=None)
    assert set(rows["method"]) == {"not tested: two behaviours that take turns leave no choice"}


def test_few_steps_a_parameter_are_told():
    table = made(bouts_of({"v.mp4": {1: "ABCACBABCB"}}))
    assert table["method"].iloc[2] == "likelihood ratio, under 5 steps a parameter: p is not to be trusted"
    pd.testing.assert_frame_equal(ORDER.cast(table), table)
