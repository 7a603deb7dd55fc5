import numpy as np
import pandas as pd
import pytest

from pipeline.boxes import Point
from pipeline.errors import TableError
from pipeline.ethology.society.scene import positions
from pipeline.ethology.society.tables import BODY_LENGTHS, POSITIONS
from tests.ethology import made
from tests.ethology.society.made import camera, names, observed, placed, scene, settings

WALK = [(100.0 * t, 500.0) for t in range(6)]  # a body length a second to the right
STAND = [(0.0, 0.0)] * 6


@pytest.mark.parametrize(("paths", "instants"), [({}, 0), ({1: []}, 0), ({1: [(5.0, 5.0)]}, 1)])
def test_nothing_and_one(paths, instants):
    found = placed(paths)
    assert (len(found.instants), len(found.animals)) == (instants, instants)
    assert found.animals.columns.tolist() == [*POSITIONS.names, "instant"]
    assert found.lengths.columns.tolist() == BODY_LENGTHS.names


def test_a_walk_that_can_be_counted():
    animals = placed({1: WALK, 2: STAND}).animals
    one, two = animals[animals["track"] == 1], animals[animals["track"] == 2]
    assert one[["x_px", "y_px"]].to_numpy().tolist() == [list(place) for place in WALK]
    assert one["scale_px"].tolist() == [100] * 6
    assert one["speed_bl_s"].tolist() == [1] * 6
    assert one["heading_deg"].tolist() == [0] * 6
    assert two["speed_bl_s"].tolist() == [0] * 6
    assert two["heading_deg"].isna().all()  # stands still
    assert one["lasts_s"].tolist() == [1] * 6


@pytest.mark.parametrize(("point", "y"), [(Point.foot, 500), (Point.centre, 460)])
def test_the_point_of_the_box(point, y):
    assert placed({1: WALK}, changed={"point": point}).animals["y_px"].tolist() == [y] * 6


@pytest.mark.parametrize(
    ("step", "heading"),
    [((100, 0), 0), ((0, 100), 90), ((-100, 0), 180), ((0, -100), -90), ((70, 70), 45), ((3, 4), None)],
)
def test_headings(step, heading):
    path = [(500.0 + t * step[0], 500.0 + t * step[1]) for t in range(4)]
    found = placed({1: path}).animals["heading_deg"]
    assert found.isna().all() if heading is None else found.tolist() == pytest.approx([heading] * 4)


def test_instants_are_the_first_frames_of_their_periods():
    found = placed({1: WALK}, changed={"step_s": 2.0})
    assert found.instants["frame"].tolist() == [0, 2, 4]
    assert found.instants["lasts_s"].tolist() == [2, 2, 2]
    found = placed({1: WALK}, changed={"step_s": 4.0, "period_s": 4.0})
    assert found.instants["lasts_s"].tolist() == [4, 2]


def test_the_cameras_motion_is_taken_out():
    # the camera goes right by 100 px a second: the walker stays in the picture's middle
    pan = camera([[1, 0, 100 * t, 0, 1, 0] for t in range(6)])
    animals = placed({1: [(500.0, 500.0)] * 6}, camera=pan).animals
    assert animals["x_px"].tolist() == [500 + 100 * t for t in range(6)]
    assert animals["speed_bl_s"].tolist() == [1] * 6


def test_a_zoom_scales_lengths_and_the_way_to_the_edge():
    half = camera([[0.5, 0, 0, 0, 0.5, 0]] * 6)
    found = placed({1: [(300.0, 500.0)] * 6}, camera=half, size=(1000, 1000))
    assert found.lengths["length_px"].tolist() == [50]
    assert found.animals["to_edge_px"].tolist() == [150] * 6


def test_no_heading_across_an_unknown_motion_of_the_camera():
    unknown = camera([[1, 0, 0, 0, 1, 0]] * 6, [True, True, True, False, True, True])
    animals = placed({1: [*WALK[:3], *[(9000.0, 9000.0 + t) for t in range(3)]]}, camera=unknown).animals
    assert animals["heading_deg"].notna().tolist() == [True] * 3 + [False] * 3  # then it hardly moves
    assert animals["speed_bl_s"].max() == pytest.approx(1)


def test_a_lost_track_has_no_speed_over_the_hole():
    path = [*WALK[:2], None, None, *[(9000.0, 500.0)] * 2]
    assert placed({1: path}).animals["speed_bl_s"].tolist() == [1, 1, 0, 0]


def test_at_a_variable_rate_no_record_breaks():
    found = scene({1: [(40.0 * t, 500.0) for t in range(40)]})
    times = np.append(0.0, np.cumsum(np.where(np.arange(1, 40) % 4, 0.1, 0.2)))  # every fourth step is twice as long
    found.frames["time_s"], found.frames["duration_s"] = times, np.diff(times, append=times[-1] + 0.1)
    found.tracks["time_s"] = times
    assert positions(found, settings()).animals["speed_bl_s"].notna().all()


def test_an_instant_before_a_hole_in_the_footage_is_as_long_as_others():
    found = scene({1: WALK})
    times = np.array([0.0, 1.0, 2.0, 32.0, 33.0, 34.0])
    found.frames["time_s"], found.tracks["time_s"] = times, times
    found.frames["duration_s"] = np.diff(times, append=35.0)
    there = positions(found, settings())
    assert there.instants["lasts_s"].tolist() == [1] * 6
    assert there.instants["spell"].nunique() == 2
    alone = scene({1: WALK[:1]})
    alone.frames["duration_s"] = 10.0
    assert positions(alone, settings()).instants["lasts_s"].tolist() == [10]  # there are no others


