"""What the next steps of a training are shown, made by other processes while the network learns from this one."""

import signal
from collections.abc import Callable, Iterator
from typing import Any

from pipeline.errors import EthopipeError


def ahead(make: Callable[[int], Any], steps: range, workers: int, pinned: bool = False) -> Iterator[Any]:
    """``make(step)`` of each step in turn; ``workers`` processes make them ahead, 0: each is made when it is asked for.

    torch's own loader does it. ``pinned`` puts the tensors where a GPU fetches them by itself. An error of ours arrives
    as it was raised, whichever process raised it.
    """
    import cv2
    import torch
    from torch.utils.data import DataLoader

    if workers:
        cv2.setNumThreads(1)  # OpenCV's threads do not outlive the fork: a worker would wait for them for ever
    loader = DataLoader(
        _Made(make),  # a data set is whatever can be indexed
        batch_size=None,
        sampler=steps,
        num_workers=workers,
        collate_fn=_as_it_is,
        pin_memory=pinned,
        worker_init_fn=_undisturbed,
        generator=torch.Generator(),  # the loader draws a number, and not from the training's own
    )
    for made in loader:
        if isinstance(made, EthopipeError):
            raise made
        yield made


class _Made:
    def __init__(self, make: Callable[[int], Any]) -> None:
        self._make = make

    def __getitem__(self, step: int) -> Any:
        try:
            return self._make(step)
        except EthopipeError as error:  # given, not raised: the loader would make a page of tracebacks of it
            return error


def _as_it_is(batch: Any) -> Any:
    return batch


def _undisturbed(_worker: int) -> None:
    """Ctrl-C is for the training alone, which keeps its checkpoint and then lets its workers go."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
