"""What the sensor does to a picture: each effect alone, where the answer is plain; and the times of its frames."""

from dataclasses import fields, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from pipeline.simulate.pinhole import View
from pipeline.simulate.sensor import Sensor, SensorSettings, draw, image_motion, times
from pipeline.types import Image

WIDTH, HEIGHT = 96, 64
NEUTRAL = {"saturation": 1.0, "contrast": 1.0, "gamma": 1.0}  # of the others 0 is neutral
DOWN = View(np.array([0.0, 0.0, 20.0]), np.pi / 2, -np.pi / 2, 0.0, 100.0, WIDTH, HEIGHT)  # north is up, 5 px a metre


def camera(seed: int = 0, width: int = WIDTH, height: int = HEIGHT, **values: float) -> Sensor:
    """A camera that does nothing but what is asked of it."""
    named = {field.name: NEUTRAL.get(field.name, 0.0) for field in fields(SensorSettings)} | values
    settings = SensorSettings(**{name: [value, value] for name, value in named.items()})
    return draw(settings, np.random.default_rng(seed), width, height)


def exposed(sensor: Sensor, image: Image, before: View = DOWN, after: View = DOWN, seed: int = 0) -> Image:
    return sensor.expose(image, before, after, np.random.default_rng(seed))


def flat(*rgb: int) -> Image:
    return np.full((HEIGHT, WIDTH, 3), rgb, dtype=np.uint8)


def moved(east_m: float) -> View:
    return replace(DOWN, position=np.array([east_m, 0.0, 20.0]))


def speckled() -> Image:
    return np.random.default_rng(1).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)


def test_a_neutral_camera_changes_nothing() -> None:
    assert (exposed(camera(), speckled(), moved(0), moved(2)) == speckled()).all()


@pytest.mark.parametrize(
    ("values", "rgb", "expected"),
    [
        ({"warmth": 0.1}, (100, 100, 100), (110, 100, 90)),
        ({"tint": 0.1}, (100, 100, 100), (100, 110, 100)),
        ({"saturation": 2.0}, (100, 100, 100), (100, 100, 100)),  # grey has no colour to strengthen
        ({"saturation": 0.001}, (200, 100, 50), (124, 124, 124)),  # 0.299 * 200 + 0.587 * 100 + 0.114 * 50
        ({"contrast": 1.5}, (128, 148, 108), (128, 158, 98)),
        ({"brightness": 10.0}, (100, 250, 0), (110, 255, 10)),  # white stays white
        ({"gamma": 2.0}, (255, 128, 0), (255, 64, 0)),
    ],
)
def test_colours(values: dict[str, float], rgb: tuple[int, int, int], expected: tuple[int, int, int]) -> None:
    assert np.abs(exposed(camera(**values), flat(*rgb)).astype(int) - expected).max() <= 1


