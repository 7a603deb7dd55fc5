r"""Zebras' coats: stripes as lines of equal phase over the body at rest.

::

      ///  |||||||  \\\\\\ neck      phase, in stripes:  trunk  along x, ahead of a pivot on the belly
    ///// ||||||||| ====                              rump   round that pivot: a fan that lies down towards the tail
    ===   |||||||||                                   legs   down the leg
    ===       ||                                      neck, head  along them

Plains zebra: broad stripes that reach the belly. Grevy's: narrow dense ones, a white belly, a dark line along the
back, a white rump about the tail, a brown muzzle. (Bard 1977, J. Zool. 183: stripes are laid down across the embryo's
body axis.)
"""

from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate.anatomy import Part
from pipeline.simulate.atlas import Texels
from pipeline.simulate.mottle import Mottle, mix, smooth
from pipeline.simulate.species import Build


@dataclass(frozen=True)
class Pattern:
    """How stripes lie. Widths are those of one dark and one light stripe together, in shares of the trunk."""

    trunk: float
    rump: float  # at the croup
    neck: float
    leg: float
    head: float
    dark: float  # share of a stripe that is dark
    pivot: tuple[float, float]  # x / trunk, z / girth, of the trunk's frame
    wobble: float  # of the phase, in stripes
    bump: float  # how long waves of that are / trunk


PLAINS = Pattern(0.118, 0.150, 0.100, 0.066, 0.042, 0.53, (-0.14, -0.62), 0.22, 0.40)
GREVYS = Pattern(0.050, 0.056, 0.062, 0.034, 0.026, 0.50, (-0.42, -0.45), 0.28, 0.30)


def plains_zebra(build: Build, texels: Texels, rng: np.random.Generator) -> FloatArray:
    """Colours [n, 3] of a plains zebra."""
    dark, light = _tints(rng)
    share = _striped(build, texels, PLAINS, rng)
    spine = texels.part == Part.spine
    ahead = texels.where
    under = spine & (ahead < 1.0)
    belly = np.where(under, smooth(0.94, 1.0, _under(texels)), 0.0)
    share = share * (1 - belly)
    return _details(mix(light, dark, share), texels, dark, dark * 0.9)


def grevys_zebra(build: Build, texels: Texels, rng: np.random.Generator) -> FloatArray:
    """Colours [n, 3] of a Grevy's zebra."""
    dark, light = _tints(rng)
    share = _striped(build, texels, GREVYS, rng)
    trunk = (texels.part == Part.spine) & (texels.where < 1.05)
    under = _under(texels)
    belly = np.where(trunk, smooth(0.72, 0.80, under), 0.0)
    share = share * (1 - belly)
    back = np.where(trunk, smooth(0.055, 0.035, under), 0.0)  # the dark line along the back, in white
    beside = np.where(trunk & (texels.where < 0.3), smooth(0.2, 0.13, under), 0.0)
    share = np.maximum(share * (1 - beside), back)
    brown = np.array([104.0, 82.0, 66.0])
    return _details(mix(light, dark, share), texels, dark, brown)


def _under(texels: Texels) -> FloatArray:
    """How far down the trunk's side a texel is: 0 back .. 1 belly."""
    return 1 - np.abs(1 - 2 * texels.turn)


