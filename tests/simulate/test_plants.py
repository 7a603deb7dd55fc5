"""Plants: where they stand and how large they are."""

import numpy as np
import pytest

from pipeline.simulate.plants import KINDS, Plant, densities, scatter


def plants_of(kind: str, per_ha: float, seed: int = 0, area_m: float = 200.0) -> list[Plant]:
    wanted = [per_ha if one == kind else 0.0 for one in KINDS]
    return scatter(np.random.default_rng(seed), area_m, *wanted)


def test_none_are_wanted() -> None:
    assert scatter(np.random.default_rng(0), 100.0, 0.0, 0.0, 0.0, 0.0) == []


@pytest.mark.parametrize(
    ("kind", "radius", "height"),
    [
        ("bush", (0.4, 2.2), (0.5, 3.0)),
        ("acacia", (2.0, 4.0), (4.0, 7.0)),  # an umbrella crown, taller than a zebra
        ("dead", (0.4, 2.2), (0.5, 3.0)),
        ("stone", (0.12, 0.6), (0.06, 0.72)),
    ],
)
def test_kinds_have_their_sizes(kind: str, radius: tuple[float, float], height: tuple[float, float]) -> None:
    plants = plants_of(kind, 25)
    assert 60 < len(plants) < 145  # 25 a hectare on 4 ha
    assert {plant.kind for plant in plants} == {kind}
    assert all(radius[0] <= plant.radius_m <= radius[1] for plant in plants)
    assert all(height[0] <= plant.height_m <= height[1] for plant in plants)
    assert all(-100 <= plant.x_m < 100 and -100 <= plant.y_m < 100 for plant in plants)
    assert len({plant.seed for plant in plants}) == len(plants)


def test_what_is_to_stay_clear_stays_clear() -> None:
    plants = scatter(np.random.default_rng(1), 100.0, 150.0, 20.0, clear=[(0.0, 0.0, 15.0)])
    assert plants
    assert all(np.hypot(plant.x_m, plant.y_m) > 15 + plant.radius_m for plant in plants)


def test_land_is_anything_from_bare_to_bush() -> None:
    drawn = [densities(np.random.default_rng(seed)) for seed in range(80)]
    totals = np.array([sum(one.values()) for one in drawn])
    assert 2 <= (totals == 0).sum() <= 25
    assert totals.max() > 100


def test_the_same_seed_gives_the_same_plants() -> None:
    assert plants_of("bush", 50, seed=3) == plants_of("bush", 50, seed=3)
    assert plants_of("bush", 50, seed=3) != plants_of("bush", 50, seed=4)


def test_a_negative_density_is_refused() -> None:
    with pytest.raises(ValueError, match=r"plants per hectare must be >= 0, got -1.0 of acacia"):
        scatter(np.random.default_rng(0), 10.0, 1.0, -1.0)


@pytest.mark.parametrize(("kind", "eaten"), [("bush", True), ("acacia", True), ("dead", False), ("stone", False)])
def test_what_is_browsed(kind: str, eaten: bool) -> None:
    assert Plant(kind, 0.0, 0.0, 1.0, 1.0, 0).browsable is eaten
