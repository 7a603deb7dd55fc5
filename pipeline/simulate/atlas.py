"""The atlas: where each loft of a body is painted in one square picture, and which point of the body each texel is.

::

    u ->  0                                    1
    v 0   +-----------------------------------+
      |   |  spine: u tail .. muzzle,         |
          |         v round it, top to top    |
     0.52 +--------+--------+--------+--------+
          | leg 0  | leg 1  | leg 2  | leg 3  |   u round it, v down the leg
     0.87 +--------+-+------+--+-----+--------+
          |  tail    |   mane  | ear | ear |h|h|   u along, v round
      1   +----------+---------+-----+-----+---+
"""

from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate.anatomy import Part
from pipeline.simulate.loft import Loft
from pipeline.types import IntArray

SIDE_PX = 512
MARGIN_PX = (
    4.0  # of each rectangle, kept free: it is painted on as at the edge, so that coarser copies do not mix parts
)


@dataclass(frozen=True)
class Place:
    """A rectangle of the atlas in 0..1, and whether the loft's length lies down it (v) and not across it (u)."""

    left: float
    top: float
    right: float
    bottom: float
    down: bool = False

    def uv(self, along: FloatArray, turn: FloatArray) -> FloatArray:
        """Where ``along`` [...] and ``turn`` [...] of a loft are in the atlas ``[..., 2]``."""
        first, second = (turn, along) if self.down else (along, turn)
        edge = MARGIN_PX / SIDE_PX
        u = self.left + edge + first * (self.right - self.left - 2 * edge)
        v = self.top + edge + second * (self.bottom - self.top - 2 * edge)
        return np.stack([u, v], axis=-1)


@dataclass(frozen=True)
class Texels:
    """What ``n`` texels of an atlas show of a body in its rest pose (above the world's origin, heading east)."""

    position: FloatArray  # [n, 3] metres
    part: IntArray  # [n] anatomy.Part
    where: FloatArray  # [n] how far along the part, as Part says
    turn: FloatArray  # [n] how far round it: 0 top (front of a leg), 0.25 left, 0.5 bottom
    texel: IntArray  # [n] its number in the atlas, row by row


def places(lofts: list[Loft]) -> list[Place]:
    """A rectangle for each loft."""
    strip = {Part.tail: [(0.0, 0.3)], Part.mane: [(0.3, 0.6)], Part.ear: [(0.6, 0.72), (0.72, 0.84)]}
    strip[Part.horn] = [(0.84, 0.92), (0.92, 1.0)]
    legs = [Place(0.25 * k, 0.52, 0.25 * (k + 1), 0.87, down=True) for k in range(4)]
    found = []
    for loft in lofts:
        if loft.part == Part.spine:
            found.append(Place(0.0, 0.0, 1.0, 0.52))
        elif loft.part in (Part.fore_leg, Part.hind_leg):
            found.append(legs.pop(0))
        else:
            left, right = strip[Part(loft.part)].pop(0)
            found.append(Place(left, 0.87, right, 1.0))
    return found


def texels(lofts: list[Loft], finer: int = 1) -> Texels:
    """The texels of an atlas of ``SIDE_PX`` / ``finer`` pixels a side."""
    side = SIDE_PX // finer
    parts = [_of(loft, place, side) for loft, place in zip(lofts, places(lofts), strict=True)]
    return Texels(*(np.concatenate([getattr(p, name) for p in parts]) for name in Texels.__dataclass_fields__))


def _of(loft: Loft, place: Place, side: int) -> Texels:
    """The texels of one rectangle."""
    columns = np.arange(round(place.left * side), round(place.right * side))
    lines = np.arange(round(place.top * side), round(place.bottom * side))
    edge = MARGIN_PX / SIDE_PX
    u = np.clip(((columns + 0.5) / side - place.left - edge) / (place.right - place.left - 2 * edge), 0, 1)
    v = np.clip(((lines + 0.5) / side - place.top - edge) / (place.bottom - place.top - 2 * edge), 0, 1)
    along, turn = (v, u) if place.down else (u, v)
    points, where = loft.at(along, turn)
    where, turn = (grid.copy() for grid in np.broadcast_arrays(where[:, None], turn[None, :]))
    down, right = lines[:, None] * side + columns, lines * side + columns[:, None]
    number = down if place.down else right  # rows of the picture are along
    n = number.size
    part = np.full(n, loft.part, dtype=np.int64)
    return Texels(points.reshape(n, 3), part, where.ravel(), turn.ravel(), number.ravel().astype(np.int64))
