"""Detectors: frames in, boxes of animals out."""

from collections.abc import Sequence
from typing import Protocol

from pipeline.boxes import FloatArray
from pipeline.types import Detections, Frame, Video, VideoInfo


class Detector(Protocol):
    """Finds animals in the frames of one video after another.

    ``begin`` is called once per video. A detector that ``previews`` then sees every analysed frame through ``preview``,
    in order, before the first ``detect``; any other is asked at once. ``detect`` gets the analysed frames in order, in
    batches of ``batch``, each with the transform [3, 3] from it to the video's reference frame.
    """

    period_s: float  # one frame is analysed in every period; 0: every frame
    batch: int
    previews: bool

    def begin(self, video: Video, info: VideoInfo) -> None:
        """Forget the last video; look up what is known of this one."""

    def preview(self, frame: Frame, to_reference: FloatArray) -> None:
        """See a frame of the first pass; only called where ``previews``."""

    def detect(self, frames: Sequence[Frame], to_reference: FloatArray) -> list[Detections]:
        """The animals of each frame; ``to_reference`` is ``[len(frames), 3, 3]``."""
