from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.errors import TableError, UsageError
from pipeline.ethology.covariates import bouts_with, check_columns, read_sessions, with_covariates
from tests.ethology.made import bouts_of, ethogram, statistics
from tests.ethology.sequences.made import settings


def written(folder: Path, text: str) -> Path:
    path = folder / "sessions.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_sessions_keep_their_columns(tmp_path):
    found = read_sessions(written(tmp_path, "session,habitat,observer\nday 1,open,NA\nday 2,,Ann\n"))
    assert found.to_numpy().tolist() == [["day 1", "open", "NA"], ["day 2", "", "Ann"]]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("habitat\nopen\n", "sessions.csv: missing columns session"),
        ("session,habitat\n,open\n", r"1 rows name no session \(first: row 1\)"),
        ("session\na\nb\na\n", r"2 rows name a session that another row names too \(first: row 1\)"),
    ],
)
def test_sessions_are_checked(tmp_path, text, told):
    with pytest.raises(TableError, match=told):
        read_sessions(written(tmp_path, text))


def test_the_animal_goes_before_the_session_and_the_session_before_the_span():
    rows = pd.DataFrame({"track": [1, 2, 3], "session": ["s", "s", "t"], "time_s": [0.0, 59.9, 60.0], "place": "hill"})
    names = pd.DataFrame({"video": ["v", "v", "w"], "track": [1, 2, 3], "place": ["den", "", "elsewhere"]})
    sessions = pd.DataFrame({"session": ["s"], "place": ["plain"]})
    found = with_covariates(rows, "v", statistics(by=("place", "sex"), time_bin_s=60), names, sessions)
    assert found["place"].tolist() == ["den", "plain", "hill"]
    assert found["sex"].tolist() == ["", "", ""]
    assert found["time_bin"].tolist() == ["00000-00060 s", "00000-00060 s", "00060-00120 s"]


@pytest.mark.parametrize(
    ("width_s", "names"),
    [
        (2.5, ["00000.0-00002.5 s", "00002.5-00005.0 s", "00005.0-00007.5 s", "00010.0-00012.5 s"]),
        (0.2, ["00000.2-00000.4 s", "00002.6-00002.8 s", "00005.0-00005.2 s", "00010.2-00010.4 s"]),
        (5.0, ["00000-00005 s", "00005-00010 s", "00010-00015 s"]),
    ],
)
def test_names_of_bins_sort_as_times_do(width_s, names):
    times = pd.DataFrame({"track": 1, "session": "s", "time_s": [0.2, 2.6, 5.0, 10.3]})  # 2.6 // 0.2 is 12
    found = with_covariates(times, "v", statistics(time_bin_s=width_s), None, None)["time_bin"].tolist()
    assert list(dict.fromkeys(found)) == names == sorted(names)


def test_columns_that_nobody_has_are_refused():
    names = pd.DataFrame(columns=["video", "track", "individual", "sex"])
    check_columns(statistics(by=("sex", "group")), settings(by=["species", "sex"]), names, None, None)
    with pytest.raises(UsageError, match=r"statistics.by names age, which .*; there are group, sex, site"):
        check_columns(statistics(by=("age", "sex")), settings(), names)
    with pytest.raises(
        UsageError, match=r"sequences.by names age, which .*; there are group, session, sex, site, spec"
    ):
        check_columns(statistics(), settings(by=["age"]), names)


def test_a_bout_is_cut_where_another_thing_is_said_of_it():
    walk = bouts_of({"v": {1: "A" * 10, 2: "A" * 10}})
    spans = pd.DataFrame({"video": "v", "start_s": [np.nan, 2.0, 4.0], "stop_s": [2.0, 4.0, np.nan]})
    spans = spans.assign(session="s", use="yes", reason="", timezone="", species="", place=["plain", "hill", "plain"])
    names = pd.DataFrame({"video": ["v"], "track": [2], "individual": ["Ann"], "place": ["den"]})
    found = bouts_with(walk, ["place"], names, None, spans)
    own = found[found["track"] == 1]
    assert own["place"].tolist() == ["plain", "hill", "plain"]
    assert own[["start_s", "stop_s"]].to_numpy().tolist() == [[0, 2], [2, 4], [4, 10]]
    assert own[["start_frame", "stop_frame"]].to_numpy().tolist() == [[0, 2], [2, 4], [4, 10]]
    assert own[["censored_start", "censored_stop"]].to_numpy().tolist() == [[True, True]] * 3
    assert found.groupby("track")["duration_s"].sum().tolist() == [10, 10]
    other = found[found["track"] == 2]
    assert other["place"].tolist() == ["den"]  # nothing changes for it
    pd.testing.assert_frame_equal(other[walk.columns].reset_index(drop=True), walk[1:].reset_index(drop=True))


def test_an_event_is_not_cut_and_has_what_is_said_of_its_start():
    of = ethogram("A", events="S")
    table = bouts_of({"v": {1: "AAAA"}}, of, events={"v": {1: "?SS?"}})
    spans = pd.DataFrame({"video": "v", "start_s": [0.0, 2.0], "stop_s": [2.0, 4.0], "place": ["plain", "hill"]})
    spans = spans.assign(session="s", use="yes", reason="", timezone="", species="")
    found = bouts_with(table, ["place"], None, None, spans)
    told = found[found["behaviour"] != "unknown"]
    assert told[["behaviour", "place"]].to_numpy().tolist() == [["A", "plain"], ["A", "hill"], ["S", "plain"]]


def test_bouts_of_which_nothing_is_said_stay_whole():
    walk = bouts_of({"v": {1: "AAB"}})
    found = bouts_with(walk, ["sex", "species"])
    assert found["sex"].tolist() == ["", ""]
    pd.testing.assert_frame_equal(found[walk.columns], walk)
    assert bouts_with(walk.iloc[:0], ["sex"]).empty
    backwards, silent = walk[::-1], pd.DataFrame({"session": ["s"], "place": [""]})
    pd.testing.assert_frame_equal(bouts_with(backwards, ["place"], None, silent), backwards.assign(place=""))
