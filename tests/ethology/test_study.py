import logging

import numpy as np
import pandas as pd
import pytest

from pipeline import tables
from pipeline.ethology.behaviours import per_frame
from pipeline.ethology.ethogram import Behaviour, EthogramSettings, Kind, resolve
from pipeline.ethology.study import Rules, VideoTables, part, study
from pipeline.ethology.visibility import visible
from pipeline.tables import NAMES, OBSERVATIONS, SCORES, TRACKS
from tests.ethology.made import behaviours, ethogram, frames, record, statistics, tracks

STUDIED = (tables.BOUTS, tables.TIME_BUDGETS, tables.TRANSITIONS, tables.INDIVIDUALS, tables.EXCLUDED)


def made(*records, etho=None, min_bout_s=0.0, observations=None, names=None, sessions=None, **settings):
    etho = etho or ethogram("AB")
    return study(iter(records), etho, statistics(**settings), min_bout_s, observations, names, sessions)


def names(*rows):
    return NAMES.cast(pd.DataFrame(rows, columns=["video", "track", "individual", "sex"]))


def observed(*rows):
    data = pd.DataFrame(rows, columns=["video", "start_s", "stop_s", "session", "species", "use", "reason"])
    return OBSERVATIONS.cast(data.assign(group="", site="", timezone=""))


def shares(budgets, level, **which):
    """``{unit: {behaviour: share}}`` of one level."""
    rows = budgets[(budgets["level"] == level)]
    for name, value in which.items():
        rows = rows[rows[name] == value]
    return {unit: dict(zip(own["behaviour"], own["share"], strict=True)) for unit, own in rows.groupby("unit")}


def one(table, **which):
    """The one row that fits."""
    for name, value in which.items():
        table = table[table[name] == value]
    assert len(table) == 1
    return table.iloc[0]


@pytest.mark.parametrize("records", [[], [record("v.mp4", {})]])
def test_nothing(records):
    found = made(*records)
    for table in STUDIED:
        assert found[table.name].columns.tolist() == table.names
        assert len(found[table.name]) == 0


def test_every_table_is_as_declared_and_the_same_again():
    records = [record(f"{day}/v.mp4", {1: "AABA?B", 2: ".AB-B"}) for day in "stuvwxyz"]
    first, second = made(*records), made(*records)
    for table in STUDIED:
        pd.testing.assert_frame_equal(table.cast(first[table.name]), first[table.name])
        pd.testing.assert_frame_equal(first[table.name], second[table.name])


def test_a_budget_that_can_be_counted():
    found = made(record("v.mp4", {1: "AAAB?-", 2: "BBBB"}))["time_budgets"]
    assert shares(found, "track") == {"v.mp4#1": {"A": 0.75, "B": 0.25}, "v.mp4#2": {"A": 0.0, "B": 1.0}}
    assert shares(found, "pooled") == {"all": {"A": 0.375, "B": 0.625}}
    row = one(found, level="pooled", behaviour="A")
    assert (row["behaviour_s"], row["visible_s"], row["excluded_s"]) == (3, 8, 2)
    assert (row["n_individuals"], row["n_sessions"], row["n_tracks"], row["most_at_once"]) == (0, 1, 2, 2)
    assert (row["bouts"], row["bouts_per_h"], row["censored_share"]) == (1, 450, 1)
    assert row["method"] == "pooled time; no interval: only 1 session (6 are needed)"
    assert np.isnan(row["ci_low"])
    assert (row["n_seen"], one(found, level="pooled", behaviour="B")["n_seen"]) == (1, 2)  # A in one track alone
    fragment = one(found, unit="v.mp4#1", behaviour="A")
    assert fragment["method"] == "pooled time; no interval: a track is a fragment, not a replicate"


def test_no_visible_time_has_no_share():
    row = one(made(record("v.mp4", {1: "??--"}))["time_budgets"], level="species", behaviour="A")
    assert np.isnan(row["share"])
    assert (row["method"], row["visible_s"], row["excluded_s"]) == ("no visible time", 0, 4)
    assert (row["n_tracks"], row["n_sessions"], row["most_at_once"]) == (0, 0, 1)


