"""The ground: what is painted at a place is seen where the camera sees that place; the pattern has no seam."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.simulate.ground import Ground
from pipeline.simulate.light import Footprint, Light, sky_seen
from pipeline.simulate.pinhole import View
from pipeline.simulate.pyramid import Pyramid, Trace

WHITE = np.ones(3)
CLEAR = Light(np.pi, np.pi / 4, WHITE, WHITE, 0.25, 1e7, 200 * WHITE, np.array([80.0, 130.0, 200.0]))
SMALL_M = 20.0


def view(pitch_deg: float, roll: float = 0.0, height_m: float = 20.0, size: tuple[int, int] = (320, 240)) -> View:
    return View(np.array([4.0, -3.0, height_m]), 0.7, np.deg2rad(pitch_deg), roll, 250.0, *size)


@pytest.fixture(scope="module")
def ground() -> Ground:
    return Ground.made(np.random.default_rng(5), CLEAR, SMALL_M)


def dotted(x_m: float, y_m: float) -> Pyramid:
    """A texture of 64 m, 0.25 m fine, black but for a white spot of 1 m whose middle is at a place."""
    tile = np.zeros((256, 256), dtype=np.uint8)
    column, row = int(x_m * 4) % 256, int(y_m * 4) % 256
    tile[row - 2 : row + 2, column - 2 : column + 2] = 255
    return Pyramid.repeating(tile, 0.25, 3, [512, 256, 128])


@pytest.mark.parametrize("pitch_deg", [-30, -60, -90])
@pytest.mark.parametrize("roll", [0.0, 0.02, -0.4])
@pytest.mark.parametrize("scale", [1, 2])  # the full picture, and half of it, as colour is drawn
def test_a_spot_is_seen_where_the_camera_projects_it(pitch_deg: float, roll: float, scale: int) -> None:
    camera = view(pitch_deg, roll)
    place = np.round(camera.on_ground(np.array([180.0, 130.0])))
    seen = dotted(*place).seen(Trace.of(camera, scale), (0,)).astype(float)
    pixel, _ = camera.project(np.array([*place, 0.0]))
    near = np.round(pixel / scale).astype(int)
    window = seen[near[1] - 14 : near[1] + 14, near[0] - 14 : near[0] + 14]
    rows, columns = np.nonzero(window > 60)
    weight = window[rows, columns]
    middle = np.array([(columns * weight).sum(), (rows * weight).sum()]) / weight.sum() + near - 14 + 0.5
    assert middle * scale == pytest.approx(pixel, abs=1.0 * scale)


def test_the_pattern_repeats_without_a_seam(ground: Ground) -> None:
    tile = ground.lightness.levels[0][:384, :384].astype(int)
    for one in (tile, tile.T):
        inside = np.abs(np.diff(one, axis=1)).mean()
        assert np.abs(one[:, 0] - one[:, -1]).mean() == pytest.approx(inside, rel=0.25)
    colour = ground.colour.levels[0][:192, :192].astype(int)
    assert np.abs(colour[0] - colour[-1]).mean() < 1.6 * np.abs(np.diff(colour, axis=0)).mean()


def test_a_period_further_all_looks_the_same(ground: Ground) -> None:
    period = ground.lightness.period_m
    assert period == pytest.approx(19.2)
    here = view(-60)
    there = replace(here, position=here.position + np.array([5, -3, 0]) * period)
    first, second = ground.lightness.seen(Trace.of(here), (0,)), ground.lightness.seen(Trace.of(there), (0,))
    assert (np.abs(first.astype(int) - second) > 3).mean() < 0.01


def test_levels_follow_the_distance(ground: Ground) -> None:
    footprint = Trace.of(view(-20)).footprint_m
    assert (np.diff(footprint[np.isfinite(footprint).all(axis=1)], axis=0) < 0).all()  # finer towards the bottom
    level = ground.lightness.level(np.array([0.001, 0.05, 0.11, 0.5, 1000.0]))
    assert level.tolist() == [0, 0, 1, 3, 7]
    down = Trace.of(View(np.array([0.0, 0.0, 50.0]), 0.0, -np.pi / 2, 0.0, 1000.0, 640, 480))
    assert down.footprint_m == pytest.approx(0.05, rel=1e-6)  # 50 m / 1000 px


def test_the_same_seed_gives_the_same_bytes_and_others_other_ground() -> None:
    pictures = [
        Ground.made(np.random.default_rng(seed), CLEAR, SMALL_M).seen(view(-50)) for seed in (1, 1, 2, 3, 4, 5, 6, 7)
    ]
    assert pictures[0].tobytes() == pictures[1].tobytes()
    means = np.array([picture.reshape(-1, 3).mean(axis=0) for picture in pictures[1:]])
    assert (means.std(axis=0) > 8).all()
    assert (means[:, 0] > means[:, 2]).all()  # dry ground is never blue
    assert all(picture.std() > 8 for picture in pictures)  # and never blank


@pytest.mark.parametrize("roll", [0.0, 0.3])
def test_above_the_horizon_is_sky(ground: Ground, roll: float) -> None:
    camera = view(-5, roll)
    seen = ground.seen(camera).astype(int)
    sky = sky_seen(camera, CLEAR).astype(int)
    columns, rows = np.meshgrid(np.arange(320) + 0.5, np.arange(240) + 0.5)
    above = np.isnan(camera.on_ground(np.stack([columns, rows], axis=-1))[..., 0])
    assert 0.15 < above.mean() < 0.6
    assert np.abs(seen - sky)[above].mean() < 4  # the sky's table is kept along one line through the middle
    assert np.abs(seen - sky)[~above].mean() > 15


def test_haze_grows_with_distance(ground: Ground) -> None:
    hazy = replace(ground, light=replace(CLEAR, haze_m=60.0))
    seen = hazy.seen(view(-30))  # 260 m at the top, 24 m at the bottom
    rows = np.abs(seen.astype(float) - 200).mean(axis=(1, 2))
    assert rows[2] < 6 < 20 < rows[-3]


@pytest.mark.parametrize(
    ("height_m", "pitch_deg", "focal_px", "size"),
    [
        (8.0, -90.0, 300.0, (641, 359)),  # odd sides, straight down
        (100.0, -15.0, 4000.0, (640, 360)),  # far through a long lens
        (8.0, -1.0, 300.0, (640, 361)),  # mostly horizon
        (50.0, 20.0, 600.0, (320, 180)),  # all sky
    ],
)
def test_any_view_is_drawn(
    ground: Ground, height_m: float, pitch_deg: float, focal_px: float, size: tuple[int, int]
) -> None:
    camera = View(np.array([0.0, 0.0, height_m]), 2.0, np.deg2rad(pitch_deg), 0.01, focal_px, *size)
    seen = ground.seen(camera)
    assert seen.shape == (size[1], size[0], 3) and seen.dtype == np.uint8
    assert seen.mean() > 30


def test_shadows_darken_the_ground_where_they_lie() -> None:
    lawn = Footprint((3.0, -4.0), 0.1, np.ones((20, 20), dtype=np.float32))  # 2 m x 2 m, its middle at (4, -3)
    plain, shaded = (
        Ground.made(np.random.default_rng(8), CLEAR, SMALL_M, shadows).seen(view(-90)) for shadows in ((), (lawn,))
    )
    ratio = shaded.mean(axis=2) / np.maximum(plain.mean(axis=2), 1)
    assert ratio[115:125, 155:165].mean() == pytest.approx(0.25, abs=0.03)  # under the camera: as dark as a shadow is
    assert ratio[:80].mean() == pytest.approx(1.0, abs=0.01)
