"""Coats without a pattern: the impala's, brown above and white below, the baboon's, grizzled, and the sheep's wool."""

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate.anatomy import Part
from pipeline.simulate.atlas import Texels
from pipeline.simulate.mottle import Mottle, mix, smooth
from pipeline.simulate.species import Build

BLACK = np.array([40.0, 33.0, 29.0])
WHITE_WOOL, BROWN_WOOL = np.array([236.0, 229.0, 211.0]), np.array([166.0, 138.0, 104.0])  # a flock's limits
PALE_FACE, DARK_FACE = np.array([222.0, 212.0, 194.0]), np.array([58.0, 47.0, 41.0])
LOCK_M = 0.014  # across a lock of wool
LOCKS = ((0.045, 1.0), (0.045, 1.5), (0.05, 3.0))  # how much lighter and darker locks are, and how much wider


def impala(build: Build, texels: Texels, rng: np.random.Generator) -> FloatArray:
    """Colours [n, 3] of an impala: red-brown back, paler flanks, white belly, dark lines on the rump and the tail."""
    saddle = np.array([150.0, 92.0, 52.0]) + rng.uniform(-16, 14)
    flank = saddle + np.array([38.0, 38.0, 34.0])
    white = np.array([228.0, 220.0, 204.0])
    spine, where, under = texels.part == Part.spine, texels.where, _under(texels)
    colour = mix(saddle, flank, np.where(spine & (where < 1.2), smooth(0.34, 0.46, under), 0.0))
    colour = mix(colour, white, np.where(spine & (where < 1.0), smooth(0.68, 0.76, under), 0.0))
    legs = _legs(texels)
    colour = mix(colour, flank, np.where(legs, smooth(-0.1, 0.5, where), 0.0))
    throat = np.where(spine & (where >= 1.5), smooth(0.84, 0.94, under), 0.0)
    colour = mix(colour, white, throat)
    rump = np.where(spine & (where < 0.16), smooth(0.12, 0.04, where) * smooth(0.35, 0.5, under), 0.0)
    colour = mix(colour, white, rump)
    tail = texels.part == Part.tail
    colour = mix(colour, white, np.where(tail, 0.8, 0.0))
    colour = mix(colour, BLACK, np.where(tail & (_under(texels) < 0.3), 0.8, 0.0))
    colour = mix(colour, BLACK, np.where(texels.part == Part.horn, 0.85, 0.0))
    colour = mix(colour, BLACK, np.where(texels.part == Part.ear, 0.8 * smooth(0.75, 0.9, where), 0.0))
    fetlock = legs & (texels.part == Part.hind_leg)
    colour = mix(colour, BLACK, np.where(fetlock, smooth(1.66, 1.70, where) * smooth(1.86, 1.80, where), 0.0))
    return _face(colour, texels, 0.6 * saddle, 0.9)


def baboon(build: Build, texels: Texels, rng: np.random.Generator) -> FloatArray:
    """Colours [n, 3] of an olive baboon: grizzled olive-brown, dark face, hands and feet."""
    olive = np.array([112.0, 98.0, 68.0]) + rng.uniform(-16, 14)
    grizzle = 0.16 * Mottle(rng, 0.012)(texels.position) + 0.10 * Mottle(rng, 0.08)(texels.position)
    colour = olive * np.clip(1 + grizzle, 0.5, 1.6)[:, None]
    spine, where, under = texels.part == Part.spine, texels.where, _under(texels)
    colour = mix(colour, 1.2 * olive, np.where(spine & (where < 1), 0.6 * smooth(0.7, 0.95, under), 0.0))
    colour = mix(colour, 0.62 * olive, np.where(_legs(texels), smooth(1.2, 1.8, where), 0.0))
    rump = np.where(spine, smooth(0.05, 0.0, where), 0.0)
    colour = mix(colour, np.array([92.0, 70.0, 66.0]), rump)
    face = np.where(spine, smooth(2.3, 2.42, where), 0.0)
    colour = mix(colour, np.array([58.0, 46.0, 42.0]), face)
    return _face(colour, texels, np.array([44.0, 36.0, 34.0]), 0.8)


def sheep(build: Build, texels: Texels, rng: np.random.Generator) -> FloatArray:
    """Colours [n, 3] of a sheep: off-white to light brown wool in locks, face and legs bare, dark or white."""
    wool = WHITE_WOOL + (BROWN_WOOL - WHITE_WOOL) * rng.beta(0.7, 2.4)
    hair = PALE_FACE if rng.random() < 0.5 else DARK_FACE + rng.uniform(-14, 22)
    locks = sum(size * Mottle(rng, wide * LOCK_M)(texels.position) for size, wide in LOCKS)
    colour = wool * np.clip(1 + locks, 0.6, 1.3)[:, None]
    spine, where, under = texels.part == Part.spine, texels.where, _under(texels)
    colour = mix(colour, 0.8 * colour, np.where(spine & (where < 1.3), smooth(0.6, 0.95, under), 0.0))
    colour = mix(colour, hair, np.where(spine, smooth(2.02, 2.12, where), 0.0))
    colour = mix(colour, hair, np.where(_legs(texels), smooth(0.62, 0.8, where), 0.0))
    colour = mix(colour, hair, np.where(texels.part == Part.ear, 1.0, 0.0))
    return _face(colour, texels, 0.6 * hair, 0.6)


def _face(colour: FloatArray, texels: Texels, muzzle: FloatArray, amount: float) -> FloatArray:
    """Muzzle, eyes and hoofs (or nails)."""
    spine, where, under = texels.part == Part.spine, texels.where, _under(texels)
    colour = mix(colour, muzzle, np.where(spine, amount * smooth(2.8, 2.92, where), 0.0))
    eye = np.hypot((where - 2.26) / 0.055, (under - 0.36) / 0.06)
    colour = mix(colour, BLACK, np.where(spine, smooth(1.3, 0.8, eye), 0.0))
    return mix(colour, BLACK, np.where(_legs(texels), smooth(1.93, 1.95, where), 0.0))


def _legs(texels: Texels) -> FloatArray:
    return np.asarray((texels.part == Part.fore_leg) | (texels.part == Part.hind_leg))


def _under(texels: Texels) -> FloatArray:
    """How far down the side a texel is: 0 back .. 1 belly."""
    return 1 - np.abs(1 - 2 * texels.turn)
