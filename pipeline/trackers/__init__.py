"""Trackers: the boxes of one moment in, identities out."""

from typing import Protocol

from pipeline.types import Detections, IntArray

NONE = -1  # the identity of a box that was given none


class Tracker(Protocol):
    """Follows the animals of one video after another. It owns its identities.

    An association numbers its tracks from 1 with every video. A tracker that ``keeps_ids`` hands on identities that
    somebody else gave (from 0): they are not renumbered, joined or dropped afterwards.
    """

    keeps_ids: bool

    def reset(self, period_s: float) -> None:
        """Begin a video whose frames are analysed every ``period_s`` > 0 seconds."""

    def update(self, time_s: float, detections: Detections) -> IntArray:
        """Identity of each box ``[n]``, ``NONE`` (-1) where it was given none.

        Called once per analysed frame in order, also when nothing was found. Boxes come in the video's reference frame:
        the camera's motion is already taken out.
        """
