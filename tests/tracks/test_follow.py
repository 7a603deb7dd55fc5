"""Tracks of animals on known paths: who is who, which frames have a box, and where it is."""

import numpy as np
import pandas as pd
import pytest

from pipeline.boxes import centre
from pipeline.errors import TableError, UsageError
from pipeline.tables import CAMERA, DETECTIONS, FRAMES, TRACKS
from pipeline.trackers import NONE
from pipeline.tracks.follow import follow, species_vote

RATE = 30
BOX = ["x1", "y1", "x2", "y2"]


def ledger(n, rate=RATE):
    times_s = np.arange(n) / rate
    return FRAMES.cast(pd.DataFrame({"frame": np.arange(n), "time_s": times_s, "duration_s": 1 / rate, "fault": ""}))


def path(frames, x, y, size=(80, 60), rate=RATE, **columns):
    """Detections of one animal: its centre is ``x(t) y(t)`` on the given frames."""
    t = np.asarray(frames) / rate
    x, y = np.broadcast_to(x(t), t.shape), np.broadcast_to(y(t), t.shape)
    w, h = size
    rows = {"x1": x - w / 2, "y1": y - h / 2, "x2": x + w / 2, "y2": y + h / 2}
    extra = {"score": 0.9, "species": "zebra", "share": 1.0, "given_id": -1} | columns
    return pd.DataFrame({"frame": np.asarray(frames, dtype=int), "time_s": t, **rows, **extra})


def detections(*paths):
    table = pd.concat(paths).sort_values("frame", kind="stable") if paths else DETECTIONS.empty()
    return DETECTIONS.cast(table)


def camera_table(n, x=lambda t: 0 * t, rate=RATE):
    """The camera looks at reference pixel ``x(t)`` with its left edge."""
    t = np.arange(n) / rate
    rows = {"m11": 1.0, "m12": 0.0, "m13": x(t), "m21": 0.0, "m22": 1.0, "m23": 0.0, "known": True, "inliers": 99}
    return CAMERA.cast(pd.DataFrame({"frame": np.arange(n), "time_s": t, **rows}))


def still(value):
    return lambda t: np.full(t.shape, float(value))


@pytest.fixture
def tracked(configured):
    """``tracked(detections, n, period_s=0.2, camera=None, tracker="ocsort", **settings)``."""

    def make(found, n, period_s=0.2, camera=None, tracker="ocsort", rate=RATE, **settings):
        chosen = configured("tracker", tracker) if isinstance(tracker, str) else tracker
        settings = configured("tracks", **settings)
        table = follow(found, CAMERA.empty() if camera is None else camera, ledger(n, rate), chosen, settings, period_s)
        pd.testing.assert_frame_equal(table, TRACKS.cast(table))
        return table

    return make


def centres(table):
    return centre(table[BOX].to_numpy())


def test_weak_boxes_belong_to_no_track(tracked):
    looks = range(0, 90, 6)
    sure = path(looks, still(100), still(100), given_id=1)
    weak = path(looks, still(400), still(100), score=0.25, given_id=2)
    both = detections(sure, weak)
    assert tracked(both, 90)["track"].nunique() == tracked(both, 90, min_score=0.25)["track"].nunique() == 2
    pd.testing.assert_frame_equal(tracked(both, 90, min_score=0.3), tracked(detections(sure), 90))
    given = tracked(both, 90, tracker="replay", min_score=0.3)
    assert set(given["track"]) == {1, 2}  # labels are labels


# what is seen, frames in the video, rows that come of it
FEW = [
    ("no frame", detections(), 0, 0),
    ("no animal", detections(), 90, 0),
    ("one animal in a still", detections(path([0], still(100), still(100))), 1, 1),
    ("one animal, one of many frames: too little to be one", detections(path([0], still(100), still(100))), 90, 0),
    ("one animal in both looks of a short clip", detections(path([0, 6], still(100), still(100))), 7, 7),
    ("one animal, seen five times a second", detections(path(range(0, 90, 6), still(100), still(100))), 90, 85),
]


@pytest.mark.parametrize(("found", "n", "rows"), [case[1:] for case in FEW], ids=[case[0] for case in FEW])
def test_few(tracked, found, n, rows):
    table = tracked(found, n)
    assert len(table) == rows
    assert table["track"].tolist() == [1] * rows
    assert table["observed"].sum() == len(found) * (rows > 0)


