from pathlib import Path

import pandas as pd
import pytest

from pipeline.errors import TableError
from pipeline.formats.mot import read_mot, write_mot
from pipeline.tables import TRACKS
from tests.formats.labels import COLUMNS, boxes, real, write


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),  # empty
        ("1,1,11,21,20,10,1,-1,-1,-1", [(0, 1, 10, 20, 30, 30)]),  # one: frame 1 is 0, pixel (11, 21) is (10, 20)
        (
            "\ufeff1,1,11,21,20,10,1\r\n\r\n2,1,12,21,20,10,1\r\n",
            [(0, 1, 10, 20, 30, 30), (1, 1, 11, 20, 31, 30)],
        ),  # Windows
        ("2, 1, 11, 21, 20, 10, 1\n1, 1, 11, 21, 20, 10, 1", [(0, 1, 10, 20, 30, 30), (1, 1, 10, 20, 30, 30)]),  # order
        ("1,7,11,21,20,10,0,-1,-1,-1", []),  # marked as not evaluated
        ("1,-1,11,21,20,10,0", [(0, -1, 10, 20, 30, 30)]),  # a detection of confidence 0 is one
        ("1,-1,11,21,20,10,.5\n1,-1,11,21,20,10,.4", [(0, -1, 10, 20, 30, 30)] * 2),  # nobody has identity -1
        ("1,1.0,11,21,20,10,1", [(0, 1, 10, 20, 30, 30)]),  # an identity written as a float
    ],
)
def test_reading(tmp_path: Path, text: str, expected: list[tuple[float, ...]]) -> None:
    data = read_mot(write(tmp_path / "gt.txt", text))
    assert boxes(data) == expected
    assert list(data.columns) == COLUMNS


@pytest.mark.parametrize(("conf", "score"), [("1", 1.0), ("0.25", 0.25), ("-1", 1.0)])  # -1: the tracker gave none
def test_confidence(tmp_path: Path, conf: str, score: float) -> None:
    assert read_mot(write(tmp_path / "r.txt", f"1,1,11,21,20,10,{conf}"))["score"].tolist() == [score]


def test_the_first_frame_may_be_another(tmp_path: Path) -> None:
    assert boxes(read_mot(write(tmp_path / "r.txt", "0,1,11,21,20,10,1"), first_frame=0)) == [(0, 1, 10, 20, 30, 30)]


