"""The whole frame as one animal: for videos that already are mini-scenes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.boxes import FloatArray
from pipeline.types import Detections, Frame, Video, VideoInfo


@dataclass
class WholeDetector:
    """One box a frame, as large as the frame, with identity 1, so that ``tracker=replay`` follows it too."""

    species: str
    period_s: float
    batch: int
    previews: bool = field(init=False, default=False)
    _size: tuple[int, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.species:
            raise ValueError("species must not be empty; say animal where you do not know")
        if self.period_s < 0:
            raise ValueError(f"period_s must be >= 0, got {self.period_s}")
        if self.batch < 1:
            raise ValueError(f"batch must be >= 1, got {self.batch}")

    def begin(self, video: Video, info: VideoInfo) -> None:
        """Take the size of the video."""
        self._size = (info.width, info.height)

    def preview(self, frame: Frame, to_reference: FloatArray) -> None:
        """Never called."""

    def detect(self, frames: Sequence[Frame], to_reference: FloatArray) -> list[Detections]:
        """The frame itself, each time."""
        found = Detections.of([[0, 0, *self._size]], 1.0, self.species)
        found.given_id[:] = 1
        return [found for _ in frames]
