"""Bodies: an animal's skin as a mesh that follows its bones, and its coat.

Linear blend skinning (Magnenat-Thalmann et al. 1988): a vertex is the weighted mean of where each bone would take it.
With the vertices' places in the bones' own frames multiplied by their weights beforehand, that is one matrix product a
moment.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.boxes import FloatArray
from pipeline.simulate import coats
from pipeline.simulate.anatomy import Part, lofts
from pipeline.simulate.atlas import SIDE_PX, Place, places, texels
from pipeline.simulate.loft import Loft, tube
from pipeline.simulate.poses import Poses
from pipeline.simulate.skeleton import BONES, Skeleton
from pipeline.simulate.species import Build
from pipeline.types import Image, IntArray

DETAILS = 3  # coarse to fine: for an animal of up to 30, up to 150, and more pixels
ATLAS_PX = (128, 256, 512)  # a coarser atlas is the finer one averaged: what is small in the picture does not flicker
COUNTS: dict[Part, tuple[tuple[int, int], ...]] = {  # rings and corners of each part at each detail; 0: left out
    Part.spine: ((11, 6), (22, 8), (34, 14)),
    Part.fore_leg: ((5, 3), (8, 5), (13, 7)),
    Part.hind_leg: ((5, 3), (8, 5), (13, 7)),
    Part.tail: ((3, 3), (5, 3), (9, 5)),
    Part.mane: ((0, 0), (4, 4), (8, 4)),
    Part.ear: ((0, 0), (3, 4), (5, 6)),
    Part.horn: ((0, 0), (3, 3), (4, 5)),
}


@dataclass(frozen=True)
class Body:
    """The skin of one animal at one detail."""

    build: Build
    faces: IntArray  # [F, 3] counter-clockwise seen from outside
    uv: FloatArray  # [V, 2] in [0, 1] into the atlas; vertices on its seams are there twice
    atlas: Image  # [h, h, 3] RGB: the coat, painted in body coordinates
    places: NDArray[np.float32]  # [V, BONES * 4] where a vertex is in each bone's frame (and 1), times its weight
    normals: NDArray[np.float32]  # [V, BONES * 4] its normal likewise (and 0)
    skeleton: Skeleton = field(repr=False)

    def __post_init__(self) -> None:
        n = len(self.uv)
        for name in ("places", "normals"):
            if getattr(self, name).shape != (n, BONES * 4):
                raise ValueError(f"{name} must be [{n}, {BONES * 4}], got {getattr(self, name).shape}")

    def posed(self, poses: Poses, moment: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Vertices [V, 3] in the world in metres and their outward unit normals [V, 3], at a moment of the poses.

        A moment is a row of ``poses``; one that is not whole is between two rows.
        """
        return self._skinned(self.skeleton.at(poses, moment))

    def at_rest(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Vertices and normals of the animal standing above the world's origin, heading east."""
        return self._skinned(self.skeleton.bones(self.skeleton.rest()))

    def _skinned(self, bones: FloatArray) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        middle = bones[0, 3]
        near = (
            bones.copy()
        )  # single precision is exact to a tenth of a millimetre near the animal, not far from the origin
        near[:, 3] -= middle
        rows = near.reshape(-1, 3).astype(np.float32)
        vertices = self.places @ rows
        vertices += middle
        normals = self.normals @ rows
        normals /= np.sqrt(np.einsum("ij,ij->i", normals, normals))[:, None]
        return vertices, normals


def body(build: Build, rng: np.random.Generator, detail: int) -> Body:
    """The body of one animal at one detail, 0 coarse to 2 fine. The same random numbers give the same coat at each."""
    if not 0 <= detail < DETAILS:
        raise ValueError(f"detail must be 0 to {DETAILS - 1}, got {detail}")
    return bodies(build, rng)[detail]


def bodies(build: Build, rng: np.random.Generator) -> tuple[Body, ...]:
    """The body of one animal at every detail, coarse to fine, all in the same coat (painted once)."""
    male = bool(rng.random() < 0.5)
    parts = lofts(build, horned=male or build.species == "giraffe")
    atlas = coats.paint(build, texels(parts), SIDE_PX, rng)
    skeleton = Skeleton(build)
    made = []
    for detail in range(DETAILS):
        side = ATLAS_PX[detail]
        copy = atlas if side == SIDE_PX else cv2.resize(atlas, (side, side), interpolation=cv2.INTER_AREA)
        made.append(_meshed(build, parts, skeleton, np.asarray(copy, dtype=np.uint8), detail))
    return tuple(made)


def _meshed(build: Build, parts: list[Loft], skeleton: Skeleton, atlas: Image, detail: int) -> Body:
    """All lofts as one mesh, its vertices and normals in the bones' frames."""
    grids = [_grid(loft, place, detail) for loft, place in zip(parts, places(parts), strict=True)]
    grids = [grid for grid in grids if len(grid.points)]
    starts = np.cumsum([0, *(len(grid.points) for grid in grids)])
    faces = np.concatenate([grid.faces + start for grid, start in zip(grids, starts[:-1], strict=True)])
    points, normals, uv, weights = (
        np.concatenate([getattr(grid, name) for grid in grids]) for name in ("points", "normals", "uv", "weights")
    )
    bones = skeleton.bones(skeleton.rest())
    away = points[:, None] - bones[:, 3]
    ones = np.ones((len(points), BONES, 1))
    local = np.concatenate([np.einsum("vbi,bji->vbj", away, bones[:, :3]), ones], axis=2) * weights[..., None]
    facing = np.concatenate([np.einsum("vi,bji->vbj", normals, bones[:, :3]), 0 * ones], axis=2) * weights[..., None]
    flat = [np.ascontiguousarray(array.reshape(len(points), -1), dtype=np.float32) for array in (local, facing)]
    return Body(build, faces, uv, atlas, flat[0], flat[1], skeleton)


@dataclass(frozen=True)
class _Grid:
    """A loft as a mesh at rest."""

    points: FloatArray
    normals: FloatArray
    uv: FloatArray
    weights: FloatArray
    faces: IntArray


def _grid(loft: Loft, place: Place, detail: int) -> _Grid:
    rings, corners = COUNTS[Part(loft.part)][detail]
    if not rings:
        none = np.zeros((0, 3))
        return _Grid(none, none, np.zeros((0, 2)), np.zeros((0, BONES)), np.zeros((0, 3), dtype=np.int64))
    along, turn = np.linspace(0, 1, rings), np.linspace(0, 1, corners + 1)
    points = loft.at(along, turn)[0].reshape(-1, 3)
    faces = tube(rings, corners)
    uv = place.uv(*np.broadcast_arrays(along[:, None], turn[None, :])).reshape(-1, 2)
    weights = loft.weights(along, turn).reshape(len(points), BONES)
    return _Grid(points, _normals(points, faces, rings, corners), uv, weights, faces)


def _normals(points: FloatArray, faces: IntArray, rings: int, corners: int) -> FloatArray:
    """Unit normals [V, 3] of vertices: the mean of the faces about them; the two sides of the seam agree."""
    a, b, c = (points[faces[:, k]] for k in range(3))
    across = np.cross(b - a, c - a)
    total = np.zeros_like(points)
    for k in range(3):
        np.add.at(total, faces[:, k], across)
    grid = total.reshape(rings, corners + 1, 3)
    seam = grid[:, 0] + grid[:, -1]
    grid[:, 0], grid[:, -1] = seam, seam
    return np.asarray(total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12))
