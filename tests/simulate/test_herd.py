"""Herds: nobody walks through anybody, feet stay, the schedule is followed, food is where the mouth is."""

import numpy as np
import pytest

from pipeline.errors import UsageError
from pipeline.simulate import habits
from pipeline.simulate.arrangement import arrange
from pipeline.simulate.herd import move
from pipeline.simulate.plants import Plant
from pipeline.simulate.poses import Poses
from pipeline.simulate.reach import mouth_in_world
from pipeline.simulate.schedule import BEHAVIOURS, BROWSE, GRAZE, RUN, STANDING, TROT, WALK, Schedule
from pipeline.simulate.species import ADULTS, Build, individual
from pipeline.simulate.steering import Rules, social

ZEBRA = ADULTS["plains_zebra"]


def only(*kinds: int, mean_s: float = 4.0) -> Schedule:
    """A schedule that goes round some behaviours, the first first."""
    k = len(BEHAVIOURS)
    follows = np.zeros((k, k))
    for row in range(k):
        nxt = kinds[(kinds.index(row) + 1) % len(kinds)] if row in kinds and len(kinds) > 1 else (row + 1) % k
        follows[row, nxt] = 1
    long = mean_s if len(kinds) > 1 else 1e6
    return Schedule(BEHAVIOURS, follows, np.full(k, long), np.full(k, 50.0), np.eye(k)[kinds[0]])


@pytest.fixture(scope="module")
def herd() -> tuple[list[Build], list[Poses], list[Plant], list[Plant]]:
    """Eight zebras among four bushes, busy for 30 s."""
    rng = np.random.default_rng(4)
    builds = [individual("plains_zebra", rng) for _ in range(8)]
    plants = [Plant("bush", x, y, 1.2, 1.6, 0) for x, y in ((9.0, 0.0), (-9.0, 3.0), (0.0, 10.0), (2.0, -9.0))]
    schedules = [habits.busy("plains_zebra")] * 8
    poses, grown = move(builds, plants, rng, 30.0, 30.0, schedules, centre=(0.0, 0.0))
    return builds, poses, plants, grown


def trunks(builds: list[Build], poses: list[Poses], moment: int) -> np.ndarray:
    """Nine places [N, 9, 2] along each trunk."""
    along = np.linspace(-0.5, 0.5, 9)
    rows = []
    for build, pose in zip(builds, poses, strict=True):
        ahead = np.array([np.cos(pose.turn[moment, 0]), np.sin(pose.turn[moment, 0])])
        rows.append(pose.trunk[moment, :2] + along[:, None] * build.trunk_m * ahead)
    return np.array(rows)


def test_nobody_goes_through_anybody(herd: tuple[list[Build], list[Poses], list[Plant], list[Plant]]) -> None:
    builds, poses, _, _ = herd
    for moment in range(0, 900, 6):
        body = trunks(builds, poses, moment)
        gap = np.linalg.norm(body[:, None, :, None] - body[None, :, None], axis=-1).min(axis=(2, 3))
        np.fill_diagonal(gap, 9)
        assert gap.min() > 0.35  # of bodies about 0.5 m thick that may brush past each other


def test_nobody_stands_in_a_bush(herd: tuple[list[Build], list[Poses], list[Plant], list[Plant]]) -> None:
    _, poses, plants, _ = herd
    for plant in plants:
        for pose in poses:
            away = np.hypot(*(pose.trunk[:, :2] - [plant.x_m, plant.y_m]).T)
            assert away.min() > 0.75 * plant.radius_m


def test_a_planted_foot_does_not_move(herd: tuple[list[Build], list[Poses], list[Plant], list[Plant]]) -> None:
    for pose in herd[1]:
        stays = pose.planted[1:] & pose.planted[:-1]
        assert np.abs(np.diff(pose.feet, axis=0))[stays].max() < 1e-9


def test_who_stands_does_not_slide_and_turns_are_slow(
    herd: tuple[list[Build], list[Poses], list[Plant], list[Plant]],
) -> None:
    for pose in herd[1]:
        speed = np.linalg.norm(np.diff(pose.trunk[:, :2], axis=0), axis=1) * 30
        turning = np.abs(np.diff(pose.turn[:, 0])) * 30
        assert turning.max() < np.radians(65)
        assert turning[speed < 1e-6].max(initial=0.0) < 1e-6
        inside = np.isin(pose.behaviour, STANDING)
        deep = np.convolve(inside, np.ones(61), mode="same") > 60.5  # a second and more within
        assert speed[deep[:-1]].max(initial=0.0) < 1e-6


