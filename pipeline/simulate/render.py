"""One frame of a scene: ground, shadows, plants and animals as the camera sees them, and what is true of it.

::

    ground -> shadows darken it -> plants and animals, far to near -> sky light, haze -> (sensor: see sensor.py)
                                        |
                                        `-> whose every pixel is: boxes, visibility
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate.bodies import Body
from pipeline.simulate.compose import NOBODY, Canvas, soften
from pipeline.simulate.ground import Ground
from pipeline.simulate.light import Light, clearness, shadow_offset
from pipeline.simulate.pinhole import NEAR_M, View
from pipeline.simulate.poses import Poses
from pipeline.simulate.raster import Floats, Mesh, Patch, draw, silhouette
from pipeline.simulate.skeleton import middle_of_head
from pipeline.simulate.truth import Shown
from pipeline.simulate.vegetation import Look, placed
from pipeline.types import BoolArray, Image

DETAIL_PX = (28.0, 150.0)  # length in the picture from which on the second and the third detail are drawn
SOFT_SHADOW_M = 0.02  # half of a shadow's soft edge, for an animal's height above the ground


@dataclass(frozen=True)
class Animal:
    """An animal of a scene: its body at every detail, coarse to fine, and how it moves."""

    bodies: tuple[Body, ...]
    poses: Poses

    @property
    def length_m(self) -> float:
        """Muzzle to rump, about."""
        return self.bodies[0].build.length_m


@dataclass(frozen=True)
class Stage:
    """What stands before the camera for the whole film."""

    animals: Sequence[Animal]
    plants: Sequence[Look]
    ground: Ground
    light: Light


def frame(stage: Stage, view: View, moment: int, number: int, time_s: float) -> tuple[Image, Shown]:
    """The picture [H, W, 3] at a moment of the animals' poses, before the sensor, and what it shows of them."""
    canvas = Canvas(stage.ground.seen(view), len(stage.animals))
    seen = _in_view(stage, view, moment)
    _cast_shadows(canvas, stage, view, moment, [k for k, _ in seen])
    meshes = [_mesh(stage, view, moment, k, px) for k, px in seen]
    sky, sun = _tints(stage.light)
    patches = draw(meshes, sky, sun, view.width, view.height)
    layers = [
        (_depth(stage, view, moment, k), k, _through_haze(patch, float(np.mean(mesh.depth)), stage.light))
        for (k, _), mesh, patch in zip(seen, meshes, patches, strict=True)
        if patch is not None
    ]
    layers += [(depth, NOBODY, patch) for depth, patch in placed(stage.plants, view, stage.light, time_s)]
    for _, owner, patch in sorted(layers, key=lambda layer: -layer[0]):
        canvas.paint(patch, owner)
    whole, cut = np.zeros((2, len(stage.animals), 4))
    heads = np.zeros(len(stage.animals), dtype=bool)
    for (k, _), mesh, painted in zip(seen, meshes, patches, strict=True):
        whole[k] = [*mesh.pixels.min(axis=0), *mesh.pixels.max(axis=0)]
        cut[k] = _inside(whole[k], painted, view)
        heads[k] = (cut[k] == whole[k]).all() or _head_inside(stage.animals[k], view, moment)
    return canvas.picture, _shown(canvas, whole, cut, heads, number, time_s)


