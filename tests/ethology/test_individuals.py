import pandas as pd
import pytest

from pipeline.errors import TableError
from pipeline.ethology.individuals import named, read_individuals, subjects


def written(tmp_path, text):
    path = tmp_path / "individuals.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_names_join_tracks_and_other_columns_stay(tmp_path):
    names = read_individuals(
        written(tmp_path, "video,track,individual,sex\na.mp4,1,Zoe,f\na.mp4,3, Zoe,f\nb.mp4,1,NA,m\n")
    )
    track = pd.Series([3, 1, 2])
    assert named("a.mp4", track, names).tolist() == ["Zoe", "Zoe", ""]
    assert subjects("a.mp4", track, names).tolist() == ["Zoe", "Zoe", "a.mp4#2"]
    assert subjects("b.mp4", track, names).tolist() == ["b.mp4#3", "NA", "b.mp4#2"]
    assert names["sex"].tolist() == ["f", "f", "m"]


def test_without_names_every_track_is_its_own_subject():
    assert subjects("a.mp4", pd.Series([1, 2]), None).tolist() == ["a.mp4#1", "a.mp4#2"]
    assert named("a.mp4", pd.Series([], dtype="int64"), None).tolist() == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("video,individual\na,Zoe\n", "individuals.csv: missing columns track"),
        ("video,track,individual\na,one,Zoe\n", "column track must be a whole number >= 0: 1 rows are not"),
        ("video,track,individual\na,1,Zoe\nb,1,Z\na,1,Max\n", r"2 rows name a track .* \(first: row 1\)"),
        ("", "cannot read"),
    ],
)
def test_faults(tmp_path, text, fault):
    with pytest.raises(TableError, match=fault):
        read_individuals(written(tmp_path, text))


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        (b"video;track;individual\na;1;Zoe\n", "its cells are separated by ';'; save it with commas"),
        ("video,track,individual\na,1,Zoé\n".encode("cp1252"), "not text in UTF-8; save it as 'CSV UTF-8'"),
        (b"video,track,individual\na,1,Zoe,\n", "its rows have more cells than its header"),  # would be shifted
        (b"video,track,individual,sex,sex \na,1,Zoe,f,m\n", "more than one column is called sex; give each a name"),
    ],
)
def test_as_a_spreadsheet_may_save_it(tmp_path, cells, fault):
    (tmp_path / "individuals.csv").write_bytes(cells)
    with pytest.raises(TableError, match=fault):
        read_individuals(tmp_path / "individuals.csv")


def test_as_excel_saves_it(tmp_path):
    (tmp_path / "individuals.csv").write_bytes("\ufeffvideo,track,individual\r\na,1,Zoé\r\n".encode())
    assert read_individuals(tmp_path / "individuals.csv")["individual"].tolist() == ["Zoé"]
