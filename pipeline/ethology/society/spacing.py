"""How a group is laid out at each instant: neighbours, spread, hull, polarisation and rotation.

Nearest neighbour: Clark and Evans (1954, Ecology 35: 445-453). A neighbour out of the picture is not seen: the mean of
all animals is too long, while that of those nearer to their neighbour than to the frame's edge leans short, as near
pairs are kept more often (edge effects: Diggle 2013, "Statistical Analysis of Spatial and Spatio-Temporal Point
Patterns"). Polarisation and rotation: Couzin et al. (2002, J theor Biol 218: 1-11); their chance values are means of N
random headings, sqrt(pi / 4 N) and 1 / sqrt(pi N), near enough from two on: only equal N may be compared.

What is a mean over all pairs, or threes, of the animals has the same expectation whatever their number (U-statistics:
Hoeffding 1948, Ann Math Stat 19: 293-325): the mean cosine of two headings is (N P^2 - 1) / (N - 1) of a polarisation P
(Vinck et al. 2010, NeuroImage 51: 112-122), and the hull of three is rarefied as species counts are (Hurlbert 1971,
Ecology 52: 577-586). These may be averaged over instants with other numbers.
"""

from math import comb

import cv2
import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.society.blocks import apart, blocks, mean_scale
from pipeline.ethology.society.scene import Placed
from pipeline.ethology.society.tables import GROUP_INSTANTS, NEIGHBOURS
from pipeline.ethology.tally import ALL
from pipeline.types import BoolArray, IntArray

_PX, _M = ["x_px", "y_px"], ["x_m", "y_m"]


def neighbours(animals: pd.DataFrame) -> pd.DataFrame:
    """NEIGHBOURS of ``Placed.animals``, or of some of them: each with its nearest neighbour among them.

    Which one is nearest is decided in pixels of the reference frame, as is the distance to the frame's edge.
    """
    return NEIGHBOURS.cast(animals.reset_index(drop=True).assign(**_nearest(animals)))


def _nearest(animals: pd.DataFrame) -> dict[str, FloatArray | IntArray | BoolArray]:
    """The columns of NEIGHBOURS that POSITIONS lacks."""
    places, metres = animals[_PX].to_numpy(dtype=np.float64), animals[_M].to_numpy(dtype=np.float64)
    scale, track = animals["scale_px"].to_numpy(dtype=np.float64), animals["track"].to_numpy()
    px, bl, m, error = (np.full(len(animals), np.nan) for _ in range(4))
    neighbour, on_ground = np.full(len(animals), -1, dtype=np.int64), not np.isnan(metres).all()
    for block in blocks(animals["instant"].to_numpy()):
        if block.shape[1] > 1:
            distance = _to_others(apart(places, block))
            nearest = distance.argmin(axis=2)
            neighbour[block], px[block] = track[np.take_along_axis(block, nearest, axis=1)], distance.min(axis=2)
            bl[block] = (distance / mean_scale(scale, block)).min(axis=2)
            if on_ground:
                distance = _to_others(apart(metres, block))
                m[block] = distance.min(axis=2)
                other = np.take_along_axis(block, distance.argmin(axis=2), axis=1)
                error[block] = _distance_errors(animals, block, other, m[block])
    near_edge = ~(px <= animals["to_edge_px"].to_numpy())
    return {
        "neighbour": neighbour,
        "nearest_px": px,
        "nearest_bl": bl,
        "nearest_m": m,
        "nearest_error_m": error,
        "near_edge": near_edge,
    }


def _distance_errors(animals: pd.DataFrame, first: IntArray, second: IntArray, distance_m: FloatArray) -> FloatArray:
    """Standard deviations of the distances between two rows of animals each, all in metres and of one shape.

    The boxes' errors are independent of each other. The camera's error is the same for both, and turns or moves them
    together or stretches what lies between them (``Rays.stretch``): at a distance of 0 nothing of it is left.
    """
    box, stretch = (animals[name].to_numpy(dtype=np.float64) for name in ("box_error_m", "stretch"))
    between = (stretch[first] + stretch[second]) / 2 * distance_m
    return np.asarray(np.sqrt(box[first] ** 2 + box[second] ** 2 + between**2))


