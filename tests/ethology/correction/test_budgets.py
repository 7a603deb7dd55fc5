"""Corrected budgets whose answers are known by hand, by formula, or by simulation."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipeline.errors import TableError, UsageError
from pipeline.ethology.correction.budgets import corrected_budgets
from pipeline.ethology.correction.settings import CorrectionSettings
from pipeline.ethology.correction.tables import CONFUSIONS, CORRECTED, HELD_OUT
from pipeline.tables import BOUTS
from tests.ethology.correction.made import bouts, clips, letters, row
from tests.ethology.made import ethogram, statistics

TWO = {"A": {"A": 80, "B": 20}, "B": {"A": 10, "B": 90}}
FIELD = {"A": 45.0, "B": 55.0}  # of 50 s A: 40 + 5 told as A


def made(table, held_out=None, letters="AB", min_units=6, by=(), **changes):
    told = clips(TWO) if held_out is None else held_out
    settings = CorrectionSettings(**changes)
    return corrected_budgets(table, told, ethogram(letters), statistics(min_units=min_units, by=by), settings)


def herd(sessions=8, **more):
    return bouts(*((f"s{k}", f"z{k}", "zebra", {"A": 45.0 + k, "B": 55.0 - k}) for k in range(sessions)), **more)


@pytest.mark.parametrize("table", [BOUTS.empty(), bouts(("s", "", "zebra", {"not visible": 9.0}))])
def test_nothing(table):
    found, matrices = made(table)
    assert (found.columns.tolist(), len(found)) == (CORRECTED.names, 0)
    assert (matrices.columns.tolist(), len(matrices)) == (CONFUSIONS.names, 6)


def test_one_track_by_hand():
    found, matrices = made(bouts(("s", "", "zebra", FIELD)))
    one = row(found, level="pooled", behaviour="A")
    assert (one["raw"], one["corrected"]) == (0.45, pytest.approx(0.5))
    assert one["poststratified"] == pytest.approx(0.45 * 80 / 90 + 0.55 * 20 / 110, abs=1e-6)
    assert (one["told_s"], one["unknown_s"], one["clips"], one["recordings"]) == (100.0, 0.0, 100, 10)
    assert one["method"] == one["raw_method"] == "no interval: only 1 session (6 are needed)"
    assert one["condition"] == pytest.approx(np.linalg.cond([[0.8, 0.2], [0.1, 0.9]]), abs=1e-3)
    assert found["corrected_low"].isna().all()
    cell = row(matrices, species="all", true="A", told="B")
    assert cell[["clips", "true_clips", "true_recordings", "rate"]].tolist() == [20, 100, 10, 0.2]
    assert cell["predictive"] == pytest.approx(20 / 110, abs=1e-6)


def test_unknown_is_a_word_of_its_own():
    known = {"A": {"A": 60, "B": 10, "unknown": 30}, "B": {"A": 10, "B": 80, "unknown": 10}}
    true = np.array([0.3, 0.7])
    told = true @ np.array([[0.6, 0.1, 0.3], [0.1, 0.8, 0.1]])
    field = dict(zip(["A", "B", "unknown"], (100 * told).tolist(), strict=True))
    one = row(made(bouts(("s", "", "zebra", field)), clips(known))[0], level="pooled", behaviour="A")
    assert one["corrected"] == pytest.approx(0.3, abs=1e-6)
    assert one["raw"] == pytest.approx(told[0] / told[:2].sum(), abs=1e-6)  # of recognized time
    assert one["unknown_s"] == pytest.approx(16.0)


def test_what_is_not_visible_is_in_no_share():
    hidden = {**TWO, "not visible": {"A": 50}, "unknown": {"B": 9}}
    hidden["A"] = {**TWO["A"], "not visible": 40}
    table = bouts(("s", "", "zebra", {**FIELD, "not visible": 300.0}))
    one = row(made(table, clips(hidden))[0], level="pooled", behaviour="A")
    assert (one["raw"], one["corrected"], one["clips"]) == (0.45, pytest.approx(0.5), 100)


def test_limits_know_sessions_and_recordings():
    few, many = (made(herd(), clips(TWO, n)) for n in (5, 10))
    one, other = (row(found[0], level="pooled", weighting="pooled", behaviour="A") for found in (few, many))
    assert one["method"] == "no interval: only 5 held-out recordings (6 are needed)"
    assert one["raw_method"] == other["raw_method"] == "95 % t interval over 8 sessions"
    assert other["method"] == "95 % t interval over 8 sessions and 10 held-out recordings"
    assert other["corrected_low"] < other["corrected"] < other["corrected_high"]
    assert other["raw_low"] < other["raw"] < other["raw_high"]
    assert other["corrected_high"] - other["corrected_low"] > other["raw_high"] - other["raw_low"]
    assert other[["n_individuals", "n_sessions", "n_tracks"]].tolist() == [8, 8, 8]


def test_the_variance_is_rogan_and_gladens():
    # Clips and sessions one by one: Var = [q(1-q)/n + p^2 se(1-se)/n_se + (1-p)^2 sp(1-sp)/n_sp] / (se + sp - 1)^2
    counts = {"A": {"A": 160, "B": 40}, "B": {"A": 20, "B": 180}}
    told = clips(counts).assign(recording=[f"r{k}" for k in range(400)])
    sessions = [(f"s{k}", "", "zebra", {"A" if k < 180 else "B": 1.0}) for k in range(400)]
    one = row(made(bouts(*sessions), told)[0], level="pooled", behaviour="A")
    q, se, sp, p = 0.45, 0.8, 0.9, 0.5
    wanted = (q * (1 - q) / 400 + p**2 * se * (1 - se) / 200 + (1 - p) ** 2 * sp * (1 - sp) / 200) / (se + sp - 1) ** 2
    width = np.log(one["corrected_high"] / (1 - one["corrected_high"]))
    width -= np.log(one["corrected_low"] / (1 - one["corrected_low"]))
    assert (width / 2 / 1.965 * p * (1 - p)) ** 2 == pytest.approx(wanted, rel=0.02)


def test_the_mean_counts_every_animal_as_much():
    table = bouts(("s", "a", "zebra", {"A": 90.0, "B": 10.0}), ("s", "b", "zebra", {"A": 1.0, "B": 9.0}))
    found = made(table)[0]
    pooled, mean = (row(found, level="pooled", weighting=how, behaviour="A") for how in ("pooled", "mean"))
    assert pooled["raw"] == pytest.approx(91 / 110, abs=1e-6)
    assert (mean["raw"], mean["corrected"]) == (0.5, pytest.approx(0.4 / 0.7, abs=1e-6))
    assert set(found["weighting"][found["level"] == "individual"]) == {"pooled"}


def test_animals_recognized_briefly_are_in_no_mean():
    table = bouts(
        ("s", "a", "zebra", {"A": 90.0, "B": 10.0}),
        ("s", "b", "zebra", {"A": 10.0, "B": 90.0}),
        ("s", "c", "zebra", {"A": 9.0, "unknown": 500.0}),  # 9 s recognized
        ("t", "c", "zebra", {"A": 5.0}),
    )
    for least, raw, animals in ((14.0, (0.9 + 0.1 + 1) / 3, 3), (15.0, 0.5, 2)):
        settings = replace(statistics(), min_visible_s=least)
        found = corrected_budgets(table, clips(TWO), ethogram("AB"), settings, CorrectionSettings())[0]
        mean = row(found, level="pooled", weighting="mean", behaviour="A")
        assert (mean["raw"], mean["n_individuals"]) == (pytest.approx(raw, abs=1e-6), animals)
    assert set(found.loc[found["unit"] == "t", "weighting"]) == {"pooled"}


def test_each_species_has_its_own_errors():
    exact = {"A": {"A": 100}, "B": {"B": 100}}
    told = pd.concat([clips(TWO, species="zebra"), clips(exact, species="giraffe")])
    table = bouts(("s", "", "zebra", FIELD), ("t", "", "giraffe", FIELD), ("u", "", "oryx", FIELD))
    found = made(table, told, prior_clips=0.0)[0]
    of = {
        kind: row(found, level="species", unit=kind, behaviour="A")["corrected"]
        for kind in ("zebra", "giraffe", "oryx")
    }
    assert (of["zebra"], of["giraffe"]) == (pytest.approx(0.5), pytest.approx(0.45))
    assert of["oryx"] == pytest.approx((0.45 + 0.95 - 1) / (0.9 + 0.95 - 1), abs=1e-6)  # no clips: those of all
    whole = row(found, level="pooled", behaviour="A")
    assert whole["corrected"] == pytest.approx(np.mean(list(of.values())), abs=1e-6)  # as long each
    near = made(table, told, prior_clips=100.0)[0]
    zebra = row(near, level="species", unit="zebra", behaviour="A")["corrected"]
    se, sp = (0.8 + 0.9) / 2, (0.9 + 0.95) / 2  # half its own, half all clips'
    assert zebra == pytest.approx((0.45 + sp - 1) / (se + sp - 1), abs=1e-6)


def test_columns_of_the_bouts_are_levels():
    found = made(herd(4, habitat=["open", "open", "shrub", ""]), by=("habitat",))[0]
    assert found["unit"][found["level"] == "habitat"].drop_duplicates().tolist() == ["open", "shrub"]
    with pytest.raises(UsageError, match="the bouts table has no column sex; it has subject"):
        made(herd(), by=("sex",))


@pytest.mark.parametrize(
    ("counts", "recordings", "changes", "reason"),
    [
        ({}, 9, {}, "fewer than 30 held-out clips in 5 recordings: A (0 in 0), B (0 in 0); merge or audit"),
        (TWO, 4, {}, "fewer than 30 held-out clips in 5 recordings: A (100 in 4), B (100 in 4); merge or audit"),
        ({**TWO, "B": {"B": 29}}, 9, {}, "fewer than 30 held-out clips in 5 recordings: B (29 in 9); merge or audit"),
        ({"A": {"A": 52, "B": 48}, "B": {"A": 45, "B": 55}}, 9, {}, "condition number 14.3 exceeds 10"),
        (TWO, 9, {"max_condition": 1.2}, "condition number 1.456 exceeds 1.2"),
        (TWO, 9, {"merge": {"A": "B"}}, "one behaviour only: there is nothing to take it for"),
    ],
)
def test_refused_is_raw_only(counts, recordings, changes, reason):
    found = made(herd(), clips(counts, recordings), **changes)[0]
    assert set(found["method"]) == {f"raw only: {reason}"}
    assert found["raw"].notna().all()
    assert found[["corrected", "corrected_low", "poststratified", "poststratified_high"]].isna().all(axis=None)
    assert found.query("level == 'pooled'")["raw_low"].notna().all() or "merge" in changes


def test_unknown_that_no_clip_is_told_as_is_refused():
    table = bouts(("s", "", "zebra", {**FIELD, "unknown": 25.0}))
    wanted = "raw only: 20 % of the time is unknown, but no held-out clip is told so"
    assert set(made(table)[0]["method"]) == {wanted}


def test_rare_behaviours_are_merged_and_named():
    rare = {"A": {"A": 80, "B": 20}, "B": {"A": 5, "B": 45}, "C": {"A": 5, "C": 3, "B": 42}}
    table = bouts(("s", "", "zebra", {"A": 45.0, "B": 40.0, "C": 15.0}))
    assert made(table, clips({**rare, "C": {"C": 9}}), "ABC")[0]["method"].str.contains(r": C \(9 in 9\);").all()
    found = made(table, clips(rare), "ABC", merge={"C": "B"})[0]
    one = row(found, level="pooled", behaviour="B")
    assert (one["merged"], one["raw"], one["corrected"], one["clips"]) == ("B + C", 0.55, pytest.approx(0.5), 100)
    assert made(table, clips(rare), "ABC", merge={"B": "X", "C": "X"})[0]["behaviour"].tolist()[:2] == ["A", "X"]


@pytest.mark.parametrize(
    ("merge", "text"),
    [
        ({"D": "A"}, "merge names D; the states are A, B"),
        ({"A": "unknown"}, r"merge must name behaviours, none of unknown, not visible, got \['unknown'\]"),
    ],
)
def test_what_cannot_be_merged(merge, text):
    with pytest.raises((UsageError, ValueError), match=text):
        made(herd(), merge=merge)


def test_clips_of_another_ethogram_are_refused():
    with pytest.raises(TableError, match=r"^held_out: 1 rows are told a behaviour that the set 'behaviour' does not "):
        made(herd(), clips({"A": {"X": 1}}))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"start_s": 30.0}, "bouts: 1 rows end before they start"),  # the first stops at 25
        ({"stop_s": 30.0}, "bouts: 1 rows overlap another bout"),
    ],
)
def test_records_that_cannot_be_are_refused(change, text):
    table = bouts(("s", "", "zebra", {"A": 25.0, "B": 25.0}))
    for name, value in change.items():
        table.loc[0, name] = value
    with pytest.raises(TableError, match=text):
        made(table)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"max_condition": 0.5}, "max_condition must be >= 1, got 0.5"),
        ({"min_clips": 0}, "min_clips must be >= 1, got 0"),
        ({"min_recordings": 1}, "min_recordings must be >= 2, got 1"),
        ({"prior_clips": -1.0}, "prior_clips must be >= 0, got -1.0"),
    ],
)
def test_settings_that_cannot_be(changes, text):
    with pytest.raises(ValueError, match=text):
        CorrectionSettings(**changes)


def test_a_large_study():
    rng = np.random.default_rng(0)
    words = [letters(rng.permutation(list("ABCDE")), 3.0) for _ in range(50)]
    rows = [(f"s{k // 50}", f"z{k % 50}", "zebra", words[k % 50]) for k in range(1000)]
    table = pd.concat([bouts(*rows).assign(video=f"{k}.mp4") for k in range(20)], ignore_index=True)
    counts = {a: {b: 80 if a == b else 5 for b in "ABCDE"} for a in "ABCDE"}
    found = made(table, clips(counts, 60), "ABCDE")[0]
    assert len(table) == 100_000
    assert found["corrected"].notna().all()


def test_tables_are_as_declared():
    found, matrices = made(herd())
    pd.testing.assert_frame_equal(CORRECTED.cast(found), found)
    pd.testing.assert_frame_equal(CONFUSIONS.cast(matrices), matrices)
    told = ["recording", "species", "set", "true", "told", "chose_checkpoint"]
    assert HELD_OUT.empty().columns.tolist() == told
