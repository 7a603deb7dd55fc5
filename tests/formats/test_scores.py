from pathlib import Path

import pandas as pd
import pytest

from pipeline.errors import TableError
from pipeline.formats.scores import KABR, read_scores, score_columns
from tests.formats.labels import real, write

LABELS = "video track frame label\n"


def named(data: pd.DataFrame) -> list[str]:
    """The behaviour of each row of a one-hot table."""
    scores = data[score_columns(data)]
    assert scores.sum(axis=1).eq(1).all()
    return [name.removeprefix("p_") for name in scores.idxmax(axis=1)]


@pytest.mark.parametrize(
    ("text", "behaviours", "expected"),
    [
        (LABELS, [], []),  # empty
        (LABELS + "A 0 0 3", [], ["Head Up"]),  # one: kabr-tools, KABR's order
        (LABELS + "A 0 0 3", ["a", "b", "c", "d"], ["d"]),  # somebody else's order
        ("video,track,frame,label\r\nA,0,0,Head Up\r\nA,0,1,Walk\r\n", [], ["Head Up", "Walk"]),  # names
        (LABELS + 'A 0 0 "Head Up"', [], ["Head Up"]),  # quoted where the separator is a space
        ("track,frame,label\n0,0,NA\n0,1,None", [], ["NA", "None"]),  # words, not gaps
        ("track,frame,label\n0,0,2", ["2", "1"], ["2"]),  # behaviours that are called by numbers
    ],
)
def test_labels(tmp_path: Path, text: str, behaviours: list[str], expected: list[str]) -> None:
    assert named(read_scores(write(tmp_path / "A.csv", text), behaviours)) == expected


def test_a_label_speaks_of_one_frame(tmp_path: Path) -> None:
    data = read_scores(write(tmp_path / "A.csv", LABELS + "A 2 7 3"))
    assert data[["video", "track", "start_frame", "stop_frame"]].to_numpy().tolist() == [["A", 2, 7, 8]]


def test_our_own_table(tmp_path: Path) -> None:
    text = "track,start_frame,stop_frame,time_s,repeated,p_walk,p_graze\n1,0,16,0.0,False,0.25,0.5\n"
    data = read_scores(write(tmp_path / "A.csv", text), ["graze", "walk"])
    assert list(data.columns) == ["track", "start_frame", "stop_frame", "p_graze", "p_walk"]
    assert data.to_numpy().tolist() == [[1, 0, 16, 0.5, 0.25]]
    data.to_parquet(tmp_path / "A.parquet")
    pd.testing.assert_frame_equal(
        read_scores(tmp_path / "A.parquet").reset_index(drop=True), data.reset_index(drop=True)
    )


def test_a_folder_has_a_file_a_video(tmp_path: Path) -> None:
    write(tmp_path / "A.csv", "track,frame,label\n1,0,walk")
    write(tmp_path / "B.csv", "track,frame,label\n1,0,graze")
    data = read_scores(tmp_path)
    assert data["video"].tolist() == ["A", "B"]
    assert data[["p_walk", "p_graze"]].to_numpy().tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize(
    ("text", "behaviours", "message"),
    [
        ("", [], "line 1: no header"),
        ("video,label\nA,3", [], "missing columns track, start_frame"),
        ("track,frame\n0,0", [], r"missing columns label \(or p_<behaviour>\)"),
        (LABELS + "A 0 0 Head Up", [], "line 2: 5 fields, expected 4"),
        (LABELS + "A 0 0 9", [], "line 2: label must be 0 to 7, got '9'"),
        (LABELS + "A 0 0 -1", [], "line 2: label must be 0 to 7, got '-1'"),
        (LABELS + "A 0 0 3\nA 0 1 Walk\nA 0 2 9", [], "line 3: label must be 0 to 7, got 'Walk'; line 4: .* got '9'"),
        ("track,frame,label\n0,0,Walk\n0,1,", [], "line 3: label must be one of Walk, got ''"),
        ("track,frame,label\n0,0,Fly", ["Walk"], "line 2: label must be one of Walk, got 'Fly'"),
        ("track,frame,label\n0,0,Fly", ["{Walk}"], "label must be one of {Walk}, got 'Fly'"),
        (LABELS + "A 0 0 3\nA 0 0 4", [], "line 3: this track has a row for the same frames already"),
        (LABELS + "A -1 0 3", [], "line 2: track must be a whole number from 0, got -1"),
        (LABELS + "A 0 x 3", [], "line 2: start_frame must be a number, got 'x'"),
        ("track,start_frame,stop_frame,label\n0,5,5,1", [], "line 2: stop_frame must be after start_frame"),
        ("track,frame,p_walk\n0,0,1.5", [], r"line 2: p_walk must be in \[0, 1\], got 1.5"),
        ("track,frame,p_walk\n0,0,nan", [], "line 2: p_walk must be a number, got 'nan'"),
        ("track,frame,p_walk\n0,0,1", ["run"], "its behaviours are walk; behaviours= names run"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_file_is_one_line(tmp_path: Path, text: str, behaviours: list[str], message: str) -> None:
    with pytest.raises(TableError, match=message):
        read_scores(write(tmp_path / "A.csv", text), behaviours)


def test_a_folder_without_scores(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"no .csv or .parquet file of scores in this folder"):
        read_scores(tmp_path)


@pytest.mark.real
def test_kabr_tools_own_labels() -> None:
    data = read_scores(real() / "kabr_fixture" / "DJI_0068.csv")
    assert named(data) == ["Head Up"] * 3 + ["Walk"] * 39
    assert [name.removeprefix("p_") for name in score_columns(data)] == list(KABR)
