"""Memory that does not grow with a video's length: frames go back to the system when they are freed."""

import ctypes
import sys

_ARENA_MAX, _MMAP_THRESHOLD = -8, -3  # of <malloc.h>
_LARGE = 1 << 20  # bytes; a frame's planes and pictures are larger


def steady() -> None:
    """Tell glibc's allocator to map every large block by itself.

    By default it learns from the first freed frame to keep such blocks in its heaps, one a thread, where they fragment:
    a 60 s clip then took 200 MB more than a 10 s one (mallopt(3), M_MMAP_THRESHOLD). Other systems are left alone.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # absent from musl
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGE)
        mallopt(_ARENA_MAX, 2)