def test_interpolated_frames_lie_between_the_detections_and_are_marked(tracked):
    found = detections(path(range(0, 61, 6), lambda t: 100 + 60 * t, still(200)))
    table = tracked(found, 90)
    assert table["frame"].tolist() == list(range(61))
    assert table.loc[table["observed"], "frame"].tolist() == list(range(0, 61, 6))
    assert centres(table)[:, 0] == pytest.approx(100 + 2 * np.arange(61), abs=0.02)  # smoothing keeps a straight line
    assert (table["x2"] - table["x1"]).to_numpy() == pytest.approx(80, abs=0.02)


def test_gap_of_0_4_s_is_filled_and_marked(tracked):
    seen = [*range(31), *range(42, 73)]  # every frame, but none from 31 to 41
    table = tracked(detections(path(seen, lambda t: 100 + 30 * t, still(100))), 73, period_s=0)
    assert table["frame"].tolist() == list(range(73))
    assert table.loc[~table["observed"], "frame"].tolist() == list(range(31, 42))
    assert set(table["track"]) == {1}


def test_gap_of_3_s_keeps_the_identity_and_has_no_rows(tracked, configured):
    seen = [*range(0, 61, 6), *range(150, 211, 6)]
    found = detections(path(seen, still(100), still(100)))
    table = tracked(found, 240, tracker=configured("tracker", "sort", max_gap_s=4.0))
    assert set(table["track"]) == {1}
    assert table["frame"].tolist() == [*range(61), *range(150, 211)]


@pytest.mark.parametrize("camera_px_s", [0, 300], ids=["still camera", "pan"])
def test_stitching_joins_one_animal_and_leaves_another(tracked, configured, camera_px_s):
    """Both are unseen for 1.5 s; one goes on as it went, the other starts again 300 px away."""
    seen = [*range(0, 61, 6), *range(105, 166, 6)]
    walker = path(seen, lambda t: 100 + 100 * t - camera_px_s * t, still(100))
    jumper = path(seen, lambda t: 500 + 300 * (t > 3) - camera_px_s * t, still(500))
    impatient = configured("tracker", "sort", max_gap_s=0.5)
    camera = camera_table(180, lambda t: camera_px_s * t)
    table = tracked(detections(walker, jumper), 180, tracker=impatient, camera=camera)
    spans = table.groupby("track")["frame"].agg(["min", "max"]).to_numpy().tolist()
    assert spans == [[0, 165], [0, 60], [105, 165]]
    apart = tracked(detections(walker, jumper), 180, tracker=impatient, camera=camera, stitch_gap_s=0.0)
    assert apart["track"].nunique() == 4


@pytest.mark.parametrize("tracker", ["sort", "bytetrack", "ocsort", "botsort"])
def test_two_cross_at_frame_40(tracked, tracker):
    right = path(range(0, 81, 2), lambda t: 240 + 300 * t, still(300))
    left = path(range(0, 81, 2), lambda t: 1040 - 300 * t, still(320))
    table = tracked(detections(right, left), 81, period_s=2 / 30, tracker=tracker)
    first, second = (table[table["track"] == k] for k in (1, 2))
    assert table["track"].nunique() == 2
    assert centres(first)[:, 0] == pytest.approx(240 + 10 * np.arange(81), abs=0.02)
    assert centres(second)[:, 0] == pytest.approx(1040 - 10 * np.arange(81), abs=0.02)


