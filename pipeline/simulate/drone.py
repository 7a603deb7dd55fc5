"""The drone's flights: the kinds of moves that animals are filmed with, drawn from ranges of height, angle and zoom."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate.curves import Ease, Path, Tremble, line, place, still, tremble
from pipeline.simulate.flight import Flight as Flight
from pipeline.simulate.flight import focal_for, focal_of

BELOW_HORIZON_DEG = 3.0  # the picture's upper edge stays at least this far below the horizon
_PAN_RADPS, _ORBIT_RADPS = float(np.radians(6)), float(np.radians(12))  # faster ones are not used to watch animals
_CLIMB_SHARE = 0.5  # of the speed level with the ground
_REACTION_S = 1.5  # a pilot follows what an animal does over such a time
_TILT_DEG = 0.25  # standard deviation: gimbals hold the horizon a little tilted


class Kind(Enum):
    """What the drone does."""

    hover = "hover"
    pan = "pan"
    orbit = "orbit"
    climb = "climb"  # or descend
    transit = "transit"  # straight on, camera held
    follow = "follow"  # a moving place, such as the middle of the herd
    zoom = "zoom"


@dataclass(frozen=True)
class FlightSettings:
    """What flights are drawn from; lists are [low, high].

    ``fov_deg`` is the horizontal field of view: 84 deg is a 20 mm lens (in terms of 35 mm film), 73 a 24 mm, 10 a 7x
    tele. Where ``animal_px`` is given, zoom and, if that does not reach, height are chosen so that an animal of
    ``animal_m`` in the middle of the picture and across the view covers that many pixels; else it is empty.
    """

    kind: Kind
    height_m: list[float] = field(default_factory=lambda: [10.0, 80.0])
    depression_deg: list[float] = field(default_factory=lambda: [20.0, 90.0])
    fov_deg: list[float] = field(default_factory=lambda: [10.0, 84.0])
    animal_px: list[float] = field(default_factory=list)
    animal_m: float = 2.2
    speed_mps: list[float] = field(default_factory=lambda: [0.5, 6.0])
    drift_m: list[float] = field(default_factory=lambda: [0.03, 0.25])  # root mean square, of the position held
    shake_deg: list[float] = field(default_factory=lambda: [0.02, 0.1])  # root mean square, of the gimbal

    def __post_init__(self) -> None:
        limits: dict[str, tuple[float, float]] = {
            "height_m": (1, 1000),
            "depression_deg": (10, 90),
            "fov_deg": (2, 120),
        }
        limits |= {"animal_px": (1, 1e4), "speed_mps": (0.01, 30), "drift_m": (0, 10), "shake_deg": (0, 10)}
        for name, (low, high) in limits.items():
            given = getattr(self, name)
            if name == "animal_px" and not given:
                continue
            if len(given) != 2 or not low <= given[0] <= given[1] <= high:
                raise ValueError(f"{name} must be [low, high] within {low:g} to {high:g}, got {given}")
        if self.animal_m <= 0:
            raise ValueError(f"animal_m must be > 0, got {self.animal_m}")


def draw(
    settings: FlightSettings,
    rng: np.random.Generator,
    target: Path | FloatArray,
    width: int,
    height: int,
    duration_s: float,
) -> Flight:
    """A flight of the settings' kind about ``target``: a place [2] in metres, or a path, such as the herd's middle.

    Only ``follow`` moves with a path; the other kinds look at its middle in time. ``duration_s`` must be > 0.
    """
    if duration_s <= 0:
        raise ValueError(f"duration_s must be > 0, got {duration_s}")
    path = target if isinstance(target, Path) else place(target)
    up, away, focal = _stand(settings, rng, width, height)
    shift = rng.uniform(-0.08, 0.08, 2) * height * np.hypot(up, away) / focal  # nobody aims exactly
    middle = path.at(path.time_s.mean(keepdims=True))[0] + shift
    bearing, roll = float(rng.uniform(0, 2 * np.pi)), float(np.radians(rng.normal(0, _TILT_DEG)))
    still_focal, shaking = still(float(np.log(focal))), _shaking(settings, rng)
    aim = (place(middle), still(bearing), still(away), still(up), still_focal, still(0.0))
    flight = Flight(width, height, *aim, roll, shaking)
    if settings.kind is Kind.follow:
        return replace(flight, target=Path(path.time_s, path.xy + shift).smooth(_REACTION_S))
    return _MOVES[settings.kind](flight, _Chance(settings, rng, duration_s))


def _stand(settings: FlightSettings, rng: np.random.Generator, width: int, height: int) -> tuple[float, float, float]:
    """Height and distance over the ground in metres, and focal length in pixels, with no sky in the picture."""
    up = _between(rng, settings.height_m)
    down = float(np.radians(_between(rng, settings.depression_deg)))
    focals = _focals(settings, down, width, height)
    focal = float(np.exp(_between(rng, np.log(focals))))
    if settings.animal_px:
        size_px = float(np.exp(_between(rng, np.log(settings.animal_px))))
        focal = _within(focal_for(settings.animal_m, size_px, up / np.sin(down)), focals)
        up = _within(focal * settings.animal_m / size_px * np.sin(down), settings.height_m)
    return up, float(up / np.tan(down)), focal


def reach_px(settings: FlightSettings, width: int, height: int) -> tuple[float, float]:
    """The least and the most pixels that an animal of ``animal_m`` can be made to cover, however steep the view is."""
    downs = [float(down) for down in np.radians(settings.depression_deg)]  # between them nothing reaches less far
    spans = [(np.sin(down), *_focals(settings, down, width, height)) for down in downs]
    lowest, highest = settings.height_m
    least = max(settings.animal_m * sine * shortest / highest for sine, shortest, _ in spans)
    return float(least), float(min(settings.animal_m * sine * longest / lowest for sine, _, longest in spans))


def _focals(settings: FlightSettings, down: float, width: int, height: int) -> list[float]:
    """The shortest and the longest focal length in pixels, with no sky in the picture."""
    return [max(focal_of(fov, width), _least_focal(down, height)) for fov in settings.fov_deg[::-1]]


def _between(rng: np.random.Generator, limits: Sequence[float] | FloatArray) -> float:
    return float(rng.uniform(limits[0], limits[1]))


def _within(value: float, limits: Sequence[float]) -> float:
    return float(np.clip(value, limits[0], limits[1]))


def _least_focal(down: float, height: int) -> float:
    """The shortest focal length in pixels that shows no sky at a depression of ``down`` radians."""
    return float(height / 2 / np.tan(max(down - np.radians(BELOW_HORIZON_DEG), np.radians(1.0))))


def _shaking(settings: FlightSettings, rng: np.random.Generator) -> Tremble:
    """Drift of the position held, slow and half as large in height; trembling of the gimbal, quicker."""
    drift, shake = _between(rng, settings.drift_m), np.radians(_between(rng, settings.shake_deg))
    rms = np.array([drift, drift, drift / 2, shake, shake, shake / 2])
    return tremble(rms, np.repeat([0.02, 0.08], 3), np.repeat([0.3, 3.0], 3), rng)


@dataclass(frozen=True)
class _Chance:
    """What a move is drawn from."""

    settings: FlightSettings
    rng: np.random.Generator
    duration_s: float

    def span(self) -> tuple[float, float]:
        """When a move starts and stops, in seconds: most of the flight."""
        return self.duration_s * float(self.rng.uniform(0, 0.2)), self.duration_s * float(self.rng.uniform(0.8, 1))

    def speed(self) -> float:
        """Metres a second."""
        return _between(self.rng, self.settings.speed_mps)

    def side(self) -> float:
        """-1 or 1."""
        return float(self.rng.choice([-1.0, 1.0]))


def _hover(flight: Flight, chance: _Chance) -> Flight:
    return flight


def _pan(flight: Flight, chance: _Chance) -> Flight:
    """From one side of the target to the other, which stays in the picture."""
    start, stop = chance.span()
    half_fov = np.arctan(flight.width / 2 / np.exp(flight.log_focal.first))
    most = min(0.7 * half_fov, _PAN_RADPS * (stop - start) / 2) * chance.side() * float(chance.rng.uniform(0.4, 1))
    return replace(flight, turn=Ease(-most, most, start, stop))


def _orbit(flight: Flight, chance: _Chance) -> Flight:
    """Round the target, once at most."""
    start, stop = chance.span()
    rate = min(chance.speed() / max(flight.away_m.first, 1.0), _ORBIT_RADPS)
    turned = chance.side() * min(rate * (stop - start), 2 * np.pi)
    return replace(flight, bearing=Ease(flight.bearing.first, flight.bearing.first + turned, start, stop))


def _climb(flight: Flight, chance: _Chance) -> Flight:
    """Up or down where it is, the target in the middle, within the settings' heights and angles."""
    start, stop = chance.span()
    settings, up, away = chance.settings, flight.height_m.first, flight.away_m.first
    focal = float(np.exp(flight.log_focal.first))
    flattest = np.arctan(flight.height / 2 / focal) + np.radians(BELOW_HORIZON_DEG)  # of the depressions without sky
    least, most = np.radians(settings.depression_deg)
    lowest = max(settings.height_m[0], away * np.tan(max(flattest, least)))
    highest = min(settings.height_m[1], away * np.tan(min(most, np.radians(89.9))) if away > 0 else np.inf)
    room = chance.speed() * _CLIMB_SHARE * (stop - start)
    farther = np.abs(np.array([lowest, highest]) - up) + 1e-9  # the longer way is the likelier one
    goal = float(np.clip(chance.rng.choice([lowest, highest], p=farther / farther.sum()), up - room, up + room))
    return replace(flight, height_m=Ease(up, goal, start, stop))


