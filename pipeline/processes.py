"""What is done of each video by itself, by several processes at once where there is much of it."""

import logging
import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")
MUCH = 64 * 2**20  # bytes of tables; of fewer the work is done before the processes have begun


def over_videos(work: Callable[..., T], folders: Mapping[str, Path], *told: Iterable[Any]) -> Iterator[T]:
    """``work(key, ...)`` of every video in order, with an item of each of ``told``.

    ``folders`` hold the videos' tables. Where these are large there is a process a core, so that the work, its items
    and what it gives back must be picklable. What it warns of is said here, video by video.
    """
    number = min(multiprocessing.cpu_count(), len(folders))
    if number < 2 or sum(map(_bytes, folders.values())) < MUCH:
        yield from map(work, folders, *told)
        return
    spawn = multiprocessing.get_context("spawn")  # threads of libraries do not survive a fork
    with ProcessPoolExecutor(number, spawn, one_core) as pool:
        for result, lines in pool.map(partial(_listened, work), folders, *told):
            for line in lines:
                log.warning("%s", line)
            yield result


def one_core() -> None:
    """Keep this process to one core, because others work on the rest.

    Left alone, the linear algebra of 16 processes runs on 16 threads each: rendering then took eight times as long.
    """
    import cv2
    import pyarrow as pa
    from threadpoolctl import threadpool_limits

    cv2.setNumThreads(1)
    threadpool_limits(1)
    pa.set_cpu_count(1)


@contextmanager
def heard() -> Iterator[list[str]]:
    """Collects what the package warns of inside the block."""
    lines: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("pipeline")
    logger.addHandler(handler)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)


def _listened(work: Callable[..., T], key: str, *told: Any) -> tuple[T, list[str]]:
    with heard() as lines:
        result = work(key, *told)
    return result, lines


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*.parquet"))
