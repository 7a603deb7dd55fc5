"""Memory that is asked of the system once: what one frame or one batch has freed serves the next."""

import ctypes
import sys

_ARENA_MAX, _MMAP_THRESHOLD, _TRIM_THRESHOLD = -8, -3, -1  # of <malloc.h>
_LARGEST = 20 << 20  # bytes: more than a network's activations for 8 windows, less than a picture of 4K
_NEVER = 2**31 - 1  # bytes free at the heap's end before it shrinks


def steady() -> None:
    """Tell glibc's allocator to keep what is freed, in two heaps (mallopt(3)).

    Left alone it gives frames, pictures and a network's activations back to the system, which hands them out again page
    by page, zeroed: on two cores that was a third of a network's time and of the renderer's. With a heap for each
    thread they would fragment. Pictures of 4K still come and go. Other systems' allocators are left alone.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # absent from musl
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGEST)
        mallopt(_TRIM_THRESHOLD, _NEVER)
        mallopt(_ARENA_MAX, 2)
