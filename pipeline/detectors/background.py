"""What a video shows where no animal is, and by how much a frame must differ from it to show one."""

from dataclasses import dataclass, field

import cv2
import numpy as np

from pipeline.boxes import FloatArray
from pipeline.detectors.resting import bare
from pipeline.detectors.samples import Grey, Samples, aligned, brightness_gain, coarse
from pipeline.types import Image

_LEAST_LEVELS = 8.0  # a smaller difference is never told from compression noise
_FAINT = 0.15  # share of the animals' usual contrast that the faintest part of one has
_NOISIEST = 0.4  # share of it that passes for noise at most


@dataclass(frozen=True)
class Background:
    """The bare ground on a canvas of reduced pixels: what it looks like and where it is known."""

    level: Image  # [h, w] grey levels
    limit: Image  # [h, w] grey levels beyond which a difference is no noise
    known: Image  # [h, w] 255, or 0 where the ground was seen too seldom
    contrast: float  # grey levels between the animals and the ground
    from_reference: FloatArray  # [3, 3] from reduced pixels of the first frame to the canvas
    moving: bool
    blocks: Grey = field(init=False, repr=False)  # its brightness

    def __post_init__(self) -> None:
        object.__setattr__(self, "blocks", coarse(self.level, self.known))

    def seen_from(self, to_reference: FloatArray, width: int, height: int) -> "Background":
        """The part that a frame with this transform shows, in that frame's pixels."""
        if not self.moving:
            return self
        view = np.linalg.inv(self.from_reference @ to_reference)
        level, limit, known = (
            cv2.warpPerspective(part, view, (width, height)) for part in (self.level, self.limit, self.known)
        )
        return Background(level, limit, np.where(known == 255, known, 0), self.contrast, self.from_reference, True)

    def difference(self, picture: Image) -> Grey:
        """By how much each pixel differs from the ground [h, w], 1 being the animals' usual contrast.

        0 where it is within the noise, or the ground is not known.
        """
        shown = cv2.convertScaleAbs(picture, alpha=brightness_gain(coarse(picture), self.blocks))
        away = cv2.absdiff(shown, self.level)
        counts = cv2.bitwise_and(cv2.compare(away, self.limit, cv2.CMP_GT), self.known)
        return np.asarray(cv2.bitwise_and(away, counts) / np.float32(self.contrast), dtype=np.float32)


def background(samples: Samples, sensitivity: float, least_px: float) -> Background | None:
    """The background of a video; None where too few frames were seen, or nothing ever moves.

    ``sensitivity`` is in standard deviations of the ground's own fluctuation, ``least_px`` the smallest animal.
    """
    sight = aligned(samples)
    if sight is None:
        return None
    limit = np.maximum(sensitivity * sight.noise, _LEAST_LEVELS).astype(np.float32)
    if sight.moving:
        limit += _detail(sight.median)
    level, looks = bare(sight.median, sight.stack, limit, least_px)
    if looks is None:
        return None
    rested = cv2.dilate((cv2.absdiff(level, sight.median) > limit).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    limit[rested] = np.median(limit)  # what fluctuated there was the animal
    limit = np.clip(limit, _FAINT * looks.contrast, _NOISIEST * looks.contrast)
    known = np.where(sight.known, 255, 0).astype(np.uint8)
    return Background(_levels(level), _levels(limit), known, looks.contrast, sight.from_reference, sight.moving)


def _levels(values: Grey) -> Image:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def _detail(level: Grey) -> Grey:
    """Range of grey levels within two pixels: what a misfit of the moving camera's pictures changes."""
    kernel = np.ones((5, 5), np.uint8)
    return np.asarray(cv2.dilate(level, kernel) - cv2.erode(level, kernel), dtype=np.float32)
