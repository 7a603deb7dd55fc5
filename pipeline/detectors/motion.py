"""Animals as what moves, sooner or later, before ground that does not: no weights, no training.

Seen: an animal that differs in brightness from the ground and moves at some time of the video. It is found for the
whole time, also while it rests, unless it rests longer than it moves *and* looks like the ground by its grey levels.

Not seen: animals that never move (a herd that lies); animals as bright as the ground; ground whose place was seen in
too few frames, or lies more than half a frame outside the first frame; everything after a camera motion that could not
be told, until the camera is back; stills and clips of under five frames. Found though no animal: people, cars,
shadows, reflections, branches in the wind, drawn-in captions. Animals that touch are parted by what is usual in the
video, which is a guess, and only where all animals are about alike in size.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from pipeline.boxes import FloatArray, clip
from pipeline.detectors.background import Background, background
from pipeline.detectors.blobs import Blob, find, typical
from pipeline.detectors.parting import Body, Seen
from pipeline.detectors.samples import Samples
from pipeline.types import Detections, Frame, Video, VideoInfo

_EVEN = 0.2  # share of the animals' usual contrast that scores 0.5


@dataclass
class MotionDetector:
    """Detector that learns a video's background in a first pass and finds what differs from it in a second."""

    period_s: float
    width_px: int
    samples: int
    sensitivity: float
    min_area: float
    max_area: float
    hold_s: float
    species: str

    batch: int = field(init=False, repr=False, default=1)
    previews: bool = field(init=False, repr=False, default=True)

    def __post_init__(self) -> None:
        if self.period_s < 0:
            raise ValueError(f"period_s must be >= 0, got {self.period_s}")
        if self.width_px < 32:
            raise ValueError(f"width_px must be >= 32, got {self.width_px}")
        if self.samples < 10:
            raise ValueError(f"samples must be >= 10, got {self.samples}: fewer frames do not tell ground from animals")
        if self.sensitivity <= 0:
            raise ValueError(f"sensitivity must be > 0, got {self.sensitivity}")
        if not 0 <= self.min_area < self.max_area <= 1:
            raise ValueError(f"0 <= min_area < max_area <= 1 must hold, got {self.min_area} and {self.max_area}")
        if self.hold_s < 0:
            raise ValueError(f"hold_s must be >= 0, got {self.hold_s}")
        if not self.species:
            raise ValueError("species must be a name, got ''")
        self._forget(1.0)

    def begin(self, video: Video, info: VideoInfo) -> None:
        """Forget the last video."""
        self._forget(min(1.0, self.width_px / max(info.width, info.height)))

    def preview(self, frame: Frame, to_reference: FloatArray) -> None:
        """Keep the frame's reduced picture, if it is one of the sampled ones."""
        if self._kept.offer():
            self._kept.add(frame.grey(self.width_px), self._reduced(to_reference))

    def detect(self, frames: Sequence[Frame], to_reference: FloatArray) -> list[Detections]:
        """The animals of each frame; none where the background could not be told."""
        if not self._learned:
            self._learn()
        return [self._found(frame, matrix) for frame, matrix in zip(frames, to_reference, strict=True)]

    def _forget(self, scale: float) -> None:
        self._scale = scale  # reduced pixels in a source pixel
        self._kept = Samples(self.samples)
        self._learned = False
        self._ground: Background | None = None
        self._body: Body | None = None
        self._before: list[Seen] = []  # the last frame's animals, in reduced pixels of the first frame
        self._time_s = 0.0

    def _reduced(self, matrix: FloatArray) -> FloatArray:
        """A transform of source pixels as one of reduced pixels."""
        scale = np.diag([self._scale, self._scale, 1.0])
        return scale @ matrix @ np.linalg.inv(scale)

    def _areas_px(self, shape: tuple[int, ...]) -> tuple[float, float]:
        return self.min_area * shape[0] * shape[1], self.max_area * shape[0] * shape[1]

    def _learn(self) -> None:
        self._learned = True
        kept, self._kept = self._kept, Samples(self.samples)
        if not kept.pictures:
            return
        height, width = kept.pictures[0].shape
        least_px, most_px = self._areas_px((height, width))
        ground = background(kept, self.sensitivity, least_px)
        if ground is None:
            return
        pairs = zip(kept.pictures, kept.to_reference, strict=True)
        differences = [ground.seen_from(matrix, width, height).difference(picture) for picture, matrix in pairs]
        self._ground, self._body = ground, typical(differences, least_px, most_px)

    def _found(self, frame: Frame, to_reference: FloatArray) -> Detections:
        if self._ground is None or self._body is None:
            return Detections.none()
        picture, matrix = frame.grey(self.width_px), self._reduced(to_reference)
        height, width = picture.shape
        difference = self._ground.seen_from(matrix, width, height).difference(picture)
        back: FloatArray = np.linalg.inv(matrix).astype(np.float64)
        before = [Seen(_moved(seen.centre, back), seen.area_px, seen.credit_s) for seen in self._before]
        blobs = find(difference, self._body, *self._areas_px(picture.shape), before)
        credit = self._credit(blobs, before, frame.time_s)
        self._before = [
            Seen(_moved(blob.centre, matrix), blob.area_px, credit_s)
            for blob, credit_s in zip(blobs, credit, strict=True)
        ]
        self._time_s = frame.time_s
        return self._detections(blobs, width, height)

    def _credit(self, blobs: list[Blob], before: list[Seen], time_s: float) -> list[float]:
        """For how long each blob may be told from its neighbours by memory: as long as it was seen apart from them."""
        credit = [0.0] * len(blobs)
        for seen in before if blobs else []:
            nearest = int(np.argmin([np.hypot(*(blob.centre - seen.centre)) for blob in blobs]))
            credit[nearest] = max(credit[nearest], seen.credit_s)
        step_s = time_s - self._time_s
        return [
            min(self.hold_s, old + step_s) if blob.apart else old - step_s
            for blob, old in zip(blobs, credit, strict=True)
        ]

    def _detections(self, blobs: list[Blob], width: int, height: int) -> Detections:
        xyxy = clip(np.array([blob.xyxy for blob in blobs]).reshape(-1, 4), width, height) / self._scale
        return Detections.of(xyxy, [blob.contrast / (blob.contrast + _EVEN) for blob in blobs], self.species)


def _moved(point: FloatArray, matrix: FloatArray) -> FloatArray:
    """A point [2] under a transform [3, 3]."""
    x, y, w = matrix @ [*point, 1.0]
    return np.array([x / w, y / w])
