"""Light: what is lit, where shadows fall, what haze leaves of a colour."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.simulate.light import (
    Light,
    clearness,
    hazed,
    shade,
    shadow_offset,
    sky_colour,
    sky_seen,
)
from pipeline.simulate.pinhole import View

SOUTH, WEST = -np.pi / 2, np.pi
UP = np.array([[0.0, 0.0, 1.0]])


def sunny(**changes: object) -> Light:
    """White light from the south, half way up; a shadow is a quarter as bright; haze of grey 200."""
    white = np.ones(3)
    light = Light(SOUTH, np.pi / 4, white, white, 0.25, 1000.0, 200 * white, np.array([80.0, 130.0, 200.0]))
    return replace(light, **changes)


def view(pitch: float = 0.0, roll: float = 0.0) -> View:
    return View(np.array([0.0, 0.0, 20.0]), 0.0, pitch, roll, 100.0, 80, 60)


def test_level_ground_in_the_sun_is_as_painted() -> None:
    assert shade(UP, sunny()) == pytest.approx(np.ones((1, 3)))
    assert sunny().lit == pytest.approx(np.ones(3))
    assert sunny().dark == pytest.approx(np.full(3, 0.25))


@pytest.mark.parametrize(
    ("normal", "brighter"),
    [
        ((0.0, -1.0, 0.0), (0.0, 1.0, 0.0)),  # to the sun, from it
        ((0.0, 0.0, 1.0), (0.0, 0.0, -1.0)),  # up, down
        ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0)),  # up, from the sun
        ((0.0, -0.707, 0.707), (0.0, 0.0, 1.0)),  # straight at the sun, up
    ],
)
def test_what_faces_the_sun_is_brighter(normal: tuple[float, ...], brighter: tuple[float, ...]) -> None:
    first, second = shade(np.array([normal, brighter]), sunny())
    assert (first > second).all()


@pytest.mark.parametrize(
    ("azimuth", "elevation", "offset"),
    [
        (SOUTH, np.pi / 4, (0.0, 1.0)),  # from the south at 45 degrees: one metre north for a metre of height
        (WEST, np.pi / 4, (1.0, 0.0)),  # an afternoon: to the east
        (WEST, np.arctan(0.5), (2.0, 0.0)),  # lower: twice as long
        (WEST, np.pi / 2, (0.0, 0.0)),  # noon at the equator: none
    ],
)
def test_shadows_fall_away_from_the_sun(azimuth: float, elevation: float, offset: tuple[float, float]) -> None:
    assert shadow_offset(sunny(azimuth=azimuth, elevation=elevation)) == pytest.approx(offset, abs=1e-12)


def test_haze_grows_with_distance() -> None:
    light = sunny()
    assert clearness(np.array([0.0, 1000.0]), light) == pytest.approx([1, np.exp(-1)])
    red = np.array([[100.0, 0.0, 0.0]] * 3)
    seen = hazed(red, np.array([0.0, 1000 * np.log(2), 1e9]), light)
    assert seen == pytest.approx(np.array([[100, 0, 0], [150, 100, 100], [200, 200, 200]]))


def test_the_sky_is_the_haze_at_the_horizon_and_its_own_colour_overhead() -> None:
    light = sunny()
    assert sky_colour(np.array([0.0, np.pi / 2]), light) == pytest.approx(np.stack([light.haze, light.zenith]))


def test_the_sky_seen_upright_and_rolled_over() -> None:
    seen = sky_seen(view(), sunny())
    assert seen.shape == (60, 80, 3)
    assert (np.diff(seen[:, 40, 0].astype(int)) >= 0).all()  # bluer, so less red, towards the top
    assert (seen[31:] == 200).all()
    assert np.array_equal(sky_seen(view(roll=np.pi), sunny())[::-1, ::-1], seen)


def test_drawn_light_varies_and_is_the_same_for_the_same_seed() -> None:
    lights = [Light.draw(np.random.default_rng(seed)) for seed in range(60)]
    again = Light.draw(np.random.default_rng(7))
    assert again.azimuth == lights[7].azimuth and again.exposure == lights[7].exposure
    elevations = np.rad2deg([light.elevation for light in lights])
    assert elevations.min() < 25 and elevations.max() > 75
    ambient = np.array([light.ambient for light in lights])
    assert 0.05 < (ambient >= 0.7).mean() < 0.4  # under cloud
    for light in lights:
        assert (light.haze >= 0).all() and (light.haze <= 255).all()
        assert (light.dark > 0.2).all() and (light.dark < 1.1).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"elevation": 0.0}, r"elevation must be in \[0.175, pi / 2\], got 0.0"),
        ({"elevation": 2.0}, "elevation must be in .* got 2.0"),
        ({"ambient": 0.0}, r"ambient must be in \(0, 1\], got 0.0"),
        ({"haze_m": 0.0}, "haze_m and exposure must be > 0, got 0.0, 1.0"),
        ({"exposure": -1.0}, "haze_m and exposure must be > 0, got 1000.0, -1.0"),
        ({"sun": np.ones(4)}, r"sun must be \[3\], got \(4,\)"),
    ],
)
def test_impossible_light_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sunny(**changes)
