"""Light: the sun, the sky's own light, haze, and the sky that is seen above the horizon.

Colours and light are kept as the camera shows them (sRGB values, not radiance): a multiplier of 1 leaves level, sunlit
ground as it is painted, whatever the sun's height, since the camera adapts its exposure. Shade is a sum of Lambert's
cosine for the sun and of a hemisphere of sky. Haze is Koschmieder's law (1924): ``colour * t + haze * (1 - t)`` with
``t = exp(-distance / haze_m)``.
"""

from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate.noise import Field
from pipeline.simulate.pinhole import View
from pipeline.types import Image

LOWEST_SUN = float(np.deg2rad(10))  # below this shadows would be endless


@dataclass(frozen=True)
class Light:
    """The light of a scene. Angles in radians; the azimuth, anticlockwise from east, is where the sun stands."""

    azimuth: float
    elevation: float
    sun: FloatArray  # [3] its tint, about 1
    sky: FloatArray  # [3] the tint of what lights the shadows, about 1
    ambient: float  # brightness of a shadow on level ground against sunlit ground, in (0, 1]; near 1 under cloud
    haze_m: float  # the distance at which 1/e of a thing's own colour is left
    haze: FloatArray  # [3] colour of the haze and of the horizon, 0..255
    zenith: FloatArray  # [3] colour of the sky overhead, 0..255
    exposure: float = 1.0

    def __post_init__(self) -> None:
        if not LOWEST_SUN <= self.elevation <= np.pi / 2:
            raise ValueError(f"elevation must be in [{LOWEST_SUN:.3f}, pi / 2], got {self.elevation}")
        if not 0 < self.ambient <= 1:
            raise ValueError(f"ambient must be in (0, 1], got {self.ambient}")
        if not (self.haze_m > 0 and self.exposure > 0):
            raise ValueError(f"haze_m and exposure must be > 0, got {self.haze_m}, {self.exposure}")
        for name in ("sun", "sky", "haze", "zenith"):
            if getattr(self, name).shape != (3,):
                raise ValueError(f"{name} must be [3], got {getattr(self, name).shape}")

    @staticmethod
    def draw(rng: np.random.Generator) -> "Light":
        """Any hour and weather: four of five under a clear sky, from a high sun to a warm low one, else under cloud."""
        cloudy = rng.random() < 0.2
        elevation = float(np.deg2rad(rng.uniform(16, 85)))
        warm = float(np.clip((np.deg2rad(38) - elevation) / np.deg2rad(25), 0, 1)) * float(rng.uniform(0.3, 1.0))
        ambient = float(rng.uniform(0.7, 0.97) if cloudy else rng.uniform(0.26, 0.5))
        sun = np.array([1.0, 1 - 0.10 * warm, 1 - 0.26 * warm])
        sky = np.array([0.96, 0.98, 1.04]) if cloudy else np.array([0.90, 0.97, 1.08])
        white = ((1 - ambient) * sun + ambient * sky) ** 0.85  # the camera's white balance follows most of the tint
        sun, sky = sun / white, sky / white
        haze_m = float(np.exp(rng.uniform(np.log(900), np.log(30_000))))
        grey = float(rng.uniform(175, 220))
        haze = np.clip(
            grey * np.array([1.0, 1.0, 1.02 if cloudy else 1.06]) * (1 + warm * np.array([0.08, 0, -0.12])), 0, 255
        )
        zenith = (
            haze * 0.92 if cloudy else np.array([rng.uniform(70, 120), rng.uniform(120, 160), rng.uniform(180, 225)])
        )
        exposure = float(rng.uniform(0.78, 1.14))
        glow = min(exposure, 1.0)
        turn = float(rng.uniform(0, 2 * np.pi))
        return Light(turn, elevation, sun, sky, ambient, haze_m, haze * glow, zenith * glow, exposure)

    @property
    def direction(self) -> FloatArray:
        """The unit vector [3] to the sun."""
        level = np.cos(self.elevation)
        return np.array([level * np.cos(self.azimuth), level * np.sin(self.azimuth), np.sin(self.elevation)])

    @property
    def lit(self) -> FloatArray:
        """What multiplies the colour of level ground in the sun, [3]."""
        return self.exposure * ((1 - self.ambient) * self.sun + self.ambient * self.sky)

    @property
    def dark(self) -> FloatArray:
        """What multiplies the colour of sunlit ground where the sun is hidden, [3]."""
        return np.asarray(self.exposure * self.ambient * self.sky / self.lit)


@dataclass(frozen=True)
class Footprint:
    """A shadow on the ground: ``alpha`` [h, w] in 0..1, rows northward, its first texel's corner at ``corner_m``."""

    corner_m: tuple[float, float]
    texel_m: float
    alpha: Field


def shade(normals: FloatArray, light: Light) -> FloatArray:
    """Light that falls on surfaces with unit ``normals`` [n, 3], as multipliers [n, 3] of their colour."""
    facing = np.clip(normals @ light.direction, 0, None) / max(np.sin(light.elevation), 0.55)
    hemisphere = 0.7 + 0.3 * normals[:, 2]
    direct = (1 - light.ambient) * facing[:, None] * light.sun
    return np.asarray(light.exposure * (direct + light.ambient * hemisphere[:, None] * light.sky))


def shadow_offset(light: Light) -> FloatArray:
    """How far east and north the shadow of a point falls, [2] metres per metre of its height."""
    away = -np.array([np.cos(light.azimuth), np.sin(light.azimuth)])
    return np.asarray(away / np.tan(light.elevation))


def clearness(distance_m: FloatArray, light: Light) -> FloatArray:
    """How much of a thing's own colour reaches the camera over ``distance_m`` [...]: in (0, 1]."""
    return np.asarray(np.exp(-np.asarray(distance_m, dtype=np.float64) / light.haze_m))


def hazed(rgb: FloatArray, distance_m: FloatArray, light: Light) -> FloatArray:
    """Colours ``[..., 3]`` as seen through the haze over ``distance_m`` ``[...]``."""
    clear = clearness(distance_m, light)[..., None]
    return np.asarray(rgb * clear + light.haze * (1 - clear))


def sky_colour(elevation: FloatArray, light: Light) -> FloatArray:
    """Colours ``[..., 3]`` in 0..255 of the sky at angles ``[...]`` above the horizon in radians."""
    high = np.clip(np.sin(np.clip(elevation, 0, np.pi / 2)), 0, 1)[..., None] ** 0.6
    return np.asarray(light.haze * (1 - high) + light.zenith * high)


def sky_seen(view: View, light: Light) -> Image:
    """The sky through a camera, [H, W, 3]; what is under the horizon has the horizon's colour."""
    x, y = np.arange(view.width) + 0.5 - view.width / 2, np.arange(view.height) + 0.5 - view.height / 2
    up = view.axes[:, 2]
    rise = up[0] * x + up[1] * y[:, None] + up[2] * view.focal_px
    length = np.sqrt(x**2 + y[:, None] ** 2 + view.focal_px**2)
    return np.asarray(np.rint(sky_colour(np.arcsin(rise / length), light)), dtype=np.uint8)
