"""Motion of the camera: the plane transform from every frame to the video's first, from the background's corners.

Every frame is matched against a *key frame*, not against the frame before it, so that a hovering camera does not
drift; the key frame is renewed only when too few of its corners are still found. What is found is the motion of most of
the picture: an animal that fills it, water, or a drawn-in caption over a scene without texture is taken for background.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline import tables
from pipeline.boxes import FloatArray
from pipeline.types import Frame, Image

Points = NDArray[np.float32]  # [n, 2] x, y in pixels of the reduced picture

_ENTRIES = [f"m{i}{j}" for i in (1, 2) for j in (1, 2, 3)]
_WINDOW_PX = (21, 21)
_LEVELS = 3
_SEED = 0


@dataclass(frozen=True)
class CameraSettings:
    """How the camera's motion is measured; lengths are pixels of the reduced picture."""

    enabled: bool
    width_px: int
    corners: int
    grid: int
    min_texture: float
    check_px: float
    agree_px: float
    min_inliers: int
    min_agreeing: float
    min_cells: int
    renew_below: float
    still_px: float

    def __post_init__(self) -> None:
        for name in ("width_px", "corners", "grid", "min_cells"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be >= 1, got {getattr(self, name)}")
        for name in ("min_texture", "check_px", "agree_px"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be > 0, got {getattr(self, name)}")
        for name in ("min_agreeing", "renew_below"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be in [0, 1], got {getattr(self, name)}")
        if self.min_inliers < 3:
            raise ValueError(f"min_inliers must be >= 3, got {self.min_inliers}: two points always agree")
        if self.still_px < 0:
            raise ValueError(f"still_px must be >= 0, got {self.still_px}")


@dataclass(frozen=True)
class _Picture:
    """A frame at reduced size; ``to_reference`` [3, 3] is in reduced pixels."""

    grey: Image
    corners: Points
    to_reference: FloatArray


class CameraMotion:
    """Follows the camera of one video through its frames, in order."""

    def __init__(self, settings: CameraSettings) -> None:
        self._settings = settings
        self._key: _Picture | None = None  # what frames are matched against
        self._last = np.eye(3)  # the frame before this one, to the reference, in reduced pixels
        self._before: Image | None = None
        self._enlarge: FloatArray | None = None  # from reduced to source pixels; asked once, for it costs a conversion
        self._rows: list[tuple[float, ...]] = []

    def update(self, frame: Frame) -> FloatArray:
        """Transform [3, 3] from this frame to the video's first one, both in source pixels, for columns (x, y, 1).

        Where the motion cannot be told (no texture, too few agreeing corners) none is assumed since the frame before.
        """
        inliers, known, matrix = 0, True, np.eye(3)
        if self._settings.enabled:
            grey = frame.grey(self._settings.width_px)
            if self._enlarge is None:
                self._enlarge = _enlargement(frame.image.shape, grey.shape)
            inliers, known = self._follow(grey)
            matrix = self._enlarge @ self._last @ np.linalg.inv(self._enlarge)
        self._rows.append((frame.index, frame.time_s, *matrix[:2].ravel(), known, inliers))
        return matrix

    def table(self) -> pd.DataFrame:
        """One row per frame seen, as ``tables.CAMERA`` declares."""
        data = pd.DataFrame(self._rows, columns=["frame", "time_s", *_ENTRIES, "known", "inliers"])
        return tables.CAMERA.cast(data)

    def _follow(self, grey: Image) -> tuple[int, bool]:
        """Set ``_last`` to this frame's transform; its inliers, and whether it could be told."""
        if self._key is None:
            self._key = self._picture(grey, np.eye(3))
            self._before = grey
            return len(self._key.corners), len(self._key.corners) >= self._settings.min_inliers
        step, inliers = self._match(self._key, grey)
        if step is None and self._before is not None:  # too far from the key frame: the frame before is nearer
            self._key = self._picture(self._before, self._last)
            step, inliers = self._match(self._key, grey)
        if step is not None:
            self._last = self._key.to_reference @ step
        if step is None or inliers < self._settings.renew_below * len(self._key.corners):
            self._key = self._picture(grey, self._last)
        self._before = grey
        return inliers, step is not None

    def _picture(self, grey: Image, to_reference: FloatArray) -> _Picture:
        return _Picture(grey, spread_corners(grey, self._settings), to_reference)

    def _match(self, key: _Picture, grey: Image) -> tuple[FloatArray | None, int]:
        """Transform [3, 3] from ``grey`` to the key frame, None where it cannot be told; and its inliers."""
        settings = self._settings
        if len(key.corners) < settings.min_inliers:
            return None, 0
        guess = np.linalg.inv(self._last) @ key.to_reference
        before, now = tracked(key.grey, grey, key.corners, guess, settings.check_px)
        if len(now) < settings.min_inliers:
            return None, 0
        cv2.setRNGSeed(_SEED)
        affine, chosen = cv2.estimateAffinePartial2D(now, before, ransacReprojThreshold=settings.agree_px)
        if affine is None:
            return None, 0
        agreeing = before[chosen.ravel() > 0]
        inliers = len(agreeing)
        cells = len(np.unique(_cells(agreeing, grey.shape, settings.grid)))
        enough = inliers >= settings.min_inliers and inliers >= settings.min_agreeing * len(now)
        if not enough or cells < settings.min_cells:
            return None, inliers
        step = np.vstack([affine, [0.0, 0.0, 1.0]])
        return (np.eye(3) if _moves(step, grey.shape) < settings.still_px else step), inliers


def transforms(camera: pd.DataFrame) -> FloatArray:
    """The transforms [n, 3, 3] of a camera table, one a row, in source pixels."""
    matrices = np.zeros((len(camera), 3, 3))
    matrices[:, 2, 2] = 1
    matrices[:, :2] = camera[_ENTRIES].to_numpy(dtype=np.float64).reshape(-1, 2, 3)
    return matrices


def spread_corners(grey: Image, settings: CameraSettings) -> Points:
    """Corners [n, 2] of a reduced picture, the strongest in each cell of a grid, so that no animal holds most of them.

    A corner is a local maximum of the smaller eigenvalue of the gradient matrix (Shi & Tomasi 1994, CVPR, p. 595).
    """
    strength = cv2.cornerMinEigenVal(grey, blockSize=5)
    peak = (strength == cv2.dilate(strength, np.ones((7, 7), np.uint8))) & (strength > settings.min_texture)
    y, x = np.nonzero(peak)
    points = np.column_stack([x, y]).astype(np.float32)
    if len(points) == 0:
        return points
    cells = _cells(points, grey.shape, settings.grid)
    order = np.lexsort([-strength[y, x], cells])  # by cell, strongest first
    first = np.searchsorted(cells[order], cells[order])
    rank = np.arange(len(order)) - first
    return points[order[rank < max(1, settings.corners // settings.grid**2)]]


def tracked(key: Image, grey: Image, corners: Points, guess: FloatArray, check_px: float) -> tuple[Points, Points]:
    """Corners of ``key`` [m, 2] found again in ``grey``, and where [m, 2]: pyramidal Lucas-Kanade, there and back.

    ``guess`` [3, 3] says about where they are. A corner that does not return to within ``check_px`` is lost
    (forward-backward error: Kalal et al. 2010, ICPR, p. 2756).
    """
    start = cv2.transform(corners[:, None], guess[:2]).astype(np.float32)
    now, found = _followed(key, grey, corners[:, None], start)
    back, returned = _followed(grey, key, now, corners[:, None].copy())
    height, width = grey.shape
    now, back = now[:, 0], back[:, 0]
    good = found & returned & (np.abs(back - corners).max(axis=1) < check_px)
    good &= (now >= 0).all(axis=1) & (now[:, 0] < width) & (now[:, 1] < height)
    return corners[good], now[good]


def _followed(one: Image, two: Image, points: Points, start: Points) -> tuple[Points, NDArray[np.bool_]]:
    """Where points [n, 1, 2] of one picture are in the other, sought from ``start``, and which were found."""
    end, found, _ = cv2.calcOpticalFlowPyrLK(
        one, two, points, start, winSize=_WINDOW_PX, maxLevel=_LEVELS, flags=cv2.OPTFLOW_USE_INITIAL_FLOW
    )
    return end, found.ravel() > 0


def _cells(points: Points, shape: tuple[int, ...], grid: int) -> NDArray[np.int64]:
    """Number of the grid cell in which each point lies."""
    column = np.clip(points[:, 0] * grid / shape[1], 0, grid - 1).astype(np.int64)
    row = np.clip(points[:, 1] * grid / shape[0], 0, grid - 1).astype(np.int64)
    return row * grid + column


def _moves(step: FloatArray, shape: tuple[int, ...]) -> float:
    """The farthest that a transform moves a corner of the picture."""
    height, width = shape
    ends = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], dtype=np.float64)
    return float(np.hypot(*((ends @ step.T) - ends)[:, :2].T).max())


def _enlargement(source: tuple[int, ...], shape: tuple[int, ...]) -> FloatArray:
    """Transform [3, 3] from reduced pixels to source pixels."""
    return np.diag([source[1] / shape[1], source[0] / shape[0], 1.0])
