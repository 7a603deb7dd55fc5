import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from statsmodels.stats.anova import anova_lm
from statsmodels.stats.power import TTestIndPower

from pipeline.ethology.contrasts.budgets import compare_budgets
from pipeline.ethology.contrasts.settings import ContrastSettings
from pipeline.ethology.observers.design import design
from pipeline.ethology.observers.power import shuffled_p, studies, t_power
from pipeline.ethology.observers.settings import DesignSettings
from pipeline.ethology.observers.spread import Spread, spread_of
from pipeline.ethology.record import record
from pipeline.tables import BOUTS
from tests.ethology.correction.made import bouts
from tests.ethology.made import bouts_of, ethogram, statistics

SETTINGS = DesignSettings(differences=[0.2], minutes=[5.0, 20.0], block_s=10.0, most_units=60, simulations=500)


@pytest.mark.parametrize("units", [2, 3, 10, 50])
@pytest.mark.parametrize(("difference", "sd"), [(0.1, 0.3), (0.2, 0.2), (0.3, 0.1)])
def test_the_formula_is_that_of_statsmodels(units, difference, sd):
    expected = TTestIndPower().power(difference / sd, units, 0.05)
    if np.isfinite(expected):
        assert t_power(difference, sd**2, units, 0.05) == pytest.approx(expected, abs=1e-6)


def test_the_formula_far_out_is_1():
    assert t_power(0.4, 1e-6, 10, 0.05) == 1.0
    assert t_power(0.4, 0.0, 10, 0.05) == 1.0


@pytest.mark.parametrize(
    ("share", "between", "within", "minutes"),
    [
        (0.4, 0.02, 0.1, 10),  # animals differ, and minutes do
        (0.4, 0.0, 0.3, 10),  # only minutes do
        (0.5, 0.03, 0.0, 10),  # only animals do
        (0.25, 0.01, 0.2, 40),
    ],
)
def test_simulated_power_is_near_the_formula_where_shares_are_near_normal(share, between, within, minutes):
    spread = Spread(share, between, within, 20, 400, 20)
    same = 0.5 * (spread.variance(minutes) + _variance_at(spread, share + 0.15, minutes))
    for units in (6, 12, 30):
        p = shuffled_p(*studies(spread, share + 0.15, minutes, (units, 1500), 0), 924, 0)
        assert np.mean(p < 0.05) == pytest.approx(t_power(0.15, same, units, 0.05), abs=0.04)


def _variance_at(spread, share, minutes):
    """The variance of an observed share where the mean is another and the number of points is the same."""
    return spread.between + (share * (1 - share) - spread.between) / spread.points(minutes)


def test_without_a_difference_the_level_is_kept():
    spread = Spread(0.4, 0.02, 0.1, 20, 400, 20)
    for units in (6, 20):
        p = shuffled_p(*studies(spread, 0.4, 10.0, (units, 1500), 0), 499, 0)
        assert 0.03 <= np.mean(p <= 0.05) <= 0.065


def test_p_is_that_of_compare():
    # two studies of seven and seven sessions, as bouts and as shares; all 3,432 shuffles, and 999 of them
    shares = np.round(np.random.default_rng(0).beta(2, 5, (2, 7, 2)), 2)
    for permutations in (5000, 999):
        p = shuffled_p(*shares, permutations, 0)
        for study in range(2):
            rows = [
                (f"s{half}{k}", f"z{half}{k}", "zebra", {"A": 100 * share, "B": 100 - 100 * share})
                for half in (0, 1)
                for k, share in enumerate(shares[half, :, study])
            ]
            found = compare_budgets(
                bouts(*rows, sex=["f"] * 7 + ["m"] * 7), "sex", ethogram("AB"), statistics(),
                ContrastSettings(permutations=permutations),
            )  # fmt: skip
            assert found["p"].iloc[0] == pytest.approx(p[study], abs=1e-6)


