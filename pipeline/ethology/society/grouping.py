"""Who is in one group: animals linked by a chain of pairs that are near each other.

The chain rule makes groups of what is linked directly or through others (Croft, James and Krause 2008, "Exploring
Animal Social Networks"; Whitehead 2008, "Analyzing Animal Societies"). Sharing the picture is no association.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from pipeline.boxes import FloatArray
from pipeline.ethology.society.blocks import apart, blocks, mean_scale
from pipeline.ethology.society.settings import SocietySettings, Unit
from pipeline.types import BoolArray, IntArray


@dataclass(frozen=True)
class Pairs:
    """Pairs of rows of animals at one instant that are at most ``leave`` apart; ``near``: at most ``near``."""

    left: IntArray  # [k]
    right: IntArray  # [k]
    near: BoolArray  # [k]


def groupable(animals: pd.DataFrame, unit: Unit) -> "pd.Series[bool]":
    """Which animals have a place in that unit; the others are in no group.

    Metres may be withheld of some animals of an instant, which would link others: there nobody has a place.
    """
    known = animals[{Unit.body_length: "scale_px", Unit.metre: "x_m", Unit.pixel: "x_px"}[unit]].notna()
    return known.groupby(animals["instant"]).transform("all") if unit is Unit.metre else known


def pairs(animals: pd.DataFrame, settings: SocietySettings) -> Pairs:
    """All pairs of ``animals`` (POSITIONS with ``instant``, in its order) that may be linked; no place is missing."""
    names = ["x_m", "y_m"] if settings.unit is Unit.metre else ["x_px", "y_px"]
    places, scale = animals[names].to_numpy(dtype=np.float64), animals["scale_px"].to_numpy(dtype=np.float64)
    found: list[tuple[IntArray, IntArray, FloatArray]] = []
    for block in blocks(animals["instant"].to_numpy()):
        distance = apart(places, block)
        if settings.unit is Unit.body_length:
            distance = distance / mean_scale(scale, block)
        instant, one, other = np.nonzero(
            np.triu(np.ones(distance.shape[1:], dtype=bool), 1) & (distance <= settings.leave)
        )
        found.append((block[instant, one], block[instant, other], distance[instant, one, other]))
    left, right = (np.concatenate([part[side] for part in found] or [np.zeros(0, dtype=np.int64)]) for side in (0, 1))
    distance = np.concatenate([part[2] for part in found] or [np.zeros(0)])
    return Pairs(left, right, distance <= settings.near)


def lasting(animals: pd.DataFrame, spell: IntArray, found: Pairs) -> BoolArray:
    """Which pairs ``[k]`` are together: from when they are near, until they are farther apart than ``leave``.

    ``spell`` gives the number of each instant's unbroken footage. Nothing holds over an instant without one of them.

    ::

        distance    . n n m m f m n        n near, m between near and leave, f farther
        together      * * * *     *
    """
    instant, track = animals["instant"].to_numpy(), animals["track"].to_numpy()
    at, one, other = instant[found.left], track[found.left], track[found.right]
    order = np.lexsort((at, other, one))
    starts = np.ones(len(order), dtype=bool)
    starts[1:] = np.diff(one[order]) != 0
    starts[1:] |= (np.diff(other[order]) != 0) | (np.diff(at[order]) != 1) | (np.diff(spell[at[order]]) != 0)
    place = np.arange(len(order))
    began = np.maximum.accumulate(np.where(starts, place, 0))
    was_near = np.maximum.accumulate(np.where(found.near[order], place, -1))
    together = np.zeros(len(order), dtype=bool)
    together[order] = was_near >= began
    return together


def grouped(animals: pd.DataFrame, found: Pairs, linked: BoolArray) -> IntArray:
    """The group of each animal ``[n]``, called by its lowest track at that instant."""
    n = len(animals)
    links = (np.ones(int(linked.sum())), (found.left[linked], found.right[linked]))
    _, label = connected_components(coo_array(links, shape=(n, n)), directed=False)
    track = animals["track"].to_numpy()
    lowest = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(lowest, label, track)
    result: IntArray = lowest[label]
    return result
