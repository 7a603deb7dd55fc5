"""The reticulated giraffe's coat: polygons, the cells of points scattered over the body, thin pale lines between."""

import numpy as np
from scipy.spatial import cKDTree

from pipeline.boxes import FloatArray
from pipeline.simulate.anatomy import Part
from pipeline.simulate.atlas import Texels
from pipeline.simulate.mottle import Mottle, mix, smooth
from pipeline.simulate.species import Build
from pipeline.types import IntArray

TRIES = 2500  # places tried for a patch's middle


def giraffe(build: Build, texels: Texels, rng: np.random.Generator) -> FloatArray:
    """Colours [n, 3] of a giraffe."""
    brown = np.array([148.0, 90.0, 54.0]) + rng.uniform(-30, 18) * np.array([1.0, 0.8, 0.55])
    pale = np.array([222.0, 198.0, 160.0]) + rng.uniform(-14, 12)
    gap = _spacing(build, texels)
    middles = _middles(texels.position, gap, rng)
    warped = texels.position + 0.12 * gap[:, None] * _drift(texels.position, build, rng)
    distance, nearest = cKDTree(texels.position[middles]).query(warped, k=2, workers=1)
    between = texels.position[middles[nearest[:, 1]]] - texels.position[middles[nearest[:, 0]]]
    edge = (distance[:, 1] ** 2 - distance[:, 0] ** 2) / (2 * np.maximum(np.linalg.norm(between, axis=1), 1e-6))
    line = (0.078 + rng.normal(0, 0.008)) * gap
    inside = smooth(0.6, 1.4, edge / line)
    tone = 1 + 0.10 * rng.standard_normal(len(middles))[nearest[:, 0]]
    deep = 0.86 + 0.2 * smooth(0.4, 0.1, edge / gap)  # patches are darker in the middle
    patch = brown * (tone * deep)[:, None]
    return _details(mix(np.broadcast_to(pale, patch.shape), patch, inside * _patched(texels)), texels, pale, brown)


def _spacing(build: Build, texels: Texels) -> FloatArray:
    """How far apart the patches' middles are [n]: widest on the trunk, narrow on neck, legs and head."""
    where = texels.where
    trunk = build.trunk_m * np.ones(len(where))
    spine = texels.part == Part.spine
    gap = 0.19 * trunk
    gap = np.where(spine & (where > 1), (0.175 - 0.055 * np.clip(where - 1, 0, 1)) * trunk, gap)
    gap = np.where(spine & (where > 2), 0.06 * trunk, gap)
    legs = (texels.part == Part.fore_leg) | (texels.part == Part.hind_leg)
    return np.where(legs, (0.165 - 0.05 * np.clip(where, 0, 1.6)) * trunk, gap)


def _middles(points: FloatArray, gap: FloatArray, rng: np.random.Generator) -> IntArray:
    """Numbers of the texels at the middles of patches: no two nearer than their gap."""
    kept: list[int] = []
    places = np.zeros((TRIES, 3))
    for k in rng.integers(0, len(points), TRIES).tolist():
        away = places[: len(kept)] - points[k]
        if not kept or (away * away).sum(axis=1).min() > gap[k] ** 2:
            places[len(kept)] = points[k]
            kept.append(k)
    return np.array(kept, dtype=np.int64)


def _drift(points: FloatArray, build: Build, rng: np.random.Generator) -> FloatArray:
    """A smooth shift [n, 3]: patches' sides are not quite straight."""
    return np.stack([Mottle(rng, 0.12 * build.trunk_m)(points) for _ in range(3)], axis=1)


def _patched(texels: Texels) -> FloatArray:
    """Where there are patches [n]: not on the lower legs, faint on the face."""
    spine = texels.part == Part.spine
    legs = (texels.part == Part.fore_leg) | (texels.part == Part.hind_leg)
    amount = np.where(legs, 0.35 + 0.65 * smooth(1.12, 0.85, texels.where), 1.0)
    amount = np.where(legs, amount * smooth(1.5, 1.05, texels.where), amount)
    under = 1 - np.abs(1 - 2 * texels.turn)
    belly = np.where(spine & (texels.where < 0.9), smooth(0.98, 0.88, under), 1.0)
    face = np.where(spine, 0.25 + 0.75 * smooth(2.35, 2.05, texels.where), 1.0)
    other = (texels.part == Part.ear) | (texels.part == Part.horn) | (texels.part == Part.mane)
    return np.where(other, 0.0, amount * belly * face)


def _details(colour: FloatArray, texels: Texels, pale: FloatArray, brown: FloatArray) -> FloatArray:
    """Muzzle, eyes, mane, the ossicones' dark tips, the tail's black tuft, hoofs."""
    black = np.array([42.0, 34.0, 30.0])
    spine, where = texels.part == Part.spine, texels.where
    under = 1 - np.abs(1 - 2 * texels.turn)
    colour = mix(colour, 0.75 * pale, np.where(spine, 0.5 * smooth(2.7, 2.9, where), 0.0))
    eye = np.hypot((where - 2.24) / 0.05, (under - 0.36) / 0.06)
    colour = mix(colour, black, np.where(spine, smooth(1.3, 0.8, eye), 0.0))
    colour = mix(colour, 0.8 * brown, np.where(texels.part == Part.mane, 0.8, 0.0))
    colour = mix(colour, black, np.where(texels.part == Part.horn, smooth(0.5, 0.75, where), 0.0))
    colour = mix(colour, black, np.where(texels.part == Part.tail, smooth(0.45, 0.62, where), 0.0))
    legs = (texels.part == Part.fore_leg) | (texels.part == Part.hind_leg)
    return mix(colour, black, np.where(legs, smooth(1.925, 1.945, where), 0.0))
