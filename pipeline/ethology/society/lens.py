"""How the camera stood in each frame of a video."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.camera import transforms
from pipeline.types import IntArray


@dataclass(frozen=True)
class Lens:
    """How the camera stood; a frame without a row stands as the row before it."""

    row: IntArray  # [frames] which of the m rows each frame has
    matrices: FloatArray  # [m, 3, 3] to the reference frame
    scale: FloatArray  # [m] pixels of the reference frame by a source pixel
    unknown: IntArray  # [m] unknown motions up to there

    @classmethod
    def of(cls, camera: pd.DataFrame) -> "Lens":
        """From tables.CAMERA; where that is empty it stood still."""
        if camera.empty:
            return cls(np.zeros(1, dtype=np.int64), np.eye(3)[None], np.ones(1), np.zeros(1, dtype=np.int64))
        rows = camera.sort_values("frame", kind="stable")
        frame, matrices = rows["frame"].to_numpy(), transforms(rows)
        row = np.maximum(np.searchsorted(frame, np.arange(frame[-1] + 1), side="right") - 1, 0)
        scale = np.sqrt(np.abs(np.linalg.det(matrices[:, :2, :2])))
        return cls(row, matrices, scale, np.cumsum(~rows["known"].to_numpy(dtype=bool)))

    def rows(self, frame: IntArray) -> IntArray:
        """Which of the m rows each frame ``[n]`` has."""
        return looked_up(self.row, frame)

    def steady(self, point: FloatArray, row: IntArray) -> FloatArray:
        """Points ``[n, 2]`` in pixels of the reference frame, each seen as the camera stood in its ``row [n]``."""
        turned: FloatArray = np.einsum("nij,nj->ni", self.matrices[row, :2, :2], point)
        return turned + self.matrices[row, :2, 2]


def looked_up(by_frame: IntArray, frame: IntArray) -> IntArray:
    """The values of frames ``[n]``; those after the last have its value."""
    found: IntArray = by_frame[np.minimum(frame, len(by_frame) - 1)]
    return found
