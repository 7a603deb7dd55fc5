import networkx as nx
import numpy as np
import pandas as pd
import pytest

from pipeline.ethology.society.grouping import grouped, lasting, pairs
from pipeline.ethology.society.scene import positions
from pipeline.ethology.society.settings import Unit
from pipeline.ethology.society.subgroups import groups
from tests.ethology.society.made import observed, placed, scene, settings


def line(word, width=100.0):
    """A track by letters: digits are hundreds of pixels from the left, a dot is no record."""
    return [None if letter == "." else (100.0 + width * int(letter), 500.0) for letter in word]


def found(*words, **changed):
    return groups(placed(dict(enumerate(map(line, words), start=1))), settings(**changed))


def over_time(result):
    """The groups of every instant, each by its lowest track, with its size."""
    table = result.subgroups.drop_duplicates(["frame", "group"])
    return [dict(zip(own["group"], own["size"], strict=True)) for _, own in table.groupby("frame")]


def events(result):
    return result.events[["time_s", "event", "size", "parts", "groups", "sure"]].to_numpy().tolist()


def test_nobody_and_one():
    assert len(groups(placed({}), settings()).subgroups) == 0
    alone = found("00")
    assert over_time(alone) == [{1: 1}, {1: 1}]
    assert events(alone) == []


@pytest.mark.parametrize(
    ("words", "sizes"),
    [
        (["0", "3"], [{1: 2}]),  # three body lengths are near
        (["0", "4"], [{1: 1, 2: 1}]),  # four are not, though a pair that is together may be so far apart
        (["0", "3", "6"], [{1: 3}]),  # a chain: the ends are linked through the middle
        (["0", "9", "3"], [{1: 2, 2: 1}]),
    ],
)
def test_the_chain_rule(words, sizes):
    assert over_time(found(*words)) == sizes


@pytest.mark.parametrize(
    ("words", "together"),
    [
        # 3 is near, 4 keeps what is together, 5 parts
        (["000000", "434543"], [False, True, True, False, False, True]),
        (["000", "444"], [False, False, False]),  # never was near
        (["00.00", "34344"], [True, True, None, False, False]),  # nothing holds over a hole
    ],
)
def test_hysteresis(words, together):
    sizes = over_time(found(*words))
    assert [None if len(own) == 1 and own.get(1, 0) == 0 else own == {1: 2} for own in sizes] == together


def test_a_pair_parts_and_meets_again():
    result = found("0000", "3593")
    assert events(result) == [[1, "fission", 2, "1+1", "1, 2", True], [3, "fusion", 2, "1+1", "1, 2", True]]


def test_sizes_of_the_parts():
    # five in a chain; the last two walk away together
    result = found("000", "111", "222", "379", "379")
    assert events(result) == [[1, "fission", 5, "3+2", "1, 4", True]]


def test_three_parts_at_once():
    assert events(found("00", "19", "14", leave=3.0)) == [[1, "fission", 3, "1+1+1", "1, 2, 3", True]]


def test_a_lost_link_is_not_sure():
    # the one in the middle is lost: the ends are apart without having moved
    result = found("000", "33.", "666")
    assert events(result) == [[2, "fission", 2, "1+1", "1, 3", False]]


def test_coming_and_going_is_no_event():
    assert events(found("000", ".1.", "1..")) == []


def test_nothing_happens_over_footage_that_does_not_count():
    says = observed(("v.mp4", 0, 2, "s", "yes", ""), ("v.mp4", 3, 5, "s", "yes", ""))
    apart = positions(scene({1: line("00000"), 2: line("33999")}), settings(), says)
    assert events(groups(apart, settings())) == []


def test_groups_by_species():
    result = groups(placed({1: line("0"), 2: line("1"), 3: line("2")}, species={2: "giraffe"}), settings())
    assert result.subgroups[["group", "species", "animals", "size"]].to_numpy().tolist() == [
        [1, "giraffe", 1, 3],
        [1, "zebra", 2, 3],
    ]


@pytest.mark.parametrize(
    ("unit", "near", "size"), [(Unit.pixel, 250.0, 1), (Unit.pixel, 350.0, 2), (Unit.metre, 1e9, 0)]
)
def test_units(unit, near, size):
    result = found("0", "3", unit=unit, near=near, leave=near)
    assert result.subgroups["size"].max() == size if size else len(result.subgroups) == 0


def test_metres_of_some_make_no_groups():
    """Without the second animal's place the first and third would be two groups, which it joins."""
    ground = pd.DataFrame({"track": [1, 2, 3] * 2, "frame": [0] * 3 + [1] * 3, "x_m": [0.0, np.nan, 9.0, 0, 5, 9]})
    there = placed({1: line("00"), 2: line("11"), 3: line("22")}, ground=ground.assign(y_m=ground["x_m"] * 0))
    result = groups(there, settings(unit=Unit.metre, near=5.0, leave=5.0)).subgroups
    assert result[["frame", "size"]].to_numpy().tolist() == [[1, 3]]


def test_a_look_is_the_first_instant_of_a_period():
    result = found("0000", "9333", ".000", period_s=2.0)
    assert result.looks[["time_s", "track", "group"]].to_numpy().tolist() == [
        [0, 1, 1],
        [0, 2, 2],
        [2, 1, 1],
        [2, 2, 1],
        [2, 3, 1],
    ]


def test_components_against_networkx():
    rng = np.random.default_rng(2)
    paths = {k: list(map(tuple, rng.uniform(0, 2000, (6, 2)).round())) for k in range(1, 31)}
    animals, now = placed(paths).animals, settings(near=2.0, leave=2.5)
    near = pairs(animals, now)
    label = grouped(animals, near, near.near)
    for instant, own in animals.groupby("instant"):
        places = own[["x_px", "y_px"]].to_numpy()
        graph = nx.random_geometric_graph(len(own), 200.0, pos=dict(enumerate(map(tuple, places))))
        for part in nx.connected_components(graph):
            tracks = own["track"].to_numpy()[sorted(part)]
            assert set(label[(animals["instant"] == instant) & animals["track"].isin(tracks)]) == {tracks.min()}
    assert lasting(animals, np.zeros(6), near)[near.near].all()
