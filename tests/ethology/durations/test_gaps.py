import json

import numpy as np
import pandas as pd
import pytest

from pipeline.errors import TableError
from pipeline.ethology.durations.gaps import gaps, single_gaps
from pipeline.ethology.durations.latencies import latencies, occurrences, read_starts
from pipeline.ethology.durations.rates import rates
from pipeline.ethology.durations.tables import STARTS
from pipeline.ethology.record import record
from pipeline.tables import BOUTS
from tests.ethology.made import bouts_of, ethogram, statistics


@pytest.mark.parametrize(
    ("word", "complete", "cut", "unseen"),
    [
        ("", [], [], []),  # empty
        ("AA", [], [], []),  # one bout: no gap
        ("ABBA", [2], [], []),
        ("ABBAB", [2], [1], []),  # the record ends one second after the last
        ("BAB", [], [1], [1]),  # before the first: its start was not seen
        ("AB?BA", [], [1], [1]),  # unknown breaks it
        ("AB-BA", [], [1], [1]),  # out of sight too
        ("AB.BA", [], [1], [1]),  # and a hole
        ("A?A", [], [], []),  # nothing was seen between them
        ("ABACCA", [1, 2], [], []),  # whatever lies between
        ("BBB", [], [], []),  # never seen: no gap between its bouts
    ],
)
def test_by_hand(word, complete, cut, unseen):
    found = single_gaps(record(bouts_of({"v.mp4": {1: word}}), ethogram())).query("behaviour == 'A'")
    assert found.loc[found["begun"] & found["ended"], "gap_s"].tolist() == complete
    assert found.loc[~found["ended"], "gap_s"].tolist() == cut
    assert found.loc[~found["begun"], "gap_s"].tolist() == unseen


def test_events_are_apart_from_start_to_start():
    of = ethogram("AB", events="S")
    table = bouts_of({"v.mp4": {1: "AAAAAAAA"}}, of, events={"v.mp4": {1: "?SS??S??"}})
    found = single_gaps(record(table, of)).query("behaviour == 'S'")
    assert found["gap_s"].tolist() == [1, 4, 3]  # not seen to begin, complete, cut
    row = gaps(record(table, of), statistics()).query("behaviour == 'S' and level == 'pooled'").iloc[0]
    assert (row["n"], row["n_complete"], row["cut_start"], row["median_s"]) == (2, 1, 1, 4)


def test_gaps_of_units():
    table = bouts_of({"x/v.mp4": {1: "ABA"}, "y/v.mp4": {1: "ABBBA", 2: "ABBBBBA"}}, names={("y/v.mp4", 2): "Zoe"})
    found = gaps(record(table, ethogram()), statistics()).query("behaviour == 'A'").set_index(["level", "unit"])
    assert found["median_s"].to_dict() == {
        ("pooled", "all"): 3,
        ("species", "zebra"): 3,
        ("session", "x"): 1,
        ("session", "y"): 4,
        ("individual", "Zoe"): 5,
    }
    assert found["n_tracks"].tolist() == [3, 3, 1, 2, 1]
    never = gaps(record(table, ethogram()), statistics()).query("behaviour == 'C'").iloc[0]
    assert (never["n"], never["method"]) == (0, "no gap whose start was seen")


def test_gaps_of_nobody():
    nobody = record(BOUTS.empty(), ethogram())
    assert (
        len(gaps(nobody, statistics())) == len(rates(nobody, statistics())) == len(latencies(nobody, statistics())) == 0
    )


@pytest.mark.real
def test_boris_finds_the_same_intervals(real):
    # BORIS's own expectation for its project, behaviour s of subject1: 2.15 s between its 3 bouts
    project = json.loads((real / "boris" / "test.boris").read_text())
    events = project["observations"]["observation #1"]["events"]
    ends = [round(time / 0.025) for time, who, what, *_ in events if (who, what) == ("subject1", "s")]
    word = "".join("AB"[sum(end <= frame for end in ends) % 2] for frame in range(4000))
    table = bouts_of({"v.mp4": {1: word}}, ethogram("AB"))
    table[["start_s", "stop_s", "duration_s"]] *= 0.025
    found = single_gaps(record(table, ethogram("AB"))).query("behaviour == 'B' and begun and ended")
    assert found["gap_s"].tolist() == pytest.approx([2.15, 2.15])


@pytest.mark.parametrize(
    ("word", "bouts", "starts", "visible"),
    [
        ("BAAB", 1, 1, 4),  # one
        ("AABAAAB", 2, 1, 7),  # the first was going on
        ("BA?AB", 2, 1, 4),  # one bout, broken: the rate of starts is not doubled
        ("B-B", 0, 0, 2),  # never seen
        ("--", 0, 0, 0),  # no visible time
    ],
)
def test_rates_by_hand(word, bouts, starts, visible):
    found = rates(record(bouts_of({"v.mp4": {1: word}}), ethogram()), statistics())
    row = found.query("level == 'pooled' and behaviour == 'A'").iloc[0]
    assert (row["bouts"], row["starts"], row["visible_s"]) == (bouts, starts, visible)
    if visible:
        assert row["per_h"] == pytest.approx(3600 * bouts / visible)
        assert row["starts_per_h"] == pytest.approx(3600 * starts / visible)
    else:
        assert np.isnan(row["per_h"])
        assert row["method"] == "no visible time"