def _inside(box: FloatArray, patch: Patch | None, view: View) -> FloatArray:
    """The box [4] of what of an animal is in the picture; of one that reaches out of it, that of what was painted."""
    cut = np.clip(box, 0, [view.width, view.height] * 2)
    if patch is None or (cut == box).all():
        return cut
    rows, columns = (np.flatnonzero(patch.alpha.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return cut
    corner = np.array([patch.left, patch.top], dtype=np.float64)
    low, high = (corner + np.array([columns[k], rows[k]]) for k in (0, -1))
    return np.concatenate([np.maximum(cut[:2], low), np.minimum(cut[2:], high + 1)])


def _head_inside(animal: Animal, view: View, moment: int) -> bool:
    """Is the middle of an animal's head in the picture?"""
    pixel, depth = view.project(middle_of_head(animal.bodies[0].skeleton.landmarks(animal.poses, moment)))
    return bool(depth > NEAR_M and (pixel >= 0).all() and (pixel < [view.width, view.height]).all())


def _depth(stage: Stage, view: View, moment: int, k: int) -> float:
    """Depth of the ground under an animal: what stands on it is painted in this order, far to near."""
    place = stage.animals[k].poses.trunk[moment] * [1, 1, 0]
    return float(view.project(place)[1])


def _in_view(stage: Stage, view: View, moment: int) -> list[tuple[int, float]]:
    """The animals that may reach into the picture, and how long each would be in it, in pixels."""
    trunks = np.array([animal.poses.trunk[moment] for animal in stage.animals]).reshape(-1, 3)
    lengths = np.array([animal.length_m for animal in stage.animals])
    pixels, depth = view.project(trunks)
    size = lengths * view.focal_px / np.maximum(depth, NEAR_M)
    near = (depth > lengths) & (pixels > -2 * size[:, None]).all(axis=1)
    near &= (pixels < np.array([view.width, view.height]) + 2 * size[:, None]).all(axis=1)
    return [(int(k), float(size[k])) for k in np.flatnonzero(near)]


def _mesh(stage: Stage, view: View, moment: int, k: int, px: float) -> Mesh:
    """An animal as the camera sees it, at a detail that its size asks for."""
    animal, light = stage.animals[k], stage.light
    body = animal.bodies[int(np.searchsorted(DETAIL_PX, px))]
    vertices, normals = body.posed(animal.poses, moment)
    pixels, depth = view.project(vertices)
    facing = np.clip(normals @ light.direction, 0, None) / max(np.sin(light.elevation), 0.55)
    from_sky = 0.3 * normals[:, 2] * light.ambient / (1 - light.ambient)
    return Mesh(
        pixels.astype(np.float32),
        depth.astype(np.float32),
        body.faces,
        body.uv.astype(np.float32),
        (facing + from_sky).astype(np.float32),
        body.atlas,
    )


def _tints(light: Light) -> tuple[Floats, Floats]:
    """What the sky's and the sun's light multiply a colour by, as ``light.shade`` has it."""
    sky = light.exposure * 0.7 * light.ambient * light.sky
    sun = light.exposure * (1 - light.ambient) * light.sun
    return sky.astype(np.float32), sun.astype(np.float32)


def _cast_shadows(canvas: Canvas, stage: Stage, view: View, moment: int, animals: list[int]) -> None:
    """Darken the ground where animals keep the sun from it; plants' shadows lie in the ground itself."""
    offset = shadow_offset(stage.light)
    dark = stage.light.dark.astype(np.float32)
    for k in animals:
        body = stage.animals[k].bodies[0]
        vertices, _ = body.posed(stage.animals[k].poses, moment)
        flat = np.concatenate([vertices[:, :2] + vertices[:, 2:] * offset, np.zeros((len(vertices), 1))], axis=1)
        pixels, depth = view.project(flat)
        if depth.min() < NEAR_M:
            continue
        soft = round(SOFT_SHADOW_M * view.focal_px / float(depth.mean()))
        corners = pixels[body.faces].astype(np.float32)
        if (shape := silhouette(corners, view.width, view.height, soft)) is not None:
            left, top, mask = shape
            canvas.darken(left, top, soften(mask, soft), dark)


def _through_haze(patch: Patch, distance_m: float, light: Light) -> Patch:
    """A patch as seen through the haze between."""
    clear = float(clearness(np.array(distance_m), light))
    if clear > 0.995:
        return patch
    veil = (light.haze * (1 - clear)).astype(np.float32)
    return Patch(patch.left, patch.top, patch.colour * np.float32(clear) + patch.alpha[..., None] * veil, patch.alpha)


def _shown(canvas: Canvas, whole: FloatArray, cut: FloatArray, heads: BoolArray, number: int, time_s: float) -> Shown:
    """What of each animal is in the picture; those of which no pixel was drawn are not."""
    here = np.flatnonzero(canvas.drawn)
    height, width = canvas.picture.shape[:2]
    sides = np.clip(whole, 0, [width, height] * 2)
    area = (whole[here, 2:] - whole[here, :2]).prod(axis=1)
    inside = np.clip((sides[here, 2:] - sides[here, :2]).prod(axis=1) / area, 0, 1)
    return Shown(number, time_s, here, cut[here], canvas.visible[here], inside, heads[here])