def test_boxes_in_gaps_give_no_place():
    found = scene({1: WALK, 2: STAND}, words={1: "AA--AA", 2: "AAAAAA"})
    found.behaviours.loc[found.behaviours["behaviour"] == "not visible", "reason"] = "gap"
    assert positions(found, settings()).animals["track"].value_counts().to_dict() == {2: 6, 1: 4}
    found.behaviours.loc[found.behaviours["behaviour"] == "not visible", "reason"] = "overlap"
    assert positions(found, settings()).animals["track"].value_counts().to_dict() == {2: 6, 1: 6}


def test_what_the_observer_leaves_out():
    says = observed(("v.mp4", 0, 2, "s", "yes", ""), ("v.mp4", 3, 6, "t", "yes", ""))
    found = positions(scene({1: WALK}), settings(), says, names(t1="Zoe"))
    assert found.instants["frame"].tolist() == [0, 1, 3, 4, 5]
    assert found.instants["spell"].nunique() == 2
    assert found.animals["session"].tolist() == ["s", "s", "t", "t", "t"]
    assert found.animals["subject"].unique().tolist() == ["Zoe"]


def test_metres_go_before_pixels_in_headings():
    ground = pd.DataFrame({"track": 1, "frame": range(4), "x_m": 3.0, "y_m": [0.0, 1.0, 2.0, 3.0]})
    animals = positions(scene({1: WALK}, ground=ground), settings()).animals
    assert animals["heading_deg"].fillna(-1).tolist() == [90, 90, 90, -1, -1, -1]
    assert animals["y_m"].fillna(-1).tolist() == [0, 1, 2, 3, -1, -1]


def test_a_place_told_twice_is_refused():
    ground = pd.DataFrame({"track": [1, 1], "frame": 3, "x_m": 3.0, "y_m": 0.0})
    with pytest.raises(TableError, match="ground: track 1 has two places in frame 3"):
        positions(scene({1: WALK}, ground=ground), settings())
    with pytest.raises(TableError, match="ground: missing columns y_m"):
        positions(scene({1: WALK}, ground=ground[["track", "frame", "x_m"]]), settings())


def test_animals_seen_end_on_only_have_no_body_length():
    found = scene({1: WALK, 2: STAND, 3: STAND}, species={3: "giraffe"})
    found.tracks.loc[found.tracks["track"] > 1, ["x1", "x2"]] = [-20.0, 20.0]  # 40 x 80 px
    table = positions(found, settings()).lengths
    assert table["length_px"].fillna(0).tolist() == [100, 0, 0]
    assert table["scale_px"].tolist() == [100, 100, 100]
    assert table["method"].tolist() == [
        "own boxes",
        "withheld: seen end-on only; scale of its species in the video",
        "withheld: seen end-on only; scale of all animals in the video",
    ]
    assert positions(found, settings(least_aspect=0.0)).lengths["length_px"].tolist() == [100, 80, 80]


def test_nobody_has_a_length():
    found = placed({1: WALK}, box=(40.0, 80.0))
    assert found.lengths["scale_px"].isna().all()
    assert found.lengths["method"].tolist() == [
        "withheld: all are seen end-on only; no scale (with least_aspect=0 every box counts)"
    ]
    assert found.animals[["speed_bl_s", "heading_deg"]].isna().all(axis=None)


def test_body_length_is_a_percentile_of_detected_boxes():
    found = scene({1: STAND * 2})
    wide = np.arange(12) * 10.0 + 100
    found.tracks["x2"] = found.tracks["x1"] + wide
    assert positions(found, settings()).lengths["length_px"].tolist() == [pytest.approx(np.quantile(wide, 0.9))]
    found.tracks["observed"] = wide < 150
    assert positions(found, settings()).lengths["length_px"].tolist() == [pytest.approx(136)]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"step_s": 0}, "step_s must be > 0, got 0"),
        ({"near": -1}, "near must be > 0, got -1"),
        ({"leave": 2}, "leave must be >= near, got 2"),
        ({"period_s": 0.5}, "period_s must be >= step_s, got 0.5"),
        ({"min_periods": 1}, "min_periods must be >= 2, got 1"),
        ({"permutations": 5}, "permutations must be >= 99, got 5"),
        ({"vigilance": ["A", "A"]}, r"vigilance must name each behaviour once, got \['A', 'A'\]"),
        ({"size_classes": [2, 5]}, r"size_classes must rise from 1, got \[2, 5\]"),
        ({"size_classes": [1, 5, 5]}, r"size_classes must rise from 1, got \[1, 5, 5\]"),
        ({"least_speed": -0.1}, "least_speed must be >= 0, got -0.1"),
    ],
)
def test_settings_are_checked(changes, text):
    with pytest.raises(ValueError, match=text):
        settings(**changes)


def test_frames_without_animals_are_instants():
    found = positions(scene({1: [None, *WALK[1:3], None]}), settings())
    assert len(found.instants) == 4
    assert len(found.animals) == 2
    assert made.frames(4)["time_s"].tolist() == found.instants["time_s"].tolist()
