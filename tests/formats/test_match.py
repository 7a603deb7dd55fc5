from pathlib import Path

import pytest

from pipeline.errors import TableError
from pipeline.formats.match import find_boxes, names_of, place_of
from pipeline.types import Video
from tests.formats.labels import video, write


@pytest.mark.parametrize(
    ("key", "file"),
    [
        ("A.MP4", "A.xml"),
        ("A.MP4", "A_tracks.xml"),  # kabr-tools
        ("A.MP4", "a.XML"),  # another case of letters
        ("A.MP4", "A.MP4.csv"),
        ("A.MP4", "A/gt/gt.txt"),  # MOTChallenge
        ("A.mp4", "A.mot.txt"),
        ("day%201/A.MP4", "day 1/A.xml"),  # the same folders as the videos
        ("day%201/A.MP4", "A.xml"),  # all in one folder
        ("video_3/video.mp4", "video_3/tracks.xml"),  # BaboonLand
        ("B%C3%A4r%20%281%29.mp4", "Bär (1).json"),
        ("B%C3%A4r.mp4", "Ba\u0308r.json"),  # as macOS spells it
    ],
)
def test_labels_are_found(tmp_path: Path, key: str, file: str) -> None:
    path = write(tmp_path / file, "")
    name = {"B%C3%A4r%20%281%29.mp4": "Bär (1).mp4", "B%C3%A4r.mp4": "Bär.mp4"}.get(key, key)
    assert find_boxes(tmp_path, Video(key, Path("/footage") / name)) == path


def test_the_nearer_label_wins(tmp_path: Path) -> None:
    far, near = write(tmp_path / "A.xml", ""), write(tmp_path / "day2" / "A.xml", "")
    assert find_boxes(tmp_path, video("day2/A.MP4")) == near
    assert find_boxes(tmp_path, video("day1/A.MP4")) == far


@pytest.mark.parametrize(
    ("file", "folder"),
    [("A/0.txt", "A"), ("A/labels/0.txt", "A/labels"), ("A_0.txt", "."), ("obj_train_data/A_0.txt", ".")],
)
def test_yolo_text_is_a_folder(tmp_path: Path, file: str, folder: str) -> None:
    write(tmp_path / file, "")
    assert find_boxes(tmp_path, video("A.MP4")) == tmp_path / folder


@pytest.mark.parametrize("file", ["B.xml", "A.MP4", "A", "labels/B.xml"])
def test_no_labels_is_one_line(tmp_path: Path, file: str) -> None:
    write(tmp_path / file, "")
    with pytest.raises(TableError, match=r"no labels for video day1/A.MP4 in .*: no A.xml, A_tracks.xml, A.zip"):
        find_boxes(tmp_path, video("day1/A.MP4"))


def test_a_key_leads_nowhere_else(tmp_path: Path) -> None:
    write(tmp_path / "A.xml", "")
    (tmp_path / "labels").mkdir()
    with pytest.raises(TableError, match="no labels"):
        find_boxes(tmp_path / "labels", Video("%2E%2E/A.MP4", Path("/footage/A.MP4")))
    assert str(place_of(Video("%2E%2E/A.MP4", Path("/x/A.MP4")))) == "A.MP4"


def test_names_go_from_sure_to_unsure() -> None:
    key = "day%201/A.MP4"
    names = [key, "day 1/A.MP4", "day 1/A", "A.MP4", "A"]
    assert names_of(Video(key, Path("/footage/day 1/A.MP4"))) == names