def cells(rng, sessions, animals, blocks, sds):
    """Shares of blocks of other animals in each session; these differ by ``sds`` of sessions, animals and blocks."""
    day, unit, _ = np.indices((sessions, animals, blocks)).reshape(3, -1)
    unit = unit + animals * day
    values = [
        rng.normal(0, sd, number) for sd, number in zip(sds, (sessions, sessions * animals, len(day)), strict=True)
    ]
    return 0.5 + values[0][day] + values[1][unit] + values[2], unit, day


def test_variances_are_those_of_an_analysis_of_variance():
    shares, unit, day = cells(np.random.default_rng(1), 4, 5, 3, (0.1, 0.05, 0.05))
    data = pd.DataFrame({"share": shares, "unit": unit, "day": day})
    by_day, by_unit = (anova_lm(smf.ols(f"share ~ C({of})", data).fit()) for of in ("day", "unit"))
    within = by_unit.loc["Residual", "mean_sq"]
    animals = (by_unit.loc["C(unit)", "sum_sq"] - by_day.loc["C(day)", "sum_sq"]) / 16
    of_animals, of_sessions = (animals - within) / 3, (by_day.loc["C(day)", "mean_sq"] - animals) / 15
    spread = spread_of(shares, unit, day, block_min=2.0)
    assert spread.within == pytest.approx(2.0 * within)  # of one minute: blocks of two minutes vary half as much
    assert (spread.sessions, spread.between) == pytest.approx((of_sessions, of_sessions + of_animals))
    assert (spread.units, spread.blocks, spread.days) == (20, 60, 4)
    one = spread_of(shares[day == 0], unit[day == 0], day[day == 0], 2.0)
    alone = anova_lm(smf.ols("share ~ C(unit)", data[day == 0]).fit())["mean_sq"]
    assert one.between == pytest.approx(max((alone["C(unit)"] - alone["Residual"]) / 3, 0))
    assert np.isnan(one.sessions)


@pytest.mark.parametrize("again", [False, True])  # other animals in each session, or the same in all
def test_known_variances_are_found_again(again):
    rng = np.random.default_rng(2)
    shares, unit, day = cells(rng, 60, 12, 4, (0.1, 0.0 if again else 0.15, 0.1))
    if again:
        unit = unit % 12
        shares = shares + rng.normal(0, 0.15, 12)[unit]
    spread = spread_of(shares, unit, day, block_min=1.0)
    assert spread.sessions == pytest.approx(0.01, rel=0.35)
    assert spread.between == pytest.approx(0.01 + 0.15**2, rel=0.4 if again else 0.15)
    assert spread.within == pytest.approx(0.01, rel=0.1)


def herd(animals=6, seconds=200, named=True):
    rng, words = np.random.default_rng(0), {}
    for animal in range(animals):
        runs = np.maximum(np.rint(rng.exponential(6, seconds)), 1).astype(int)
        letters = np.repeat(rng.random(seconds) < rng.beta(4, 6), runs)[:seconds]
        words[animal + 1] = "".join("BA"[int(is_a)] for is_a in letters)
    names = {("v.mp4", k): f"n{k}" for k in words} if named else None
    return bouts_of({"v.mp4": words}, ethogram("AB"), names)


def named(word):
    """Three named animals that do the same."""
    names = {("v.mp4", k): f"n{k}" for k in (1, 2, 3)}
    return bouts_of({"v.mp4": dict.fromkeys((1, 2, 3), word)}, ethogram("AB"), names)


def designed(table, settings=SETTINGS, min_units=2, permutations=499):
    contrasts = ContrastSettings(permutations=permutations)
    return design(record(table, ethogram("AB")), settings, statistics(min_units=min_units), contrasts)


