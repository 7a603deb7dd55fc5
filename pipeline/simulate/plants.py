"""Bushes, trees and stones as things that stand somewhere: what hides animals and what they feed on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray

KINDS = ("bush", "acacia", "dead", "stone")


@dataclass(frozen=True)
class Plant:
    """A bush, tree or stone on the ground, in metres."""

    kind: str  # bush, acacia (umbrella crown on a trunk), dead (bare branches), stone
    x_m: float
    y_m: float
    radius_m: float  # of the crown, seen from above
    height_m: float
    seed: int  # of its look

    @property
    def browsable(self) -> bool:
        """Whether animals eat from it."""
        return self.kind in ("bush", "acacia")


def scatter(
    rng: np.random.Generator,
    area_m: float,
    bushes_per_ha: float | None = None,
    trees_per_ha: float | None = None,
    dead_per_ha: float | None = None,
    stones_per_ha: float | None = None,
    clear: Sequence[tuple[float, float, float]] = (),
) -> list[Plant]:
    """Plants over the square ``[-area_m / 2, area_m / 2)`` both ways; a density that is None is drawn, often 0.

    They stand in loose groups, and not within ``clear`` circles (x, y, radius in metres). The list may be empty.
    """
    given = dict(zip(KINDS, (bushes_per_ha, trees_per_ha, dead_per_ha, stones_per_ha), strict=True))
    drawn = densities(rng)
    plants = []
    for kind, wanted in given.items():
        density = drawn[kind] if wanted is None else wanted
        if not density >= 0:
            raise ValueError(f"plants per hectare must be >= 0, got {density} of {kind}")
        count = int(rng.poisson(density * area_m**2 / 10_000))
        groups = rng.uniform(-area_m / 2, area_m / 2, (max(1, count // 4), 2))
        for x, y in _places(rng, groups, count, area_m):
            radius, height = size(kind, rng)
            seed = int(rng.integers(2**31))
            if all(np.hypot(x - cx, y - cy) > radius + r for cx, cy, r in clear):
                plants.append(Plant(kind, x, y, radius, height, seed))
    return plants


def densities(rng: np.random.Generator) -> dict[str, float]:
    """Plants per hectare of each kind, drawn widely: open ground without any (one of eight) to thick bush."""
    spans = {"bush": (4, 130), "acacia": (0.5, 22), "dead": (0.5, 35), "stone": (0.5, 40)}
    present = {"bush": 0.9, "acacia": 0.6, "dead": 0.6, "stone": 0.6}
    bare = rng.random() < 0.125
    drawn = {kind: float(np.exp(rng.uniform(*np.log(spans[kind])))) for kind in KINDS}
    return {kind: value * float(not bare and rng.random() < present[kind]) for kind, value in drawn.items()}


def _places(rng: np.random.Generator, groups: FloatArray, count: int, area_m: float) -> list[tuple[float, float]]:
    """Half of them anywhere, half about the groups' middles."""
    anywhere = rng.uniform(-area_m / 2, area_m / 2, (count, 2))
    near = groups[rng.integers(len(groups), size=count)] + rng.normal(0, area_m / 20, (count, 2))
    near = (near + area_m / 2) % area_m - area_m / 2
    chosen = np.where(rng.random((count, 1)) < 0.5, anywhere, near)
    return [(float(x), float(y)) for x, y in chosen]


def size(kind: str, rng: np.random.Generator) -> tuple[float, float]:
    """Radius of the crown and height in metres, drawn for a plant of one of ``KINDS``."""
    if kind == "acacia":
        return float(rng.uniform(2.0, 4.0)), float(rng.uniform(4.0, 7.0))
    if kind == "stone":
        radius = float(np.exp(rng.uniform(np.log(0.12), np.log(0.6))))
        return radius, radius * float(rng.uniform(0.5, 1.2))
    height = float(np.exp(rng.uniform(np.log(0.5), np.log(3.0))))
    return float(np.clip(height * rng.uniform(0.45, 0.85), 0.4, 2.2)), height