def test_a_still_gives_no_budget():
    still = record("photo.jpg", {1: "A"})
    still.behaviours["duration_s"] = 0.0
    row = one(made(still)["time_budgets"], level="pooled", behaviour="A")
    assert np.isnan(row["share"])


def test_species_and_sessions_are_kept_apart():
    found = made(
        record("s/a.mp4", {1: "AAAA"}, "zebra"), record("s/b.mp4", {1: "BB"}, "giraffe"), record("t/c.mp4", {1: "BBBB"})
    )["time_budgets"]
    assert shares(found, "species") == {"giraffe": {"A": 0, "B": 1}, "zebra": {"A": 0.5, "B": 0.5}}
    assert shares(found, "session", species="zebra") == {"s": {"A": 1, "B": 0}, "t": {"A": 0, "B": 1}}
    assert one(found, level="pooled", behaviour="A")["species"] == "all"
    assert found["level"].drop_duplicates().tolist() == ["pooled", "species", "session", "track"]


def test_budgets_are_made_before_smoothing_and_bouts_after():
    found = made(record("v.mp4", {1: "AAABAAA"}), min_bout_s=2.0)
    row = one(found["time_budgets"], level="pooled", behaviour="B")
    assert (row["behaviour_s"], row["bouts"]) == (1, 0)
    assert found["bouts"]["behaviour"].tolist() == ["A"]
    steps = found["transitions"].query("level == 'pooled' and count > 0")
    assert steps[["form", "from", "to", "count"]].to_numpy().tolist() == [["interval", "A", "A", 6]]


def test_six_sessions_give_limits_and_five_do_not():
    records = [record(f"{day}/v.mp4", {1: "A" * (day + 1) + "B" * 4}) for day in range(6)]
    row = one(made(*records)["time_budgets"], level="pooled", behaviour="A")
    assert row["method"] == "pooled time; 95 % t interval over 6 sessions"
    assert row["share"] == pytest.approx(21 / 45, abs=1e-6)
    assert 0 < row["ci_low"] < row["share"] < row["ci_high"] < 1
    row = one(made(*records[:5])["time_budgets"], level="pooled", behaviour="A")
    assert row["method"] == "pooled time; no interval: only 5 sessions (6 are needed)"
    assert np.isnan(row["ci_high"])


def test_sessions_that_are_too_unequal_give_no_limits():
    # 45 s and 5 sessions of 5: 70 * 70 / (45 * 45 + 5 * 25) = 2.3 equal ones
    records = [record(f"{day}/v.mp4", {1: "AAABB" * (1 if day else 9)}) for day in range(6)]
    row = one(made(*records)["time_budgets"], level="pooled", behaviour="A")
    assert row["method"] == "pooled time; no interval: 6 sessions, so unequal that they count as 2.2 (3 are needed)"
    assert (row["share"], np.isnan(row["ci_low"])) == (0.6, True)


def test_a_session_without_visible_time_is_no_unit():
    records = [record(f"{day}/v.mp4", {1: "AB"}) for day in range(5)] + [record("5/v.mp4", {1: "??"})]
    row = one(made(*records)["time_budgets"], level="pooled", behaviour="A")
    assert (row["n_sessions"], row["method"]) == (5, "pooled time; no interval: only 5 sessions (6 are needed)")


def test_tracks_in_one_session_are_no_units():
    row = one(made(record("v.mp4", dict.fromkeys(range(1, 30), "AB")))["time_budgets"], level="pooled", behaviour="A")
    assert (row["n_tracks"], row["method"]) == (29, "pooled time; no interval: only 1 session (6 are needed)")


