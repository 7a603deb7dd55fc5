import dataclasses
import re
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from pipeline import tables
from pipeline.report import style
from pipeline.report.bars import budget_figure
from pipeline.report.colours import rgb
from pipeline.report.figures import _named, draw_run, draw_video, file_name
from pipeline.report.gantt import ethogram_figure, labels_of, names_of, rows_of
from pipeline.report.heatmap import transition_figure
from pipeline.report.intervals import interval_figure
from pipeline.report.paths import trajectory_figure
from tests.report import made

SIZE = (160, 90)
STILL = np.full((90, 160, 3), 120, dtype=np.uint8)
IDENTITY = np.tile(np.eye(3), (20, 1, 1))


def texts(figure) -> str:
    """Everything that is written in a figure."""
    from matplotlib.text import Text

    return "\n".join(text.get_text() for text in figure.findobj(Text))


def has_colour(path: Path, colour: str) -> bool:
    picture = cv2.imread(str(path))[..., ::-1].astype(int)
    return bool((np.abs(picture - rgb(colour)).max(axis=2) <= 2).any())


def test_same_tables_give_the_same_bytes(drawn, tmp_path):
    first, second = drawn[1], made.draw(tmp_path)
    kinds = [entry.kind for entry in first]
    assert kinds == ["budgets", "budgets", "transitions", "ethogram", "trajectories"]
    for a, b in zip(first, second, strict=True):
        assert [path.suffix for path in a.files][:2] == [".svg", ".png"]
        assert (len(a.files) == 2) == (a.kind == "trajectories")  # no photograph as PDF
        for one, other in zip(a.files, b.files, strict=True):
            assert one.read_bytes() == other.read_bytes()
    assert not list(tmp_path.rglob(".part-*"))


def test_the_look_does_not_depend_on_the_users_own_and_leaves_it_alone(drawn, tmp_path):
    import matplotlib

    with matplotlib.rc_context({"font.size": 30, "text.parse_math": True, "svg.hashsalt": None}):
        made.draw(tmp_path)
        assert matplotlib.rcParams["font.size"] == 30
    name = "time_budgets.svg"
    assert (drawn[0] / "figures" / name).read_bytes() == (tmp_path / name).read_bytes()


@pytest.mark.parametrize("behaviour", ["Walk", "Graze"])
def test_a_behaviour_has_its_colour_in_every_figure(drawn, behaviour):
    for entry in drawn[1]:
        if entry.kind != "trajectories":
            assert has_colour(entry.path.with_suffix(".png"), made.COLOURS[behaviour]), entry.path.name


def test_an_svg_holds_no_more_than_is_seen(drawn):
    for entry in drawn[1]:
        text = entry.path.read_text(encoding="utf-8")
        places = " ".join(re.findall(r' (?:d|x|y)="([^"]*)"', text))
        assert re.search(r"\.\d", places)
        assert not re.search(r"\.\d{3}", places), entry.path.name
        assert ("data:image/jpeg" in text) == (entry.kind == "trajectories")  # the still


def test_empty_tables_give_figures_that_say_so(tmp_path):
    empty = [tables.TIME_BUDGETS.empty(), tables.TRANSITIONS.empty(), tables.INDIVIDUALS.empty()]
    run = draw_run(*empty, made.COLOURS, made.SETTINGS, tmp_path)
    video = draw_video(
        "a.mp4", tables.BOUTS.empty(), tables.TRACKS.empty(), np.eye(3)[None], None, SIZE, 0.0, made.COLOURS,
        made.SETTINGS, tmp_path,
    )  # fmt: skip
    assert all(entry.path.is_file() for entry in run + video)
    assert "no behaviour was recorded" in texts(ethogram_figure(tables.BOUTS.empty(), 0, {}, 70, "t"))
    assert "no animal was seen doing" in texts(budget_figure(empty[0], {}, 70, "t"))
    assert "no animal was seen to change" in texts(transition_figure(empty[1], {}, "t"))
    assert "no animal was found" in texts(trajectory_figure(tables.TRACKS.empty(), IDENTITY, None, SIZE, 70, "t", {}))


