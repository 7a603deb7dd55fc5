from pathlib import Path

import pandas as pd
import pytest

from pipeline.errors import TableError, UsageError
from pipeline.ethology.covariates import check_columns, read_sessions, with_covariates
from tests.ethology.made import statistics


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


def test_columns_that_nobody_has_are_refused():
    names = pd.DataFrame(columns=["video", "track", "individual", "sex"])
    check_columns(statistics(by=("sex", "group")), names, None, None)
    with pytest.raises(UsageError, match=r"statistics.by names age, which .*; there are group, sex, site"):
        check_columns(statistics(by=("age", "sex")), names)
