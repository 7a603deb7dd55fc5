"""Species presets: what an adult of each measures, and how individuals and ages vary about it."""

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Build:
    """The measures of one animal, in metres and kilograms. Heights are above the ground, standing."""

    species: str
    mass_kg: float
    shoulder_m: float  # height of the shoulder joints, where the fore legs begin
    hip_m: float  # height of the hip joints, where the hind legs begin
    trunk_m: float  # shoulder joints to hip joints, along the trunk
    girth_m: float  # height of the trunk's section at the belly
    stance_m: float  # left foot to right foot
    neck_m: float  # base of the neck to the skull
    head_m: float  # skull to muzzle
    tail_m: float
    coat: str  # plains_zebra, grevys_zebra, giraffe, impala, baboon, sheep

    @property
    def length_m(self) -> float:
        """Muzzle to rump, about: what its size in the picture is judged by."""
        return self.trunk_m + self.neck_m + self.head_m


ADULTS = {
    "plains_zebra": Build("plains_zebra", 240, 0.93, 0.97, 0.93, 0.64, 0.26, 0.62, 0.50, 0.75, "plains_zebra"),
    "grevys_zebra": Build("grevys_zebra", 380, 1.08, 1.12, 1.10, 0.72, 0.30, 0.70, 0.60, 0.85, "grevys_zebra"),
    "giraffe": Build("giraffe", 900, 2.25, 2.05, 1.38, 1.00, 0.42, 1.90, 0.66, 1.20, "giraffe"),
    "impala": Build("impala", 50, 0.66, 0.70, 0.66, 0.34, 0.16, 0.38, 0.24, 0.28, "impala"),
    "baboon": Build("baboon", 22, 0.50, 0.48, 0.46, 0.26, 0.18, 0.14, 0.20, 0.52, "baboon"),
    # a ewe of a breed of middling size: 0.65 m at the withers, 0.72 m from breast to rump, fleece and all; tail docked
    "sheep": Build("sheep", 58, 0.46, 0.48, 0.52, 0.37, 0.17, 0.26, 0.24, 0.13, "sheep"),
}


def individual(species: str, rng: np.random.Generator, young: float = 0.15) -> Build:
    """One animal of a species: a young one (half to nine tenths of an adult's size) with probability ``young``.

    Adults vary by 4 % (standard deviation); mass goes with the cube of size.
    """
    adult = ADULTS[species]
    size = float(rng.uniform(0.5, 0.9)) if rng.random() < young else float(np.clip(rng.normal(1.0, 0.04), 0.88, 1.12))
    scaled = {name: getattr(adult, name) * size for name in adult.__dataclass_fields__ if name.endswith("_m")}
    return replace(adult, mass_kg=adult.mass_kg * size**3, **scaled)