def test_names_join_tracks_of_several_videos():
    who = names(("s/a.mp4", 1, "Zoe", "f"), ("s/a.mp4", 2, "Max", "m"), ("t/b.mp4", 1, "Zoe", "f"))
    found = made(record("s/a.mp4", {1: "AA", 2: "AB"}), record("t/b.mp4", {1: "BB", 2: "BBBB"}), names=who)
    assert shares(found["time_budgets"], "individual") == {"Max": {"A": 0.5, "B": 0.5}, "Zoe": {"A": 0.5, "B": 0.5}}
    zoe = one(found["time_budgets"], unit="Zoe", behaviour="A")
    assert (zoe["n_sessions"], zoe["n_tracks"], zoe["n_individuals"], zoe["visible_s"]) == (2, 2, 1, 4)
    assert one(found["time_budgets"], level="pooled", behaviour="A")["n_individuals"] == 2
    assert found["bouts"]["subject"].unique().tolist() == ["Zoe", "Max", "t/b.mp4#2"]
    assert found["individuals"][["video", "track", "individual", "sex"]].to_numpy().tolist() == [
        ["s/a.mp4", 1, "Zoe", "f"],
        ["s/a.mp4", 2, "Max", "m"],
        ["t/b.mp4", 1, "Zoe", "f"],
        ["t/b.mp4", 2, "", ""],
    ]


def test_named_animals_are_the_units_of_their_session():
    words = {track: "A" * track + "B" * 3 for track in range(1, 7)}
    who = names(*(("v.mp4", track, f"z{track}", "f") for track in words))
    found = made(record("v.mp4", words), names=who)["time_budgets"]
    row = one(found, level="session", behaviour="A")
    assert row["method"] == "pooled time; 95 % t interval over 6 named animals"
    assert row["ci_low"] < row["share"] < row["ci_high"]
    assert one(found, level="pooled", behaviour="A")["method"].endswith("no interval: only 1 session (6 are needed)")


def test_animals_of_one_session_each_add_nothing_to_their_sessions():
    days = range(6)
    records = [record(f"{day}/v.mp4", {1: "AAB", 2: "ABB"}) for day in days]
    who = names(*((f"{day}/v.mp4", track, f"z{day}{track}", "") for day in days for track in (1, 2)))
    for given in (who, None):  # all sessions are alike: nothing varies
        row = one(made(*records, names=given)["time_budgets"], level="pooled", behaviour="A")
        assert row["method"] == "pooled time; 95 % t interval over 6 sessions"
        assert (row["ci_low"], row["ci_high"]) == (0.5, 0.5)


def test_animals_seen_in_many_sessions_are_units_too():
    days, words = range(6), ("AAAB", "AAAA", "ABBB", "BBBB", "AABB", "ABAB")
    records = [record(f"{day}/v.mp4", dict(enumerate(words, start=1))) for day in days]
    who = names(*((f"{day}/v.mp4", track, f"z{track}", "") for day in days for track in range(1, 7)))
    row = one(made(*records, names=who)["time_budgets"], level="pooled", behaviour="A")
    assert row["method"] == "pooled time; 95 % t interval over 6 sessions and 6 animals"
    assert row["ci_low"] < row["share"] < row["ci_high"]  # sessions are alike, the animals are not
    fewer = who[who["individual"] < "z6"]
    row = one(made(*records, names=fewer)["time_budgets"], level="pooled", behaviour="A")
    assert row["mean_method"].endswith("no interval: only 5 animals (6 are needed)")


def test_each_named_animal_counts_as_much_in_the_mean():
    who = names(("v.mp4", 1, "Zoe", "f"), ("v.mp4", 2, "Max", "m"))
    found = made(record("v.mp4", {1: "AAAAAAAA", 2: "AB", 3: "BBBB"}), names=who)["time_budgets"]
    row = one(found, level="pooled", behaviour="A")
    assert (row["share"], row["mean_share"]) == (pytest.approx(9 / 14, abs=1e-6), 0.75)
    assert row["mean_method"] == "mean of 2 animals; no interval: only 1 session (6 are needed)"
    row = one(found, level="individual", unit="Zoe", behaviour="A")
    assert (np.isnan(row["mean_share"]), row["mean_method"]) == (True, "1 named animal: no mean")


