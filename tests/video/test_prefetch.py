"""Working ahead is bounded, and ends when nobody wants it any more."""

import threading
from collections.abc import Generator
from pathlib import Path

import pytest

from pipeline.video.prefetch import prefetched
from tests.footage import footage, write_video


def test_closing_early_ends_the_thread(tmp_path: Path) -> None:
    frames = footage(write_video(tmp_path / "clip.mp4", 60)).frames()
    assert next(frames).index == 0
    assert any(thread.name == "decoder" for thread in threading.enumerate())
    frames.close()
    assert not any(thread.name == "decoder" for thread in threading.enumerate())


def test_work_ahead_is_bounded_and_errors_arrive_after_the_items_before_them() -> None:
    made: list[int] = []

    def failing() -> Generator[int, None, None]:
        for i in range(50):
            made.append(i)
            yield i
        raise OSError("unplugged")

    items = prefetched(failing(), depth=3)
    for i in range(50):
        assert next(items) == i
        assert len(made) <= i + 1 + 3 + 1  # used, waiting, in hand
    with pytest.raises(OSError, match="unplugged"):
        next(items)
