"""MammalNet's lists of clips and their compositions."""

from pathlib import Path

import pytest

from pipeline.errors import TableError, UsageError
from pipeline.formats.mammalnet import find_lists
from pipeline.formats.read_clips import read_clips
from tests.formats.labels import write

NAMES = "".join(f"behaviour {k}\t{k}\n" for k in range(1, 12)) + "hunts_other_animals\t0\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The release: names of behaviours and animals, and three videos."""
    write(tmp_path / "annotation" / "behavior_to_id.txt", NAMES)
    write(tmp_path / "annotation" / "genus_to_id.txt", "canis\t1\nfelis\t0\nsus scrofa\t2\n")
    for name in ("OT88wS6FLoQ_0.mp4", "OT88wS6FLoQ_1.mp4", "with space.mp4"):
        write(tmp_path / "trimmed_videos" / name, "")
    return tmp_path


def lists(data: Path, *rows: str, split: str = "train", composition: str = "composition") -> Path:
    write(data / "annotation" / composition / f"{split}.csv", "".join(f"{row}\n" for row in rows))
    return data


def test_the_lists_of_a_release(data: Path) -> None:
    lists(data, "trimmed_videos/OT88wS6FLoQ_0.mp4 0 1", "/ibex/project/OT88wS6FLoQ_1.mp4 11 0")
    lists(data, "trimmed_videos/with space.mp4 3 2", split="test")
    for folder in (data, data / "annotation", data / "annotation" / "composition"):
        root, clips = read_clips(folder)
        assert root == data
        assert set(clips["stop_frame"]) == {-1}
        assert clips.drop(columns=["start_frame", "stop_frame"]).to_numpy().tolist() == [
            ["trimmed_videos/OT88wS6FLoQ_0.mp4", "hunts_other_animals", "canis", "OT88wS6FLoQ", "train",
             "train.csv, line 1"],
            ["trimmed_videos/OT88wS6FLoQ_1.mp4", "behaviour 11", "felis", "OT88wS6FLoQ", "train", "train.csv, line 2"],
            ["trimmed_videos/with space.mp4", "behaviour 3", "sus scrofa", "with space", "test", "test.csv, line 1"],
        ]  # fmt: skip


def test_compositions_split_the_same_videos(data: Path) -> None:
    for name in ("composition", "composition_zeroshot_perclass"):
        lists(data, "OT88wS6FLoQ_0.mp4 0 1", composition=name)
    with pytest.raises(UsageError, match=r"several splits of MammalNet: composition, composition_zeroshot_perclass"):
        find_lists(data)
    assert len(read_clips(data / "annotation" / "composition_zeroshot_perclass")[1]) == 1


def test_names_as_the_user_gives_them(data: Path) -> None:
    lists(data, "OT88wS6FLoQ_0.mp4 1 1")
    (data / "annotation" / "behavior_to_id.txt").unlink()
    with pytest.raises(TableError, match=r"nothing names its behaviours: no behavior_to_id.txt in it or above"):
        read_clips(data)
    (data / "annotation" / "genus_to_id.txt").unlink()
    clips = read_clips(data, ["Hunt", "Eat"])[1]
    assert clips[["behaviour", "species"]].to_numpy().tolist() == [["Eat", "animal 1"]]


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (["OT88wS6FLoQ_0.mp4 17 1"], "line 1: the behaviour must be 0 to 11, got 17; is it the animal?"),  # swapped
        (["OT88wS6FLoQ_0.mp4 1 3"], "line 1: the animal must be 0 to 2, got 3"),
        (["OT88wS6FLoQ_0.mp4 1 1", "c.mp4 1 1"], "line 2: c.mp4 is not there"),
        (["OT88wS6FLoQ_0.mp4 1 1", "a 4", "c.mp4 4 1"], "line 2: not 'path behaviour animal': 'a 4'; line 3: c.mp4 is"),
        (["twice.mp4 4 1"], "line 1: twice.mp4 is there 2 times"),
    ],
)
def test_faults_are_said_by_line(data: Path, rows: list[str], fault: str) -> None:
    for name in "xy":
        write(data / name / "twice.mp4", "")
    with pytest.raises(TableError, match=fault):
        read_clips(lists(data, *rows))


def test_names_that_are_broken(data: Path) -> None:
    write(data / "annotation" / "behavior_to_id.txt", "Hunt\t0\nEat\t0\nDrink\n")
    with pytest.raises(TableError, match=r"line 2: not a name and a number of its own: 'Eat\t0'; line 3: not a name"):
        read_clips(lists(data, "OT88wS6FLoQ_0.mp4 0 1"))


def test_what_is_no_list(tmp_path: Path) -> None:
    write(tmp_path / "train.csv", "path,label\n")
    assert find_lists(tmp_path) == []
    with pytest.raises(UsageError, match=r"neither clips.csv nor a data set of known layout: annotation/train.csv"):
        read_clips(tmp_path)
