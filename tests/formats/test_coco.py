import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import TableError
from pipeline.formats.coco import read_coco
from tests.formats.labels import COLUMNS, boxes, video, write

BOX = [10, 20, 20, 10]
AT = (10, 20, 30, 30)
IMAGES = [{"id": 1, "file_name": "DJI_0068_000004.jpg"}, {"id": 2, "file_name": "DJI_0068_000006.jpg"}]
ZEBRA = [{"id": 3, "name": "zebra"}]


def coco(path: Path, content: Any) -> Path:
    return write(path / "labels.json", content if isinstance(content, str) else json.dumps(content))


def annotation(image: object = 1, box: object = BOX, **more: object) -> dict[str, object]:
    return {"image_id": image, "category_id": 3, "bbox": box} | more


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ([], []),  # empty
        ({"videos": [{"id": 1, "name": ""}], "images": [], "annotations": []}, []),
        ([annotation(4)], [(4, -1, *AT)]),  # one: a lone detection's image is its frame
        ([annotation("DJI_0068_12")], [(12, -1, *AT)]),  # ultralytics' predictions.json
        ({"images": [], "annotations": []}, []),
        ({"images": IMAGES, "annotations": [annotation(2), annotation(1)]}, [(4, -1, *AT), (6, -1, *AT)]),
        ({"images": [{"id": 1, "frame_id": 9}], "annotations": [annotation(instance_id=0)]}, [(9, 0, *AT)]),  # COCO-VID
        ({"images": IMAGES, "annotations": [annotation(track_id=5), annotation(iscrowd=1)]}, [(4, 5, *AT)]),
        ("\ufeff[]", []),  # a byte-order mark
    ],
)
def test_reading(tmp_path: Path, content: Any, expected: list[tuple[float, ...]]) -> None:
    data = read_coco(coco(tmp_path, content), video())
    assert boxes(data) == expected
    assert list(data.columns) == COLUMNS


@pytest.mark.parametrize(
    ("images", "frames"),
    [
        ([("0.jpg", 0), ("1.jpg", 1), ("20.jpg", 2)], [0, 1, 20]),  # ChimpACT: labels paused, frame_id ran behind
        ([("1.jpg", 0), ("2.jpg", 1)], [0, 1]),  # names from 1
        ([("1.jpg", 0), ("21.jpg", 1)], [0, 1]),  # nobody knows
        ([("7.jpg", 7), ("8.jpg", 8)], [7, 8]),
    ],
)
def test_which_number_is_the_frame(tmp_path: Path, images: list[tuple[str, int]], frames: list[int]) -> None:
    told = [{"id": k, "video_id": 1, "file_name": name, "frame_id": f} for k, (name, f) in enumerate(images)]
    content = {
        "videos": [{"id": 1, "name": "A"}],
        "images": told,
        "annotations": [annotation(k) for k in range(len(told))],
    }
    assert read_coco(coco(tmp_path, content), video())["frame"].tolist() == frames


@pytest.mark.parametrize(
    "names",
    [
        ["A_0001.jpg", "B_0001.jpg"],  # as kabr-tools names frames
        ["A/0001.jpg", "B/0001.jpg"],  # a folder a video
        ["A/frame_000001.jpg", "B/frame_000001.jpg"],
        ["x/A.jpg", "x/B.jpg"],  # stills
    ],
)
def test_names_of_images_tell_the_videos_apart(tmp_path: Path, names: list[str]) -> None:
    images = [{"id": k, "file_name": name} for k, name in enumerate(names)]
    boxes_of = [annotation(0), annotation(1, box=[0, 0, 5, 5])]
    path = coco(tmp_path, {"images": images, "annotations": boxes_of})
    frame, ours = (0, "B.jpg") if names[1].endswith("B.jpg") else (1, "B.MP4")
    assert boxes(read_coco(path, video(ours))) == [(frame, -1, 0, 0, 5, 5)]


def test_detections_of_several_videos_are_told_apart(tmp_path: Path) -> None:
    path = coco(tmp_path, [annotation("A_3"), annotation("B_4")])
    assert boxes(read_coco(path, video("B.MP4"))) == [(4, -1, *AT)]
    with pytest.raises(TableError, match=r"nothing of video C.MP4; it speaks of A, B"):
        read_coco(path, video("C.MP4"))


def test_crowds_are_left_out_aloud(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert read_coco(coco(tmp_path, [annotation(1, iscrowd=1)]), video()).empty
    assert "1 annotations are crowds" in caplog.text


def test_score_and_species(tmp_path: Path) -> None:
    found = [annotation(4, score=0.5), annotation(5, category_id=8), {"image_id": 6, "bbox": BOX}]
    data = read_coco(coco(tmp_path, {"annotations": found, "categories": ZEBRA}), video())
    assert data["species"].tolist() == ["zebra", "class 8", "animal"]
    assert data["score"].tolist() == [0.5, 1.0, 1.0]


def test_other_videos_of_the_file_are_left_out(tmp_path: Path) -> None:
    videos = [{"id": 1, "name": "site a/DJI_0001"}, {"id": 2, "name": "site b/DJI_0001"}]
    images = [{"id": 1, "video_id": 1, "frame_id": 0}, {"id": 2, "video_id": 2, "frame_id": 7}]
    path = coco(tmp_path, {"videos": videos, "images": images, "annotations": [annotation(1), annotation(2)]})
    assert boxes(read_coco(path, video("site%20b/DJI_0001.MP4"))) == [(7, -1, *AT)]
    with pytest.raises(TableError, match=r"nothing of video DJI_0002.MP4; it speaks of site a/DJI_0001, site b"):
        read_coco(path, video("DJI_0002.MP4"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "not JSON: Expecting value"),
        ('{"annotations": [', "not JSON"),  # cut off
        ("[" * 100_000, "not JSON"),  # nested beyond reason
        ("7", "not COCO: neither a list of detections nor an object with annotations"),
        ({"images": []}, "not COCO"),
        ({"annotations": 7}, "annotations must be a list of objects"),
        ([1, 2], "annotations must be a list of objects"),
        ({"annotations": [], "images": [{"id": 1, "video_id": {}}]}, "an id in images is neither a number nor a name"),
        ({"annotations": [], "images": [{"id": [1]}]}, "an id in images is neither a number nor a name"),
        ([annotation(4), annotation(4, box=[1, 2, 3])], r"annotation 2: bbox must be \[left, top, width, height\]"),
        ([annotation(4, box=[1, 2, -3, 4])], "annotation 1: the box is inside out: width -3, height 4"),
        ([annotation(4, box=[1, 2, None, 4])], "annotation 1: width must be a number, got 'nan'"),
        ('[{"image_id": 4, "bbox": [1, 2, NaN, 4]}]', "annotation 1: width must be a number, got 'nan'"),
        ([annotation({})], "annotation 1: image_id and category_id must be a number or a name"),
        ([annotation("sky")], "annotation 1: frame must be a number, got 'image sky'"),
        ([annotation(-4)], "annotation 1: frame must be a whole number from 0, got"),
        ([annotation(4, score=7)], r"annotation 1: score must be in \[0, 1\], got 7"),
        ({"images": IMAGES, "annotations": [annotation(3)]}, "annotation 1: image_id 3 is not among the images"),
        ({"images": IMAGES, "annotations": [annotation(3), annotation(1, box=7)]}, "annotation 1.*; annotation 2"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_file_is_one_line(tmp_path: Path, content: Any, message: str) -> None:
    with pytest.raises(TableError, match=message) as error:
        read_coco(coco(tmp_path, content), video())
    assert "\n" not in str(error.value)