def test_a_box_without_area_is_left_out_aloud(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert read_mot(write(tmp_path / "r.txt", "1,1,5,5,0,9,1")).empty
    assert "1 of 1 boxes have no area and are left out" in caplog.text


def test_labels_beside_it_name_the_species(tmp_path: Path) -> None:
    write(tmp_path / "labels.txt", "Zebra\nGiraffe\n")
    data = read_mot(write(tmp_path / "gt.txt", "1,1,11,21,20,10,1,2,1\n1,2,11,21,20,10,1,1,1"))
    assert data["species"].tolist() == ["Giraffe", "Zebra"]
    with pytest.raises(TableError, match=r"line 1: class must be 1 to 2, got '3'"):
        read_mot(write(tmp_path / "gt.txt", "1,1,11,21,20,10,1,3,1"))


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    lines = ["0,1,1,1,5,5,1", "1,2,3,4,5", "3,1,a,1,5,5,1", "4,1,1,1,-5,5,1", "5,1,1,1,5,5,9", "6,1,1,1,5,5,1"] + [
        "x"
    ] * 10
    path = write(tmp_path / "boxes.txt", "\n".join(lines))
    with pytest.raises(TableError) as error:
        read_mot(path)
    assert str(error.value) == (
        f"{path}: line 1: frame must be a whole number from 1, got 0; "
        "line 2: 5 fields, expected at least 7; "
        "line 3: bb_left must be a number, got 'a'; "
        "line 4: the box is inside out: width -5, height 5; "
        "line 5: score must be in [0, 1], got 9; and 10 more"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,1,1,1,nan,5,1", "line 1: bb_width must be a number, got 'nan'"),
        ("1,1,1,1,inf,5,1", "line 1: bb_width must be a number, got 'inf'"),
        ("1,1,1,1,1e300,5,1", "line 1: the box lies more than 1,000,000 px from the origin"),
        ("1e300,1,1,1,5,5,1", "line 1: frame must be a whole number from 1, got 1e[+]300"),
        ("1.5,1,1,1,5,5,1", "line 1: frame must be a whole number from 1, got 1.5"),
        ("1,1.5,1,1,5,5,1", "line 1: identity must be a whole number from 0, or -1, got 1.5"),
        ("1,-2,1,1,5,5,1", "line 1: identity must be a whole number from 0, or -1, got -2"),
        ("1,1,1,1,5,5,1\n1,1,2,2,5,5,1", "line 2: identity 1 is twice in frame 1"),
        (b"1,1,1,1,5,5,1\n\xff\xfe", r"not UTF-8 text \(byte 0xff at position 14\); save it as UTF-8 \(in Excel: "),
    ],
    ids=str,
)
def test_a_wrong_line_is_named(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(TableError, match=message):
        read_mot(write(tmp_path / "r.txt", text))


def test_no_such_file_and_a_huge_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TableError, match=r"cannot read .*r\.txt: No such file"):
        read_mot(tmp_path / "r.txt")
    monkeypatch.setattr("pipeline.formats.text.MAX_BYTES", 10)
    with pytest.raises(TableError, match="13 bytes are more than a label file may hold"):
        read_mot(write(tmp_path / "r.txt", "1,1,1,1,5,5,1"))


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    rows = [(2, 0, 0.0, 0, 0.25, 30, 40, 0.5, "animal", True), (0, 1, 0.1, 1, 2, 30, 40.5, 1, "animal", False)]
    tracks = TRACKS.cast(pd.DataFrame(rows, columns=TRACKS.names))
    write_mot(tmp_path / "r.txt", tracks)
    text = (tmp_path / "r.txt").read_text()
    assert text == "1,2,1.00,1.25,30.00,39.75,0.5000,-1,-1,-1\n2,0,2.00,3.00,29.00,38.50,1.0000,-1,-1,-1\n"
    columns = ["frame", "x1", "y1", "x2", "y2", "score", "track"]
    back = read_mot(tmp_path / "r.txt").rename(columns={"given_id": "track"})
    pd.testing.assert_frame_equal(back[columns], tracks[columns])


# rows of gt.txt and det.txt, and those of gt.txt whose column 7 is 0 (counted with awk)
SEQUENCES = [
    ("TUD-Stadtmitte", 1156, 0, 951),
    ("ETH-Bahnhof", 7670, 2255, 6209),
    ("KITTI-13", 929, 167, 945),
    ("ADL-Rundle-6", 5009, 0, 4325),
    ("PETS09-S2L1", 4650, 174, 4359),
    ("TUD-Campus", 359, 0, 321),
]


@pytest.mark.real
@pytest.mark.parametrize(("name", "truth", "ignored", "found"), SEQUENCES)
def test_the_challenge_itself(name: str, truth: int, ignored: int, found: int) -> None:
    folder = real() / "mot" / name
    data = read_mot(folder / "gt" / "gt.txt")
    assert len(data) == truth - ignored
    assert data["given_id"].min() >= 1 and data["score"].eq(1).all()
    detections = read_mot(folder / "det" / "det.txt")
    assert len(detections) == found
    assert detections["given_id"].eq(-1).all() and detections["score"].between(0.5, 1).all()


@pytest.mark.real
def test_the_truth_of_the_mice() -> None:
    data = read_mot(real() / "truth" / "mice_overhead.mot.txt")
    assert (len(data), data["frame"].min(), data["frame"].max()) == (5400 - 562, 0, 1799)  # 562 boxes of 0 x 0
    assert boxes(data)[0] == (0, 1, 82, 439, 105, 460)