def _to_others(distance: FloatArray) -> FloatArray:
    """Distances ``[m, N, N]`` without that of an animal to itself."""
    n = distance.shape[1]
    distance[:, np.arange(n), np.arange(n)] = np.inf
    return distance


def group_instants(placed: Placed) -> pd.DataFrame:
    """GROUP_INSTANTS of one video: every instant for all animals together, and for each species in the video."""
    if placed.instants.empty:
        return GROUP_INSTANTS.empty()
    kinds = sorted(placed.animals["species"].unique())
    whole = _measured(placed, placed.animals)
    parts = [whole.assign(species=ALL)]
    for kind in kinds:
        own = placed.animals[placed.animals["species"] == kind]
        parts.append((whole if len(kinds) == 1 else _measured(placed, own)).assign(species=kind))
    return GROUP_INSTANTS.cast(pd.concat(parts, ignore_index=True).assign(video=placed.video))


def _measured(placed: Placed, animals: pd.DataFrame) -> pd.DataFrame:
    """Every measure of some animals at every instant."""
    rows = animals.reset_index(drop=True).assign(**_nearest(animals))
    instant, size = rows["instant"].to_numpy(), len(placed.instants)
    near_edge = rows["near_edge"].to_numpy(dtype=bool)
    columns: dict[str, FloatArray | IntArray] = {"animals": np.bincount(instant, minlength=size)}
    for unit in ("px", "bl", "m"):
        nearest = rows[f"nearest_{unit}"].to_numpy()
        columns[f"nearest_{unit}"] = _mean(nearest, instant, size)
        columns[f"inside_{unit}"] = _mean(np.where(near_edge, np.nan, nearest), instant, size)
    columns["nearest_error_m"] = _mean(rows["nearest_error_m"].to_numpy(), instant, size)
    columns["near_edge_share"] = _mean(near_edge.astype(np.float64), instant, size)
    scale = _mean(rows["scale_px"].to_numpy(), instant, size)
    for unit, names in (("px", _PX), ("m", _M)):
        places = _of_all(rows[names].to_numpy(dtype=np.float64), instant, size)
        columns[f"spread_{unit}"] = _spread(places, instant, size)
        columns[f"hull_{unit}2"], columns[f"of_three_{unit}2"] = _areas(places, instant, size)
    columns["spread_bl"] = columns["spread_px"] / scale
    columns |= {f"{name}_bl2": columns[f"{name}_px2"] / scale**2 for name in ("hull", "of_three")}
    return placed.instants[["frame", "time_s", "lasts_s", "session"]].assign(**columns, **_order(rows, instant, size))


def _mean(values: FloatArray, instant: IntArray, size: int) -> FloatArray:
    """Mean of the values ``[n]`` that are there at each instant ``[size]``; NaN where none is."""
    there = ~np.isnan(values)
    count = np.bincount(instant[there], minlength=size)
    total = np.bincount(instant[there], weights=values[there], minlength=size)
    result: FloatArray = np.divide(total, count, out=np.full(size, np.nan), where=count > 0)
    return result


def _of_all(places: FloatArray, instant: IntArray, size: int) -> FloatArray:
    """Places ``[n, 2]``, none at instants in which that of an animal is not known: a group is more than some of it."""
    lost = np.bincount(instant[np.isnan(places[:, 0])], minlength=size) > 0
    return np.where(lost[instant][:, None], np.nan, places)


def _from_centroid(places: FloatArray, instant: IntArray, size: int) -> FloatArray:
    """Places ``[n, 2]`` as seen from the centroid of their instant."""
    return places - np.column_stack([_mean(places[:, axis], instant, size)[instant] for axis in (0, 1)])


