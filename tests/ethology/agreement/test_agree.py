"""The whole agreement from made records whose figures are known by hand."""

import krippendorff
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score, confusion_matrix

from pipeline.errors import TableError
from pipeline.ethology.agreement.agree import agree
from pipeline.ethology.agreement.settings import AgreementSettings, Watched
from pipeline.ethology.agreement.tables import CODED
from tests.ethology.agreement.made import coded, settings, value

ONE = ("v.mp4", "1")


def test_figures_by_hand() -> None:
    both = coded({"a": {ONE: "WWWWGGGGGG"}, "b": {ONE: "WWWGGGGGWW"}})
    made = agree(both, settings(tolerance_s=1.0))
    table = made["agreement"]
    assert value(table, "agreement") == pytest.approx(0.7)
    assert value(table, "kappa") == pytest.approx(cohen_kappa_score(list("WWWWGGGGGG"), list("WWWGGGGGWW")), abs=1e-6)
    assert value(table, "agreement_tolerance_a") == pytest.approx(0.9)  # the early change is forgiven, half of the late
    assert value(table, "alpha", basis="time") == pytest.approx(
        krippendorff.alpha(np.array([list("WWWWGGGGGG"), list("WWWGGGGGWW")]), level_of_measurement="nominal"), abs=1e-6
    )
    assert value(table, "agreement", "W") == pytest.approx(0.7)
    assert value(table, "agreement", basis="bouts") == pytest.approx(2 / 3)  # W and G linked, the last W is b's alone
    cells = made["confusion"].query("basis == 'time'").set_index(["behaviour_a", "behaviour_b"])["amount"]
    assert cells.to_dict() == {("G", "G"): 4, ("G", "W"): 2, ("W", "G"): 1, ("W", "W"): 3}
    rows = made["disagreements"][["start_s", "stop_s", "duration_s", "behaviour_a", "behaviour_b"]]
    assert rows.to_numpy().tolist() == [[8.0, 10.0, 2.0, "G", "W"], [3.0, 4.0, 1.0, "W", "G"]]  # the longest first
    budgets = made["budgets"].set_index("behaviour")
    assert budgets.loc["W", ["animal", "share_a", "share_b"]].tolist() == ["v.mp4#1", 0.4, 0.5]
    assert (
        table["method"][table["figure"] == "kappa"].str.startswith("no interval: only 1 independent unit with any")
    ).all()
    assert table["ci_low"].isna().all()


def test_the_matrix_is_named_by_its_own_order() -> None:
    """kabr-tools takes the order of appearance for the rows and columns, and writes a fixed list beside them.

    Where a coder's first behaviour is another one than the list's, its matrix is labelled wrongly; here the words of
    either coder may come in any order and each cell is found under its own two names.
    """
    first, second = "RRGGGGWWHH", "GGGGGGWWHW"
    hard_coded = ["W", "G", "R", "H"]
    appearance = list(dict.fromkeys(first + second))
    assert appearance != hard_coded
    theirs = pd.DataFrame(confusion_matrix(list(first), list(second), labels=appearance), hard_coded, hard_coded)
    made = agree(coded({"a": {ONE: first}, "b": {ONE: second}}), settings())
    cells = made["confusion"].query("basis == 'time'")
    ours = cells.pivot_table(index="behaviour_a", columns="behaviour_b", values="amount", aggfunc="sum")
    for one in hard_coded:
        for other in hard_coded:
            true = sum(pair == (one, other) for pair in zip(first, second, strict=True))
            assert ours.loc[one, other] == true
    assert theirs.loc["W", "W"] == 0 != ours.loc["W", "W"]  # what they print as W is the cell of R
    assert list(ours.index) == list(ours.columns) == sorted(hard_coded)
    turned = agree(coded({"b": {ONE: second}, "a": {ONE: first}}), settings(), ["a", "b"])["confusion"]
    pd.testing.assert_frame_equal(turned.query("basis == 'time'"), cells)


@pytest.mark.parametrize(
    ("first", "second", "changes", "seconds"),
    # both coded, only a watched, only b watched, one coded, none coded
    [
        ("WWWW", "WWWW", {}, [4, 0, 0, 0, 0]),
        ("WWWWGG", "..WW", {}, [2, 4, 0, 0, 0]),  # b begins later and ends earlier
        ("WW..WW", "WW.GWW", {}, [4, 0, 0, 1, 1]),  # holes in what they coded
        ("WW??WW", "WWGGWW", {}, [4, 0, 0, 2, 0]),  # unknown is watched, not told
        ("WW..WW", "WW.GWW", {"nothing_coded": True}, [6, 0, 0, 0, 0]),
        ("WW??WW", "WWGGWW", {"nothing_coded": True}, [4, 0, 0, 2, 0]),  # unknown is never a code
        ("WWWWGG", "..WW", {"watched": Watched.all}, [2, 0, 0, 4, 0]),
        ("WWWWGG", "..WW", {"watched": Watched.all, "nothing_coded": True}, [6, 0, 0, 0, 0]),
    ],
)
def test_what_is_compared_and_what_is_left_out(
    first: str, second: str, changes: dict[str, object], seconds: list[int]
) -> None:
    made = agree(coded({"a": {ONE: first}, "b": {ONE: second}}), settings(**changes))
    assert made["compared"].iloc[0, -5:].tolist() == seconds
    assert made["confusion"].query("basis == 'time'")["amount"].sum() == seconds[0]


