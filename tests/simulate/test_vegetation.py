"""The look of plants: where they are drawn, how they are lit, where their shadow lies."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from pipeline.simulate.foliage import Foliage, foliage
from pipeline.simulate.light import Light
from pipeline.simulate.pinhole import View
from pipeline.simulate.plants import KINDS, Plant
from pipeline.simulate.raster import Patch
from pipeline.simulate.vegetation import Look, placed

WHITE = np.ones(3)
WESTERN = Light(np.pi, np.pi / 4, WHITE, WHITE, 0.25, 1e6, 200 * WHITE, 200 * WHITE)  # shadows fall east, 1 m for 1 m


def plant(kind: str = "bush", x_m: float = 2.0, y_m: float = 30.0) -> Plant:
    return Plant(kind, x_m, y_m, 1.2, 1.8, 11)


def view(pitch: float, roll: float = 0.0, height_m: float = 15.0) -> View:
    """A camera that looks north, so that the plant is about in the middle."""
    back = height_m / np.tan(-pitch) if pitch > -1.5 else 0.0
    return View(np.array([0.0, 30.0 - back, height_m]), np.pi / 2, pitch, roll, 700.0, 640, 480)


def dotted(at: tuple[float, float, float]) -> Look:
    """A look of one leaf at a place against the root, and nothing else."""
    look = Look(plant(), WESTERN)
    one = np.array([at])
    none = np.zeros((0, 2, 3))
    look.pieces = Foliage(one, 0.03, one, np.zeros(1), np.full((1, 3), 200.0), none, np.zeros(0), np.zeros(3))
    look._colour, look._corners = look._colour[:1], np.concatenate([one, np.zeros((7, 3))])
    return look


def middle_of(patch: Patch) -> np.ndarray:
    rows, columns = np.nonzero(patch.alpha > 0)
    weight = patch.alpha[rows, columns]
    where = np.array([(columns * weight).sum(), (rows * weight).sum()]) / weight.sum()
    return where + np.array([patch.left + 0.5, patch.top + 0.5])


@pytest.mark.parametrize("pitch_deg", [-20, -55, -90])
@pytest.mark.parametrize("roll", [0.0, 0.3])
@pytest.mark.parametrize("at", [(0.0, 0.0, 0.0), (0.0, 0.0, 1.8), (0.6, -0.4, 0.9)])  # root, top, a leaf on a side
def test_pieces_are_drawn_where_the_camera_sees_them(
    pitch_deg: float, roll: float, at: tuple[float, float, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.simulate.vegetation.SWAY", 0.0)
    camera = view(np.deg2rad(pitch_deg), roll)
    [(depth, patch)] = placed([dotted(at)], camera, WESTERN)
    pixel, _ = camera.project(np.array([2.0, 30.0, 0.0]) + at)
    size_px = 1.8 * 700 / depth
    assert middle_of(patch) == pytest.approx(pixel, abs=0.8 + 0.09 * size_px)  # sprites turn in steps of 7.5 degrees


def test_the_root_is_the_anchor() -> None:
    sprite = dotted((0.0, 0.0, 0.0)).sprite(0.4, 1.0, 50.0)
    rows, columns = np.nonzero(sprite.rgba[..., 3])
    assert sprite.anchor == pytest.approx([columns.mean() + 0.5, rows.mean() + 0.5], abs=0.6)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_seen_as_large_as_it_is(kind: str) -> None:
    sprite = Look(plant(kind), WESTERN).sprite(0.0, 0.0, 40.0)
    rows, columns = np.nonzero(sprite.rgba[..., 3] > 100)
    assert 0.5 * 96 < np.ptp(columns) < 1.6 * 96  # 2.4 m across
    assert 0.5 * 72 < np.ptp(rows) < 1.6 * 72  # 1.8 m high
    assert rows.max() == pytest.approx(sprite.anchor[1], abs=8)  # it stands on the ground


def test_ground_shows_through_leaves() -> None:
    sprite = Look(plant(), WESTERN).sprite(0.3, 0.0, 60.0)
    alpha = sprite.rgba[..., 3] / 255
    inside = alpha[alpha > 0.02]
    assert (inside < 0.9).mean() > 0.03


def test_the_sunny_side_is_lighter() -> None:
    sprite = Look(plant(), WESTERN).sprite(0.2, -np.pi / 2, 60.0)  # from the south: west is left
    grey, alpha = sprite.rgba[..., 1], sprite.rgba[..., 3]
    middle = int(sprite.anchor[0])
    left, right = (grey[:, part].sum() / alpha[:, part].sum() for part in (np.s_[:middle], np.s_[middle:]))
    assert left > 1.15 * right


def test_the_shadow_lies_away_from_the_sun() -> None:
    shadow = Look(plant(), WESTERN).shadow()
    rows, columns = np.nonzero(shadow.alpha > 0.3)
    middle = np.array([columns.mean(), rows.mean()]) * shadow.texel_m + shadow.corner_m
    assert 2.3 < middle[0] < 2.0 + 1.8  # east of the root, by about half the plant's height
    assert middle[1] == pytest.approx(30.0, abs=0.4)
    assert shadow.alpha.max() <= 1 + 1e-6


def test_what_is_not_in_the_picture_is_not_placed() -> None:
    elsewhere = [Look(plant(x_m=500.0), WESTERN), Look(plant(y_m=-200.0), WESTERN)]
    assert placed(elsewhere, view(-0.5), WESTERN) == []
    assert placed([], view(-0.5), WESTERN) == []


def test_patches_lie_inside_the_picture_and_are_multiplied_by_their_opacity() -> None:
    camera = view(-0.5)
    looks = [Look(plant(x_m=x), WESTERN) for x in np.linspace(-14, 14, 9)]  # some cut by the edges
    for depth, patch in placed(looks, camera, WESTERN):
        height, width = patch.alpha.shape
        assert depth > 0
        assert min(patch.left, patch.top) >= 0 and patch.left + width <= 640 and patch.top + height <= 480
        assert patch.colour.shape == (height, width, 3)
        assert (patch.colour <= 255 * patch.alpha[..., None] + 0.01).all()


def test_haze_lies_over_far_plants() -> None:
    misty = replace(WESTERN, haze_m=20.0)
    [(_, clear)], [(_, veiled)] = (placed([Look(plant(), WESTERN)], view(-0.5), light) for light in (WESTERN, misty))
    solid = clear.alpha > 0.95
    assert np.array_equal(clear.alpha, veiled.alpha)
    assert (veiled.colour[solid].mean(axis=0) > 1.5 * clear.colour[solid].mean(axis=0)).all()


def test_a_frame_is_the_same_whatever_was_drawn_before() -> None:
    fresh, used = Look(plant(), WESTERN), Look(plant(), WESTERN)
    for pitch in (-0.3, -0.6, -1.0, -1.4, -np.pi / 2):
        placed([used], view(pitch), WESTERN)
    [(_, first)], [(_, second)] = (placed([look], view(-0.5), WESTERN, 1.0) for look in (fresh, used))
    assert first.colour.tobytes() == second.colour.tobytes()


def test_another_process_makes_a_plant_again_from_little() -> None:
    look = Look(plant(), WESTERN)
    look.sprite(0.2, 0.3, 60.0)
    sent = pickle.dumps(look)
    assert len(sent) < 5000  # not its leaves, which are 1.3 MB
    again = pickle.loads(sent)
    assert again.sprite(0.2, 0.3, 60.0).rgba.tobytes() == look.sprite(0.2, 0.3, 60.0).rgba.tobytes()
    assert again.shadow().alpha.tobytes() == look.shadow().alpha.tobytes()


def test_wind_moves_the_top_and_not_the_root() -> None:
    camera = view(-0.4)
    tops, roots = (
        [middle_of(placed([dotted((0.0, 0.0, z))], camera, WESTERN, time)[0][1])[0] for time in np.arange(0, 2, 0.2)]
        for z in (1.8, 0.0)
    )
    assert np.ptp(tops) > 5 * np.ptp(roots)
    assert 0.3 < np.ptp(tops) < 3  # a pixel or two


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_pieces(kind: str) -> None:
    first, second = foliage(plant(kind)), foliage(plant(kind))
    other = foliage(replace(plant(kind), seed=12))
    assert first.leaves.tobytes() == second.leaves.tobytes()
    assert first.branches.tobytes() == second.branches.tobytes()
    assert first.colour.tobytes() != other.colour.tobytes()
