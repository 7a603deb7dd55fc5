import numpy as np
import pandas as pd
import pytest

from pipeline.errors import UsageError
from pipeline.ethology.durations.criteria import criteria, gaps_to_bridge, mixture_of
from pipeline.ethology.durations.merging import merged, sensitivity
from pipeline.ethology.durations.settings import BoutSettings, Criterion
from pipeline.ethology.record import record
from pipeline.tables import BOUTS
from tests.ethology.made import bouts_of, ethogram, statistics


def meals(seed=0, sessions=8):
    """A eaten in bouts: short gaps of B (mean 3 s), and long ones of C (mean 90 s), in named animals."""
    rng, rows = np.random.default_rng(seed), []
    for session in range(sessions):
        for animal in range(2):
            time = 0.0
            for _ in range(40):
                short = rng.random() < 0.7
                for word, lasts in (("A", 5.0), ("B", rng.exponential(3)) if short else ("C", rng.exponential(90))):
                    rows.append((session, animal, word, time, time + max(round(lasts, 2), 0.01)))
                    time = rows[-1][-1]
    table = pd.DataFrame(rows, columns=["session", "track", "behaviour", "start_s", "stop_s"])
    table = table.assign(
        subject=table["session"].astype(str) + "." + table["track"].astype(str), species="zebra",
        session="s" + table["session"].astype(str),
        set="behaviour", kind="state", duration_s=table["stop_s"] - table["start_s"], start_frame=0, stop_frame=1,
        censored_start=False, censored_stop=False, confidence=1.0, source="human",
    )  # fmt: skip
    return BOUTS.cast(table.assign(video=table["session"] + "/v.mp4"))


def settings(**changes):
    return BoutSettings(**{"processes": 2, "resamples": 100, "grid_points": 5} | changes)


@pytest.fixture(scope="module")
def of_meals():
    """With a behaviour D that was never seen."""
    return criteria(record(meals(), ethogram("ABCD")), settings(), statistics())


def test_the_gaps_of_meals_are_two_processes_with_a_criterion_and_its_interval(of_meals):
    rows = of_meals.query("level == 'pooled' and behaviour == 'A'")
    assert rows[["family", "processes"]].drop_duplicates().shape[0] == 4
    (best,) = rows[rows["chosen"]].to_dict("records")
    assert (best["family"], best["processes"], best["bic"]) == ("exponential", 2, rows["bic"].min())
    truth = np.log(0.7 / 3 / (0.3 / 90)) / (1 / 3 - 1 / 90)  # 13.2 s
    assert best["low_s"] < truth < best["high_s"]
    assert best["low_s"] < best["criterion_s"] < best["high_s"]
    assert best["method"].endswith("over 8 sessions, 100 refits")
    assert (best["gaps"], best["cut_gaps"]) == (8 * 2 * 39, 16)
    assert best["bic"] == pytest.approx(3 * np.log(640) - 2 * best["log_likelihood"])
    assert not rows[~rows["chosen"]]["low_s"].notna().any()


def test_a_row_tells_its_mixture(of_meals):
    for _, row in of_meals.query("level == 'pooled' and family != ''").iterrows():
        again = mixture_of(row)
        assert again.criterion_s == pytest.approx(row["criterion_s"], rel=1e-3, nan_ok=True)


@pytest.mark.parametrize(
    ("table", "method"),
    [
        (bouts_of({"v.mp4": {1: "AB"}}), "not fitted: 0 complete gaps, fewer than 50"),
        (bouts_of({"v.mp4": {1: "AB" * 40 + "A"}}), "not fitted: 40 complete gaps, fewer than 50"),
        (bouts_of({"v.mp4": {1: "?"}}), "not fitted: 0 complete gaps, fewer than 50"),
    ],
)
def test_too_few_gaps_are_not_fitted(table, method):
    found = criteria(record(table, ethogram()), settings(), statistics()).query("behaviour == 'A'")
    assert set(found["method"]) == {method}
    assert found["criterion_s"].isna().all()
    assert not found["chosen"].any()