def _transit(flight: Flight, chance: _Chance) -> Flight:
    """Past the target, straight on and roughly across the view; at either end it is still in the picture."""
    scale = np.hypot(flight.height_m.first, flight.away_m.first) / np.exp(flight.log_focal.first)  # metres a pixel
    aslant = float(np.clip(chance.rng.normal(0, 0.2), -0.5, 0.5))
    room = min(0.4 * flight.width, 0.25 * flight.height / max(abs(np.sin(aslant)), 1e-6)) * scale
    half = min(chance.speed() * chance.duration_s / 2, room) * chance.side()
    course = flight.bearing.first + np.pi / 2 + aslant
    ease = Ease(-half, half, 0.0, chance.duration_s, 0.05)
    return replace(flight, target=line(flight.target.xy[0], np.array([np.cos(course), np.sin(course)]), ease))


def _zoom(flight: Flight, chance: _Chance) -> Flight:
    """Closer or wider by a factor of 1.3 to 3, as far as the lens and the horizon allow."""
    start = chance.duration_s * float(chance.rng.uniform(0.1, 0.5))
    stop = start + min(float(chance.rng.uniform(2, 6)), chance.duration_s / 2)
    down = float(np.arctan2(flight.height_m.first, flight.away_m.first))
    longest, shortest = (focal_of(fov, flight.width) for fov in chance.settings.fov_deg)
    shortest = max(shortest, _least_focal(down, flight.height))
    goal = np.exp(flight.log_focal.first) * chance.rng.uniform(1.3, 3.0) ** chance.side()
    goal = float(np.log(np.clip(goal, shortest, max(longest, shortest))))
    return replace(flight, log_focal=Ease(flight.log_focal.first, goal, start, stop))


_MOVES: dict[Kind, Callable[[Flight, _Chance], Flight]] = {
    Kind.hover: _hover,
    Kind.pan: _pan,
    Kind.orbit: _orbit,
    Kind.climb: _climb,
    Kind.transit: _transit,
    Kind.zoom: _zoom,
}
