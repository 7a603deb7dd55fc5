"""ChimpACT's behaviours: released labels, COCO-VID, and AVA's form whose second field is a frame."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import TableError
from pipeline.formats.chimpact import NAMES
from pipeline.formats.read_intervals import read_intervals
from tests.formats.labels import write

CLIP = "Azibo_ObsChimp_2015_11_25_d_clip_1000_2000"


def intervals(path: Path) -> list[tuple[Any, ...]]:
    data = read_intervals([path])
    assert data["start_s"].isna().all()
    names = ["video", "subject", "behaviour", "start_frame", "stop_frame"]
    return [tuple(row) for row in data[names].to_numpy().tolist()]


def released(*frames: tuple[int, list[int]], animal: int = 3) -> str:
    """Labels as released: number of the key frame and the behaviours of one animal in it."""
    images = [{"id": 100 + number, "file_name": f"imgs/{number:06d}.jpg"} for number, _ in frames]
    shapes = [
        {"id": k, "image_id": 100 + number, "bbox": [1, 2, 3, 4], "bbox_id": animal, "behaviors": kinds}
        for k, (number, kinds) in enumerate(frames)
    ]
    return json.dumps({"info": {}, "images": images, "annotations": shapes, "categories": []})


def vid(*frames: tuple[str, int, list[int]]) -> str:
    """COCO-VID: the image's name, its ``frame_id`` and the behaviours of one animal in it."""
    images = [{"id": k, "video_id": 1, "file_name": f"{CLIP}/{n}", "frame_id": f} for k, (n, f, _) in enumerate(frames)]
    shapes = [{"id": k, "image_id": k, "instance_id": 3, "behaviors": kinds} for k, (_, _, kinds) in enumerate(frames)]
    return json.dumps({"videos": [{"id": 1, "name": f"{CLIP}.mp4"}], "images": images, "annotations": shapes})


def test_there_are_23_behaviours() -> None:
    assert len(set(NAMES)) == 23
    assert [NAMES[k] for k in (0, 3, 4, 7, 20, 22)] == [
        "moving", "sleeping", "solitary object playing", "grooming", "touching", "displaying"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("frames", "found"),
    [
        ([(0, [0])], [("moving", 0, 6)]),  # it holds until nearer to the next: frames 0 to 5
        ([(0, [0]), (1, [0])], [("moving", 0, 16)]),
        ([(0, [0]), (1, [5, 0])], [("moving", 0, 6), ("eating|moving", 6, 16)]),
        ([(0, [0]), (2, [0])], [("moving", 0, 6), ("moving", 16, 26)]),  # nobody labelled frame 10
        ([(99, [0])], [("moving", 986, 996)]),
        ([(0, []), (1, [0])], [("moving", 6, 16)]),  # nothing of what there is to be labelled
    ],
)
def test_released_labels_are_of_every_tenth_frame(tmp_path: Path, frames: Any, found: list[tuple[Any, ...]]) -> None:
    write(tmp_path / "labels" / f"{CLIP}.json", released(*frames))
    assert intervals(tmp_path / "labels") == [(CLIP, "3", *row) for row in found]


def test_a_clip_that_ends_early_has_no_frames_after_its_end(tmp_path: Path) -> None:
    path = write(tmp_path / "x_clip_17000_17712.json", released((71, [2])))
    assert intervals(path) == [("x_clip_17000_17712", "3", "resting", 706, 712)]


def test_in_coco_vid_the_name_of_the_image_counts(tmp_path: Path) -> None:
    # nobody labelled frames 2 to 19: frame_id goes on with 2 where the video is at 20
    text = vid(("000000.jpg", 0, [0]), ("000001.jpg", 1, [0]), ("000020.jpg", 2, [0, 5]))
    found = [(CLIP, "3", "moving", 0, 2), (CLIP, "3", "eating|moving", 20, 21)]
    assert intervals(write(tmp_path / "train.json", text)) == found


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "not JSON"),
        ("{}", "not COCO"),
        (released(), "no labelled behaviour in it"),
        (released((0, [23])), r"annotation 1: behaviors must be numbers from 0 to 22, got \[23\]"),
        (released((0, [0])).replace('"image_id": 100', '"image_id": 7'), "annotation 1: image_id 7 is not among"),
        (released((0, [0])).replace("000000.jpg", "first.jpg"), "image 1: 'imgs/first.jpg': no number at the end"),
        (vid(("0.jpg", 0, [0])).replace('"video_id": 1', '"video_id": 2'), "its video is not among the videos"),
    ],
)
def test_broken_json(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(TableError, match=fault):
        read_intervals([write(tmp_path / "labels.json", text)])


def ava(frame: int, label: int = 1, animal: int = 3, video: str = f"train/images/{CLIP}") -> str:
    return f"{video},{frame},0.100,0.200,0.300,0.400,{label},{animal}\n"


def test_a_list_of_behaviours_makes_no_seconds_of_the_frames_of_clips(tmp_path: Path) -> None:
    write(tmp_path / "action_list.pbtxt", 'item { name: "moving" id: 1 }')
    found = read_intervals([write(tmp_path / "train_action.csv", ava(7))])
    assert found[["start_frame", "stop_frame"]].to_numpy().tolist() == [[7, 8]]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([ava(0)], [("3", "moving", 0, 1)]),  # one row
        ([ava(0), ava(1), ava(1, 6)], [("3", "moving", 0, 1), ("3", "eating|moving", 1, 2)]),  # a row a behaviour
        (
            [ava(950), ava(951)],
            [("3", "moving", 950, 952)],
        ),  # AVA's seconds too, but the name tells
        ([ava(0, 23), ava(0, 2, 4)], [("3", "displaying", 0, 1), ("4", "climbing", 0, 1)]),
    ],
)
def test_avas_form(tmp_path: Path, rows: list[str], found: list[tuple[Any, ...]]) -> None:
    assert intervals(write(tmp_path / "train_action.csv", "".join(rows))) == [(CLIP, *row) for row in found]


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([ava(902, video="-5KQ66BBWC4"), ava(1798, video="-5KQ66BBWC4")], "from 902 to 1798, as the seconds of AVA"),
        ([ava(7, video="herd_1")], "is its second field a frame, as ChimpACT's, or a second, as the original AVA's"),
        ([ava(0), ava(1000)], f"line 2: frame 1000 is past the end of {CLIP}"),
        ([ava(0, 0), ava(1, 24)], r"line 1: the label must be 1 to 23 \(behaviour \+ 1\), got 0; line 2: .* got 24"),
        ([ava(0), "a,1\n"], "line 2: 2 fields, expected 8: video,frame,x1"),
    ],
)
def test_broken_files_in_avas_form(tmp_path: Path, rows: list[str], fault: str) -> None:
    with pytest.raises(TableError, match=fault):
        read_intervals([write(tmp_path / "train_action.csv", "".join(rows))])
