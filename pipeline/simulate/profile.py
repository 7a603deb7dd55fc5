r"""The outlines that animals' skins are lofted along: side views and widths, as shares of the measures of a ``Build``.

::

             ___top____                     spine: each station has a top, a bottom and a half width; trunk stations are
        ____/          \\__________          given along the trunk, neck stations along the neck, head stations from the
       |    neck   trunk          |  tail   skull (0) to the mouth (1)
      / \\__     _bottom___________/         legs: stations from the upper joint (0) over the middle one, carpus or
      hock (1),
     head  \\___/ | |          | |           to the hoof's tip (2)
"""

from dataclasses import dataclass

Rows = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Profile:
    """The outline of a kind of animal. Angles in degrees."""

    trunk: Rows  # x / trunk, top / girth, bottom / girth, half width / girth
    breast: Rows  # x / trunk, z / girth: the ventral points below the neck's first two stations
    neck: Rows  # s, dorsal, ventral and half width / neck
    head: Rows  # t, dorsal, ventral and half width / head
    fore: Rows  # u, centre forward, half length fore and aft, half width / height of the joint
    hind: Rows
    neck_pitch: float  # at rest, against the horizon
    head_pitch: float  # at rest, against the neck
    fore_segments: tuple[float, float]  # upper and lower / height of the joint
    hind_segments: tuple[float, float]
    tail_from: tuple[float, float]  # x / trunk, z / girth
    tail_bend: tuple[float, ...]  # degrees added to the pitch of each piece of the tail
    tail: Rows  # share of length, half thickness / tail
    ear: tuple[float, float, float]  # length, half width / head; degrees outward
    mane: float = 0.0  # height / neck
    horn: float = 0.0  # length / head
    spread: float = 1.06  # half of the legs' upper parts' width over all / the trunk's
