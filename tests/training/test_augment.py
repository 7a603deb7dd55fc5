"""Changes of clips: shape and type stay, whole clips are changed alike, nothing is left to chance."""

from functools import cache
from typing import Any

import cv2
import numpy as np
import pytest

from pipeline.build import build
from pipeline.config import TRAINING, compose
from pipeline.recognizers.card import Clip
from pipeline.recognizers.preprocessing import Preprocessing
from pipeline.training.augment import AugmentationSettings, changed, framing, sample_times, shown
from pipeline.training.degrade import compressed, erased, noisy, recoloured, reduced, softened

SIZE = (24, 32)
BASE = np.array([0.0, 0.0, 64.0, 48.0])


@cache
def settings(name: str = "none", **changes: float) -> AugmentationSettings:
    words = [f"augmentation={name}", *(f"augmentation.{key}={value}" for key, value in changes.items())]
    made: AugmentationSettings = build(compose("train", words).augmentation, TRAINING["augmentation"])
    return made


def picture(frames: int = 4) -> Any:
    """The same blurred noise in every frame."""
    image = np.random.default_rng(0).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    return np.repeat(cv2.GaussianBlur(image, (0, 0), 2)[None], frames, 0)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def augmented(images: Any, size: tuple[int, int], how: AugmentationSettings, random: np.random.Generator) -> Any:
    return changed(images, framing(len(images), BASE, how, random), size, how, random)


def test_shape_type_and_bytes_are_the_same_for_the_same_seed() -> None:
    for seed in range(30):
        one, two = (augmented(picture(), SIZE, settings("default"), rng(seed)) for _ in range(2))
        assert one.shape == (4, *SIZE, 3)
        assert one.dtype == np.uint8
        assert np.array_equal(one, two)


def test_without_changes_it_is_what_a_recognizer_is_shown() -> None:
    expected = np.stack([cv2.resize(image, SIZE[::-1], interpolation=cv2.INTER_AREA) for image in picture()])
    assert np.array_equal(augmented(picture(), SIZE, settings(), rng()), expected)


def test_a_mirrored_clip_is_mirrored_in_every_frame() -> None:
    plain, mirrored = (augmented(picture(), SIZE, settings(flip=flip), rng()) for flip in (0, 1))
    assert np.array_equal(mirrored, plain[:, :, ::-1])


@pytest.mark.parametrize(
    "changes",
    [
        {"scale_low": 0.5, "scale_high": 1.5, "shift": 0.2, "aspect": 1.5},  # framing
        {"colour": 0.5, "hue_deg": 30, "grey": 0.5},
        {"blur": 1, "blur_px": 2},
        {"low_resolution": 1},
        {"erase": 1},
        {"compression": 1},
    ],
)
def test_what_stands_still_stands_still(changes: dict[str, float]) -> None:
    for seed in range(5):
        made = augmented(picture(), SIZE, settings(**changes), rng(seed))
        assert (made == made[:1]).all()
        assert not np.array_equal(made, augmented(picture(), SIZE, settings(), rng()))


def test_the_frame_drifts_slowly() -> None:
    wandering = settings(drift=0.1)
    part = np.array([0.0, 0.0, 400.0, 300.0])
    ways = [framing(16, part, wandering, rng(seed)).rectangles for seed in range(20)]
    assert all(way.shape == (16, 4) for way in ways)
    assert min(np.ptp(way, axis=0).max() for way in ways) > 0
    assert max(np.ptp(way, axis=0).max() for way in ways) <= 2 * 400 * 0.15  # there and back, place and zoom
    assert max(np.abs(np.diff(way, axis=0)).max() for way in ways) <= 40  # a tenth of the picture in a sample


@pytest.mark.parametrize("flip", [0, 1])
def test_points_go_where_their_pixels_go(flip: float) -> None:
    how = settings("default", flip=flip, erase=0, blur=0, noise=0, low_resolution=0, compression=0, colour=0, hue_deg=0)
    for seed in range(20):
        at = rng(100 + seed).uniform([22, 16], [42, 32], (4, 2)).round()  # x, y of a white dot on black, a frame each
        images = np.zeros((4, 48, 64, 3), np.uint8)
        for frame, (x, y) in enumerate(at.astype(int)):
            images[frame, y - 1 : y + 1, x - 1 : x + 1] = 255  # its middle is at the corner of four pixels
        random = rng(seed)
        framed = framing(4, BASE, how, random)
        made = changed(images, framed, (96, 128), how, random)[..., 0].astype(float)
        for frame, share in enumerate(framed.of_points(at[:, None])[:, 0]):
            y, x = (np.average(np.indices((96, 128))[k] + 0.5, weights=made[frame]) for k in (0, 1))
            assert np.abs(share * [128, 96] - [x, y]).max() < 0.6


def test_noise_differs_from_frame_to_frame_within_its_levels() -> None:
    flat = np.full((3, 8, 8, 3), 100, np.uint8)
    made = noisy(flat, 5, rng()).astype(int)
    assert np.abs(made - 100).max() == 5
    assert not np.array_equal(made[0], made[1])


def test_each_change_keeps_flat_grey_flat() -> None:
    flat = np.full((2, 32, 32, 3), 120, np.uint8)
    for made in (
        softened(flat, 1.0, rng(0)),
        softened(flat, 1.0, rng(3)),
        reduced(flat, 0.3),
        erased(flat, 0.5, rng()),
    ):
        assert np.array_equal(made, flat)
    assert np.abs(compressed(flat, 20).astype(int) - 120).max() <= 3
    assert np.array_equal(recoloured(flat, 0.0, 0.5, True, rng()), flat)  # grey has no hue and no saturation


def test_hue_turns_colours_and_keeps_their_mean() -> None:
    red = np.full((1, 4, 4, 3), (200, 50, 50), np.uint8)
    for seed in range(8):
        turned = recoloured(red, 0.0, 1.0, False, rng(seed))[0, 0, 0].astype(int)
        assert abs(turned.mean() - 100) <= 1
        assert turned.max() > turned.min() + 50
    grey = recoloured(red, 0.0, 0.0, True, rng())[0, 0, 0]
    assert grey.max() - grey.min() == 0


def test_samples_never_run_backwards_and_stay_within_the_clip() -> None:
    clip, wide = Clip(4, 0.1), settings(rate_low=0.5, rate_high=2.0)
    for seed in range(50):
        times = sample_times(np.arange(10) / 10, clip, wide, rng(seed))
        assert (np.diff(times) > 0).all()
        assert times[0] >= 0
        assert times[-1] <= 0.9 + 1e-9
        assert 0.05 - 1e-9 <= times[1] - times[0] <= 0.2 + 1e-9
    short = sample_times(np.arange(2) / 10, clip, settings(), rng())  # shorter than a window: the reader repeats
    assert np.allclose(short, [0, 0.1, 0.2, 0.3])


@pytest.mark.parametrize(
    ("resize", "crop", "part"),
    [
        ((24, 32), (), [0, 0, 64, 48]),  # the whole picture, whatever its shape
        ((48,), (48, 48), [8, 0, 56, 48]),  # the middle square
        ((30,), (24, 24), [12.8, 4.8, 51.2, 43.2]),  # 24 / 30 of the shorter side
    ],
)
def test_the_part_that_is_shown(resize: tuple[int, ...], crop: tuple[int, ...], part: list[float]) -> None:
    pixels = Preprocessing(resize, crop, (0.5,) * 3, (0.5,) * 3)
    assert np.allclose(shown(48, 64, pixels), part)
