"""Public data sets as clips to train on, from the folder to the model."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.cli import main
from pipeline.errors import TableError, UsageError
from pipeline.recognizers.folder import read_card
from pipeline.training.folder_clips import clips_of_folder
from pipeline.training.labels import Labels
from pipeline.training.pieces import pieces
from pipeline.training.pixels import Pixels
from tests.footage import number, write_video
from tests.formats.labels import write
from tests.formats.layouts import CLASSES, HEADER, baboonland, frame_rows, kabr, pictures, shape
from tests.training.clips import square
from tests.training.test_train import TINY


@pytest.mark.parametrize(
    ("span", "found"),
    [
        ((0.0, 0.2), []),  # shows nothing
        ((1.0, 1.3), [(1.0, 1.3)]),
        ((0.0, 4.0), [(0.0, 4.0)]),
        ((1.0, 10.0), [(1.0, 4.0), (4.0, 7.0), (7.0, 10.0)]),
    ],
)
def test_a_stretch_is_cut_to_clips_of_equal_length(span: tuple[float, float], found: list[tuple[float, float]]) -> None:
    assert list(pieces(*span)) == found


def test_pictures_are_read_as_a_video_is(tmp_path: Path) -> None:
    labels = clips_of_folder(kabr(tmp_path, frame_rows("G0067.1", '0 0 0 0 "0,3" "0,3" "0,3" 1 1 1')), (), 10.0)
    assert labels.rows["behaviour"].tolist() == ["Walk", "Head Up|Walk", "Graze"]
    assert labels.rows["split"].tolist() == ["train"] * 3
    assert labels.behaviours == ("Graze", "Head Up", "Walk")
    pixels = Pixels(labels)
    table = [(0, [1, 2, 3, 4, 4]), (1, [5, 6, 7, 7, 7]), (2, [8, 9, 10, 10, 10])]  # the last stands in beyond the end
    for clip, shown in table:
        images = pixels.read(clip, np.array([0, 0.1, 0.2, 0.3, 9.0]))
        assert [number(image) for image in images] == shown
    np.testing.assert_allclose(pixels.times(1), [0, 0.1, 0.2])
    single, several = labels.of_one_behaviour()
    assert (single.rows["behaviour"].tolist(), several) == (["Walk", "Graze"], 1)


def test_pictures_that_are_missing_are_a_gap_in_time(tmp_path: Path) -> None:
    pictures(tmp_path / "p", [1, 2, 5])
    write(tmp_path / "clips.csv", "path,behaviour,group,interval_s\np,Walk|Head Up,a,0.1\n")
    labels = clips_of_folder(tmp_path)
    np.testing.assert_allclose(Pixels(labels).times(0), [0, 0.1, 0.4])
    assert labels.behaviours == ("Head Up", "Walk")
    write(tmp_path / "clips.csv", "path,behaviour,group,interval_s\np,Walk,a,\n")
    with pytest.raises(TableError, match=r"a clip of pictures without interval_s > 0 \(row 2\)"):
        clips_of_folder(tmp_path)
    with pytest.raises(
        UsageError, match=r"clips.csv names behaviours and times itself: leave classes and frame_rate out"
    ):
        clips_of_folder(tmp_path, (), 10.0)
    (tmp_path / "empty").mkdir()
    write(tmp_path / "clips.csv", "path,behaviour,group,interval_s\np,Walk,a,0.1\nempty,Walk,a,0.1\n")
    with pytest.raises(TableError, match=r"empty: no pictures in it \(row 3\)"):
        clips_of_folder(tmp_path)


def test_stretches_of_a_mini_scene(tmp_path: Path) -> None:
    boxes = " ".join(map(str, range(30)))
    actions = {"0": shape(0, "Foraging") + shape(8, "Sleeping") + shape(10, "Walking/Running")}
    baboonland(tmp_path / "video_1", {"0": boxes}, actions, {"0": 30})
    labels = clips_of_folder(tmp_path)
    rows = labels.rows[["behaviour", "start_s", "stop_s"]].to_numpy().tolist()
    assert [row[0] for row in rows] == ["Walking/Running"]  # the others are too short to show anything
    assert number(Pixels(labels).read(0, np.array([0.0]))[0]) == 10


def test_the_last_stretch_of_a_video_ends_with_it(tmp_path: Path) -> None:
    write(tmp_path / "annotation" / "train.csv", HEADER + frame_rows("A", "0 " * 12 + "1 " * 10))
    write(tmp_path / "annotation" / "classes.json", CLASSES)
    write_video(tmp_path / "video" / "A.mp4", 21)  # a frame less than the labels speak of
    labels = clips_of_folder(tmp_path)
    assert labels.rows["behaviour"].tolist() == ["Walk", "Graze"]
    pixels = Pixels(labels)
    for clip, shown in [(0, (0, 11)), (1, (12, 20))]:
        assert tuple(number(image) for image in pixels.read(clip, np.array([0.0, 9.0]))) == shown


def test_labels_past_the_end_of_a_mini_scene(tmp_path: Path) -> None:
    frames = list(range(12))
    told = {"original": "a.mp4", "tracks": {"1": frames}}
    write(tmp_path / "metadata" / "a_metadata.json", json.dumps(told))
    write(tmp_path / "actions" / "1.xml", f'<annotations><track id="0">{shape(0, "Walk")}</track></annotations>')
    write_video(tmp_path / "1.mp4", 10)
    with pytest.raises(TableError, match=r"1.xml, mini-scene frame 0: frame 11 is past the end of 1.mp4, which has 10"):
        clips_of_folder(tmp_path)


@pytest.mark.parametrize(
    ("rate", "rows", "fault"),
    [
        (None, "0 0 0 0", r"holds pictures, and nothing says how many are a second: give frame_rate"),
        (10.0, "0 0", r"none of the labels of .* lasts 0.3 s or more"),
    ],
)
def test_pictures_need_a_rate_and_labels_a_length(tmp_path: Path, rate: float | None, rows: str, fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        clips_of_folder(kabr(tmp_path, frame_rows("G0067.1", rows)), (), rate)


def test_videos_that_are_broken_are_all_said_at_once(tmp_path: Path) -> None:
    rows = "".join(frame_rows(name, "0 0") for name in ("A", "B"))
    write(tmp_path / "annotation" / "val.csv", HEADER + rows)
    write(tmp_path / "annotation" / "classes.json", CLASSES)
    for name in "AB":
        write(tmp_path / "video" / f"{name}.mp4", "no video")
    with pytest.raises(TableError, match=r"val.csv, line 2: .*A.mp4 .*; val.csv, line 4: .*B.mp4"):
        clips_of_folder(tmp_path)


def test_new_words(tmp_path: Path) -> None:
    labels = clips_of_folder(kabr(tmp_path, frame_rows("G0067.1", '0 0 0 "0,3" "0,3" "0,3" 1 1 1')), (), 10.0)
    # two words become one; a behaviour is left out, and with it the clip that shows nothing else
    assert labels.renamed({"Head Up": "Walk", "Graze": ""}).rows["behaviour"].tolist() == ["Walk", "Walk"]
    with pytest.raises(UsageError, match="old2new leaves no label over"):
        labels.renamed(dict.fromkeys(labels.behaviours, ""))
    with pytest.raises(UsageError, match=r"every clip of .* shows several behaviours, and a recognizer tells one"):
        Labels(tmp_path, labels.rows.iloc[[1]]).of_one_behaviour()


def test_from_a_charades_style_folder_to_a_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(0)
    folder = tmp_path / "KABR"
    lines = {"train": "", "val": ""}
    for scene in range(4):
        for part, (behaviour, label) in enumerate({"left": "0", "right": "1", "still": '"0,1"'}.items(), start=1):
            name = f"ZP000{scene}.{part}"
            images = square(behaviour, rng)
            made = folder / "dataset" / "image" / name
            made.mkdir(parents=True)
            for k, image in enumerate(images, start=1):
                cv2.imwrite(str(made / f"{k}.jpg"), image[:, :, ::-1])
            lines["val" if scene == 3 else "train"] += frame_rows(name, " ".join([label] * len(images)))
    for split, text in lines.items():
        write(folder / "annotation" / f"{split}.csv", HEADER + text)
    write(folder / "annotation" / "classes.json", '{"Left": 0, "Right": 1}')
    words = [f"data={folder}", f"out={tmp_path / 'm'}", *TINY, "old2new={Right: Rightwards}"]
    assert main(["train", *words]) == 1
    assert "holds pictures, and nothing says how many are a second" in capsys.readouterr().err
    assert main(["train", *words, "frame_rate=10"]) == 0
    said = capsys.readouterr().err
    assert "4 clips show several behaviours and are left out; exclusive=false learns from them" in said
    assert "8 clips of 2 behaviours; 6 of 3 groups to learn from, 2 of 1 other group to judge by" in said
    assert read_card(tmp_path / "m").behaviours == ("Left", "Rightwards")
    assert main(["train", *words, "frame_rate=0"]) == 1
    assert "frame_rate must be > 0 or null, got 0" in capsys.readouterr().err
