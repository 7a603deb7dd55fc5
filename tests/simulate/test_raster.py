"""The rasteriser against squares that can be counted."""

import numpy as np
import pytest

from pipeline.simulate.raster import Mesh, Patch, draw, silhouette

SKY, SUN = np.array([0.5, 0.5, 0.5], dtype=np.float32), np.array([0.5, 0.25, 0.0], dtype=np.float32)
FACES = np.array([[0, 2, 1], [1, 2, 3]])  # counter-clockwise to the eye: top left, bottom left, top right, bottom right


def square(
    left: float, top: float, side: float, depth: float = 5.0, sunlit: float = 0.0, colour: int = 200, flip: bool = False
) -> Mesh:
    corners = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], dtype=np.float32)
    return Mesh(
        pixels=corners * side + np.array([left, top], dtype=np.float32),
        depth=np.full(4, depth, dtype=np.float32),
        faces=FACES[:, ::-1] if flip else FACES,
        uv=corners,
        sunlit=np.full(4, sunlit, dtype=np.float32),
        atlas=np.full((2, 2, 3), colour, dtype=np.uint8),
    )


def drawn(mesh: Mesh, width: int = 40, height: int = 30) -> Patch:
    (patch,) = draw([mesh], SKY, SUN, width, height)
    assert patch is not None
    return patch


def test_nothing_gives_nothing() -> None:
    assert draw([], SKY, SUN, 10, 10) == []


def test_a_square_on_whole_pixels_covers_exactly_them() -> None:
    patch = drawn(square(10, 5, 8))
    whole = np.zeros((30, 40))
    height, width = patch.alpha.shape
    whole[patch.top : patch.top + height, patch.left : patch.left + width] = patch.alpha
    expected = np.zeros((30, 40))
    expected[5:13, 10:18] = 1
    np.testing.assert_array_equal(whole, expected)


def test_half_a_pixel_is_half_opaque() -> None:
    patch = drawn(square(10.5, 5, 8))
    assert patch.alpha.sum() == pytest.approx(64, abs=4)
    edge = patch.alpha[5 - patch.top + 2, 10 - patch.left]
    assert edge == pytest.approx(0.5, abs=0.2)  # three samples a pixel


def test_two_triangles_share_their_edge_without_gap_or_overlap() -> None:
    for side in (7.3, 11.9, 23.1):
        alpha = drawn(square(3.2, 2.7, side), 60, 60).alpha
        assert (alpha <= 1).all()
        assert alpha.sum() == pytest.approx(side**2, rel=0.03)


@pytest.mark.parametrize(
    ("sunlit", "colour"),
    [
        (0.0, (100, 100, 100)),  # the sky alone: half
        (1.0, (200, 150, 100)),  # and the sun: half of red, a quarter of green, no blue
        (9.0, (255, 255, 100)),  # never above 255
    ],
)
def test_light_multiplies_the_colour(sunlit: float, colour: tuple[int, ...]) -> None:
    patch = drawn(square(10, 5, 8, sunlit=sunlit))
    np.testing.assert_allclose(patch.colour[patch.alpha == 1][0], colour)


def test_the_back_of_a_triangle_is_not_drawn() -> None:
    assert drawn(square(10, 5, 8, flip=True)).alpha.sum() == 0


def test_what_is_outside_is_none_and_what_reaches_in_is_cut() -> None:
    assert draw([square(50, 5, 8), square(-4, 5, 8)], SKY, SUN, 40, 30)[0] is None
    assert drawn(square(-4, 5, 8)).alpha.sum() == pytest.approx(32)


def test_within_a_mesh_the_nearer_triangle_hides_the_farther() -> None:
    near, far = square(10, 5, 8, depth=2, colour=10), square(10, 5, 8, depth=9)
    both = Mesh(
        pixels=np.concatenate([near.pixels, far.pixels]),
        depth=np.concatenate([near.depth, far.depth]),
        faces=np.concatenate([FACES, FACES + 4]),
        uv=np.concatenate([near.uv * 0.4, far.uv * 0.4 + 0.6]),
        sunlit=np.zeros(8, dtype=np.float32),
        atlas=np.array([[[20] * 3, [90] * 3], [[90] * 3, [200] * 3]], dtype=np.uint8),
    )
    patch = drawn(both)
    assert set(patch.colour[patch.alpha == 1].ravel()) == {10.0}  # half of 20


def test_the_atlas_is_laid_from_its_first_corner() -> None:
    mesh = square(10, 5, 8)
    mesh.atlas[...] = np.array([[[10] * 3, [20] * 3], [[30] * 3, [40] * 3]])
    patch = drawn(mesh)
    rows, columns = np.nonzero(patch.alpha == 1)
    first, last = patch.colour[rows.min(), columns.min()], patch.colour[rows.max(), columns.max()]
    assert (first[0], last[0]) == (5, 20)  # half of 10 and of 40


def test_a_silhouette_covers_what_the_triangles_that_show_their_outside_do() -> None:
    front = np.array([[[2, 2], [2, 6], [6, 6]], [[2, 2], [6, 6], [6, 2]]], dtype=np.float32)
    back = front[:, ::-1] + 20
    corners = np.concatenate([front, back])
    shape = silhouette(corners, 40, 30)
    assert shape is not None
    left, top, mask = shape
    assert (left, top) == (2, 2)
    assert mask[1:4, 1:4].min() == 255
    assert mask[18:, 18:].max() == 0
    assert silhouette(corners - 50, 40, 30) is None
