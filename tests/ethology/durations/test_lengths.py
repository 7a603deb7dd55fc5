import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from pipeline.ethology.durations.lengths import durations, reporting_head, reporting_line
from pipeline.ethology.durations.tables import DURATIONS
from pipeline.ethology.record import record
from pipeline.ethology.study import study
from pipeline.tables import BOUTS
from tests.ethology.made import bouts_of, ethogram, statistics
from tests.ethology.made import record as video


def told(videos, names=None, min_units=6, of=None):
    found = durations(record(bouts_of(videos, of, names), of or ethogram()), statistics(min_units=min_units))
    return found.set_index(["level", "unit", "behaviour"])


@pytest.mark.parametrize(
    ("word", "bouts", "cut", "n", "complete", "median"),
    [
        ("", None, None, None, None, None),  # empty: no row at all
        ("A", 1, (1, 1), 0, 0, None),  # one bout, cut on both sides
        ("?A?", 1, (1, 1), 0, 0, None),  # unknown cuts as the record does
        ("BAAB", 1, (0, 0), 1, 1, 2),
        ("BAABAAAAB", 2, (0, 0), 2, 2, 3),
        ("BAABAAAA", 2, (0, 1), 2, 1, 2),  # 2, and at least 4: half have ended at 2
        ("AABAAAB", 2, (1, 0), 1, 1, 3),  # the first began nobody knows when
        ("BAA", 1, (0, 1), 1, 0, None),  # at least 2, no more is known
        ("B-", 0, (0, 0), 0, 0, None),  # never seen
    ],
)
def test_by_hand(word, bouts, cut, n, complete, median):
    found = told({"v.mp4": {1: word}})
    if bouts is None:
        assert found.empty
        return
    row = found.loc[("pooled", "all", "A")]
    assert (row["bouts"], (row["cut_start"], row["cut_stop"]), row["n"], row["n_complete"]) == (bouts, cut, n, complete)
    assert np.isnan(row["median_s"]) if median is None else row["median_s"] == median


@pytest.mark.parametrize(
    ("word", "method"),
    [
        ("A", "no bout whose start was seen"),
        ("BAA", "no quantile or mean: 0 seen to their end, fewer than 1"),
        ("BABAABAAA?BAAA?BAA?", "no median: over half outlast the record; no interval: only 1 session (6 are needed)"),
        ("BAAB", "Kaplan-Meier; no interval: only 1 session (6 are needed)"),
    ],
)
def test_too_little_says_so(word, method):
    row = told({"v.mp4": {1: word}}).loc[("pooled", "all", "A")]
    assert row["method"] == method
    assert np.isnan(row["median_low_s"])
    assert np.isnan(row["mean_low_s"])


def test_no_visible_time_is_no_share():
    row = told({"v.mp4": {1: "--?"}}).loc[("pooled", "all", "A")]
    assert np.isnan(row["share"])
    assert (row["visible_s"], row["observed_s"]) == (0, 3)
    assert row["share_method"] == "no visible time"


def test_units_are_the_pooled_species_sessions_and_named_animals():
    videos = {"x/v.mp4": {1: "BAAB", 2: "BAAAB"}, "y/v.mp4": {1: "BAAAAB"}}
    found = told(videos, {("x/v.mp4", 1): "Zoe", ("y/v.mp4", 1): "Zoe"})
    rows = found.xs("A", level="behaviour")
    assert rows["median_s"].to_dict() == {
        ("pooled", "all"): 3,
        ("species", "zebra"): 3,
        ("session", "x"): 2.5,
        ("session", "y"): 4,
        ("individual", "Zoe"): 3,  # 2 and 4; the unnamed track 2 is no individual
    }
    assert rows[["n_individuals", "n_sessions", "n_tracks"]].loc[("pooled", "all")].tolist() == [1, 2, 3]
    assert rows["n"].tolist() == [3, 3, 2, 1, 2]


def test_shares_are_those_of_the_time_budget():
    words = {1: "AAABB?A-.AABAAC", 2: "BBBAAABBA"}
    tables = study([video("v.mp4", words)], ethogram(), statistics(), min_bout_s=0.0)
    budget = tables["time_budgets"].query("level == 'pooled'").set_index("behaviour")
    found = durations(record(tables["bouts"], ethogram()), statistics()).query("level == 'pooled'")
    found = found.set_index("behaviour")
    for column in ("share", "visible_s", "bouts", "censored_share", "n_sessions", "n_tracks"):
        assert found[column].tolist() == pytest.approx(budget[column].tolist(), abs=1e-6), column


def skewed(seed, sessions=8, animals=3):
    """A study of named animals with exponential bouts of A (mean 8 s) and B (mean 4 s), 300 s each."""
    rng, rows = np.random.default_rng(seed), []
    for session in range(sessions):
        for animal in range(animals):
            lasts = np.round(rng.exponential([8, 4] * 60), 2) + 0.01
            start = lasts.cumsum() - lasts
            start = start[start < 300]
            stop = np.append(start[1:], 300.0)
            rows.append(
                pd.DataFrame(
                    {
                        "subject": f"animal {session}.{animal}", "session": f"s{session}", "video": f"s{session}/v.mp4",
                        "track": animal + 1, "species": "zebra", "set": "behaviour",
                        "behaviour": np.resize(["A", "B"], len(stop)), "kind": "state", "start_s": start,
                        "stop_s": stop, "duration_s": stop - start, "start_frame": 0, "stop_frame": 1,
                        "censored_start": np.arange(len(stop)) == 0,
                        "censored_stop": np.arange(len(stop)) == len(stop) - 1, "confidence": 1.0, "source": "human",
                    }
                )
            )  # fmt: skip
    return BOUTS.cast(pd.concat(rows, ignore_index=True))


