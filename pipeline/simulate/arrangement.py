"""Where the animals of a scene stand when it begins, and where they are bound."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.errors import UsageError
from pipeline.simulate.plants import Plant
from pipeline.simulate.species import Build

ARRANGEMENTS = ("scattered", "crossing", "columns")
TRIES = 200  # places tried for an animal before the herd's ground is widened


@dataclass(frozen=True)
class Layout:
    """``N`` animals at the start."""

    place: FloatArray  # [N, 2] metres
    heading: FloatArray  # [N] radians
    bound: FloatArray  # [N, 2] unit vectors where the animals travel to; 0, 0: nowhere


def arrange(
    arrangement: str,
    animals: Sequence[Build],
    plants: Sequence[Plant],
    rng: np.random.Generator,
    centre: tuple[float, float] = (0.0, 0.0),
    spacing_m: float = 4.0,
    apart_m: float = 24.0,
) -> Layout:
    """A herd about ``centre``.

    ``scattered``: over a disc, about ``spacing_m`` apart, heads this way and that. ``crossing``: two groups ``apart_m``
    from the centre whose ways cross there. ``columns``: files of up to eight, one behind the other.

    Raises:
        UsageError: an unknown arrangement.
    """
    if arrangement not in ARRANGEMENTS:
        raise UsageError(f"no arrangement {arrangement!r}; there are: {', '.join(ARRANGEMENTS)}")
    n = len(animals)
    toward = float(rng.uniform(-np.pi, np.pi))
    if arrangement == "scattered":
        wanted = _disc(n, spacing_m, rng)
        heading = np.asarray(toward + rng.normal(0, 1.1, n))
        bound = np.zeros((n, 2))
    elif arrangement == "crossing":
        side = np.arange(n) % 2
        heading = np.asarray(toward + side * rng.uniform(1.2, 1.9))
        bound = _units(heading)
        wanted = _disc(n, 0.75 * spacing_m, rng) - apart_m * bound
    else:
        file, rank = np.arange(n) // 8, np.arange(n) % 8
        heading = np.full(n, toward)
        bound = _units(heading)
        behind = (0.5 * apart_m + 0.8 * spacing_m * rank)[:, None] * -bound
        beside = np.stack([-bound[:, 1], bound[:, 0]], axis=-1) * (1.6 * spacing_m * (file - file.max() / 2))[:, None]
        wanted = behind + beside + rng.normal(0, 0.15, (n, 2))
    return Layout(_freed(wanted + centre, animals, plants, spacing_m, rng), heading, bound)


def _units(heading: FloatArray) -> FloatArray:
    return np.stack([np.cos(heading), np.sin(heading)], axis=-1)


def _disc(n: int, spacing_m: float, rng: np.random.Generator) -> FloatArray:
    """Places ``[n, 2]`` evenly over a disc that gives each about ``spacing_m`` squared."""
    radius = spacing_m * np.sqrt(n / np.pi) * np.sqrt(rng.random(n))
    return np.asarray(radius[:, None] * _units(rng.uniform(0, 2 * np.pi, n)))


def _freed(
    wanted: FloatArray, animals: Sequence[Build], plants: Sequence[Plant], spacing_m: float, rng: np.random.Generator
) -> FloatArray:
    """The wanted places moved as little as need be so that nobody stands in a plant or in another animal."""
    length = np.array([2.1 * build.trunk_m for build in animals])
    green = np.array([[p.x_m, p.y_m, p.radius_m] for p in plants]).reshape(-1, 3)
    taken = np.empty((0, 2))
    for i, place in enumerate(wanted):
        room = np.maximum((length[: len(taken)] + length[i]) / 2, 0.5 * spacing_m)
        for attempt in range(TRIES):
            spot = place + rng.normal(0, 0.25 * attempt / 8, 2) * spacing_m
            clear = np.linalg.norm(green[:, :2] - spot, axis=1) > green[:, 2] + 0.6 * length[i]
            if clear.all() and (np.linalg.norm(taken - spot, axis=1) > room).all():
                break
        taken = np.vstack([taken, spot])
    return taken
