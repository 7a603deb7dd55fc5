"""The pyramid of tiles that a detector learns from: the whole picture, and 2 x 2, 3 x 3, 4 x 4 tiles of it.

That of BaboonLand (Duporge et al. 2024, arXiv:2405.17698): a small animal is seen large in a tile, a near one whole in
the picture. The tiles of a level part the picture without overlap; ``detectors/tiles.py`` lays those that a detector
looks at. Tiles are scaled so that their longer side is at most ``image_px``. A box that a tile cuts is kept where
enough of it shows; a tile that shows only boxes that are left out is not used.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray, area, clip, intersection
from pipeline.rules import hold
from pipeline.tables import BOX
from pipeline.types import BoolArray, Image, IntArray

CROWDED = 0.3  # share of a box that another covers
_ENLARGED = 2.0  # a tile that would have to be enlarged by more shows nothing new


@dataclass(frozen=True)
class PictureSettings:
    """Which pictures are made of labelled footage: see ``configs/train_detector.yaml``."""

    every_s: float
    grids: list[int]
    visible: float
    empty: float
    least_px: float

    def __post_init__(self) -> None:
        hold(
            {
                "every_s must be >= 0": (self.every_s, self.every_s >= 0),
                "grids must be tiles a side, >= 1 and each once, at least one": (
                    self.grids,
                    bool(self.grids) and min(self.grids) >= 1 and len(set(self.grids)) == len(self.grids),
                ),
                "visible must be in (0, 1]": (self.visible, 0 < self.visible <= 1),
                "empty must be in [0, 1]": (self.empty, 0 <= self.empty <= 1),
                "least_px must be >= 0": (self.least_px, self.least_px >= 0),
            }
        )


@dataclass(frozen=True)
class Pyramid:
    """Makes the tiles of a picture."""

    settings: PictureSettings
    image_px: int
    seed: int

    def tiles(self, image: Image, rows: pd.DataFrame, key: Sequence[int]) -> Iterator[tuple[str, Image, pd.DataFrame]]:
        """Name, pixels and boxes (with those left out) of each tile that is used; ``key`` is the picture's number."""
        height, width = image.shape[:2]
        xyxy = clip(rows[BOX].to_numpy(np.float64), width, height)
        crowded = overlapped(xyxy)
        for parts in self.levels(width, height):
            for k, tile in enumerate(grid(width, height, parts)):
                inside, visible = shown_in(xyxy, tile)
                touched = np.flatnonzero(visible > 0)
                if not len(touched) and not self._wanted([*key, parts, k]):
                    continue
                pixels, scale = self._scaled(image[tile[1] : tile[3], tile[0] : tile[2]])
                boxes = pd.DataFrame((inside * scale)[touched], columns=BOX)
                boxes = boxes.assign(species=rows["species"].to_numpy(object)[touched], visible=visible[touched])
                boxes = boxes.assign(crowded=crowded[touched], left_out=self._left_out(boxes))
                if not len(boxes) or (boxes["left_out"] == "").any():
                    yield f"{parts}_{k}", pixels, boxes

    def _left_out(self, boxes: pd.DataFrame) -> "pd.Series[str]":
        """Why each box is left out: cut, small, or empty where it is kept."""
        longer = np.maximum(boxes["x2"] - boxes["x1"], boxes["y2"] - boxes["y1"])
        cut, small = boxes["visible"] < self.settings.visible - 1e-9, longer < self.settings.least_px
        return pd.Series(np.select([cut, small], ["cut", "small"], ""), index=boxes.index, dtype="str")

    def levels(self, width: int, height: int) -> list[int]:
        """Tiles a side of each level that is worth making of a picture of this size."""
        longer = max(width, height)
        return [n for n in self.settings.grids if n == 1 or longer / n * _ENLARGED >= self.image_px]

    def _wanted(self, key: list[int]) -> bool:
        """Is this empty tile one of those that are kept?"""
        return bool(np.random.default_rng([self.seed, *key]).random() < self.settings.empty)

    def _scaled(self, tile: Image) -> tuple[Image, FloatArray]:
        """A tile reduced so that its longer side is ``image_px`` at most, and by how much ``[4]``."""
        height, width = tile.shape[:2]
        factor = min(1.0, self.image_px / max(width, height))
        size = max(1, round(width * factor)), max(1, round(height * factor))
        pixels = tile if factor == 1 else cv2.resize(tile, size, interpolation=cv2.INTER_AREA)
        return np.asarray(pixels, dtype=np.uint8), np.array([size[0] / width, size[1] / height] * 2)


def overlapped(xyxy: FloatArray) -> BoolArray:
    """Which boxes ``[n]`` another covers by ``CROWDED`` or more."""
    shared = intersection(xyxy, xyxy)
    np.fill_diagonal(shared, 0.0)
    return np.asarray(shared.max(axis=1, initial=0.0) >= CROWDED * np.maximum(area(xyxy), 1e-9))


def grid(width: int, height: int, parts: int) -> IntArray:
    """``parts`` x ``parts`` tiles ``[parts^2, 4]`` (x1 y1 x2 y2, px), row by row, sides as equal as whole pixels allow.

    ::

        width 100, parts 3:   0 |---- 33 ----|---- 67 ----| 100
    """
    across, down = (np.rint(np.linspace(0, side, parts + 1)).astype(np.int64) for side in (width, height))
    tiles = [(across[i], down[k], across[i + 1], down[k + 1]) for k in range(parts) for i in range(parts)]
    return np.array(tiles, dtype=np.int64)


def shown_in(xyxy: FloatArray, tile: IntArray) -> tuple[FloatArray, FloatArray]:
    """Boxes ``[n, 4]`` as a tile shows them, in its own pixels, and the share of each that it shows ``[n]``, 0 to 1."""
    x1, y1, x2, y2 = (int(side) for side in tile)
    inside = clip(xyxy - [x1, y1, x1, y1], x2 - x1, y2 - y1)
    return inside, area(inside) / np.maximum(area(xyxy), 1e-9)
