"""What is independent in which design: numbers by hand, and p of no effect that is not too small."""

import numpy as np
import pytest

from pipeline.ethology.contrasts.bouts import compare_bouts
from pipeline.ethology.contrasts.budgets import compare_budgets
from pipeline.ethology.contrasts.independence import Independence
from pipeline.ethology.contrasts.means import Halves, p_values, swaps
from pipeline.ethology.contrasts.settings import ContrastSettings, Replicate
from pipeline.ethology.contrasts.transitions import compare_transitions
from pipeline.ethology.sums import distinct_pairs
from tests.ethology.correction.made import bouts, row
from tests.ethology.made import ethogram, statistics

# rows (animal, session, condition)
FOLLOWS = [(k // 10, k, k // 10) for k in range(20)]  # a male and a female, followed alone ten times each
MANY = [(a, 5 * a + s, a % 2) for a in range(12) for s in range(5)]  # six of either sex, followed alone five times
DAILY = [(a, 6 * a + s, s % 2) for a in range(8) for s in range(6)]  # eight animals, alone, mornings and evenings
HERDS = [(10 * g + a, 10 * g + s, g) for g in (0, 1) for a in range(5) for s in range(6)]  # two herds, six films each
TWELVE = [(4 * g + a, 2 * g + s, g % 2) for g in range(12) for a in range(4) for s in (0, 1)]  # twelve herds, two films
DAYS = [(10 * s + a, s, s % 2) for s in range(12) for a in range(4)]  # other animals in each of twelve sessions
HABITAT = [(a, s, s % 2) for s in range(12) for a in range(8)]  # the same eight animals in six sessions of each
SEX = [(a, s, a % 2) for s in range(8) for a in range(12)]  # twelve animals, all in eight sessions
PAIRS = [(2 * s + a, s, a) for s in range(9) for a in (0, 1)]  # a couple a session, other couples each time
HOURS = [(a, s, h) for s in range(4) for a in range(7) for h in (0, 1)]  # all in all sessions, early and late
MOVED = [(10 * g + a, 20 * g + s, int(g != (s == 0))) for g in (0, 1) for a in range(5) for s in range(11)]
WALKED = DAYS + [(100 + a, 12, h) for a in range(4) for h in (0, 1)]  # a thirteenth session begins here, ends there
SEEN_TWICE = [
    (int(a), s, s % 2) for s in range(12) for a in np.random.default_rng(s).choice(50, 8, replace=False)
]  # of fifty animals eight a session, in whatever habitat


@pytest.mark.parametrize(
    ("design", "asked", "kind", "numbers", "constant"),
    [
        ([], "individual", "session", (0, 0, 0), True),  # nobody
        ([(0, 0, 0), (1, 1, 1)], "individual", "session", (1, 1, 0), True),  # one of each, seen once
        (FOLLOWS, "individual", "individual", (1, 1, 0), True),  # not 10 + 10 sessions
        (FOLLOWS, "session", "individual", (1, 1, 0), True),  # their names are known
        (MANY, "individual", "individual", (6, 6, 0), True),
        (DAILY, "individual", "individual", (8, 8, 8), True),  # each its own control, not 24 + 24 sessions
        (HERDS, "individual", "linked", (1, 1, 0), True),
        (HERDS, "session", "linked", (1, 1, 0), True),
        (TWELVE, "individual", "linked", (6, 6, 0), True),
        ([*HERDS, (0, 19, 1)], "individual", "linked", (1, 2, 1), True),  # one animal was with neither, once
        (MOVED, "individual", "linked", (2, 2, 2), True),  # two herds, each in the other habitat for one day of eleven
        (DAYS, "individual", "session", (6, 6, 0), True),
        (WALKED, "individual", "session", (7, 7, 1), False),
        (HABITAT, "individual", "session", (6, 6, 0), True),  # animals and sessions cross: no animal is in one habitat
        (SEEN_TWICE, "individual", "session", (6, 6, 0), True),
        (SEX, "individual", "individual", (6, 6, 0), False),
        (SEX, "session", "linked", (1, 1, 1), False),  # the same animals in all sessions: one, whatever is asked for
        (PAIRS, "individual", "session", (9, 9, 9), False),
        (HOURS, "individual", "individual", (7, 7, 7), False),
        (HOURS, "session", "session", (4, 4, 4), False),
        ([(-1, s, s % 2) for s in range(12)], "session", "session", (6, 6, 0), True),  # nobody is named
    ],
)
def test_replicates_by_hand(design, asked, kind, numbers, constant):
    individual, session, half = np.array(design, dtype=np.int64).reshape(-1, 3).T
    own = Independence.of(individual, session, half, Replicate(asked))
    first, second = (set(own.place[half == k].tolist()) for k in (0, 1))
    assert (own.kind.value, own.constant) == (kind, constant)
    assert (len(first), len(second), len(first & second)) == numbers


@pytest.mark.parametrize("design", [MANY, DAILY, TWELVE, DAYS, HABITAT, SEX, HOURS])
def test_p_of_no_effect_is_not_too_small(design):
    # 400 studies at once, in which animals and sessions differ and conditions do not
    studies, rng = 400, np.random.default_rng(0)
    individual, session, half = np.array(design).T
    seen = rng.normal(0, 1, (200, studies))[individual] + rng.normal(0, 1, (200, studies))[session]
    seen += rng.normal(0, 1, seen.shape)
    own = Independence.of(individual, session, half, Replicate.individual)
    _, unit = distinct_pairs(individual, own.place)
    sums, counts = np.zeros((unit.max() + 1, 2, studies)), np.zeros((unit.max() + 1, 2, 1))
    np.add.at(sums, (unit, half), seen)
    np.add.at(counts, (unit, half), 1)
    place = np.zeros(unit.max() + 1, dtype=np.int64)
    place[unit] = own.place
    halves = Halves(np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0), place)
    swapped, whole = swaps(halves.counts > 0, 299, 0)
    p = p_values(halves.means[1] - halves.means[0], halves.shuffled(swapped), whole)
    low, high = halves.limits(0.95)
    assert np.mean(p <= 0.05) <= 0.08
    assert np.mean((low > 0) | (high < 0)) <= 0.08


def follows(animals, times):
    """Animals followed alone, so often each; every other one is a male. A takes as much of the time as chance gives."""
    rng = np.random.default_rng(0)
    one = [(a, t, rng.uniform(20, 80)) for a in range(animals) for t in range(times)]
    rows = [(f"s{a}_{t}", f"z{a}", "zebra", {"A": share, "B": 100 - share}) for a, t, share in one]
    return bouts(*rows, sex=["fm"[a % 2] for a, _, _ in one])


HOW = ethogram("AB"), statistics(min_units=6), ContrastSettings(permutations=999)


def budget(table):
    return row(compare_budgets(table, "sex", *HOW), behaviour="A")


def test_two_animals_are_two_however_often_they_are_followed():
    table = follows(2, 10)
    shares, lengths = budget(table), row(compare_bouts(table, "sex", *HOW), behaviour="A")
    moves = compare_transitions(table, "sex", *HOW).query("form == 'bout'")
    few = (
        "only 1 named animal in f and 1 named animal in m (6 are needed); sex is constant within each session, each of "
        "one animal: animals are the replicates, not their sessions"
    )
    for one in (shares, lengths, row(moves, **{"from": "A"})):
        assert one[["replicate", "replicates_first", "replicates_second"]].tolist() == ["individual", 1, 1]
        assert few in one["method"]
    assert (shares["units_first"], lengths["units_first"]) == (1, 1)
    assert shares[["difference_low", "p"]].isna().all()


def test_an_animal_has_one_value_however_often_it_is_followed():
    table = follows(12, 4)
    one = budget(table)
    assert one[["units_first", "units_second", "arrangements"]].tolist() == [6, 6, 924]
    own = table[table["behaviour"] == "A"].groupby("subject")["duration_s"].mean() / 100
    assert one["mean_first"] == pytest.approx(own.reindex([f"z{a}" for a in range(0, 12, 2)]).mean(), abs=1e-6)
    once = table[(table["subject"] != "z0") | (table["session"] == "s0_0")]  # z0 was followed once
    own["z0"] = table.query("session == 's0_0' and behaviour == 'A'")["duration_s"].item() / 100
    assert budget(once)["mean_first"] == pytest.approx(own.reindex([f"z{a}" for a in range(0, 12, 2)]).mean(), abs=1e-6)


def test_linked_groups_are_told():
    rows = [
        (f"h{g}_{s}", f"z{g}_{a}", "zebra", {"A": 10.0 + g, "B": 9.0}) for g in range(2) for s in range(6) for a in "xy"
    ]
    one = budget(bouts(*rows, sex=[name[1:].partition("_")[0] for _, name, *_ in rows]))
    assert one[["replicate", "units_first", "replicates_first"]].tolist() == ["linked", 2, 1]
    assert one["method"] == (
        "only 1 linked group in 0 and 1 linked group in 1 (6 are needed); a linked group is one replicate: sessions "
        "that share animals which keep to one sex, or animals that are seen in the same session only"
    )
