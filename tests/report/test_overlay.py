import av
import numpy as np
import pandas as pd
import pytest

from pipeline import tables
from pipeline.report.colours import rgb, track_colour
from pipeline.report.lettering import Lettering, Placement, paste
from pipeline.report.overlay import _Marks, overlay_size, write_overlay
from pipeline.report.settings import ReportSettings
from pipeline.video.frames import ArrayFrame
from tests.report.made import COLOURS, SETTINGS, tracks

TIMES_S = [0.0, 0.1, 0.25, 0.3, 0.7]  # no constant rate
BOX = (200.0, 200.0, 500.0, 500.0)


class Grey:
    """Grey footage of one size at the times above."""

    def __init__(self, width: int, height: int) -> None:
        self.image = np.full((height, width, 3), 128, dtype=np.uint8)

    def frames(self):
        for index, time_s in enumerate(TIMES_S):
            yield ArrayFrame(index, time_s, self.image)


def behaviours(of_track: dict[int, str], of_set: str = "behaviour") -> pd.DataFrame:
    """The same behaviour in every frame."""
    rows = [
        {"track": track, "frame": frame, "time_s": TIMES_S[frame], "behaviour": name}
        for track, name in of_track.items()
        for frame in range(len(TIMES_S))
    ]
    data = pd.DataFrame(rows).assign(duration_s=0.1, set=of_set, confidence=1.0, reason="")
    return tables.BEHAVIOURS.cast(data)


def read(path) -> list[tuple[float, np.ndarray]]:
    """Time and RGB of every frame of a video."""
    with av.open(str(path)) as container:
        return [(float(f.pts * f.time_base), f.to_ndarray(format="rgb24")) for f in container.decode(video=0)]


def near(pixel, colour: str) -> bool:
    return bool(np.abs(pixel.astype(int) - rgb(colour)).max() < 40)  # H.264 halves the colour's resolution


def edge(image, x: int, y: int, colour: str) -> bool:
    """Is there a line of that colour at (x, y), or two pixels beside it?"""
    return any(near(pixel, colour) for pixel in image[y - 2 : y + 3, x - 2 : x + 3].reshape(-1, 3))


def test_a_box_of_the_behaviours_colour_is_where_the_track_is_at_the_true_times(tmp_path):
    write_overlay(
        Grey(1280, 960), tracks({1: [BOX] * 5}), behaviours({1: "Run"}), COLOURS, tmp_path / "overlay.mp4", SETTINGS
    )
    frames = read(tmp_path / "overlay.mp4")
    assert [time_s for time_s, _ in frames] == pytest.approx(TIMES_S, abs=1e-4)
    for _, image in frames:
        assert image.shape == (960, 1280, 3)
        for x, y in ((200, 350), (499, 350), (350, 200), (350, 499)):  # left, right, top and bottom
            assert edge(image, x, y, COLOURS["Run"]), (x, y)
        for x, y in ((350, 350), (600, 350), (1000, 800)):  # inside, beside, far away
            assert near(image[y, x], "#808080"), (x, y)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["overlay.mp4"]


def test_large_footage_is_reduced_and_its_boxes_with_it(tmp_path):
    big = tracks({1: [tuple(2 * value for value in BOX)] * 5})
    write_overlay(Grey(2560, 1920), big, behaviours({1: "Walk"}), COLOURS, tmp_path / "o.mp4", SETTINGS)
    image = read(tmp_path / "o.mp4")[0][1]
    assert image.shape == (960, 1280, 3)
    assert edge(image, 200, 350, COLOURS["Walk"])


def test_without_behaviours_every_track_has_its_own_colour(tmp_path):
    two = tracks({1: [BOX] * 5, 2: [(700, 200, 900, 500)] * 5})
    write_overlay(Grey(1280, 960), two, None, COLOURS, tmp_path / "o.mp4", SETTINGS)
    image = read(tmp_path / "o.mp4")[2][1]
    assert edge(image, 200, 350, track_colour(1))
    assert edge(image, 700, 350, track_colour(2))


def test_without_tracks_the_footage_is_left_as_it_is(tmp_path):
    write_overlay(Grey(320, 240), tables.TRACKS.empty(), None, COLOURS, tmp_path / "o.mp4", SETTINGS)
    frames = read(tmp_path / "o.mp4")
    assert len(frames) == 5
    assert all(near(image[y, x], "#808080") for _, image in frames for y, x in ((10, 10), (100, 300)))


@pytest.mark.parametrize(
    ("name", "reason", "words"),
    [
        ("Graze", "", "1 Graze"),
        ("unknown", "low score", "1 zebra"),  # the detection can be checked where the behaviour cannot
        ("not visible", "edge", "1 not visible (edge)"),
        ("not visible", "", "1 not visible"),
    ],
)
def test_a_label_says_what_can_be_checked(name, reason, words):
    marks = _Marks(tracks({1: [BOX] * 5}), behaviours({1: name}).assign(reason=reason), COLOURS, 1.0)
    (mark,) = marks.of(2)
    assert (mark.text, mark.colour) == (words, COLOURS[name])


