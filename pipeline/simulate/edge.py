"""The edge of the footage that an animal reaches out of: how much of it is left, and what of a clip is black."""

from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.types import BoolArray

SHARE = 0.25  # of the clips that an edge goes through
KEPT = (0.5, 1.2)  # across the animal's box, at the middle of a clip; above 1 only the ground beside it is cut
LEAST_KEPT = 0.4  # at any moment: an edge that goes further stops there


@dataclass(frozen=True)
class Edge:
    """One of the four: ``axis`` 0 is the left or right one, 1 the top or bottom one; ``far`` is right or bottom.

    Across the animal's box ``kept`` of it is in the footage at the clip's middle. Then the edge goes with the animal
    (``still`` 0, a camera that follows it), stays with the ground (1, a camera that hovers), or anything between.
    """

    axis: int
    far: bool
    kept: float
    still: float

    def places(self, boxes: FloatArray, ground: FloatArray) -> FloatArray:
        """Where it is at each moment, [T] px along its axis: of animals' boxes [T, 4] and of a place of the ground
        [T, 2] in the same pixels.
        """
        low, high = boxes[:, self.axis], boxes[:, 2 + self.axis]
        start, way = (low, high - low) if self.far else (high, low - high)
        middle = len(boxes) // 2
        moved = self.still * (ground[:, self.axis] - ground[middle, self.axis])
        rides = (1 - self.still) * (start - start[middle])
        wanted = start[middle] + self.kept * way[middle] + moved + rides
        least = start + LEAST_KEPT * way
        return np.asarray(np.maximum(wanted, least) if self.far else np.minimum(wanted, least))

    def parts(self, boxes: FloatArray, places: FloatArray) -> FloatArray:
        """The boxes [T, 4] of what is on this side of it."""
        cut, column = boxes.copy(), self.axis + 2 * self.far
        cut[:, column] = (np.minimum if self.far else np.maximum)(boxes[:, column], places)
        return cut

    def past(self, places: FloatArray, width: int, height: int) -> BoolArray:
        """Which pixels are not in the footage [T, H, W]."""
        rows, columns = np.mgrid[:height, :width] + 0.5
        along = rows if self.axis else columns
        edge = places[:, None, None]
        return np.asarray(along > edge if self.far else along < edge, dtype=bool)


def draw(rng: np.random.Generator) -> Edge:
    """An edge through ``SHARE`` of the clips, far away from the others."""
    kept = float(rng.uniform(*KEPT)) if rng.random() < SHARE else np.inf
    return Edge(int(rng.integers(2)), bool(rng.integers(2)), kept, float(rng.random()))
