import pandas as pd
import pytest

from pipeline.errors import TableError, UsageError
from pipeline.ethology.behaviours import per_frame, with_thresholds
from pipeline.ethology.ethogram import Behaviour, EthogramSettings, Kind, resolve
from pipeline.tables import BEHAVIOURS, SCORES
from tests.ethology.made import behaviours, ethogram, frames, tracks, word


def scores(*windows, words="AB"):
    """``(track, start, stop, probabilities)`` each."""
    rows = [(track, start, stop, float(start), False, *p) for track, start, stop, p in windows]
    return SCORES.cast(pd.DataFrame(rows, columns=[*SCORES.names, *(f"p_{name}" for name in words)]))


def table(configured, windows, number=6, sight="", etho=None, words="AB", **changes):
    """Behaviours of one track of ``number`` frames; a letter of ``sight`` other than a dot hides its frame."""
    followed = tracks(behaviours({1: "A" * number}))
    hidden = pd.Series(["" if letter == "." else "edge" for letter in sight.ljust(number, ".")])
    settings = configured("behaviours", **changes)
    return per_frame(scores(*windows, words=words), followed, frames(number), etho or ethogram("AB"), hidden, settings)


@pytest.mark.parametrize(
    ("windows", "expected", "why"),
    [
        ([], "??????", "no window"),  # nobody looked
        ([(1, 0, 6, (0.9, 0.1))], "AAAAAA", ""),  # one window over all
        ([(1, 0, 3, (0.9, 0.1)), (1, 3, 6, (0.2, 0.8))], "AAABBB", ""),  # side by side
        # the mean of two where they overlap: 0.65 against 0.35, then 0.4 against 0.6
        ([(1, 0, 4, (0.9, 0.1)), (1, 2, 6, (0.4, 0.6))], "AAAABB", ""),
        ([(1, 0, 4, (0.5, 0.5)), (1, 2, 6, (0.5, 0.5))], "AAAAAA", ""),  # a draw: the first of the ethogram
        ([(1, 2, 4, (0.1, 0.9))], "??BB??", "no window"),
        ([(1, 0, 6, (0.3, 0.3))], "??????", "low score"),
        ([(2, 0, 6, (0.9, 0.1))], "??????", "no window"),  # another animal's window
    ],
)
def test_windows_that_cover_a_frame_vote(configured, windows, expected, why):
    found = table(configured, windows)
    assert word(found) == expected
    assert set(found.loc[found["behaviour"] == "unknown", "reason"]) == ({why} if why else set())


def test_a_window_that_tells_nothing_takes_nothing_away(configured):
    found = table(configured, [(1, 0, 6, (0.9, 0.1)), (1, 0, 6, (0.0, 0.0)), (1, 0, 3, (0.0, 0.0))])
    assert (word(found), found["confidence"].tolist()) == ("AAAAAA", [0.9] * 6)


def test_a_change_can_cost(configured):
    windows = [(1, 0, 2, (0.7, 0.3)), (1, 2, 3, (0.2, 0.8)), (1, 3, 6, (0.7, 0.3))]
    assert word(table(configured, windows)) == "AABAAA"
    found = table(configured, windows, switch_s=1.0)
    assert word(found) == "AAAAAA"
    assert found["confidence"].tolist() == [0.7, 0.7, 0.2, 0.7, 0.7, 0.7]  # its own, of the word that won
    assert word(table(configured, windows, switch_s=1.0, min_confidence=0.75)) == "??A???"
    # an animal out of sight may do another thing when it is back
    assert word(table(configured, windows, switch_s=1.0, sight="..#")) == "AA-AAA"


def test_frequencies_can_be_the_videos_own(configured):
    windows = [(1, 0, 5, (0.9, 0.1)), (1, 5, 6, (0.45, 0.55))] + [(2, k, k + 1, (0.9, 0.1)) for k in range(20)]
    assert word(table(configured, windows)) == "AAAAAB"
    found = table(configured, windows, adapt=0.6)
    assert word(found) == "AAAAAA"
    assert found["confidence"].iloc[-1] > 0.5
    happened = table(configured, windows, adapt=0.6, etho=ethogram("", events="AB"))  # events are rare by nature
    assert "".join(happened["behaviour"]) == "AAAAAB"


