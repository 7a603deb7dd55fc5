"""The camera's motion: known pans over a textured ground."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from pipeline.camera import CameraMotion, transforms
from pipeline.tables import CAMERA
from pipeline.types import Image, Video
from pipeline.video.frames import ArrayFrame, Footage

Configured = Callable[..., Any]


def ground(height: int, width: int, seed: int = 0) -> Image:
    """Blotches of a few pixels, as of dry grass."""
    grain = np.random.default_rng(seed).normal(size=(height // 4, width // 4)).astype(np.float32)
    smooth = cv2.resize(grain, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.repeat(np.clip(120 + 35 * smooth, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


def pan(offsets: list[tuple[int, int]], height: int = 180, width: int = 320) -> Iterator[ArrayFrame]:
    """Views of one ground: the frame's left top corner lies at each offset (x, y)."""
    large = ground(height + 200, width + 400)
    for k, (x, y) in enumerate(offsets):
        yield ArrayFrame(k, k / 10, large[y : y + height, x : x + width].copy())


def followed(settings: Any, frames: Iterator[ArrayFrame]) -> tuple[CameraMotion, np.ndarray]:
    motion = CameraMotion(settings)
    return motion, np.array([motion.update(frame) for frame in frames]).reshape(-1, 3, 3)


def test_nothing_seen_gives_an_empty_table(configured: Configured) -> None:
    table = CameraMotion(configured("camera")).table()
    assert list(table) == CAMERA.names
    assert transforms(table).shape == (0, 3, 3)


def test_the_first_frame_is_the_reference(configured: Configured) -> None:
    motion, matrices = followed(configured("camera"), pan([(50, 50)]))
    assert np.array_equal(matrices[0], np.eye(3))
    assert motion.table()["known"].tolist() == [True]


@pytest.mark.parametrize(
    "offsets",
    [
        pytest.param([(50, 50)] * 20, id="still"),
        pytest.param([(50 + 3 * k, 50 + k) for k in range(20)], id="slow pan: one key frame is enough"),
        pytest.param([(10 * k, 5 * k) for k in range(40)], id="long pan: the first frame leaves the view"),
        pytest.param([(50 + 2 * (k % 2), 50) for k in range(30)], id="shaking: comes back to where it was"),
    ],
)
def test_a_pan_is_measured_to_a_pixel(configured: Configured, offsets: list[tuple[int, int]]) -> None:
    motion, matrices = followed(configured("camera"), pan(offsets))
    assert np.allclose(matrices[:, :2, 2], np.array(offsets) - offsets[0], atol=1.0)
    assert np.allclose(matrices[:, :2, :2], np.eye(2), atol=0.01)
    assert motion.table()["known"].all()


def test_a_still_camera_is_exactly_still(configured: Configured) -> None:
    noise = np.random.default_rng(1)
    scene = ground(180, 320).astype(np.int16)
    views = (np.clip(scene + noise.integers(-6, 7, scene.shape), 0, 255).astype(np.uint8) for _ in range(60))
    _, matrices = followed(configured("camera"), (ArrayFrame(k, k / 30, view) for k, view in enumerate(views)))
    assert np.array_equal(matrices, np.broadcast_to(np.eye(3), (60, 3, 3)))


def test_a_reduced_picture_gives_source_pixels(configured: Configured) -> None:
    offsets = [(50 + 8 * k, 50 + 4 * k) for k in range(8)]
    _, matrices = followed(configured("camera", width_px=320), pan(offsets, height=360, width=640))
    assert np.allclose(matrices[:, :2, 2], np.array(offsets) - offsets[0], atol=1.0)


def test_moving_animals_do_not_drag_it(configured: Configured) -> None:
    def with_herd() -> Iterator[ArrayFrame]:
        herd = ground(60, 120, seed=5)  # a ninth of the frame, all of it walking right
        for frame in pan([(50, 50)] * 25):
            x = 20 + 6 * frame.index
            frame.image[60:120, x : x + 120] = herd
            yield frame

    _, matrices = followed(configured("camera"), with_herd())
    assert np.abs(matrices - np.eye(3)).max() < 0.5