def _tints(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """The dark and the light colour of one animal."""
    dark = np.array([40.0, 34.0, 31.0]) + rng.uniform(-8, 14) + rng.uniform(0, 1) * np.array([8.0, 3.0, 0.0])
    light = np.array([226.0, 219.0, 206.0]) + rng.uniform(-16, 10) - rng.uniform(0, 1) * np.array([2.0, 8.0, 20.0])
    return dark, light


def _striped(build: Build, texels: Texels, pattern: Pattern, rng: np.random.Generator) -> FloatArray:
    """How dark each texel is [n]: 0 in a light stripe, 1 in a dark one."""
    phase = _phase(build, texels, pattern) + rng.uniform(0, 1)
    size = build.trunk_m
    phase = phase + pattern.wobble * Mottle(rng, pattern.bump * size)(texels.position)
    wide = pattern.dark + 0.06 * Mottle(rng, 0.35 * size)(texels.position) + rng.normal(0, 0.02)
    wave = 0.5 + 0.5 * np.cos(2 * np.pi * phase)
    level = 0.5 - 0.5 * np.cos(np.pi * np.clip(1 - wide, 0.1, 0.9))  # the wave is above it for a share ``wide``
    return np.where(texels.part == Part.ear, 0.0, smooth(-0.10, 0.10, wave - level))


def _phase(build: Build, texels: Texels, pattern: Pattern) -> FloatArray:
    """The number of the stripe at each texel [n]; not whole between stripes' middles."""
    size, middle_m = build.trunk_m, (build.shoulder_m + build.hip_m) / 2
    x, z = texels.position[:, 0] / size, (texels.position[:, 2] - middle_m) / build.girth_m
    phase = _on_trunk(build, x, z, pattern)
    spine = texels.part == Part.spine
    neck = (spine & (texels.where >= 1.0)) | (texels.part == Part.mane)
    s = np.where(spine, texels.where - 1, texels.where)
    # as many stripes as it has room for go on from the shoulder's up the neck
    shoulder = 0.55 / pattern.trunk
    phase = np.where(neck, np.maximum(phase, shoulder + s * build.neck_m / (size * pattern.neck)), phase)
    head = spine & (texels.where >= 2.0)
    t = texels.where - 2
    phase = np.where(head, shoulder + (build.neck_m / pattern.neck + t * build.head_m / pattern.head) / size, phase)
    for leg, begin, below in ((Part.fore_leg, 0.5, -0.42), (Part.hind_leg, -0.5, pattern.pivot[1])):
        start = _on_trunk(build, np.full(1, begin), np.full(1, below), pattern)
        line = start + (z - below) * build.girth_m / (size * pattern.leg)
        phase = np.where((texels.part == leg) & (z < below), line, phase)
    return phase


def _on_trunk(build: Build, x: FloatArray, z: FloatArray, pattern: Pattern) -> FloatArray:
    """Ahead of the pivot along x, behind it round it."""
    ahead = x - pattern.pivot[0]
    up = (z - pattern.pivot[1]) * build.girth_m / build.trunk_m
    radius = 1.02 * build.girth_m / build.trunk_m
    angle = np.arctan2(-np.minimum(ahead, 0), np.maximum(up, 1e-3))
    return np.where(ahead >= 0, ahead / pattern.trunk, -angle * radius / pattern.rump)


def _details(colour: FloatArray, texels: Texels, dark: FloatArray, muzzle: FloatArray) -> FloatArray:
    """Muzzle, eyes, ears, mane, the tail's tuft and hoofs."""
    spine, where, under = texels.part == Part.spine, texels.where, _under(texels)
    colour = mix(colour, muzzle, np.where(spine, smooth(2.74, 2.84, where), 0.0))
    eye = np.hypot((where - 2.24) / 0.05, (under - 0.36) / 0.055)
    colour = mix(colour, dark * 0.6, np.where(spine, smooth(1.3, 0.8, eye), 0.0))
    mane = texels.part == Part.mane
    colour = mix(colour, dark, np.where(mane, smooth(0.13, 0.07, np.abs(texels.turn - np.rint(texels.turn))), 0.0))
    tail = texels.part == Part.tail
    colour = mix(colour, dark, np.where(tail, smooth(0.5, 0.62, where), 0.0))
    ear = texels.part == Part.ear
    band = smooth(0.55, 0.65, where) * smooth(0.92, 0.86, where)
    colour = mix(colour, dark, np.where(ear, band, 0.0))
    legs = (texels.part == Part.fore_leg) | (texels.part == Part.hind_leg)
    return mix(colour, dark * 0.8, np.where(legs, smooth(1.925, 1.94, where), 0.0))