@pytest.mark.parametrize("tracker", ["sort", "bytetrack", "ocsort", "botsort"])
def test_pan_loses_nobody(tracked, tracker):
    """The camera pans at 300 px/s; twelve animals walk at 40 px/s. Boxes are in pixels of their own frame."""
    world = [(200 + 250 * (k % 6), 300 + 300 * (k // 6)) for k in range(12)]
    seen = range(0, 91, 6)
    paths = [path(seen, lambda t, x=x: x + 40 * t - 300 * t, still(y)) for x, y in world]
    table = tracked(detections(*paths), 91, camera=camera_table(91, lambda t: 300 * t), tracker=tracker)
    assert table["track"].nunique() == 12
    assert (table.groupby("track").size() == 91).all()
    t = table["time_s"].to_numpy()
    x = np.array([world[k - 1][0] for k in table["track"]])
    assert centres(table)[:, 0] == pytest.approx(x - 260 * t, abs=0.05)


def test_camera_that_zooms_brings_boxes_back_at_their_size(tracked):
    """Twice as near in the second half: boxes of an animal that stands are twice as large, and stay so."""
    camera = camera_table(61)
    camera.loc[30:, ["m11", "m22"]] = 0.5
    small = path(range(0, 30, 6), still(100), still(100))
    large = path(range(30, 61, 6), still(200), still(200), size=(160, 120))
    table = tracked(detections(small, large), 61, camera=camera)
    assert table["track"].tolist() == [1] * 61
    assert (table["x2"] - table["x1"]).to_numpy() == pytest.approx([80] * 30 + [160] * 31, abs=0.02)


def test_double_boxes_give_one_track_and_neighbours_two(tracked):
    zebra = path(range(0, 91, 6), still(100), still(100))
    again = path(range(0, 61, 6), still(104), still(102))  # the same animal, found twice for two seconds
    beside = path(range(0, 91, 6), still(130), still(100))  # overlaps at IoU 0.45: another animal
    table = tracked(detections(zebra, again, beside), 91)
    assert table["track"].nunique() == 2
    assert (table.groupby("track").size() == 91).all()


def test_flicker_of_two_frames_is_no_animal(tracked):
    zebra = path(range(0, 301, 6), still(100), still(100))
    leaf = path([60, 66], still(900), still(500))
    assert tracked(detections(zebra, leaf), 301)["track"].nunique() == 1
    assert tracked(detections(zebra, leaf), 301, min_observed=1, min_duration_s=0.0)["track"].nunique() == 2


def test_flicker_on_and_off_is_no_animal(tracked):
    """Seen in one of five looks: once a second, as long as the zebra."""
    zebra = path(range(0, 301, 6), still(100), still(100))
    leaf = path(range(0, 301, 30), still(900), still(500))
    assert tracked(detections(zebra, leaf), 301)["track"].nunique() == 1
    assert tracked(detections(zebra, leaf), 301, min_observed_share=0.19)["track"].nunique() == 2


def test_identities_count_from_one_in_order_of_appearance(tracked):
    flicker = path([0, 6], still(1500), still(900))  # takes the tracker's first identity, and is dropped
    late = path(range(60, 181, 6), still(100), still(100))
    early = path(range(30, 181, 6), still(600), still(100))
    table = tracked(detections(flicker, late, early), 181)
    assert table.groupby("track")["frame"].min().to_dict() == {1: 30, 2: 60}


def test_low_scores_are_tracks_too(tracked):
    table = tracked(detections(path(range(0, 61, 6), still(100), still(100), score=0.05)), 61)
    assert len(table) == 61
    assert table["score"].to_numpy() == pytest.approx(0.05)


def test_analysed_frames_without_animals_age_a_track(tracked, configured):
    """Unseen for two seconds and waited for one: frames without detections count although they have no rows."""
    seen = [*range(0, 31, 6), *range(90, 121, 6)]
    found = detections(path(seen, still(100), still(100)))
    waits_1_s = configured("tracker", "sort", max_gap_s=1.0)
    assert tracked(found, 121, tracker=waits_1_s, stitch_gap_s=0.0)["track"].nunique() == 2


def test_same_input_same_table(tracked):
    rng = np.random.default_rng(1)
    paths = [path(range(0, 91, 6), still(x), still(y)) for x, y in rng.uniform(0, 900, (20, 2))]
    found = detections(*paths)
    pd.testing.assert_frame_equal(tracked(found, 91), tracked(found, 91))
    again = tracked(found.sample(frac=1, random_state=0).sort_values("frame", kind="stable"), 91)
    assert again.groupby("frame").size().tolist() == tracked(found, 91).groupby("frame").size().tolist()


# species, weights, who wins
VOTES = [
    ("one", ["zebra"], [0.1], "zebra"),
    ("most", ["zebra", "horse", "zebra"], [1, 1, 1], "zebra"),
    ("one sure beats two unsure", ["horse", "zebra", "zebra"], [0.9, 0.3, 0.3], "horse"),
    ("equal: first by name", ["zebra", "horse"], [0.5, 0.5], "horse"),
    ("equal but for rounding", ["zebra", "horse", "horse", "horse"], [0.3, 0.1, 0.1, 0.1], "horse"),
    ("all unsure: somebody", ["zebra"], [0.0], "zebra"),
]


@pytest.mark.parametrize(("species", "weight", "winner"), [case[1:] for case in VOTES], ids=[case[0] for case in VOTES])
def test_species_vote(species, weight, winner):
    assert species_vote(species, np.array(weight, dtype=float)) == winner


def test_a_track_has_the_species_most_voted_for(tracked):
    names = ["horse" if k % 3 == 0 else "zebra" for k in range(11)]
    found = path(range(0, 61, 6), still(100), still(100), species=names)
    assert set(tracked(detections(found), 61)["species"]) == {"zebra"}
    found["share"] = [1.0 if name == "horse" else 0.4 for name in names]  # 4 whole votes against 7 x 0.4
    assert set(tracked(detections(found), 61)["species"]) == {"horse"}


class Given:
    """A tracker that hands on given identities."""

    keeps_ids = True

    def begin(self, period_s):
        assert period_s > 0

    def update(self, time_s, found):
        return found.given_id


def test_any_tracker_is_renumbered(tracked):
    """One of somebody's own that numbers as it likes."""
    late = path(range(60, 121, 6), still(100), still(100), given_id=5)
    early = path(range(0, 121, 6), still(600), still(100), given_id=99)
    tracker = Given()
    tracker.keeps_ids = False
    assert tracked(detections(late, early), 121, tracker=tracker).groupby("track")["frame"].min().to_dict() == {
        1: 0,
        2: 60,
    }


def test_given_identities_stay(tracked):
    """From 0, in no order, short ones and doubles too; unnamed boxes are nobody's; gaps are filled, none smoothed."""
    zero = path(range(0, 61, 6), lambda t: 100 + 900 * t**2, still(100), given_id=0)
    seven = path([30], still(100), still(100), given_id=7)
    double = path(range(0, 61, 6), lambda t: 100 + 900 * t**2, still(100), given_id=3)
    nobody = path(range(0, 61, 6), still(900), still(900), given_id=NONE)
    table = tracked(detections(zero, seven, double, nobody), 61, tracker=Given())
    assert table.groupby("track").size().to_dict() == {0: 61, 3: 61, 7: 1}
    mine = table[(table["track"] == 0) & table["observed"]]
    assert centres(mine)[:, 0] == pytest.approx(100 + 900 * mine["time_s"].to_numpy() ** 2, abs=0.02)


def test_an_identity_twice_in_a_frame_is_refused(tracked):
    found = detections(path([30], still(100), still(100), given_id=4), path([30], still(500), still(100), given_id=4))
    with pytest.raises(TableError, match=r"track 4 has two boxes in one frame \(at 1 s\)"):
        tracked(found, 61, tracker=Given())


def test_detections_outside_the_video_are_refused(tracked):
    found = detections(path([88, 90, 95], still(100), still(100)))
    with pytest.raises(
        TableError, match=r"2 detections are in frames that the video does not have \(first: frame 90\)"
    ):
        tracked(found, 90)


# change, what is said
REFUSED = [
    ({"max_gap_s": -1.0}, r"max_gap_s must be >= 0, got -1\.0"),
    ({"stitch_gap_s": -1.0}, r"stitch_gap_s must be >= 0, got -1\.0"),
    ({"stitch_lengths": -1.0}, r"stitch_lengths must be >= 0, got -1\.0"),
    ({"min_duration_s": -1.0}, r"min_duration_s must be >= 0, got -1\.0"),
    ({"smooth_s": float("nan")}, "smooth_s must be >= 0, got nan"),
    ({"min_observed": 0}, "min_observed must be >= 1, got 0"),
    ({"min_observed_share": 1.1}, r"min_observed_share must be in \[0, 1\], got 1\.1"),
    ({"duplicate_iou": 0.0}, r"duplicate_iou must be in \(0, 1\], got 0\.0"),
]


@pytest.mark.parametrize(("change", "message"), REFUSED)
def test_wrong_settings_are_named(configured, change, message):
    with pytest.raises(UsageError, match=message):
        configured("tracks", **change)


@pytest.mark.parametrize("tracker", ["sort", "ocsort", "bytetrack", "botsort"])
def test_frames_that_all_have_one_time(configured, tracker):
    frames = ledger(3).assign(time_s=0.0, duration_s=0.0)
    found = detections(path(range(3), still(100), still(100))).assign(time_s=0.0)
    table = follow(found, CAMERA.empty(), frames, configured("tracker", tracker), configured("tracks"), 0.0)
    assert table["track"].tolist() == [1, 1, 1]
