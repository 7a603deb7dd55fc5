"""Adults' measures, and how individuals vary about them."""

import numpy as np
import pytest

from pipeline.simulate.coats import PATTERNS
from pipeline.simulate.profiles import PROFILES
from pipeline.simulate.reach import mouth, standing_m, standing_pitch, to_height
from pipeline.simulate.species import ADULTS, individual

MEASURES = [name for name in ADULTS["impala"].__dataclass_fields__ if name.endswith("_m")]


def test_every_species_has_an_outline_and_a_coat():
    assert set(ADULTS) == set(PROFILES)
    assert {build.coat for build in ADULTS.values()} == set(PATTERNS)


@pytest.mark.parametrize(
    ("young", "low", "high"),
    [
        (0.0, 0.88, 1.12),  # adults
        (1.0, 0.50, 0.90),  # young
    ],
)
def test_individuals_keep_their_proportions(young, low, high):
    adult, rng = ADULTS["plains_zebra"], np.random.default_rng(0)
    for _ in range(200):
        one = individual("plains_zebra", rng, young)
        sizes = [getattr(one, name) / getattr(adult, name) for name in MEASURES]
        assert low <= sizes[0] <= high
        assert np.allclose(sizes, sizes[0])
        assert np.isclose(one.mass_kg, adult.mass_kg * sizes[0] ** 3)


def test_the_share_of_young():
    rng = np.random.default_rng(1)
    small = [individual("impala", rng, 0.3).trunk_m < 0.89 * ADULTS["impala"].trunk_m for _ in range(2000)]
    assert 0.25 < np.mean(small) < 0.36


@pytest.mark.parametrize("species", ["plains_zebra", "grevys_zebra", "impala", "baboon", "sheep"])
def test_grazers_reach_the_ground(species):
    build = ADULTS[species]
    nose = np.radians(-78.0)
    reach = to_height(build, 0.03, nose)
    pitch = standing_pitch(build) + reach.tip
    x, _, z = mouth(build, np.array([0.0, reach.neck]), np.array([0.0, reach.head]))
    height = standing_m(build) - reach.lower_m + x * np.sin(pitch) + z * np.cos(pitch)
    assert abs(height - 0.03) < 0.05 * build.shoulder_m