def test_nothing_coded_is_the_last_code_and_no_bout() -> None:
    made = agree(coded({"a": {ONE: "WW..WW"}, "b": {ONE: "WW.WWW"}}), settings(nothing_coded=True))
    cells = made["confusion"]
    assert list(dict.fromkeys(cells.query("basis == 'time'")["behaviour_a"])) == ["W", "nothing coded"]
    assert "nothing coded" not in set(cells.query("basis == 'bouts'")["behaviour_a"])
    assert value(made["agreement"], "agreement") == pytest.approx(5 / 6)


def test_one_behaviour_only_gives_no_kappa_and_says_why() -> None:
    table = agree(coded({"a": {ONE: "WWWW"}, "b": {ONE: "WWWW"}}), settings())["agreement"]
    rows = table[(table["basis"] == "time") & (table["behaviour"] == "")].set_index("figure")
    for figure in ("kappa", "kappa_tolerance_a", "kappa_max", "alpha", "pabak"):
        assert np.isnan(rows.loc[figure, "value"])
        assert rows.loc[figure, "method"] == (
            "not defined: both together say one thing only, so that chance cannot be told from agreement"
        )
    assert rows.loc["agreement", "value"] == 1


def test_no_time_that_both_coded() -> None:
    made = agree(coded({"a": {ONE: "WWWW"}, "b": {ONE: "....WWGG"}}), settings())
    rows = made["agreement"][made["agreement"]["figure"] == "kappa"]
    assert rows["value"].isna().all()
    assert set(rows["method"]) == {"not defined: nothing to compare"}
    assert made["budgets"].empty and made["budget_agreement"].empty and made["disagreements"].empty


def test_events_are_linked_and_missed() -> None:
    events = {
        "a": {ONE: [("cough", 2.0), ("shake", 5.0)]},
        "b": {ONE: [("cough", 3.5), ("cough", 5.2), ("shake", 9.0)]},
    }
    made = agree(coded({"a": {ONE: "W" * 10}, "b": {ONE: "W" * 10}}, events), settings())
    cells = made["confusion"].query("basis == 'events' and amount > 0")
    assert cells[["behaviour_a", "behaviour_b", "amount"]].to_numpy().tolist() == [
        ["cough", "cough", 1.0], ["shake", "cough", 1.0], ["not linked", "shake", 1.0],
    ]  # fmt: skip
    assert value(made["agreement"], "agreement", basis="events") == pytest.approx(1 / 3)
    rows = made["disagreements"][["start_s", "duration_s", "behaviour_a", "behaviour_b"]]
    assert rows.to_numpy().tolist() == [[5.0, 0.0, "shake", "cough"], [9.0, 0.0, "not linked", "shake"]]


def test_events_alone() -> None:
    events = {coder: {ONE: [("cough", 2.0), ("shake", 5.0)]} for coder in "ab"}
    made = agree(coded({}, events), settings())
    assert value(made["agreement"], "kappa", basis="events") == 1
    assert set(made["agreement"]["basis"]) == {"events"}


def test_three_coders_and_missing_values() -> None:
    words = {"a": {ONE: "WWGGWG"}, "b": {ONE: "WWGWWG"}, "c": {ONE: "..GGW."}}
    made = agree(coded(words), settings())
    assert set(zip(made["compared"]["coder_a"], made["compared"]["coder_b"], strict=True)) == {
        ("a", "b"), ("a", "c"), ("b", "c"),
    }  # fmt: skip
    units = np.array([[np.nan if one == "." else "WG".index(one) for one in words[coder][ONE]] for coder in "abc"])
    wanted = krippendorff.alpha(units, level_of_measurement="nominal")
    assert value(made["agreement"], "alpha", basis="all coders") == pytest.approx(wanted, abs=1e-6)