def test_without_texture_the_motion_is_not_known(configured: Configured) -> None:
    blank = np.full((180, 320, 3), 90, np.uint8)
    motion, matrices = followed(configured("camera"), (ArrayFrame(k, k / 10, blank) for k in range(3)))
    assert motion.table()["known"].tolist() == [False] * 3
    assert np.array_equal(matrices, np.broadcast_to(np.eye(3), (3, 3, 3)))


def test_after_a_blank_stretch_it_goes_on_from_where_it_was(configured: Configured) -> None:
    frames = list(pan([(50, 50), (60, 50), (60, 50), (70, 50), (80, 50)]))
    frames[2] = ArrayFrame(2, 0.2, np.full_like(frames[2].image, 90))
    motion, matrices = followed(configured("camera"), iter(frames))
    assert motion.table()["known"].tolist() == [True, True, False, False, True]
    assert np.allclose(matrices[:, 0, 2], [0, 10, 10, 10, 20], atol=1.0)


def test_a_fixed_camera_computes_nothing(configured: Configured) -> None:
    class NeverLooked:
        index, time_s = 0, 0.0

    motion = CameraMotion(configured("camera", enabled=False))
    assert np.array_equal(motion.update(NeverLooked()), np.eye(3))  # type: ignore[arg-type]
    assert motion.table()[["known", "inliers"]].to_numpy().tolist() == [[True, 0]]


def test_the_table_holds_the_transforms(configured: Configured) -> None:
    motion, matrices = followed(configured("camera"), pan([(50 + 3 * k, 50) for k in range(6)]))
    table = motion.table()
    assert table["frame"].tolist() == list(range(6))
    assert np.allclose(transforms(table), matrices, atol=1e-6)


def test_twice_the_same(configured: Configured) -> None:
    tables = [followed(configured("camera"), pan([(12 * k, 3 * k) for k in range(25)]))[0].table() for _ in range(2)]
    assert tables[0].equals(tables[1])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"width_px": 0}, "width_px must be >= 1, got 0"),
        ({"agree_px": 0.0}, "agree_px must be > 0, got 0.0"),
        ({"renew_below": 1.5}, r"renew_below must be in \[0, 1\], got 1.5"),
        ({"min_inliers": 2}, "min_inliers must be >= 3, got 2: two points always agree"),
        ({"still_px": -1.0}, "still_px must be >= 0, got -1.0"),
    ],
)
def test_settings_are_checked(configured: Configured, change: dict[str, Any], says: str) -> None:
    with pytest.raises(Exception, match=says):
        configured("camera", **change)


@pytest.mark.real
@pytest.mark.slow
def test_a_real_fixed_camera_stays_put(configured: Configured, real: Path) -> None:
    footage = Footage(Video("mice", real / "video" / "mice_overhead.mp4"))
    _, matrices = followed(configured("camera"), footage.frames())  # type: ignore[arg-type]
    assert len(matrices) == 1801
    assert np.abs(matrices[:, :2, 2]).max() < 0.5


@pytest.mark.real
def test_a_real_drone_is_followed(configured: Configured, real: Path) -> None:
    footage = Footage(Video("zebras", real / "video" / "zebras_drone_boxes_drawn.gif"))
    first, *_, last = footage.frames()
    motion, matrices = followed(configured("camera"), footage.frames())  # type: ignore[arg-type]
    assert motion.table()["known"].all()
    height, width = first.image.shape[:2]
    warped = cv2.warpPerspective(last.grey(width), matrices[-1], (width, height))
    inner = np.s_[40:-20, 40:-60]  # what both frames show
    before = np.corrcoef(first.grey(width)[inner].ravel(), last.grey(width)[inner].ravel())[0, 1]
    after = np.corrcoef(first.grey(width)[inner].ravel(), warped[inner].ravel())[0, 1]
    assert after > 0.5 > 0.35 > before
