"""Krippendorff's u-alpha: his own worked example, every pair of units counted, and alpha where bouts are units."""

import numpy as np
import pytest

from pipeline.ethology.agreement.agree import agree
from pipeline.ethology.agreement.alpha import alpha, coincidences
from pipeline.ethology.agreement.u_alpha import of_all, u_alpha, within_bouts
from pipeline.types import IntArray
from tests.ethology.agreement.made import coded, settings, value

# first, last and value of every unit on a continuum from 1 to 60; in between are gaps
ALEX = [(1, 7, 1), (8, 13, 2), (31, 32, 5), (33, 37, 6), (38, 44, 6), (45, 60, 7)]
PAUL = [(1, 7, 1), (8, 13, 3), (14, 21, 5), (33, 44, 6)]
SUZAN = [(1, 7, 1), (8, 13, 4), (14, 21, 5), (33, 37, 6), (38, 41, 6), (42, 44, 6)]


def on_continuum(units: list[tuple[int, int, int]]) -> IntArray:
    codes = np.zeros(60, dtype=np.int64)
    for first, last, code in units:
        codes[first - 1 : last] = code
    return codes


def test_krippendorffs_own_example_of_three_coders() -> None:
    """Krippendorff 2019, "Content Analysis", 4th ed., figure 12.11: u-alpha .510, and .413 of units against gaps."""
    codes = np.stack([on_continuum(units) for units in (ALEX, PAUL, SUZAN)])
    gaps = float((codes == 0).sum())
    within = gaps + sum((last - first + 1) ** 2 for own in (ALEX, PAUL, SUZAN) for first, last, _ in own)
    pairs = coincidences(codes, 8)
    assert u_alpha(pairs, np.array(within)) == pytest.approx(0.510, abs=5e-4)
    two = np.array([[pairs[0, 0], pairs[0, 1:].sum()], [pairs[1:, 0].sum(), pairs[1:, 1:].sum()]])
    assert u_alpha(two, np.array(within)) == pytest.approx(0.413, abs=1e-3)
    assert (
        within_bouts(codes[1:2], gap=0) == 27 + 7**2 + 6**2 + 8**2 + 12**2
    )  # Paul's units touch no other of their value


@pytest.mark.parametrize(("seed", "coders", "gap"), [(0, 2, -1), (1, 3, 0), (2, 5, 2)])
def test_every_pair_of_units_counted(seed: int, coders: int, gap: int) -> None:
    rng = np.random.default_rng(seed)
    codes = np.repeat(rng.integers(0, 3, (coders, 12)), 4, axis=1)
    codes[:, 1:] = np.where(rng.random((coders, 47)) < 0.2, rng.integers(0, 3, (coders, 47)), codes[:, 1:])
    codes[0, 20:23] = -1  # one coder told nothing: nothing counts there
    told = of_all(codes)
    bout = np.cumsum(np.append(np.ones((coders, 1)), told[:, 1:] != told[:, :-1], axis=1), axis=1)
    bout = bout + 100 * np.arange(coders)[:, None]
    kept = told >= 0
    values, numbers = told[kept], bout[kept]
    same = (numbers[:, None] == numbers) & (values != gap)[:, None]
    same |= np.eye(len(values), dtype=bool)
    differ = (values[:, None] != values) & ~same
    expected = differ.sum() / (~same).sum()  # of any two values that are not of one bout
    at = [told[:, k] for k in np.flatnonzero(kept.all(axis=0))]
    observed = np.mean([one[i] != one[j] for one in at for i in range(coders) for j in range(coders) if i != j])
    assert within_bouts(told, gap) == same.sum()
    assert u_alpha(coincidences(told, 3), np.array(within_bouts(told, gap))) == pytest.approx(1 - observed / expected)


def test_bouts_of_one_unit_give_alpha() -> None:
    codes = np.array([[0, 1, 0, 1, 2], [0, 1, 2, 1, 2], [1, 0, 2, 1, 0]])
    pairs = coincidences(codes, 3)
    assert u_alpha(pairs, np.array(within_bouts(codes))) == pytest.approx(float(alpha(pairs)), abs=1e-12)


@pytest.mark.parametrize("codes", [[[0, 0], [0, 0]], [[0, -1], [-1, 0]], [[], []]])  # one thing, no pair, nothing
def test_it_is_not_defined(codes: list[list[int]]) -> None:
    told = of_all(np.array(codes, dtype=np.int64))
    assert np.isnan(u_alpha(coincidences(told, 2), np.array(within_bouts(told))))


def test_of_three_coders_it_rests_on_what_all_told() -> None:
    one = ("v.mp4", "1")
    words = {"a": {one: "WWGGWG"}, "b": {one: "WWGWWG"}, "c": {one: "..GGW."}}
    table = agree(coded(words), settings())["agreement"]
    rows = table[table["basis"] == "all coders"].set_index("figure")
    assert rows["n"].to_dict() == {"alpha": 6.0, "u_alpha": 3.0}  # seconds that two told, and all
    # GGW, GWW, GGW: 9 values, 5 of G; bouts of 2 1, 1 2, 2 1: 15 pairs within; 4 of 18 pairs of coders differ
    assert value(table, "u_alpha", basis="all coders") == pytest.approx(1 - 4 / 18 / (2 * 5 * 4 / (81 - 15)), abs=1e-6)


def test_what_nobody_codes_is_a_gap_where_it_counts() -> None:
    one = ("v.mp4", "1")
    words = {"a": {one: "W.WG"}, "b": {one: "WWWG"}, "c": {one: "W.GG"}}
    table = agree(coded(words), settings(nothing_coded=True))["agreement"]
    # 12 values: 6 W, 2 gaps, 4 G; within bouts 4, 10 and 6 pairs; a third of the pairs of coders differ
    assert value(table, "u_alpha", basis="all coders") == pytest.approx(1 - (1 / 3) / (88 / 124), abs=1e-6)


def test_it_has_an_interval_over_videos() -> None:
    words = {
        name: {(f"v{k}", "1"): "W" * (at + k % 3) + "G" * (10 - at - k % 3) for k in range(8)}
        for name, at in (("a", 4), ("b", 5), ("c", 5))
    }
    table = agree(coded(words), settings())["agreement"]
    row = table[table["figure"] == "u_alpha"].iloc[0]
    assert row["ci_low"] <= row["value"] <= row["ci_high"] < 1
    assert row["method"] == "95 % cluster bootstrap over 8 units"
    assert row["n"] == 80.0
