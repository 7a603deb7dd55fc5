"""Nearly equal pictures: one recording under two names, whatever its compression and size."""

from dataclasses import dataclass, field

import cv2
import numpy as np

from pipeline.training.labels import Labels
from pipeline.training.pixels import Pixels, middle
from pipeline.types import BoolArray, Image, IntArray

SIDE = 16  # of the hash: 256 bits
ALIKE = 10  # bits by which two pictures of one moment differ at most, after another compression or size
_PLAIN = 32  # bits of either kind at least: a picture with less in it is like any other
_CHUNK = 256  # clips compared at once


@dataclass
class Hashes:
    """The hash of the picture in the middle of each clip, which is looked at once, however many splits there are."""

    labels: Labels
    _kept: dict[int, BoolArray] = field(init=False, repr=False, default_factory=dict)

    def of(self, clips: IntArray) -> BoolArray:
        """``[n, 256]``."""
        pixels = Pixels(self.labels)
        self._kept |= {k: picture_hash(_still(pixels, k)) for k in clips.tolist() if k not in self._kept}
        return np.stack([self._kept[k] for k in clips.tolist()])


def alike(hashes: Hashes, learnt: IntArray, held: IntArray) -> dict[int, int]:
    """Held-out clips whose middle shows nearly the same picture as that of a clip learnt from: its nearest twin."""
    if not len(held) or not len(learnt):
        return {}
    return {int(held[mine]): int(learnt[other]) for mine, other in twins(hashes.of(held), hashes.of(learnt)).items()}


def twins(some: BoolArray, others: BoolArray) -> dict[int, int]:
    """Those of ``some`` pictures that are nearly the same as one of the ``others``, and the nearest of these.

    Both are hashes ``[n, 256]``, ``[m, 256]``; what is given are their places. A picture with next to nothing in it is
    like any other and has no twin.
    """
    told = [(bits.sum(axis=1) >= _PLAIN) & (bits.sum(axis=1) <= bits.shape[1] - _PLAIN) for bits in (some, others)]
    found = {}
    for start in range(0, len(some), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        apart = _distance(some[chunk], others)
        near = (apart <= ALIKE) & told[0][chunk, None] & told[1][None]
        for row in np.flatnonzero(near.any(axis=1)).tolist():
            found[start + row] = int(np.where(near[row], apart[row], apart.max() + 1).argmin())
    return found


def _distance(one: BoolArray, other: BoolArray) -> IntArray:
    """Bits by which each row of ``one [n, b]`` differs from each of ``other [m, b]``: ``[n, m]``."""
    a, b = one.astype(np.float32), other.astype(np.float32)
    return np.asarray(np.rint(a.sum(axis=1)[:, None] + b.sum(axis=1)[None] - 2 * a @ b.T), dtype=np.int64)


def _still(pixels: Pixels, clip: int) -> Image:
    """The picture in the middle of a clip."""
    return np.asarray(pixels.read(clip, np.array([middle(pixels.times(clip), 0.0)]))[0])


def picture_hash(image: Image) -> BoolArray:
    """Difference hash ``[256]``: is each cell brighter than its left neighbour (Krawetz 2013, "Kind of Like That")?"""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    small = cv2.resize(grey, (SIDE + 1, SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray((small[:, 1:] > small[:, :-1]).ravel())
