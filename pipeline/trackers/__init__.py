"""Trackers: the boxes of one moment in, identities out."""

from typing import Protocol

from pipeline.types import Detections, IntArray

NONE = -1  # the identity of a box that was given none


class Tracker(Protocol):
    """Follows the animals of one video after another. It owns its identities, which start at 1 with every video."""

    @property
    def keeps_ids(self) -> bool:
        """True where identities were given by somebody else (from 0): nothing renumbers, joins or drops them later."""

    def begin(self, period_s: float) -> None:
        """Begin a video whose frames are analysed every ``period_s`` > 0 seconds."""

    def update(self, time_s: float, detections: Detections) -> IntArray:
        """Identity of each box ``[n]``, ``NONE`` (-1) where it was given none.

        Called once per analysed frame in order, also when nothing was found. Boxes come in the video's reference frame:
        the camera's motion is already taken out.
        """
