"""The pinhole camera against answers that can be worked out by hand."""

import numpy as np
import pytest

from pipeline.simulate.pinhole import View

DOWN, LEVEL = -np.pi / 2, 0.0


def camera(
    position: tuple[float, float, float] = (0, 0, 10), yaw: float = 0.0, pitch: float = DOWN, roll: float = 0.0
) -> View:
    return View(np.array(position, dtype=float), yaw, pitch, roll, 100.0, 200, 100)


@pytest.mark.parametrize(
    ("view", "point", "pixel", "depth"),
    [
        (camera(), (0, 0, 0), (100, 50), 10),  # straight below: the middle of the picture
        (camera(), (1, 0, 0), (100, 40), 10),  # ahead of a camera that heads east is up in the picture
        (camera(), (0, 1, 0), (90, 50), 10),  # north is to its left
        (camera(yaw=np.pi / 2), (0, 1, 0), (100, 40), 10),  # heading north, north is up
        (camera((0, 0, 2), pitch=LEVEL), (10, 0, 2), (100, 50), 10),  # level, ahead
        (camera((0, 0, 2), pitch=LEVEL), (10, 0, 0), (100, 70), 10),  # two metres lower: 20 px down
        (camera(roll=np.pi / 2), (1, 0, 0), (90, 50), 10),  # camera turned clockwise: the world turns anticlockwise
    ],
)
def test_points_are_seen_where_they_must_be(
    view: View, point: tuple[float, ...], pixel: tuple[float, ...], depth: float
) -> None:
    seen, far = view.project(np.array(point, dtype=float))
    np.testing.assert_allclose(seen, pixel, atol=1e-9)
    assert far == pytest.approx(depth)


def test_the_homography_agrees_with_projection_and_comes_back() -> None:
    view = View(np.array([3.0, -2.0, 25.0]), 0.7, -0.6, 0.1, 900.0, 1280, 720)
    places = np.array([[20.0, 10.0], [15.0, 22.0], [30.0, 4.0]])
    pixels, depth = view.project(np.column_stack([places, np.zeros(3)]))
    lifted = np.column_stack([places, np.ones(3)]) @ view.ground.T
    np.testing.assert_allclose(lifted[:, :2] / lifted[:, 2:], pixels)
    np.testing.assert_allclose(lifted[:, 2], depth)
    np.testing.assert_allclose(view.on_ground(pixels), places)


def test_above_the_horizon_there_is_no_ground() -> None:
    assert np.isnan(camera(pitch=LEVEL).on_ground(np.array([[100.0, 10.0]]))).all()


def test_what_is_behind_keeps_its_depth() -> None:
    _, depth = camera((0, 0, 2), pitch=LEVEL).project(np.array([-5.0, 0, 2]))
    assert depth == pytest.approx(-5)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"position": np.zeros(2)}, r"position must be \[3\], got \(2,\)"),
        ({"focal_px": 0.0}, "focal_px and size must be > 0, got 0.0"),
        ({"width": 0}, "focal_px and size must be > 0"),
    ],
)
def test_a_view_refuses_to_be_wrong(changes: dict[str, object], text: str) -> None:
    given = {"position": np.zeros(3), "yaw": 0.0, "pitch": 0.0, "roll": 0.0, "focal_px": 1.0, "width": 1, "height": 1}
    with pytest.raises(ValueError, match=text):
        View(**(given | changes))  # type: ignore[arg-type]
