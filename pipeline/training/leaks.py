"""What a recognizer must not be judged by: a clip of a recording it learnt from, or a picture it has as good as seen.

Groups are held out whole, so a leak is a group that was named wrongly: one file under two groups, or one recording
under two names, which is told by nearly equal pictures.
"""

from collections.abc import Iterator
from itertools import islice

import cv2
import numpy as np
import pandas as pd

from pipeline.errors import UsageError
from pipeline.training.labels import ARRAY, Labels
from pipeline.training.pixels import Pixels, middle
from pipeline.types import BoolArray, Image, IntArray

SIDE = 16  # of the hash: 256 bits
ALIKE = 10  # bits by which two pictures of one moment differ at most, after another compression or size
_PLAIN = 32  # bits of either kind at least: a picture with less in it is like any other
_SHOWN = 3  # pairs named in the error
_CHUNK = 256  # clips compared at once


def check_leaks(labels: Labels, learnt: IntArray, held: IntArray) -> None:
    """``UsageError`` that names clips of both sides which are of one file, or show nearly the same picture."""
    pairs = list(islice(_files(labels.rows, learnt, held), _SHOWN))
    if not pairs:
        pixels = Pixels(labels)
        pairs = list(islice(_pictures(labels, learnt, held, pixels), _SHOWN))
    if pairs:
        raise UsageError(
            f"clips to learn from are also among those to judge by: {'; '.join(pairs)}; give clips of one recording "
            "one group, or set check_leaks=false where that is meant so"
        )


def _files(rows: pd.DataFrame, learnt: IntArray, held: IntArray) -> Iterator[str]:
    """Clips of both sides that are of one file, and of an array the same row."""
    packed = rows["path"].str.lower().str.endswith(ARRAY)
    source = rows["path"].where(~packed, rows["path"] + " row " + rows["row"].astype("str"))
    first = pd.Series(learnt, index=source.iloc[learnt]).groupby(level=0).first()
    for clip in held.tolist():
        if (name := source.iloc[clip]) in first.index:
            yield f"{_named(rows, int(first[name]))} and {_named(rows, clip)} are of one file"


def _pictures(labels: Labels, learnt: IntArray, held: IntArray, pixels: Pixels) -> Iterator[str]:
    """Clips of both sides whose middles show nearly the same picture."""
    ours, theirs = (
        np.stack([picture_hash(_still(pixels, clip)) for clip in clips.tolist()]) for clips in (learnt, held)
    )
    for mine, other in twins(theirs, ours):
        yield (
            f"{_named(labels.rows, int(learnt[other]))} and {_named(labels.rows, int(held[mine]))} "
            "show nearly the same picture"
        )


def twins(some: BoolArray, others: BoolArray) -> Iterator[tuple[int, int]]:
    """Each of ``some`` pictures that is nearly the same as one of the ``others``, with the nearest of these.

    Both are hashes ``[n, 256]``, ``[m, 256]``; what is given are their places. A picture with next to nothing in it is
    like any other and has no twin.
    """
    told = [(bits.sum(axis=1) >= _PLAIN) & (bits.sum(axis=1) <= bits.shape[1] - _PLAIN) for bits in (some, others)]
    for start in range(0, len(some), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        apart = _distance(some[chunk], others)
        near = (apart <= ALIKE) & told[0][chunk, None] & told[1][None]
        for row in np.flatnonzero(near.any(axis=1)).tolist():
            yield start + row, int(np.where(near[row], apart[row], apart.max() + 1).argmin())


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


def _named(rows: pd.DataFrame, clip: int) -> str:
    """A clip as its user knows it."""
    row = rows.iloc[clip]
    at = f" row {row['row']:.0f}" if not np.isnan(row["row"]) else ""
    since = f" from {row['start_s']:g} s" if not np.isnan(row["start_s"]) else ""
    return f"{row['path']}{at}{since} (group {row['group']})"
