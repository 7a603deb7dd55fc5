"""Nearly equal pictures: one recording under two names, whatever its compression and size."""

from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np

from pipeline.training.copies import copies
from pipeline.training.labels import Labels
from pipeline.training.pixels import Pixels
from pipeline.types import BoolArray, Image, IntArray

MOMENTS = 3  # of a clip that are looked at: its middle, and those of its first and last third
SIDE = 16  # of the hash: 256 bits
ALIKE = 10  # bits by which two pictures of one moment differ at most, after another compression or size
_PLAIN = 32  # bits of either kind at least: a picture with less in it is like any other
_CHUNK = 256  # clips compared at once


@dataclass
class Hashes:
    """The hashes of some pictures of each clip, which is looked at once, however many splits there are."""

    labels: Labels
    _kept: dict[int, BoolArray] = field(init=False, repr=False, default_factory=dict)

    @cached_property
    def copies(self) -> dict[str, str]:
        """The files of the clips: those of the same content are the same."""
        return copies(self.labels.folder, self.labels.rows["path"])

    def of(self, clips: IntArray) -> BoolArray:
        """``[n, MOMENTS, 256]``."""
        pixels = Pixels(self.labels)
        new = [k for k in clips.tolist() if k not in self._kept]
        self._kept |= {k: np.stack(list(map(picture_hash, _stills(pixels, k)))) for k in new}
        return np.stack([self._kept[k] for k in clips.tolist()])


def alike(hashes: Hashes, learnt: IntArray, held: IntArray) -> dict[int, int]:
    """Held-out clips one moment of which shows nearly the same picture as one of a clip learnt from: its twin."""
    if not len(held) or not len(learnt):
        return {}
    pairs = twins(*(np.concatenate(hashes.of(clips)) for clips in (held, learnt)))
    return {int(held[mine // MOMENTS]): int(learnt[other // MOMENTS]) for mine, other in pairs.items()}


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


def _stills(pixels: Pixels, clip: int) -> Image:
    """The pictures of a clip's moments ``[MOMENTS, H, W, 3]``."""
    return pixels.read(clip, pixels.times(clip)[-1] * (np.arange(MOMENTS) + 0.5) / MOMENTS)


def picture_hash(image: Image) -> BoolArray:
    """Difference hash ``[256]``: is each cell brighter than its left neighbour (Krawetz 2013, "Kind of Like That")?"""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    small = cv2.resize(grey, (SIDE + 1, SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray((small[:, 1:] > small[:, :-1]).ravel())