def test_animals_recognized_briefly_are_in_no_mean_and_counted():
    records = [record(f"{day}/v.mp4", {1: "AABB", 2: "AAAB", 3: "B?" if day else "BB"}) for day in range(6)]
    who = names(*((f"{day}/v.mp4", track, f"z{track}", "") for day in range(6) for track in (1, 2, 3)))
    every, some, none = (
        made(*records, names=who, min_visible_s=least)["time_budgets"] for least in (7.0, 8.0, 25.0)
    )  # z3 has 7 s in all
    row = one(every, level="pooled", behaviour="A")
    assert (row["mean_share"], row["mean_method"].partition(";")[0]) == (pytest.approx(1.25 / 3), "mean of 3 animals")
    assert [one(table, level="pooled", behaviour="A")["mean_individuals"] for table in (every, some, none)] == [3, 2, 0]
    row = one(some, level="pooled", behaviour="A")
    assert (row["mean_share"], row["mean_bound_low"], row["mean_bound_high"]) == (0.625, 0.625, 0.625)
    told = "mean of 2 animals, 1 recognized for under 8 s left out; no interval: only 2 animals (6 are needed)"
    assert row["mean_method"] == told
    row = one(some, level="session", unit="0", behaviour="A")  # the rule is of each unit: 4 s at most
    assert row["mean_method"] == "0 named animals, 3 recognized for under 8 s left out: no mean"
    assert one(none, level="pooled", behaviour="A")[["mean_share", "mean_bound_low"]].isna().all()
    shared = ["share", "ci_low", "bound_low", "bound_high", "n_individuals"]
    pd.testing.assert_frame_equal(every[shared], none[shared])


def test_limits_of_a_mean_rest_on_those_in_it():
    rng = np.random.default_rng(1)
    words = {day: "".join(rng.choice(list("AAB"), 20)) for day in range(8)}
    records = [record(f"{day}/v.mp4", {1: word, 2: "B"}) for day, word in words.items()]
    who = names(*((f"{day}/v.mp4", track, f"z{day}{track}", "") for day in words for track in (1, 2)))
    row = one(made(*records, names=who, min_visible_s=2.0)["time_budgets"], level="pooled", behaviour="A")
    alone = [record(f"{day}/v.mp4", {1: word}) for day, word in words.items()]
    other = one(made(*alone, names=who[who["track"] == 1])["time_budgets"], level="pooled", behaviour="A")
    figures = ["mean_share", "mean_ci_low", "mean_ci_high"]
    assert row[figures].tolist() == other[figures].tolist()
    assert row["mean_method"] == other["mean_method"].replace(";", ", 8 recognized for under 2 s left out;", 1)


def test_bounds_take_in_all_time_out_of_sight():
    row = one(made(record("v.mp4", {1: "AAB?--"}))["time_budgets"], level="pooled", behaviour="A")
    assert (row["share"], row["bound_low"], row["bound_high"]) == pytest.approx((2 / 3, 2 / 6, 5 / 6), abs=1e-6)


def test_bounds_of_a_mean_are_the_means_of_its_animals_bounds():
    words = {1: "AAB?--", 2: "ABBB...B", 3: "A-------", 4: "--------"}  # the last two: too briefly, never
    who = names(*(("v.mp4", track, f"z{track}", "") for track in words))
    row = one(made(record("v.mp4", words), names=who, min_visible_s=2.0)["time_budgets"], level="pooled", behaviour="A")
    told = [row["mean_bound_low"], row["mean_share"], row["mean_bound_high"]]
    assert told == pytest.approx([(2 / 6 + 1 / 8) / 2, (2 / 3 + 1 / 5) / 2, (5 / 6 + 4 / 8) / 2], abs=1e-6)


