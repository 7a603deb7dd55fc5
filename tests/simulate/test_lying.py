"""Animals that lie: down on the ground and no lower, legs beneath them, up again before they go on."""

import numpy as np
import pytest

from pipeline.simulate.bodies import Body, body
from pipeline.simulate.footfalls import Path, plan
from pipeline.simulate.herd import move
from pipeline.simulate.lying import DOWN_S, UP_S, lain, lie
from pipeline.simulate.poses import Poses
from pipeline.simulate.postures import carry
from pipeline.simulate.reach import lying_m, mouth, standing_m
from pipeline.simulate.schedule import GRAZE, HEAD_UP, LIE, RUN, WALK, Bout
from pipeline.simulate.species import ADULTS
from tests.simulate.test_herd import only

SHEEP = ADULTS["sheep"]
RATE_HZ = 30
TIME_S = np.arange(12 * RATE_HZ) / RATE_HZ


def still() -> Path:
    return Path(TIME_S, np.zeros((len(TIME_S), 2)), np.zeros(len(TIME_S)))


@pytest.fixture(scope="module")
def sheep() -> tuple[Body, Poses]:
    """A sheep that walks, lies and walks on by turns, about 6 s each, for 24 s."""
    poses, _ = move([SHEEP], [], np.random.default_rng(1), 24.0, RATE_HZ, [only(WALK, LIE, mean_s=6.0)])
    return body(SHEEP, np.random.default_rng(0), 1), poses[0]


def test_a_lying_trunk_is_on_the_ground(sheep: tuple[Body, Poses]) -> None:
    one, poses = sheep
    lies = np.flatnonzero(poses.folded.min(axis=1) == 1)
    assert len(lies) > 4 * RATE_HZ  # two bouts, but for going down and getting up
    assert (poses.behaviour[lies] == LIE).all()
    assert poses.trunk[lies, 2] == pytest.approx(lying_m(SHEEP))
    assert np.abs(poses.turn[lies, 1:]).max() < 0.01
    spine = one.posed(poses, int(lies[0]))[0][one.uv[:, 1] < 0.5]
    back = spine[np.abs(spine[:, :2] - poses.trunk[lies[0], :2]).max(axis=1) < 0.2, 2]
    assert -0.01 < back.min() < 0.02 and 0.33 < back.max() < 0.45  # belly on the ground; 0.65 m when it stands


def test_nothing_goes_through_the_ground_and_nobody_flies(sheep: tuple[Body, Poses]) -> None:
    one, poses = sheep
    lowest = np.array([one.posed(poses, moment)[0][:, 2].min() for moment in range(0, len(poses.time_s), 4)])
    assert lowest.min() > -0.03 and lowest.max() < 0.03


def test_planted_feet_stay_and_folded_ones_bear_nothing(sheep: tuple[Body, Poses]) -> None:
    _, poses = sheep
    stays = poses.planted[1:] & poses.planted[:-1]
    assert np.abs(np.diff(poses.feet, axis=0))[stays].max() < 1e-9
    assert not poses.planted[poses.folded > 0].any() and (poses.feet[..., 2] >= 0).all()
    speed = np.linalg.norm(np.diff(poses.feet, axis=0), axis=-1) * RATE_HZ
    assert 0.2 < speed[poses.folded[1:] > 0].max() < 1.5  # m/s: on its way beneath the trunk no foot jumps


def test_only_who_stands_still_goes_down(sheep: tuple[Body, Poses]) -> None:
    _, poses = sheep
    steps = np.linalg.norm(np.diff(poses.trunk[:, :2], axis=0), axis=1)
    down = poses.folded.max(axis=1) > 0
    assert down.any() and steps[down[1:] & down[:-1]].max() < 1e-9
    assert (poses.behaviour[down] == LIE).all()


