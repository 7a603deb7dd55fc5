"""What does not rest on each other is done at the same time."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event
from time import sleep
from types import SimpleNamespace

import pytest

from pipeline import processes
from pipeline.chain import study
from pipeline.chain.desk import OF_BOUTS, StudyStage
from pipeline.processes import kept_processes, side_by_side


@pytest.fixture(autouse=True)
def two_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two threads in place of the processes, of which each takes more than a second to begin."""
    monkeypatch.setattr(processes.multiprocessing, "cpu_count", lambda: 2)
    monkeypatch.setattr(processes, "_pool", lambda: ThreadPoolExecutor(2))


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


def test_where_the_block_fails_what_is_not_begun_is_left_out() -> None:
    begun = Event()
    with pytest.raises(ZeroDivisionError), kept_processes():
        side_by_side([partial(sleep, 0.1), partial(sleep, 0.1), begun.set], much=True)
        raise ZeroDivisionError
    assert not begun.is_set()


def test_what_rests_on_bouts_is_at_work_while_videos_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = Event()
    of_videos = StudyStage("society", 1, (), ("video.json",), (), lambda desk: [begun.wait(10)])
    of_bouts = StudyStage("bouts", 1, (), (), OF_BOUTS, lambda desk: [begun.set()])
    monkeypatch.setattr(study, "_much", lambda desk: True)
    assert list(study._answers(SimpleNamespace(), [of_videos, of_bouts])) == [[True], [None]]