def test_fewer_animals_are_needed_for_more_minutes():
    found = designed(herd()).set_index(["behaviour", "minutes"])
    row = found.loc[("A", 5.0)]
    assert (row["level"], row["units"], row["blocks"]) == ("individual", 6, 120)
    assert found.loc[("A", 20.0), "needed"] <= row["needed"]
    assert row["needed"] == pytest.approx(row["needed_t"], abs=4)
    assert row["power"] >= 0.8
    assert row["note"] == (
        "tested as compare= does, p under 0.05 / 2 behaviours, at least 2 in each condition; each individual in one "
        "condition and in a session of its own; sessions taken for alike, as the record has 1 session only"
    )
    expected = np.ceil(
        TTestIndPower().solve_power(
            0.2 / np.sqrt(row["sd_between"] ** 2 + row["sd_within_min"] ** 2 / 5), power=0.8, alpha=0.025
        )
    )
    assert row["needed_t"] == expected


def test_no_fewer_are_needed_than_the_comparison_asks_for():
    wide = DesignSettings(differences=[0.45], minutes=[60.0], block_s=10.0, simulations=100)
    words = {1: "AABBB" * 8, 2: "AABBB" * 8, 3: "AAABB" * 8}
    table = bouts_of({"v.mp4": words}, ethogram("AB"), {("v.mp4", k): f"n{k}" for k in words})
    six, two = (designed(table, wide, min_units).query("behaviour == 'A'").iloc[0] for min_units in (6, 2))
    assert six["needed"] == 6
    assert two["needed"] == 5  # of four and four no shuffle has p under 0.025: 2 / 70


def test_sessions_that_differ_are_in_what_is_needed():
    words = {f"s{k}/v.mp4": {a: ("AAAB" if k % 2 else "ABBB") * (5 + a) for a in (1, 2, 3)} for k in range(4)}
    names = {(video, a): f"{video[1]}{a}" for video, tracks in words.items() for a in tracks}
    table = bouts_of(words, ethogram("AB"), names)
    of_day = {video: f"day {video[1]}" for video in words}
    found = designed(table.assign(session=table["video"].map(of_day))).query("behaviour == 'A'").iloc[0]
    assert found["note"].endswith("; sessions differ as in the record")
    assert found["sd_sessions"] == pytest.approx(found["sd_between"], rel=0.05)  # animals of a session do the same
    alike = designed(table.assign(session="s")).query("behaviour == 'A'").iloc[0]
    assert np.isnan(alike["sd_sessions"])


@pytest.mark.parametrize(
    ("table", "changes", "note"),
    [
        (BOUTS.empty(), {}, None),  # nobody
        (herd(animals=2), {}, "2 individuals with two blocks of 10 s or more in a session, fewer than 3"),
        (herd(named=False), {}, "1 sessions with two blocks of 10 s or more in a session, fewer than 3"),  # no animals
        (herd(), {"block_s": 150.0}, "0 individuals with two blocks of 150 s or more in a session, fewer than 3"),
        (herd(), {"differences": [0.01], "minutes": [1.0]}, "more than 60 in each condition"),
        (named("A" * 40), {}, "the share does not vary in the record: nothing to plan from"),
    ],
)  # fmt: skip
def test_too_little_says_so(table, changes, note):
    settings = DesignSettings(**{"differences": [0.2], "minutes": [5.0], "block_s": 10.0, "most_units": 60} | changes)
    found = designed(table, settings)
    assert set(found["note"]) == ({note} if note else set())
    assert found["needed"].isna().all()
    assert found["power"].isna().all()


def test_sessions_count_where_nobody_is_named():
    words = {f"s{k}/v.mp4": {1: "AB" * (10 + k) + "A" * 40} for k in range(4)}
    found = designed(bouts_of(words, ethogram("AB")))
    assert set(found["level"]) == {"session"}
    assert set(found["units"]) == {4}


def test_blocks_do_not_cross_what_is_not_visible():
    word = "A" * 25 + "-" + "B" * 19  # two blocks of A, one of B: 25 and 19 s, whole blocks of 10 s only
    found = designed(named(word))
    assert set(found["blocks"]) == {9}
    assert found.query("behaviour == 'A'")["share"].iloc[0] == pytest.approx(2 / 3)