def test_figures_by_what_the_user_says_of_animals_sessions_and_spans():
    who = names(("s/a.mp4", 1, "Zoe", "f"), ("s/a.mp4", 2, "Max", "m"), ("t/b.mp4", 1, "Zoe", "f"))
    visits = pd.DataFrame({"session": ["s", "t"], "habitat": ["open", "bush"]})
    says = observed(("s/a.mp4", 0, 1, "s", "", "yes", ""), ("s/a.mp4", 1, 4, "s", "", "yes", ""))
    says["group"] = ["red", "blue"]
    found = made(
        record("s/a.mp4", {1: "ABBB", 2: "AAAA"}),
        record("t/b.mp4", {1: "BB"}),
        observations=says,
        names=who,
        sessions=visits,
        by=("sex", "habitat", "group"),
        time_bin_s=2.0,
    )["time_budgets"]
    sexes = shares(found, "sex")
    assert sexes["m"] == {"A": 1, "B": 0}
    assert sexes["f"] == pytest.approx({"A": 1 / 6, "B": 5 / 6}, abs=1e-6)
    assert shares(found, "habitat")["bush"] == {"A": 0, "B": 1}
    assert shares(found, "group") == {"blue": {"A": 0.5, "B": 0.5}, "red": {"A": 1, "B": 0}}  # t/b.mp4 is in no group
    assert shares(found, "time_bin").keys() == {"00000-00002 s", "00002-00004 s"}
    assert one(found, level="sex", unit="f", behaviour="A")["most_at_once"] == 1
    assert one(found, level="group", unit="blue", behaviour="A")["most_at_once"] == 2
    sums = found.groupby("level")["behaviour_s"].sum()
    assert sums["sex"] == sums["time_bin"] == sums["pooled"] == 10
    assert found["level"].drop_duplicates().tolist() == [
        "pooled", "species", "sex", "habitat", "group", "time_bin", "session", "individual", "track",
    ]  # fmt: skip


def test_columns_of_the_observer_may_be_called_as_ours_are():
    says = observed(("v.mp4", 0, 2, "s", "", "yes", ""), ("v.mp4", 2, 4, "s", "", "yes", ""))
    ours = dict.fromkeys(["behaviour", "confidence", "set", "track", "frames", "frame", "left_out"], "mine")
    says = says.assign(**ours, place=["hill", "plain"])
    found = made(record("v.mp4", {1: "ABAA"}), observations=says, by=("place",))
    assert shares(found["time_budgets"], "place") == {"hill": {"A": 0.5, "B": 0.5}, "plain": {"A": 1, "B": 0}}
    plain = made(record("v.mp4", {1: "ABAA"}))
    pd.testing.assert_frame_equal(found["bouts"].drop(columns="session"), plain["bouts"].drop(columns="session"))


def test_excluded_spans_enter_nothing_and_are_reported():
    says = observed(("v.mp4", "", 2, "visit", "", "no", "take-off"))
    found = made(record("v.mp4", {1: "BBAA?", 2: "..AA-"}), observations=says)
    assert shares(found["time_budgets"], "session") == {"visit": {"A": 1, "B": 0}}
    assert found["bouts"].query("behaviour == 'A'")[["start_s", "censored_start"]].to_numpy().tolist() == [
        [2, True],
        [2, True],
    ]
    assert found["excluded"].fillna(-1).to_numpy().tolist() == [
        ["v.mp4", "visit", "", "observations", "take-off", 2, 2],
        ["v.mp4", "visit", "behaviour", "not visible", "edge", -1, 1],
        ["v.mp4", "visit", "behaviour", "unknown", "low score", -1, 1],
    ]
    assert one(found["individuals"], track=1)["tracked_s"] == 5  # what there is, not what counts


def test_the_time_of_each_track_is_accounted_for():
    found = made(record("v.mp4", {1: "AA?-.A", 2: ".B...."}), names=names(("v.mp4", 2, "Zoe", "f")))
    told = found["individuals"][["tracked_s", "visible_s", "recognized_s", "lost_s"]]
    assert told.to_numpy().tolist() == [[5, 4, 3, 1], [1, 1, 1, 0]]
    found = made(record("v.mp4", {1: "A.....", 2: "...BA."}), names=names(*(("v.mp4", k, "Zoe", "f") for k in (1, 2))))
    assert found["individuals"]["lost_s"].tolist() == [2, 0]  # until her next box, of whichever track


