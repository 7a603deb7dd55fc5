from pathlib import Path

import pytest

from pipeline.errors import TableError
from pipeline.formats.yolo_text import read_yolo
from tests.formats.labels import COLUMNS, boxes, write

SIZE = (200, 100)
LINE = "0 0.5 0.5 0.1 0.2"  # 20 x 20 px in the middle
MIDDLE = (90, 40, 110, 60)


def folder(path: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        write(path / name, text)
    return path


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"0.txt": ""}, []),  # empty
        ({"0.txt": LINE}, [(0, -1, *MIDDLE)]),  # one
        ({"frame_000007.txt": LINE}, [(7, -1, *MIDDLE)]),  # CVAT's names
        ({"obj_train_data/frame_000007.txt": LINE}, [(7, -1, *MIDDLE)]),  # and its folder
        ({"labels/A_1_12.txt": LINE}, [(12, -1, *MIDDLE)]),  # ultralytics' names and folder
        ({"A_1_12.txt": LINE, "B_3.txt": LINE}, [(12, -1, *MIDDLE)]),  # the other video's labels are not ours
        ({"A_1.txt": LINE}, [(0, -1, *MIDDLE)]),  # the video is a still
        ({"A_1_2.txt": LINE, "A_1_10.txt": LINE}, [(2, -1, *MIDDLE), (10, -1, *MIDDLE)]),  # by number, not by name
        ({"A_1_2.txt": f"\ufeff{LINE}\r\n\r\n"}, [(2, -1, *MIDDLE)]),  # Windows
    ],
)
def test_frames_come_from_the_names(tmp_path: Path, files: dict[str, str], expected: list[tuple[float, ...]]) -> None:
    data = read_yolo(folder(tmp_path, files), "A_1", SIZE)
    assert boxes(data) == expected
    assert list(data.columns) == COLUMNS


def test_ultralytics_predict_counts_from_one(tmp_path: Path) -> None:
    path = folder(tmp_path, {"labels/A_1.txt": LINE, "labels/A_2.txt": LINE})
    assert [row[0] for row in boxes(read_yolo(path, "A", SIZE, first_frame=1))] == [0, 1]


@pytest.mark.parametrize(
    ("lines", "score", "identity"),
    [
        ([LINE], [1.0], [-1]),  # neither
        ([f"{LINE} 0.75"], [0.75], [-1]),  # confidence
        ([f"{LINE} 0.75 4"], [0.75], [4]),  # both
        ([f"{LINE} 3", f"{LINE} 4"], [1, 1], [3, 4]),  # whole throughout: identities
        ([f"{LINE} 3", LINE], [1, 1], [-1, 3]),  # an animal not yet followed
        ([f"{LINE} 1", f"{LINE} 1"], [1, 1], [-1, -1]),  # twice in a frame: it is confidence after all
    ],
)
def test_a_sixth_field(tmp_path: Path, lines: list[str], score: list[float], identity: list[int]) -> None:
    data = read_yolo(write(tmp_path / "0.txt", "\n".join(lines)), "0", SIZE)
    assert (data["score"].tolist(), data["given_id"].tolist()) == (score, identity)


@pytest.mark.parametrize(
    ("name", "text", "species"),
    [
        ("", "", "class 0"),  # nobody named them
        ("data.yaml", "names: [zebra, giraffe]", "zebra"),
        ("data.yaml", "nc: 2\nnames:\n  0: zebra\n  1: giraffe", "zebra"),
        ("obj.names", "Grévy's zebra\ngiraffe\n", "Grévy's zebra"),
        ("labels/metadata.yaml", "names: {0: zebra}", "zebra"),
    ],
)
def test_names_of_the_classes(tmp_path: Path, name: str, text: str, species: str) -> None:
    path = folder(tmp_path, {"labels/0.txt": LINE} | ({name: text} if name else {}))
    assert read_yolo(path, "A", SIZE)["species"].tolist() == [species]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"B_0.txt": LINE}, "no file named A_<frame>.txt, frame_<frame>.txt or <frame>.txt"),
        ({"0.txt": "0 0.5 0.5 0.1"}, "0.txt line 1: 4 fields, expected 5 to 7"),
        ({"0.txt": LINE + " 1 2 3 4"}, "9 fields, expected 5 to 7 .polygons are not boxes"),
        ({"0.txt": LINE + "\n0 x .5 .1 .1"}, "0.txt line 2: cx must be a number, got 'x'"),
        ({"0.txt": "0 nan .5 .1 .1"}, "0.txt line 1: cx must be a number, got 'nan'"),
        ({"0.txt": "0 .5 .5 -.1 .1"}, "0.txt line 1: the box is inside out: width -20, height 10"),
        ({"0.txt": "0 90 40 20 20"}, "0.txt line 1: cx must be a share of the picture, got 90"),  # pixels
        ({"0.txt": "0.5 .5 .5 .1 .1"}, "class must be a whole number from 0, got 0.5"),
        ({"0.txt": "2 .5 .5 .1 .1", "data.yaml": "names: [zebra]"}, "class must be one of the 1 that are named, got 2"),
        ({"0.txt": LINE, "data.yaml": "names: {a: b}"}, "data.yaml: no class names can be read"),
        ({"0.txt": LINE, "data.yaml": "names: [a"}, "data.yaml: no class names can be read"),
        ({"0.txt": LINE, "data.yaml": "names: 7"}, "data.yaml: no class names can be read"),
        ({"0.txt": f"{LINE} .5 7\n{LINE} .5 7"}, "0.txt line 2: identity 7 is twice in frame 0"),
        ({"1.txt": "", "0.txt": "x", "2.txt": "y"}, "0.txt line 1: 1 fields.*; 2.txt line 1: 1 fields"),  # all at once
    ],
)
def test_a_wrong_folder_is_one_line(tmp_path: Path, files: dict[str, str], message: str) -> None:
    with pytest.raises(TableError, match=message) as error:
        read_yolo(folder(tmp_path, files), "A", SIZE)
    assert "\n" not in str(error.value)


def test_a_name_file_cannot_run_code(tmp_path: Path) -> None:
    path = folder(tmp_path, {"0.txt": LINE, "data.yaml": f"names: !!python/object/apply:os.mkdir ['{tmp_path}/x']"})
    with pytest.raises(TableError, match="no class names can be read"):
        read_yolo(path, "A", SIZE)
    assert not (tmp_path / "x").exists()
