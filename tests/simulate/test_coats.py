"""Coats: what colour is where on an animal, and how animals differ."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from pipeline.simulate import coats
from pipeline.simulate.anatomy import Part, lofts
from pipeline.simulate.atlas import MARGIN_PX, SIDE_PX, Texels, places, texels
from pipeline.simulate.mottle import Mottle, mix, smooth
from pipeline.simulate.species import ADULTS

SIDE = SIDE_PX // 2


@cache
def shown(species: str) -> Texels:
    return texels(lofts(ADULTS[species], horned=True), finer=2)


@cache
def painted(species: str, seed: int = 1) -> np.ndarray:
    """Brightness [n] and colour of each texel, [n, 4]."""
    atlas = coats.paint(ADULTS[species], shown(species), SIDE, np.random.default_rng(seed)).reshape(-1, 3)
    colour = atlas[shown(species).texel].astype(np.float64)
    return np.column_stack([colour.mean(axis=1), colour])


def where(species: str, part: Part, low: float, high: float, top: float = 0.0, bottom: float = 1.0) -> np.ndarray:
    """The texels of a stretch of a part, from ``top`` (0: back) to ``bottom`` (1: belly) of its side."""
    at = shown(species)
    under = 1 - np.abs(1 - 2 * at.turn)
    return (at.part == part) & (at.where >= low) & (at.where <= high) & (under >= top) & (under <= bottom)


def stripes(species: str) -> int:
    """Changes between dark and light along the middle of the left side of the trunk."""
    at = shown(species)
    line = where(species, Part.spine, 0.15, 0.95) & (np.abs(at.turn - 0.25) < 0.004)
    order = np.argsort(at.position[line, 0])
    dark = painted(species)[line, 0][order] < 120
    return int((dark[1:] != dark[:-1]).sum())


def test_grevys_stripes_are_narrow_and_plains_zebras_broad():
    assert 8 <= stripes("plains_zebra") <= 30
    assert 1.5 * stripes("plains_zebra") < stripes("grevys_zebra")


@pytest.mark.parametrize("species", ["plains_zebra", "grevys_zebra"])
def test_zebras_are_half_dark_half_light_in_strong_contrast(species):
    side = painted(species)[where(species, Part.spine, 0.1, 0.9, 0.3, 0.6), 0]
    assert 0.3 < (side < 120).mean() < 0.7
    assert np.percentile(side, 90) - np.percentile(side, 10) > 100


def test_stripes_lie_along_the_body_across_the_legs():
    at = shown("plains_zebra")
    bright = painted("plains_zebra")[:, 0]
    leg = (at.part == Part.fore_leg) & (at.where > 0.9) & (at.where < 1.7) & (at.position[:, 1] > 0)
    bands = np.digitize(at.position[leg, 2], np.linspace(0, 0.6, 60))
    within = np.mean([bright[leg][bands == b].std() for b in np.unique(bands) if (bands == b).sum() > 5])
    assert within < 0.7 * bright[leg].std()  # the same colour all round at one height


@pytest.mark.parametrize(
    ("species", "light", "dark"),
    [
        (
            "grevys_zebra",
            (Part.spine, 0.3, 0.8, 0.9, 1.0),
            (Part.spine, 0.4, 0.8, 0.0, 0.02),
        ),  # belly; line on the back
        ("plains_zebra", (Part.spine, 0.3, 0.8, 0.3, 0.6), (Part.spine, 2.9, 3.0)),  # side; muzzle
        ("plains_zebra", (Part.fore_leg, 1.2, 1.8), (Part.fore_leg, 1.96, 2.0)),  # cannon; hoof
        ("giraffe", (Part.fore_leg, 1.5, 1.8), (Part.fore_leg, 0.3, 0.7)),  # lower leg; forearm
        ("giraffe", (Part.tail, 0.0, 0.3), (Part.tail, 0.75, 1.0)),  # tail; tuft
        ("impala", (Part.spine, 0.3, 0.8, 0.9, 1.0), (Part.spine, 0.3, 0.8, 0.0, 0.3)),  # belly; back
        ("baboon", (Part.spine, 0.3, 0.8, 0.2, 0.8), (Part.spine, 2.6, 3.0)),  # side; face
        ("sheep", (Part.spine, 0.3, 0.8, 0.0, 0.5), (Part.spine, 0.3, 0.8, 0.97, 1.0)),  # fleece; belly
        ("sheep", (Part.fore_leg, 1.2, 1.8), (Part.fore_leg, 1.96, 2.0)),  # shin; hoof
    ],
)
def test_light_and_dark_places(species, light, dark):
    bright = painted(species)[:, 0]
    assert bright[where(species, *light)].mean() > 1.15 * bright[where(species, *dark)].mean()


@pytest.mark.parametrize(
    ("species", "share"),
    [
        ("giraffe", (0.55, 0.92)),  # patches: browner than the lines between
        ("impala", (0.9, 1.0)),
    ],
)
def test_brown_coats(species, share):
    at = where(species, Part.spine, 0.2, 0.9, 0.1, 0.5)
    _, red, _, blue = painted(species)[at].T
    assert share[0] <= (red > 1.45 * blue).mean() <= share[1]


def test_sheep_have_pale_fleeces_and_dark_or_pale_faces() -> None:
    back, face = where("sheep", Part.spine, 0.2, 0.8, 0.0, 0.5), where("sheep", Part.spine, 2.3, 2.7)
    wool, faces = (np.array([painted("sheep", seed)[at, 0].mean() for seed in range(12)]) for at in (back, face))
    assert ((wool > 115) & (wool < 235)).all() and wool.std() > 8  # off-white to light brown
    assert 2 <= (faces < 110).sum() <= 10 and (faces > 150).any()


@pytest.mark.parametrize("species", tuple(ADULTS))
def test_the_same_numbers_paint_the_same_coat_and_others_another(species):
    build, at = ADULTS[species], shown(species)
    first, again, other = (coats.paint(build, at, SIDE, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert np.abs(first.astype(float) - other).mean() > 2
    assert first.shape == (SIDE, SIDE, 3)
    assert first.dtype == np.uint8


def test_a_coat_without_a_pattern_is_refused():
    with pytest.raises(ValueError, match="no pattern for coat 'tartan'; there are: plains_zebra, grevys_zebra"):
        coats.paint(replace(ADULTS["impala"], coat="tartan"), shown("impala"), SIDE, np.random.default_rng(0))


@pytest.mark.parametrize("species", tuple(ADULTS))
def test_no_two_parts_share_a_texel(species):
    at = shown(species)
    assert len(np.unique(at.texel)) == len(at.texel)
    assert 0 <= at.texel.min() <= at.texel.max() < SIDE**2


def test_texels_are_where_the_mesh_says():
    parts = lofts(ADULTS["impala"], horned=True)
    at = texels(parts)
    for loft, place in zip(parts, places(parts), strict=True):
        along, turn = np.array([0.3]), np.array([0.6])
        column, line = (place.uv(along, turn)[0] * SIDE_PX).astype(int)
        k = np.flatnonzero(at.texel == line * SIDE_PX + column)
        assert len(k) == 1
        near = loft.at(np.array([0.3, 0.34]), np.array([0.6, 0.64]))[0]
        assert np.linalg.norm(at.position[k[0]] - near[0, 0]) <= np.linalg.norm(near[1, 1] - near[0, 0]) + 0.01
    assert MARGIN_PX >= SIDE_PX / 128  # a coarse copy's texel does not reach over it


def test_mottle_is_smooth_and_about_nought():
    points = np.random.default_rng(0).uniform(-5, 5, (4000, 3))
    field = Mottle(np.random.default_rng(1), 0.3)
    assert abs(field(points).mean()) < 0.1
    assert 0.8 < field(points).std() < 1.2
    assert np.abs(field(points + 0.002) - field(points)).max() < 0.2


@pytest.mark.parametrize("size", [0.0, -1.0, float("nan")])
def test_mottle_of_no_size_is_refused(size):
    with pytest.raises(ValueError, match=f"size_m must be > 0, got {size}"):
        Mottle(np.random.default_rng(0), size)


@pytest.mark.parametrize(
    ("low", "high", "x", "value"),
    [
        (0.0, 1.0, -1.0, 0.0),
        (0.0, 1.0, 0.5, 0.5),
        (0.0, 1.0, 2.0, 1.0),
        (1.0, 0.0, 0.25, 1 - 0.15625),  # turned round: 1 - (3 - 2 * 0.25) * 0.25 ** 2
    ],
)
def test_smooth(low, high, x, value):
    assert np.isclose(smooth(low, high, np.array([x]))[0], value)


def test_mix():
    assert mix(np.zeros(3), np.array([10.0, 20.0, 30.0]), np.array([0.0, 0.5])).tolist() == [[0, 0, 0], [5, 10, 15]]