def test_time_recognized_in_any_set_counts_once():
    """``AA?-`` in one set, ``?bb?`` in another."""
    etho = resolve(EthogramSettings([Behaviour("A"), Behaviour("b", set="other")], {}), ["A", "b"])
    first = record("v.mp4", {1: "AA?-"})
    both = pd.concat([first.behaviours, behaviours({1: "?bb-"}, "other")], ignore_index=True)
    found = made(VideoTables(first.video, first.frames, first.tracks, both), etho=etho)
    assert found["individuals"][["tracked_s", "visible_s", "recognized_s"]].to_numpy().tolist() == [[4, 3, 3]]


def test_a_video_that_is_left_out_whole():
    says = observed(("v.mp4", "", "", "s", "", "no", "wrong herd"))
    found = made(record("v.mp4", {1: "AB"}), record("w.mp4", {1: "A"}), observations=says)
    assert found["time_budgets"]["visible_s"].max() == 1
    assert found["excluded"]["footage_s"].tolist() == [2]


def test_the_observers_species_goes_before_the_detectors():
    says = observed(("v.mp4", "", "", "s", "kulan", "yes", ""))
    found = made(record("v.mp4", {1: "AB"}, "horse"), observations=says)
    assert shares(found["time_budgets"], "species").keys() == {"kulan"}
    assert found["bouts"]["species"].unique().tolist() == ["kulan"]
    assert found["individuals"]["species"].tolist() == ["kulan"]


def test_the_detectors_species_stays_where_the_observer_names_none():
    says = observed(("v.mp4", 2, 4, "s", "kulan", "yes", ""), ("w.mp4", "", "", "s", "", "yes", ""))
    records = [record(video, {1: "AB", 2: "..AB"}, "horse") for video in ("v.mp4", "w.mp4")]
    found = made(*records, observations=says)["individuals"]
    assert found["species"].tolist() == ["horse", "kulan", "horse", "horse"]


def test_rows_about_other_videos_are_named_in_the_log(caplog):
    with caplog.at_level(logging.WARNING):
        made(
            record("v.mp4", {1: "A"}),
            observations=observed(
                ("x.mp4", "", "", "s", "", "yes", ""),
                ("v.mp4", 0, 9, "s", "", "yes", ""),
                ("v.mp4", 9, "", "s", "", "yes", ""),
            ),
            names=names(("v.mp4", 9, "Zoe", "f")),
        )
    assert "observations.csv speaks of videos that are not in this run: x.mp4" in caplog.text
    assert "individuals.csv names tracks that are not there: v.mp4#9" in caplog.text
    assert "observations.csv: v.mp4 lasts 1.0 s, and a span begins at 9 s" in caplog.text


@pytest.mark.parametrize(
    ("words", "rows", "told"),
    [
        ({1: "AA"}, [("v.mp4", 1, "Zoe", "")], []),
        ({1: "AA", 2: "..BB"}, [("v.mp4", 1, "Zoe", ""), ("v.mp4", 2, "Zoe", "")], []),  # one after the other
        ({1: "AAA", 2: "..BB"}, [("v.mp4", 1, "Zoe", ""), ("v.mp4", 2, "Max", "")], []),
        ({1: "AA", 2: "BB"}, [("v.mp4", 1, "", ""), ("v.mp4", 2, "", "")], []),  # nobody is not one animal
        ({1: "AA", 2: "BB"}, [("v.mp4", 1, "Zoe", ""), ("w.mp4", 2, "Zoe", "")], []),
        (
            {1: "AAA", 2: "..BB", 3: "....A"},  # frame 2
            [("v.mp4", 2, "Zoe", ""), ("v.mp4", 1, "Zoe", ""), ("v.mp4", 3, "Zoe", "")],
            ["individuals.csv: v.mp4: Zoe is in the same frames as tracks 1, 2"],
        ),
    ],
)
def test_an_animal_in_two_places_is_told(caplog, words, rows, told):
    with caplog.at_level(logging.WARNING):
        made(record("v.mp4", words), record("w.mp4", {2: "A"}), names=names(*rows))
    assert [entry.getMessage() for entry in caplog.records] == told


