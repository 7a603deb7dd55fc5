import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from statsmodels.stats.anova import anova_lm
from statsmodels.stats.power import TTestIndPower

from pipeline.ethology.observers.design import Spread, design, simulated_power, spread_of, t_power
from pipeline.ethology.observers.settings import DesignSettings
from pipeline.ethology.record import record
from pipeline.tables import BOUTS
from tests.ethology.made import bouts_of, ethogram

SETTINGS = DesignSettings(differences=[0.2], minutes=[5.0, 20.0], block_s=10.0, most_units=60, simulations=1000)


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
    spread = Spread(share, between, within, 20, 400)
    settings = DesignSettings(simulations=4000)
    power = simulated_power(spread, share + 0.15, minutes, 30, settings)
    same = 0.5 * (spread.variance(minutes) + _variance_at(spread, share + 0.15, minutes))
    for units in (6, 12, 30):
        assert power[units - 2] == pytest.approx(t_power(0.15, same, units, 0.05), abs=0.04)


def _variance_at(spread, share, minutes):
    """The variance of an observed share where the mean is another and the number of points is the same."""
    points = max(round(spread.points(minutes)), 1) if spread.within else np.inf
    return spread.between + (share * (1 - share) - spread.between) / points


def test_without_a_difference_the_level_is_kept():
    spread = Spread(0.4, 0.02, 0.1, 20, 400)
    power = simulated_power(spread, 0.4, 10.0, 20, DesignSettings(simulations=4000))
    assert power[8:] == pytest.approx(np.full(11, 0.05), abs=0.015)


def test_variances_are_those_of_an_analysis_of_variance():
    rng = np.random.default_rng(1)
    unit = np.repeat(np.arange(8), rng.integers(3, 12, 8))
    shares = np.clip(0.5 + rng.normal(0, 0.15, 8)[unit] + rng.normal(0, 0.1, len(unit)), 0, 1)
    spread = spread_of(shares, unit, block_min=2.0)
    table = anova_lm(smf.ols("share ~ C(unit)", pd.DataFrame({"share": shares, "unit": unit})).fit())
    count = np.bincount(unit)
    size = (count.sum() - (count**2).sum() / count.sum()) / 7
    within = table.loc["Residual", "mean_sq"]
    assert spread.within == pytest.approx(2.0 * within)  # of one minute: blocks of two minutes vary half as much
    assert spread.between == pytest.approx((table.loc["C(unit)", "mean_sq"] - within) / size)
    assert (spread.units, spread.blocks) == (8, len(unit))


def test_known_variances_are_found_again():
    rng = np.random.default_rng(2)
    true = rng.beta(4, 6, 300)  # variance 0.24 / 11
    unit = np.repeat(np.arange(300), 20)
    shares = rng.binomial(10, true[unit]) / 10
    spread = spread_of(shares, unit, block_min=1.0)
    assert spread.share == pytest.approx(0.4, abs=0.02)
    assert spread.between == pytest.approx(0.24 / 11, rel=0.2)
    assert spread.points(1.0) == pytest.approx(10, rel=0.1)


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


def test_fewer_animals_are_needed_for_more_minutes():
    found = design(record(herd(), ethogram("AB")), SETTINGS).set_index(["behaviour", "minutes"])
    row = found.loc[("A", 5.0)]
    assert (row["level"], row["units"], row["blocks"]) == ("individual", 6, 120)
    assert found.loc[("A", 20.0), "needed"] <= row["needed"]
    assert row["needed"] == pytest.approx(row["needed_t"], abs=4)
    assert row["power"] >= 0.8
    assert row["note"] == "beta-binomial shares, Welch t test"
    expected = np.ceil(
        TTestIndPower().solve_power(
            0.2 / np.sqrt(row["sd_between"] ** 2 + row["sd_within_min"] ** 2 / 5), power=0.8, alpha=0.05
        )
    )
    assert row["needed_t"] == expected


@pytest.mark.parametrize(
    ("table", "changes", "note"),
    [
        (BOUTS.empty(), {}, None),  # nobody
        (herd(animals=2), {}, "2 individuals with two blocks of 10 s or more, fewer than 3"),
        (herd(named=False), {}, "1 sessions with two blocks of 10 s or more, fewer than 3"),  # tracks are no animals
        (herd(), {"block_s": 150.0}, "0 individuals with two blocks of 150 s or more, fewer than 3"),
        (herd(), {"differences": [0.01], "minutes": [1.0]}, "more than 60 in each condition"),
        (named("A" * 40), {}, "the share does not vary in the record: nothing to plan from"),
    ],
)  # fmt: skip
def test_too_little_says_so(table, changes, note):
    settings = DesignSettings(**{"differences": [0.2], "minutes": [5.0], "block_s": 10.0, "most_units": 60} | changes)
    found = design(record(table, ethogram("AB")), settings)
    assert set(found["note"]) == ({note} if note else set())
    assert found["needed"].isna().all()
    assert found["power"].isna().all()


def test_sessions_count_where_nobody_is_named():
    words = {f"s{k}/v.mp4": {1: "AB" * (10 + k) + "A" * 40} for k in range(4)}
    found = design(record(bouts_of(words, ethogram("AB")), ethogram("AB")), SETTINGS)
    assert set(found["level"]) == {"session"}
    assert set(found["units"]) == {4}


def test_blocks_do_not_cross_what_is_not_visible():
    word = "A" * 25 + "-" + "B" * 19  # two blocks of A, one of B: 25 and 19 s, whole blocks of 10 s only
    found = design(record(named(word), ethogram("AB")), SETTINGS)
    assert set(found["blocks"]) == {9}
    assert found.query("behaviour == 'A'")["share"].iloc[0] == pytest.approx(2 / 3)
