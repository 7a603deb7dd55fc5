"""Strides one can do by hand; footfalls in the right order that do not slide."""

from itertools import pairwise

import numpy as np
import pytest

from pipeline.simulate import gait
from pipeline.simulate.footfalls import Path, Steps, hips, plan
from pipeline.simulate.schedule import BROWSE, GRAZE, HEAD_UP, RUN, TROT, WALK
from pipeline.simulate.species import ADULTS, Build

ZEBRA = ADULTS["plains_zebra"]
RATE_HZ = 120


def along(speed_mps: float | np.ndarray, duration_s: float = 6.0, turn_per_s: float = 0.0) -> Path:
    """A way at a constant speed, or at speeds given per moment; straight east unless it turns."""
    time_s = np.arange(int(duration_s * RATE_HZ)) / RATE_HZ
    speed = np.broadcast_to(np.asarray(speed_mps, dtype=np.float64), time_s.shape)
    heading = turn_per_s * time_s
    step = speed[:, None] * np.stack([np.cos(heading), np.sin(heading)], axis=-1) / RATE_HZ
    return Path(time_s, np.cumsum(step, axis=0) - step[0], heading)


def at_froude(number: float, build: Build = ZEBRA) -> float:
    return float(np.sqrt(number * 9.81 * build.hip_m))


def falls(steps: Steps, path: Path, leg: int) -> np.ndarray:
    """When a foot comes down."""
    down = steps.planted[1:, leg] & ~steps.planted[:-1, leg]
    return path.time_s[1:][down]


@pytest.mark.parametrize(
    ("speed", "hip", "length"),
    [
        (np.sqrt(9.81 * 0.1), 1.0, 2.4 * 0.1**0.34),  # walk, Fr 0.1: 1.10 m
        (np.sqrt(9.81), 1.0, 1.9),  # trot, Fr 1: 1.9 hip heights
        (np.sqrt(9.81 * 4 * 0.5), 0.5, 0.5 * 1.9 * 4**0.4),  # gallop of a small one, Fr 4: 1.65 m
    ],
)
def test_stride_length_by_hand(speed: float, hip: float, length: float) -> None:
    assert gait.stride_length_m(np.array(speed), hip) == pytest.approx(length)
    assert gait.stride_frequency_hz(np.array(speed), hip) == pytest.approx(speed / length)


def test_standing_takes_no_strides() -> None:
    assert gait.stride_frequency_hz(np.array([0.0]), 1.0).tolist() == [0.0]


def test_change_of_gait_by_mass() -> None:
    assert gait.trot_gallop_mps(1.0) == 1.53 and gait.trot_gallop_hz(1.0) == 4.48
    middle = at_froude(gait.TROT_GALLOP)
    assert middle == pytest.approx(gait.trot_gallop_mps(ZEBRA.mass_kg), rel=0.25)
    assert gait.stride_frequency_hz(np.array(middle), ZEBRA.hip_m) == pytest.approx(
        gait.trot_gallop_hz(ZEBRA.mass_kg), rel=0.25
    )


@pytest.mark.parametrize("species", ADULTS)
def test_walk_trot_run_by_speed(species: str) -> None:
    rng = np.random.default_rng(0)
    drawn = [[gait.natural_speed_mps(k, ADULTS[species], rng) for _ in range(50)] for k in (GRAZE, WALK, TROT, RUN)]
    for slower, faster in pairwise(drawn):
        assert max(slower) < min(faster)
    assert (
        gait.natural_speed_mps(HEAD_UP, ADULTS[species], rng)
        == gait.natural_speed_mps(BROWSE, ADULTS[species], rng)
        == 0
    )


@pytest.mark.parametrize(
    ("held_s", "number", "does"),
    [
        (1.5, 0.15, WALK),  # held up by others at a walk
        (0.8, 0.15, TROT),  # not for long
        (1.5, 1.0, TROT),
        (1.5, 3.0, RUN),
    ],
)
def test_who_is_held_up_shows_another_gait(held_s: float, number: float, does: int) -> None:
    step_s = 0.1
    scheduled = np.repeat([GRAZE, TROT, HEAD_UP], [10, 40, 10])
    speed = np.where(scheduled == TROT, at_froude(1.0), 0.0)
    held = np.arange(60) * step_s
    held = (held >= 2) & (held < 2 + held_s - step_s / 2)
    told = gait.shown(scheduled, gait.blend(np.where(held, at_froude(number), speed), ZEBRA.hip_m), step_s)
    assert told.tolist() == np.where(held, does, scheduled).tolist()