def test_fore_legs_go_down_first_and_hind_legs_get_up_first() -> None:
    bouts = [Bout(HEAD_UP, 0.0, 2.0), Bout(LIE, 2.0, 9.0), Bout(HEAD_UP, 9.0, 12.0)]
    fore, hind = lain(bouts, still()).T
    first, last = (np.flatnonzero(end)[[0, -1]] / RATE_HZ for end in (fore, hind))
    assert first[0] == pytest.approx(2.0, abs=0.1) and last[0] > first[0] + 0.3
    assert last[1] < first[1] - 0.3 and first[1] == pytest.approx(9.0, abs=0.1)
    whole = np.flatnonzero(np.minimum(fore, hind) == 1) / RATE_HZ
    assert whole[[0, -1]] == pytest.approx([2.0 + DOWN_S, 9.0 - UP_S], abs=0.1)
    assert 1.0 <= UP_S <= DOWN_S <= 1.5
    lies = lie(SHEEP, bouts, still(), plan(still(), SHEEP))
    assert lies.tip.min() < -0.25 and abs(lies.tip[150]) < 0.1  # kneeling, its nose is down; lying, it is level
    assert np.abs(np.diff(lies.drop_m)).max() * RATE_HZ < 0.6  # m/s


# bouts, the moments at which it lies wholly, the moments at which it stands wholly
EDGES = [
    ([Bout(LIE, 0.0, 12.0)], [0.0, 6.0, 11.9], []),  # nothing else: it never gets up
    ([Bout(LIE, 0.0, 6.0), Bout(GRAZE, 6.0, 12.0)], [0.0, 4.8], [6.0, 11.9]),  # lay there before the scene began
    ([Bout(GRAZE, 0.0, 6.0), Bout(LIE, 6.0, 12.0)], [7.5, 11.9], [0.0, 5.9]),  # lies on when the scene is over
    ([Bout(HEAD_UP, 0.0, 6.0), Bout(LIE, 6.0, 7.0), Bout(HEAD_UP, 7.0, 12.0)], [], [5.9, 7.0]),  # too short to get down
    ([Bout(RUN, 0.0, 12.0)], [], [0.0, 6.0, 11.9]),  # no bout of lying
]


@pytest.mark.parametrize(("bouts", "lies", "stands"), EDGES)
def test_where_a_scene_begins_and_ends(bouts: list[Bout], lies: list[float], stands: list[float]) -> None:
    down = lain(bouts, still())
    assert down.min() >= 0 and down.max() <= 1
    for moments, value in ((lies, 1.0), (stands, 0.0)):
        assert (down[np.rint(np.array(moments) * RATE_HZ).astype(int)] == value).all()


@pytest.mark.parametrize("species", ADULTS)
def test_who_does_not_lie_keeps_every_bit(species: str) -> None:
    build, path = ADULTS[species], still()
    steps = plan(path, build, np.random.default_rng(0))
    lies = lie(build, [Bout(GRAZE, 0.0, 12.0)], path, steps)
    assert lies.feet.tobytes() == steps.feet.tobytes() and lies.planted.tobytes() == steps.planted.tobytes()
    assert not any(part.any() for part in (lies.drop_m, lies.tip, lies.neck, lies.folded))


def test_a_lying_head_is_up_or_on_the_ground() -> None:
    time_s = np.arange(120 * RATE_HZ) / RATE_HZ
    held = carry(SHEEP, [Bout(LIE, 0.0, 120.0)], time_s, np.random.default_rng(3))
    height = lying_m(SHEEP) + mouth(SHEEP, held.neck, held.head)[:, 2]
    assert height.min() > 0.03 and height.max() < standing_m(SHEEP)
    assert 0.1 < (height < 0.12).mean() < 0.6  # the muzzle is at the ground
    assert height[: 2 * RATE_HZ].min() > 0.2 and height[-2 * RATE_HZ :].min() > 0.2  # up while it goes down and gets up


def test_a_lying_sheep_chews_the_cud() -> None:
    chewing = 0
    for seed in range(30):
        head = carry(SHEEP, [Bout(LIE, 0.0, 12.0)], TIME_S, np.random.default_rng(seed)).head[
            :90, 1
        ]  # it looks one way
        turns = np.count_nonzero(np.diff(np.sign(np.diff(head))))
        if np.ptp(head) > 0.01:
            chewing += 1
            assert 6 <= turns <= 11  # 3 s at 1.2 to 1.6 Hz, up and down
            assert np.ptp(head) < 0.1
    assert 18 <= chewing <= 29  # four of five