def _spread(places: FloatArray, instant: IntArray, size: int) -> FloatArray:
    """Mean distance to the centroid ``[size]``, from two animals on."""
    distance = np.hypot(*_from_centroid(places, instant, size).T)
    several = np.bincount(instant[~np.isnan(distance)], minlength=size) > 1
    return np.where(several, _mean(distance, instant, size), np.nan)


def _areas(places: FloatArray, instant: IntArray, size: int) -> tuple[FloatArray, FloatArray]:
    """Area of the convex hull ``[size]``, from three animals on, and the mean of that of three of them ``[size]``."""
    whole, of_three = np.full(size, np.nan), np.full(size, np.nan)
    there = ~np.isnan(places[:, 0])
    at, near = instant[there], _from_centroid(places, instant, size)[there]
    rounded = near.astype(np.float32)  # OpenCV takes no more; 1e-7 of the extent
    for rows in blocks(at):
        if rows.shape[1] > 2:
            whole[at[rows[:, 0]]] = [cv2.contourArea(cv2.convexHull(rounded[row])) for row in rows]
            of_three[at[rows[:, 0]]] = of_threes(near[rows])
    return whole, of_three


def of_threes(places: FloatArray) -> FloatArray:
    """Mean area ``[m]`` of the triangles of all threes of places ``[m, N, 2]``, N > 2.

    Seen from one animal, the lines to the others are put in order of their direction, so that each three is the area of
    a line and the sum of those before it.
    """
    n = places.shape[1]
    x, y = np.moveaxis(places[:, None] - places[:, :, None], -1, 0)  # [m, N, N] from the first to the second
    below = (y < 0) | ((y == 0) & (x < 0))
    x, y = np.where(below, -x, x), np.where(below, -y, y)  # a line has no ends: areas stay
    order = np.argsort(np.arctan2(y, x), axis=2)
    x, y = np.take_along_axis(x, order, axis=2), np.take_along_axis(y, order, axis=2)
    double = ((x.cumsum(axis=2) - x) * y - (y.cumsum(axis=2) - y) * x).sum(axis=(1, 2))
    return np.asarray(np.maximum(double, 0.0) / 6 / comb(n, 3))  # each three is seen from three animals


def _order(rows: pd.DataFrame, instant: IntArray, size: int) -> dict[str, FloatArray | IntArray]:
    """Polarisation, rotation, alignment and milling of the animals that have a heading."""
    metres = rows[_M].to_numpy(dtype=np.float64)
    places = rows[_PX].to_numpy(dtype=np.float64) if np.isnan(metres).all() else metres
    heading = np.radians(rows["heading_deg"].to_numpy(dtype=np.float64))
    unit, outwards = np.column_stack([np.cos(heading), np.sin(heading)]), _from_centroid(places, instant, size)
    distance = np.hypot(*outwards.T)[:, None]
    outwards = np.divide(outwards, distance, out=np.zeros_like(outwards), where=distance > 0)
    turning = outwards[:, 0] * unit[:, 1] - outwards[:, 1] * unit[:, 0]
    moving = np.bincount(instant[~np.isnan(heading)], minlength=size)
    n = np.where(moving > 1, moving, np.nan)
    along = np.hypot(*(_mean(unit[:, axis], instant, size) for axis in (0, 1)))
    about, squares = _mean(turning, instant, size), _mean(turning**2, instant, size)
    figures = {
        "alignment": (n * along**2 - 1) / (n - 1),
        "milling": (n * about**2 - squares) / (n - 1),
        "polarisation": along + 0 * n,
        "polarisation_chance": np.sqrt(np.pi / (4 * n)),
        "rotation": np.abs(about) + 0 * n,
        "rotation_chance": 1 / np.sqrt(np.pi * n),
    }
    return {"moving": moving} | {name: np.clip(values, -1.0, 1.0) for name, values in figures.items()}  # of rounding
