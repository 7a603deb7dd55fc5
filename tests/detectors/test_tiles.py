import numpy as np
import pytest

from pipeline.boxes import as_boxes
from pipeline.detectors.tiles import cut_sides, pyramid, tiles_of


@pytest.mark.parametrize(
    ("size", "side", "overlap", "starts_x", "starts_y"),
    [
        ((1000, 400), 0, 0.25, [0], [0]),  # the whole frame
        ((1000, 400), 2000, 0.25, [0], [0]),  # a side over the frame's
        ((400, 400), 400, 0.25, [0], [0]),  # a side equal to the frame's
        ((1000, 400), 400, 0.25, [0, 300, 600], [0]),  # fits evenly
        ((1000, 400), 400, 0.0, [0, 300, 600], [0]),  # no overlap asked: the fewest that cover, at even steps
        ((801, 400), 400, 0.0, [0, 200, 401], [0]),  # one pixel more than two tiles
        ((5472, 3078), 2560, 0.25, [0, 1456, 2912], [0, 518]),  # a 5.4K frame
    ],
)
def test_tiles_of(size: tuple[int, int], side: int, overlap: float, starts_x: list[int], starts_y: list[int]) -> None:
    tiles = tiles_of(*size, side, overlap)
    assert sorted(set(tiles[:, 0].tolist())) == starts_x
    assert sorted(set(tiles[:, 1].tolist())) == starts_y
    assert len(tiles) == len(starts_x) * len(starts_y)
    assert tiles[-1, 2:].tolist() == list(size)  # the last one ends where the frame does


@pytest.mark.parametrize("length", [641, 700, 1000, 1280, 1921, 3840])
def test_short_animals_lie_whole_in_a_tile_wherever_they_stand(length: int) -> None:
    tiles = tiles_of(length, 640, 640, 0.25)
    for start in range(length - 160):
        assert ((tiles[:, 0] <= start) & (tiles[:, 2] >= start + 160)).any()


@pytest.mark.parametrize(
    ("size", "sides", "count"),
    [
        ((320, 180), [0, 640, 1280, 2560], 1),  # a small frame is looked at once
        ((1280, 720), [0, 640, 1280, 2560], 1 + 3 * 2),  # HD
        ((3840, 2160), [0, 640, 1280, 2560], 1 + 8 * 5 + 4 * 2 + 2),  # 4K
        ((5472, 3078), [0, 640, 1280, 2560], 1 + 12 * 7 + 6 * 3 + 3 * 2),  # 5.4K
        ((3840, 2160), [640], 8 * 5),  # no whole frame
    ],
)
def test_pyramid_has_no_tile_twice(size: tuple[int, int], sides: list[int], count: int) -> None:
    tiles = pyramid(*size, sides, 0.25)
    assert len(tiles) == count == len(np.unique(tiles, axis=0))


@pytest.mark.parametrize(
    ("box", "cut"),
    [
        ([140, 140, 160, 160], ""),  # in the middle
        ([100, 140, 160, 160], "left"),  # at the inner border
        ([101.9, 140, 160, 160], "left"),  # within a hundredth of the tile's side
        ([102.1, 140, 160, 160], ""),  # a little farther
        ([140, 0, 160, 160], ""),  # the tile's upper border is the frame's
        ([140, 140, 300, 200], "right bottom"),  # a corner
        ([20, 140, 40, 160], "left"),  # beside the tile
    ],
)
def test_cut_sides(box: list[float], cut: str) -> None:
    sides = cut_sides(as_boxes(box), np.array([[100, 0, 300, 200]]), 1000, 1000)
    assert [name for name, at in zip(["left", "top", "right", "bottom"], sides[0], strict=True) if at] == cut.split()