def test_corners_lose_light_and_the_middle_none() -> None:
    seen = exposed(camera(vignette=0.4), flat(200, 200, 200))[..., 0].astype(int)
    assert np.abs(seen[[0, 0, -1, -1], [0, -1, 0, -1]] - 120).max() <= 3
    assert abs(seen[HEIGHT // 2, WIDTH // 2] - 200) <= 1


@pytest.mark.parametrize(("detail", "beside"), [(-0.2, (30, 170)), (0.2, (70, 130))])  # a halo; softened
def test_an_edge_gets_a_halo_or_is_softened(detail: float, beside: tuple[int, int]) -> None:
    image = flat(50, 50, 50)
    image[:, WIDTH // 2 :] = 150
    row = exposed(camera(detail=detail), image)[10, :, 0].astype(int)
    assert tuple(row[WIDTH // 2 - 1 : WIDTH // 2 + 1]) == pytest.approx(beside, abs=1)
    assert (row[10], row[-10]) == (50, 150)


@pytest.mark.parametrize(
    ("before", "after", "motion"),
    [
        (DOWN, DOWN, (0, 0)),
        (DOWN, moved(1.0), (-5, 0)),  # a metre east: the ground goes 5 px to the left
        (DOWN, replace(DOWN, position=np.array([0.0, 1.0, 20.0])), (0, 5)),  # north: down
        (DOWN, replace(DOWN, roll=0.1), (0, 0)),  # turns about the middle
        (replace(DOWN, pitch=0.7), replace(DOWN, pitch=0.71), (0, 0)),  # the sky tells nothing
    ],
)
def test_motion_of_the_picture(before: View, after: View, motion: tuple[float, float]) -> None:
    assert image_motion(before, after) == pytest.approx(np.array(motion), abs=0.1)


def test_motion_blurs_along_itself_as_long_as_the_shutter_is_open() -> None:
    """20 px between frames, shutter open for half of it: a bright column becomes 10 px wide, a row stays sharp."""
    image = flat(0, 0, 0)
    image[:, 48] = 250
    seen = exposed(camera(shutter=0.5), image, DOWN, moved(4.0))[32, :, 0].astype(float)
    assert seen.sum() == pytest.approx(250, abs=12)
    assert (seen > 12).sum() in (9, 10, 11)
    assert (seen * np.arange(WIDTH)).sum() / seen.sum() == pytest.approx(48, abs=0.3)  # the truth's boxes stay right
    assert (exposed(camera(shutter=0.5), flat(9, 9, 9), DOWN, moved(4.0)) == 9).all()
    still_sharp = exposed(camera(shutter=0.03), image, DOWN, moved(4.0))  # 0.6 px
    assert (still_sharp == image).all()


def test_rows_read_later_see_a_later_picture() -> None:
    """20 px between frames, read in half the time: the last row sees the ground 10 px further left than the first."""
    image = flat(0, 0, 0)
    image[:, 48] = 250
    seen = exposed(camera(readout=0.5), image, DOWN, moved(4.0))[..., 0].astype(float)
    column = (seen * np.arange(WIDTH)).sum(axis=1) / seen.sum(axis=1)
    assert column[[0, 32, 63]] == pytest.approx([53, 48, 43.2], abs=0.3)


def test_noise_is_as_strong_as_asked_for_and_new_in_every_frame() -> None:
    sensor = camera(width=512, height=512, noise=4.0)
    grey = np.full((512, 512, 3), 128, dtype=np.uint8)
    one, two = (exposed(sensor, grey, seed=seed).astype(float) - 128 for seed in (1, 2))
    assert one.std() == pytest.approx(4.0, rel=0.1)
    assert abs(one.mean()) < 0.1
    assert abs(np.corrcoef(one[..., 1].ravel(), two[..., 1].ravel())[0, 1]) < 0.02


def test_bands_go_along_rows() -> None:
    seen = exposed(camera(width=512, height=512, rows=2.0), np.full((512, 512, 3), 128, dtype=np.uint8)).astype(float)
    assert seen.mean(axis=(1, 2)).std() == pytest.approx(2.0, rel=0.15)
    assert seen.mean(axis=(0, 2)).std() < 0.1


def test_the_same_seed_gives_the_same_picture() -> None:
    cameras = [draw(SensorSettings(), np.random.default_rng(5), WIDTH, HEIGHT) for _ in range(2)]
    one, again = (exposed(camera, speckled(), DOWN, moved(1.0), 3) for camera in cameras)
    assert (one == again).all()
    assert not (one == exposed(cameras[0], speckled(), DOWN, moved(1.0), 4)).all()
    assert (speckled() == speckled()).all()


def test_the_clean_picture_is_left_alone() -> None:
    image = speckled()
    exposed(draw(SensorSettings(), np.random.default_rng(5), WIDTH, HEIGHT), image, DOWN, moved(3.0))
    assert (image == speckled()).all()


@pytest.mark.parametrize("size", [(640, 360), (1921, 1080), (5472, 30)])  # larger than a tile of noise, odd, the widest
def test_any_size(size: tuple[int, int]) -> None:
    width, height = size
    view = replace(DOWN, width=width, height=height)
    seen = exposed(camera(width=width, height=height, noise=1.0), np.zeros((height, width, 3), np.uint8), view, view)
    assert seen.shape == (height, width, 3)


def test_a_picture_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match=r"image must be \(64, 96, 3\), got \(64, 95, 3\)"):
        exposed(camera(), np.zeros((64, 95, 3), dtype=np.uint8))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"shutter": [0.5, 0.1]}, r"shutter must be \[low, high\] within 0 to 1, got \[0.5, 0.1\]"),
        ({"detail": [-0.6, 0.0]}, r"detail must be \[low, high\] within -0.5 to 0.25"),
        ({"noise": [1.0]}, r"noise must be \[low, high\] within 0 to 50, got \[1.0\]"),
    ],
)
def test_settings_that_cannot_be(changes: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        SensorSettings(**changes)


@pytest.mark.parametrize(
    ("rate", "duration_s", "count", "last_s"),
    [
        (Fraction(30), 0.001, 1, 0.0),  # one
        (Fraction(30), 2.0, 60, 59 / 30),
        (Fraction(30000, 1001), 60.0, 1798, 1797 * 1001 / 30000),  # never 30, never 29
    ],
)
def test_times_of_a_constant_rate_are_exact(rate: Fraction, duration_s: float, count: int, last_s: float) -> None:
    made = times(rate, duration_s, False, np.random.default_rng(0))
    assert len(made) == count
    assert made[0] == 0
    assert made[-1] == pytest.approx(last_s, abs=1e-12)


def test_times_of_a_variable_rate() -> None:
    rate = Fraction(30000, 1001)
    made = times(rate, 300.0, True, np.random.default_rng(0))
    steps = np.diff(made) * float(rate)
    assert made[0] == 0
    assert made[-1] == pytest.approx(300, abs=0.2)  # it trembles about the rate and does not run away
    assert steps.min() > 0.39
    assert 0.005 < 1 - len(made) / (300 * float(rate)) < 0.04  # lost frames
    assert steps.max() > 1.7
    assert np.abs(made * 90_000 - np.rint(made * 90_000)).max() < 1e-6
    assert (made == times(rate, 300.0, True, np.random.default_rng(0))).all()


@pytest.mark.parametrize(("rate", "duration_s"), [(Fraction(0), 1.0), (Fraction(30), 0.0)])
def test_times_that_cannot_be(rate: Fraction, duration_s: float) -> None:
    with pytest.raises(ValueError, match=rf"rate and duration_s must be > 0, got {rate}, {duration_s}"):
        times(rate, duration_s, False, np.random.default_rng(0))
