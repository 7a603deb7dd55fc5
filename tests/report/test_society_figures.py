import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from pipeline.ethology.society import tables
from pipeline.ethology.society.association import associations
from pipeline.ethology.society.scene import positions
from pipeline.ethology.society.spacing import group_instants
from pipeline.ethology.society.subgroups import groups
from pipeline.report.group import group_figure, held, with_gaps
from pipeline.report.network import association_figure
from pipeline.report.style import save, styled
from tests.ethology.society.made import placed, scene, settings
from tests.ethology.society.test_association import scans
from tests.report.test_figures import texts

APART = placed(
    {1: [(100.0, 500.0)] * 6, 2: [(300.0, 500.0)] * 3 + [(900.0, 500.0)] * 3, 3: [(5000.0, 500.0)] * 2 + [None] * 4},
    species={3: "giraffe"},
)


def test_empty_tables_give_figures_that_say_so():
    nothing = tables.GROUP_INSTANTS.empty(), tables.SUBGROUPS.empty(), tables.FISSION_FUSION.empty()
    assert "no animal has a place" in texts(group_figure(*nothing, "t"))
    assert "nobody is named" in texts(association_figure(tables.ASSOCIATIONS.empty(), "t"))


def drawn(animals: pd.DataFrame) -> Figure:
    """The figure of animals with their places."""
    found = groups(animals, settings())
    return group_figure(group_instants(animals), found.subgroups, found.events, "group")


def test_one_animal_alone_has_no_distance():
    figure = drawn(placed({1: [(1.0, 1.0)] * 2}))
    assert [axes.get_ylabel() for axes in figure.axes] == ["animals", "subgroup size"]


def test_distances_are_drawn_where_they_are():
    figure = drawn(APART)
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    first = (2 + 2 + 47) / 3  # body lengths: the third is 4,700 px from the second
    assert lines["all animals"].get_ydata()[:3].tolist() == pytest.approx([first, first, 2])
    assert "nearest neighbour, body lengths" in texts(figure)


def test_metres_go_before_body_lengths():
    ground = pd.DataFrame({"track": [1, 2], "frame": 0, "x_m": [0.0, 7.0], "y_m": 0.0})
    near = positions(scene({1: [(100.0, 500.0)], 2: [(300.0, 500.0)]}, ground=ground), settings())
    figure = drawn(near)
    assert figure.axes[0].lines[0].get_ydata()[0] == 7
    assert "nearest neighbour, m" in texts(figure)


def test_lines_are_broken_where_instants_are_missing():
    rows = pd.DataFrame({"time_s": [0.0, 1.0, 5.0], "lasts_s": 1.0, "animals": [3, 4, 5]})
    times, values = with_gaps(rows, "animals")
    assert times.tolist() == [0, 1, 2, 2, 5, 6, 6]
    assert np.nan_to_num(values, nan=-1).tolist() == [3, 4, 4, -1, 5, 5, -1]


def test_instants_with_the_same_animals_are_one_step():
    rows = pd.DataFrame({"time_s": [0.0, 1.0, 2.0, 5.0], "lasts_s": 1.0, "animals": [3, 3, 4, 4]})
    steps = held(rows, ["animals"])
    assert steps[["time_s", "lasts_s", "animals"]].to_numpy().tolist() == [[0, 2, 3], [2, 1, 4], [5, 1, 4]]


def test_dots_that_touch_are_a_line_and_others_stay_dots():
    """Two animals together from 0 s to 39 s, and again at 1,800 s."""
    times = [*range(40), 1800]
    rows = {"time_s": times, "lasts_s": 1.0, "group": 1, "size": 2, "species": "zebra", "animals": 2}
    figure = group_figure(tables.GROUP_INSTANTS.empty(), pd.DataFrame(rows), tables.FISSION_FUSION.empty(), "group")
    axes = figure.axes[1]
    dots, line = axes.collections[:2]
    assert dots.get_offsets().tolist() == [[1800, 2]]
    assert [ends.tolist() for ends in line.get_segments()] == [[[0, 2], [39, 2]]]


def test_groups_are_drawn_with_what_happens_to_them():
    figure = drawn(APART)
    written = texts(figure)
    for words in ("giraffe", "zebra", "fission", "fusion", "subgroup size"):
        assert words in written
    marks = [item for item in figure.axes[2].collections if item.get_label() == "fission"]
    assert marks[0].get_offsets().tolist() == [[3.0, 2.0]]  # of two animals, at 3 s


def test_pairs_are_joined_by_their_index():
    pairs, _ = associations(scans("AB C", "AB C", "A B C", "AB D"), "individual", settings(), 0)
    figure = association_figure(pairs, "network", "p = 0.5")
    lines = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 2]
    assert [line.get_linewidth() for line in lines] == [pytest.approx(5 * 0.75)]
    written = texts(figure)
    assert "4 animals, 4 to 4 sampling periods a pair; lines: simple ratio index; p = 0.5" in written
    assert {"A", "B", "C", "D"} <= set(written.splitlines())


def test_of_very_many_pairs_the_strongest_are_drawn():
    herd = "".join(map(chr, range(65, 85)))
    pairs, _ = associations(scans(herd, herd[:10], herd[:10]), "individual", settings(), 0)
    figure = association_figure(pairs, "network")
    assert "the strongest 80 of 145 pairs" in texts(figure)
    widths = [line.get_linewidth() for line in figure.axes[0].lines if len(line.get_xdata()) == 2]
    assert len(widths) == 80  # the other 45 were seen in one period only and have no index
    assert sorted(widths)[-45:] == [5] * 45  # all pairs of the ten that were always together


def test_tracks_are_called_by_their_numbers():
    pairs, _ = associations(scans("AB"), "track", settings(min_periods=2), 0)
    assert "track 65" in texts(association_figure(pairs, "network"))


def test_same_tables_give_the_same_bytes(tmp_path):
    pairs, _ = associations(scans("AB C", "A BC"), "individual", settings(), 0)
    for folder in ("a", "b"):
        with styled():
            save(association_figure(pairs, "network"), tmp_path / folder / "n.svg", 50)
            save(drawn(APART), tmp_path / folder / "m.svg", 50)
    for name in ("n.png", "n.svg", "m.png", "m.svg"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