def test_a_video_may_come_some_rows_at_a_time_with_words_as_categories():
    whole = record("v.mp4", {1: "AAB?B", 2: ".AB-B", 3: "AABBB"})
    says = observed(("v.mp4", 2, 4, "s", "kulan", "yes", ""), ("v.mp4", 4, 5, "s", "", "no", "left"))
    named = names(("v.mp4", 1, "Zoe", "f"), ("v.mp4", 3, "Zoe", "f"))
    rules = Rules(ethogram("AB"), statistics(), 1.5, says, named)

    def some(table, of, words):
        return [rows.reset_index(drop=True).astype(dict.fromkeys(words, "category")) for _, rows in table.groupby(of)]

    boxes = some(whole.tracks, np.arange(len(whole.tracks)) // 4, ["species"])
    told = some(whole.behaviours, whole.behaviours["track"] // 2, ["set", "behaviour", "reason"])
    once = part("v.mp4", whole.frames, [whole.tracks], [whole.behaviours], rules)
    again = part("v.mp4", whole.frames, boxes, told, rules)
    for name, table in once.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], table)


def test_transitions_in_both_forms():
    found = made(record("v.mp4", {1: "AABBA?BA", 2: "BBB"}))["transitions"]
    pooled = found[found["level"] == "pooled"]
    rows = pooled[["form", "from", "to", "count", "row_total", "p"]].to_numpy().tolist()
    assert rows == [
        ["bout", "A", "B", 1, 1, 1.0],
        ["bout", "B", "A", 2, 2, 1.0],
        ["interval", "A", "A", 1, 2, 0.5],
        ["interval", "A", "B", 1, 2, 0.5],
        ["interval", "B", "A", 2, 5, 0.4],
        ["interval", "B", "B", 3, 5, 0.6],
    ]
    assert pooled["step_s"].fillna(0).tolist() == [0, 0, 1, 1, 1, 1]
    assert one(pooled, form="interval", **{"from": "B", "to": "A"})["n_tracks"] == 2
    assert one(pooled, form="bout", **{"from": "B", "to": "A"})["n_tracks"] == 1
    assert set(found["level"]) == {"pooled", "species", "session"}


def test_pairs_never_seen_are_rows():
    found = made(record("v.mp4", {1: "AAA"}), etho=ethogram("ABC"))["transitions"]
    bout = found[(found["level"] == "species") & (found["form"] == "bout")]
    assert list(zip(bout["from"], bout["to"], strict=True)) == [
        ("A", "B"), ("A", "C"), ("B", "A"), ("B", "C"), ("C", "A"), ("C", "B"),
    ]  # fmt: skip
    assert bout["count"].sum() == 0
    assert bout["p"].isna().all()
    assert set(bout["method"]) == {"no transition out of it"}


def test_limits_of_transitions_rest_on_sessions_with_such_steps():
    records = [record(f"{day}/v.mp4", {1: "AB" * (day % 3) + "ACA"}) for day in range(8)]
    found = made(*records, etho=ethogram("ABC"))["transitions"].query("form == 'bout' and level == 'pooled'")
    row = one(found, **{"from": "A", "to": "B"})
    assert row["method"] == "pooled counts; 95 % t interval over 8 sessions"
    assert row["ci_low"] < row["p"] < row["ci_high"]
    row = one(found, **{"from": "B", "to": "A"})  # days 1, 2, 4, 5 and 7
    assert row["method"] == "pooled counts; no interval: only 5 sessions (6 are needed)"


def test_a_published_matrix_is_normalised_by_rows():
    # kabr-tools' case study prints these counts (Walk Graze Run Trot) and, of Walk, .830140 .123883 .020434 .025543
    counts = {"AA": 650, "AB": 97, "AC": 16, "AD": 20}
    pairs = [pair for pair, times in counts.items() for _ in range(times)]
    words = dict(enumerate(pairs, start=1))
    found = made(record("v.mp4", words), etho=ethogram("ABCD"))["transitions"]
    walk = found[(found["form"] == "interval") & (found["level"] == "pooled") & (found["from"] == "A")]
    assert walk["p"].tolist() == [0.83014, 0.123883, 0.020434, 0.025543]


