"""Metres to degrees and back: against radii of curvature that can be looked up, and against each other."""

import numpy as np
import pytest

from pipeline.geodesy import A_M, Origin, bearing_deg, lat_lon, metres, yaw_of

E2 = 6.694379990141e-3  # NIMA TR8350.2
MERIDIAN_M = {0: 6335439.327, 45: 6367381.816}  # radii of curvature: a (1 - e2) at the equator; at 45 degrees
NORMAL_M = {0: 6378137.0, 45: 6388838.290}


@pytest.mark.parametrize("origin", [Origin(0, 0), Origin(0.3, 36.9, 1700), Origin(-34.6, -58.4), Origin(60, 179.999)])
def test_the_origin_is_itself_and_the_way_back_leads_back(origin: Origin) -> None:
    lat, lon = lat_lon(np.array(0.0), np.array(0.0), origin)
    assert (float(lat), float(lon)) == pytest.approx((origin.lat, origin.lon), abs=1e-11)
    x, y = np.meshgrid(np.linspace(-2000, 2000, 9), np.linspace(-2000, 2000, 9))
    back = metres(*lat_lon(x, y, origin), origin)
    assert np.abs(np.stack(back) - np.stack([x, y])).max() < 1e-3  # 0.6 m of height, seen 0.02 degrees askew


@pytest.mark.parametrize("lat", [0, 45])
def test_a_kilometre_north_and_east_against_the_radii_of_curvature(lat: int) -> None:
    north, _ = lat_lon(np.array(0.0), np.array(1000.0), Origin(lat, 10))
    assert np.radians(float(north) - lat) * MERIDIAN_M[lat] == pytest.approx(1000, abs=0.003)
    _, east = lat_lon(np.array(1000.0), np.array(0.0), Origin(lat, 10))
    assert np.radians(float(east) - 10) * NORMAL_M[lat] * np.cos(np.radians(lat)) == pytest.approx(1000, abs=0.003)


def test_meridians_meet() -> None:
    """East along the plane is not along the parallel: 2 km at 45 degrees end x^2 tan(lat) / 2 N = 31 cm south."""
    lat, _ = lat_lon(np.array(2000.0), np.array(0.0), Origin(45, 0))
    assert np.radians(45 - float(lat)) * MERIDIAN_M[45] == pytest.approx(2000**2 / 2 / NORMAL_M[45], abs=1e-3)


def test_height_above_the_sea_counts() -> None:
    """At the equator 1,700 m up, a degree is longer by 1700 / 6378137."""
    _, low = lat_lon(np.array(2000.0), np.array(0.0), Origin(0, 0))
    _, high = lat_lon(np.array(2000.0), np.array(0.0), Origin(0, 0, 1700))
    assert float(low / high) == pytest.approx(1 + 1700 / A_M, rel=1e-7)


def test_across_the_date_line() -> None:
    _, lon = lat_lon(np.array([-1000.0, 1000.0]), np.array([0.0, 0.0]), Origin(0, 180))
    assert lon[0] > 179.9
    assert lon[1] < -179.9
    x, _ = metres(np.zeros(2), lon, Origin(0, 180))
    assert x == pytest.approx([-1000, 1000], abs=1e-3)


def test_missing_stays_missing() -> None:
    x, y = metres(np.array([np.nan, 0.0]), np.array([np.nan, 0.0]), Origin(0, 0))
    assert np.isnan([x[0], y[0]]).all()
    assert (x[1], y[1]) == (0, 0)


@pytest.mark.parametrize(("degrees", "yaw"), [(0, 90), (90, 0), (180, -90), (270, -180)])  # north, east, south, west
def test_bearings(degrees: float, yaw: float) -> None:
    assert float(bearing_deg(np.radians(yaw))) == pytest.approx(degrees)
    assert np.degrees(float(yaw_of(np.array(degrees)))) == pytest.approx(yaw)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ((90, 0), r"lat must be in \[-89, 89\] and lon in \[-180, 180\], got 90, 0"),  # no east at the pole
        ((0, 181), r"got 0, 181"),
        ((0, 0, 2e4), r"elevation_m must be in \[-1000, 10000\], got 20000"),
    ],
)
def test_no_such_place(place: tuple[float, ...], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Origin(*place)
