"""The drone's flights: where the target is seen, how fast it goes, that nothing jumps, and that no sky is seen."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pipeline.boxes import FloatArray
from pipeline.simulate.curves import Ease, Path, line, place, still, tremble
from pipeline.simulate.drone import BELOW_HORIZON_DEG, FlightSettings, Kind, draw, reach_px
from pipeline.simulate.flight import Flight, focal_for, focal_of, fov_of
from pipeline.simulate.pinhole import View

WIDTH, HEIGHT, SECONDS = 1280, 720, 40.0
TIMES_S = np.arange(0, SECONDS, 1 / 30)
TARGET = np.array([12.0, -7.0])
CALM: dict[str, Any] = {"drift_m": [0.0, 0.0], "shake_deg": [0.0, 0.0]}


def flights(kind: Kind, seeds: int = 6, target: Path | FloatArray = TARGET, **changes: Any) -> list[Flight]:
    settings = FlightSettings(kind, **changes)
    return [draw(settings, np.random.default_rng(seed), target, WIDTH, HEIGHT, SECONDS) for seed in range(seeds)]


def figures(views: list[View], of: Callable[[View], Any]) -> FloatArray:
    return np.array([of(view) for view in views], dtype=float)


def test_a_flight_made_by_hand() -> None:
    """10 m up and 10 m south of the target: it looks north and 45 degrees down, the target in the middle."""
    calm = tremble(np.zeros(6), np.ones(6), 2 * np.ones(6), np.random.default_rng(0))
    aim = (place(TARGET), still(-np.pi / 2), still(10), still(10), still(np.log(1000)), still(0))
    view = Flight(WIDTH, HEIGHT, *aim, 0.0, calm).view(3.0)
    assert view.position == pytest.approx([12, -17, 10])
    assert np.degrees([view.yaw, view.pitch, view.roll]) == pytest.approx([90, -45, 0])
    pixel, depth = view.project(np.array([12.0, -7.0, 0.0]))
    assert pixel == pytest.approx([640, 360])
    assert depth == pytest.approx(np.sqrt(200))


@pytest.mark.parametrize("kind", Kind)
def test_smooth_low_enough_and_no_sky(kind: Kind) -> None:
    walking = Path(TIMES_S, TARGET + np.column_stack([1.4 * TIMES_S, np.sin(TIMES_S)]))
    for flight in flights(kind, target=walking if kind is Kind.follow else TARGET):
        views = flight.views(TIMES_S)
        states = figures(views, lambda v: [*v.position, 20 * v.yaw, 20 * v.pitch, 20 * v.roll, 5 * np.log(v.focal_px)])
        speed = np.diff(states, axis=0) * 30
        assert np.abs(np.diff(speed, axis=0)).max() < 0.6  # a jump of position or of speed would be larger
        assert np.linalg.norm(speed[:, :3], axis=1).max() < 8
        assert figures(views, lambda v: 9 < v.position[2] < 81).all()
        upper = figures(views, lambda v: v.pitch + np.arctan(HEIGHT / 2 / v.focal_px))
        assert np.degrees(upper.max()) < -BELOW_HORIZON_DEG + 0.6  # the gimbal trembles
        assert np.degrees(figures(views, lambda v: v.pitch)).max() < -19
        assert 9.9 < figures(views, lambda v: fov_of(v.focal_px, WIDTH)).min() < 84.1


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.follow])
def test_the_target_stays_in_the_picture(kind: Kind) -> None:
    for flight in flights(kind, **CALM):
        pixels = figures(flight.views(TIMES_S), lambda v: v.project(np.array([*TARGET, 0.0]))[0])
        assert (pixels > 0).all()
        assert (pixels < [WIDTH, HEIGHT]).all()


def test_a_moving_place_is_followed() -> None:
    """A walk of 1.4 m/s, with a jerk every few seconds that the pilot does not repeat."""
    path = Path(TIMES_S, np.column_stack([1.4 * TIMES_S, 0.5 * np.sin(3 * TIMES_S)]))
    for flight in flights(Kind.follow, target=path, **CALM):
        camera = figures(flight.views(TIMES_S), lambda v: v.position[:2])
        assert camera[900, 0] - camera[300, 0] == pytest.approx(20 * 1.4, abs=0.1)
        assert np.ptp(np.diff(camera[300:900, 1])) < 0.01


@pytest.mark.parametrize(
    ("kind", "moved"),
    [  # what changes over a calm flight; all else must not
        (Kind.hover, ""),
        (Kind.pan, "yaw"),
        (Kind.orbit, "place yaw"),
        (Kind.climb, "height pitch"),
        (Kind.transit, "place"),
        (Kind.zoom, "focal"),
    ],
)
def test_each_kind_moves_what_it_should(kind: Kind, moved: str) -> None:
    for flight in flights(kind, depression_deg=[35.0, 70.0], height_m=[20.0, 60.0], **CALM):
        views = flight.views(TIMES_S)
        spans = {
            "place": float(np.ptp(figures(views, lambda v: v.position[:2]), axis=0).max()),
            "height": float(np.ptp(figures(views, lambda v: v.position[2]))),
            "yaw": float(np.ptp(figures(views, lambda v: v.yaw))),
            "pitch": float(np.ptp(figures(views, lambda v: v.pitch))),
            "roll": float(np.ptp(figures(views, lambda v: v.roll))),
            "focal": float(np.ptp(figures(views, lambda v: v.focal_px))),
        }
        assert {name for name, span in spans.items() if span > 1e-6} == set(moved.split())


def test_an_orbit_keeps_its_distance() -> None:
    for flight in flights(Kind.orbit, **CALM):
        camera = figures(flight.views(TIMES_S), lambda v: v.position[:2])
        away = np.linalg.norm(camera - flight.target.xy[0], axis=1)
        assert np.ptp(away) < 1e-6


@pytest.mark.parametrize("size_px", [25.0, 60.0, 150.0])
def test_an_animal_has_the_size_asked_for(size_px: float) -> None:
    for flight in flights(Kind.hover, animal_px=[size_px, size_px], animal_m=2.0, **CALM):
        view = flight.view(0.0)
        right = np.array([np.sin(view.yaw), -np.cos(view.yaw), 0.0])
        middle = np.array([*flight.target.xy[0], 0.0])
        ends, _ = view.project(np.stack([middle - right, middle + right]))
        assert np.linalg.norm(ends[1] - ends[0]) == pytest.approx(size_px, rel=0.02)


@pytest.mark.parametrize(("size_px", "end"), [(1.0, 0), (9999.0, 1)])
def test_every_flight_reaches_what_it_is_said_to(size_px: float, end: int) -> None:
    changes: dict[str, Any] = {"height_m": [15.0, 40.0], "animal_px": [size_px, size_px]}
    reached = reach_px(FlightSettings(Kind.hover, **changes), WIDTH, HEIGHT)
    views = [(flight, flight.view(0.0)) for flight in flights(Kind.hover, 50, **changes, **CALM)]
    sizes = [2.2 * v.focal_px / np.linalg.norm(v.position - [*flight.target.xy[0], 0]) for flight, v in views]
    worst = min(sizes) if end else max(sizes)
    assert worst == pytest.approx(reached[end], rel=0.1)
    assert worst >= reached[1] * 0.999 if end else worst <= reached[0] * 1.001


def test_hovering_drifts_and_shakes_as_much_as_asked_for() -> None:
    (flight,) = flights(Kind.hover, 1, drift_m=[0.1, 0.1], shake_deg=[0.05, 0.05])
    views = flight.views(np.arange(0, 2000, 0.5))
    assert figures(views, lambda v: v.position[:2]).std(axis=0) == pytest.approx([0.1, 0.1], rel=0.1)
    assert np.degrees(figures(views, lambda v: v.pitch).std()) == pytest.approx(0.05, rel=0.1)


def test_the_same_seed_gives_the_same_flight_and_another_one_another() -> None:
    one, again, other = (flights(Kind.orbit, seeds)[-1].view(7.0) for seeds in (3, 3, 4))
    assert (one.position == again.position).all()
    assert (one.yaw, one.pitch, one.roll, one.focal_px) == (again.yaw, again.pitch, again.roll, again.focal_px)
    assert not (one.position == other.position).any()


def test_lenses() -> None:
    assert focal_of(90, 1280) == pytest.approx(640)
    assert fov_of(640, 1280) == pytest.approx(90)
    assert focal_for(2.0, 100, 20.0) == pytest.approx(1000)


def test_easing() -> None:
    """A quarter of the time to speed up, a quarter to slow down: speed 4/3 in the middle."""
    ease = Ease(10, 20, 2, 6)
    assert ease.at(np.array([0.0, 2, 3, 4, 5, 6, 9])) == pytest.approx([10, 10, 10 + 10 / 6, 15, 20 - 10 / 6, 20, 20])


def test_paths() -> None:
    assert place(TARGET).at(np.array([0.0, 5.0])).tolist() == [[12, -7], [12, -7]]
    there = line(TARGET, np.array([0.0, 1.0]), Ease(-5, 5, 0, 10))
    assert there.at(np.array([-1.0, 0, 5, 10, 11])) == pytest.approx(
        np.array([[12, -12], [12, -12], [12, -7], [12, -2], [12, -2]]), abs=1e-3
    )
    assert place(TARGET).smooth(2.0).at(np.array([1.0])).tolist() == [[12, -7]]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"height_m": [0.0, 10.0]}, r"height_m must be \[low, high\] within 1 to 1000, got \[0.0, 10.0\]"),
        ({"depression_deg": [50.0, 20.0]}, r"depression_deg must be \[low, high\] within 10 to 90, got \[50.0, 20.0\]"),
        ({"fov_deg": [60.0]}, r"fov_deg must be \[low, high\] within 2 to 120, got \[60.0\]"),
        ({"animal_px": [0.0, 10.0]}, r"animal_px must be \[low, high\] within 1 to 10000"),
        ({"animal_m": 0.0}, r"animal_m must be > 0, got 0.0"),
    ],
)
def test_settings_that_cannot_be(changes: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        FlightSettings(Kind.hover, **changes)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Ease(0, 1, 2, 2), r"stop_s must be > start_s, got 2 to 2"),
        (lambda: Ease(0, 1, ramp=0.6), r"ramp must be in \(0, 0.5\], got 0.6"),
        (lambda: Path(np.zeros(2), np.zeros((2, 2))), r"a path must be finite and its times must rise"),
        (
            lambda: Path(np.zeros(0), np.zeros((0, 2))),
            r"a path must be time_s \[n\], xy \[n, 2\], got \(0,\), \(0, 2\)",
        ),
        (
            lambda: draw(FlightSettings(Kind.hover), np.random.default_rng(0), TARGET, WIDTH, HEIGHT, 0.0),
            r"duration_s must be > 0, got 0.0",
        ),
    ],
)
def test_flights_that_cannot_be(make: Callable[[], object], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        make()