def test_events_are_counted_not_timed():
    etho = resolve(EthogramSettings([Behaviour("A"), Behaviour("S", kind=Kind.event, set="mark")], {}), "AS")
    words = {"behaviour": "AAAAAA-", "mark": "?SS?S?-"}
    table = pd.concat([behaviours({1: word}, name) for name, word in words.items()], ignore_index=True)
    found = made(VideoTables("v.mp4", frames(7), tracks(table), table), etho=etho)
    row = one(found["time_budgets"], level="pooled", behaviour="S")
    assert np.isnan(row["share"])
    assert (row["bouts"], row["behaviour_s"], row["visible_s"], row["bouts_per_h"]) == (2, 0, 6, 1200)
    assert row["method"] == "events are counted, not timed"
    assert set(found["transitions"]["set"]) == {"behaviour"}


def test_shares_sum_to_one_within_every_set():
    etho = resolve(EthogramSettings([Behaviour(b, set=s) for b, s in ("Ax", "Bx", "Cy", "Dy")], {}), "ABCD")
    table = pd.concat([behaviours({1: "AAB?"}, "x"), behaviours({1: "CCDD"}, "y")], ignore_index=True)
    found = made(VideoTables("v.mp4", frames(4), tracks(table), table), etho=etho)["time_budgets"]
    sums = found[found["level"] == "pooled"].groupby("set")
    assert sums["share"].sum().tolist() == pytest.approx([1, 1])
    assert sums["visible_s"].first().tolist() == [3, 4]


def test_kabr_tools_own_fixture(configured):
    # per-frame labels of its DJI_0068.csv: track 0 Head Up in frames 0-2, then Walk for 18; track 1 Walk for 21
    number, frame_s = 21, 1001 / 30000
    times = np.round(np.arange(number) * frame_s, 6)
    ledger = frames(number).assign(time_s=times, duration_s=np.diff(times, append=round(number * frame_s, 6)))
    boxes = {"x1": 200.0, "y1": 200.0, "x2": 300.0, "y2": 280.0, "score": 1.0, "species": "zebra", "observed": True}
    both = pd.DataFrame({"track": np.repeat([0, 1], number), "frame": np.tile(np.arange(number), 2)})
    followed = TRACKS.cast(
        both.assign(time_s=np.tile(times, 2), **boxes).assign(
            x1=both["track"] * 400.0 + 200, x2=both["track"] * 400.0 + 300
        )
    )
    label = np.where((both["track"] == 0) & (both["frame"] < 3), "Head Up", "Walk")
    etho = resolve(configured("ethogram", "kabr"), ["Walk", "Head Up"])
    given = {f"p_{name}": (label == name).astype(float) for name in ("Walk", "Head Up")}
    spans = {"start_frame": both["frame"], "stop_frame": both["frame"] + 1, "time_s": 0.0, "repeated": False}
    scores = SCORES.cast(both[["track"]].assign(**spans, **given))
    sight = visible(followed, ledger, (5472, 3078), configured("visibility"))
    table = per_frame(scores, followed, ledger, etho, sight, configured("behaviours"))
    found = study([VideoTables("DJI_0068.MP4", ledger, followed, table)], etho, configured("statistics"), 0.5)
    assert shares(found["time_budgets"], "track") == {
        "DJI_0068.MP4#0": {"Walk": pytest.approx(18 / 21, abs=2e-6), "Head Up": pytest.approx(3 / 21, abs=2e-6)},
        "DJI_0068.MP4#1": {"Walk": 1.0, "Head Up": 0.0},
    }
    assert found["bouts"][["track", "behaviour", "start_frame", "stop_frame"]].to_numpy().tolist() == [
        [0, "Head Up", 0, 3],
        [0, "Walk", 3, 21],
        [1, "Walk", 0, 21],
    ]
    row = one(found["transitions"], form="bout", level="pooled", **{"from": "Head Up", "to": "Walk"})
    assert (row["count"], row["row_total"]) == (1, 1)
