"""What the detectors with a network share: their settings, and tiles of many frames through it in fixed batches."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.detectors.merging import merge
from pipeline.detectors.tiles import pyramid
from pipeline.rules import hold
from pipeline.types import Detections, Frame, Image, IntArray, Video, VideoInfo

MOST = 1000  # boxes a tile at most; the libraries' own limits of 100 to 300 are near the size of a flock


@dataclass
class NetworkDetector(ABC):
    """A detector that looks at a pyramid of tiles of every frame. Weights are loaded with the first video.

    ``tiles`` are sides in source pixels, 0 the whole frame; ``overlap`` is the least share of a side that neighbours
    have in common; ``batch`` is the number of frames taken at once, and of tiles that the network sees at once.
    """

    classes: list[str]
    species: dict[str, str]
    min_score: float
    iou: float
    tiles: list[int]
    overlap: float
    period_s: float
    batch: int
    device: str
    half: bool
    previews: bool = field(init=False, default=False, repr=False)
    _loaded: bool = field(init=False, default=False, repr=False)

    def __post_init__(self) -> None:
        hold(
            {
                "min_score must be in (0, 1]": (self.min_score, 0 < self.min_score <= 1),
                "iou must be in (0, 1]": (self.iou, 0 < self.iou <= 1),
                "tiles must be sides in px, 0 for the whole frame, at least one": (
                    self.tiles,
                    bool(self.tiles) and min(self.tiles) >= 0,
                ),
                "overlap must be in [0, 0.9]": (self.overlap, 0 <= self.overlap <= 0.9),
                "period_s must be >= 0": (self.period_s, self.period_s >= 0),
                "batch must be >= 1": (self.batch, self.batch >= 1),
            }
        )

    def begin(self, video: Video, info: VideoInfo) -> None:
        """Load the weights before the first video; nothing is remembered from one video to the next."""
        if not self._loaded:
            self._load()
            self._loaded = True

    def preview(self, frame: Frame, to_reference: FloatArray) -> None:
        """Not asked for: this detector needs no first pass."""
        raise NotImplementedError(f"{type(self).__name__} does not preview")

    def detect(self, frames: Sequence[Frame], to_reference: FloatArray) -> list[Detections]:
        """The animals of each frame, one box each, in source pixels; the camera's motion plays no part."""
        images = [frame.image for frame in frames]
        plans = [pyramid(image.shape[1], image.shape[0], self.tiles, self.overlap) for image in images]
        found = [[Detections.none()] * len(plan) for plan in plans]
        for places in self._batches(plans):
            answers = self._predict([_crop(images[i], plans[i][k]) for i, k in places])
            for (i, k), answer in zip(places, answers, strict=True):
                found[i][k] = replace(answer, xyxy=answer.xyxy + np.tile(plans[i][k, :2], 2))
        seen = zip(found, plans, images, strict=True)
        return [merge(f, plan, image.shape[1], image.shape[0], self.iou) for f, plan, image in seen]

    def _batches(self, plans: list[IntArray]) -> Iterator[list[tuple[int, int]]]:
        """Frame and tile numbers in batches of tiles of one size, so that no tile's padding depends on its company."""
        of_size: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for i, plan in enumerate(plans):
            for k, (x1, y1, x2, y2) in enumerate(plan.tolist()):
                if x2 > x1 and y2 > y1:
                    of_size.setdefault((x2 - x1, y2 - y1), []).append((i, k))
        for places in of_size.values():
            yield from (places[k : k + self.batch] for k in range(0, len(places), self.batch))

    @abstractmethod
    def _load(self) -> None:
        """Load the weights; the errors say what is missing and what to do."""

    @abstractmethod
    def _predict(self, crops: list[Image]) -> list[Detections]:
        """The kept classes' boxes of each RGB crop, as species, in pixels of the crop. Crops are of one size."""


def _crop(image: Image, tile: IntArray) -> Image:
    x1, y1, x2, y2 = tile
    return image[y1:y2, x1:x2]