def herd(videos: int, session: str = "") -> pd.DataFrame:
    """So many videos of one animal each; the later ones are agreed on less."""
    words = {
        "a": {(f"v{k}", "1"): "WWWWWGGGGG" for k in range(videos)},
        "b": {(f"v{k}", "1"): "W" * (5 - k % 5) + "G" * (5 + k % 5) for k in range(videos)},
    }
    return coded(words, session=session)


def test_videos_are_resampled_and_left_out_under_six() -> None:
    few, many = (agree(herd(videos), settings())["agreement"] for videos in (5, 8))
    assert few["ci_low"].isna().all()
    rows = many[(many["figure"] == "kappa") & (many["basis"] == "time") & (many["behaviour"] == "")]
    assert (rows["ci_low"] < rows["value"]).all() and (rows["value"] < rows["ci_high"]).all()
    assert rows["method"].tolist() == ["95 % cluster bootstrap over 8 units"]
    assert rows["n"].tolist() == [80.0]


@pytest.mark.parametrize("session", ["morning", "all"])  # all: what a run calls the videos of one folder
def test_videos_of_one_session_are_one_unit(session: str) -> None:
    table = agree(herd(8, session=session), settings())["agreement"]
    assert set(table["n_units"][table["basis"] == "time"]) == {1}
    assert table["ci_low"].isna().all()


def test_the_same_seed_gives_the_same_limits() -> None:
    first, second = (agree(herd(8), settings())["agreement"] for _ in "ab")
    pd.testing.assert_frame_equal(first, second)


def test_tracks_are_of_their_video_and_named_animals_of_all() -> None:
    words = {c: {("v1", "1"): "WG", ("v2", "1"): "WG", ("v1", "Ama"): "WG", ("v2", "Ama"): "WW"} for c in "ab"}
    budgets = agree(coded(words), settings())["budgets"]
    assert sorted(set(budgets["animal"])) == ["Ama", "v1#1", "v2#1"]
    assert budgets.query("animal == 'Ama' and behaviour == 'W'")["share_a"].tolist() == [0.75]


def rows(*told: tuple[object, ...]) -> pd.DataFrame:
    data = pd.DataFrame(told, columns=["coder", "behaviour", "kind", "start_s", "stop_s"])
    full = data.assign(video="v", subject="1", session="", place=[f"row {k}" for k in range(1, len(data) + 1)])
    return CODED.cast(full)


GOOD = ("b", "W", "state", 0, 9)


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ([], "an agreement needs two coders or more, got 0"),
        ([GOOD], "an agreement needs two coders or more, got 1"),
        ([("a", "W", "state", 5, 3), GOOD], "row 1: stops at 3 before it starts at 5"),
        ([("a", "W", "state", 3, 3), GOOD], "row 1: 'W' is a state and lasts 0 s"),
        (
            [("a", "W", "state", 0, 5), ("a", "G", "state", 4, 9), GOOD],
            "row 2: 'G' of 1 begins at 4 s, before another state has ended (5 s); leave one of them out with old2new",
        ),
        (
            [("a", "W", "event", 2, 2), GOOD],
            "row 2: 'W' is state here and event elsewhere; name the two apart with old2new",
        ),
        ([("a", "W", "habit", 2, 3), GOOD], "row 1: kind must be state or event, got 'habit'"),
    ],
)
def test_bad_records_are_refused_in_one_line(told: list[tuple[object, ...]], fault: str) -> None:
    with pytest.raises(TableError) as error:
        agree(rows(*told), settings())
    assert fault in str(error.value)
    assert "\n" not in str(error.value)


def test_states_that_touch_are_no_overlap() -> None:
    agree(rows(("a", "W", "state", 0, 5.04), ("a", "G", "state", 5, 9), GOOD), settings())


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"unit_s": 0.0}, "unit_s must be >= 0.001, got 0.0"),
        ({"tolerance_s": -1.0}, "tolerance_s must be >= 0, got -1.0"),
        ({"overlap": 0.0}, r"overlap must be in \(0, 1\], got 0.0"),
        ({"min_compared_s": -1.0}, "min_compared_s must be >= 0, got -1.0"),
        ({"resamples": 99}, "resamples must be >= 100, got 99"),
    ],
)
def test_settings_that_cannot_be(changes: dict[str, float], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        AgreementSettings(**changes)  # type: ignore[arg-type]


def test_finer_units_give_the_seconds_more_exactly() -> None:
    told = [
        ("a", "W", "state", 0, 4.37),
        ("a", "G", "state", 4.37, 10),
        ("b", "W", "state", 0, 5),
        ("b", "G", "state", 5, 10),
    ]
    made = agree(rows(*told), settings(unit_s=0.01))
    assert value(made["agreement"], "agreement") == pytest.approx(0.937)
    assert made["disagreements"][["start_s", "stop_s"]].to_numpy().tolist() == [[4.37, 5.0]]
