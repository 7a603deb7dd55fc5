"""Windows drawn for an audit, filled in by observers who know the truth, and what comes of it."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from scipy.stats import t

from pipeline.artifacts import read_table
from pipeline.errors import TableError, UsageError
from pipeline.ethology.correction.audit import draw_audit
from pipeline.ethology.correction.audited import audited
from pipeline.ethology.correction.settings import AuditSettings
from pipeline.ethology.correction.sheet import KEY, SHEET, read_audit, read_sheets, write_audit
from pipeline.ethology.correction.tables import AUDIT, AUDIT_ERRORS, AUDIT_KEY
from pipeline.tables import BOUTS
from tests.ethology.correction.made import bouts, row
from tests.ethology.made import ethogram

AB = ethogram("AB")


def record(sessions=4):
    """A for 300 s, B for 60 s, unknown for 40 s in each session, twice."""
    seconds = {"A": 300.0, "unknown": 40.0, "B": 60.0}
    return bouts(*((f"s{k // 2}", f"z{k}", "zebra", seconds) for k in range(2 * sessions)))


def drawn(table=None, of=AB, of_set="", **changes):
    return draw_audit(record() if table is None else table, of, AuditSettings(**changes), of_set)


def said(key, words):
    """An observer's answers: ``words`` gives one for each told word, or a function of the key's row."""
    answers = [words(one) if callable(words) else words[one.told] for one in key.itertuples()]
    return pd.Series(answers, index=key["window"], dtype="str")


def test_as_many_of_what_is_rare_and_weights_that_put_it_right():
    sheet, key = drawn(per_behaviour=40)
    assert key.groupby("told").size().to_dict() == {"A": 40, "B": 40, "unknown": 40}
    assert key.groupby(["told", "session"]).size().min() == 10
    assert key.groupby("told")["weight_s"].sum().to_dict() == pytest.approx({"A": 2400.0, "B": 480.0, "unknown": 320.0})
    assert sheet["window"].tolist() == key["window"].tolist() == list(range(1, 121))
    assert (sheet["stop_s"] - sheet["start_s"]).max() == pytest.approx(4.0, abs=2e-3)


def test_of_what_is_told_for_seconds_only_no_moment_is_shown_many_times():
    """12 s of B in one session: three windows of 4 s, not 50; 2 s in another: the two that an error needs."""
    table = bouts(("s0", "z0", "zebra", {"A": 600.0, "B": 12.0}), ("s1", "z1", "zebra", {"A": 600.0, "B": 2.0}))
    key = drawn(table)[1]
    assert key.query("told == 'B'").groupby("session").size().to_dict() == {"s0": 3, "s1": 2}
    assert key.query("told == 'B'")["weight_s"].sum() == pytest.approx(14.0)
    assert len(key.query("told == 'A'")) == 50


def test_the_moments_are_in_what_is_told():
    table = record()
    sheet, key = drawn(table)
    found = key.merge(table, on=["video", "track"])
    found = found[(found["start_s"] <= found["at_s"]) & (found["at_s"] <= found["stop_s"])]
    assert (found["told"] == found["behaviour"]).sum() == len(key)
    assert (sheet["start_s"] <= sheet["at_s"]).all() and (sheet["at_s"] <= sheet["stop_s"]).all()
    assert (sheet["frame"] == np.floor(sheet["at_s"])).mean() > 0.99  # one frame a second


def test_every_moment_is_as_likely():
    at = np.concatenate([drawn(seed=seed)[1].query("told == 'A'")["at_s"] for seed in range(15)])
    counts = np.histogram(at, bins=10, range=(0, 300))[0]
    assert counts == pytest.approx(np.full(10, len(at) / 10), rel=0.25)


def test_the_sheet_is_blind_shuffled_and_the_same_again():
    sheet, key = drawn()
    assert (sheet["behaviour"] == "").all()
    assert not {"told", "session", "weight_s"} & set(sheet)
    assert (key["told"] != key["told"].shift()).mean() > 0.5
    pd.testing.assert_frame_equal(sheet, drawn()[0])
    assert not drawn(seed=1)[0].equals(sheet)


def test_without_unknown():
    assert set(drawn(unknown=False)[1]["told"]) == {"A", "B"}


@pytest.mark.parametrize(
    ("table", "of_set", "text"),
    [
        (BOUTS.empty(), "", "nothing to audit: no time is told of"),
        (bouts(("s", "", "zebra", {"not visible": 60.0})), "", "nothing to audit: no time is told of"),
        (None, "posture", "no set of states 'posture' to audit; there are behaviour"),
    ],
)
def test_nothing_to_draw_from(table, of_set, text):
    with pytest.raises(UsageError, match=text):
        drawn(table, of_set=of_set)


def test_one_bout():
    sheet, key = drawn(bouts(("s", "", "zebra", {"A": 3.0})), per_behaviour=2)
    assert key[["stratum_s", "stratum_windows", "weight_s"]].to_numpy().tolist() == [[3.0, 2, 1.5]] * 2
    assert (sheet["start_s"] >= 0).all() and (sheet["stop_s"] <= 3).all()


def test_all_right():
    _, key = drawn()
    table, errors = audited({"x": said(key, {"A": "A", "B": "B", "unknown": "A"})}, key, AB)
    assert row(table, figure="accuracy")["value"] == 1.0
    alike = "no limits: no two answers in a stratum differ, which is no proof that none would; 156 of 156 windows answ"
    assert row(table, figure="accuracy")["method"].startswith(alike)
    assert row(table, figure="kappa")["value"] == pytest.approx(1.0)
    assert table[["se", "ci_low", "ci_high"]].isna().all(axis=None)  # never limits without width
    share = row(table, figure="share", behaviour="A")
    assert share["value"] == pytest.approx(2720 / 3200, abs=1e-6)
    assert share["method"].startswith(alike)
    assert row(table, figure="share_told", behaviour="A")["value"] == pytest.approx(2400 / 2880, abs=1e-6)
    assert row(table, figure="recall", behaviour="A")["value"] == pytest.approx(2400 / 2720, abs=1e-6)
    assert row(errors, told="unknown", true="A")["share"] == pytest.approx(0.1)
    assert errors["windows"].sum() == 156


def test_errors_by_hand():
    """Three of ten A are B in truth, and two of ten B are not visible, in every stratum."""
    _, key = drawn(per_behaviour=40, unknown=False)
    order = key.groupby(["told", "session"]).cumcount()
    true = np.where((key["told"] == "A") & (order % 10 < 3), "B", key["told"])
    true = np.where((key["told"] == "B") & (order % 10 < 2), "not visible", true)
    table, _ = audited({"x": pd.Series(true, index=key["window"])}, key, AB)
    accuracy = row(table, figure="accuracy")
    assert accuracy["value"] == pytest.approx((0.7 * 2400 + 0.8 * 480) / 2880)
    variance = (2400 / 4) ** 2 * 4 * 0.7 * 0.3 / 9 + (480 / 4) ** 2 * 4 * 0.8 * 0.2 / 9  # Olofsson et al., equation 5
    assert accuracy["se"] == pytest.approx(np.sqrt(variance) / 2880, abs=1e-6)
    assert accuracy["ci_low"] < accuracy["value"] < accuracy["ci_high"]
    assert row(table, figure="precision", behaviour="B")["value"] == pytest.approx(0.8)
    share = row(table, figure="share", behaviour="B")  # of the time in sight
    assert share["value"] == pytest.approx((0.3 * 2400 + 0.8 * 480) / (2880 - 0.2 * 480), abs=1e-6)


def test_a_rare_behaviour_rests_on_its_own_windows_and_few_have_no_limits():
    """Of 12 windows told B eight are B, of 40 told A all are A."""
    _, key = drawn(record(sessions=1), per_behaviour=40, unknown=False)
    order = key.groupby("told").cumcount()
    key, order = (rows[(key["told"] == "A") | (order < 12)] for rows in (key, order))
    true = np.where((key["told"] == "B") & (order % 3 == 0), "A", key["told"])
    table, _ = audited({"x": pd.Series(true, index=key["window"])}, key, AB)
    precision, recall = (row(table, figure=name, behaviour="B") for name in ("precision", "recall"))
    reach = t.ppf(0.975, 11) * np.sqrt(2 / 9 / 11) / (2 / 9)  # 11 degrees of freedom, not 50
    assert precision["method"].startswith("95 % limits by t (11.0 degrees of freedom) on the logit scale; ")
    wanted = expit(logit(2 / 3) + reach * np.array([-1, 1]))
    assert precision[["ci_low", "ci_high"]].tolist() == pytest.approx(wanted.tolist(), abs=1e-6)
    assert (recall["n"], recall["value"]) == (8, 1.0)
    assert recall[["se", "ci_low", "ci_high"]].isna().all()
    assert recall["method"].startswith("no limits: only 8 windows (10 are needed); ")


def test_limits_hold_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(0)
    table, hits = record(), []
    for seed in range(60):
        _, key = drawn(table, seed=seed, per_behaviour=40, unknown=False)
        wrong = rng.random(len(key)) < np.where(key["told"] == "A", 0.1, 0.3)
        true = np.where(wrong, np.where(key["told"] == "A", "B", "A"), key["told"])
        share = row(audited({"x": pd.Series(true, index=key["window"])}, key, AB)[0], figure="share", behaviour="B")
        hits.append(share["ci_low"] <= (0.1 * 2400 + 0.7 * 480) / 2880 <= share["ci_high"])
    assert np.mean(hits) >= 0.87


def test_what_cannot_be_told_is_stood_for_by_the_others():
    _, key = drawn(unknown=False)
    answers = said(key, {"A": "A", "B": "B"})
    lost = answers.index[key["session"] == "s0"]
    answers[lost] = "unknown"
    answers.iloc[0] = ""
    found = audited({"x": answers}, key, AB)[0]
    assert row(found, figure="share", behaviour="A")["value"] == pytest.approx(2400 / 2880, abs=1e-6)
    assert f"{len(key) - answers.isin(['unknown', '']).sum()} of {len(key)} windows answered" in found["method"].iloc[0]
    drawn_of = audited({"x": answers}, key, AB)[1].groupby("told")["drawn"].first()
    assert drawn_of.drop("unknown").to_dict() == key.groupby("told").size().to_dict()  # answered or not
    only_a = said(key, {"A": "A", "B": ""})
    assert audited({"x": only_a}, key, AB)[0]["method"].str.contains("no answer where the recognizer says B").all()
    nothing, errors = audited({"x": said(key, {"A": "", "B": "unknown"})}, key, AB)
    assert (len(nothing), nothing.columns.tolist()) == (0, AUDIT.names)
    assert (len(errors), errors.columns.tolist()) == (0, AUDIT_ERRORS.names)


def test_two_observers_are_held_against_each_other():
    _, key = drawn(unknown=False)
    first = said(key, {"A": "A", "B": "B"})
    second = first.copy()
    second.iloc[::5] = "not visible"
    table, _ = audited({"x": first, "y": second}, key, AB)
    pair = table[table["observer"] == "x & y"]
    assert pair["figure"].tolist() == ["agreement", "kappa"]
    weight = key["weight_s"].to_numpy()
    assert pair["value"].iloc[0] == pytest.approx(1 - weight[::5].sum() / weight.sum(), abs=0.01)
    assert pair["n"].tolist() == [len(key)] * 2
    assert set(table["observer"]) == {"x", "y", "x & y"}


def test_files_there_and_back(tmp_path):
    sheet, key = drawn()
    write_audit(tmp_path, sheet, key)
    pd.testing.assert_frame_equal(read_table(tmp_path / KEY, AUDIT_KEY), key)
    assert set(read_audit(tmp_path / SHEET, key, AB)) == {""}
    filled = sheet.assign(behaviour=key["told"])
    filled.to_csv(tmp_path / "mine.csv", index=False)
    assert read_audit(tmp_path / "mine.csv", key, AB).tolist() == key["told"].tolist()
    with pytest.raises(UsageError, match=r"audit\.csv is there already, and may be filled in; choose another folder"):
        write_audit(tmp_path, sheet, key)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda s: s.drop(columns="behaviour"), "missing columns behaviour"),
        (lambda s: s.assign(behaviour="C"), "156 rows name no behaviour; there are A, B, unknown, not visible"),
        (lambda s: s.assign(window=1), "156 rows name a window that another row names too"),
        (lambda s: s.iloc[1:], "1 windows of the key are missing"),
        (lambda s: s.assign(at_s=s["at_s"] + 1), "156 rows are not of the draw that the key is of"),
        (lambda s: s.assign(window=s["window"] + 150), "156 rows are not of the draw that the key is of"),
    ],
)
def test_sheets_that_do_not_fit(tmp_path, change, text):
    sheet, key = drawn()
    change(sheet).to_csv(tmp_path / "mine.csv", index=False)
    with pytest.raises(TableError) as error:
        read_audit(tmp_path / "mine.csv", key, AB)
    assert text in str(error.value)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"per_behaviour": 1}, "per_behaviour must be >= 2, got 1"),
        ({"per_stratum": 1}, "per_stratum must be >= 2, got 1"),
        ({"window_s": 0.0}, "window_s must be > 0, got 0.0"),
        ({"seed": -1}, "seed must be >= 0, got -1"),
    ],
)
def test_settings_that_cannot_be(changes, text):
    with pytest.raises(ValueError, match=text):
        AuditSettings(**changes)


def test_a_sheet_saved_twice_is_no_second_observer(tmp_path):
    sheet, key = drawn(per_behaviour=2)
    write_audit(tmp_path, sheet, key)
    told = sheet.assign(behaviour="A")
    for name in ("anna", "anna (1)", "ben"):  # as a browser calls the second
        told.to_csv(tmp_path / f"audit_{name}.csv", index=False)
    with pytest.raises(TableError, match=r"audit_anna.csv: another sheet is by 'anna' too; leave one of them there"):
        read_sheets([tmp_path], AB)
    (tmp_path / "audit_anna.csv").unlink()
    assert set(read_sheets([tmp_path], AB).filled) == {"anna", "ben"}
