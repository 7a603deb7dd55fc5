"""Speeds over the ground of windows whose animal goes as one knows."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.recognizers.travel import dimensionless_speeds_of, speed_of
from pipeline.types import Window
from tests.recognizers.test_kinematic import window


@pytest.mark.parametrize(
    ("changes", "speed"),
    [
        ({}, 0.5),
        ({"interval_s": 1 / 30, "frames": 61}, 0.5),  # more samples of the same motion
        ({"interval_s": 0.5, "frames": 5}, 0.5),
        ({"length_px": 50.0}, 0.5),  # a smaller animal as many of its lengths a second
        ({"times": [0, 0.1, 0.4, 0.5, 0.9, 1.4, 1.5, 2.0]}, 0.5),  # uneven times
        ({"frames": 5}, 0.5),  # 0.67 s: shorter than the step, measured from end to end
        ({"frames": 3}, float("nan")),  # 0.33 s: too short to tell
        ({"frames": 1}, float("nan")),  # a still
        ({"length_px": 0.0}, float("nan")),
    ],
)
def test_speed_is_in_body_lengths_per_second_whatever_the_sampling(changes, speed):
    assert speed_of(window(0.5, **changes), step_s=1.0) == pytest.approx(speed, nan_ok=True)


def test_jitter_seems_to_move_by_rayleighs_median():
    """Middles jitter by 2 / sqrt(2) px, differences by 2 px in x and y: median 1.177 * 2 px in a second of 100 px."""
    speeds = [speed_of(window(jitter_px=2.0, seed=seed, frames=400), 1.0) for seed in range(20)]
    assert np.mean(speeds) == pytest.approx(0.0235, rel=0.05)


def test_a_few_wild_boxes_do_not_count():
    jumping = window(0.0)
    jumping.steady[5] += 80.0
    assert speed_of(jumping, 1.0) == 0.0


def test_a_repeated_last_frame_does_not_slow_the_animal():
    times = np.minimum(np.arange(13) / 6, 1.2)
    assert speed_of(window(0.5, times=times), 1.0) == pytest.approx(0.5)


def placed(speed_mps: float, length_m: float = 2.0, frames: int = 13) -> Window:
    """A window whose animal goes north over the ground at ``speed_mps``, and not at all in the picture."""
    still = window(0.0, frames=frames)
    ground = np.column_stack([0 * still.times_s, still.times_s * speed_mps])
    return replace(still, ground=ground, length_m=length_m)


def test_the_dimensionless_speed_by_hand() -> None:
    """The root of g times the length is 4.43 m/s for 2 m, and half of that for an animal of a quarter of the length."""
    assert dimensionless_speeds_of(placed(2.2147), 1.0) == pytest.approx(0.5, abs=1e-4)
    assert dimensionless_speeds_of(placed(2.2147 / 2, length_m=0.5), 1.0) == pytest.approx(0.5, abs=1e-4)


def test_without_places_or_a_length_there_is_none() -> None:
    assert np.isnan(dimensionless_speeds_of(window(0.5), 1.0))
    assert np.isnan(dimensionless_speeds_of(placed(1.0, length_m=float("nan")), 1.0))
    assert np.isnan(dimensionless_speeds_of(placed(1.0, frames=3), 1.0))  # 0.33 s: too short to tell


@pytest.mark.parametrize(("withheld", "told"), [(6, True), (7, False)])
def test_half_of_the_places_are_enough(withheld: int, told: bool) -> None:
    some = placed(2.2147)
    assert some.ground is not None
    some.ground[:withheld] = np.nan
    assert np.isnan(dimensionless_speeds_of(some, 1.0)) != told


def test_each_moment_has_the_speed_about_its_middle() -> None:
    """It stands for two seconds, then goes at 2 m/s; about 2.4 s six steps make 1, 4/3, 5/3, 2, 2 and 2 m."""
    still = window(0.0, frames=24)
    ground = np.column_stack([np.maximum(still.times_s - 2.0, 0) * 2.0, 0 * still.times_s])
    told = dimensionless_speeds_of(replace(still, ground=ground, length_m=1.0), 1.0, 4) * 9.81**0.5
    assert told == pytest.approx([0, 0, 11 / 6, 2])
