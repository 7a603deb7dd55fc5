"""Where neighbours in a row are equal."""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray


def stretches(values: NDArray[Any]) -> list[tuple[int, int]]:
    """First place and that after the last of every stretch of equal neighbours in ``values`` [n]; none where n is 0."""
    cuts = np.flatnonzero(values[1:] != values[:-1]) + 1
    return list(pairwise([0, *cuts.tolist(), len(values)])) if len(values) else []
