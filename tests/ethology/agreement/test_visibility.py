"""How much of the time two records have the animals in sight: by hand, and kabr-tools' published comparison."""

import pandas as pd
import pytest

from pipeline.ethology.agreement.agree import agree
from pipeline.ethology.agreement.settings import Watched
from tests.ethology.agreement.made import coded, settings

ZOE, MAX = ("v.mp4", "Zoe"), ("v.mp4", "Max")


def seconds(table: pd.DataFrame, coder: str) -> list[list[float]]:
    names = ["shared_s", *(f"{part}_{coder}_s" for part in ("in_sight", "not_visible", "no_record"))]
    return table[names].to_numpy().tolist()


@pytest.mark.parametrize(
    ("drone", "ground", "changes", "seen", "noted"),
    # shared, in sight, recorded as not visible, not recorded
    [
        ("AAAA", "AA--", {}, [4, 4, 0, 0], [4, 2, 2, 0]),
        ("AAAAAAAA", "..AA..AA", {}, [6, 6, 0, 0], [6, 4, 0, 2]),  # from 2 to 8; what is not recorded is not in sight
        ("AA?A", "AAAA", {}, [4, 4, 0, 0], [4, 4, 0, 0]),  # unknown is in sight
        ("A-", "BB", {}, [2, 1, 1, 0], [2, 2, 0, 0]),
        ("AAAA....", "..BBBBBB", {}, [2, 2, 0, 0], [2, 2, 0, 0]),  # two seconds in common
        ("AAAA", "..AA", {"watched": Watched.all}, [4, 4, 0, 0], [4, 2, 0, 2]),  # from the video's start
        ("AAAA", "-AA-", {"unit_s": 3.0}, [4, 4, 0, 0], [4, 2, 2, 0]),  # to the second, whatever the time unit
    ],
)
def test_by_hand(drone: str, ground: str, changes: dict[str, object], seen: list[float], noted: list[float]) -> None:
    found = agree(coded({"drone": {ZOE: drone}, "ground": {ZOE: ground}}), settings(**changes), ["drone", "ground"])
    table = found["visibility"]
    assert seconds(table, "a") == [seen]
    assert seconds(table, "b") == [noted]
    assert table["out_of_sight_share_b"].tolist() == [pytest.approx(1 - noted[1] / noted[0], abs=1e-6)]


def test_a_row_an_animal_and_video_and_those_of_one_record_are_left_out() -> None:
    first = coded({"a": {ZOE: "AAAA", MAX: "AA--"}, "b": {ZOE: "A---"}})
    assert agree(first, settings())["visibility"]["subject"].tolist() == ["Zoe"]
    both = agree(coded({"a": {ZOE: "AAAA", MAX: "AA--"}, "b": {ZOE: "A---", MAX: "AAAA"}}), settings())["visibility"]
    assert both[["subject", "out_of_sight_share_a", "out_of_sight_share_b"]].to_numpy().tolist() == [
        ["Max", 0.5, 0.0], ["Zoe", 0.0, 0.75],
    ]  # fmt: skip


def test_every_pair_of_three() -> None:
    made = agree(coded({"a": {ZOE: "AAAA"}, "b": {ZOE: "AA--"}, "c": {ZOE: "A---"}}), settings())["visibility"]
    assert made["out_of_sight_share_a"].tolist() == [0, 0, 0.5]
    assert made["out_of_sight_share_b"].tolist() == [0.5, 0.75, 0.75]


@pytest.mark.parametrize(
    "words",
    [
        {"a": {ZOE: "AAAA"}, "b": {ZOE: "....AA"}},  # no moment in common
        {"a": {ZOE: "AAAA"}},  # b notes events only: sight cannot be told from them
    ],
)
def test_what_cannot_be_told_has_no_row(words: dict[str, dict[tuple[str, str], str]]) -> None:
    events = {"b": {ZOE: [("cough", 0.0), ("cough", 3.0)]}} if "b" not in words else None
    assert agree(coded(words, events), settings())["visibility"].empty


def test_the_published_comparison_from_its_totals() -> None:
    # kabr-tools: out of sight .59954 of 1,323.458 s in the field notes, .01340 in the drone video; its input is not
    # published with the tables, so that these are the printed totals and not a reproduction from the notes
    rows = coded({"drone": {ZOE: "A-"}, "ground": {ZOE: "A-"}})
    gone = {"drone": round(1323.458 * 0.01340, 3), "ground": round(1323.458 * 0.59954, 3)}
    turn = 1323.458 - rows["coder"].map(gone)
    visible = rows["behaviour"] == "A"
    timed = rows.assign(start_s=turn.mask(visible, 0.0), stop_s=turn.where(visible, 1323.458))
    found = agree(timed, settings(), ["drone", "ground"])["visibility"].iloc[0]
    assert found["shared_s"] == 1323.458
    assert (round(found["out_of_sight_share_a"], 5), round(found["out_of_sight_share_b"], 5)) == (0.0134, 0.59954)