@pytest.mark.parametrize(
    ("count", "left_out"),
    [
        (1, ""),  # one
        (70, ""),  # as many as fit
        (73, "3 more tracks"),  # the figure does not grow further, it says what is missing
    ],
)
def test_an_ethogram_grows_with_the_herd_up_to_a_limit(count, left_out):
    rows = [(track, "Walk", 0.0, 600.0 + track) for track in range(1, count + 1)]
    figure = ethogram_figure(made.bouts(rows), 1200, made.COLOURS, 70, "herd")
    axes = figure.axes[0]
    assert len(axes.get_yticks()) == min(count, 70)
    assert left_out in texts(figure)
    assert "blank: the animal has no record there" in texts(figure)
    assert f"track {count}  zebra" in texts(figure)  # the longest recorded are drawn
    assert figure.get_size_inches()[1] < 16


def test_an_ethogram_has_a_bar_where_a_bout_is_and_nothing_in_a_gap():
    figure = ethogram_figure(
        made.bouts([(1, "Walk", 0, 2), (1, "Walk", 6, 7)]), 10, made.COLOURS, 70, "two bouts with a gap"
    )
    (bars,) = figure.axes[0].patches
    spans = [(bar[:, 0].min(), bar[:, 0].max()) for bar in bars.get_path().to_polygons()]
    assert spans == [(0, 2), (6, 7)]


def test_an_ethogram_divides_a_row_between_sets_and_marks_events():
    walk, call = made.bouts([(1, "Walk", 0, 4)]), made.bouts([(1, "Graze", 2, 2)], of_set="vocal")
    call["kind"] = "event"
    figure = ethogram_figure(pd.concat([walk, call]), 10, made.COLOURS, 70, "two sets")
    heights = [bar[:, 1] for item in figure.axes[0].patches for bar in item.get_path().to_polygons()]
    assert [(y.min(), y.max()) for y in heights] == [pytest.approx((-0.4, 0.0))]  # the upper half of the row
    (marks,) = [item for item in figure.axes[0].collections if len(item.get_offsets()) and item.get_zorder() == 3]
    assert marks.get_offsets().tolist() == [[2.0, pytest.approx(0.2)]]  # in the middle of the lower half


def test_budgets_stand_beside_what_they_rest_on():
    written = texts(budget_figure(made.BUDGETS, made.COLOURS, 70, "budgets"))
    for words in ("29 %", "71 %", "14 s", "18 %", "Walk", "Graze", "all animals pooled"):  # 3 of 17 s left out
        assert words in written
    assert "Run" in written  # looked for and never seen: still in the legend
    of_track = texts(budget_figure(made.budgets({"Walk": 1.0}, level="track"), made.COLOURS, 70, "tracks"))
    assert "at once" in written and "at once" not in of_track  # which is one


