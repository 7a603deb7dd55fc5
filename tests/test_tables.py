"""Declared tables: types, bounds, precision, and all faults at once."""

import re

import numpy as np
import pandas as pd
import pytest

from pipeline import tables
from pipeline.chain.contrasts import CONTRASTS
from pipeline.chain.families import FAMILIES
from pipeline.columns import Table, dictionary, p_value
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


def test_a_small_p_is_not_0() -> None:
    table = Table("tests", (p_value("p", "of a test"),))
    cast = table.cast(pd.DataFrame({"p": [0.0123456789, 1.23456789e-12, 1e-300, 0.0, 1.0, np.nan]}))
    assert cast["p"].tolist()[:-1] == [0.0123457, 1.23457e-12, 1e-300, 0.0, 1.0]
    assert np.isnan(cast["p"].iloc[-1])


def test_every_p_of_a_test_has_significant_digits() -> None:
    columns = [column for of in (*FAMILIES.values(), CONTRASTS) for table in of for column in table.columns]
    shares = {"p_row", "p_all", "p_all_low", "p_all_high", "p_all_method"}
    found = [one for one in columns if re.fullmatch(r"p(_\w+)?|\w+_p(_\w+)?", one.name) and one.name not in shares]
    assert len(found) > 20
    assert found == [p_value(one.name, one.meaning) for one in found]


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
            assert set(dictionary([table])["column"]) >= set(table.names)
