"""Files are written whole or not at all, and read back as they were."""

import errno
from pathlib import Path

import pandas as pd
import pytest

from pipeline import artifacts, parquet, tables
from pipeline.columns import Column, Table
from pipeline.errors import StorageError, TableError, UsageError

FRAMES = pd.DataFrame({"frame": [0, 1], "time_s": [0.0, 0.04], "duration_s": [0.04, 0.04], "fault": ["", "None"]})


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_table_comes_back_and_gives_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    first, second = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
    artifacts.write_table(first, FRAMES, tables.FRAMES)
    artifacts.write_table(second, artifacts.read_table(first, tables.FRAMES), tables.FRAMES)
    assert artifacts.read_table(second, tables.FRAMES).to_dict("list") == FRAMES.to_dict("list")
    assert first.read_bytes() == second.read_bytes()


def test_of_a_table_only_what_is_asked_for_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    artifacts.write_table(path, FRAMES, tables.FRAMES)
    part = artifacts.read_table(path, tables.FRAMES.only("time_s", "frame"))
    assert part.to_dict("list") == {"frame": [0, 1], "time_s": [0.0, 0.04]}
    FRAMES.drop(columns="time_s").to_parquet(path)
    with pytest.raises(TableError, match=r"a\.parquet: missing columns time_s"):
        artifacts.read_table(path, tables.FRAMES.only("time_s", "frame"))


def test_a_column_is_held_against_its_declaration_unless_it_was_when_written(tmp_path: Path) -> None:
    """Others' files, and those of another declaration, are looked at; our own need not be once more."""
    loose, strict = (Table("t", (Column("n", "float", "", "a number", low=low),)) for low in (None, 0))
    path, data = tmp_path / "a.parquet", pd.DataFrame({"n": [-1.0]})
    artifacts.write_table(path, data, loose)
    assert artifacts.read_table(path, loose).equals(data)
    for write in (lambda: artifacts.write_table(path, data, loose), lambda: data.to_parquet(path)):
        write()
        with pytest.raises(TableError, match="column n must be a number >= 0"):
            artifacts.read_table(path, strict)


def test_a_column_that_is_told_otherwise_is_held_to_no_less(tmp_path: Path) -> None:
    """Tables of a version that explains a column in other words are read as fast as its own."""
    of, told = (Table("t", (Column("n", "int", "", meaning, low=0),)) for meaning in ("a number", "how many there are"))
    artifacts.write_table(tmp_path / "a.parquet", pd.DataFrame({"n": [1]}), of)
    assert parquet.read_parquet(tmp_path / "a.parquet", told)[1] == ["n"]


def test_a_block_that_fails_leaves_the_old_file_and_no_part(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    artifacts.write_text(path, "old")

    def fail() -> None:
        with artifacts.whole(path) as part:
            part.write_text("half")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert path.read_text() == "old"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), r"cannot write .*a\.txt: the disk is full; free some space"),
        (PermissionError(errno.EACCES, "Permission denied"), r"cannot write .*a\.txt: no permission to write there"),
        (OSError(errno.EROFS, "Read-only file system"), r"cannot write .*a\.txt: no permission to write there"),
    ],
)
def test_a_refused_write_says_why_and_what_to_do(tmp_path: Path, error: OSError, text: str) -> None:
    def write() -> None:
        with artifacts.whole(tmp_path / "a.txt"):
            raise error

    with pytest.raises(StorageError, match=text):
        write()


def test_a_file_in_the_way_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(StorageError, match="a file is in the way"):
        artifacts.write_text(tmp_path / "a" / "b.txt", "")


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("no.csv", None, r"no such table: .*no\.csv"),
        ("empty.csv", "", r"cannot read .*empty\.csv as a table: No columns to parse"),
        ("torn.parquet", "PAR1", r"cannot read .*torn\.parquet as a table"),
        ("short.csv", "frame\n1\n", r"short\.csv: missing columns time_s, duration_s, fault"),
    ],
)
def test_what_is_no_table(tmp_path: Path, name: str, content: str | None, text: str) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(TableError, match=text):
        artifacts.read_table(tmp_path / name, tables.FRAMES)


