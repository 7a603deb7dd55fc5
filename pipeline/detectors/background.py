"""What a video shows where no animal is, and by how much a frame must differ from it to show one."""

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.boxes import FloatArray
from pipeline.detectors.resting import bare
from pipeline.detectors.samples import Grey, Mask, Samples, aligned, brightness_gain
from pipeline.types import Image

_LEAST_LEVELS = 8.0  # a smaller difference is never told from compression noise
_FAINT = 0.15  # share of the animals' usual contrast that the faintest part of one has
_NOISIEST = 0.4  # share of it that passes for noise at most


@dataclass(frozen=True)
class Background:
    """The bare ground on a canvas of reduced pixels: what it looks like and where it is known."""

    level: Grey
    limit: Grey  # grey levels beyond which a difference is no noise
    known: Mask
    contrast: float  # grey levels between the animals and the ground
    from_reference: FloatArray  # [3, 3] from reduced pixels of the first frame to the canvas
    moving: bool

    def seen_from(self, to_reference: FloatArray, width: int, height: int) -> "Background":
        """The part that a frame with this transform shows, in that frame's pixels."""
        if not self.moving:
            return self
        view = np.linalg.inv(self.from_reference @ to_reference)
        size = (width, height)
        known = cv2.warpPerspective(self.known.astype(np.uint8), view, size) > 0
        level, limit = (cv2.warpPerspective(part, view, size) for part in (self.level, self.limit))
        return Background(level, limit, known, self.contrast, self.from_reference, True)

    def difference(self, picture: Image) -> Grey:
        """By how much each pixel differs from the ground [h, w], 1 being the animals' usual contrast.

        0 where it is within the noise, or the ground is not known.
        """
        gain = brightness_gain(picture, self.level, self.known)
        away = cv2.absdiff(picture.astype(np.float32) * np.float32(gain), self.level)
        return np.where(self.known & (away > self.limit), away / np.float32(self.contrast), np.float32(0))


def background(samples: Samples, sensitivity: float, least_px: int) -> Background | None:
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
    limit = np.clip(limit, np.float32(_FAINT * looks.contrast), np.float32(_NOISIEST * looks.contrast))
    return Background(level, limit, sight.known, looks.contrast, sight.from_reference, sight.moving)


def _detail(level: Grey) -> Grey:
    """Half the range within a pixel's distance: what a misfit of a pixel changes."""
    kernel = np.ones((3, 3), np.uint8)
    return (cv2.dilate(level, kernel) - cv2.erode(level, kernel)) / 2
