"""Declared tables: types, bounds, precision, and all faults at once."""

import pandas as pd
import pytest

from pipeline import tables
from pipeline.columns import Table, dictionary
from pipeline.errors import TableError

ROW = {"frame": 0, "time_s": 0.0, "duration_s": 0.04, "fault": ""}


def test_the_empty_table_has_its_columns() -> None:
    empty = tables.FRAMES.cast(tables.FRAMES.empty())
    assert list(empty) == ["frame", "time_s", "duration_s", "fault"]
    assert len(empty) == 0


def test_text_is_cast_and_rounded_as_declared() -> None:
    cast = tables.FRAMES.cast(pd.DataFrame([{**ROW, "frame": "3", "time_s": "0.12345678"}]))
    assert cast.loc[0, "frame"] == 3
    assert cast.loc[0, "time_s"] == 0.123457


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"frame": "x"}, r"column frame must be a whole number >= 0: 1 rows are not \(first: row 1, 'x'\)"),
        ({"frame": -1}, r"column frame must be a whole number >= 0"),
        ({"frame": 1.5}, r"column frame must be a whole number"),
        ({"time_s": ""}, r"column time_s must be a number: 1 rows are not \(first: row 1, ''\)"),
        ({"duration_s": -0.1}, r"column duration_s must be a number >= 0"),
    ],
)
def test_a_fault_says_column_rule_row_and_value(change: dict[str, object], text: str) -> None:
    with pytest.raises(TableError, match=text):
        tables.FRAMES.cast(pd.DataFrame([{**ROW, **change}]))


def test_all_faults_come_at_once() -> None:
    with pytest.raises(
        TableError, match=r"here.csv: missing columns time_s, fault; column frame .*; column duration_s"
    ):
        tables.FRAMES.cast(pd.DataFrame([{"frame": "x", "duration_s": -1}]), where="here.csv")


def test_an_open_family_is_kept_after_the_columns() -> None:
    row = {"track": 1, "start_frame": 0, "stop_frame": 5, "time_s": 0.0, "repeated": "True", "p_Walk": 0.123456}
    cast = tables.SCORES.cast(pd.DataFrame([{**row, "other": 1}]))
    assert list(cast)[-1] == "p_Walk"
    assert "other" not in cast
    assert cast.loc[0, "p_Walk"] == 0.1235
    assert bool(cast.loc[0, "repeated"])


def test_a_word_is_a_word() -> None:
    assert tables.FRAMES.cast(pd.DataFrame([{**ROW, "fault": "None"}])).loc[0, "fault"] == "None"


def test_every_column_says_what_it_means() -> None:
    for table in vars(tables).values():
        if isinstance(table, Table):
            assert all(column.meaning for column in table.columns), table.name
            assert set(dictionary(table)["column"]) >= set(table.names)
