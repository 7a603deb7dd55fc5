"""What a plant is made of: leaves and branches in space, as many small pieces as its look asks for."""

from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate.plants import Plant

LEAVES_PER_M = {"bush": 5000, "acacia": 4200}  # for a metre of the crown's radius
MOST_LEAVES = 13000
TWIGS = 260


@dataclass(frozen=True)
class Foliage:
    """Pieces of a plant whose root is the origin; metres, colours 0..255 before light.

    Leaves are in random order, so that the first few stand for all where the plant is seen small.
    """

    leaves: FloatArray  # [n, 3] their middles
    radius_m: float  # of a leaf, or of the tuft of leaves it stands for
    normals: FloatArray  # [n, 3] outward from the clump each belongs to
    depth: FloatArray  # [n] 0 at the crown's skin, 1 in its heart
    colour: FloatArray  # [n, 3]
    branches: FloatArray  # [m, 2, 3] from, to
    girth_m: FloatArray  # [m]
    bark: FloatArray  # [3]


def foliage(plant: Plant) -> Foliage:
    """The pieces of a plant, always the same for the same ``seed``."""
    rng = np.random.default_rng(plant.seed)
    grow = {"bush": _bush, "acacia": _acacia, "dead": _dead, "stone": _stone}
    return grow[plant.kind](plant, rng)


def _sphere(rng: np.random.Generator, n: int) -> FloatArray:
    way = rng.normal(0, 1, (n, 3))
    return np.asarray(way / np.linalg.norm(way, axis=1, keepdims=True))


