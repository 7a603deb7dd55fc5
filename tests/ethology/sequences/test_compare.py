from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency

from pipeline.errors import UsageError
from pipeline.ethology.sequences.compare import compare_transitions, homogeneity, total_variation
from pipeline.ethology.sequences.settings import Replicate
from pipeline.ethology.sequences.tables import COMPARISON
from pipeline.tables import BOUTS
from tests.ethology.made import ethogram, statistics
from tests.ethology.sequences.made import bouts_of, chain, from_codes, settings

ONE = np.array([[0, 0.8, 0.2], [0.5, 0, 0.5], [0.5, 0.5, 0]])
OTHER = np.array([[0, 0.3, 0.7], [0.5, 0, 0.5], [0.5, 0.5, 0]])


def made(bouts, conditions=(), **changes):
    return compare_transitions(bouts, "habitat", ethogram(), statistics(), settings(**changes), conditions)


def herd(tables, number=150, seed=0):
    """An animal a table, in the habitat ``open`` where the table is ``ONE``, else in ``bush``."""
    rng = np.random.default_rng(seed)
    names = [f"z{k}" for k in range(len(tables))]
    habitat = {name: "open" if table is ONE else "bush" for name, table in zip(names, tables, strict=True)}
    return from_codes({n: chain(rng, t, number) for n, t in zip(names, tables, strict=True)}, habitat=habitat)


def bout_rows(table):
    return table[table["form"] == "bout"].set_index("from")


def test_total_variation_by_hand():
    steps = np.array([[[0, 8, 2], [5, 0, 5], [0, 0, 0]], [[0, 4, 6], [5, 0, 5], [1, 0, 0]]], dtype=float)
    # A: |.8 - .4| + |.2 - .6| over 2; B alike; C never left in the first; all: (20 * .4 + 20 * 0) / 40
    assert total_variation(steps) == pytest.approx([0.4, 0, np.nan, 0.2], nan_ok=True)


def test_homogeneity_is_that_of_scipy():
    rng = np.random.default_rng(0)
    steps = rng.integers(5, 40, (2, 3, 3)) * ~np.eye(3, dtype=bool)
    g2, df = homogeneity(steps.astype(float))
    for row in range(3):
        other = chi2_contingency(np.delete(steps[:, row], row, axis=1), lambda_="log-likelihood", correction=False)
        assert (g2[row], df[row]) == (pytest.approx(other.statistic), other.dof)
    assert (g2[3], df[3]) == (pytest.approx(g2[:3].sum()), 3)


def test_a_difference_is_found_where_it_is():
    rows = bout_rows(made(herd([ONE] * 6 + [OTHER] * 6), permutations=999))
    assert rows.loc["A", "total_variation"] == pytest.approx(0.5, abs=0.1)
    assert rows.loc["A", "p_corrected"] < 0.02
    assert (rows.loc[["B", "C"], "p_corrected"] > 0.05).all()
    assert rows.loc["all", "p_permuted"] < 0.02
    assert rows.loc["A", ["first", "second", "units_first", "units_second", "units_both"]].tolist() == [
        "bush", "open", 6, 6, 0,
    ]  # fmt: skip
    assert rows.loc["A", "method"] == "999 shuffles of the conditions over named animals, holm over 3 rows"


def test_animals_that_differ_are_no_difference_of_conditions():
    # each animal has a habit of its own; steps as if independent find a difference most times, animals as they should
    rng = np.random.default_rng(3)
    by_steps, by_animals = [], []
    for seed in range(40):
        tables = [np.array([[0, share, 1 - share], [0.5, 0, 0.5], [0.5, 0.5, 0]]) for share in rng.beta(2, 2, 8)]
        bouts = herd(tables, 60, seed)
        bouts["habitat"] = np.where(bouts["subject"].isin(["z0", "z1", "z2", "z3"]), "open", "bush")
        row = bout_rows(made(bouts)).loc["A"]
        by_steps.append(row["p_steps"] < 0.05)
        by_animals.append(row["p_permuted"] <= 0.05)
    assert np.mean(by_steps) > 0.3
    assert np.mean(by_animals) <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 40)