def test_nobody_has_no_criterion():
    nobody = record(BOUTS.empty(), ethogram())
    assert len(criteria(nobody, settings(), statistics())) == len(sensitivity(nobody, settings())) == 0
    assert len(merged(nobody, 5.0)) == 0


def test_too_few_sessions_have_no_interval():
    found = criteria(record(meals(sessions=3), ethogram()), settings(), statistics()).query(
        "chosen and behaviour == 'A'"
    )
    assert set(found["method"]) == {"maximum likelihood; no interval: only 3 sessions (6 are needed)"}
    assert found["criterion_s"].notna().all()
    assert found["low_s"].isna().all()


def test_gaps_too_short_to_be_recorded_are_left_out_and_counted():
    table = meals()
    found = criteria(record(table, ethogram()), settings(shortest_s=1.0), statistics())
    row = found.query("level == 'pooled' and chosen and behaviour == 'A'").iloc[0]
    whole = table[table["behaviour"] != "A"].groupby(["video", "track"]).head(39)  # the last one is cut by the record
    cut = table.groupby(["video", "track"]).tail(1)
    assert row["left_out"] == (whole["duration_s"] <= 1).sum() + (cut["duration_s"] <= 1).sum()
    assert row["centre_1_s"] == pytest.approx(3, rel=0.2)  # not biased by what is missing


def test_one_process_has_no_criterion():
    rng = np.random.default_rng(1)
    table = meals().query("session in ['s0', 's1', 's2', 's3', 's4', 's5', 's6']").copy()
    lasts = np.where(table["behaviour"] == "A", 5.0, np.round(rng.exponential(20, len(table)), 2) + 0.01)
    table["stop_s"] = lasts
    table["stop_s"] = table.groupby(["video", "track"])["stop_s"].cumsum()
    table = table.assign(start_s=table["stop_s"] - lasts, duration_s=lasts)
    row = criteria(record(table, ethogram()), settings(), statistics()).query("level == 'pooled' and chosen").iloc[0]
    assert (row["family"], row["processes"]) == ("exponential", 1)
    assert row["method"] == "maximum likelihood; no criterion: one process"


@pytest.mark.parametrize(
    ("criterion", "bridged"),
    [
        (Criterion.fixed, 4.0),
        (Criterion.exponential, "exponential"),
        (Criterion.lognormal, "log-normal"),
        (Criterion.best, "exponential"),
    ],
)
def test_which_gap_is_bridged(criterion, bridged, of_meals, caplog):
    gaps = gaps_to_bridge(of_meals, ethogram("ABCD", events="S"), settings(criterion=criterion, gap_s=4.0))
    if isinstance(bridged, str):
        mine = of_meals.query("level == 'pooled' and behaviour == 'A' and family == @bridged")
        bridged = mine.loc[mine["bic"].idxmin(), "criterion_s"]
        assert "D: gaps up to gap_s = 4 s are bridged" in caplog.text
    else:
        assert caplog.text == ""
    assert gaps[("behaviour", "A")] == pytest.approx(bridged)
    assert gaps[("behaviour", "D")] == 4.0
    assert ("event", "S") not in gaps  # an event is counted each time


@pytest.mark.parametrize(
    ("word", "gap_s", "spans"),
    [
        ("", 1, []),  # empty
        ("BAAB", 1, [(1, 3, 2, 1)]),  # one bout: start, stop, seconds of A, parts
        ("BABAB", 0, [(1, 2, 1, 1), (3, 4, 1, 1)]),  # nothing is bridged
        ("BABAB", 1, [(1, 4, 2, 2)]),
        ("BABBACA", 1, [(1, 2, 1, 1), (4, 7, 2, 2)]),  # 2 s part, 1 s does not, whatever lies between
        ("BABBACA", 2, [(1, 7, 3, 3)]),
        ("A?A", 9, [(0, 1, 1, 1), (2, 3, 1, 1)]),  # never across unknown
        ("A-A", 9, [(0, 1, 1, 1), (2, 3, 1, 1)]),  # never out of sight
        ("A.A", 9, [(0, 1, 1, 1), (2, 3, 1, 1)]),  # never across a hole
    ],
)
def test_bouts_are_joined_by_hand(word, gap_s, spans):
    found = merged(record(bouts_of({"v.mp4": {1: word}}), ethogram()), gap_s).query("behaviour == 'A'")
    columns = ["start_s", "stop_s", "behaviour_s", "parts"]
    assert list(found[columns].itertuples(index=False, name=None)) == spans
    assert found["duration_s"].tolist() == [stop - start for start, stop, *_ in spans]


