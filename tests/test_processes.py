"""What does not rest on each other is done at the same time."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.util import find_spec
from multiprocessing import forkserver
from pathlib import Path
from threading import Event
from time import sleep
from types import SimpleNamespace

import pytest

from pipeline import processes
from pipeline.artifacts import write_text
from pipeline.chain import study
from pipeline.chain.desk import OF_BOUTS, StudyStage
from pipeline.processes import cores, kept_processes, load_ahead, side_by_side


@pytest.fixture
def two_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two threads in place of the processes, of which each takes more than a second to begin."""
    monkeypatch.setattr(processes, "cores", lambda: 2)
    monkeypatch.setattr(processes, "_pool", lambda: ThreadPoolExecutor(2))


def test_cores_are_those_that_this_process_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 128)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 7}, raising=False)  # taskset -c 3,7
    assert cores() == 2
    monkeypatch.delattr(os, "sched_getaffinity")  # as on Windows, where a pool takes no more than 61
    assert cores() == 61


@pytest.mark.usefixtures("two_threads")
def test_work_begins_before_its_result_is_asked_for() -> None:
    begun = Event()
    answers = side_by_side([begun.set], much=True)
    assert begun.wait(10)
    assert list(answers) == [None]


def test_of_little_nothing_is_done_before_it_is_asked_for() -> None:
    begun = Event()
    answers = side_by_side([begun.set], much=False)
    assert not begun.is_set()
    assert list(answers) == [None]


@pytest.mark.usefixtures("two_threads")
def test_where_the_block_fails_what_is_not_begun_is_left_out() -> None:
    begun = Event()
    with pytest.raises(ZeroDivisionError), kept_processes():
        side_by_side([partial(sleep, 0.1), partial(sleep, 0.1), begun.set], much=True)
        raise ZeroDivisionError
    assert not begun.is_set()


@pytest.mark.usefixtures("two_threads")
def test_what_rests_on_bouts_is_at_work_while_videos_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = Event()
    of_videos = StudyStage("society", 1, (), ("video.json",), (), lambda desk: [begun.wait(10)])
    of_bouts = StudyStage("bouts", 1, (), (), OF_BOUTS, lambda desk: [begun.set()])
    monkeypatch.setattr(study, "_much", lambda desk: True)
    assert list(study._answers(SimpleNamespace(), [of_videos, of_bouts])) == [[True], [None]]


def test_videos_are_begun_between_what_rests_on_bouts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "cores", lambda: 2)
    monkeypatch.setattr(processes, "_pool", lambda: ThreadPoolExecutor(1))
    monkeypatch.setattr(study, "_much", lambda desk: True)
    order: list[str] = []

    def of_videos(desk: object) -> Iterator[str]:
        parts = side_by_side([partial(order.append, "video")], much=True)
        return (f"table of {part}" for part in parts)

    society = StudyStage("society", 1, (), ("video.json",), (), of_videos)
    of_bouts = [StudyStage(name, 1, (), (), OF_BOUTS, lambda _, name=name: [order.append(name)]) for name in "ab"]
    with kept_processes():
        assert [*map(list, study._answers(SimpleNamespace(), [society, *of_bouts]))] == [
            ["table of None"],
            [None],
            [None],
        ]
    assert order == ["a", "video", "b"]


def test_processes_that_were_loaded_ahead_do_the_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(processes, "cores", lambda: 2)
    monkeypatch.setattr(processes, "LOADED", ("json",))
    monkeypatch.setattr(processes, "MUCH", 1)
    write_text(tmp_path / "videos" / "film" / "tracks.parquet", "many")
    load_ahead([tmp_path])
    with kept_processes():
        others = set(side_by_side([os.getpid, os.getpid], much=True))
    assert os.getpid() not in others


def test_what_is_loaded_ahead_is_there() -> None:
    assert all(find_spec(name) for name in processes.LOADED)


def test_of_little_nothing_is_loaded_ahead(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(forkserver, "ensure_running", lambda: pytest.fail("a process was begun"))
    load_ahead([tmp_path, tmp_path / "nowhere"])
