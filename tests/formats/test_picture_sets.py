"""Labelled pictures as others lay them out: COCO, YOLO text in both layouts, and what can be wrong with them."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

from pipeline.errors import TableError
from pipeline.formats.picture_sets import is_picture_set, read_picture_set
from tests.training.herds import SIZE, coco, oryx, still, yolo, zebra


def test_coco_with_its_pictures(tmp_path: Path) -> None:
    made = read_picture_set(coco(tmp_path))
    assert [path.name for path in made.paths][:2] == ["DJI_0_000000.jpg", "DJI_0_000005.jpg"]
    assert made.recordings == ("DJI_0", "DJI_0", "DJI_1", "DJI_1")
    assert set(made.sizes) == {SIZE}
    assert made.boxes["frame"].tolist() == [0, 0, 1, 1, 2, 2]  # the last picture has no animal
    assert made.boxes["species"].tolist()[:2] == ["Zebra", "Oryx"]
    assert tuple(made.boxes.iloc[2][["x1", "y1", "x2", "y2"]]) == zebra(5)


def test_a_video_that_the_file_names_is_the_recording(tmp_path: Path) -> None:
    path = coco(tmp_path)
    content = json.loads(path.read_text())
    content["videos"] = [{"id": 1, "name": "flight 1"}]
    content["images"] = [image | {"video_id": 1} for image in content["images"]]
    path.write_text(json.dumps(content))
    assert set(read_picture_set(path).recordings) == {"flight 1"}


def test_yolo_text_split_by_others_is_of_two_recordings(tmp_path: Path) -> None:
    made = read_picture_set(yolo(tmp_path))
    assert sorted(made.recordings) == ["DJI_0", "DJI_0", "DJI_1", "DJI_1"]  # not train/DJI_0 and val/DJI_0
    for k, path in enumerate(made.paths):
        _, seed, frame = path.stem.split("_")
        mine = made.boxes[made.boxes["frame"] == k]
        xyxy = mine[["x1", "y1", "x2", "y2"]].to_numpy()
        assert np.allclose(xyxy, [zebra(int(frame), int(seed)), oryx(int(frame), int(seed))], atol=0.01)
        assert mine["species"].tolist() == ["Zebra", "Oryx"]


def test_text_beside_pictures_of_different_sizes(tmp_path: Path) -> None:
    for name, size in (("a_1", (40, 20)), ("b_1", (20, 40))):
        Picture.new("RGB", size).save(tmp_path / f"{name}.png")
        (tmp_path / f"{name}.txt").write_text("0 0.5 0.5 0.5 0.5\n")
    (tmp_path / "classes.txt").write_text("Zebra\n")
    made = read_picture_set(tmp_path)
    assert made.recordings == ("a", "b")
    assert made.boxes[["x1", "y1", "x2", "y2"]].to_numpy().tolist() == [[10, 5, 30, 15], [5, 10, 15, 30]]


def test_a_picture_that_lies_on_its_side_has_the_size_that_is_seen(tmp_path: Path) -> None:
    exif = Picture.Exif()
    exif[274] = 6
    Picture.new("RGB", (40, 20)).save(tmp_path / "a.jpg", exif=exif)
    (tmp_path / "a.txt").write_text("")
    assert read_picture_set(tmp_path).sizes == ((20, 40),)


def test_pictures_without_labels_are_left_out_aloud(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    yolo(tmp_path)
    still(tmp_path / "images" / "train" / "DJI_7_000001.jpg", 1)
    assert len(read_picture_set(tmp_path).paths) == 4
    assert "1 pictures have no file of labels and are left out" in caplog.text


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda folder: folder, False),  # empty
        (lambda folder: still(folder / "a.jpg", 0).parent, False),  # a picture alone
        (lambda folder: yolo(folder), True),
        (lambda folder: coco(folder), True),
    ],
)
def test_what_is_a_set_of_pictures(tmp_path: Path, make: object, expected: bool) -> None:
    assert is_picture_set(make(tmp_path)) is expected  # type: ignore[operator]


def test_kabr_tools_names_one_class_and_writes_three(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"line 2: class must be one of the 1 that are named, got 1; DJI_1"):
        read_picture_set(yolo(tmp_path, "nc: 1\nnames: ['Animal']\n"))


def test_labels_without_a_picture(tmp_path: Path) -> None:
    yolo(tmp_path)
    (tmp_path / "images" / "train" / "DJI_0_000000.jpg").unlink()
    with pytest.raises(TableError, match=r"1 labelled pictures are not there: DJI_0_000000.txt; put them beside it"):
        read_picture_set(tmp_path)


def test_images_that_coco_names_and_that_are_not_there(tmp_path: Path) -> None:
    path = coco(tmp_path)
    for name in ("DJI_0_000000.jpg", "DJI_1_000005.jpg"):
        (tmp_path / "images" / name).unlink()
    text = r"boxes.json: 2 labelled pictures are not there: DJI_0_000000.jpg, DJI_1_000005.jpg; put them"
    with pytest.raises(TableError, match=text):
        read_picture_set(path)


@pytest.mark.parametrize("name", ["/etc/passwd", "../../x.jpg", "..\\x.jpg"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    path = coco(tmp_path)
    path.write_text(path.read_text().replace("DJI_0_000000.jpg", name.replace("\\", "\\\\")))
    with pytest.raises(TableError, match=r"file_name must stay below the folder, got "):
        read_picture_set(path)


def test_a_damaged_picture(tmp_path: Path) -> None:
    path = coco(tmp_path)
    (tmp_path / "images" / "DJI_0_000000.jpg").write_text("no picture")
    with pytest.raises(TableError, match=r"DJI_0_000000.jpg is not a picture, or it is damaged"):
        read_picture_set(path)
