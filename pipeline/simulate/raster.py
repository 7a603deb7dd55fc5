"""Triangles to pixels for many small meshes at once, in numpy: no loop over triangles, no pixel outside them.

Every mesh is drawn on a canvas of its own, larger than its place in the picture (``finer`` samples a pixel), and
averaged down, so that its outline is soft. Triangles are drawn far to near (painter's algorithm: they are small and
closed, which is all that it asks for). Values at the corners are interpolated in the picture, without perspective: an
animal is small against its distance.

::

    triangles -> rows -> spans -> samples         a row of a triangle is one span: of its three edges, those that go
        /|      ---      ---      . . .           down to the eye bound it on the left, those that go up on the right
       / |    -----    -----    . . . . .
      /__|   -------  -------  . . . . . . .
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.types import BoolArray, Image, IntArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Colour = Floats  # [3], R G B


@dataclass(frozen=True)
class Mesh:
    """A mesh as the camera sees it: corners in pixels, their depth, and how each is painted.

    ``pixels`` [V, 2], ``depth`` [V] (larger is farther), ``faces`` [F, 3] counter-clockwise from outside, ``uv`` [V, 2]
    in [0, 1] into ``atlas`` [h, w, 3], ``sunlit`` [V]: how much of the sun's light falls on each corner.
    """

    pixels: Floats
    depth: Floats
    faces: IntArray
    uv: Floats
    sunlit: Floats
    atlas: Image


@dataclass(frozen=True)
class Patch:
    """A part of a picture: its corner in pixels, colours already multiplied by their opacity, and opacity in [0, 1]."""

    left: int
    top: int
    colour: Floats  # [h, w, 3] 0..255
    alpha: Floats  # [h, w]


@dataclass(frozen=True)
class _Canvas:
    """Where a mesh is drawn: a window of the picture, ``finer`` samples a pixel, kept from sample ``start`` on."""

    left: int
    top: int
    width: int
    height: int
    finer: int
    start: int

    @property
    def samples(self) -> int:
        return self.width * self.height * self.finer**2


def draw(meshes: Sequence[Mesh], sky: Colour, sun: Colour, width: int, height: int) -> list[Patch | None]:
    """Each mesh as a patch of the picture, cut at its edges; None for one that is outside it.

    A sample is its atlas' colour times ``sky + sun * sunlit``, both of R, G, B.
    """
    canvases = _canvases([mesh.pixels for mesh in meshes], width, height)
    shown = [(mesh, canvas) for mesh, canvas in zip(meshes, canvases, strict=True) if canvas is not None]
    if not shown:
        return [None] * len(meshes)
    corners, owner = _corners(shown)
    rows = _rows(corners, owner, [canvas for _, canvas in shown])
    row, x = _ragged(rows.first, rows.stop)
    size = shown[-1][1].start + shown[-1][1].samples
    top = np.full(size, -1, dtype=np.int32)
    top[rows.address[row] + x] = np.arange(len(row), dtype=np.int32)  # the last one painted stays
    covered = np.flatnonzero(top >= 0)
    last = top[covered]
    paint = np.zeros((size, 4), dtype=np.float32)
    colours = _texels(shown, corners, owner, rows, row[last], x[last])
    np.multiply(colours[0], sky + sun * colours[1][:, None], out=colours[0])
    paint[covered, :3] = np.minimum(colours[0], 255, out=colours[0])
    paint[covered, 3] = 1
    return [None if canvas is None else _patch(paint, canvas) for canvas in canvases]


def silhouette(polygons: Floats, width: int, height: int, margin: int = 0) -> tuple[int, int, Image] | None:
    """What the triangles ``[F, 3, 2]`` of a closed mesh cover, in pixels: left, top and a mask of 0 and 255.

    Those that show their outside cover as much as all of them, so the others are not drawn.

    The mask leaves a ``margin`` about them, but not out of the picture; None where nothing of it is in the picture.
    """
    low = np.maximum(np.floor(polygons.min(axis=(0, 1))) - margin, 0).astype(int)
    high = np.minimum(np.ceil(polygons.max(axis=(0, 1))) + 1 + margin, (width, height)).astype(int)
    if (high <= low).any():
        return None
    mask = np.zeros((high[1] - low[1], high[0] - low[0]), dtype=np.uint8)
    corners = np.rint((polygons[_facing(polygons)] - low) * 16).astype(np.int32)
    for corner in corners:
        cv2.fillConvexPoly(mask, corner, 255, cv2.LINE_AA, 4)
    return int(low[0]), int(low[1]), mask


def _canvases(outlines: list[Floats], width: int, height: int) -> list[_Canvas | None]:
    """A canvas for each mesh that reaches into the picture; small meshes are drawn finer."""
    canvases: list[_Canvas | None] = []
    start = 0
    for pixels in outlines:
        low, high = np.floor(pixels.min(axis=0)) - 1, np.ceil(pixels.max(axis=0)) + 1
        finer = 3 if (high - low).max() < 48 else 2 if (high - low).max() < 320 else 1
        low, high = np.maximum(low, 0).astype(int), np.minimum(high, (width, height)).astype(int)
        if (high <= low).any():
            canvases.append(None)
            continue
        sides = high - low
        canvases.append(_Canvas(int(low[0]), int(low[1]), int(sides[0]), int(sides[1]), finer, start))
        start += int(sides.prod()) * finer**2
    return canvases


def _corners(shown: list[tuple[Mesh, _Canvas]]) -> tuple[Floats, Ints]:
    """Corners of the triangles that face the camera, far to near, and the mesh of each.

    Corners are [F, 3, 6]: x and y in samples of the mesh's canvas, depth, u, v, and sunlight.
    """
    parts = []
    for mesh, place in shown:
        flat = (mesh.pixels - np.array([place.left, place.top], dtype=np.float32)) * place.finer
        parts.append(np.column_stack([flat, mesh.depth, mesh.uv, mesh.sunlit]).astype(np.float32)[mesh.faces])
    owner = np.repeat(np.arange(len(parts), dtype=np.int32), [len(part) for part in parts])
    corners = np.concatenate(parts)
    facing = np.flatnonzero(_facing(corners))
    order = facing[np.argsort(-corners[facing, :, 2].sum(axis=1), kind="stable")]
    return corners[order], owner[order]


def _facing(corners: Floats) -> BoolArray:
    """Which triangles show their outside: counter-clockwise to the eye, where y goes down."""
    one, other = (corners[:, k, :2] - corners[:, 0, :2] for k in (1, 2))
    return np.asarray(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0] < 0)


@dataclass(frozen=True)
class _Rows:
    """The rows of all triangles: which triangle, y, first and stop sample, and where the row's sample 0 is kept."""

    triangle: Ints
    y: Ints
    first: Ints
    stop: Ints
    address: Ints


