from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import ConvexHull, KDTree
from scipy.special import i0, i1

from pipeline.ethology.society.blocks import blocks
from pipeline.ethology.society.spacing import group_instants, neighbours, of_threes
from pipeline.ethology.society.tables import GROUP_INSTANTS, NEIGHBOURS
from tests.ethology.society.made import placed

FIVE = 5


def stand(*places, frames=FIVE):
    """Animals that stay, by track from 1."""
    return {track: [place] * frames for track, place in enumerate(places, start=1)}


def first(found, species="all"):
    """The first instant of all species together."""
    table = group_instants(found)
    return table[(table["species"] == species) & (table["time_s"] == 0)].iloc[0]


def ring(n, steps, turn=10.0, radius=1000.0, centre=(5000.0, 5000.0)):
    """Animals evenly on a circle, each turning by so many degrees a second."""
    angle = np.radians(np.arange(n)[:, None] * 360 / n + np.arange(steps) * turn)
    x, y = centre[0] + radius * np.cos(angle), centre[1] + radius * np.sin(angle)
    return {k + 1: list(zip(x[k].tolist(), y[k].tolist(), strict=True)) for k in range(n)}


def test_nobody_and_one():
    assert group_instants(placed({})).equals(GROUP_INSTANTS.empty())
    row = first(placed(stand((500.0, 500.0))))
    assert row["animals"] == 1
    assert row[["nearest_px", "spread_px", "hull_px2", "polarisation"]].isna().all()
    assert row["near_edge_share"] == 1  # alone in the picture: its neighbour is out of it
    empty = group_instants(placed({1: [None, (5.0, 5.0)]}))
    assert empty[empty["species"] == "all"]["animals"].tolist() == [0, 1]


def test_a_triangle():
    # 3, 4 and 5 body lengths
    row = first(placed(stand((5000.0, 5000.0), (5300.0, 5000.0), (5000.0, 5400.0))))
    assert row["nearest_px"] == pytest.approx((300 + 300 + 400) / 3)
    assert row["nearest_bl"] == pytest.approx((3 + 3 + 4) / 3)
    assert (row["hull_px2"], row["hull_bl2"]) == (pytest.approx(60_000), pytest.approx(6))
    centroid = np.array([5100, 5000 + 400 / 3])
    corners = np.array([(5000, 5000), (5300, 5000), (5000, 5400)])
    assert row["spread_px"] == pytest.approx(np.linalg.norm(corners - centroid, axis=1).mean())
    assert np.isnan(row["nearest_m"])


def test_three_in_a_row_have_a_hull_without_area():
    assert first(placed(stand((1.0, 5.0), (201.0, 5.0), (401.0, 5.0))))[["hull_px2", "of_three_px2"]].tolist() == [0, 0]


def test_distances_are_by_the_mean_length_of_the_two():
    found = placed(stand((5000.0, 5000.0), (5300.0, 5000.0)))
    found.animals["scale_px"] = np.where(found.animals["track"] == 1, 100.0, 200.0)
    assert neighbours(found.animals)["nearest_bl"].tolist() == [2.0] * 2 * FIVE


def test_who_is_nearer_to_the_edge_than_to_its_neighbour():
    found = placed(stand((50.0, 500.0), (400.0, 500.0), (500.0, 500.0)), size=(1000, 1000))
    table = neighbours(found.animals)
    assert table[table["frame"] == 0]["near_edge"].tolist() == [True, False, False]
    assert table[table["frame"] == 0]["neighbour"].tolist() == [2, 3, 2]
    row = first(found)
    assert row["near_edge_share"] == pytest.approx(1 / 3)
    assert row["nearest_px"] == pytest.approx((350 + 100 + 100) / 3)
    assert row["inside_px"] == 100


def test_everyone_walks_in_one_direction():
    paths = {k: [(100.0 * t, 200.0 * k) for t in range(FIVE)] for k in range(1, 5)}
    row = first(placed(paths))
    assert row["moving"] == 4
    assert row["polarisation"] == pytest.approx(1)
    assert row["polarisation_chance"] == pytest.approx(0.886 / 2, abs=1e-3)
    assert (row["alignment"], row["milling"]) == (1, pytest.approx(-1 / 3))
    assert row["rotation"] == pytest.approx(0, abs=1e-9)  # as many left of the centroid as right of it


