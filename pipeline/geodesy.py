"""Metres east and north of a place <-> latitude and longitude on the WGS84 ellipsoid, and angles <-> compass bearings.

x and y lie in the plane that touches the ellipsoid at the origin's height ("topocentric"). Formulas: geographic to
geocentric and to topocentric coordinates, IOGP Guidance Note 373-7-2 (EPSG methods 9602 and 9837); the way back to a
latitude is Bowring's (1976, Survey Review 23:323-327), closed and exact to far below a millimetre near the ground. The
plane leaves the curved ground by d^2 / 2 R: 8 cm at 1 km, 31 cm at 2 km, in height only.
"""

from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray

A_M, FLATTENING = 6_378_137.0, 1 / 298.257223563  # equatorial radius and flattening of WGS84 (NIMA TR8350.2, 3.2)
_E2 = FLATTENING * (2 - FLATTENING)  # squared eccentricity
_B_M = A_M * (1 - FLATTENING)  # polar radius
_SECOND_E2 = _E2 / (1 - _E2)


@dataclass(frozen=True)
class Origin:
    """Where x = y = 0 lies: degrees on WGS84, and metres above its ellipsoid.

    Metres above the sea will do: the two differ by less than 110 m, which is 3 cm at 2 km.
    """

    lat: float
    lon: float
    elevation_m: float = 0.0

    def __post_init__(self) -> None:
        if not (-89 <= self.lat <= 89 and -180 <= self.lon <= 180):
            raise ValueError(f"lat must be in [-89, 89] and lon in [-180, 180], got {self.lat}, {self.lon}")
        if not -1000 <= self.elevation_m <= 10_000:
            raise ValueError(f"elevation_m must be in [-1000, 10000], got {self.elevation_m}")

    @property
    def _axes(self) -> FloatArray:
        """Rows [3, 3]: east, north and up, in geocentric coordinates."""
        lat, lon = np.radians(self.lat), np.radians(self.lon)
        east = [-np.sin(lon), np.cos(lon), 0.0]
        north = [-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)]
        up = [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]
        return np.array([east, north, up])

    @property
    def _middle(self) -> FloatArray:
        return _geocentric(np.array(self.lat), np.array(self.lon), self.elevation_m)


def lat_lon(x_m: FloatArray, y_m: FloatArray, origin: Origin) -> tuple[FloatArray, FloatArray]:
    """Latitudes and longitudes in degrees of places ``[...]`` east and north of the origin."""
    x_m, y_m = np.broadcast_arrays(np.asarray(x_m, dtype=float), np.asarray(y_m, dtype=float))
    east, north, _ = origin._axes
    x, y, z = np.moveaxis(origin._middle + x_m[..., None] * east + y_m[..., None] * north, -1, 0)
    away = np.hypot(x, y)
    reduced = np.arctan2(z * A_M, away * _B_M)
    rise = z + _SECOND_E2 * _B_M * np.sin(reduced) ** 3
    lat = np.arctan2(rise, away - _E2 * A_M * np.cos(reduced) ** 3)
    return np.degrees(lat), np.degrees(np.arctan2(y, x))


def metres(lat: FloatArray, lon: FloatArray, origin: Origin) -> tuple[FloatArray, FloatArray]:
    """Metres east and north of the origin of latitudes and longitudes ``[...]`` in degrees; NaN stays NaN."""
    lat, lon = np.broadcast_arrays(np.asarray(lat, dtype=float), np.asarray(lon, dtype=float))
    away = (_geocentric(lat, lon, origin.elevation_m) - origin._middle) @ origin._axes.T
    return away[..., 0], away[..., 1]


def bearing_deg(yaw: FloatArray) -> FloatArray:
    """Compass bearings in [0, 360) of angles anticlockwise from east, in radians."""
    return np.asarray(np.mod(90.0 - np.degrees(yaw), 360.0))


def yaw_of(bearing: FloatArray) -> FloatArray:
    """Angles anticlockwise from east in [-pi, pi) of compass bearings in degrees."""
    return np.asarray(np.mod(np.radians(90.0 - np.asarray(bearing, dtype=float)) + np.pi, 2 * np.pi) - np.pi)


def _geocentric(lat: FloatArray, lon: FloatArray, height_m: float) -> FloatArray:
    """Geocentric coordinates ``[..., 3]`` in metres."""
    lat, lon = np.radians(lat), np.radians(lon)
    normal = A_M / np.sqrt(1 - _E2 * np.sin(lat) ** 2)
    flat = (normal + height_m) * np.cos(lat)
    return np.stack([flat * np.cos(lon), flat * np.sin(lon), (normal * (1 - _E2) + height_m) * np.sin(lat)], axis=-1)
