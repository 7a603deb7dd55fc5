"""Identities that came with imported boxes."""

from dataclasses import dataclass

import numpy as np

from pipeline.errors import TableError
from pipeline.trackers import NONE
from pipeline.types import Detections, IntArray


@dataclass
class ReplayTracker:
    """Hands on ``given_id`` (CVAT counts from 0); a box that came without one belongs to no track."""

    @property
    def keeps_ids(self) -> bool:
        """The identities are the user's."""
        return True

    def begin(self, period_s: float) -> None:
        """Nothing is kept from one frame to the next."""

    def update(self, time_s: float, detections: Detections) -> IntArray:
        """The given identities ``[n]``; ``TableError`` where one stands twice in a frame."""
        ids = detections.given_id
        known, count = np.unique(ids[ids != NONE], return_counts=True)
        if (count > 1).any():
            twice = ", ".join(str(number) for number in known[count > 1])
            raise TableError(f"identity {twice} is given to several boxes at {time_s:.3f} s; correct the labels")
        return ids.copy()
