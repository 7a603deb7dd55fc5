"""Poses one can do in one's head: an animal that stands square, at one moment or more."""

import numpy as np

from pipeline.simulate.poses import Poses
from pipeline.simulate.skeleton import Skeleton
from pipeline.simulate.species import Build


def standing(build: Build, n: int = 1, at: tuple[float, float] = (0.0, 0.0), yaw: float = 0.0) -> Poses:
    """``n`` moments alike, a second apart: at rest at a place, turned to the left by ``yaw`` from east."""
    rest = Skeleton(build).rest()
    c, s = np.cos(yaw), np.sin(yaw)
    way = np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
    place = np.array([*at, 0.0])
    turn = rest.turn + np.array([yaw, 0.0, 0.0])
    rows = [place + rest.trunk @ way, turn, rest.swung[:2], rest.swung[2:4], rest.swung[4:], place + rest.feet @ way]
    held = [np.repeat(np.asarray(row)[None], n, axis=0) for row in rows]
    flags = np.ones((n, 4), dtype=np.bool_), np.zeros((n, 4)), np.full(n, 3, dtype=np.int64)
    return Poses(np.arange(n) * 1.0, *held, *flags)