def _rows(corners: Floats, owner: Ints, places: list[_Canvas]) -> _Rows:
    """Every row of samples whose middles may be in a triangle, in the order of the triangles."""
    width, height = (
        np.array([getattr(p, side) * p.finer for p in places], dtype=np.int32) for side in ("width", "height")
    )
    first = np.maximum(np.ceil(corners[:, :, 1].min(axis=1) - 0.5), 0).astype(np.int32)
    stop = np.minimum(np.floor(corners[:, :, 1].max(axis=1) - 0.5) + 1, height[owner]).astype(np.int32)
    triangle, y = _ragged(first, stop)
    low, high = _span(corners, triangle, y)
    of = owner[triangle]
    begin = np.maximum(np.ceil(low - 0.5), 0).astype(np.int32)
    end = np.minimum(np.floor(high - 0.5) + 1, width[of]).astype(np.int32)
    start = np.array([place.start for place in places], dtype=np.int32)
    return _Rows(triangle, y, begin, end, start[of] + y * width[of])


def _span(corners: Floats, triangle: Ints, y: Ints) -> tuple[Floats, Floats]:
    """Where each row of a triangle begins and ends, in samples."""
    low = np.full(len(triangle), -1e9, dtype=np.float32)
    high = np.full(len(triangle), 1e9, dtype=np.float32)
    for one, other in ((0, 1), (1, 2), (2, 0)):
        start, rise = corners[:, one, :2], corners[:, other, :2] - corners[:, one, :2]
        slope = np.divide(rise[:, 0], rise[:, 1], out=np.zeros(len(rise), dtype=np.float32), where=rise[:, 1] != 0)
        shift = start[:, 0] + slope * (np.float32(0.5) - start[:, 1])
        edge = shift[triangle] + slope[triangle] * y
        down = rise[triangle, 1]  # to the eye the corners go round anticlockwise: what goes down is the left edge
        np.maximum(low, edge, out=low, where=down > 0)
        np.minimum(high, edge, out=high, where=down < 0)
    return low, high


