"""How a long stretch of one behaviour becomes clips of equal length."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

PIECE_S = 4.0  # a longer stretch gives several clips, of equal length
LEAST_S = 0.3  # a shorter stretch shows nothing of a behaviour


def pieces(start_s: float, stop_s: float) -> Iterator[tuple[float, float]]:
    """Start and stop of the clips of ``[start_s, stop_s)``; none where it is shorter than ``LEAST_S``."""
    if stop_s - start_s >= LEAST_S - 1e-9:
        count = max(int(np.ceil((stop_s - start_s) / PIECE_S - 1e-9)), 1)
        yield from pairwise(np.linspace(start_s, stop_s, count + 1).round(6).tolist())
