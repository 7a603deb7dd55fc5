"""What is unchanged is not done again; what is changed in any way is."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from pipeline.chain.restart import Task, done, perform, perform_together, retract, warnings


def task(folder: Path, **settings: object) -> Task:
    return Task("square", 1, folder, settings or {"power": 2}, [folder / "in.txt"], identity="footage")


def work(folder: Path, name: str = "out.txt") -> list[Path]:
    (folder / name).write_text("4")
    return [folder / name]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in.txt").write_text("2")
    perform(task(tmp_path), lambda: work(tmp_path))
    return tmp_path


def test_done_once_is_done(folder: Path) -> None:
    assert done(task(folder))


def test_where_it_is_computed_does_not_count(folder: Path) -> None:
    perform(task(folder, power=2, device="cpu"), lambda: work(folder))
    assert done(task(folder, power=2, device="cuda"))


def change_input(folder: Path) -> Task:
    (folder / "in.txt").write_text("3")
    return task(folder)


def change_output(folder: Path) -> Task:
    (folder / "out.txt").write_text("5")
    return task(folder)


def lose_output(folder: Path) -> Task:
    (folder / "out.txt").unlink()
    return task(folder)


def cut_record(folder: Path) -> Task:
    (folder / "stages.json").write_text('{"square":')
    return task(folder)


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: task(folder, power=3),  # another setting
        lambda folder: Task("square", 2, folder, {"power": 2}, [folder / "in.txt"], "footage"),  # another version
        lambda folder: Task("square", 1, folder, {"power": 2}, [folder / "in.txt"], "other"),  # other footage
        change_input,
        change_output,  # somebody, or a torn disk, changed what was written
        lose_output,
        cut_record,
    ],
)
def test_anything_changed_is_done_again(folder: Path, change) -> None:  # type: ignore[no-untyped-def]
    assert not done(change(folder))


@pytest.mark.parametrize("setting", ["model", "classes_json"])
def test_a_setting_that_names_a_file_counts_by_its_content(tmp_path: Path, setting: str) -> None:
    (tmp_path / "in.txt").write_text("2")
    named = tmp_path / "named.file"
    named.write_text("a")
    perform(task(tmp_path, **{setting: str(named)}), lambda: work(tmp_path))
    assert done(task(tmp_path, **{setting: str(named)}))
    named.write_text("b")
    assert not done(task(tmp_path, **{setting: str(named)}))


def test_a_file_in_the_home_folder_counts_by_its_content_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "in.txt").write_text("2")
    (tmp_path / "labels.xml").write_text("a")
    perform(task(tmp_path, path="~/labels.xml"), lambda: work(tmp_path))
    assert done(task(tmp_path, path="~/labels.xml"))
    (tmp_path / "labels.xml").write_text("b")
    assert not done(task(tmp_path, path="~/labels.xml"))


def test_a_stage_that_fails_is_not_done(folder: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        perform(task(folder), lambda: [folder / str(1 / 0)])
    assert not done(task(folder))


@pytest.mark.parametrize(("identity", "left"), [("footage", True), ("", False)])
def test_what_fails_leaves_only_what_was_made_from_footage(tmp_path: Path, identity: str, left: bool) -> None:
    made = Task("square", 1, tmp_path, {"power": 2}, [], identity)
    perform(made, lambda: [*work(tmp_path), *work(tmp_path, "template.csv")])
    (tmp_path / "template.csv").write_text("filled in by hand")
    with pytest.raises(ZeroDivisionError):
        perform(Task("square", 1, tmp_path, {"power": 3}, [], identity), lambda: [tmp_path / str(1 / 0)])
    assert (tmp_path / "out.txt").exists() == left
    assert (tmp_path / "template.edited1.csv").read_text() == "filled in by hand"


def test_of_several_at_once_each_has_a_record_and_what_fails_has_none(folder: Path) -> None:
    several = [Task(name, 1, folder, {}, [folder / "in.txt"]) for name in ("first", "second", "third")]
    for one in several:
        perform(one, partial(work, folder, f"{one.name}.txt"))

    def works() -> Iterator[list[Path]]:
        assert not any(done(one) for one in several)  # all are dropped before the first is at work
        yield work(folder, "first.txt")
        yield work(folder, str(1 / 0))

    with pytest.raises(ZeroDivisionError):
        perform_together(several, works)
    assert [done(one) for one in several] == [True, False, False]
    assert done(task(folder))  # another's record is untouched


def test_a_csv_that_somebody_edited_is_kept(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    perform(task(folder), lambda: work(folder, "template.csv"))
    (folder / "template.csv").write_text("filled in by hand")
    perform(task(folder, power=3), lambda: work(folder, "template.csv"))
    assert (folder / "template.edited1.csv").read_text() == "filled in by hand"
    assert (folder / "template.csv").read_text() == "4"
    assert "template.csv was edited: kept as template.edited1.csv" in caplog.text


def test_files_not_written_again_are_removed(folder: Path) -> None:
    perform(task(folder), lambda: work(folder, "other.txt"))
    assert not (folder / "out.txt").exists()
    assert done(task(folder))


def test_what_is_no_longer_asked_for_is_removed_but_for_what_somebody_edited(folder: Path) -> None:
    perform(task(folder), lambda: [*work(folder), *work(folder, "template.csv")])
    (folder / "template.csv").write_text("filled in by hand")
    retract(folder, "square")
    retract(folder, "never done")
    assert sorted(path.name for path in folder.iterdir()) == ["in.txt", "stages.json", "template.edited1.csv"]
    assert not done(task(folder))


@pytest.mark.parametrize(
    "record",
    [
        "",  # cut off
        "[]",  # not a record of stages
        '{"square": 3}',
        '{"square": {"fingerprint": "a"}}',  # half of one
        '{"square": {"fingerprint": "a", "writes": 5, "warnings": []}}',
    ],
)
def test_a_record_that_is_not_whole_is_made_again(folder: Path, record: str) -> None:
    (folder / "stages.json").write_text(record)
    assert not done(task(folder))
    assert warnings(folder) == []
    perform(task(folder), lambda: work(folder))
    assert done(task(folder))
