import json
import os
from pathlib import Path

import pandas as pd
import pytest

from pipeline.ethology.bouts import bouts
from pipeline.ethology.runs import runs
from pipeline.ethology.smoothing import smooth
from pipeline.tables import BEHAVIOURS, BOUTS, NAMES
from tests.ethology.made import behaviours, ethogram, tracks, word


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("A", "A"),  # one frame
        ("AAABBBAAA", "AAABBBAAA"),  # nothing is too short
        ("AAABAAA", "AAAAAAA"),  # a flicker
        ("AAABCCCC", "AAACCCCC"),  # into the longer neighbour
        ("AAABCCC", "AAAACCC"),  # equally long: into the earlier
        ("AAABCAAA", "AAAAAAAA"),  # two flickers side by side, the earlier first
        ("AAABBCAAA", "AAAAAAAAA"),  # C goes into the longer A, then B lies between A and A
        ("AAABBCBBAAA", "AAABBBBBAAA"),  # the shortest first, so that B is saved
        ("ABBB", "ABBB"),  # cut by the record's start: how long it was is not known
        ("BBBA", "BBBA"),  # and by its end
        ("AAAB?AAA", "AAAB?AAA"),  # and by unknown
        ("AAA-BAAA", "AAA-BAAA"),  # and by not visible
        ("AAA?AAA", "AAA?AAA"),  # unknown is no bout to bridge
        ("AAAB.BAAA", "AAAB.BAAA"),  # two bouts of 1 s, each cut by a hole
        ("BABABAB", "BBBBBBB"),  # all short: the first between two others goes first
    ],
)
def test_short_bouts_take_their_neighbours_behaviour(before, after):
    smoothed = smooth(behaviours({1: before}), ethogram(), min_bout_s=2.5)
    assert word(smoothed) == after.replace(".", "")


def test_smoothing_nothing():
    assert len(smooth(BEHAVIOURS.empty(), ethogram(), 1.0)) == 0
    assert word(smooth(behaviours({1: "ABA"}), ethogram(), 0.0)) == "ABA"


def test_a_bout_as_long_as_the_minimum_stays():
    assert word(smooth(behaviours({1: "AAABBAAA"}), ethogram(), 2.0)) == "AAABBAAA"


def test_tracks_and_sets_do_not_touch():
    table = pd.concat([behaviours({1: "AAAB", 2: "AAAA"}), behaviours({1: "CCCC", 2: "CABC"}, "other")])
    smoothed = smooth(table, ethogram(), 3.0)
    assert {key: word(rows) for key, rows in smoothed.groupby(["track", "set"])} == {
        (1, "behaviour"): "AAAB",
        (1, "other"): "CCCC",
        (2, "behaviour"): "AAAA",
        (2, "other"): "CABC",  # not in the ethogram's sets: nobody said that these are states
    }


def test_events_are_never_too_short():
    table = behaviours({1: "SSSTSSS"}, "event")
    assert word(smooth(table, ethogram("A", events="ST"), 2.0)) == "SSSTSSS"


def test_bouts_are_half_open_and_say_what_was_not_seen():
    table = behaviours({4: "AAB?BB-.AA"})
    found = bouts(table, tracks(table), ethogram(), "day/v.mp4")
    columns = ["behaviour", "start_s", "stop_s", "start_frame", "stop_frame", "censored_start", "censored_stop"]
    assert found[columns].to_numpy().tolist() == [
        ["A", 0, 2, 0, 2, True, False],
        ["B", 2, 3, 2, 3, False, True],  # unknown follows
        ["unknown", 3, 4, 3, 4, False, False],
        ["B", 4, 6, 4, 6, True, True],  # between unknown and not visible
        ["not visible", 6, 7, 6, 7, False, True],
        ["A", 8, 10, 8, 10, True, True],  # after the hole
    ]
    assert found["duration_s"].tolist() == [2, 1, 1, 2, 1, 2]
    assert set(found["subject"]) == {"day/v.mp4#4"}
    assert set(found["session"]) == {"day"}
    assert set(found["source"]) == {"model"}