def test_frequencies_are_of_what_a_set_can_tell(configured):
    """What is left of a set, and what is reserved, no window tells as often; what cannot be seen is told too."""
    words = ("A", "B", "Hidden", "other")
    written = [Behaviour("A"), Behaviour("B"), Behaviour("Hidden", visible=False), Behaviour("N", rest=True)]
    etho = resolve(EthogramSettings(written, {"other": "unknown"}), words)
    windows = [(2, k, k + 1, (0.8, 0.1, 0.05, 0.05)) for k in range(20)]
    doubtful = [(1, 0, 3, (0.4, 0.45, 0.1, 0.05)), (1, 3, 6, (0.4, 0.1, 0.45, 0.05))]
    plain, adapted = (
        table(configured, [*windows, *doubtful], etho=etho, words=words, adapt=adapt) for adapt in (0.0, 0.5)
    )
    assert plain["behaviour"].tolist() == ["B"] * 3 + ["not visible"] * 3
    assert adapted["behaviour"].tolist() == ["A"] * 6
    with pytest.raises(TableError, match=r"adapt=0.5 .* those of a window sum to 1.8; set it to 0"):
        table(configured, [(1, 0, 6, (0.9, 0.9))], adapt=0.5)


@pytest.mark.parametrize(
    ("thresholds", "expected"),
    [
        ({}, "AAABBB"),
        ({"A": 0.65}, "AAABBB"),  # sure enough
        ({"A": 0.75}, "???BBB"),
        ({"A": 0.75, "B": 0.85}, "??????"),
        ({"A": 0.1}, "AAABBB"),  # under min_confidence it means nothing
    ],
)
def test_a_behaviour_can_have_a_threshold_of_its_own(configured, thresholds, expected):
    windows = [(1, 0, 3, (0.7, 0.3)), (1, 3, 6, (0.2, 0.8))]
    assert word(table(configured, windows, thresholds=thresholds)) == expected


def test_thresholds_come_from_the_card_unless_given(configured):
    together = EthogramSettings([Behaviour("move"), Behaviour("rest")], {"Walk": "move", "Run": "move", "Lie": "rest"})
    etho, card = resolve(together, ["Walk", "Run", "Lie"]), {"Walk": 0.8, "Run": 0.6, "Lie": 0.5}
    made = {
        (of_card, *given): with_thresholds(
            configured("behaviours", card_thresholds=of_card, thresholds=dict(given)), card, etho
        ).thresholds
        for of_card in (True, False)
        for given in ((), (("rest", 0.9),))
    }
    assert made[True,] == {"move": 0.6, "rest": 0.5}  # words that are one behaviour: the lowest
    assert made[True, ("rest", 0.9)] == {"move": 0.6, "rest": 0.9}
    assert made[False,] == {}
    assert made[False, ("rest", 0.9)] == {"rest": 0.9}
    with pytest.raises(ValueError, match=r"^behaviours.thresholds of Lie; there are move, rest$"):
        with_thresholds(configured("behaviours", thresholds={"Lie": 0.9}), card, etho)
    with pytest.raises(UsageError, match=r"thresholds must be in \[0, 1\], got \{'rest': 1.5\}"):
        configured("behaviours", thresholds={"rest": 1.5})


def test_confidence_is_the_mean_of_the_winner_and_time_comes_from_the_ledger(configured):
    found = table(configured, [(1, 0, 4, (0.9, 0.1)), (1, 2, 5, (0.6, 0.4))])
    assert found["confidence"].tolist() == [0.9, 0.9, 0.75, 0.75, 0.6, 0.0]
    assert found["time_s"].tolist() == [0, 1, 2, 3, 4, 5]
    assert found["duration_s"].tolist() == [1.0] * 6


def test_a_still_has_no_duration(configured):
    followed, ledger = tracks(behaviours({1: "A"})), frames(1).assign(duration_s=0.0)
    seen = pd.Series([""])
    found = per_frame(scores((1, 0, 1, (0.9, 0.1))), followed, ledger, ethogram("AB"), seen, configured("behaviours"))
    assert found[["behaviour", "duration_s"]].to_numpy().tolist() == [["A", 0.0]]


def test_nobody_is_an_empty_table(configured):
    found = per_frame(
        scores(),
        tracks(behaviours({})),
        frames(3),
        ethogram("AB"),
        pd.Series([], dtype="str"),
        configured("behaviours"),
    )
    assert found.columns.tolist() == BEHAVIOURS.names
    assert len(found) == 0


def test_out_of_sight_goes_before_the_label(configured):
    found = table(configured, [(1, 0, 6, (0.9, 0.1))], sight="..xx")
    assert word(found) == "AA--AA"
    assert found["reason"].tolist() == ["", "", "edge", "edge", "", ""]
    assert found["confidence"].tolist() == [0.9, 0.9, 0, 0, 0.9, 0.9]


