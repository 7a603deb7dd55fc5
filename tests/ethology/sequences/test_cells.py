import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from scipy.stats import t

from pipeline.ethology.sequences.cells import transition_tests
from pipeline.ethology.sequences.settings import Correction
from pipeline.ethology.sequences.tables import STEPS, WHOLE
from pipeline.tables import BOUTS
from tests.ethology.made import ethogram, statistics
from tests.ethology.sequences.made import bouts_of, chain, from_codes, settings

ALTERNATING = np.array([[0, 0.8, 0.1, 0.1], [0.4, 0, 0.3, 0.3], [0.2, 0.4, 0, 0.4], [0.3, 0.3, 0.4, 0]])


def made(bouts, letters="ABC", interval_s=1.0, **changes):
    return transition_tests(bouts, ethogram(letters), statistics(interval_s), settings(**changes))


def herd(animals=6, number=200, table=ALTERNATING, seed=0):
    rng = np.random.default_rng(seed)
    return from_codes({f"z{k}": chain(rng, table, number) for k in range(animals)}, "ABCD")


@pytest.mark.parametrize("bouts", [BOUTS.empty(), bouts_of({"v.mp4": {1: "?-"}})])
def test_nothing(bouts):
    cells, whole = made(bouts)
    assert (cells.columns.tolist(), len(cells)) == (STEPS.names, 0)
    assert (whole.columns.tolist(), len(whole)) == (WHOLE.names, 0)


def test_one_bout_has_a_table_of_nothing():
    cells, whole = made(bouts_of({"v.mp4": {1: "A"}}))
    assert len(cells) == 6 + 9
    assert cells["count"].sum() == 0
    assert cells["p_row"].isna().all()
    assert whole["method"].str.endswith("not tested: 0 steps, fewer than 5").all()


def test_a_bout_between_two_moments_has_no_code_of_its_own():
    bouts = bouts_of({"v.mp4": {1: "ABA"}}).assign(start_s=[0.2, 0.4, 0.6], stop_s=[0.4, 0.6, 0.8])
    _, whole = made(bouts)  # moments at 0 s, 1 s ...: none in a bout
    assert whole[["form", "total"]].to_numpy().tolist() == [["bout", 2], ["interval", 0]]


def test_counts_and_probabilities_that_can_be_counted():
    cells, whole = made(bouts_of({"v.mp4": {1: "AABCAAB?BA", 2: "AB-BC"}}))
    bout = cells[(cells["form"] == "bout") & (cells["count"] > 0)]
    told = bout[["from", "to", "count", "row_total", "column_total", "total", "p_row", "p_all"]]
    assert told.round(3).to_numpy().tolist() == [
        ["A", "B", 3, 3, 3, 7, 1.0, 0.429],
        ["B", "A", 1, 3, 2, 7, 0.333, 0.143],
        ["B", "C", 2, 3, 2, 7, 0.667, 0.286],
        ["C", "A", 1, 1, 2, 7, 1.0, 0.143],
    ]
    moments = cells[(cells["form"] == "interval") & (cells["from"] == "A")]
    assert moments[["to", "count"]].to_numpy().tolist() == [["A", 2], ["B", 3], ["C", 0]]
    assert whole[["form", "total", "stretches"]].to_numpy().tolist() == [["bout", 7, 4], ["interval", 9, 4]]
    assert bout[["n_individuals", "n_sessions", "n_tracks"]].to_numpy().tolist() == [
        [0, 1, 2],
        [0, 1, 1],
        [0, 1, 2],
        [0, 1, 1],
    ]  # each transition's own: A to B and B to C in both tracks
    assert whole["n_tracks"].tolist() == [2, 2]


def test_tables_are_as_declared_and_the_same_again():
    bouts = herd()
    first, second = (made(bouts, "ABCD", lags=2, by=["species"]) for _ in range(2))
    for table, one, other in zip((STEPS, WHOLE), first, second, strict=True):
        pd.testing.assert_frame_equal(table.cast(one), one)
        pd.testing.assert_frame_equal(one, other)


def test_bouts_read_from_csv_give_the_same(tmp_path):
    bouts = herd(2, 40)
    bouts.to_csv(tmp_path / "bouts.csv", index=False)
    read = pd.read_csv(tmp_path / "bouts.csv", keep_default_na=False)
    for ours, theirs in zip(made(bouts, "ABCD"), made(read, "ABCD"), strict=True):
        pd.testing.assert_frame_equal(ours, theirs)