def _clumped(
    rng: np.random.Generator, middles: FloatArray, sizes: FloatArray, n: int, shell: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Leaves [n, 3] in ellipsoid clumps of half axes ``sizes`` [k, 3], their outward normals, and how deep they sit."""
    share = sizes.prod(axis=1) ** (2 / 3)
    clump = rng.choice(len(middles), n, p=share / share.sum())
    way = _sphere(rng, n)
    out = rng.uniform(0, 1, n) ** shell
    ragged = out + rng.normal(0, 0.13, n) + rng.exponential(0.07, n)  # single shoots stand out
    leaves = middles[clump] + way * ragged[:, None] * sizes[clump]
    normals = way / sizes[clump]
    return leaves, normals / np.linalg.norm(normals, axis=1, keepdims=True), 1 - out


def _limbs(rng: np.random.Generator, ends: FloatArray, root: FloatArray, bend: float) -> FloatArray:
    """Branches from ``root`` [3] to each of ``ends`` [k, 3] in three crooked pieces: [3 k, 2, 3]."""
    share = np.array([0, 0.35, 0.7, 1.0])[:, None, None]
    way = root + (ends - root) * share
    length = np.linalg.norm(ends - root, axis=1)[:, None]
    way[1:3] += rng.normal(0, bend, (2, *ends.shape)) * length
    return np.concatenate([np.stack([way[k], way[k + 1]], axis=1) for k in range(3)])


def _greens(rng: np.random.Generator, n: int, palette: tuple[tuple[int, int, int], ...]) -> FloatArray:
    """Leaf colours [n, 3] about one colour of the palette."""
    base = np.array(palette[int(rng.integers(len(palette)))]) * rng.uniform(0.8, 1.15) + rng.normal(0, 4, 3)
    return np.asarray(base * (1 + rng.normal(0, 0.13, (n, 1))) + rng.normal(0, 5, (n, 3))).clip(12, 235)


_BUSHES = ((104, 118, 74), (124, 128, 96), (140, 132, 116), (154, 144, 130), (96, 106, 82), (132, 124, 92))
_CROWNS = ((100, 120, 72), (114, 126, 88), (92, 108, 74), (124, 130, 98))


def _count(plant: Plant) -> int:
    return int(np.clip(LEAVES_PER_M[plant.kind] * plant.radius_m, 3000, MOST_LEAVES))


def _bush(plant: Plant, rng: np.random.Generator) -> Foliage:
    """Clumps of leaves over stems that spread from the root."""
    n, k = _count(plant), int(rng.integers(9, 22))
    turn, out = rng.uniform(0, 2 * np.pi, k), np.sqrt(rng.uniform(0, 1, k)) * 0.68
    rise = rng.uniform(0.3, 0.72, k) * np.sqrt(1 - 0.7 * out**2)
    middles = np.stack([out * np.cos(turn), out * np.sin(turn), rise], axis=1)
    middles *= [plant.radius_m, plant.radius_m, plant.height_m]
    sizes = rng.uniform(0.2, 0.42, (k, 1)) * [plant.radius_m, plant.radius_m, plant.height_m * 0.72]
    leaves, normals, depth = _clumped(rng, middles, sizes, n, 0.42)
    leaves[:, 2] = np.abs(leaves[:, 2])
    open_ = float(rng.uniform(0.6, 1.25))  # leafy or thin
    radius = 0.9 * open_ * np.sqrt(plant.radius_m * plant.height_m) / np.sqrt(n)
    stems = _limbs(rng, middles, np.zeros(3), 0.07)
    twigs = np.stack([leaves[:220] * 0.72, leaves[:220] * 1.04], axis=1)
    girth = np.concatenate([np.full(len(stems), 0.016), np.full(len(twigs), 0.008)]) * plant.radius_m
    bark = np.array([120, 108, 98]) * rng.uniform(0.6, 1.2)
    return Foliage(
        leaves, radius, normals, depth, _greens(rng, n, _BUSHES), np.concatenate([stems, twigs]), girth, bark
    )


def _acacia(plant: Plant, rng: np.random.Generator) -> Foliage:
    """A trunk that forks low, and a wide crown of flat clumps on top."""
    n, k = _count(plant), int(rng.integers(14, 26))
    turn, out = rng.uniform(0, 2 * np.pi, k), np.sqrt(rng.uniform(0, 1, k)) * 0.78
    low = float(rng.uniform(0.5, 0.72))  # where the crown begins
    rise = low + (1 - low) * (0.75 - 0.35 * out**2 + rng.uniform(-0.2, 0.12, k))
    middles = np.stack(
        [out * np.cos(turn) * plant.radius_m, out * np.sin(turn) * plant.radius_m, rise * plant.height_m], 1
    )
    flat = rng.uniform(0.22, 0.38, (k, 1)) * plant.radius_m
    sizes = flat * [1, 1, float(rng.uniform(0.35, 0.6))]
    leaves, normals, depth = _clumped(rng, middles, sizes, n, 0.45)
    radius = 0.85 * plant.radius_m * float(rng.uniform(0.75, 1.15)) / np.sqrt(n)
    fork = np.array([*rng.normal(0, 0.05, 2) * plant.height_m, plant.height_m * rng.uniform(0.15, 0.4)])
    limbs = _limbs(rng, middles - [0, 0, 0.04 * plant.height_m], fork, 0.06)
    trunk = np.stack([np.zeros(3), fork])[None]
    girth = np.concatenate([[0.042], np.repeat([0.017, 0.011, 0.007], k)]) * plant.height_m * rng.uniform(0.6, 1.0)
    bark = np.array([112, 98, 86]) * rng.uniform(0.6, 1.15)
    return Foliage(
        leaves, radius, normals, depth, _greens(rng, n, _CROWNS), np.concatenate([trunk, limbs]), girth, bark
    )


def _dead(plant: Plant, rng: np.random.Generator) -> Foliage:
    """Bare branches that fork again and again, and a few dry leaves."""
    size = np.array([plant.radius_m, plant.radius_m, plant.height_m])
    stems = int(rng.integers(4, 9))
    start = np.zeros((stems, 3))
    way = _sphere(rng, stems)
    way[:, 2] = np.abs(way[:, 2]) + 0.25
    branches, girth = [], []
    thick = 0.028
    for _ in range(5):
        end = start + way / np.linalg.norm(way, axis=1, keepdims=True) * rng.uniform(0.16, 0.34, (len(way), 1))
        end[:, 2] = np.abs(end[:, 2])
        branches.append(np.stack([start, end], axis=1))
        girth.append(np.full(len(end), thick))
        fork = rng.integers(2, 4, len(end))
        start, way = np.repeat(end, fork, axis=0), np.repeat(way, fork, axis=0) + rng.normal(0, 0.45, (fork.sum(), 3))
        keep = rng.random(len(start)) < 260 / max(len(start), 260)
        start, way, thick = start[keep], way[keep], thick * 0.62
    all_branches = np.concatenate(branches)
    all_branches *= size / np.maximum(np.abs(all_branches).reshape(-1, 3).max(axis=0), 1e-6)
    tips = all_branches[-TWIGS:, 1]
    n = len(tips)
    bark = np.array([158, 146, 134]) * rng.uniform(0.6, 1.2)
    leaf = 0.01 * plant.radius_m * float(rng.uniform(0.3, 1.6))
    return Foliage(
        tips,
        leaf,
        _sphere(rng, n),
        np.zeros(n),
        np.tile(bark * 0.9, (n, 1)),
        all_branches,
        np.concatenate(girth) * plant.height_m,
        bark,
    )


def _stone(plant: Plant, rng: np.random.Generator) -> Foliage:
    """A lump with flat sides."""
    n = 900
    way = _sphere(rng, n)
    way[:, 2] = np.abs(way[:, 2])
    faces = _sphere(rng, 12)
    closeness = way @ faces.T
    face = faces[closeness.argmax(axis=1)]
    out = (0.86 / closeness.max(axis=1)).clip(0, 1.05)
    size = np.array([plant.radius_m, plant.radius_m * rng.uniform(0.6, 1.0), plant.height_m])
    normals = (0.7 * face + 0.3 * way) / size
    base = np.array([(146, 128, 116), (112, 100, 94), (168, 156, 144), (94, 76, 68)][int(rng.integers(4))])
    colour = base * (1 + rng.normal(0, 0.05, (n, 1)))
    return Foliage(
        way * out[:, None] * size,
        0.11 * plant.radius_m,
        normals / np.linalg.norm(normals, axis=1, keepdims=True),
        np.zeros(n),
        colour,
        np.zeros((0, 2, 3)),
        np.zeros(0),
        base * 1.0,
    )
