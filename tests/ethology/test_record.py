import numpy as np
import pandas as pd
import pytest

from pipeline.errors import TableError
from pipeline.ethology.record import record
from pipeline.tables import BOUTS
from tests.ethology.made import bouts_of, ethogram


def spans(found, of_set="behaviour"):
    rows = found.spans[found.spans["set"] == of_set]
    return rows[["start_s", "stop_s"]].to_numpy().tolist()


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("", []),  # empty
        ("A", [[0, 1]]),  # one bout
        ("AABB", [[0, 4]]),  # a change breaks nothing
        ("A?B", [[0, 1], [2, 3]]),  # unknown does
        ("A-B", [[0, 1], [2, 3]]),  # and not visible
        ("A.B", [[0, 1], [2, 3]]),  # and a hole in the track
        ("?-", []),  # nothing was ever recognized
    ],
)
def test_spans_are_what_may_be_bridged(word, expected):
    assert spans(record(bouts_of({"v.mp4": {1: word}}), ethogram())) == expected


def test_tracks_videos_and_sessions_are_not_joined():
    table = bouts_of({"x/v.mp4": {1: "AA", 2: "AA"}, "x/w.mp4": {1: "AA"}})
    assert spans(record(table, ethogram())) == [[0, 2], [0, 2], [0, 2]]


def test_events_lie_in_the_time_in_sight_of_any_set():
    both = ethogram("AB", events="S")
    table = bouts_of({"v.mp4": {1: "AB?A-A"}}, both, events={"v.mp4": {1: "?S????"}})
    found = record(table, both)
    assert spans(found, "event") == [[0, 6]]  # the events' own set says that the animal was in sight all the time
    alone = record(table[table["set"] == "behaviour"], both)
    assert spans(alone, "event") == [[0, 4], [5, 6]]  # unknown is in sight, not visible is not
    assert alone.visible_s("event").tolist() == [5]
    assert alone.visible_s("behaviour").tolist() == [4]
    assert alone.observed_s.tolist() == [6]


def test_an_observers_points_need_no_rows_between_them():
    both = ethogram("AB", events="S")
    table = bouts_of({"v.mp4": {1: "AAAA"}}, both)
    point = table.assign(set="event", behaviour="S", kind="event", start_s=1.5, stop_s=1.5, duration_s=0.0)
    found = record(pd.concat([table, point]), both)
    inside = found.rows["set"] == "event"
    assert (found.span[inside] >= 0).all()
    assert spans(found, "event") == [[0, 4]]
    gone = record(pd.concat([table, point.assign(start_s=9.0, stop_s=9.0)]), both)
    assert gone.span[gone.rows["set"] == "event"].tolist() == [-1]  # nobody was in sight then


@pytest.mark.parametrize("by", ["species", "session"])
def test_a_column_that_every_record_has_parts_it_as_any_other(by):
    found = record(bouts_of({"v.mp4": {1: "AAB", 2: "B"}}), ethogram(), by)
    assert found.who.rows[[by, "individual"]].shape == (2, 2)


def test_only_a_name_makes_an_individual():
    found = record(bouts_of({"v.mp4": {1: "A", 2: "A"}}, names={("v.mp4", 2): "Zoe"}), ethogram())
    assert found.who.rows["individual"].tolist() == ["", "Zoe"]


def test_a_table_as_read_from_csv_serves(tmp_path):
    table = bouts_of({"v.mp4": {1: "AAB?BB"}})
    table.to_csv(tmp_path / "bouts.csv", index=False)
    again = record(pd.read_csv(tmp_path / "bouts.csv", keep_default_na=False, dtype="str"), ethogram())
    assert again.rows.equals(record(table, ethogram()).rows)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"stop_s": [3.0, 2.0]}, r"^bouts: 1 rows end before they start \(first: row 2\)$"),
        ({"duration_s": [-3.0, 3.0]}, r"^bouts: column duration_s must be a number >= 0: 1 rows are not"),
        ({"duration_s": [9.0, 3.0]}, r"^bouts: 1 rows with a duration_s that is not stop_s - start_s "),
        ({"start_s": [0.0, 1.0], "duration_s": [3.0, 5.0]}, r"^bouts: 1 rows overlap another bout of their track and"),
        ({"start_s": [0.0, 1.0], "duration_s": [3.0, 5.0], "session": ["a", "b"]}, r"bouts: 1 rows overlap"),
        ({"behaviour": ["A", "Z"]}, r"^bouts: 1 rows of behaviours that are not in the ethogram: Z \(set behaviour\)$"),
        ({"kind": ["event", "state"]}, r"^bouts: 1 rows with another kind than the ethogram's \(first: row 1\)$"),
        ({"subject": ["Zoe", "Max"]}, r"^bouts: 2 rows of a track with several subjects \(first: row 1\)$"),
        ({"kind": ["event", "event"], "behaviour": ["A", "Z"]}, "in the ethogram: Z .*; 1 rows with another kind"),
    ],
)  # fmt: skip
def test_a_record_that_contradicts_itself_is_refused(change, text):
    table = bouts_of({"v.mp4": {1: "AAABBB"}}).assign(**change)
    with pytest.raises(TableError, match=text):
        record(table, ethogram())


def test_a_missing_column_is_named():
    with pytest.raises(TableError, match=r"^bouts: missing columns stop_s$"):
        record(bouts_of({"v.mp4": {1: "AB"}}).drop(columns="stop_s"), ethogram())


def test_nobody():
    found = record(BOUTS.empty(), ethogram())
    assert len(found.rows) == len(found.spans) == len(found.who.rows) == 0
    assert found.visible_s("behaviour").tolist() == []


def test_touching_within_the_stored_precision_is_touching():
    table = bouts_of({"v.mp4": {1: "AAABBB"}})
    table.loc[1, ["start_s", "duration_s"]] = [3.000001, 2.999999]
    assert spans(record(table, ethogram())) == [[0, 6]]
    assert np.isclose(record(table, ethogram()).visible_s("behaviour")[0], 6)