def test_a_sequence_is_found():
    cells, whole = made(herd(), "ABCD", permutations=999)
    row = cells[(cells["form"] == "bout") & (cells["from"] == "A") & (cells["to"] == "B")].iloc[0]
    assert row["count"] > row["expected"]
    assert row["residual"] > 5
    assert row["yules_q"] > row["yules_q_chance"]
    assert 0 < row["kappa"] <= 1
    assert (row["p_permuted"], row["p_corrected"]) == (0.001, 0.012)  # the smallest there is, by 12 cells
    assert row["method"] == (
        "quasi-independence: no behaviour follows itself; 999 permutations within stretches, holm over 12 cells"
    )
    assert (row["n_individuals"], row["n_sessions"], row["n_tracks"]) == (6, 6, 6)
    bout = whole[whole["form"] == "bout"].iloc[0]
    assert (bout["df"], bout["sparse_cells"]) == (5, 0)  # 4 x 4, no diagonal: 12 - 7
    assert bout["p"] < 1e-6


def test_animals_that_differ_are_no_sequence():
    # each alternates between two behaviours of its own: pooled counts say A goes to B, C to D; no order says otherwise
    bouts = from_codes({"x": [0, 1] * 50, "y": [2, 3] * 50}, "ABCD")
    cells, whole = made(bouts, "ABCD", permutations=199)
    assert whole[whole["form"] == "bout"]["p"].item() < 1e-6  # the pooled test is fooled
    tested = cells[(cells["form"] == "bout") & cells["p_permuted"].notna()]
    assert (tested["p_permuted"] > 0.4).all()  # the permutations are not


def test_two_behaviours_can_only_alternate():
    cells, whole = made(bouts_of({"v.mp4": {1: "ABABABAB"}}, "AB"), "AB")
    bout = cells[cells["form"] == "bout"]
    assert bout["expected"].tolist() == [4, 3]
    assert bout[["residual", "p_permuted", "p_corrected"]].isna().all(axis=None)
    assert (whole["df"].iloc[0], whole["method"].iloc[0]) == (
        0,
        "quasi-independence: no behaviour follows itself; not tested: the totals leave no choice",
    )


def test_lags_count_what_lies_between():
    cells, whole = made(herd(2, 100), "ABCD", lags=3)
    assert whole["lag"].tolist() == [1, 2, 3, 1, 2, 3]
    assert whole["total"].tolist() == [2 * (100 - lag) for lag in (1, 2, 3)] * 2
    at_two = cells[(cells["form"] == "bout") & (cells["lag"] == 2)]
    assert len(at_two) == 16  # a behaviour may come back
    assert at_two["method"].str.contains("does not know that neighbours differ: trust the permutations").all()


def test_the_permutations_know_that_neighbours_differ():
    # at lag 2 the chance of coming back is higher than independence says; a sequence by chance alone shows it
    even = (np.ones((4, 4)) - np.eye(4)) / 3
    cells, _ = made(herd(4, 500, even), "ABCD", lags=2, permutations=199)
    back = cells[(cells["form"] == "bout") & (cells["lag"] == 2) & (cells["from"] == cells["to"])]
    assert (back["residual"] > 2).all()
    assert (back["p_corrected"] > 0.05).all()


def test_groups():
    bouts = herd(4, 60)
    bouts["species"] = np.where(bouts["subject"].isin(["z0", "z1"]), "zebra", "giraffe")
    cells, whole = made(bouts, "ABCD", by=["species", "subject"])
    told = whole[whole["form"] == "bout"][["level", "unit", "total", "n_individuals"]].to_numpy().tolist()
    assert told == [
        ["pooled", "all", 236, 4],
        ["species", "giraffe", 118, 2],
        ["species", "zebra", 118, 2],
        *(["subject", f"z{k}", 59, 1] for k in range(4)),
    ]
    assert cells.groupby(["level", "unit", "form"])["count"].sum().xs("bout", level="form").tolist() == [
        236, 118, 118, 59, 59, 59, 59,
    ]  # fmt: skip


def test_a_group_of_everybody_has_the_figures_of_all():
    cells, whole = made(herd(2, 60), "ABCD", by=["species"])
    for table in (cells, whole):
        both = [rows.drop(columns=["level", "unit", "species"]) for _, rows in table.groupby("level")]
        pd.testing.assert_frame_equal(*(rows.reset_index(drop=True) for rows in both))


