"""Two conditions compared: figures by hand, what is a replicate, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from pipeline.errors import TableError, UsageError
from pipeline.ethology.contrasts.budgets import compare_budgets
from pipeline.ethology.contrasts.settings import ContrastSettings, Replicate
from pipeline.ethology.contrasts.tables import BUDGET_CONTRASTS
from pipeline.ethology.sequences.settings import Correction
from tests.ethology.correction.made import bouts, row
from tests.ethology.made import ethogram, statistics

SESSION = Replicate.session


def made(table, letters="AB", by="habitat", min_units=6, conditions=(), **changes):
    settings = ContrastSettings(**{"permutations": 499} | changes)
    return compare_budgets(table, by, ethogram(letters), statistics(min_units=min_units), settings, conditions)


def herds(shares, habitat, animals=2):
    """A session a share of A, with so many animals of 100 s, in a habitat a session."""
    rows = [
        (f"s{k}", f"z{k}_{a}", "zebra", {"A": 100 * share, "B": 100 - 100 * share})
        for k, share in enumerate(shares)
        for a in range(animals)
    ]
    return bouts(*rows, habitat=np.repeat(habitat, animals).tolist())


SHARES = [0.1, 0.2, 0.15, 0.3, 0.25, 0.2, 0.5, 0.7, 0.6, 0.55, 0.65, 0.6]
HABITAT = ["open"] * 6 + ["shrub"] * 6


def test_figures_by_hand():
    one = row(made(herds(SHARES, HABITAT)), behaviour="A")
    assert one[["first", "second", "units_first", "units_second"]].tolist() == ["open", "shrub", 12, 12]
    assert (one["mean_first"], one["mean_second"], one["difference"]) == (0.2, 0.6, pytest.approx(0.4))
    interval = ttest_ind(SHARES[6:], SHARES[:6], equal_var=False).confidence_interval()
    assert (one["difference_low"], one["difference_high"]) == pytest.approx((interval.low, interval.high), abs=1e-6)
    logs = np.log(np.array(SHARES) / (1 - np.array(SHARES))) / 2
    assert one["log_ratio"] == pytest.approx(logs[6:].mean() - logs[:6].mean(), abs=1e-6)
    assert one["log_ratio"] == one["log_ratio_half_delta"] == one["log_ratio_double_delta"]  # nothing is 0


def test_sessions_are_the_replicates_of_what_is_constant_in_them():
    one = row(made(herds(SHARES, HABITAT)), behaviour="A")
    assert (one["replicate"], one["constant_within_session"]) == ("session", True)
    assert one[["replicates_first", "replicates_second", "replicates_both"]].tolist() == [6, 6, 0]
    assert one["arrangements"] == 924
    exact = row(made(herds(SHARES, HABITAT), permutations=999), behaviour="A")
    assert exact["p"] == pytest.approx(2 / 924, abs=1e-6)  # all of one above all of the other, or below
    assert exact["method"] == (
        "means of named animals; 95 % t limits over sessions; all 924 shuffles of the conditions over sessions; "
        "habitat is constant within each session: sessions are the replicates, not their animals"
    )
    more = row(made(herds(SHARES, HABITAT, animals=20), permutations=999), behaviour="A")
    same = ["difference_low", "difference_high", "p", "log_ratio_low", "p_log_ratio", "replicates_first"]
    assert more[same].tolist() == exact[same].tolist()  # ten times the animals say no more


def test_animals_of_herds_that_differ_are_no_difference_of_conditions():
    # herds differ, habitats do not: of 50 studies 2 or 3 are found to differ; animals as replicates find many
    rng = np.random.default_rng(0)
    ours, theirs = [], []
    for _ in range(50):
        shares = rng.beta(1, 1, 12)
        one = row(made(herds(shares, HABITAT, animals=3), permutations=199), behaviour="A")
        ours.append(one["p"] <= 0.05)
        animals = np.repeat(shares, 3) + rng.normal(0, 0.01, 36)
        theirs.append(ttest_ind(animals[:18], animals[18:]).pvalue <= 0.05)
    assert np.mean(ours) <= 0.1
    assert np.mean(theirs) >= 0.2


def pairs(number=8):
    """Each session has a male and a female, whose share of A is 0.2 more."""
    rows, sex = [], []
    for k in range(number):
        for a, share in (("f", 0.1 + 0.05 * k), ("m", 0.3 + 0.05 * k)):
            rows.append((f"s{k}", f"{a}{k}", "zebra", {"A": 100 * share, "B": 100 - 100 * share}))
            sex.append(a)
    return bouts(*rows, sex=sex)


def test_a_session_with_both_is_its_own_control():
    one = row(made(pairs(), by="sex"), behaviour="A")
    assert one[["replicate", "replicates_both", "arrangements"]].tolist() == ["session", 8, 256]
    assert one["difference"] == one["difference_low"] == one["difference_high"] == pytest.approx(0.2)
    assert one["p"] == pytest.approx(2 / 256, abs=1e-6)
    assert not one["constant_within_session"]
    assert "is constant" not in one["method"]


def test_animals_that_are_seen_again_are_their_own_control():
    rows = [
        (f"s{(k + step) % 8}", f"z{k}", "zebra", {"A": 20.0 + k + 10 * (step > 0), "B": 80.0 - k - 10 * (step > 0)})
        for k in range(8)
        for step in (0, 1)
    ]
    table = bouts(*rows, time=["early", "late"] * 8)
    one = row(made(table, by="time"), behaviour="A")
    assert one[["replicate", "replicates_both", "units_first"]].tolist() == ["individual", 8, 8]
    assert one["difference"] == pytest.approx(0.1)
    assert one["method"].startswith("means of named animals; 95 % t limits over animals; all 256 shuffles of the ")


def test_sessions_as_the_unit_need_no_names():
    table = bouts(*((f"s{k}", "", "zebra", {"A": share, "B": 1 - share}) for k, share in enumerate(SHARES)),
                  habitat=HABITAT)  # fmt: skip
    one = row(made(table, replicate=SESSION), behaviour="A")
    assert (one["units_first"], one["difference"]) == (6, pytest.approx(0.4))
    assert one["method"].startswith("means of sessions;")
    nobody = made(table)
    assert set(nobody["method"]) == {"no recognized time of a named animal in open and shrub"}
    assert nobody["mean_first"].isna().all()


def test_who_is_watched_longer_counts_no_more():
    rows = [("s0", "a", "zebra", {"A": 900.0, "B": 100.0}), ("s1", "b", "zebra", {"A": 1.0, "B": 9.0})]
    table = bouts(*rows, ("s2", "c", "zebra", {"A": 5.0, "B": 5.0}), habitat=["open", "open", "shrub"])
    one = row(made(table), behaviour="A")
    assert (one["mean_first"], one["mean_second"]) == (0.5, 0.5)


def test_zeros_are_told():
    shares = [0.0, 0.2, 0.0, 0.3, 0.25, 0.2, 0.5, 0.7, 0.6, 0.55, 0.65, 1.0]
    one = row(made(herds(shares, HABITAT, 1), delta=0.01), behaviour="A")
    assert one[["zeros_first", "zeros_second", "delta"]].tolist() == [2, 0, 0.01]
    first = np.log([0.01 / 0.99, 0.25, 0.01 / 0.99, 3 / 7, 1 / 3, 0.25]).mean() / 2
    second = np.log([1, 7 / 3, 1.5, 55 / 45, 65 / 35, 0.99 / 0.01]).mean() / 2
    assert one["log_ratio"] == pytest.approx(second - first, abs=1e-6)
    assert one["log_ratio_double_delta"] < one["log_ratio"] < one["log_ratio_half_delta"]


def test_what_one_condition_never_shows_is_named_and_has_no_log_ratio():
    rows = [
        (f"s{k}", f"z{k}", "zebra", {"A": 50.0 + k, "B": 30.0 - k} | ({"C": 20.0} if k < 6 else {})) for k in range(12)
    ]
    found = made(bouts(*rows, habitat=HABITAT), "ABCD")
    gone, never, all_ = (row(found, behaviour=name) for name in ("C", "D", "all"))
    assert gone["method"].endswith("never seen in shrub: no log-ratio")
    assert never["method"].endswith("; never seen")
    assert pd.isna(gone["log_ratio"]) and gone["p"] <= 0.01
    assert never[["difference", "p", "log_ratio"]].isna().all()
    few = made(bouts(*rows, habitat=HABITAT), "ABC")
    assert found["p_corrected"].dropna().tolist() == few["p_corrected"].dropna().tolist()  # D is no test more
    a, b = (row(found, behaviour=name)["log_ratio"] for name in "AB")
    assert a == pytest.approx(-b)  # among the two that both show
    assert all_["log_ratio"] == pytest.approx(np.hypot(a, b), abs=1e-6)
    means = found.set_index("behaviour").loc[list("ABCD"), ["mean_first", "mean_second"]].to_numpy()
    assert all_["difference"] == pytest.approx(np.abs(means[:, 0] - means[:, 1]).sum() / 2, abs=1e-6)


def test_log_ratios_are_of_those_who_show_what_both_conditions_do():
    rows = [(f"s{k}", f"z{k}", "zebra", {"A": 50.0, "B": 30.0} if k else {"C": 9.0}) for k in range(12)]
    found = made(bouts(*rows, habitat=HABITAT), "ABC")
    one = row(found, behaviour="A")
    assert one["method"].endswith("; too few replicates show any behaviour that both do: no test of log-ratios")
    assert (one["log_ratio"], pd.isna(one["p_log_ratio"]), pd.isna(one["p"])) == (0.0, True, False)


def test_corrected_for_the_behaviours_of_the_set():
    found = made(herds(SHARES, HABITAT), permutations=999)
    assert found["p_corrected"].iloc[:2].tolist() == pytest.approx([4 / 924] * 2, abs=1e-6)
    other = made(herds(SHARES, HABITAT), permutations=999, correction=Correction.benjamini_hochberg)
    assert other["p_corrected"].iloc[:2].tolist() == pytest.approx([2 / 924] * 2, abs=1e-6)
    assert pd.isna(found["p_corrected"].iloc[2])


def test_too_few_replicates_have_points_only():
    found = made(herds(SHARES[:4] + SHARES[6:], HABITAT[2:], animals=9))
    assert row(found, behaviour="A")["method"] == (
        "only 4 sessions in open (6 are needed); "
        "habitat is constant within each session: sessions are the replicates, not their animals"
    )
    assert found[["difference_low", "p", "p_corrected", "log_ratio_low", "p_log_ratio"]].isna().all(axis=None)
    assert found["difference"].notna().all()
    one = made(bouts(("s", "a", "zebra", {"A": 5.0}), ("t", "b", "zebra", {"B": 5.0}), habitat=["open", "shrub"]))
    assert row(one, behaviour="A")["difference"] == -1.0


def test_one_behaviour():
    one = row(made(herds([1.0] * 12, HABITAT)), behaviour="A")
    assert (one["difference"], one["p"]) == (0.0, 1.0)
    assert one["method"].endswith("; the only one seen in both: no log-ratio")


def test_no_recognized_time():
    table = bouts(*((f"s{k}", f"z{k}", "zebra", {"unknown": 9.0}) for k in range(4)), habitat=["open", "shrub"] * 2)
    assert set(made(table)["method"]) == {"no recognized time of a named animal in open and shrub"}


def test_a_condition_that_no_bout_has_is_without_time():
    found = made(herds(SHARES, HABITAT), conditions=("open", "swamp"))
    assert set(found["method"]) == {"no recognized time of a named animal in swamp"}
    assert found[["units_first", "units_second"]].drop_duplicates().to_numpy().tolist() == [[12, 0]]


@pytest.mark.parametrize(
    ("by", "conditions", "text"),
    [
        ("sex", (), "the bouts table has no column sex; it has subject"),
        ("behaviour", ("A", "A"), "a comparison needs two values of column behaviour, which has A, B; name two as con"),
        ("session", (), r"two values of column session, which has s0, s1, s10, .*; name two as conditions"),
        ("species", (), r"a comparison needs two values of column species, which has zebra$"),
    ],
)
def test_no_two_conditions(by, conditions, text):
    with pytest.raises(UsageError, match=text):
        made(herds(SHARES, HABITAT), by=by, conditions=conditions)


def test_overlapping_bouts_are_refused():
    table = herds(SHARES, HABITAT)
    table.loc[0, "stop_s"] = 50.0
    with pytest.raises(TableError, match="bouts: 1 rows overlap another bout of their track and set"):
        made(table)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"delta": 0.0}, r"delta must be in \(0, 0.05\], got 0.0"),
        ({"permutations": 98}, "permutations must be >= 99, got 98"),
    ],
)
def test_settings_that_cannot_be(changes, text):
    with pytest.raises(ValueError, match=text):
        ContrastSettings(**changes)


def test_a_large_study_is_as_declared():
    rng = np.random.default_rng(0)
    seconds = [dict(zip("ABCDE", row, strict=True)) for row in rng.dirichlet(np.ones(5), 1000) * 100]
    parts = [
        bouts(*((f"s{k}", f"z{k}", "zebra", one) for k, one in enumerate(seconds)), habitat=["open", "shrub"] * 500)
    ]
    table = pd.concat([parts[0].assign(video=f"{k}.mp4") for k in range(20)], ignore_index=True)
    found = made(table, "ABCDE", permutations=4999)
    assert len(table) == 100_000
    assert set(found["arrangements"]) == {1_000_000_000}
    pd.testing.assert_frame_equal(BUDGET_CONTRASTS.cast(found), found)
    pd.testing.assert_frame_equal(made(table, "ABCDE", permutations=4999), found)
