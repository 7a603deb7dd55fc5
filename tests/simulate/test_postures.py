"""Where neck and head are for each behaviour, and that they get there smoothly."""

import numpy as np
import pytest

from pipeline.simulate.postures import Carriage, Food, carry
from pipeline.simulate.reach import mouth, mouth_in_world, standing_m, standing_pitch, to_height
from pipeline.simulate.schedule import BROWSE, GRAZE, GROOM, HEAD_UP, RUN, TROT, WALK, Bout
from pipeline.simulate.species import ADULTS, Build

ZEBRA = ADULTS["plains_zebra"]
TIME_S = np.arange(300) / 30
LATE = slice(45, 255)  # the middle of a bout of 10 s


def held(build: Build, behaviour: int, food: Food | None = None, seed: int = 0) -> Carriage:
    bouts = [Bout(behaviour, 0.0, 10.0)]
    return carry(build, bouts, TIME_S, np.random.default_rng(seed), {0: food} if food else None)


def mouth_of(build: Build, carriage: Carriage) -> np.ndarray:
    """The mouth [n, 3] of an animal that stands at the origin, heading east."""
    n = len(TIME_S)
    trunk = np.column_stack([np.zeros((n, 2)), standing_m(build) - carriage.lower_m])
    turn = np.column_stack([np.zeros(n), standing_pitch(build) + carriage.tip, np.zeros(n)])
    return mouth_in_world(build, trunk, turn, carriage.neck, carriage.head)


def test_mouth_of_a_straight_neck() -> None:
    build = Build("x", 1, 1, 1, 1.0, 1.0, 0.2, 0.6, 0.4, 1, "x")
    straight = mouth(build, np.zeros(2), np.zeros(2))
    assert straight == pytest.approx([0.55 + 1.0, 0, 0.15])
    left = mouth(build, np.array([np.pi / 2, 0]), np.zeros(2))
    assert left == pytest.approx([0.55, 1.0, 0.15])
    nodding = mouth(build, np.array([0, np.pi / 2]), np.array([0, -np.pi / 2]))
    assert nodding == pytest.approx([0.55 + 0.4, 0, 0.15 + 0.6])


@pytest.mark.parametrize(
    ("species", "within"),  # of the shoulder's height
    [
        ("plains_zebra", 0.03),
        ("grevys_zebra", 0.03),
        ("impala", 0.03),
        ("sheep", 0.03),
        ("giraffe", 0.06),
        ("baboon", 0.09),  # a short neck: it brings food to the mouth by hand
    ],
)
def test_a_grazing_mouth_is_at_the_ground(species: str, within: float) -> None:
    build = ADULTS[species]
    height = mouth_of(build, held(build, GRAZE))[LATE, 2]
    assert np.median(height) == pytest.approx(0.035 * build.shoulder_m, abs=within * build.shoulder_m)
    assert height.min() > -0.06 * build.shoulder_m and height.max() < 0.18 * build.shoulder_m


@pytest.mark.parametrize(("species", "height_m"), [("plains_zebra", 0.9), ("giraffe", 3.4), ("giraffe", 2.0)])
def test_a_browsing_mouth_is_at_the_leaves(species: str, height_m: float) -> None:
    build = ADULTS[species]
    seen = mouth_of(build, held(build, BROWSE, Food(0.5, height_m)))[LATE]
    assert np.median(seen[:, 2]) == pytest.approx(height_m, rel=0.12)
    assert (seen[:, 1] > 0).all()  # to the left, where the leaves are


@pytest.mark.parametrize("species", ADULTS)
def test_a_grooming_mouth_is_behind_the_shoulders_and_to_a_side(species: str) -> None:
    build = ADULTS[species]
    seen = mouth_of(build, held(build, GROOM))[LATE]
    assert (seen[:, 0] < 0.55 * build.trunk_m).all()
    assert (np.sign(seen[:, 1]) == np.sign(seen[0, 1])).all()


@pytest.mark.parametrize("species", ADULTS)
def test_heads_by_height(species: str) -> None:
    build = ADULTS[species]
    height = [float(np.median(mouth_of(build, held(build, k))[LATE, 2])) for k in (GRAZE, WALK, HEAD_UP)]
    assert height == sorted(height)


def test_the_tail_is_up_in_a_run_and_down_at_rest() -> None:
    hanging, raised = (np.median(held(ZEBRA, k).tail[LATE, 1]) for k in (GRAZE, RUN))
    assert hanging < np.radians(-70) and raised > np.radians(-30)


def test_changes_are_smooth_and_half_done_when_the_bout_begins() -> None:
    bouts = [Bout(TROT, 0.0, 5.0), Bout(GRAZE, 5.0, 10.0)]
    pitch = carry(ZEBRA, bouts, TIME_S, np.random.default_rng(0)).neck[:, 1]
    before, after = np.median(pitch[60:120]), np.median(pitch[180:240])
    assert pitch[150] == pytest.approx((before + after) / 2, abs=0.2 * abs(after - before))
    assert np.abs(np.diff(pitch)).max() * 30 < np.radians(260)  # a second
    assert pitch[135] > before - 0.15 * abs(after - before) and pitch[165] < after + 0.15 * abs(after - before)


def test_an_animal_looks_round_with_its_head_up() -> None:
    assert np.ptp(held(ZEBRA, HEAD_UP, seed=1).neck[:, 0]) > 0.2


def test_what_the_neck_cannot_reach_the_trunk_does() -> None:
    level = to_height(ZEBRA, 0.9, 0.0)
    assert level.tip == level.lower_m == 0.0
    deep = to_height(ADULTS["impala"], 0.02, np.radians(-78))
    assert deep.tip < 0 and deep.lower_m >= 0


def test_a_seed_gives_the_same_postures() -> None:
    one, again = (held(ZEBRA, GRAZE, seed=5) for _ in range(2))
    assert one.neck.tobytes() == again.neck.tobytes() and one.tail.tobytes() == again.tail.tobytes()
