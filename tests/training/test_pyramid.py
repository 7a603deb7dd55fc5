"""The pyramid's arithmetic, by hand."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipeline.tables import BOX
from pipeline.training.pyramid import PictureSettings, Pyramid, grid, overlapped, shown_in

SETTINGS: dict[str, Any] = {"every_s": 1.0, "grids": [1, 2], "visible": 0.3, "empty": 0.0, "least_px": 4.0}


def pyramid(image_px: int = 100, **changes: Any) -> Pyramid:
    return Pyramid(PictureSettings(**SETTINGS | changes), image_px, seed=0)


def boxes(*rows: tuple[float, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=BOX, dtype="float64").assign(species="zebra")


def made(of: Pyramid, rows: pd.DataFrame, size: tuple[int, int] = (200, 100)) -> dict[str, Any]:
    image = np.zeros((size[1], size[0], 3), dtype=np.uint8)
    return {name: (pixels.shape, told) for name, pixels, told in of.tiles(image, rows, (0, 0))}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (1, [[0, 0, 101, 50]]),  # the whole picture
        (2, [[0, 0, 50, 25], [50, 0, 101, 25], [0, 25, 50, 50], [50, 25, 101, 50]]),  # 50.5 is rounded to even
    ],
)
def test_tiles_part_the_picture(parts: int, expected: list[list[int]]) -> None:
    assert grid(101, 50, parts).tolist() == expected


@pytest.mark.parametrize("parts", [1, 2, 3, 4])
def test_every_pixel_is_in_one_tile(parts: int) -> None:
    seen = np.zeros((71, 101), dtype=int)
    for x1, y1, x2, y2 in grid(101, 71, parts):
        seen[y1:y2, x1:x2] += 1
    assert (seen == 1).all()


@pytest.mark.parametrize(
    ("box", "inside", "share"),
    [
        ((110, 10, 130, 30), (10, 10, 30, 30), 1.0),  # whole
        ((90, 10, 130, 30), (0, 10, 30, 30), 0.75),  # a quarter is in the tile to the left
        ((90, 40, 110, 60), (0, 40, 10, 50), 0.25),  # at a corner: half of either side
        ((10, 10, 30, 30), (0, 10, 0, 30), 0.0),  # elsewhere
    ],
)
def test_what_a_tile_shows_of_a_box(box: tuple[float, ...], inside: tuple[float, ...], share: float) -> None:
    seen, shares = shown_in(np.array([box], dtype=float), np.array([100, 0, 200, 50]))
    assert (tuple(seen[0]), shares[0]) == (inside, pytest.approx(share))


def test_a_pyramid_of_one_animal() -> None:
    tiles = made(pyramid(), boxes((90, 10, 130, 30)))
    assert list(tiles) == ["1_0", "2_1"]  # 2_0 shows a quarter of it and nothing else, the lower ones are empty
    whole, upper_right = tiles["1_0"], tiles["2_1"]
    assert whole[0] == (50, 100, 3)  # halved
    assert whole[1][BOX].to_numpy().tolist() == [[45, 5, 65, 15]]
    assert upper_right[0] == (50, 100, 3)  # as it was
    assert upper_right[1][BOX].to_numpy().tolist() == [[0, 10, 30, 30]]
    assert upper_right[1]["visible"].tolist() == [0.75]


def test_a_box_that_is_cut_is_kept_from_its_share_on() -> None:
    assert "2_0" not in made(pyramid(visible=0.26), boxes((90, 10, 130, 30)))
    assert "2_0" in made(pyramid(visible=0.25), boxes((90, 10, 130, 30)))


def test_boxes_that_are_left_out_say_why() -> None:
    rows = boxes((20, 10, 60, 30), (90, 10, 130, 30), (70, 40, 73, 43))
    told = made(pyramid(), rows)["2_0"][1]
    assert told["left_out"].tolist() == ["", "cut", "small"]


def test_a_tile_that_only_shows_what_is_left_out_is_not_an_empty_one() -> None:
    assert list(made(pyramid(empty=1.0), boxes((70, 40, 73, 43)))) == ["2_1", "2_2", "2_3"]


@pytest.mark.parametrize(("empty", "low", "high"), [(0.0, 0, 0), (0.3, 40, 80), (1.0, 200, 200)])
def test_a_share_of_the_empty_tiles_is_kept(empty: float, low: int, high: int) -> None:
    of = pyramid(empty=empty, grids=[1])
    image = np.zeros((10, 20, 3), dtype=np.uint8)
    kept = sum(len(list(of.tiles(image, boxes(), (0, frame)))) for frame in range(200))
    assert low <= kept <= high


def test_a_box_beyond_the_frame_is_cut_and_its_share_is_of_what_is_in_it() -> None:
    told = made(pyramid(grids=[1]), boxes((-20, -10, 20, 10)))["1_0"][1]
    assert told[BOX].to_numpy().tolist() == [[0, 0, 10, 5]]
    assert told["visible"].tolist() == [1.0]


@pytest.mark.parametrize(
    ("width", "image_px", "expected"),
    [
        (3840, 640, [1, 2, 3, 4]),
        (1280, 640, [1, 2, 3, 4]),  # tiles of 320 px are enlarged twice
        (1279, 640, [1, 2, 3]),
        (100, 640, [1]),  # the whole picture always
    ],
)
def test_levels_that_would_only_enlarge_are_left_out(width: int, image_px: int, expected: list[int]) -> None:
    assert pyramid(image_px, grids=[1, 2, 3, 4]).levels(width, width // 2) == expected


def test_boxes_that_overlap_are_crowded() -> None:
    xyxy = np.array([[0, 0, 10, 10], [7, 0, 17, 10], [8, 0, 28, 10], [50, 50, 60, 60]], dtype=float)
    assert overlapped(xyxy).tolist() == [True, True, True, False]  # 0.3 of the first; 0.9; 0.45; none
    assert overlapped(xyxy[:0]).tolist() == []


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"every_s": -1.0}, r"every_s must be >= 0, got -1.0"),
        ({"grids": []}, r"grids must be tiles a side, >= 1 and each once, at least one, got \[\]"),
        ({"grids": [1, 0]}, r"grids must be"),
        ({"grids": [2, 2]}, r"grids must be"),
        ({"visible": 0.0}, r"visible must be in \(0, 1\], got 0.0"),
        ({"empty": 1.5}, r"empty must be in \[0, 1\], got 1.5"),
        ({"least_px": -1.0}, r"least_px must be >= 0, got -1.0"),
    ],
)
def test_settings_that_cannot_be(change: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        PictureSettings(**SETTINGS | change)