def test_only_a_box_in_a_gap_is_dashed():
    followed = tracks({1: [BOX] * 13}).assign(
        observed=[k in (0, 3, 6, 12) for k in range(13)]
    )  # every third is analysed
    marks = _Marks(followed, None, COLOURS, 1.0)
    assert [frame for frame in range(13) if marks.of(frame)[0].dashed] == [7, 8, 9, 10, 11]


def test_an_interpolated_box_is_dashed(tmp_path):
    unseen = tracks({1: [BOX] * 5}).assign(observed=False)
    write_overlay(Grey(1280, 960), unseen, behaviours({1: "Run"}), COLOURS, tmp_path / "o.mp4", SETTINGS)
    image = read(tmp_path / "o.mp4")[0][1]
    coloured = np.array([edge(image, x, 499, COLOURS["Run"]) for x in range(220, 480)])
    assert 0.4 < coloured.mean() < 0.9
    assert np.abs(np.diff(coloured.astype(int))).sum() > 10  # dashes, not one long piece


def test_the_animal_has_both_words_where_two_sets_say_something(tmp_path):
    both = pd.concat([behaviours({1: "Graze"}), behaviours({1: "Walk"}, of_set="gait")])
    write_overlay(Grey(1280, 960), tracks({1: [BOX] * 5}), both, COLOURS, tmp_path / "o.mp4", SETTINGS)
    above = read(tmp_path / "o.mp4")[0][1][194, 200:600]  # a row of pixels through the foot of the label
    wide = max(x for x, pixel in enumerate(above) if near(pixel, COLOURS["Graze"]))
    assert wide == pytest.approx(Lettering(18).label("1 Graze + Walk", "#000000").shape[1], abs=3)


def test_one_frame_in_a_period_and_every_source_frame_is_counted(tmp_path):
    done = []
    settings = ReportSettings(1280, 64, 0.2, 70, 20, False, 60, pdf=False)
    write_overlay(Grey(64, 48), tables.TRACKS.empty(), None, COLOURS, tmp_path / "o.mp4", settings, done.append)
    assert [time_s for time_s, _ in read(tmp_path / "o.mp4")] == pytest.approx([0.0, 0.25, 0.7], abs=1e-4)
    assert done == [1] * 5


@pytest.mark.parametrize(
    ("source", "size"),
    [
        ((288, 162), (640, 360)),  # small footage is enlarged
        ((1280, 720), (1280, 720)),  # as it is
        ((3840, 2160), (1280, 720)),
        ((5472, 3078), (1280, 720)),
        ((1078, 1917), (720, 1280)),  # upright
        ((561, 141), (640, 160)),  # even in both
        ((4000, 1), (1280, 2)),  # never nothing
    ],
)
def test_sizes_are_even_and_in_bounds(source, size):
    assert overlay_size(*source, ReportSettings(1280, 640, 0.0, 70, 20, False, 60, pdf=False)) == size


def test_labels_do_not_cover_each_other_and_stay_in_the_frame():
    placement = Placement(320, 240)
    placement.begin()
    taken = np.zeros((240, 320), dtype=int)
    for track in range(4):  # four animals in one place
        x, y = placement.of(track, np.array([100.0, 100.0, 140.0, 120.0]), 60, 12)
        taken[y : y + 12, x : x + 60] += 1
    assert taken.max() == 1
    assert taken.sum() == 4 * 60 * 12


@pytest.mark.parametrize(
    "box",
    [
        (0.0, 0.0, 20.0, 10.0),  # upper left corner
        (300.0, 230.0, 320.0, 240.0),  # lower right corner
        (-50.0, -50.0, 400.0, 300.0),  # larger than the frame
    ],
)
def test_a_label_at_the_edge_stays_inside(box):
    x, y = Placement(320, 240).of(1, np.array(box), 60, 12)
    assert 0 <= x <= 260
    assert 0 <= y <= 228


def test_a_label_keeps_its_place():
    placement = Placement(320, 240)
    first, second = np.array([100.0, 100.0, 140.0, 120.0]), np.array([200.0, 100.0, 240.0, 120.0])
    placement.of(1, first, 60, 12)
    pushed = placement.of(2, first, 60, 12)  # the first place is taken: below
    placement.begin()
    placement.of(1, second, 60, 12)
    assert placement.of(2, first, 60, 12) == pushed


def test_letters_beyond_ascii_are_drawn():
    letters = Lettering(20)
    assert not np.array_equal(letters.drawn("1 Über", "#ffffff"), letters.drawn("1 ?ber", "#ffffff"))
    assert letters.drawn("1 Über", "#0072B2").max() > 240  # white on blue
    assert letters.label("1", "#ffffff") is letters.label("1", "#ffffff")  # drawn once


@pytest.mark.parametrize(("x", "y", "covered"), [(0, 0, 12), (-2, 0, 6), (8, 9, 2), (50, 50, 0)])
def test_pasting_cuts_at_the_edge(x, y, covered):
    image = np.zeros((10, 10, 3), dtype=np.uint8)
    paste(image, np.full((3, 4, 3), 255, dtype=np.uint8), x, y)
    assert (image[..., 0] == 255).sum() == covered
