"""What a scene's ground is made of: the colours of its soil and plants and how much of each there is."""

from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray

# Colours of dry East African ground as drone video shows them, R, G, B.
SOILS = {
    "laterite": ((186, 141, 116), (166, 122, 101)),
    "orange": ((196, 144, 110), (182, 134, 108)),
    "pink": ((192, 152, 134), (168, 130, 113)),
    "grey": ((162, 146, 134), (140, 124, 112)),
    "sand": ((208, 184, 152), (190, 164, 134)),
    "dark": ((122, 104, 94), (102, 86, 76)),
}
GRASSES = {
    "straw": ((196, 178, 146), (160, 142, 112)),
    "grey": ((160, 150, 136), (124, 116, 103)),
    "olive": ((146, 140, 108), (114, 109, 84)),
    "green": ((126, 134, 90), (98, 108, 70)),
}
SHRUBS = ((126, 118, 104), (112, 111, 95), (140, 128, 116), (104, 107, 86), (132, 124, 100))


@dataclass(frozen=True)
class Cover:
    """What a scene's ground bears, drawn once: colours 0..255, shares and densities."""

    soil: FloatArray  # [2, 3] two colours it wanders between
    grass: FloatArray  # [2, 3] sunlit and old
    shrub: FloatArray  # [3]
    grassy: float  # share of the ground under tufts, 0..1
    patchy: float  # how much that differs from place to place
    tall: float  # how strongly tufts shade, 0..1
    litter: float  # how dark crumbs and dry leaves are on the soil, 0..1
    shrubs_per_are: float  # low shrubs per 100 m2
    stones_per_are: float
    twigs_per_are: float
    trails: int
    tracks: bool

    @staticmethod
    def draw(rng: np.random.Generator) -> "Cover":
        """Anything from bare laterite to dense grass."""
        soil = np.array(SOILS[str(rng.choice(list(SOILS), p=[0.26, 0.2, 0.2, 0.14, 0.1, 0.1]))], dtype=np.float64)
        grass = np.array(GRASSES[str(rng.choice(list(GRASSES), p=[0.3, 0.38, 0.2, 0.12]))], dtype=np.float64)
        grass = 0.75 * grass + 0.25 * soil
        return Cover(
            soil=soil * rng.uniform(0.85, 1.08) + rng.normal(0, 1.8, 3),
            grass=grass * rng.uniform(0.85, 1.1) + rng.normal(0, 3, 3),
            shrub=np.array(SHRUBS[int(rng.integers(len(SHRUBS)))]) * rng.uniform(0.75, 1.15),
            grassy=float(rng.beta(1.1, 1.4)),
            patchy=float(rng.uniform(0.15, 0.6)),
            tall=float(rng.uniform(0.4, 1.3)),
            litter=float(rng.uniform(0.05, 0.5)),
            shrubs_per_are=float(np.exp(rng.uniform(np.log(0.5), np.log(40)))),
            stones_per_are=float(np.exp(rng.uniform(np.log(0.3), np.log(40)))),
            twigs_per_are=float(np.exp(rng.uniform(np.log(0.05), np.log(3.5)))),
            trails=int(rng.integers(0, 4)),
            tracks=bool(rng.random() < 0.3),
        )
