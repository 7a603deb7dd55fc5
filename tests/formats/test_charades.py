"""Charades-style data sets (KABR, kabr-tools, Animal Kingdom): which pictures are which clip, and faults by line."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.errors import TableError
from pipeline.formats.charades import read_charades
from tests.footage import write_video
from tests.formats.labels import write
from tests.formats.layouts import CLASSES, HEADER, frame_rows, kabr, pictures


def clips(data: pd.DataFrame) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in data[["path", "behaviour", "start_frame", "stop_frame"]].to_numpy().tolist()]


IMAGES = "dataset/image/G0067.1"


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        ("0", [("Walk", 0, 1)]),  # one frame
        ("0 0 1 1 0", [("Walk", 0, 2), ("Graze", 2, 4), ("Walk", 4, 5)]),
        ('"0,3" "3,0" 3', [("Head Up|Walk", 0, 2), ("Head Up", 2, 3)]),  # several at once, in any order
        ('0 "" 0', [("Walk", 0, 1), ("Walk", 2, 3)]),  # no label parts what stands beside it
    ],
)
def test_frames_of_equal_labels_are_a_clip(tmp_path: Path, labels: str, found: list[tuple[Any, ...]]) -> None:
    assert clips(read_charades(kabr(tmp_path, frame_rows("G0067.1", labels)))) == [(IMAGES, *row) for row in found]


def test_pictures_that_are_not_labelled_are_a_gap(tmp_path: Path) -> None:
    rows = frame_rows("G0067.1", "0 0") + frame_rows("G0067.1", "0 0", first=9)
    assert clips(read_charades(kabr(tmp_path, rows))) == [(IMAGES, "Walk", 0, 2), (IMAGES, "Walk", 8, 10)]


def test_recording_species_and_split(tmp_path: Path) -> None:
    names = ["G0067.1", "G0067.12", "ZP0004.1", "ZG0665.2", "Z0001", "B0001", "AAACXZTV"]
    for name in names:
        pictures(tmp_path / "dataset" / "image" / name, [1])
    kabr(tmp_path, *(frame_rows(name, "0") for name in names[:4]))
    data = read_charades(kabr(tmp_path, *(frame_rows(name, "0") for name in names[4:]), split="val"))
    assert data[["group", "species", "split"]].to_numpy().tolist() == [
        ["G0067", "giraffe", "train"],
        ["G0067", "giraffe", "train"],  # another part of the same recording
        ["ZP0004", "plains zebra", "train"],
        ["ZG0665", "Grevy's zebra", "train"],
        ["Z0001", "zebra", "val"],  # kabr-tools' own: the first letter of the label
        ["B0001", "baboon", "val"],
        ["AAACXZTV", "", "val"],
    ]
    assert data["place"].tolist()[3:5] == ["train.csv, line 5", "val.csv, line 2"]


def test_what_kabr_tools_writes_has_no_split(tmp_path: Path) -> None:
    assert read_charades(kabr(tmp_path, frame_rows("G0067.1", "0 0"), split="data"))["split"].tolist() == [""]


def test_animal_kingdom_with_videos_and_its_list_of_actions(tmp_path: Path) -> None:
    write(tmp_path / "annotation" / "train.csv", HEADER + frame_rows("AAACXZTV", '"1,0"' + ' "1,0"' * 4))
    write(tmp_path / "annotation" / "df_action.csv", "S/N,action,index\n1,Yawning,1\n2,Abseiling,0\n")
    write_video(tmp_path / "dataset" / "video" / "AAACXZTV.mp4", 4)  # a picture less: the clip is the whole video
    assert clips(read_charades(tmp_path)) == [("dataset/video/AAACXZTV.mp4", "Abseiling|Yawning", 0, -1)]


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("", r"no labelled frame in train.csv"),
        (frame_rows("G0067.1", "8"), r"line 2: labels must be numbers from 0 to 7, joined by commas, got '8'"),
        (frame_rows("G0067.1", 'Walk "0,"'), r"line 2: .* got 'Walk'; line 3: .* got '0,'"),  # all at once
        (frame_rows("G0067.1", "0" + " 0" * 11), r"line 12: picture 11 of G0067.1 is not there \(10 are, 1 to 10\)"),
        (frame_rows("ZP0001.1", "0 0"), r"line 2: no folder dataset/image/ZP0001.1 and no dataset/video/ZP0001.1.mp4"),
        (frame_rows("G0067.1", "0") * 2, r"line 3: 'G0067.1/1.jpg' has a row already"),
        ("G0067.1 1 1 G0067.1/first.jpg 0\n", r"line 2: path must be <video>/<number>.jpg, got 'G0067.1/first.jpg'"),
        ("G0067.1 1 1 ../1.jpg 0\n", r"line 2: path must be <video>/<number>.jpg, got '../1.jpg'"),  # out of the folder
        ("G0067.1 1 1 G0067.1/1.jpg\n", r"line 2: not 5 fields with one space between them"),
        ("G0067.1 1 1 G0067.1/1.jpg 0 1\n", r"line 2: not 5 fields"),
        ("G0067.1 1 1 G0067.1/1.jpg 0 1 2\n", r"line 2: 7 fields, expected 5"),
    ],
)  # fmt: skip
def test_faults_are_said_by_line(tmp_path: Path, rows: str, fault: str) -> None:
    with pytest.raises(TableError, match=fault) as error:
        read_charades(kabr(tmp_path, rows))
    assert "\n" not in str(error.value)


def test_the_header_is_misspelt(tmp_path: Path) -> None:
    folder = kabr(tmp_path, frame_rows("G0067.1", "0"), header=HEADER.replace("vido", "video"))
    with pytest.raises(
        TableError, match=r"line 1: the header must be 'original_vido_id .*' \(so misspelt\), got 'orig"
    ):
        read_charades(folder)
    with pytest.raises(TableError, match=r"no annotation/train\.csv that begins with original_vido_id"):
        read_charades(tmp_path / "empty")


def test_a_clip_on_both_sides_of_the_split(tmp_path: Path) -> None:
    kabr(tmp_path, frame_rows("G0067.1", "0 0"))
    folder = kabr(tmp_path, frame_rows("G0067.1", "0", first=5), split="val")
    with pytest.raises(TableError, match=r"train.csv and val.csv both label G0067.1; a clip is of one split"):
        read_charades(folder)


def test_frames_without_a_label_are_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    read_charades(kabr(tmp_path, frame_rows("G0067.1", '0 "" ""'), classes=CLASSES))
    assert "2 of 3 frames have no label and are left out" in caplog.text