def test_bouts_of_nobody():
    assert bouts(BEHAVIOURS.empty(), tracks(BEHAVIOURS.empty()), ethogram(), "v.mp4").columns.tolist() == BOUTS.names


def test_named_animals_and_events():
    table = behaviours({1: "?S?"}, "event")
    names = NAMES.cast(pd.DataFrame({"video": ["v.mp4", "w.mp4"], "track": [1, 1], "individual": ["Zoe", "Max"]}))
    found = bouts(table, tracks(table), ethogram("A", events="S"), "v.mp4", names, source="human")
    assert found[["subject", "behaviour", "kind"]].to_numpy().tolist() == [
        ["Zoe", "unknown", "state"],
        ["Zoe", "S", "event"],
        ["Zoe", "unknown", "state"],
    ]
    assert set(found["source"]) == {"human"}


def test_time_missing_between_two_frames_breaks_the_record():
    table = behaviours({1: "AAAA"})
    table.loc[2:, "time_s"] += 5.0  # frames 1 and 2 are neighbours, but five seconds were lost
    assert bouts(table, tracks(table), ethogram(), "v.mp4")[["start_s", "stop_s"]].to_numpy().tolist() == [
        [0, 2],
        [7, 9],
    ]


def test_uneven_frames_last_as_long_as_their_timestamps_say():
    table = behaviours({1: "AAB"}).assign(time_s=[0.0, 0.1, 0.5], duration_s=[0.1, 0.4, 0.033333])
    assert bouts(table, tracks(table), ethogram(), "v.mp4")["duration_s"].tolist() == [0.5, 0.033333]


def test_a_session_of_its_own_breaks_the_record():
    table = behaviours({1: "AAAA"}).assign(session=["x", "x", "y", "y"])
    assert bouts(table, tracks(table), ethogram(), "v.mp4")["session"].tolist() == ["x", "y"]


def test_runs_know_their_stretch():
    found = runs(behaviours({1: "AB?CA.A"}))
    assert found.label.tolist() == ["A", "B", "unknown", "C", "A", "A"]
    kept = found.stretch[found.recognized]
    assert (kept[1:] == kept[:-1]).tolist() == [True, False, True, False]


@pytest.mark.real
@pytest.mark.skipif("ETHOPIPE_REAL" not in os.environ, reason="ETHOPIPE_REAL names no folder of real data")
def test_boris_finds_the_same_bouts():
    # BORIS's own expectation for this project, behaviour s: subject1 3 bouts, 16.875 s, mean 5.625, sd 1.021, 2.15 s
    # between them; subject2 1 bout, 7.675 s
    project = json.loads((Path(os.environ["ETHOPIPE_REAL"]) / "boris" / "test.boris").read_text())
    events = project["observations"]["observation #1"]["events"]
    words = {}
    for track, subject in ((1, "subject1"), (2, "subject2")):
        ends = [round(time / 0.025) for time, who, what, *_ in events if (who, what) == (subject, "s")]
        inside = [sum(end <= frame for end in ends) % 2 for frame in range(4000)]
        words[track] = "".join("AB"[is_in] for is_in in inside)
    table = behaviours(words, frame_s=0.025)
    found = bouts(table, tracks(table), ethogram("AB"), "v.mp4").query("behaviour == 'B'")
    first, second = found[found["track"] == 1], found[found["track"] == 2]
    assert len(first) == 3
    assert first["duration_s"].sum() == pytest.approx(16.875, abs=1e-9)
    assert first["duration_s"].mean() == pytest.approx(5.625, abs=1e-9)
    assert first["duration_s"].std() == pytest.approx(1.021, abs=5e-4)
    between = first["start_s"].to_numpy()[1:] - first["stop_s"].to_numpy()[:-1]
    assert between.tolist() == pytest.approx([2.15, 2.15], abs=1e-9)
    assert second["duration_s"].tolist() == pytest.approx([7.675], abs=1e-9)