def _ragged(first: Ints, stop: Ints) -> tuple[Ints, Ints]:
    """All integers of many ranges ``[first, stop)`` in turn: the range of each, and the integer."""
    count = np.maximum(stop - first, 0)
    which = np.repeat(np.arange(len(count), dtype=np.int32), count)
    before = (np.cumsum(count) - count - first).astype(np.int32)
    return which, np.arange(len(which), dtype=np.int32) - before[which]


def _texels(
    shown: list[tuple[Mesh, _Canvas]], corners: Floats, owner: Ints, rows: _Rows, row: Ints, x: Ints
) -> tuple[Floats, Floats]:
    """The atlas' colours [n, 3] and the sunlight [n] at samples, each given by its row and x."""
    sizes = np.array([mesh.atlas.shape[:2] for mesh, _ in shown], dtype=np.int32)
    u, v, sunlit = _interpolated(corners, rows, row, x)
    of = owner[rows.triangle][row]
    line = np.clip((v * sizes[of, 0]).astype(np.int32), 0, sizes[of, 0] - 1)
    column = np.clip((u * sizes[of, 1]).astype(np.int32), 0, sizes[of, 1] - 1)
    start = np.cumsum([0, *sizes[:-1].prod(axis=1)]).astype(np.int32)
    stack = np.concatenate([mesh.atlas.reshape(-1, 3) for mesh, _ in shown])
    return stack[start[of] + line * sizes[of, 1] + column].astype(np.float32), sunlit


def _interpolated(corners: Floats, rows: _Rows, row: Ints, x: Ints) -> list[Floats]:
    """u, v and sunlight [n] at samples: each is affine over its triangle."""
    origin, one, other = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
    values = []
    for k in (3, 4, 5):
        right = (one[:, k] * other[:, 1] - other[:, k] * one[:, 1]) / area
        down = (other[:, k] * one[:, 0] - one[:, k] * other[:, 0]) / area
        here = origin[:, k] + right * (np.float32(0.5) - origin[:, 0]) + down * (np.float32(0.5) - origin[:, 1])
        begin = here[rows.triangle] + down[rows.triangle] * rows.y  # at the middle of each row's first sample
        values.append(begin[row] + right[rows.triangle][row] * x)
    return values


def _patch(paint: Floats, place: _Canvas) -> Patch:
    """A canvas averaged down to the picture's pixels."""
    samples = paint[place.start : place.start + place.samples]
    fine = samples.reshape(place.height * place.finer, place.width * place.finer, 4)
    if place.finer > 1:
        fine = cv2.resize(fine, (place.width, place.height), interpolation=cv2.INTER_AREA)
    return Patch(place.left, place.top, np.asarray(fine[..., :3]), np.asarray(fine[..., 3]))
