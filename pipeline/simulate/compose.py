"""A picture painted in layers, far to near, with a record of whose every pixel is."""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.boxes import FloatArray
from pipeline.simulate.raster import Colour, Patch
from pipeline.types import Image, IntArray

SOLID = 0.5  # opacity from which on a pixel belongs to what is painted on it
NOBODY = -1


@dataclass
class Canvas:
    """A picture [H, W, 3] of ``animals``, and for each pixel the number of the one seen there, or ``NOBODY``."""

    picture: Image
    animals: int
    whose: NDArray[np.int16] = field(init=False)
    drawn: IntArray = field(init=False)  # [animals] pixels of each one's silhouette inside the picture
    hidden: IntArray = field(init=False)  # [animals] those of them that something was painted over

    def __post_init__(self) -> None:
        self.whose = np.full(self.picture.shape[:2], NOBODY, dtype=np.int16)
        self.drawn, self.hidden = np.zeros((2, self.animals), dtype=np.int64)

    def darken(self, left: int, top: int, mask: Image, shade: Colour) -> None:
        """A shadow: where ``mask`` [h, w] is 255 the picture is multiplied by ``shade`` (R, G, B in [0, 1])."""
        part = self.picture[top : top + mask.shape[0], left : left + mask.shape[1]]
        factor = 1 - (mask.astype(np.float32) / 255)[..., None] * (1 - shade)
        part[:] = (part * factor).astype(np.uint8)

    def paint(self, patch: Patch, owner: int = NOBODY) -> None:
        """Put a patch that lies inside the picture over what is there; ``owner``: the animal it shows."""
        height, width = patch.alpha.shape
        here = np.s_[patch.top : patch.top + height, patch.left : patch.left + width]
        part = self.picture[here]
        part[:] = np.clip(part * (1 - patch.alpha[..., None]) + patch.colour, 0, 255).astype(np.uint8)
        solid = patch.alpha >= SOLID
        whose = self.whose[here]
        self.hidden += np.bincount(whose[solid] - NOBODY, minlength=self.animals + 1)[1:]
        whose[solid] = owner
        if owner != NOBODY:
            self.drawn[owner] += np.count_nonzero(solid)

    @property
    def visible(self) -> FloatArray:
        """Share [animals] of each animal's silhouette in the picture that nothing hides; 0 for one not drawn."""
        seen = (self.drawn - self.hidden).astype(np.float64)
        return np.divide(seen, self.drawn, out=np.zeros(self.animals), where=self.drawn > 0)


def soften(mask: Image, radius_px: int) -> Image:
    """A shadow's edge: the sun is no point."""
    side = 2 * radius_px + 1
    return mask if side < 3 else np.asarray(cv2.blur(mask, (side, side)), dtype=np.uint8)