@pytest.mark.parametrize(
    ("count", "columns"),
    [
        (1, 1),
        (8, 8),  # all in one row
        (9, 5),  # two rows: five and four, not two in the first column and one in each of the others
        (20, 7),
    ],
)
def test_the_rows_of_a_legend_are_full(count, columns):
    assert style.legend_height(["Head Up"] * count, 9.0) == pytest.approx(0.22 * -(-count // columns) + 0.08)
    figure = style.sheet(9.3, 2)
    style.legend(figure, ["Head Up"] * count, made.COLOURS, 0.3, 0.1)
    assert figure.legends[0]._ncols == columns


@pytest.mark.parametrize(
    ("most", "end"),
    [(2, "not replicates. The first 2 of 3 are drawn; all are in tables/time_budgets.csv."), (3, "not replicates.")],
)
def test_the_caption_says_how_many_tracks_are_drawn_of_how_many(most, end, tmp_path):
    tracks = [made.budgets({"Walk": 1.0}, level="track", unit=f"a.mp4#{k}") for k in range(3)]
    settings = dataclasses.replace(made.SETTINGS, rows_per_figure=most, png=False, pdf=False)
    budgets = pd.concat([made.BUDGETS, *tracks])
    entry = draw_run(budgets, made.TRANSITIONS, made.individuals(), made.COLOURS, settings, tmp_path)[2]
    assert entry.title == "Time budgets of single tracks"
    assert entry.caption.endswith(end)


def test_a_named_animal_and_its_species_are_told():
    named = made.budgets({"Walk": 1.0}, level="individual", unit="Ärmel", species="zebra", n_individuals=1)
    assert "Ärmel, zebra" in texts(budget_figure(named, made.COLOURS, 70, "budgets"))


def test_intervals_are_drawn_only_where_there_are_any():
    some = made.budgets({"Walk": 0.25, "Graze": 0.75}, ci_low=0.2, ci_high=0.8)
    figure = interval_figure(some, made.COLOURS, 70, "two")
    assert "all: Walk" in texts(figure)
    assert figure.axes[0].collections[0].get_segments()[0][:, 0].tolist() == [0.2, 0.8]
    assert "mean over animals" not in texts(figure)


def test_over_all_animals_the_worst_case_is_drawn_where_there_is_no_interval():
    assert interval_figure(tables.TIME_BUDGETS.empty(), made.COLOURS, 70, "none") is None
    (bar, *_) = interval_figure(made.BUDGETS, made.COLOURS, 70, "bounds").axes[0].patches
    walk = made.BUDGETS.iloc[0]
    assert (bar.get_x(), bar.get_x() + bar.get_width()) == pytest.approx((walk["bound_low"], walk["bound_high"]))
    session = made.budgets({"Walk": 1.0}, level="session", unit="mara")
    assert interval_figure(session, made.COLOURS, 70, "none") is None


@pytest.mark.parametrize(
    ("limits", "titled", "axis"),
    [
        ({}, "worst cases", "recognized; grey: share of the tracked time"),
        ({"ci_low": 0.2, "ci_high": 0.8}, "intervals", "recognized; lines: intervals; grey: share of"),
    ],
)
def test_a_worst_case_is_not_called_an_interval(limits, titled, axis, tmp_path):
    session = made.budgets({"Walk": 1.0}, level="session", unit="mara", ci_low=0.1, ci_high=0.9)  # is not drawn there
    budgets = pd.concat([made.budgets({"Walk": 0.25, "Graze": 0.75}, **limits), session])
    entry = draw_run(budgets, made.TRANSITIONS, made.individuals(), made.COLOURS, made.SETTINGS, tmp_path)[1]
    assert entry.title == f"Time budgets with {titled}"
    assert "Grey is no interval, but the worst case of the circle's share" in entry.caption
    assert axis in texts(interval_figure(budgets, made.COLOURS, 70, "t"))


def test_the_mean_over_animals_stands_below_the_pooled_share():
    both = made.budgets({"Walk": 0.25}, mean_share=0.5, mean_ci_low=0.4, mean_ci_high=0.6)
    figure = interval_figure(both, made.COLOURS, 70, "both")
    points = [item.get_offsets().tolist() for item in figure.axes[0].collections if len(item.get_offsets())]
    assert [at[0][0] for at in points if at != [[0, 0]]] == [0.25, 0.5]
    assert "mean over animals" in texts(figure)


def test_the_bout_form_crosses_out_what_cannot_be_and_the_interval_form_does_not():
    counts = {("Walk", "Graze"): 3, ("Walk", "Run"): 1, ("Graze", "Walk"): 2}
    bout = transition_figure(made.transitions(counts), made.COLOURS, "bout")
    interval = transition_figure(made.transitions(counts, "interval"), made.COLOURS, "interval")
    assert [len(figure.axes[0].lines) for figure in (bout, interval)] == [3, 0]  # Walk, Graze, Run
    for figure in (bout, interval):
        assert "0.75\n(3)" in texts(figure)
        assert "Walk  n = 4" in texts(figure)
        assert "6 transitions" in texts(figure)
    assert "crossed out" in texts(bout)


def test_trajectories_take_the_cameras_motion_out():
    still_animal = made.tracks({7: [(100 - k, 40, 120 - k, 60) for k in range(20)]})
    pan = np.array([[[1, 0, k], [0, 1, 0], [0, 0, 1]] for k in range(20)], dtype=float)
    figure = trajectory_figure(still_animal, pan, STILL, SIZE, 70, "pan", {})
    paths = [line.get_xydata() for line in figure.axes[0].lines[1:]]  # the first is the still's frame
    assert len(paths) == 3  # the path's dark edge, the path, the dot where it begins
    assert all(np.allclose(path, [110, 50]) for path in paths)
    assert "7" in texts(figure).split("\n")


def test_a_path_is_broken_where_frames_have_no_box():
    """An animal walks right for three frames, is lost for six, and walks on for three."""
    walked = made.tracks({7: [(k, 40, k + 20, 60) for k in (10, 20, 30, 90, 100, 110)]})
    frames = np.array([0, 1, 2, 9, 10, 11])
    lost = walked.assign(frame=frames, time_s=frames / 10)
    lines = trajectory_figure(lost, IDENTITY, STILL, SIZE, 70, "t", {}).axes[0].lines[1:3]  # the edge and the path
    for path in (line.get_xydata() for line in lines):
        assert np.isnan(path).all(axis=1).tolist() == [False, False, False, True, False, False, False]


def test_the_tracks_number_stands_at_both_ends_and_at_each_longer_piece():
    """The pieces are 20, 40 and 0.2 pixels long, of 160 in eleven inches."""
    x = [10, 20, 30, 90, 110, 130, 60, 60.1, 60.2]
    frames = np.array([0, 1, 2, 9, 10, 11, 18, 19, 20])
    lost = made.tracks({7: [(k, 40, k + 20, 60) for k in x]}).assign(frame=frames, time_s=frames / 10)
    (axes,) = trajectory_figure(lost, np.tile(np.eye(3), (21, 1, 1)), STILL, SIZE, 70, "t", {}).axes
    assert [(text.get_text(), text.xy[0]) for text in axes.texts] == [("7", 20), ("7", 100), ("7", pytest.approx(70.2))]
    short = trajectory_figure(made.TRACKS[made.TRACKS["track"] == 2], IDENTITY, STILL, SIZE, 70, "t", {}).axes[0]
    assert [text.get_text() for text in short.texts] == ["2"]  # it stays where it is


@pytest.mark.parametrize(
    ("crowd", "least"),
    [
        ([(40, 40)], 1),
        ([(20 + 12 * k, 20 + 5 * k) for k in range(10)], 10),  # names go to the other side of their points
        ([(60 + k / 50, 40) for k in range(30)], 30),  # all in one place: every name is needed, no number is
    ],
)
def test_no_label_stands_on_another_where_there_is_room(crowd, least):
    walked = made.tracks(
        {k: [(x, y, x + 10, y + 10), (x + 9, y + 6, x + 19, y + 16)] for k, (x, y) in enumerate(crowd, 1)}
    )
    names = {k: f"S{k:02d} ({k})" for k in range(1, len(crowd) + 1)}
    figure = trajectory_figure(walked, IDENTITY, STILL, SIZE, 70, "t", names)
    figure.draw_without_rendering()
    shown = figure.axes[0].texts
    assert sum(text.get_text() in names.values() for text in shown) == len(names)
    boxes = [text.get_window_extent() for text in shown]
    apart = [not one.overlaps(other) for k, one in enumerate(boxes) for other in boxes[:k]]
    assert all(apart) or len(crowd) == 30
    assert len(shown) >= least
    assert len(crowd) < 30 or len(shown) < 40


def test_of_a_trajectory_no_more_points_are_drawn_than_can_be_seen():
    """An animal that rests for 5,000 frames, trembles by a hundredth of a pixel, and then walks 60 pixels."""
    x = np.append(np.tile([40.0, 40.01], 2500), 40 + np.linspace(0, 60, 5000))
    walked = made.tracks({7: [(k - 10, 40, k + 10, 60) for k in x]})
    still = np.tile(np.eye(3), (len(x), 1, 1))
    path = trajectory_figure(walked, still, STILL, SIZE, 70, "rest", {}).axes[0].lines[1].get_xydata()
    assert path[0, 0] == pytest.approx(40, abs=0.1)
    assert path[-1, 0] == pytest.approx(100, abs=0.1)
    assert 100 < len(path) < 2500


def test_a_path_is_dotted_only_where_its_boxes_bridge_a_gap():
    walked = made.tracks({7: [(k, 40, k + 20, 60) for k in range(0, 100, 10)]})
    walked["observed"] = ~walked["frame"].isin([4, 5])
    dotted, _, solid = trajectory_figure(walked, IDENTITY, STILL, SIZE, 70, "t", {}).axes[0].lines[1:4]
    drawn = [(~np.isnan(line.get_xdata())).nonzero()[0].tolist() for line in (dotted, solid)]
    assert drawn == [[3, 4, 5, 6], [0, 1, 2, 3, 6, 7, 8, 9]]


def test_of_a_path_that_lies_upon_itself_the_outline_is_drawn():
    """An animal that walks to and fro over 60 pixels for 20,000 frames."""
    x = 80 + 30 * np.sin(np.arange(20_000) / 50)
    walked = made.tracks({7: [(k - 10, 40, k + 10, 60) for k in x]})
    axes = trajectory_figure(walked, np.tile(np.eye(3), (len(x), 1, 1)), None, SIZE, 70, "to and fro", {}).axes[0]
    (area,) = axes.patches
    assert area.get_path().get_extents().bounds == pytest.approx((50, 50, 60, 0), abs=1)  # and half the line's width
    assert [len(line.get_xdata()) for line in axes.lines] == [5, 1]  # the still's frame, the dot


def test_a_broken_transform_does_not_blow_the_view_up():
    far = np.array([[[1, 0, k * 1e6], [0, 1, 0], [0, 0, 1]] for k in range(20)])
    left, right = trajectory_figure(made.TRACKS, far, None, SIZE, 70, "far", {}).axes[0].get_xlim()
    assert (left, right) == (0, 2.5 * 160)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("ethogram_a.mp4", "ethogram_a.mp4"),  # as it is
        ("ethogram_a/b%20c.mp4", "ethogram_a%2Fb%20c.mp4"),  # one file, not a folder
        ("..", ".."),  # with a prefix and .png always: a plain file
        ("time_budgets_Größe", "time_budgets_Größe"),  # a set of behaviours in any language
    ],
)
def test_a_video_key_becomes_one_file_name(name, file):
    assert file_name(name) == file


