"""What a simulated scene is: animals, how they stand, how the drone flies, and the video it films.

Lists ``[low, high]`` are limits between which the seed draws one value for the scene, evenly.
"""

import math
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

import numpy as np

from pipeline.simulate.drone import FlightSettings, Kind, reach_px
from pipeline.simulate.species import ADULTS

SMALLEST, LARGEST = (640, 360), (5472, 3078)  # px; up to the 20 MP video of survey drones


class Arrangement(Enum):
    """How the animals stand at the start: spread, as two groups that walk through each other, or one behind another."""

    scattered = "scattered"
    crossing = "crossing"
    columns = "columns"


class Schedule(Enum):
    """What the animals are up to; the functions of the same names in ``habits.py`` say more."""

    natural = "natural"
    busy = "busy"
    travelling = "travelling"


class Flight(Enum):
    """What the drone does while it films."""

    hover = "hover"
    pan = "pan"
    orbit = "orbit"
    climb = "climb"
    follow = "follow"
    transit = "transit"
    zoom = "zoom"


class Codec(Enum):
    """How the video is compressed."""

    h264 = "h264"
    hevc = "hevc"


LIMITS = {  # of the drawn values: what the renderer and its lens can show
    "height_m": (10.0, 80.0),
    "depression_deg": (20.0, 90.0),
    "fov_deg": (5.0, 110.0),
    "animal_px": (8.0, 1000.0),
    "bushes_per_ha": (0.0, 2000.0),
    "trees_per_ha": (0.0, 500.0),
}
LENS_DEG = [10.0, 84.0]  # fields of view to choose from where animal_px is given
SLACK = 0.1  # how far the animals' size may be from animal_px


@dataclass(frozen=True)
class Scene:
    """Settings of a scene; ``configs/scene`` explains the values. ``ValueError`` says what was got and the rule."""

    name: str
    animals: dict[str, int]  # species: number
    young: float
    arrangement: Arrangement
    spacing_m: float
    schedule: Schedule
    duration_s: float
    width: int
    height: int
    rate: str
    variable_rate: bool
    flight: Flight
    height_m: list[float]
    depression_deg: list[float]
    fov_deg: list[float]
    animal_px: list[float]
    bushes_per_ha: list[float]
    trees_per_ha: list[float]
    codec: Codec
    bits_per_px: float

    def __post_init__(self) -> None:
        if not self.name or not all(letter.isalnum() or letter in "_-" for letter in self.name):
            raise ValueError(f"name must be of letters, digits, _ and -, got {self.name!r}")
        self._check_animals()
        self._check_video()
        if bool(self.fov_deg) == bool(self.animal_px):
            raise ValueError(
                f"one of fov_deg and animal_px must be [] (the other sets the zoom), "
                f"got fov_deg={self.fov_deg}, animal_px={self.animal_px}"
            )
        for name, limits in LIMITS.items():
            if name not in ("fov_deg", "animal_px") or getattr(self, name):
                _check_bounds(name, getattr(self, name), limits)

    def _check_animals(self) -> None:
        if unknown := sorted(set(self.animals) - set(ADULTS)):
            raise ValueError(f"animals names {', '.join(unknown)}; there are {', '.join(ADULTS)}")
        if any(number < 0 for number in self.animals.values()) or not sum(self.animals.values()) >= 1:
            raise ValueError(f"animals must have a number >= 0 a species and one animal in all, got {self.animals}")
        if not 0 <= self.young <= 1:
            raise ValueError(f"young must be in [0, 1], got {self.young}")
        if not 0 < self.spacing_m <= 100:
            raise ValueError(f"spacing_m must be in (0, 100], got {self.spacing_m}")

    def _check_video(self) -> None:
        if not (SMALLEST[0] <= self.width <= LARGEST[0] and SMALLEST[1] <= self.height <= LARGEST[1]):
            least, most = (f"{width} x {height}" for width, height in (SMALLEST, LARGEST))
            raise ValueError(f"width x height must be {least} to {most}, got {self.width} x {self.height}")
        if not 5 <= self.frames_per_s <= 120:
            raise ValueError(f"rate must be 5 to 120 frames/s, got {self.rate}")
        if not 0.2 <= self.duration_s <= 3600:
            raise ValueError(f"duration_s must be 0.2 to 3600, got {self.duration_s}")
        if not 0.01 <= self.bits_per_px <= 8:
            raise ValueError(f"bits_per_px must be 0.01 to 8 of each pixel of a frame, got {self.bits_per_px}")

    @property
    def unmet(self) -> str:
        """In a line why heights and lens do not allow ``animal_px`` of adults, and what would; empty where they do."""
        if not self.animal_px:
            return ""
        adults = [ADULTS[name].length_m for name, number in self.animals.items() for _ in range(number)]
        least, most = reach_px(self.flown(float(np.median(adults))), self.width, self.height)
        low, high = self.animal_px
        if least <= high * (1 + SLACK) and most >= low * (1 - SLACK):
            return ""
        (lower, upper), (lowest, highest) = self.height_m, LIMITS["height_m"]
        needed = math.ceil(upper * least / high) if least > high else math.floor(lower * most / low)
        other = f"; with a height_m that reaches {needed} they are met" if lowest <= needed <= highest else ""
        return (
            f"animal_px={self.animal_px} cannot be met at height_m={self.height_m} and "
            f"depression_deg={self.depression_deg} by a lens of {LENS_DEG[0]:g} to {LENS_DEG[1]:g} "
            f"degrees that shows no sky: animals are filmed at {math.ceil(least)} to {math.floor(most)} px{other}"
        )

    def flown(self, animal_m: float) -> FlightSettings:
        """What its flight is drawn from, about animals whose median length is ``animal_m``."""
        fov_deg = self.fov_deg or LENS_DEG
        kind = Kind(self.flight.value)
        return FlightSettings(kind, self.height_m, self.depression_deg, fov_deg, self.animal_px, animal_m)

    @property
    def frames_per_s(self) -> Fraction:
        """The frame rate, exactly; ``ValueError`` where the text is no number."""
        try:
            return Fraction(self.rate)
        except (ValueError, ZeroDivisionError):
            raise ValueError(f"rate must be a number or a fraction such as 30000/1001, got {self.rate!r}") from None

    @property
    def bit_rate(self) -> int:
        """Bits a second that the camera writes."""
        return round(self.bits_per_px * self.width * self.height * self.frames_per_s)

    @property
    def frames(self) -> int:
        """Frames of the video, where the rate is constant."""
        return max(round(self.duration_s * self.frames_per_s), 1)


def _check_bounds(name: str, bounds: list[float], limits: tuple[float, float]) -> None:
    low, high = limits
    fits = len(bounds) == 2 and all(map(math.isfinite, bounds)) and low <= bounds[0] <= bounds[1] <= high
    if not fits:
        raise ValueError(f"{name} must be [low, high] within [{low:g}, {high:g}], got {bounds}")


def drawn(bounds: list[float], rng: np.random.Generator) -> float:
    """One value between ``[low, high]``."""
    return float(rng.uniform(bounds[0], bounds[1]))
