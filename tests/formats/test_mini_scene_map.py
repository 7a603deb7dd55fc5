"""BaboonLand: mini-scenes without metadata, whose frames are counted again from the tracks."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import TableError
from pipeline.formats.mini_scene_map import scene_map
from pipeline.formats.read_clips import read_clips
from pipeline.formats.read_intervals import read_intervals
from tests.formats.layouts import baboonland, shape

GAP = "7 8 -9 20 21"  # the animal is away from frame 9 to 19


@pytest.mark.parametrize(
    ("boxes", "length", "shown"),
    [
        ("0", None, [0]),  # one frame
        (GAP, None, [7, 8, 20, 21]),  # no video of the mini-scene: what is visible
        (GAP, 4, [7, 8, 20, 21]),
        (GAP, 5, [7, 8, 9, 20, 21]),  # its maker showed the box that is outside, as kabr-tools does
        ("7 9", 3, [7, 8, 9]),  # key frames: there is a box between them
    ],
)
def test_the_map_from_the_tracks(tmp_path: Path, boxes: str, length: int | None, shown: list[int]) -> None:
    folder = baboonland(tmp_path / "video_1", {"0": boxes}, {}, {"0": length} if length else {})
    made = scene_map(folder)
    assert made.video == "video_1/video.mp4"
    assert {name: frames.tolist() for name, frames in made.shown.items()} == {"0": shown}


def test_a_length_that_fits_nothing_is_refused(tmp_path: Path) -> None:
    folder = baboonland(tmp_path / "video_1", {"0": GAP, "1": "1 2"}, {}, {"0": 9, "1": 5})
    with pytest.raises(TableError, match=r"0.mp4 has 9 frames, and tracks.xml shows track 0 in 4; .*1.mp4 has 5"):
        scene_map(folder)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two labelled mini-scenes, and one that nobody has labelled yet."""
    actions = {"0": shape(0, "Foraging") + shape(3, "Sleeping"), "1": shape(1, "Mounting"), "2": ""}
    boxes = {"0": GAP, "1": "0 1 2", "2": "5"}
    baboonland(tmp_path / "dataset" / "video_1", boxes, actions, {"0": 4, "1": 3})
    return tmp_path / "dataset"


def test_labels_are_of_the_source_frames_and_never_go_over_a_gap(data: Path) -> None:
    found = read_intervals([data])
    assert set(found["video"]) == {"video_1/video.mp4"}
    names = ["subject", "behaviour", "start_frame", "stop_frame"]
    assert found[names].to_numpy().tolist() == [
        ["0", "Foraging", 7, 9],
        ["0", "Foraging", 20, 21],
        ["0", "Sleeping", 21, 22],
        ["1", "Mounting", 1, 3],
    ]


def test_the_same_as_clips_of_the_mini_scenes(data: Path) -> None:
    root, clips = read_clips(data)
    scenes = "video_1/mini-scenes"
    found: list[list[Any]] = [
        [f"{scenes}/0.mp4", "Foraging", 0, 2],
        [f"{scenes}/0.mp4", "Foraging", 2, 3],  # the same behaviour, after the gap
        [f"{scenes}/0.mp4", "Sleeping", 3, 4],
        [f"{scenes}/1.mp4", "Mounting", 1, 3],
    ]
    assert root == data
    assert clips[["path", "behaviour", "start_frame", "stop_frame"]].to_numpy().tolist() == found
    assert set(clips["group"]) == {"video_1"}
    assert set(clips["species"]) == {"Baboon"}
    (data / scenes / "1.mp4").unlink()
    with pytest.raises(
        TableError, match=r"dataset: 1 of the labelled mini-scenes are not there, as video_1/mini-scenes/1.mp4"
    ):
        read_clips(data)


def test_a_label_past_the_last_frame(tmp_path: Path) -> None:
    folder = baboonland(tmp_path / "video_1", {"0": GAP}, {"0": shape(4, "Foraging")}, {})
    with pytest.raises(TableError, match=r"0.xml: frame 4: the mini-scene has only the frames 0 to 3"):
        read_intervals([folder])
