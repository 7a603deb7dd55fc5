import numpy as np
import pandas as pd
import pytest

from pipeline.artifacts import read_table, write_table
from pipeline.columns import Column, Table
from pipeline.errors import TableError
from pipeline.typed_csv import read_typed_csv, write_typed_csv

TABLE = Table(
    "things",
    (
        Column("name", "str", "", "what it is called"),
        Column("number", "int", "", "how many", low=0),
        Column("share", "float", "", "of all", decimals=3, missing=True),
        Column("there", "bool", "", "is it there?"),
    ),
    extra=True,
)
ROWS = pd.DataFrame(
    {
        "name": ["NA", 'a "b", c', "two\nlines", ""],
        "number": [1, 2, 3, 4],
        "share": [0.1, float("nan"), -2.0, 1e-3],
        "there": [True, False, True, False],
        "age": ["05", "", "6", "None"],  # the user's own: words, whatever they look like
    }
)


@pytest.mark.parametrize("rows", [ROWS.iloc[:0], ROWS.iloc[:1], ROWS])
def test_what_is_as_declared_is_read_at_once_and_as_from_words(tmp_path, rows):
    path = tmp_path / "things.csv"
    write_table(path, rows, TABLE)
    words = TABLE.cast(pd.read_csv(path, keep_default_na=False, dtype="str"))
    pd.testing.assert_frame_equal(TABLE.cast(read_typed_csv(path, TABLE)), words, check_exact=True)
    pd.testing.assert_frame_equal(read_table(path, TABLE), words, check_exact=True)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("name,number,share,there\na,few,0.1,True\n", "column number must be a whole number >= 0.*row 1, 'few'"),
        ("name,number,share,there\na,1.5,0.1,True\n", "column number must be a whole number >= 0.*row 1, '1.5'"),
        ("name,number,share,there\na,,0.1,True\n", "column number must be a whole number >= 0.*row 1, ''"),
        ("name,number,share,there\na,1,0.1,maybe\n", "column there must be true or false.*row 1, 'maybe'"),
        ("name,share,there\na,0.1,True\n", "missing columns number"),
    ],
)
def test_faults_are_told_of_the_words_as_they_stand(tmp_path, text, fault):
    (tmp_path / "things.csv").write_text(text)
    with pytest.raises(TableError, match=fault):
        read_table(tmp_path / "things.csv", TABLE)


def test_words_that_mean_the_same_are_taken(tmp_path):
    (tmp_path / "things.csv").write_bytes(b"\xef\xbb\xbfname,number,share,there\r\na,2.0,,1\r\n")
    row = read_table(tmp_path / "things.csv", TABLE).iloc[0]
    assert (row["name"], row["number"], row["there"]) == ("a", 2, True)


_WHOLE = [0.0, -0.0, 7.0, 1e9, 2.0**53, 1e15, 1e16, -1e22]
_EDGES = [edge for at in (1e-5, 1e-4, 1e10, 1e15, 1e16) for edge in (np.nextafter(at, 0), at, -at, at + at / 3)]


@pytest.mark.parametrize(
    "rows",
    [
        ROWS.iloc[:0],
        ROWS.iloc[:1],
        ROWS,  # a name with quotes, another with a line's end
        pd.DataFrame({"share": _WHOLE, "there": True}),
        pd.DataFrame({"share": [*_EDGES, 5e-324, 0.1 + 0.2, np.inf, -np.inf, np.nan], "number": 2**62}),
        pd.DataFrame({"share": 10 ** np.random.default_rng(0).uniform(-8, 18, 5000), "there": False}),
        pd.DataFrame({"name": ["nan", "", " é", "a;b", "'"], "number": [0, -1, 2, 3, 4]}),
        pd.DataFrame({"a, b": ["c"], "d": ["e"]}),
    ],
)
def test_what_is_written_by_columns_has_the_bytes_of_what_is_written_cell_by_cell(tmp_path, rows):
    words = rows.select_dtypes(["object", "str"]).columns
    rows = rows.astype(dict.fromkeys(words, pd.StringDtype(na_value=np.nan)))
    write_typed_csv(tmp_path / "new.csv", rows)
    rows.to_csv(tmp_path / "old.csv", index=False, lineterminator="\n")
    assert (tmp_path / "new.csv").read_bytes() == (tmp_path / "old.csv").read_bytes()


def test_an_empty_chunk_of_text_is_no_line(tmp_path):
    words = pd.DataFrame({"name": ["a", "b"], "kind": ["x", "y"]}, dtype=pd.StringDtype(na_value=np.nan))
    write_typed_csv(tmp_path / "words.csv", pd.concat([words.iloc[:0], words]))
    assert (tmp_path / "words.csv").read_text() == "name,kind\na,x\nb,y\n"
