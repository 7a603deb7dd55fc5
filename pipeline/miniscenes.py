"""Mini-scenes: the part of the picture centred on one animal, as geometry. Nothing here sees pixels.

KABR's mini-scene is 400 x 300 px around the animal at the footage's own resolution; a larger animal is zoomed out,
never distorted (Kholiavchenko et al. 2024, KABR, WACV Workshops). A mini-scene never runs over a gap of its track.
"""

from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray, centre
from pipeline.tables import BOX
from pipeline.types import IntArray

MARGIN = 0.15  # room on every side of an animal, as a share of its box
CROP = ["left", "top", "right", "bottom"]


class Layout(Enum):
    """How mini-scene videos are laid out on disk: ours, or the directories that kabr-tools reads."""

    ethopipe = "ethopipe"
    kabr_tools = "kabr_tools"


@dataclass(frozen=True)
class MiniSceneSettings:
    """Size of a mini-scene, and how calmly it follows its animal. None is as KABR has it; ``fitted`` knows better."""

    width_px: int
    height_px: int
    margin: float | None
    enlarge: bool | None
    smooth_s: float
    zoom_s: float
    max_jump_s: float
    layout: Layout

    def __post_init__(self) -> None:
        for name in ("width_px", "height_px"):
            if getattr(self, name) < 16:
                raise ValueError(f"{name} must be >= 16, got {getattr(self, name)}")
        for name in ("margin", "smooth_s", "zoom_s"):
            if (getattr(self, name) or 0.0) < 0:
                raise ValueError(f"{name} must be >= 0, got {getattr(self, name)}")
        if self.max_jump_s <= 0:
            raise ValueError(f"max_jump_s must be > 0, got {self.max_jump_s}")
        object.__setattr__(self, "layout", Layout(self.layout))


def fitted(settings: MiniSceneSettings, whole: bool, close: bool) -> MiniSceneSettings:
    """What was left open: footage that is a mini-scene already (``whole``) is shown as it is, from edge to edge.

    Else the animal has KABR's room about it, and is enlarged where its recognizer wants it ``close``.
    """
    margin = (0.0 if whole else MARGIN) if settings.margin is None else settings.margin
    enlarge = (whole or close) if settings.enlarge is None else settings.enlarge
    return replace(settings, margin=margin, enlarge=enlarge)


def mini_scenes(tracks: pd.DataFrame, settings: MiniSceneSettings) -> pd.DataFrame:
    """Tracks (``tables.TRACKS``) with the rectangle of each row's mini-scene.

    One row a row of ``tracks``, sorted by track and frame, with two groups of columns more: ``segment``, the number of
    the unbroken run within its track, from 1; and ``left top right bottom``, whole source pixels, right and bottom
    exclusive, perhaps outside the frame. Every rectangle has the shape ``width_px`` : ``height_px`` to within a pixel
    and, unless ``enlarge``, at least that size.
    """
    rows = tracks.sort_values(["track", "frame"], kind="stable").reset_index(drop=True)
    rows["segment"] = _segments(rows, settings.max_jump_s)
    crops = np.zeros((len(rows), 4), dtype=np.int64)
    for index in rows.groupby(["track", "segment"], sort=False).indices.values():
        times = rows["time_s"].to_numpy()[index]
        crops[index] = _rectangles(rows[BOX].to_numpy()[index], times, settings)
    rows[CROP] = crops
    return rows


def _segments(rows: pd.DataFrame, max_jump_s: float) -> IntArray:
    """Number of each row's unbroken run within its track, from 1: neighbouring frames, and time that goes on."""
    step_s = rows["time_s"].diff()
    new = rows["track"].diff().ne(0)
    broken = rows["frame"].diff().ne(1) | (step_s > max_jump_s) | (step_s < 0)
    run = (new | broken).groupby(rows["track"]).cumsum()
    return np.asarray(run, dtype=np.int64)


def _rectangles(boxes: FloatArray, times: FloatArray, settings: MiniSceneSettings) -> IntArray:
    """Crop rectangles [n, 4] of one unbroken run."""
    margin = MARGIN if settings.margin is None else settings.margin
    size = np.array([settings.width_px, settings.height_px], dtype=np.float64)
    middle = _mean(centre(boxes), _half(times, settings.smooth_s))
    needed = (boxes[:, 2:] - boxes[:, :2]) * (1 + 2 * margin) / size
    least = 1 / size.min() if settings.enlarge else 1.0
    zoom = _calm(np.maximum(needed.max(axis=1), least), times, settings)
    sides = np.rint(size * zoom[:, None])
    corner = np.rint(middle - sides / 2)
    return np.column_stack([corner, corner + sides]).astype(np.int64)


def _calm(needed: FloatArray, times: FloatArray, settings: MiniSceneSettings) -> FloatArray:
    """A zoom that holds the animal and changes slowly: single wild boxes out, then the mean of a running maximum.

    Each maximum in the mean spans the row itself, so the mean is never below what the row needs; box jitter only lifts
    the maximum, which stays the same while the jitter does.
    """
    brief, long = _half(times, settings.smooth_s), _half(times, settings.zoom_s / 2)
    steady = pd.Series(needed).rolling(2 * brief + 1, center=True, min_periods=1).median()
    highest = steady.rolling(2 * long + 1, center=True, min_periods=1).max()
    return np.asarray(highest.rolling(2 * long + 1, center=True, min_periods=1).mean(), dtype=np.float64)


def _mean(values: FloatArray, half: int) -> FloatArray:
    """Running mean [n, 2] over ``2 * half + 1`` rows, fewer towards the ends but always as many on either side.

    As many on either side: an even motion stays where it is, also at the ends.
    """
    n = len(values)
    here = np.arange(n)
    reach = np.minimum(half, np.minimum(here, n - 1 - here))
    total = np.vstack([np.zeros((1, 2)), values.cumsum(axis=0)])
    sums = total[here + reach + 1] - total[here - reach]
    return np.asarray(sums / (2 * reach + 1)[:, None], dtype=np.float64)


def _half(times: FloatArray, span_s: float) -> int:
    """Half of ``span_s`` in rows, by the usual step of the run."""
    step = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    return round(span_s / 2 / step) if step > 0 else 0
