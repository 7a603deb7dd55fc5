from pathlib import Path

import pandas as pd
import pytest

from pipeline.artifacts import write_table
from pipeline.errors import TableError
from pipeline.formats.own import read_own
from pipeline.tables import DETECTIONS, TRACKS
from tests.formats.labels import COLUMNS, boxes, video, write

HEAD = "frame,x1,y1,x2,y2"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEAD, []),  # empty
        (f"{HEAD}\n3,1,2,5,6", [(3, -1, 1, 2, 5, 6)]),  # one
        (f"\ufeff{HEAD}\r\n3,1,2,5,6\r\n\r\n", [(3, -1, 1, 2, 5, 6)]),  # a spreadsheet's
        ("frame;x1;y1;x2;y2;track\n3;1;2;5;6;0", [(3, 0, 1, 2, 5, 6)]),  # another separator, and identities
        (f"{HEAD},observed\n3,1,2,5,6,True\n4,1,2,5,6,False", [(3, -1, 1, 2, 5, 6)]),  # interpolated: found again later
        (f"{HEAD},video\n3,1,2,5,6,DJI_0068\n3,0,0,9,9,other", [(3, -1, 1, 2, 5, 6)]),  # only this video's
    ],
)
def test_csv(tmp_path: Path, text: str, expected: list[tuple[float, ...]]) -> None:
    data = read_own(write(tmp_path / "b.csv", text), video())
    assert boxes(data) == expected
    assert list(data.columns) == COLUMNS


def test_a_species_named_na_is_a_word(tmp_path: Path) -> None:
    data = read_own(write(tmp_path / "b.csv", f"{HEAD},species,score\n3,1,2,5,6,NA,0.5"), video())
    assert (data["species"].tolist(), data["score"].tolist()) == (["NA"], [0.5])


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_species_that_is_empty_is_unnamed(tmp_path: Path, suffix: str) -> None:
    names = ["zebra", "", " ", None]
    rows = pd.DataFrame([(k, 1, 2, 5, 6, name) for k, name in enumerate(names)], columns=[*HEAD.split(","), "species"])
    path = tmp_path / f"b.{suffix}"
    rows.to_csv(path, index=False) if suffix == "csv" else rows.to_parquet(path)
    assert read_own(path, video())["species"].tolist() == ["zebra", *["animal"] * 3]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_tables_of_a_run_are_read(tmp_path: Path, suffix: str) -> None:
    found = pd.DataFrame([(3, 0.1, 1, 2, 5, 6, 0.5, "zebra", 0.75, 4)], columns=DETECTIONS.names)
    write_table(tmp_path / f"detections.{suffix}", found, DETECTIONS)
    data = read_own(tmp_path / f"detections.{suffix}", video())
    assert data.to_dict("records") == found.drop(columns="time_s").to_dict("records")
    tracks = pd.DataFrame([(0, 3, 0.1, 1, 2, 5, 6, 0.5, "zebra", True)], columns=TRACKS.names)
    write_table(tmp_path / f"tracks.{suffix}", tracks, TRACKS)
    assert boxes(read_own(tmp_path / f"tracks.{suffix}", video())) == [(3, 0, 1, 2, 5, 6)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: no header"),
        ("frame,x1\n1,2", "missing columns y1, x2, y2"),
        (f"{HEAD},x1\n", "columns named twice: x1"),
        (f"{HEAD}\n1,2\n3,1,2,5,6,7", "line 2: 2 fields, expected 5; line 3: 6 fields, expected 5"),
        (
            f"{HEAD}\n3,1,2,5,6\n\na,1,2,5,",
            "line 4: frame must be a number, got 'a'; line 4: y2 must be a number, got ''",
        ),
        (f"{HEAD}\n3,9,2,5,6", "line 2: the box is inside out: width -4, height 4"),
        (f"{HEAD},score\n3,1,2,5,6,nan", "line 2: score must be a number, got 'nan'"),
        (f"{HEAD},video\n3,1,2,5,6,a\n3,1,2,5,6,b", "no rows for video DJI_0068.MP4; it speaks of a, b"),
        (b"frame,x1\n\xff", "not UTF-8 text"),
        (f"{HEAD}\n" + "9" * 200_000, "field larger than field limit"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_file_is_one_line(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(TableError, match=message):
        read_own(write(tmp_path / "b.csv", text), video())


def test_a_broken_parquet_file(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"cannot read .*b\.parquet as a table"):
        read_own(write(tmp_path / "b.parquet", b"PAR1 and no more"), video())
    pd.DataFrame({"frame": [1], "x1": [[1, 2]], "y1": [0], "x2": [3], "y2": [4]}).to_parquet(tmp_path / "c.parquet")
    with pytest.raises(TableError, match="row 1: x1 must be a number"):
        read_own(tmp_path / "c.parquet", video())