def test_rates_of_events_are_per_hour_in_sight():
    of = ethogram("AB", events="S")
    table = bouts_of({"v.mp4": {1: "AA??-A"}}, of, events={"v.mp4": {1: "S?S?-?"}})
    row = rates(record(table, of), statistics()).query("behaviour == 'S' and level == 'pooled'").iloc[0]
    assert (row["kind"], row["bouts"], row["starts"], row["visible_s"]) == ("event", 2, 2, 5)
    assert row["per_h"] == pytest.approx(1440)


def test_limits_of_a_rate_rest_on_the_sessions():
    videos = {f"s{k}/v.mp4": {1: "BAB" * k + "B" * 9} for k in range(1, 8)}
    row = (
        rates(record(bouts_of(videos), ethogram()), statistics())
        .query("level == 'pooled' and behaviour == 'A'")
        .iloc[0]
    )
    assert row["low"] < row["per_h"] < row["high"]
    assert row["method"] == "pooled time; 95 % t interval over 7 sessions"
    assert (row["low"], row["high"]) == (row["starts_low"], row["starts_high"])  # every start was seen


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("BBAAC", {"A": (2, True), "B": (0, True), "C": (4, True)}),
        ("BB?AC", {"A": (2, False), "B": (0, True), "C": (2, False)}),  # unknown ends the search
        ("BB-AC", {"A": (2, False), "B": (0, True), "C": (2, False)}),
        ("BB.AC", {"A": (2, False), "B": (0, True), "C": (2, False)}),
        ("?BBA", {"A": (2, True), "B": (0, True), "C": (3, False)}),  # from the first recognized moment
        ("--", {}),  # never in sight
    ],
)
def test_latencies_from_the_start_of_the_record(word, expected):
    found = occurrences(record(bouts_of({"v.mp4": {1: word}}), ethogram()))
    rows = found.itertuples()
    assert {row.behaviour: (row.latency_s, row.occurred) for row in rows} == expected


@pytest.mark.parametrize(
    ("from_s", "expected"),
    [
        (0, {"A": (2, True), "B": (0, True), "C": (6, True)}),
        (1.5, {"A": (0.5, True), "B": (0, True), "C": (4.5, True)}),
        (2, {"A": (0, True), "B": (2, True), "C": (4, True)}),  # B ends where A starts: it is over
        (4.5, {"A": (2.5, False), "B": (0, True), "C": (1.5, True)}),  # A does not come again
        (7, {}),  # the record is over
    ],
)
def test_latencies_from_a_given_moment(from_s, expected):
    starts = STARTS.cast(starts_of([("v.mp4", from_s, "call")]))
    found = occurrences(record(bouts_of({"v.mp4": {1: "BBAABBC"}}), ethogram()), starts)
    assert {row.behaviour: (row.latency_s, row.occurred) for row in found.itertuples()} == expected
    assert set(found["what"]) <= {"call"}


def starts_of(rows):
    return pd.DataFrame(rows, columns=STARTS.names)


def test_latencies_to_events():
    of = ethogram("AB", events="S")
    table = bouts_of({"v.mp4": {1: "AAAAAA"}}, of, events={"v.mp4": {1: "?SS?S?"}})
    starts = starts_of([("v.mp4", 0.0, "a"), ("v.mp4", 1.0, "b"), ("v.mp4", 2.0, "c"), ("v.mp4", 5.0, "d")])
    found = occurrences(record(table, of), starts).query("behaviour == 'S'").set_index("what")
    assert found["latency_s"].tolist() == [1, 0, 2, 1]  # an event is at its start: at 2 it is over
    assert found["occurred"].tolist() == [True, True, True, False]


def test_an_animal_of_two_tracks_is_looked_at_once_from_its_first():
    table = bouts_of({"v.mp4": {1: "BA", 2: "...AB"}}, names={("v.mp4", 1): "Zoe", ("v.mp4", 2): "Zoe"})
    found = occurrences(record(table, ethogram("AB")))
    assert found[["subject", "behaviour", "latency_s"]].to_numpy().tolist() == [["Zoe", "A", 1], ["Zoe", "B", 0]]


def test_latencies_of_units_and_starts(caplog):
    videos = {"x/v.mp4": {1: "BBA", 2: "BBBB", 3: "A.."}, "y/v.mp4": {1: "BA"}}
    starts = starts_of(
        [("x/v.mp4", 0.0, "call"), ("y/v.mp4", 0.0, "call"), ("y/v.mp4", 1.0, "flight"), ("gone", 0.0, "")]
    )
    found = latencies(record(bouts_of(videos), ethogram("AB")), statistics(), starts)
    row = found.query("what == 'call' and level == 'pooled' and behaviour == 'A'").iloc[0]
    assert (row["n"], row["n_complete"], row["at_start"]) == (4, 3, 1)  # 2 s, over 4 s, 0 s, 1 s
    assert row["median_s"] == 1.5
    flight = found.query("what == 'flight' and level == 'session' and unit == 'x'")
    assert set(flight["n"]) == {0}
    assert set(flight["method"]) == {"no animal was in sight at the start"}
    assert "speaks of videos that are not in the record: gone" in caplog.text


def test_the_users_table_of_starts(tmp_path):
    path = tmp_path / "starts.csv"
    path.write_text("video,time_s\nv.mp4, 3.5\n")
    assert read_starts(path).to_dict("records") == [{"video": "v.mp4", "time_s": 3.5, "what": "start"}]
    path.write_text("video,time_s,what\nv.mp4,soon,call\nv.mp4,-1,call\n")
    with pytest.raises(
        TableError, match=r"^starts.csv: column time_s must be a number >= 0: 2 rows are not \(first: row 1"
    ):
        read_starts(path)