def test_a_long_name_is_cut_and_told_apart_by_its_hash():
    first, second = file_name("ü" * 400), file_name("ü" * 401)
    assert first != second
    assert len(first.encode()) == len(second.encode()) == 150


@pytest.mark.parametrize(
    ("duration_s", "last"),
    [
        (0.0, "0.0 s"),  # nothing
        (1.0, "1.0 s"),  # a mini-scene
        (10.0, "0:10"),
        (1200.0, "20:00"),  # a battery
        (7200.0, "2:00:00"),
    ],
)
def test_ticks_are_round_and_few(duration_s, last):
    ticks = style.time_ticks(duration_s)
    assert 1 <= len(ticks) <= 11
    assert style.time_label(ticks[-1], duration_s) == last


def test_one_animal_has_one_name_in_every_figure():
    named = made.bouts([(1, "Walk", 0, 4), (2, "Graze", 2, 8)]).assign(subject=["Zoe", f"{made.KEY}#2"])
    assert labels_of(rows_of(named, 9)) == ["Zoe (1)  zebra", "track 2  zebra"]
    written = texts(trajectory_figure(made.TRACKS, IDENTITY, STILL, SIZE, 70, "t", names_of(named))).split("\n")
    assert "Zoe (1)" in written and "2" in written and "1" in written  # where it begins; elsewhere its number
    tracks = [made.budgets({"Walk": 1.0}, level="track", unit=f"{made.KEY}#{k}") for k in (1, 2)]
    bars = texts(budget_figure(_named(pd.concat(tracks), made.individuals("Zoe", "")), made.COLOURS, 70, "t"))
    assert "Zoe (mara/DJI 1.MP4#1)" in bars and "mara/DJI 1.MP4#2" in bars
