"""MammalNet's lists of clips and their compositions."""

from pathlib import Path

import pytest

from pipeline.errors import TableError, UsageError
from pipeline.formats.mammalnet import find_lists, read_mammalnet, root_of
from pipeline.formats.read_clips import read_clips
from tests.formats.labels import write


def lists(folder: Path, *rows: str, split: str = "train") -> Path:
    write(folder / f"{split}.csv", "".join(f"{row}\n" for row in rows))
    return folder


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    for name in ("a_b1_0.mp4", "a_b1_1.mp4", "with space_3.mp4"):
        write(tmp_path / "trimmed" / name, "")
    return tmp_path


def test_a_list_is_read_with_its_split(clips: Path) -> None:
    lists(clips, "/ibex/project/trimmed/a_b1_0.mp4 0 17", "/ibex/project/trimmed/a_b1_1.mp4 12 172")
    lists(clips, "x/with space_3.mp4 3 4", split="test")
    root, data = read_clips(clips, ["Hunt", *(f"b{k}" for k in range(1, 13))])
    assert root == clips
    assert data.drop(columns=["start_frame", "stop_frame"]).to_numpy().tolist() == [
        ["trimmed/a_b1_0.mp4", "Hunt", "animal 17", "a_b1", "train", "train.csv, line 1"],
        ["trimmed/a_b1_1.mp4", "b12", "animal 172", "a_b1", "train", "train.csv, line 2"],
        ["trimmed/with space_3.mp4", "b3", "animal 4", "with space", "test", "test.csv, line 1"],
    ]
    assert set(data["stop_frame"]) == {-1}


def test_without_names_the_numbers_are_the_names(clips: Path, caplog: pytest.LogCaptureFixture) -> None:
    data = read_mammalnet(lists(clips, "a_b1_0.mp4 4 17"))
    assert data["behaviour"].tolist() == ["behaviour 4"]
    assert "called by their numbers: classes.json is not there" in caplog.text


def test_compositions_split_the_same_videos(clips: Path) -> None:
    for name in ("composition", "composition_zeroshot_perclass"):
        lists(clips / name, "a_b1_0.mp4 4 17")
    with pytest.raises(UsageError, match=r"several splits of MammalNet: composition, .*give one: data=.*/composition"):
        find_lists(clips)
    root, data = read_clips(clips / "composition_zeroshot_perclass")
    assert (root, data["path"].tolist()) == (clips, ["trimmed/a_b1_0.mp4"])
    assert root_of(clips) == clips


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (["a_b1_0.mp4 17 4"], "line 1: the behaviour must be 0 to 12, got 17; is it the animal?"),  # swapped
        (["a_b1_0.mp4 4 17", "c.mp4 4 17"], "line 2: c.mp4 is not there"),
        (["a_b1_0.mp4 4 17", "a_b1_1.mp4 4", "c.mp4 4 1"], "line 2: not 'path behaviour animal': .*; line 3: c.mp4 is"),
        (["twice.mp4 4 17"], "line 1: twice.mp4 is there 2 times"),
    ],
)
def test_faults_are_said_by_line(clips: Path, rows: list[str], fault: str) -> None:
    for name in "xy":
        write(clips / name / "twice.mp4", "")
    with pytest.raises(TableError, match=fault):
        read_mammalnet(lists(clips, *rows))


def test_what_is_no_list(tmp_path: Path) -> None:
    write(tmp_path / "train.csv", "path,label\n")
    assert find_lists(tmp_path) == []
    with pytest.raises(UsageError, match=r"neither clips.csv nor a data set of known layout: annotation/train.csv"):
        read_clips(tmp_path)
