"""Places on the ground: by hand, and against the simulator's own camera."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipeline.boxes import Point
from pipeline.geodesy import Origin, bearing_deg, lat_lon, metres
from pipeline.ground.places import origin, places
from pipeline.ground.rays import Rays
from pipeline.ground.settings import GroundSettings
from pipeline.simulate.pinhole import View
from tests.ground.made import flight

SIZE = (1920, 1080)
Settings = Callable[..., GroundSettings]


@pytest.fixture
def settings(configured: Callable[..., Any]) -> Settings:
    return lambda **changes: configured("ground", **changes)


def boxes(*feet: tuple[float, float], frame: object = 0) -> pd.DataFrame:
    """A track a box, 20 px wide and 30 high, that stands at a point of the picture."""
    x, y = np.array(feet, dtype=float).reshape(-1, 2).T
    corners = {"x1": x - 10, "y1": y - 30, "x2": x + 10, "y2": y}
    return pd.DataFrame({"track": range(1, len(feet) + 1), "frame": frame, "time_s": 0.0} | corners)


def test_nobody(settings: Settings) -> None:
    assert places(boxes(), flight(), SIZE, settings()).empty


def test_straight_down_by_hand(settings: Settings) -> None:
    """40 m up, 1280 px of focal length: a pixel is 40 / 1280 m = 3.125 cm of ground."""
    feet = [(960, 540), (960 + 320, 540), (960, 540 - 320)]  # the middle, 10 m east, 10 m north
    found = places(boxes(*feet), flight(), SIZE, settings(gimbal_error_deg=0, focal_error=0, box_error_px=0))
    assert found[["x_m", "y_m"]].to_numpy().tolist() == [[0, 0], [10, 0], [0, 10]]
    assert found["pixel_m"].tolist() == [0.03125] * 3
    assert found["error_m"].tolist() == [0, 0.25, 0.25]  # 1 m of 40 is 2.5 % of 10 m
    assert found["lon"].to_numpy() == pytest.approx([37, 37 + 10 / 111_349.2, 37], abs=1e-7)  # at 1,700 m
    assert found["lat"].to_numpy() == pytest.approx([0, 0, 10 / 110_603.8], abs=1e-7)


def test_looking_east_at_45_degrees_by_hand(settings: Settings) -> None:
    told = flight(heading_deg=90.0, pitch_deg=-45.0)
    found = places(boxes((960, 540), (960 + 128, 540)), told, SIZE, settings())
    assert found["x_m"].to_numpy() == pytest.approx([40, 40])  # as far away as high up
    assert found["pixel_m"].to_numpy() == pytest.approx([40 * 2**0.5 / 1280] * 2, abs=1e-6)  # both on the level axis
    assert found["y_m"].to_numpy() == pytest.approx([0, -40 * 2**0.5 / 10], abs=6e-4)  # a tenth of the slant, south


def test_the_centre_of_a_box_serves_footage_from_straight_above(settings: Settings) -> None:
    found = places(boxes((960, 555)), flight(), SIZE, settings(point=Point.centre))
    assert found[["x_m", "y_m"]].to_numpy().tolist() == [[0, 0]]


def test_against_the_simulators_camera(settings: Settings) -> None:
    """Points of the ground through its pinhole and back: all directions, rolled, zoomed, flying."""
    rng, start, told, seen = np.random.default_rng(0), Origin(-0.3, 36.9, 1700.0), [], []
    truth = rng.uniform(-60, 60, (200, 2))
    for frame in range(20):
        position = np.array([*rng.uniform(-50, 50, 2), rng.uniform(10, 80)])
        yaw, pitch, roll = rng.uniform(-np.pi, np.pi), np.radians(rng.uniform(-90, -15)), np.radians(rng.normal(0, 2))
        view = View(position, yaw, pitch, roll, rng.uniform(800, 6000), *SIZE)
        pixels, depth = view.project(np.column_stack([truth, np.zeros(200)]))
        before = depth > 1
        seen.append(boxes(*pixels[before], frame=frame).assign(point=np.flatnonzero(before)))
        lat, lon = lat_lon(position[0], position[1], start)
        told.append(
            {"lat": float(lat), "lon": float(lon), "height_m": position[2], "elevation_m": 1700 + position[2]}
            | {
                "heading_deg": float(bearing_deg(np.array(yaw))),
                "pitch_deg": np.degrees(pitch),
                "roll_deg": np.degrees(roll),
            }
            | {"focal_px": view.focal_px}
        )
    rows = pd.concat(seen, ignore_index=True)
    found = places(rows, flight(20, **pd.DataFrame(told)), SIZE, settings(max_error_m=1e6))
    known = found["error_m"].notna().to_numpy()
    assert known.mean() > 0.95  # the others are near the horizon
    x, y = metres(found["lat"].to_numpy(), found["lon"].to_numpy(), start)
    far = found["error_m"].to_numpy() < 5
    assert far.sum() > 1000
    apart = np.hypot(x - truth[rows["point"], 0], y - truth[rows["point"], 1])
    assert apart[far].max() < 0.005
    in_own = found[["x_m", "y_m"]].to_numpy() - (truth[rows["point"]] - truth[rows["point"].iloc[0]])
    assert np.ptp(in_own[far], axis=0).max() < 0.01  # the same metres, from another origin


@pytest.mark.parametrize(
    ("pitch_deg", "error_m"), [(-90, 0.7), (-45, 1.4), (-30, 2.8), (-20, 6.0)]  # of one degree at 40 m
)  # fmt: skip
def test_the_error_of_a_degree_of_pitch(settings: Settings, pitch_deg: float, error_m: float) -> None:
    sure = settings(height_error_m=0, focal_error=0, box_error_px=0, max_error_m=100)
    found = places(boxes((960, 540)), flight(pitch_deg=pitch_deg), SIZE, sure)
    assert found["error_m"].iloc[0] == pytest.approx(error_m, abs=0.05)


def test_the_ellipse_is_that_of_many_draws() -> None:
    """Against chance: the cloud of 200,000 landings whose pose is drawn from the stated errors."""
    rng, n = np.random.default_rng(1), 200_000
    errors = {"u": 3.0, "v": 3.0, "height_m": 1.0, "pitch": 0.01, "roll": 0.01, "focal_px": 40.0}
    mean = {"u": 500.0, "v": 200.0, "height_m": 40.0, "pitch": -0.7, "roll": 0.03, "focal_px": 1280.0}
    told = Rays(**{name: np.array([value]) for name, value in mean.items()}).error(errors)
    cloud = Rays(**{name: rng.normal(mean[name], errors[name], n) for name in mean}).landing()
    assert told[0] == pytest.approx(np.sqrt(np.linalg.eigvalsh(np.cov(cloud))[-1]), rel=0.01)


def test_the_camera_moves_neighbours_alike() -> None:
    """Against chance: the distance of two points whose camera is drawn anew for both, and whose boxes for each.

    In line with the camera the told error is theirs; across, it may be told too large, never too small. By the errors
    of two places as if they were independent it would be several times too large.
    """
    rng, n = np.random.default_rng(2), 100_000
    box, pose = {"u": 3.0, "v": 3.0}, {"height_m": 1.0, "pitch": 0.0175, "roll": 0.0175, "focal_px": 38.0}
    mean = {"height_m": 40.0, "pitch": -0.6, "roll": 0.03, "focal_px": 1280.0}
    for at, by, in_line in (((0, 0), (0, -40), True), ((300, -250), (0, 25), True), ((500, 200), (60, 0), False)):
        drawn = {name: rng.normal(mean[name], pose[name], n) for name in mean}
        points = [np.array([place], dtype=float) for place in (at, np.add(at, by))]
        clouds = [Rays(*(place.T + rng.normal(0, 3, (2, n))), **drawn).landing() for place in points]
        told = [Rays(*place.T, **{name: np.array([value]) for name, value in mean.items()}) for place in points]
        distance = np.hypot(*(told[1].landing() - told[0].landing()))
        both = [np.hypot(one.error(box), one.stretch(pose) * distance / 2**0.5) for one in told]
        error, true = float(np.hypot(*both)[0]), np.hypot(*(clouds[1] - clouds[0])).std()
        assert (0.97 if in_line else 1) * true < error < (1.03 if in_line else 2) * true
        assert np.hypot(*(one.error(box | pose) for one in told))[0] > 5 * true


def test_what_is_too_uncertain_or_above_the_horizon_is_withheld(settings: Settings) -> None:
    told = flight(pitch_deg=-20.0, height_m=20.0)
    feet = [(960, 540), (960, 300), (960, 90), (960, 40)]  # depressions of 20, 9.4, 0.6 and -1.3 degrees
    found = places(boxes(*feet), told, SIZE, settings())
    assert found["x_m"].notna().tolist() == [True, False, False, False]
    assert found["error_m"].notna().tolist() == [True, True, False, False]  # one degree up it is at the horizon
    assert found["error_m"].iloc[1] > 5
    assert found[["y_m", "lat", "lon", "pixel_m"]].iloc[1:].isna().all(axis=None)


def test_without_a_heading_places_are_as_the_camera_sees_them(settings: Settings) -> None:
    told = flight(pitch_deg=-45.0, heading_deg=np.nan)
    found = places(boxes((960 + 128, 540)), told, SIZE, settings())
    assert origin(told) is None
    assert found[["x_m", "y_m"]].to_numpy() == pytest.approx(np.array([[40 * 2**0.5 / 10, 40]]), abs=6e-4)
    assert found[["lat", "lon"]].isna().all(axis=None)


def test_a_frame_without_a_fix_has_no_place_among_those_that_have(settings: Settings) -> None:
    told = flight(3, lat=[np.nan, 0.0, 0.0], lon=[np.nan, 37.0, 37.0], height_m=[40, 40, np.nan])
    found = places(boxes((960, 540), (960, 540), (960, 540), frame=[0, 1, 2]), told, SIZE, settings())
    assert found["x_m"].notna().tolist() == [False, True, False]
