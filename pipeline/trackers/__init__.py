"""Trackers: the boxes of one moment in, identities out."""

from typing import Protocol

from pipeline.types import Detections, IntArray


class Tracker(Protocol):
    """Follows the animals of one video after another. It owns its identities, which start at 1 with every video."""

    def reset(self, period_s: float) -> None:
        """Begin a video whose frames are analysed every ``period_s`` seconds."""

    def update(self, time_s: float, detections: Detections) -> IntArray:
        """Identity of each box ``[n]``, 0 where it was given none.

        Called once per analysed frame in order, also when nothing was found. Boxes come in the video's reference frame:
        the camera's motion is already taken out.
        """