@pytest.mark.parametrize(
    ("legs", "does"),
    [
        # galloping, slowed down through all gaits for 1.8 s, galloping, slowed down for 0.7 s, galloping
        (
            [(12, 3.0), (6, 1.0), (7, 0.1), (5, 1.0), (12, 3.0), (4, 1.0), (3, 0.1), (12, 3.0)],
            [(12, RUN), (18, TROT), (31, RUN)],
        ),
        ([(20, 1.0), (5, 0.1), (20, 1.0)], [(45, TROT)]),
        ([(20, 1.0), (20, 0.1)], [(20, TROT), (20, WALK)]),
    ],
)
def test_who_is_held_up_again_and_again_shows_no_gait_of_a_moment(
    legs: list[tuple[int, float]], does: list[tuple[int, int]]
) -> None:
    speed = np.concatenate([np.full(count, at_froude(number)) for count, number in legs])
    told = gait.shown(np.full(len(speed), RUN), gait.blend(speed, ZEBRA.hip_m), 0.1)
    assert told.tolist() == [behaviour for count, behaviour in does for _ in range(count)]


def test_a_behaviour_that_is_none() -> None:
    with pytest.raises(ValueError, match="behaviour must be 0 to 7, got 8"):
        gait.natural_speed_mps(8, ZEBRA, np.random.default_rng(0))


def test_a_walk_is_a_lateral_sequence_with_three_or_two_feet_down() -> None:
    path = along(at_froude(0.15))
    steps = plan(path, ZEBRA)
    lh, lf, rh, rf = (falls(steps, path, leg)[1:4] for leg in range(4))
    period = float(np.diff(lh).mean())
    for leg, share in ((lf, 0.25), (rh, 0.5), (rf, 0.75)):
        assert ((leg[:, None] - lh) / period % 1).ravel() == pytest.approx(share, abs=0.02)
    assert steps.planted.mean() == pytest.approx(0.62, abs=0.03)
    assert steps.planted.sum(axis=1).min() >= 2


def test_a_trot_is_of_diagonal_pairs() -> None:
    path = along(at_froude(1.1))
    planted = plan(path, ZEBRA).planted
    assert (planted[:, 0] == planted[:, 3]).mean() > 0.98 and (planted[:, 1] == planted[:, 2]).mean() > 0.98
    assert (planted[:, 0] & planted[:, 1]).mean() < 0.02
    assert (~planted).all(axis=1).mean() == pytest.approx(0.10, abs=0.04)  # 2 x (0.5 - 0.45) of a stride in the air


def test_a_gallop_is_transverse_with_one_suspension() -> None:
    path = along(at_froude(3.5))
    steps = plan(path, ZEBRA)
    lh, lf, rh, rf = (falls(steps, path, leg) for leg in range(4))
    period = float(np.diff(lh).mean())
    for leg, share in ((rh, 0.12), (lf, 0.40), (rf, 0.55)):
        assert np.median((leg[:, None] - lh) / period % 1) == pytest.approx(share, abs=0.03)
    air = (~steps.planted).all(axis=1)
    assert air.mean() == pytest.approx(1 - 0.55 - 0.28, abs=0.03)
    assert (air[1:] & ~air[:-1]).sum() == pytest.approx(6.0 / period, abs=1)  # once a stride


def test_a_planted_foot_does_not_move_whatever_the_way() -> None:
    time_s = np.arange(20 * RATE_HZ) / RATE_HZ  # stands, walks, trots, gallops, stops, creeps
    speed = np.interp(
        time_s, [0, 2, 2.5, 6, 7, 9, 10, 13, 14, 16, 16.5, 20], [0, 0, 1.2, 1.2, 3, 3, 6, 6, 0, 0, 0.15, 0.15]
    )
    for rng in (None, np.random.default_rng(0)):
        path = along(speed, 20.0, turn_per_s=0.3)
        steps = plan(path, ZEBRA, rng)
        stays = steps.planted[1:] & steps.planted[:-1]
        assert np.abs(np.diff(steps.feet, axis=0))[stays].max() == 0.0
        assert (steps.feet[..., 2][steps.planted] == 0).all() and (steps.feet[..., 2] >= 0).all()
        assert np.linalg.norm(steps.feet[..., :2] - hips(path, ZEBRA), axis=-1).max() < 0.8 * ZEBRA.hip_m
        assert np.linalg.norm(np.diff(steps.feet, axis=0), axis=-1).max() * RATE_HZ < 3 * 6.0  # no foot jumps


def test_who_stands_keeps_all_feet() -> None:
    steps = plan(along(0.0), ZEBRA)
    assert steps.planted.all() and np.ptp(steps.feet, axis=0).max() == 0.0


def test_a_slow_step_now_and_then_keeps_three_feet_down() -> None:
    steps = plan(along(0.08, 12.0), ZEBRA)
    assert steps.planted.mean() > 0.8 and steps.planted.sum(axis=1).min() >= 3
