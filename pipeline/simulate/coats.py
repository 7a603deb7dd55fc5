"""Coats: the colour of every texel of a body, from where that texel is on the animal as it stands at rest.

Each animal has a pattern, tints and dust of its own, all from the random numbers it is given. Colours are sRGB, 0..255.
"""

from collections.abc import Callable

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate import hides, patches, stripes
from pipeline.simulate.atlas import Texels
from pipeline.simulate.mottle import Mottle
from pipeline.simulate.species import Build
from pipeline.types import Image

Pattern = Callable[[Build, Texels, np.random.Generator], FloatArray]

PATTERNS: dict[str, Pattern] = {
    "plains_zebra": stripes.plains_zebra,
    "grevys_zebra": stripes.grevys_zebra,
    "giraffe": patches.giraffe,
    "impala": hides.impala,
    "baboon": hides.baboon,
    "sheep": hides.sheep,
}
DUST = np.array([168.0, 128.0, 92.0])  # of the ground, on belly, legs and back


def paint(build: Build, texels: Texels, side: int, rng: np.random.Generator) -> Image:
    """The atlas [side, side, 3] of one animal.

    Raises:
        ValueError: a coat that there is no pattern for.
    """
    if build.coat not in PATTERNS:
        raise ValueError(f"no pattern for coat {build.coat!r}; there are: {', '.join(PATTERNS)}")
    colour = PATTERNS[build.coat](build, texels, rng)
    colour = _dusted(colour, build, texels, rng)
    colour *= 1 + 0.05 * Mottle(rng, 0.05 * build.trunk_m)(texels.position)[:, None]
    colour *= rng.normal(1.0, 0.04)
    atlas = np.full((side * side, 3), colour.mean(axis=0))
    atlas[texels.texel] = colour
    return np.asarray(np.clip(np.rint(atlas), 0, 255), dtype=np.uint8).reshape(side, side, 3)


def _dusted(colour: FloatArray, build: Build, texels: Texels, rng: np.random.Generator) -> FloatArray:
    """Dust lies on every animal, more on some, more near the ground and on the back."""
    most = rng.uniform(0.02, 0.28)
    z = texels.position[:, 2] / build.shoulder_m
    where = np.clip(1 - 1.2 * z, 0, 1) + np.clip(z - 1.2, 0, 0.3) + 0.25
    amount = most * where * np.clip(1 + 0.6 * Mottle(rng, 0.3 * build.trunk_m)(texels.position), 0, 2)
    amount = np.clip(amount, 0, 0.6)[:, None]
    return np.asarray(colour * (1 - amount) + DUST * amount)
