import pandas as pd
import pytest

from pipeline.errors import TableError, UsageError
from pipeline.ethology.sequences.codes import bout_codes, counted, pairs, sampled_codes
from pipeline.ethology.sequences.stretches import groups, state_sets, stretches
from tests.ethology.made import ethogram
from tests.ethology.sequences.made import bouts_of


def found(words, letters="ABC", breaks=(), **more):
    return stretches(bouts_of(words, letters, **more), ethogram(letters), "behaviour", breaks)


def as_words(of, codes):
    """``"AB BA"``: the codes of each stretch."""
    words = {}
    for code, stretch in zip(codes.code, codes.stretch, strict=True):
        words[stretch] = words.get(stretch, "") + of.names[code]
    return " ".join(words.values())


@pytest.mark.parametrize(
    ("word", "by_bout", "by_second"),
    [
        ("", "", ""),  # empty
        ("A", "A", "A"),  # one
        ("AABBBA", "ABA", "AABBBA"),
        ("AB?BC", "AB BC", "AB BC"),  # unknown
        ("AB-BC", "AB BC", "AB BC"),  # not visible
        ("AB.BC", "AB BC", "AB BC"),  # a hole in the record
        ("A?A", "A A", "A A"),
        ("??--", "", ""),  # no visible time
    ],
)
def test_nothing_is_bridged(word, by_bout, by_second):
    of = found({"v.mp4": {1: word}})
    assert as_words(of, bout_codes(of)) == by_bout
    assert as_words(of, sampled_codes(of, 1.0)) == by_second


def test_a_step_longer_than_a_gap_bridges_nothing():
    of = found({"v.mp4": {1: "AA?AAB"}})
    assert as_words(of, sampled_codes(of, 3.0)) == "A A"  # moments 0 and 3


def test_animals_and_videos_are_apart():
    of = found({"v.mp4": {1: "AB", 2: "BC"}, "w.mp4": {1: "CA"}})
    assert as_words(of, bout_codes(of)) == "AB BC CA"
    assert of.behind(of.code >= 0) == {"n_individuals": 0, "n_sessions": 1, "n_tracks": 3}


def test_order_of_rows_does_not_matter():
    table = bouts_of({"v.mp4": {1: "ABCA?B", 2: "CAB"}})
    of = stretches(table.sample(frac=1, random_state=3), ethogram(), "behaviour")
    assert as_words(of, bout_codes(of)) == "ABCA B CAB"


def test_touching_rows_of_one_behaviour_are_one_bout():
    table = bouts_of({"v.mp4": {1: "AABBB"}})
    half = table.iloc[[1]].assign(stop_s=3.0, duration_s=1.0, censored_stop=False)
    rest = table.iloc[[1]].assign(start_s=3.0, duration_s=2.0, censored_start=False)
    of = stretches(pd.concat([table.iloc[[0]], half, rest]), ethogram(), "behaviour")
    assert as_words(of, bout_codes(of)) == "AB"
    assert of.bouts["duration_s"].tolist() == [2, 3]
    assert of.bouts["censored_stop"].tolist() == [False, True]


def test_a_column_of_interest_breaks_and_cuts():
    table = bouts_of({"v.mp4": {1: "AABB"}})
    whole = table.iloc[[0, 0, 1]].assign(habitat=["open", "bush", "bush"]).reset_index(drop=True)
    whole.loc[0, "stop_s"], whole.loc[1, "start_s"] = 1.0, 1.0
    of = stretches(whole, ethogram(), "behaviour", ["habitat"])
    assert as_words(of, bout_codes(of)) == "A AB"
    assert of.bouts["censored_stop"].tolist() == [True, False, True]
    found = groups(whole, ethogram(), ["habitat"])
    assert [(head["level"], head["unit"], head["species"], as_words(of, bout_codes(of))) for head, of in found] == [
        ("pooled", "all", "all", "AB"),  # not broken by what another level asks
        ("habitat", "bush", "zebra", "AB"),
        ("habitat", "open", "zebra", "A"),
    ]


def test_a_group_is_of_one_species_and_of_something_told():
    table = bouts_of({"v.mp4": {1: "AB", 2: "BC", 3: "CA"}})
    table["sex"] = table["track"].map({1: "f", 2: "f", 3: ""})
    table["species"] = table["track"].map({1: "zebra", 2: "giraffe", 3: "zebra"})
    heads = [
        (head["level"], head["unit"], head["species"]) for head, _ in groups(table, ethogram(), ["sex", "species"])
    ]
    assert heads == [
        ("pooled", "all", "all"),
        ("sex", "f", "giraffe"),
        ("sex", "f", "zebra"),
        ("species", "giraffe", "giraffe"),
        ("species", "zebra", "zebra"),
    ]


def test_events_have_no_sequence():
    assert state_sets(ethogram("AB", events="x")) == ["behaviour"]


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"stop_s": -1.0}, TableError, r"bouts: 3 rows end before they start \(first: row 1\)"),  # negative durations
        ({"stop_s": 9.0}, TableError, r"bouts: 2 rows overlap another bout of their track and set \(first: row 2\)"),
        (
            {"stop_s": [9.0, 2.0, 3.0]},
            TableError,
            r"bouts: 2 rows overlap another",
        ),  # the third the first, not the second
        ({"behaviour": "Z"}, TableError, r"3 rows name a behaviour that the set 'behaviour' does not have"),
        ({"stop_s": "x"}, TableError, "bouts: column stop_s must be a number: 3 rows are not"),
    ],
)
def test_bad_bouts_are_refused(change, error, text):
    with pytest.raises(error, match=text):
        stretches(bouts_of({"v.mp4": {1: "ABC"}}).assign(**change), ethogram(), "behaviour")


def test_a_column_that_is_not_there():
    with pytest.raises(UsageError, match="the bouts table has no column habitat; it has subject, session, video"):
        found({"v.mp4": {1: "ABC"}}, breaks=["habitat"])


@pytest.mark.parametrize(
    ("word", "lag", "expected"),
    [
        ("", 1, {}),  # empty
        ("A", 1, {}),  # one
        ("ABCA", 1, {"AB": 1, "BC": 1, "CA": 1}),
        ("ABCA", 2, {"AC": 1, "BA": 1}),
        ("ABCA", 3, {"AA": 1}),
        ("ABCA", 4, {}),
        ("AB?AB", 2, {}),  # two before the gap, two after it
        ("AABBA", 2, {"AA": 1}),  # bouts A B A
    ],
)
def test_lags(word, lag, expected):
    of = found({"v.mp4": {1: word}})
    codes = bout_codes(of)
    counts = counted(codes, lag)
    told = {a + b: counts[i, j] for i, a in enumerate("ABC") for j, b in enumerate("ABC") if counts[i, j]}
    assert told == expected
    assert len(pairs(codes.stretch, lag)) == sum(expected.values())
