"""Work ahead: the next items are made in a thread while the last one is used."""

import contextlib
from collections.abc import Generator, Iterator
from queue import Full, Queue
from threading import Event, Thread
from typing import Generic, TypeVar

T = TypeVar("T")

_LOOK_S = 0.1  # a thread that waits for room looks this often whether it is still wanted


class _End(Generic[T]):
    """After the last item; with the error that ended it, where there was one."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def prefetched(items: Generator[T, None, None], depth: int) -> Iterator[T]:
    """The same items, of which a thread makes up to ``depth`` (and one in hand) ahead.

    The generator runs and is closed in that thread. Its error is raised here, after the items before it. A consumer
    that closes this iterator early ends the thread before it goes on.
    """
    ready: Queue[T | _End[T]] = Queue(depth)
    unwanted = Event()
    thread = Thread(target=_work, args=(items, ready, unwanted), name="decoder", daemon=True)
    thread.start()
    try:
        while not isinstance(item := ready.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        unwanted.set()
        thread.join()


def _work(items: Generator[T, None, None], ready: "Queue[T | _End[T]]", unwanted: Event) -> None:
    end: _End[T] = _End(None)
    try:
        with contextlib.closing(items):
            for item in items:
                if not _put(item, ready, unwanted):
                    return
    except BaseException as error:
        end = _End(error)
    _put(end, ready, unwanted)


def _put(item: "T | _End[T]", ready: "Queue[T | _End[T]]", unwanted: Event) -> bool:
    """Wait for room; False where nobody wants the item any more."""
    while not unwanted.is_set():
        with contextlib.suppress(Full):
            ready.put(item, timeout=_LOOK_S)
            return True
    return False