def test_p_is_that_of_all_ways_to_share_out_the_conditions():
    bouts = herd([ONE] * 3 + [OTHER] * 4, 40)
    row = bout_rows(made(bouts, permutations=4999)).loc["A"]
    codes = {name: ["ABC".index(b) for b in own["behaviour"]] for name, own in bouts.groupby("subject")}
    counts = np.zeros((7, 3, 3))
    for animal, code in enumerate(codes.values()):
        np.add.at(counts[animal], (code[:-1], code[1:]), 1)
    every = []
    for chosen in combinations(range(7), 3):
        mine = np.isin(np.arange(7), chosen)
        every.append(total_variation(np.stack([counts[~mine].sum(axis=0), counts[mine].sum(axis=0)]))[0])
    assert row["total_variation"] == pytest.approx(every[0], abs=1e-6)
    assert row["p_permuted"] == pytest.approx(np.mean(np.array(every) >= every[0] - 1e-12), abs=0.02)


def test_animals_seen_in_both_are_their_own_control():
    rng = np.random.default_rng(1)
    tables = {"open": ONE, "bush": OTHER}
    parts = []
    for habitat, table in tables.items():
        one = from_codes({f"z{k}": chain(rng, table, 80) for k in range(7)})
        parts.append(one.assign(habitat=habitat, video=habitat + one["video"]))
    row = bout_rows(made(pd.concat(parts, ignore_index=True), permutations=1999)).loc["A"]
    assert row[["units_first", "units_second", "units_both"]].tolist() == [7, 7, 7]
    assert row["p_permuted"] == pytest.approx(2 / 2**7, abs=0.01)  # the seen one and its mirror image, of 128


def test_sessions_as_the_unit_and_no_names():
    words = {f"{day}/v.mp4": {1: "ABCACBAB"} for day in range(6)}
    table = bouts_of(words)
    table["habitat"] = np.where(table["session"] < "3", "open", "bush")
    rows = bout_rows(made(table, replicate=Replicate.session))
    assert (rows["total_variation"].max(), rows["p_permuted"].min()) == (0, 1)
    assert rows["units_first"].tolist() == [3, 3, 3, 3]
    none = bout_rows(made(table))  # tracks are no animals
    assert none["total_variation"].isna().all()
    assert (none["method"] == "not tested: no such step in one of the conditions").all()


def test_under_six_units_there_is_no_test():
    rows = bout_rows(made(herd([ONE] * 2 + [OTHER] * 3)))
    assert rows["total_variation"].notna().all()
    assert rows[["p_permuted", "p_corrected"]].isna().all(axis=None)
    assert (rows["method"] == "not tested: 5 named animals, fewer than 6").all()


def test_conditions_without_a_common_step():
    bouts = from_codes({f"z{k}": [0, 1] if k < 4 else [2, 1] for k in range(8)})
    bouts["habitat"] = np.where(bouts["subject"] < "z4", "open", "bush")
    rows = bout_rows(made(bouts))
    assert rows[["total_variation", "p_permuted", "g2_steps"]].isna().all(axis=None)
    assert (rows["method"] == "not tested: no such step in one of the conditions").all()


def test_two_of_three_conditions():
    bouts = herd([ONE] * 3 + [OTHER] * 3)
    bouts.loc[bouts["subject"] == "z0", "habitat"] = "swamp"
    bouts["habitat"] = bouts["habitat"].where(bouts["subject"] != "z5")  # nobody told
    rows = bout_rows(made(bouts, ["open", "bush"]))
    assert (rows["first"].iloc[0], rows["units_first"].iloc[0], rows["units_second"].iloc[0]) == ("open", 2, 2)
    with pytest.raises(UsageError, match="needs two values of column habitat, which has bush, open, swamp; name two"):
        made(bouts)


def test_a_column_that_cannot_be_compared():
    bouts = herd([ONE] * 2)
    with pytest.raises(UsageError, match="needs two values of column habitat, which has open; name two as conditions"):
        made(bouts)
    with pytest.raises(UsageError, match="the bouts table has no column habitat; it has subject"):
        made(bouts.drop(columns="habitat"))
    with pytest.raises(UsageError, match="which has no value"):
        made(BOUTS.empty().assign(habitat=""))


def test_tables_are_as_declared_and_the_same_again():
    bouts = herd([ONE] * 3 + [OTHER] * 3)
    first, second = made(bouts), made(bouts)
    pd.testing.assert_frame_equal(COMPARISON.cast(first), first)
    pd.testing.assert_frame_equal(first, second)
