"""What an animal browses on: the plant it makes for, or a shrub that grows where it stops."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate.arrangement import Layout
from pipeline.simulate.plants import Plant
from pipeline.simulate.postures import Food, leaf_height_m, nose_for
from pipeline.simulate.reach import mouth, neck_base, standing_m, to_height
from pipeline.simulate.species import Build

NEAR_M, FAR_M = 0.35, 0.45  # how much nearer or farther than the mouth reaches a plant's edge may be, a neck of 1 m
WALK_ON_M = 25.0  # plants farther away are none of a beginner's business
WIDEST = 1.2  # radians a browsing animal turns its neck at most
BEARINGS = (0.0, 0.35, -0.35, 0.7, -0.7)  # where a shrub may grow


class Meal(NamedTuple):
    """Where an animal finds leaves, and the plant that had to grow for it, if any."""

    food: Food
    grown: Plant | None


def feeds_on(build: Build, plant: Plant) -> bool:
    """Whether the animal reaches leaves of the plant: bushes from knee height up, crowns only with a long neck."""
    if not plant.browsable:
        return False
    if plant.kind == "bush":
        return plant.height_m > 0.45 * build.shoulder_m
    return 0.65 * plant.height_m < highest_m(build)


def highest_m(build: Build) -> float:
    """How high the mouth reaches."""
    return standing_m(build) + 0.9 * build.neck_m + 0.3 * build.head_m


def mouth_ahead_m(build: Build, height_m: float) -> float:
    """How far the mouth is ahead of the trunk's origin while it browses at a height."""
    reach = to_height(build, height_m, nose_for(build, height_m))
    return float(mouth(build, np.array([0.0, reach.neck]), np.array([0.0, reach.head]))[0])


def leaves_m(build: Build, plant: Plant) -> float:
    """The height at which an animal browses on a plant."""
    share = 0.7 if plant.kind == "bush" else 0.8
    low = max(0.4 * build.shoulder_m, 0.55 * plant.height_m if plant.kind != "bush" else 0.0)
    return float(np.clip(share * plant.height_m, low, highest_m(build)))


def stop_m(build: Build, plant: Plant) -> float:
    """How far from the plant's middle the animal's trunk stops to browse."""
    return 0.9 * plant.radius_m + mouth_ahead_m(build, leaves_m(build, plant))


def at_hand(build: Build, place: FloatArray, heading: float, plants: Sequence[Plant]) -> Food | None:
    """Leaves of a standing plant within reach of an animal that stops at ``place`` [2], or none."""
    best: tuple[float, Food] | None = None
    for plant in plants:
        if not feeds_on(build, plant):
            continue
        bearing, distance = _seen(build, place, heading, plant)
        short = distance - (stop_m(build, plant) - float(neck_base(build)[0]))
        size = np.sqrt(build.neck_m)
        if abs(bearing) < WIDEST and -NEAR_M * size < short < FAR_M * size and (best is None or abs(short) < best[0]):
            best = abs(short), Food(bearing, leaves_m(build, plant))
    return best[1] if best else None


def _seen(build: Build, place: FloatArray, heading: float, plant: Plant) -> tuple[float, float]:
    """Bearing (to the left) and distance of a plant's middle from where the neck begins."""
    ahead = np.array([np.cos(heading), np.sin(heading)])
    to = np.array([plant.x_m, plant.y_m]) - place - neck_base(build)[0] * ahead
    bearing = np.arctan2(ahead[0] * to[1] - ahead[1] * to[0], ahead @ to)
    return float(bearing), float(np.hypot(*to))


def seat(layout: Layout, animals: Sequence[Build], hungry: Sequence[int], plants: Sequence[Plant]) -> Layout:
    """The layout with those animals that begin by browsing (their numbers) at the nearest free plant, if any."""
    place, heading = layout.place.copy(), layout.heading.copy()
    taken: list[Plant] = []
    for i in hungry:
        room = 1.1 * (animals[i].trunk_m + np.array([build.trunk_m for build in animals]))
        for plant in sorted(plants, key=lambda p: float(np.hypot(*(place[i] - [p.x_m, p.y_m])))):
            middle = np.array([plant.x_m, plant.y_m])
            toward = middle - place[i]
            spot = middle - stop_m(animals[i], plant) * toward / max(float(np.hypot(*toward)), 1e-9)
            near = np.linalg.norm(place - spot, axis=1) < room
            near[i] = False
            apart = [np.hypot(*(spot - [p.x_m, p.y_m])) > p.radius_m + animals[i].trunk_m for p in plants if p != plant]
            if feeds_on(animals[i], plant) and plant not in taken and all(apart) and not near.any():
                place[i], heading[i] = spot, np.arctan2(toward[1], toward[0])
                taken.append(plant)
                break
            if np.hypot(*toward) > WALK_ON_M:
                break
    return Layout(place, heading, layout.bound)


def dine(
    build: Build,
    place: FloatArray,
    heading: float,
    plants: Sequence[Plant],
    trodden: FloatArray,
    rng: np.random.Generator,
) -> Meal:
    """Leaves for an animal that begins to browse: a plant at hand, or a shrub that grows before its mouth.

    ``trodden`` [k, 2] is where animals are and have been: of a few places in reach the shrub takes the freest.
    """
    found = at_hand(build, place, heading, plants)
    if found:
        return Meal(found, None)
    tall = build.species == "giraffe"
    leaf = float(rng.uniform(0.75, 1.05)) * build.shoulder_m if tall else leaf_height_m(build, rng)
    radius = float(rng.uniform(0.28, 0.42)) * leaf + 0.1
    base = place + neck_base(build)[0] * np.array([np.cos(heading), np.sin(heading)])
    out = mouth_ahead_m(build, leaf) - float(neck_base(build)[0]) + 0.75 * radius
    spots = [base + out * np.array([np.cos(heading + b), np.sin(heading + b)]) for b in BEARINGS]
    standing = np.array([[p.x_m, p.y_m] for p in plants]).reshape(-1, 2)
    used = np.vstack([trodden, standing])
    free = [min(float(np.linalg.norm(used - spot, axis=1).min(initial=9.0)), radius + 1.0) for spot in spots]
    which = int(np.argmax(free))
    grown = Plant("bush", float(spots[which][0]), float(spots[which][1]), radius, leaf / 0.7, int(rng.integers(2**31)))
    return Meal(Food(BEARINGS[which], leaf), grown)