def test_a_ring_turns():
    table = group_instants(placed(ring(8, 12)))
    inner = table[(table["species"] == "all") & table["time_s"].between(1, 10)]  # at the ends it looks one way only
    assert inner["rotation"].to_numpy() == pytest.approx(1, abs=1e-6)
    assert inner["polarisation"].to_numpy() == pytest.approx(0, abs=1e-6)
    assert inner["milling"].to_numpy() == pytest.approx(1, abs=1e-6)
    assert inner["spread_bl"].to_numpy() == pytest.approx(10, abs=1e-4)  # boxes rest with two decimals


def test_two_apart_are_not_polarised_and_those_who_stand_have_no_say():
    paths = {
        1: [(1000 + 100.0 * t, 500.0) for t in range(FIVE)],
        2: [(9000 - 100.0 * t, 500.0) for t in range(FIVE)],
        3: [(5000.0, 5000.0)] * FIVE,
    }
    row = first(placed(paths))
    assert (row["moving"], row["animals"]) == (2, 3)
    assert row["polarisation"] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("n", [2, 4, 8, 30])
def test_what_random_headings_give(n):
    heading, place = np.random.default_rng(0).uniform(0, 2 * np.pi, (2, 40_000, n))
    along = np.abs(np.exp(1j * heading).mean(axis=1)).mean()
    assert np.sqrt(np.pi / (4 * n)) == pytest.approx(along, rel=0.03)
    turning = np.abs(np.sin(heading - place).mean(axis=1)).mean()
    assert 1 / np.sqrt(np.pi * n) == pytest.approx(turning, rel=0.14 if n == 2 else 0.05)


def test_figures_of_pairs_and_threes_written_out():
    rng = np.random.default_rng(3)
    walks = rng.uniform(2000, 8000, (6, 1, 2)) + rng.normal(0, 80, (6, 1, 2)) * np.arange(FIVE)[:, None]
    found = placed({k + 1: list(map(tuple, walk.round(2))) for k, walk in enumerate(walks)})
    row, now = first(found), found.animals[found.animals["frame"] == 0]
    places, heading = now[["x_px", "y_px"]].to_numpy(), np.radians(now["heading_deg"].to_numpy())
    about = np.arctan2(*(places - places.mean(axis=0)).T[::-1])
    pairs = list(combinations(range(6), 2))
    assert row["alignment"] == pytest.approx(np.mean([np.cos(heading[i] - heading[j]) for i, j in pairs]), abs=1e-6)
    turning = np.sin(heading - about)
    assert row["milling"] == pytest.approx(np.mean([turning[i] * turning[j] for i, j in pairs]), abs=1e-6)
    threes = [ConvexHull(places[list(three)]).volume for three in combinations(range(6), 3)]
    assert row["of_three_px2"] == pytest.approx(np.mean(threes), abs=1e-4)


@pytest.mark.parametrize("n", [3, 5, 12])
def test_their_means_do_not_depend_on_the_number_of_animals(n):
    rng = np.random.default_rng(n)
    assert of_threes(rng.normal(size=(8000, n, 2))).mean() == pytest.approx(np.sqrt(3) / 2, rel=0.04)
    heading = rng.vonmises(0, 1, (8000, n))
    polarisation = np.abs(np.exp(1j * heading).mean(axis=1))
    assert ((n * polarisation**2 - 1) / (n - 1)).mean() == pytest.approx((i1(1) / i0(1)) ** 2, abs=0.02)


