import json
import zipfile
from pathlib import Path

import pytest

from pipeline.errors import TableError
from pipeline.formats.read import Format, format_of, read_boxes
from tests.formats.labels import INFO, boxes, video, write

CVAT = '<annotations><track id="0"><box frame="0" xtl="10" ytl="20" xbr="30" ybr="30"/></track></annotations>'
COCO = json.dumps([{"image_id": 0, "bbox": [10, 20, 20, 10]}])


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.xml", CVAT, Format.cvat),
        ("a.txt", "1,-1,11,21,20,10,1", Format.mot),
        ("a.txt", "0 0.1 0.25 0.1 0.1", Format.yolo),
        ("a.json", COCO, Format.coco),
        ("a.csv", "frame,x1,y1,x2,y2\n0,10,20,30,30", Format.own),
    ],
)
@pytest.mark.parametrize("start", ["", "\ufeff", "\r\n"], ids=["plain", "mark", "blank line"])
def test_the_content_tells(tmp_path: Path, name: str, content: str, kind: Format, start: str) -> None:
    path = write(tmp_path / name, start + content if kind is not Format.own else start.strip() + content)
    assert format_of(path) is kind
    if not (kind is Format.cvat and start == "\r\n"):  # XML may not begin with a blank line before its declaration
        assert [row[:1] + row[2:] for row in boxes(read_boxes(path, video("a.mp4"), INFO))] == [(0, 10, 20, 30, 30)]


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("gt/gt.txt", "1,-1,11,21,20,10,1"),
        ("det/det.txt", "1,-1,11,21,20,10,1"),
        ("annotations.xml", CVAT),
        ("labels/a_0.txt", "0 0.1 0.25 0.1 0.1"),
    ],
)
def test_a_folder_is_looked_into(tmp_path: Path, file: str, content: str) -> None:
    write(tmp_path / file, content)
    assert [row[2:] for row in boxes(read_boxes(tmp_path, video("a.mp4"), INFO))] == [(10, 20, 30, 30)]


def test_a_zip_is_cvat(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "task.zip", "w") as archive:
        archive.writestr("annotations.xml", CVAT)
    assert boxes(read_boxes(tmp_path / "task.zip", video(), INFO)) == [(0, 0, 10, 20, 30, 30)]


def test_the_first_frame_is_the_formats_own_or_as_said(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "5,-1,11,21,20,10,1")
    frames = [boxes(read_boxes(path, video(), INFO, first_frame=first))[0][0] for first in (None, 0, 1, 5)]
    assert frames == [4, 5, 4, 0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "cannot tell what labels these are, it is empty; known formats: cvat, mot, yolo, coco, via, own"),
        ("  \n ", "it is empty"),
        ("hello world", "its first line is 'hello world'"),
        ("frame;boxes", "its first line is 'frame;boxes'"),
        (b"\x00\x01\x02", "cannot tell what labels these are"),
    ],
    ids=str,
)
def test_what_cannot_be_told_is_said(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(TableError, match=message):
        read_boxes(write(tmp_path / "a.txt", content), video(), INFO)


def test_an_empty_file_of_a_named_format_holds_no_boxes(tmp_path: Path) -> None:
    assert read_boxes(write(tmp_path / "a.txt", ""), video(), INFO, Format.mot).empty


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"cannot read .*a\.xml: No such file"):
        read_boxes(tmp_path / "a.xml", video(), INFO)