def test_limits_of_the_share_of_a_transition_in_all():
    # the logit of a ratio of sums over six animals of a session each: delete-one jackknife by hand
    cells, _ = made(herd(6, 40), "ABCD")
    row = cells[(cells["form"] == "bout") & (cells["from"] == "A") & (cells["to"] == "B")].iloc[0]
    alone = [made(herd(6, 40).query("subject == @name"), "ABCD")[0] for name in (f"z{k}" for k in range(6))]
    counts = np.array([one.query("form == 'bout' and `from` == 'A' and to == 'B'")["count"].item() for one in alone])
    without = logit((counts.sum() - counts) / (5 * 39))
    reach = t.ppf(0.975, 5) * np.sqrt(5 / 6 * ((without - without.mean()) ** 2).sum())
    assert row["p_all"] == pytest.approx(counts.sum() / (6 * 39), abs=1e-6)
    limits = expit(logit(counts.sum() / (6 * 39)) + np.array([-reach, reach]))
    assert row[["p_all_low", "p_all_high"]].tolist() == pytest.approx(limits, abs=1e-6)
    assert row["p_all_method"] == "95 % t interval over 6 sessions"
    few, _ = made(herd(5, 40), "ABCD")
    assert few["p_all_low"].isna().all()
    assert set(few["p_all_method"]) == {"no interval: only 5 sessions (6 are needed)"}


def test_a_study_of_one_session_has_limits_for_the_session_alone():
    cells, _ = made(herd(6, 40).assign(session="day"), "ABCD", by=["session"])
    told = cells.groupby("level")["p_all_method"].unique().map(list).to_dict()
    assert told == {
        "pooled": ["no interval: only 1 session (6 are needed)"],
        "session": ["95 % t interval over 6 named animals"],
    }


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"permutations": 0}, "no permutations asked for"),
        ({"min_steps": 10_000}, "not tested: 1,194 steps, fewer than 10000"),
        ({}, "99 permutations within stretches, holm over 12 cells, too few permutations for any p_corrected"),
        ({"correction": Correction.benjamini_hochberg}, "99 permutations within stretches, benjamini_hochberg over 12"),
    ],
)
def test_what_was_done_is_told(changes, text):
    cells, _ = made(herd(), "ABCD", **changes)
    bout = cells[cells["form"] == "bout"]
    assert bout["method"].str.contains(text, regex=False).all()
    assert (bout["p_permuted"].notna() == (bout["permutations"] > 0)).all()


@pytest.mark.parametrize(
    ("most", "changes", "permutations", "text"),
    [
        (280, {"permutations": 400}, [280, 0], "not permuted: 1,200 codes can have 280 permutations, too few for any"),
        (280, {"permutations": 280}, [280, 280], "holm over 16 cells, too few permutations for any p_corrected to be"),
        (
            150,
            {"correction": Correction.benjamini_hochberg, "permutations": 400},
            [150, 150],
            "150 permutations",
        ),
    ],
)
def test_permutations_that_would_tell_nothing_are_made_where_asked_for_alone(
    monkeypatch, most, changes, permutations, text
):
    monkeypatch.setattr("pipeline.ethology.sequences.permutation.MOST", most * 1200)
    cells, _ = made(herd(), "ABCD", **changes)
    told = cells.drop_duplicates("form").set_index("form")
    assert told.loc[["bout", "interval"], "permutations"].tolist() == permutations
    assert text in told.loc["interval", "method"]


def test_sparse_cells_are_flagged():
    cells, whole = made(bouts_of({"v.mp4": {1: "ABCABCACB"}}))
    assert cells[cells["form"] == "bout"]["sparse"].all()
    assert whole["sparse_cells"].tolist() == [6, 9]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"lags": 0}, "lags must be from 1 to 100, got 0"),
        ({"lags": 10**12}, "lags must be from 1 to 100, got 1000000000000"),
        ({"by": ["x", "x"]}, "by must name each column once, got"),
        ({"permutations": 10}, "permutations must be 0 or >= 99, got 10"),
        ({"min_expected": -1}, "min_expected must be >= 0, got -1"),
        ({"min_steps": 0}, "min_steps must be >= 1, got 0"),
        ({"min_dwells": 1}, "min_dwells must be >= 5, got 1"),
        ({"shortest_s": -1.0}, "shortest_s must be >= 0, got -1.0"),
    ],
)
def test_settings_are_checked(changes, text):
    with pytest.raises(ValueError, match=text):
        settings(**changes)