def test_against_scipy():
    rng = np.random.default_rng(1)
    places = rng.uniform(1000, 9000, (9, 2)).round(2)
    found = placed(stand(*map(tuple, places)))
    nearest, who = KDTree(places).query(places, k=2)
    table = neighbours(found.animals)
    table = table[table["frame"] == 0]
    assert table["nearest_px"].to_numpy() == pytest.approx(nearest[:, 1], abs=1e-6)
    assert table["neighbour"].tolist() == (who[:, 1] + 1).tolist()
    assert first(found)["hull_px2"] == pytest.approx(ConvexHull(places).volume, rel=1e-5)


def test_species_are_measured_among_themselves():
    found = placed(stand((5000.0, 5000.0), (5100.0, 5000.0), (5900.0, 5000.0)), species={2: "giraffe"})
    assert first(found, "zebra")["nearest_px"] == 900
    assert first(found, "giraffe")["animals"] == 1
    assert first(found, "all")["nearest_px"] == pytest.approx((100 + 100 + 800) / 3)


def test_metres():
    found = placed(
        stand((5000.0, 5000.0), (5300.0, 5000.0), (5300.0, 5400.0)),
        ground=pd.DataFrame(
            [(k, f, x, y) for k, (x, y) in enumerate([(0, 0), (6, 0), (6, 8)], start=1) for f in range(FIVE)],
            columns=["track", "frame", "x_m", "y_m"],
        ),
    )
    row = first(found)
    assert row["nearest_m"] == pytest.approx((6 + 6 + 8) / 3)
    assert row[["hull_m2", "of_three_m2"]].tolist() == pytest.approx([24, 24])


def test_the_error_of_a_distance_is_of_both_boxes_and_grows_with_it():
    told = {"x_m": [0.0, 3.0, 3.0], "y_m": [0.0, 0.0, 8.0], "box_error_m": [0.4, 0.3, 1.2], "stretch": [0.1, 0.3, 0.2]}
    there = placed(stand((5000.0, 5000.0), (5300.0, 5000.0), (5300.0, 5800.0)), ground=on_ground(**told))
    near = neighbours(there.animals).iloc[:3]
    first, last = (0.4**2 + 0.3**2 + (0.2 * 3) ** 2) ** 0.5, (1.2**2 + 0.3**2 + (0.25 * 8) ** 2) ** 0.5
    assert near["nearest_m"].tolist() == [3, 3, 8]
    assert near["nearest_error_m"].tolist() == pytest.approx([first, first, last], abs=1e-6)
    row = group_instants(there).iloc[0]
    assert row["nearest_error_m"] == pytest.approx((2 * first + last) / 3, abs=1e-6)


def on_ground(**told: list[float]) -> pd.DataFrame:
    """Places of tracks 1, 2 ... in all frames."""
    rows = pd.DataFrame(told).assign(track=range(1, len(told["x_m"]) + 1))
    return rows.merge(pd.DataFrame({"frame": range(FIVE)}), how="cross")


def test_metres_of_a_group_are_of_all_of_it():
    rows = [(k, f, 6.0 * k, 8.0 if k == 3 else 0.0) for k in (1, 2, 3) for f in range(FIVE)]
    ground = pd.DataFrame(rows, columns=["track", "frame", "x_m", "y_m"])
    ground.loc[(ground["track"] == 3) & (ground["frame"] < 2), ["x_m", "y_m"]] = np.nan
    found = group_instants(placed(stand((5000.0, 5000.0), (5300.0, 5000.0), (5300.0, 5400.0)), ground=ground))
    whole = found[found["species"] == "all"]
    for name in ("nearest_m", "spread_m", "hull_m2"):
        assert whole[name].notna().tolist() == [False, False, True, True, True], name


def test_the_tables_are_as_declared():
    found = placed(ring(4, 4))
    assert NEIGHBOURS.cast(neighbours(found.animals)).equals(neighbours(found.animals))
    assert GROUP_INSTANTS.cast(group_instants(found)).equals(group_instants(found))


def test_blocks_name_every_row_once():
    instant = np.array([0, 0, 1, 3, 3, 4, 4, 4])
    found = list(blocks(instant))
    assert [block.shape for block in found] == [(1, 1), (2, 2), (1, 3)]
    assert sorted(np.concatenate([block.ravel() for block in found]).tolist()) == list(range(8))