def test_mouths_are_at_leaves_when_they_browse(
    herd: tuple[list[Build], list[Poses], list[Plant], list[Plant]],
) -> None:
    builds, poses, plants, grown = herd
    found = 0
    for build, pose in zip(builds, poses, strict=True):
        lips = mouth_in_world(build, pose.trunk, pose.turn, pose.neck, pose.head)
        deep = np.convolve(pose.behaviour == BROWSE, np.ones(61), mode="same") > 60.5
        for place in lips[deep]:
            edge = min(np.hypot(*(place[:2] - [p.x_m, p.y_m])) - p.radius_m for p in [*plants, *grown])
            assert edge < 0.6 * np.sqrt(build.neck_m)
            found += 1
    assert found > 100


@pytest.mark.parametrize(
    ("kind", "low", "high"),  # metres a second
    [
        (GRAZE, 0.01, 0.16),
        (WALK, 0.8, 1.6),
        (TROT, 2.4, 3.8),
        (RUN, 4.4, 6.6),
    ],
)
def test_mean_speed_by_behaviour(kind: int, low: float, high: float) -> None:
    poses, _ = move([ZEBRA], [], np.random.default_rng(0), 20.0, 30.0, [only(kind)])
    way = np.linalg.norm(np.diff(poses[0].trunk[:, :2], axis=0), axis=1).sum()
    assert low < way / 20 < high
    assert (poses[0].behaviour == kind).all()


def test_no_animals_no_poses() -> None:
    assert move([], [], np.random.default_rng(0), 1.0, 30.0) == ([], [])


def test_poses_have_the_shapes_they_declare() -> None:
    poses, _ = move([ZEBRA], [], np.random.default_rng(0), 1.0, 30.0)
    pose = poses[0]
    shapes = [
        pose.time_s,
        pose.trunk,
        pose.turn,
        pose.neck,
        pose.head,
        pose.tail,
        pose.feet,
        pose.planted,
        pose.behaviour,
    ]
    assert [a.shape for a in shapes] == [(30,), (30, 3), (30, 3), (30, 2), (30, 2), (30, 2), (30, 4, 3), (30, 4), (30,)]
    assert pose.planted.dtype == np.bool_ and pose.behaviour.dtype == np.int64
    assert pose.time_s[:2].tolist() == [0.0, 1 / 30]


def test_a_shrub_grows_where_there_is_none() -> None:
    poses, grown = move([ZEBRA], [], np.random.default_rng(0), 6.0, 30.0, [only(BROWSE)])
    assert len(grown) == 1 and grown[0].browsable
    lips = mouth_in_world(ZEBRA, poses[0].trunk, poses[0].turn, poses[0].neck, poses[0].head)[90]
    assert np.hypot(*(lips[:2] - [grown[0].x_m, grown[0].y_m])) < grown[0].radius_m + 0.2
    assert lips[2] < grown[0].height_m


def test_who_begins_by_browsing_begins_at_a_bush() -> None:
    _, grown = move([ZEBRA], [Plant("bush", 8, 0, 1.0, 1.5, 0)], np.random.default_rng(0), 6.0, 30.0, [only(BROWSE)])
    assert grown == []


def test_a_walker_goes_to_a_bush_in_time() -> None:
    ring = [Plant("bush", 14 * np.cos(a), 14 * np.sin(a), 1.0, 1.6, 0) for a in np.arange(0, 2 * np.pi, 0.6)]
    missed = 0
    for seed in range(4):
        _, grown = move([ZEBRA], ring, np.random.default_rng(seed), 14.0, 30.0, [only(WALK, BROWSE, mean_s=12.0)])
        missed += len(grown)
    assert missed <= 1


