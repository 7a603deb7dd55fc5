"""The outline of what a line covers: of an animal that stays around, the line lies upon itself a hundred times."""

from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.boxes import FloatArray

if TYPE_CHECKING:
    from matplotlib.path import Path


def outline(points: FloatArray, width: float, step: float, view: tuple[float, float, float, float]) -> "Path":
    """The edge of a line of that ``width`` with round ends through the points ``[n, 2]``, and those of its holes.

    NaN breaks the line. It is found on a raster of ``step``, to half a step; what lies outside ``view`` (least and most
    x, least and most y) is left out. All in the units of the points.
    """
    from matplotlib.path import Path

    low, high = np.reshape(view, (2, 2)).T
    seen = ((points >= low) & (points <= high)).all(axis=1)  # NaN is not
    if not seen.any():
        return Path(np.empty((0, 2)))
    disc = round(width / step) | 1
    corner = points[seen].min(axis=0) - disc * step
    at = np.rint((points[seen] - corner) / step).astype(np.int32)
    raster = np.zeros((at.max(axis=0) + disc + 1)[::-1], dtype=np.uint8)
    parts = np.split(at, np.flatnonzero(np.diff(np.flatnonzero(seen)) > 1) + 1)
    cv2.polylines(raster, parts, isClosed=False, color=1)
    raster = cv2.dilate(raster, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (disc, disc)))
    edges, _ = cv2.findContours(raster, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    rings = [cv2.approxPolyDP(edge, 1.0, closed=True)[:, 0] for edge in edges]
    closed = [np.vstack([ring, ring[:1]]) * step + corner for ring in rings if len(ring) > 2]
    return Path.make_compound_path(*(Path(ring, closed=True) for ring in closed))
