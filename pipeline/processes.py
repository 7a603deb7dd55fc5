"""What does not rest on each other, by several processes at once where there is much of it."""

import gc
import logging
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from contextvars import ContextVar
from functools import partial
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any, TypeVar

from pipeline.memory import steady

log = logging.getLogger(__name__)

T = TypeVar("T")
_kept: ContextVar[ProcessPoolExecutor | None] = ContextVar("_kept", default=None)
# what all work rests on: 1.8 s to load
LOADED = ("pipeline.chain.study", "matplotlib.backends.backend_svg", "matplotlib.figure")
MOST = 61  # processes that Windows lets one wait for
MUCH = 64 * 2**20  # bytes of tables; of fewer the work is done before the processes have begun


def cores() -> int:
    """How many cores this process may use: those that SLURM, taskset or a container's cpuset gave it."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return min(MOST, os.cpu_count() or 1)


def over_videos(work: Callable[..., T], folders: Mapping[str, Path], *told: Iterable[Any]) -> Iterator[T]:
    """``work(key, ...)`` of every video in order, with an item of each of ``told``.

    ``folders`` hold the videos' tables. Where these are large there is a process a core, so that the work, its items
    and what it gives back must be picklable. What it warns of is said here, video by video.
    """
    works = [partial(work, key, *own) for key, *own in zip(folders, *told, strict=True)]
    return side_by_side(works, len(works) > 1 and large(folders))


def large(folders: Mapping[str, Path]) -> bool:
    """Are the tables in these folders so large that processes are worth their beginning?"""
    return sum(path.stat().st_size for folder in folders.values() for path in folder.glob("*.parquet")) >= MUCH


def side_by_side(works: Iterable[Callable[[], T]], much: bool) -> Iterator[T]:
    """What each gives, in order; where it is ``much``, of processes as many as there are cores.

    Works and what they give must then be picklable. They are begun at once, before the last of ``works`` is known and
    the first result is asked for. What they warn of is said here, one after the other.
    """
    if cores() < 2 or multiprocessing.parent_process() or not much:  # no work divides itself again
        return (work() for work in works)
    kept = _kept.get()
    pool = kept or _pool()
    return _told(pool.map(_listened, works), nullcontext() if kept else pool)


@contextmanager
def kept_processes() -> Iterator[None]:
    """Processes begun inside the block stay for what follows in it: each takes more than a second to begin."""
    with _pool() as pool:
        token = _kept.set(pool)
        try:
            yield
        finally:
            _kept.reset(token)
            pool.shutdown(cancel_futures=True)  # where the block failed


def _pool() -> ProcessPoolExecutor:
    """A process a core, none of which begins before there is work for it."""
    return ProcessPoolExecutor(cores(), _context(), one_core)


def _context() -> BaseContext:
    """They are forked, but not from this process, whose libraries' threads do not survive it: from one that has only
    loaded what they need. Where that is not safe either, each loads it by itself.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(LOADED))
    return context


def load_ahead(runs: Iterable[Path]) -> None:
    """Begin to load, beside this process, what others will need for tables as large as those of these runs."""
    with suppress(OSError):  # what is wrong with a run is said by who reads it
        if sys.platform == "linux" and large({str(video): video for run in runs for video in run.glob("videos/**")}):
            from multiprocessing.forkserver import ensure_running

            _context()
            ensure_running()


def one_core() -> None:
    """Keep this process to one core, because others work on the rest, and the memory that it frees to itself.

    Left alone, the linear algebra of 16 processes runs on 16 threads each: rendering then took eight times as long.
    """
    import cv2
    import pyarrow as pa
    from threadpoolctl import threadpool_limits

    steady()
    gc.freeze()  # what was loaded is there to stay: no need to look through it again and again
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # of libraries that are loaded later
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


def _listened(work: Callable[[], T]) -> tuple[T, list[str]]:
    import pyarrow as pa

    with heard() as lines:
        result = work()
    pa.default_memory_pool().release_unused()  # what one work leaves is not the next one's
    return result, lines


def _told(answers: Iterator[tuple[T, list[str]]], pool: AbstractContextManager[Any]) -> Iterator[T]:
    with pool:
        for result, lines in answers:
            for line in lines:
                log.warning("%s", line)
            yield result