def test_neighbours_repel_near_and_attract_far() -> None:
    ahead, still, length = np.array([[1.0, 0], [1.0, 0]]), np.zeros(2), np.full(2, 2.0)
    near = social(np.array([[0.0, 0], [0.0, 1.0]]), ahead, still, length, Rules())
    far = social(np.array([[0.0, 0], [0.0, 20.0]]), ahead, still, length, Rules())
    alone = social(np.array([[0.0, 0], [0.0, 90.0]]), ahead, still, length, Rules())
    assert near[0, 1] < 0 < near[1, 1] and far[1, 1] < 0 < far[0, 1] and not alone.any()
    turned = social(np.array([[0.0, 0], [0.0, 5.0]]), np.array([[1.0, 0], [0, 1.0]]), np.ones(2), length, Rules())
    assert turned[0] == pytest.approx([0, Rules().align])  # as its neighbour heads


def test_groups_that_cross_end_on_the_other_side() -> None:
    rng = np.random.default_rng(2)
    layout = arrange("crossing", [ZEBRA] * 6, [], rng)
    assert np.linalg.norm(layout.place.mean(axis=0)) > 5 and np.abs(layout.bound).max() <= 1
    poses, _ = move([ZEBRA] * 6, [], rng, 40.0, 10.0, [only(WALK)] * 6, "crossing")
    start, end = (np.array([pose.trunk[k, :2] for pose in poses]) for k in (0, -1))
    for group in (slice(0, 6, 2), slice(1, 6, 2)):
        assert start[group].mean(axis=0) @ end[group].mean(axis=0) < 0


def test_travelling_groups_have_crossed_by_the_end_of_a_short_film() -> None:
    poses, _ = move(
        [ZEBRA] * 10,
        [],
        np.random.default_rng(0),
        24.0,
        5.0,
        [habits.travelling("plains_zebra")] * 10,
        "crossing",
        apart_m=9.6,
    )
    start, end = (np.array([pose.trunk[k, :2] for pose in poses]) for k in (0, -1))
    for group in (slice(0, 10, 2), slice(1, 10, 2)):
        assert start[group].mean(axis=0) @ end[group].mean(axis=0) < 0


def test_files_are_files() -> None:
    layout = arrange("columns", [ZEBRA] * 5, [], np.random.default_rng(0), spacing_m=4.0)
    along = layout.place @ layout.bound[0]
    assert (np.diff(along) < -2.0).all() and np.ptp(layout.heading) == 0


def test_same_seed_same_bytes_other_seed_other_ways() -> None:
    first, again, other = (move([ZEBRA] * 3, [], np.random.default_rng(seed), 6.0, 30.0)[0] for seed in (1, 1, 2))
    assert all(
        a.feet.tobytes() == b.feet.tobytes() and a.neck.tobytes() == b.neck.tobytes()
        for a, b in zip(first, again, strict=True)
    )
    assert first[0].trunk.tobytes() != other[0].trunk.tobytes()


def test_nothing_is_read_before_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an array holds before it is filled is chance: a herd of the same seed must not depend on it."""
    ways = []
    for chance in (1e6, 2.5):
        monkeypatch.setattr(
            np, "empty", lambda shape, dtype=float, order="C", fill=chance: np.full(shape, fill, dtype, order)
        )
        schedules = [only(BROWSE, WALK)] * 3
        poses, grown = move([ZEBRA] * 3, [], np.random.default_rng(1), 20.0, 30.0, schedules)
        ways.append((np.stack([pose.trunk for pose in poses]).tobytes(), grown))
    assert ways[0][1]
    assert ways[0] == ways[1]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"duration_s": 0.0}, "must leave at least 2 moments, got 0.0 s at 30.0 Hz"),
        ({"schedules": []}, "one schedule an animal: got 0 schedules for 1 animals"),
        ({"arrangement": "heap"}, "no arrangement 'heap'; there are: scattered, crossing, columns"),
    ],
)
def test_what_cannot_be_done(wrong: dict[str, object], words: str) -> None:
    asked: dict[str, object] = {"duration_s": 5.0, "rate_hz": 30.0}
    with pytest.raises(UsageError, match=words):
        move([ZEBRA], [], np.random.default_rng(0), **(asked | wrong))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"repulsion_m": 10.0}, "zones must be 0 < repulsion_m < orientation_m < attraction_m, got 10.0, 9.0, 45.0"),
        ({"home_m": -1.0}, "weights of a herd's rules must be >= 0"),
    ],
)
def test_rules_refuse_to_be_wrong(wrong: dict[str, float], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Rules(**wrong)
