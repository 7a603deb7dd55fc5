import numpy as np
import pandas as pd
import pytest

from pipeline.report.gaps import after_hole, in_gap
from pipeline.tables import TRACKS
from tests.report import made

BOX = (0.0, 0.0, 10.0, 10.0)


def seen(*patterns: str) -> pd.DataFrame:
    """Tracks from 1 on, one frame a letter: o observed, - interpolated."""
    tracks = made.tracks({track: [BOX] * len(pattern) for track, pattern in enumerate(patterns, 1)})
    return TRACKS.cast(tracks.assign(observed=[letter == "o" for letter in "".join(patterns)]))


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ((), ""),  # empty
        (("o",), "."),  # one
        (("oooo",), "...."),  # every frame is analysed and seen
        (("oo-oo",), "..x.."),  # a miss where every frame is analysed
        (("o--o--o",), "......."),  # every third frame is analysed
        (("o--o--o-----o",), ".......xxxxx."),  # and once missed
        (("o--o---o--o",), "..........."),  # a frame late is no miss
        (("o-----o", "o--o--o--o"), ".xxxxx..........."),  # the rhythm is the video's, not the track's
        (("---",), "xxx"),  # no detection at all
    ],
)
def test_boxes_between_detections_in_rhythm_bridge_no_gap(patterns, expected):
    assert "".join(".x"[bridged] for bridged in in_gap(seen(*patterns)).astype(int)) == expected


def test_the_order_of_the_rows_does_not_matter():
    tracks = seen("oo-oo", "o---o")
    order = np.random.default_rng(1).permutation(len(tracks))
    assert in_gap(tracks.iloc[order]).tolist() == in_gap(tracks)[order].tolist()


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        ([0], [False]),  # one
        ([0, 1, 2], [False] * 3),  # every frame
        ([0, 5, 10], [False] * 3),  # every fifth frame is analysed
        ([0, 1, 2, 9, 10], [False, False, False, True, False]),  # lost for six frames
        ([10, 9, 2, 1, 0], [False, True, False, False, False]),  # in any order
    ],
)
def test_a_track_goes_on_after_frames_without_a_box(frames, expected):
    tracks = made.tracks({1: [BOX] * len(frames)}).assign(frame=frames, time_s=np.array(frames) / 10)
    assert after_hole(tracks).tolist() == expected


def test_another_track_in_the_hole_does_not_fill_it():
    tracks = made.tracks({1: [BOX] * 5, 2: [BOX] * 12})
    first = tracks["track"] == 1
    tracks.loc[first, "frame"] = [0, 1, 2, 10, 11]
    tracks.loc[first, "time_s"] = tracks.loc[first, "frame"] / 10
    assert np.flatnonzero(after_hole(tracks)).tolist() == [3]