@pytest.mark.parametrize(
    ("word", "cut"),
    [
        ("BBBABBB", (False, False)),  # longer gaps on both sides
        ("BAB", (True, True)),  # the record is over before a gap of 2 s was seen
        ("BBBAB?", (False, True)),
        ("BBABB", (False, False)),  # just 2 s: a next bout would start later
    ],
)
def test_an_end_is_seen_only_where_a_longer_gap_is_seen(word, cut):
    row = merged(record(bouts_of({"v.mp4": {1: word}}), ethogram()), 2.0).query("behaviour == 'A'").iloc[0]
    assert (row["censored_start"], row["censored_stop"]) == cut


def test_each_behaviour_has_its_own_gap():
    found = merged(record(bouts_of({"v.mp4": {1: "ABAB"}}), ethogram("AB")), {("behaviour", "A"): 1.0})
    assert found.groupby("behaviour")["parts"].sum().to_dict() == {"A": 2, "B": 2}
    assert found.groupby("behaviour").size().to_dict() == {"A": 1, "B": 2}


def test_events_become_bouts():
    of = ethogram("A", events="S")
    table = bouts_of({"v.mp4": {1: "AAAAAAAA"}}, of, events={"v.mp4": {1: "?S?S???S"}})
    found = merged(record(table, of), 2.0).query("behaviour == 'S'")
    assert found[["start_s", "stop_s", "behaviour_s", "parts"]].to_numpy().tolist() == [[1, 3, 0, 2], [7, 7, 0, 1]]


def test_a_negative_gap_is_refused():
    with pytest.raises(UsageError, match=r"^gap_s must be >= 0, got -1 for A, -1 for B$"):
        merged(record(bouts_of({"v.mp4": {1: "AB"}}), ethogram("AB")), -1)


def test_sensitivity_counts_what_joining_gives():
    study = record(bouts_of({"v.mp4": {1: "ABACCABBBA?AB", 2: "AABA"}}), ethogram())
    how = settings(grid_low_s=1.0, grid_high_s=4.0, grid_points=3)  # 0, 1, 2 and 4 s
    found = sensitivity(study, how).query("level == 'pooled'").set_index(["behaviour", "gap_s"])
    for (behaviour, gap_s), row in found.iterrows():
        joined = merged(study, gap_s)
        joined = joined[joined["behaviour"] == behaviour]
        assert row["bouts"] == len(joined)
        assert row["mean_s"] == pytest.approx(joined["duration_s"].mean(), abs=1e-5)
    assert found.loc["A", "bouts"].tolist() == [7, 5, 4, 3]
    assert found.loc["A", "joined_share"].tolist() == [0, 0.5, 0.75, 1]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"gap_s": -1}, "gap_s must be >= 0, got -1"),
        ({"processes": 4}, "processes must be 2 or 3, got 4"),
        ({"min_gaps": 5}, "min_gaps must be >= 20, got 5"),
        ({"min_ended": 0}, "min_ended must be >= 1, got 0"),
        ({"shortest_s": -0.1}, "shortest_s must be >= 0, got -0.1"),
        ({"resamples": 10}, "resamples must be >= 100, got 10"),
        ({"grid_low_s": 0}, "grid_low_s must be > 0, got 0"),
        ({"grid_high_s": 0.1}, "grid_high_s must be > grid_low_s, got 0.1"),
        ({"grid_points": 1}, "grid_points must be >= 2, got 1"),
    ],
)
def test_settings_are_checked(changes, text):
    with pytest.raises(ValueError, match=f"^{text}$"):
        BoutSettings(**changes)
