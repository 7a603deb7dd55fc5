"""The data set on disk: boxes on the animals, no recording on both sides, true class names, hard cases counted."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from pipeline.chain.progress import Silent
from pipeline.errors import UsageError
from pipeline.training.pyramid import PictureSettings, Pyramid
from pipeline.training.recordings import read_labelled
from pipeline.training.yolo_set import YoloSet, made
from tests.training.herds import coco, cvat, film, footage

SPECIES = ("Oryx", "Zebra")


def build(folder: Path, source: Path, held: set[str], check_leaks: bool = True, least_px: float = 4.0) -> YoloSet:
    settings = PictureSettings(every_s=0.5, grids=[1, 2], visible=0.3, empty=0.2, least_px=least_px)
    found = read_labelled([source], None, {})
    return made(folder, found, held, SPECIES, Pyramid(settings, 96, seed=0), check_leaks, Silent())


@pytest.fixture
def films(tmp_path: Path) -> Path:
    return footage(tmp_path / "films")


@pytest.fixture
def pictures(tmp_path: Path, films: Path) -> YoloSet:
    return build(tmp_path / "set", films, {str(films / "DJI_1.mp4")})


def drawn(pictures: YoloSet, picture: Path) -> list[tuple[int, int, int, int, int]]:
    """Class and pixels of each box in a picture's text file."""
    label = pictures.folder / "labels" / picture.parent.name / f"{picture.stem}.txt"
    height, width = cv2.imread(str(picture)).shape[:2]
    rows = [[float(field) for field in line.split()] for line in label.read_text().splitlines()]
    found = []
    for kind, x, y, w, h in rows:
        corners = (x - w / 2) * width, (y - h / 2) * height, (x + w / 2) * width, (y + h / 2) * height
        x1, y1, x2, y2 = map(round, corners)
        found.append((round(kind), x1, y1, x2, y2))
    return found


def test_boxes_drawn_back_land_on_the_animals(pictures: YoloSet) -> None:
    seen = 0
    for path in [*pictures.images("train"), *pictures.images("val")]:
        image = cv2.imread(str(path))[:, :, 0].astype(int)
        for kind, x1, y1, x2, y2 in drawn(pictures, path):
            inner = image[y1 + 2 : y2 - 2, x1 + 2 : x2 - 2]
            assert inner.mean() > 225 if SPECIES[kind] == "Zebra" else inner.mean() < 40
            image[max(y1 - 2, 0) : y2 + 2, max(x1 - 2, 0) : x2 + 2] = 125
            seen += 1
        left = pictures.boxes[(pictures.boxes["picture"] == path.name) & (pictures.boxes["left_out"] != "")]
        assert len(left) or ((image > 60) & (image < 200)).all()  # every animal is told of
    assert seen > 40


def test_no_recording_is_on_both_sides(pictures: YoloSet, films: Path) -> None:
    sides = pictures.pictures.groupby("part")["recording"].unique()
    assert sides["val"].tolist() == [str(films / "DJI_1.mp4")]
    assert sorted(sides["train"]) == [str(films / "DJI_0.mp4"), str(films / "DJI_2.mp4")]


def test_the_classes_have_their_names(pictures: YoloSet) -> None:
    told = yaml.safe_load((pictures.folder / "dataset.yaml").read_text())
    assert told == {"train": "images/train", "val": "images/val", "names": {0: "Oryx", 1: "Zebra"}}
    kinds = {row[0] for path in pictures.images("train") for row in drawn(pictures, path)}
    assert kinds == {0, 1}


def test_what_is_counted_is_what_is_on_disk(pictures: YoloSet) -> None:
    counts = pictures.counts.set_index(["part", "species"])
    for part in ("train", "val"):
        rows = [row for path in pictures.images(part) for row in drawn(pictures, path)]
        assert len(pictures.images(part)) == len(list((pictures.folder / "images" / part).iterdir()))
        assert counts["pictures"][part].tolist() == [len(pictures.images(part))] * 2
        for kind, name in enumerate(SPECIES):
            assert counts["boxes"][part, name] == sum(row[0] == kind for row in rows)
    assert counts["recordings"]["train"].tolist() == [2, 2]
    assert counts["cut"].sum() == (pictures.boxes["visible"] < 1).sum() > 0
    assert (counts["small"] == counts["boxes"]).all()  # of 32 px and less


def files(pictures: YoloSet) -> list[Path]:
    return sorted(path.relative_to(pictures.folder) for path in pictures.folder.rglob("*") if path.is_file())


def test_the_same_again_gives_the_same_bytes_and_is_made_once(tmp_path: Path, films: Path, pictures: YoloSet) -> None:
    again = build(tmp_path / "again", films, {str(films / "DJI_1.mp4")})
    mine, others = files(pictures), files(again)
    assert mine == others
    assert all((pictures.folder / p).read_bytes() == (again.folder / p).read_bytes() for p in mine)
    first = again.images("train")[0]
    first.write_bytes(b"")
    build(tmp_path / "again", films, {str(films / "DJI_1.mp4")})
    assert first.read_bytes() == b""


def test_pictures_without_animals_are_kept_with_an_empty_file(tmp_path: Path) -> None:
    settings = PictureSettings(every_s=0.5, grids=[1], visible=0.3, empty=1.0, least_px=4.0)
    found = read_labelled([coco(tmp_path / "coco")], None, {})
    pictures = made(tmp_path / "set", found, {"DJI_1"}, SPECIES, Pyramid(settings, 96, 0), True, Silent())
    assert [len(drawn(pictures, path)) for path in pictures.images("val")] == [2, 0]


def test_one_recording_under_two_names_is_found(tmp_path: Path, films: Path) -> None:
    film(films / "copy of DJI_0.mp4", 0)
    cvat(films / "copy of DJI_0.xml", 0)
    held = {str(films / "DJI_0.mp4")}
    text = r"nearly the same as held-out ones: .*copy of DJI_0.mp4 frame 0 and .*DJI_0.mp4 frame 0; .* recording=folder"
    with pytest.raises(UsageError, match=text):
        build(tmp_path / "set", films, held)
    assert not (tmp_path / "set").exists()
    assert build(tmp_path / "set", films, held, check_leaks=False).images("val")


def test_boxes_that_are_all_too_small(tmp_path: Path, films: Path) -> None:
    text = r"no box is left to learn Oryx, Zebra from and to judge by: all are cut too much or under pictures.least_px"
    with pytest.raises(UsageError, match=text):
        build(tmp_path / "set", films, {str(films / "DJI_1.mp4")}, least_px=50.0)


def test_numbers_of_shares_are_exact(pictures: YoloSet) -> None:
    path = next(path for path in pictures.images("train") if path.name.endswith("000000_1_0.jpg"))
    label = (pictures.folder / "labels" / "train" / f"{path.stem}.txt").read_text().splitlines()[0].split()
    assert label[0] == "1"  # a zebra at 8..40 x 12..32 of 160 x 96
    assert np.allclose([float(field) for field in label[1:]], [24 / 160, 22 / 96, 32 / 160, 20 / 96], atol=1e-6)
