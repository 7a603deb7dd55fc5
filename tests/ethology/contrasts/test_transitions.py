from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency

from pipeline.errors import UsageError
from pipeline.ethology.contrasts.settings import ContrastSettings, Replicate
from pipeline.ethology.contrasts.tables import TRANSITION_CONTRASTS
from pipeline.ethology.contrasts.transitions import compare_transitions, homogeneity, total_variation
from pipeline.tables import BOUTS
from tests.ethology.made import ethogram, statistics
from tests.ethology.sequences.made import bouts_of, chain, from_codes

ONE = np.array([[0, 0.8, 0.2], [0.5, 0, 0.5], [0.5, 0.5, 0]])
OTHER = np.array([[0, 0.3, 0.7], [0.5, 0, 0.5], [0.5, 0.5, 0]])


def made(bouts, conditions=(), min_units=2, **changes):
    settings = ContrastSettings(**{"permutations": 99} | changes)
    return compare_transitions(bouts, "habitat", ethogram(), statistics(min_units=min_units), settings, conditions)


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
    assert rows.loc["A", ["first", "second", "replicates_first", "replicates_second", "replicates_both"]].tolist() == [
        "bush", "open", 6, 6, 0,
    ]  # fmt: skip
    assert rows.loc["A", "method"] == (
        "all 924 shuffles of the conditions over sessions; "
        "habitat is constant within each session: sessions are the replicates, not their animals"
    )


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
    assert row["p_permuted"] == pytest.approx(np.mean(np.array(every) >= every[0] - 1e-12), abs=1e-6)


def test_sessions_are_the_replicates_of_what_is_constant_in_them():
    rng = np.random.default_rng(0)
    animals = {f"s{k}.z{a}": chain(rng, ONE if k < 3 else OTHER, 60) for k in range(6) for a in range(5)}
    table = from_codes(animals, habitat={name: "open" if name < "s3" else "bush" for name in animals})
    row = bout_rows(made(table.assign(session=table["subject"].str[:2]))).loc["A"]
    assert row[["replicate", "constant_within_session"]].tolist() == ["session", True]
    assert row[["replicates_first", "replicates_second", "permutations"]].tolist() == [3, 3, 20]
    assert row["p_permuted"] == pytest.approx(2 / 20)  # 15 animals in each say no more than 3 sessions do


def test_animals_seen_in_both_are_their_own_control():
    rng = np.random.default_rng(1)
    tables = {"open": ONE, "bush": OTHER}
    parts = []
    for habitat, table in tables.items():
        one = from_codes({f"z{k}": chain(rng, table, 80) for k in range(7)})
        parts.append(one.assign(habitat=habitat, video=habitat + one["video"]))
    row = bout_rows(made(pd.concat(parts, ignore_index=True), permutations=1999)).loc["A"]
    assert row[["replicates_first", "replicates_second", "replicates_both"]].tolist() == [7, 7, 7]
    assert row["p_permuted"] == pytest.approx(2 / 2**7, abs=1e-6)  # the seen one and its mirror image, of 128


def test_sessions_as_the_unit_and_no_names():
    words = {f"{day}/v.mp4": {1: "ABCACBAB"} for day in range(6)}
    table = bouts_of(words)
    table["habitat"] = np.where(table["session"] < "3", "open", "bush")
    rows = bout_rows(made(table, replicate=Replicate.session))
    assert (rows["total_variation"].max(), rows["p_permuted"].min()) == (0, 1)
    assert rows["replicates_first"].tolist() == [3, 3, 3, 3]
    none = bout_rows(made(table))  # tracks are no animals
    assert none["total_variation"].isna().all()
    assert (none["method"] == "not tested: no such step in one of the conditions").all()


def test_under_six_units_there_is_no_test():
    rows = bout_rows(made(herd([ONE] * 6 + [OTHER] * 5), min_units=6))
    assert rows["total_variation"].notna().all()
    assert rows[["p_permuted", "p_corrected"]].isna().all(axis=None)
    assert set(rows["method"]) == {
        "not tested: only 5 sessions in bush (6 are needed); "
        "habitat is constant within each session: sessions are the replicates, not their animals"
    }


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
    assert (rows["first"].iloc[0], rows["replicates_first"].iloc[0], rows["replicates_second"].iloc[0]) == (
        "open",
        2,
        2,
    )
    with pytest.raises(UsageError, match="needs two values of column habitat, which has bush, open, swamp; name two"):
        made(bouts)


def test_a_column_that_cannot_be_compared():
    bouts = herd([ONE] * 2)
    with pytest.raises(UsageError, match=r"needs two values of column habitat, which has open$"):
        made(bouts)
    with pytest.raises(UsageError, match="the bouts table has no column habitat; it has subject"):
        made(bouts.drop(columns="habitat"))
    with pytest.raises(UsageError, match="which has no value"):
        made(BOUTS.empty().assign(habitat=""))


def test_tables_are_as_declared_and_the_same_again():
    bouts = herd([ONE] * 3 + [OTHER] * 3)
    first, second = made(bouts), made(bouts)
    pd.testing.assert_frame_equal(TRANSITION_CONTRASTS.cast(first), first)
    pd.testing.assert_frame_equal(first, second)