def test_quartiles_are_those_of_statsmodels_and_limits_hold_the_true_median():
    table = skewed(3)
    row = durations(record(table, ethogram("AB")), statistics()).query("level == 'pooled' and behaviour == 'A'").iloc[0]
    mine = table[(table["behaviour"] == "A") & ~table["censored_start"]]
    other = SurvfuncRight(mine["duration_s"].to_numpy(), ~mine["censored_stop"].to_numpy())
    assert row["n"] == len(mine)
    assert row["median_s"] == pytest.approx(other.quantile(0.5))
    assert row["q1_s"] == pytest.approx(other.quantile(0.25))
    assert row["q3_s"] == pytest.approx(other.quantile(0.75))
    assert row["mean_s"] == pytest.approx(mine.loc[~mine["censored_stop"], "duration_s"].mean())
    assert row["median_low_s"] < 8 * np.log(2) < row["median_high_s"]
    assert row["mean_low_s"] < row["mean_s"] < row["mean_high_s"]
    assert row["method"] == "Kaplan-Meier; 95 % cluster bootstrap over 8 sessions"


def test_limits_of_one_session_rest_on_its_named_animals():
    found = told(
        {"v.mp4": {k: "BAAAB" + "A" * k + "B" for k in range(1, 8)}}, {("v.mp4", k): f"n{k}" for k in range(1, 8)}
    )
    row = found.loc[("session", "all", "A")]
    assert row["method"] == "Kaplan-Meier; 95 % cluster bootstrap over 7 named animals"
    assert row["median_low_s"] <= row["median_s"] <= row["median_high_s"]
    assert np.isnan(found.loc[("pooled", "all", "A"), "median_low_s"])  # one session


def test_the_line_of_a_paper():
    row = durations(record(skewed(3), ethogram("AB")), statistics()).iloc[0]
    line = reporting_line(row)
    row["observed_s"] = row["visible_s"] + 900.0
    head = (
        "24 individuals, 8 sessions; 2.75 animal-hours tracked: 2.00 recognized, 0.25 with a box but not recognized, "
        "0.50 lost between two boxes"
    )
    assert (reporting_head(row, row["observed_s"] + 1800.0), line[:12]) == (head, "A: share 0.6")
    median = f"median {row['median_s']:.1f} s (quartiles {row['q1_s']:.1f}, {row['q3_s']:.1f})"
    for words in (f"{row['bouts']} bouts", median, "% cut off"):
        assert words in line
    assert f"[{row['share_low']:.2f}, {row['share_high']:.2f}]" in line


def test_the_line_of_nothing():
    found = durations(record(bouts_of({"v.mp4": {1: "-"}}), ethogram()), statistics())
    assert reporting_head(found.iloc[0], 1.0).startswith(
        "nobody named, 0 sessions; 0.00 animal-hours tracked: 0.00 rec"
    )
    assert reporting_line(found.iloc[0]) == (
        "A: share -, 0 bouts, cut off -, too few ended for a median (0 of 0 seen from start to end)"
    )
    few = found.assign(share=0.0017).iloc[0]
    assert reporting_line(few).startswith("A: share 0.002, ")


@pytest.mark.parametrize(
    ("min_ended", "median_s", "mean_s", "method", "line"),
    [
        (
            4,
            np.nan,
            1.0,
            "no median: over half outlast the record; no interval",
            "over half outlast the record (4 of 24 seen from start to end)",
        ),
        (
            5,
            np.nan,
            np.nan,
            "no quantile or mean: 4 seen to their end, fewer than 5",
            "too few ended for a median (4 of 24 seen from start to end)",
        ),
    ],
)
def test_no_figure_of_bouts_that_were_mostly_cut(min_ended, median_s, mean_s, method, line):
    words = dict.fromkeys(range(20), "BAAAA") | dict.fromkeys(range(20, 24), "BAB")
    row = durations(record(bouts_of({"v.mp4": words}), ethogram()), statistics(), min_ended).iloc[0]
    assert (row["behaviour"], row["n"], row["n_complete"]) == ("A", 24, 4)
    assert row[["median_s", "mean_s"]].tolist() == pytest.approx([median_s, mean_s], nan_ok=True)
    assert row["method"].startswith(method)
    assert reporting_line(row).endswith(line)


def test_no_median_that_one_bout_makes():
    # five of twelve end early, six are cut then, and the one that is left would be the median and the last quartile
    words = dict.fromkeys(range(5), "BAB") | dict.fromkeys(range(5, 11), "BAA") | {11: "BAAAAB"}
    few, all_of_it = (
        durations(record(bouts_of({"v.mp4": words}), ethogram()), statistics(), least).iloc[0] for least in (5, 1)
    )
    assert all_of_it[["q1_s", "median_s", "q3_s"]].tolist() == [1, 4, 4]
    assert few[["q1_s", "median_s", "q3_s"]].tolist() == pytest.approx([1, np.nan, np.nan], nan_ok=True)
    assert few["method"].startswith("no median: half have ended only where one that ended stands for over 1 in 5 of al")


def test_events_have_no_duration_and_nobody_has_no_rows():
    of = ethogram("AB", events="S")
    found = durations(record(bouts_of({"v.mp4": {1: "AB"}}, of, events={"v.mp4": {1: "?S"}}), of), statistics())
    assert set(found["behaviour"]) == {"A", "B"}
    assert durations(record(BOUTS.empty(), of), statistics()).columns.tolist() == DURATIONS.names