def test_a_large_file_is_known_by_size_time_and_blocks(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"a" * 1000)
    before = artifacts.sampled_hash(path)
    assert artifacts.sampled_hash(path) == before
    path.write_bytes(b"b" * 1000)
    assert artifacts.sampled_hash(path) != before


def test_cut_off_json_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"a": ')
    assert artifacts.read_json(tmp_path / "a.json") is None
    assert artifacts.read_json(tmp_path / "b.json") is None


@pytest.mark.parametrize(("text", "value"), [('{"a": 1}', {"a": 1}), ("{", {}), ("[1]", {}), ("null", {})])
def test_what_is_no_json_object_is_empty(tmp_path: Path, text: str, value: dict[str, int]) -> None:
    (tmp_path / "a.json").write_text(text)
    assert artifacts.read_object(tmp_path / "a.json") == value
    assert artifacts.read_object(tmp_path) == {}  # a folder
    assert artifacts.read_object(tmp_path / "a.json" / "b.json") == {}  # below a file


def test_a_file_name_that_is_no_utf8_can_be_written_down(tmp_path: Path) -> None:
    artifacts.write_json(tmp_path / "a.json", {"path": "\udcff.mp4"})
    assert artifacts.read_json(tmp_path / "a.json") == {"path": "\udcff.mp4"}


def test_what_is_in_the_way_is_said_and_kept(tmp_path: Path) -> None:
    (tmp_path / "a.json").mkdir()
    with pytest.raises(StorageError, match=r"a\.json: a folder is in the way of the file; move it or choose another"):
        artifacts.write_json(tmp_path / "a.json", {})
    with pytest.raises(StorageError, match=r"the name is too long; choose a shorter out=FOLDER"):
        artifacts.write_json(tmp_path / ("x" * 300) / "a.json", {})
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_a_folder_is_made_whole_and_never_written_over(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(ZeroDivisionError), artifacts.whole_folder(out) as folder:
        (folder / "a").write_text("half")
        1 / 0  # noqa: B018
    assert list(tmp_path.iterdir()) == []
    with artifacts.whole_folder(out) as folder:
        (folder / "a").write_text("work of days")
        assert not out.exists()
    with pytest.raises(
        UsageError, match=r"out is there already, and nothing is written over; choose another out=FOLDER"
    ):
        artifacts.whole_folder(out).__enter__()
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "a"]


BOXES = Table("t", (Column("track", "int", "", "whose"), Column("word", "str", "", "a word")))


@pytest.mark.parametrize(
    ("track", "sizes"),
    [
        ([], [0]),
        ([4], [1]),
        ([1, 1, 2, 2, 2, 2, 3], [2, 5]),  # read three at a time: 1 1 2 | 2 2 2 | 3
        ([1, 1, 1, 2, 2, 2, 2, 3], [7, 1]),  # 1 1 1 | 2 2 2 | 2 3: a batch that is all of one track waits
        ([1, 1, 1, 1, 1, 1, 1], [7]),
        ([1, 2, 3, 4, 2, 3, 4], [7]),  # not by track
    ],
)
def test_a_long_table_is_read_in_blocks_that_part_no_track(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, track: list[int], sizes: list[int]
) -> None:
    monkeypatch.setattr(parquet, "_BLOCK", 3)
    path, data = tmp_path / "a.parquet", pd.DataFrame({"track": track, "word": [f"None {k % 2}" for k in track]})
    artifacts.write_table(path, data, BOXES)
    blocks = list(artifacts.read_blocks(path, BOXES, "track"))
    assert [len(block) for block in blocks] == sizes
    whole = pd.concat([block.astype({"word": "str"}) for block in blocks], ignore_index=True)
    pd.testing.assert_frame_equal(whole, artifacts.read_table(path, BOXES))


def test_blocks_of_what_is_not_as_declared(tmp_path: Path) -> None:
    """Others' files are held against the declaration as a whole: the row that is named is the file's."""
    path = tmp_path / "a.parquet"
    pd.DataFrame({"track": [1.0, 1.0, 2.5], "word": "x"}).to_parquet(path)
    with pytest.raises(TableError, match=r"a\.parquet: column track must be a whole number: 1 rows .*row 3, "):
        list(artifacts.read_blocks(path, BOXES, "track"))
    with pytest.raises(TableError, match="no such table"):
        list(artifacts.read_blocks(tmp_path / "b.parquet", BOXES, "track"))