def test_an_occluded_label_only_adds(configured):
    hides = resolve(EthogramSettings([Behaviour("A"), Behaviour("B", visible=False)], {}), "AB")
    windows = [(1, 0, 3, (0.9, 0.1)), (1, 3, 5, (0.2, 0.8)), (1, 5, 6, (0.3, 0.35))]
    found = table(configured, windows, sight="x", etho=hides)
    assert word(found) == "-AA--?"
    assert found["reason"].tolist() == ["edge", "", "", "label", "label", "low score"]


def test_words_with_one_place_add_up(configured):
    moves = resolve(EthogramSettings([Behaviour("A"), Behaviour("M")], {"walk": "M", "run": "M"}), ["A", "walk", "run"])
    found = table(configured, [(1, 0, 6, (0.4, 0.3, 0.3))], etho=moves, words=["A", "walk", "run"])
    assert word(found) == "MMMMMM"
    assert found["confidence"].tolist() == [0.6] * 6


def test_a_word_relabelled_to_unknown_wins_as_unknown(configured):
    etho = resolve(EthogramSettings([], {"B": "unknown"}), "AB")
    found = table(configured, [(1, 0, 3, (0.9, 0.1)), (1, 3, 6, (0.1, 0.9))], etho=etho)
    assert word(found) == "AAA???"
    assert found["reason"].tolist() == ["", "", "", "label", "label", "label"]


def test_every_set_is_decided_for_itself_and_the_rest_takes_what_is_left(configured):
    moves = [Behaviour("A", set="move"), Behaviour("B", set="move"), Behaviour("X", set="move", visible=False)]
    touch = [Behaviour("G", set="touch"), Behaviour("N", set="touch", rest=True)]
    etho = resolve(EthogramSettings(moves + touch, {}), "ABXG")
    windows = [
        (1, 0, 2, (0.9, 0.1, 0.0, 0.8)),  # A, and touching
        (1, 2, 4, (0.1, 0.7, 0.0, 0.1)),  # B, touching nobody
        (1, 4, 5, (0.1, 0.1, 0.9, 0.8)),  # hidden, so in both sets
    ]
    found = table(configured, windows, etho=etho, words="ABXG")
    assert {name: word(rows) for name, rows in found.groupby("set")} == {"move": "AABB-?", "touch": "GGNN-?"}
    assert found.loc[found["set"] == "touch", "confidence"].tolist() == [0.8, 0.8, 0.9, 0.9, 0.8, 0.0]


def test_events_are_a_set_like_any_other(configured):
    etho = resolve(EthogramSettings([Behaviour("A"), Behaviour("S", kind=Kind.event, set="mark")], {}), "AS")
    found = table(configured, [(1, 0, 5, (0.9, 0.1)), (1, 5, 6, (0.9, 0.8))], etho=etho, words="AS")
    assert {name: word(rows) for name, rows in found.groupby("set")} == {"behaviour": "AAAAAA", "mark": "?????S"}


def test_several_tracks_in_any_order(configured):
    followed = tracks(behaviours({2: "AAA", 1: "..AA"})).sample(frac=1, random_state=1)
    sees = pd.Series("", index=followed.index)
    given = scores((1, 2, 4, (0.1, 0.9)), (2, 0, 3, (0.9, 0.1)))
    found = per_frame(given, followed, frames(4), ethogram("AB"), sees, configured("behaviours"))
    assert {track: word(rows) for track, rows in found.groupby("track")} == {1: "BB", 2: "AAA"}
    assert found["frame"].tolist() == [2, 3, 0, 1, 2]


def test_scores_of_another_recognizer_are_refused(configured):
    with pytest.raises(TableError, match="scores: missing columns p_C; they come from another recognizer"):
        table(configured, [(1, 0, 6, (0.9, 0.1))], etho=ethogram("ABC"))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"switch_s": -1}, "switch_s must be >= 0, got -1.0"),
        ({"adapt": 1.5}, r"adapt must be in \[0, 1\], got 1.5"),
        ({"adapt": 0.5, "card_thresholds": True}, "with adapt leave them out"),
        ({"min_confidence": 2}, r"min_confidence must be in \[0, 1\], got 2.0"),
        ({"min_bout_s": -1}, "min_bout_s must be >= 0, got -1.0"),
    ],
)
def test_settings_are_checked(configured, changes, text):
    with pytest.raises(UsageError, match=text):
        configured("behaviours", **changes)
