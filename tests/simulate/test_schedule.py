"""The schedule's truth: what is drawn converges to what was set, and the presets are what they say."""

from itertools import pairwise

import numpy as np
import pytest

from pipeline.errors import UsageError
from pipeline.simulate import habits
from pipeline.simulate.schedule import (
    BEHAVIOURS,
    BROWSE,
    GRAZE,
    GROOM,
    HEAD_UP,
    LIE,
    RUN,
    TROT,
    WALK,
    Bout,
    Schedule,
    at,
)


def two(**other: object) -> Schedule:
    """a and b by turns: 1 s and 3 s on average, so a quarter and three quarters of the time."""
    parts: dict[str, object] = {
        "behaviours": ("a", "b"),
        "transitions": np.array([[0.0, 1.0], [1.0, 0.0]]),
        "mean_s": np.array([1.0, 3.0]),
        "shape": np.array([4.0, 2.0]),
        "start": np.array([1.0, 0.0]),
    }
    return Schedule(**(parts | other))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"mean_s": np.ones(3)}, r"mean_s must be \[2\] for 2 behaviours, got \[3\]"),
        ({"transitions": np.eye(3)}, r"transitions must be \[2, 2\] for 2 behaviours, got \[3, 3\]"),
        ({"transitions": np.array([[0, 0.9], [1, 0]])}, "rows of transitions must be >= 0 and sum to 1"),
        ({"transitions": np.eye(2)}, "no behaviour follows itself"),
        ({"mean_s": np.array([1.0, 0.0])}, "mean_s and shape must be > 0"),
        ({"shape": np.array([-1.0, 1.0])}, "mean_s and shape must be > 0"),
        ({"start": np.array([0.5, 0.4])}, "start must be >= 0 and sum to 1"),
    ],
)
def test_a_schedule_refuses_to_be_wrong(wrong: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        two(**wrong)


def test_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="duration_s must be > 0, got 0"):
        two().draw(np.random.default_rng(0), 0)


def test_bouts_fill_the_time_without_a_gap_and_begin_as_set() -> None:
    bouts = two().draw(np.random.default_rng(3), 60.0)
    assert bouts[0][:2] == (0, 0.0) and bouts[-1].stop_s == 60.0
    assert all(a.stop_s == b.start_s and a.behaviour != b.behaviour for a, b in pairwise(bouts))


def test_shares_one_can_do_in_ones_head() -> None:
    assert two().frequencies == pytest.approx([0.5, 0.5])
    assert two().shares == pytest.approx([0.25, 0.75])


def test_transitions_dwells_and_shares_converge_to_the_parameters() -> None:
    schedule = habits.natural("plains_zebra")
    bouts = schedule.draw(np.random.default_rng(1), 250_000.0)[:-1]
    kinds = np.array([bout.behaviour for bout in bouts])
    dwell = np.array([bout.stop_s - bout.start_s for bout in bouts])
    counts = np.zeros((7, 7))
    np.add.at(counts, (kinds[:-1], kinds[1:]), 1)
    seen = counts.sum(axis=1)
    error = np.abs(counts / seen[:, None] - schedule.transitions)
    assert (error < 4.5 * np.sqrt(0.25 / seen)[:, None]).all()
    for k in range(7):
        mine = dwell[kinds == k]
        assert mine.mean() == pytest.approx(schedule.mean_s[k], rel=0.05)
        assert (mine.mean() / mine.std()) ** 2 == pytest.approx(schedule.shape[k], rel=0.2)
    assert [dwell[kinds == k].sum() / dwell.sum() for k in range(7)] == pytest.approx(schedule.shares, abs=0.01)


def test_a_seed_gives_the_same_bouts() -> None:
    one, again = (habits.busy("giraffe").draw(np.random.default_rng(7), 300.0) for _ in range(2))
    assert one == again


# species, the bouts that its busy schedule drew from seed 7 in 30 s before there was Lie
DRAWN = [
    ("plains_zebra", [(GROOM, 0.0), (GRAZE, 6.985891), (WALK, 11.671197), (HEAD_UP, 22.49408)]),
    ("giraffe", [(GROOM, 0.0), (WALK, 7.061672), (BROWSE, 11.539468)]),
]


@pytest.mark.parametrize(("species", "bouts"), DRAWN)
def test_species_that_never_lie_draw_what_they_always_drew(species: str, bouts: list[tuple[int, float]]) -> None:
    drawn = habits.busy(species).draw(np.random.default_rng(7), 30.0)
    assert [bout.behaviour for bout in drawn] == [kind for kind, _ in bouts]
    assert [bout.start_s for bout in drawn] == pytest.approx([start_s for _, start_s in bouts], abs=1e-6)


def test_a_minute_of_a_flock_holds_several_bouts_of_each() -> None:
    schedule = habits.natural("sheep")
    for seed in range(20):
        rng = np.random.default_rng(seed)
        kinds = [bout.behaviour for _ in range(12) for bout in schedule.draw(rng, 60.0)]
        assert min(kinds.count(kind) for kind in (WALK, GRAZE, HEAD_UP, LIE)) >= 3


def test_the_first_bout_lasts_as_long_as_any_so_that_a_minute_holds_more_grazing() -> None:
    schedule, rng = habits.natural("plains_zebra"), np.random.default_rng(0)
    minutes = [schedule.draw(rng, 60.0) for _ in range(2000)]
    first = [bout.stop_s for bout, *_ in minutes if bout.behaviour == GRAZE]
    assert np.mean(first) == pytest.approx(schedule.mean_s[GRAZE], rel=0.05)  # 18 s; caught in the middle 11 s
    grazing_s = sum(bout.stop_s - bout.start_s for bouts in minutes for bout in bouts if bout.behaviour == GRAZE)
    assert grazing_s / 120_000 == pytest.approx(0.51, abs=0.01)
    assert schedule.shares[GRAZE] == pytest.approx(0.494, abs=0.001)


def test_behaviour_at_a_moment_is_half_open() -> None:
    bouts = [Bout(2, 0.0, 1.0), Bout(5, 1.0, 2.0)]
    assert at(bouts, np.array([0.0, 0.999, 1.0, 1.5, 9.0])).tolist() == [2, 2, 5, 5, 5]


@pytest.mark.parametrize("species", habits.HABITS)
def test_presets(species: str) -> None:
    natural, busy, travelling = (f(species) for f in (habits.natural, habits.busy, habits.travelling))
    assert natural.behaviours == (BEHAVIOURS if species == "sheep" else BEHAVIOURS[:LIE])
    assert ((natural.mean_s >= 4) & (natural.mean_s <= 25)).all()
    shown = busy.shares > 0
    assert busy.shares[shown] == pytest.approx(1 / shown.sum())
    assert travelling.shares[WALK] > 0.6
    assert (natural.shares.argmax() == BROWSE) == (species == "giraffe")


def test_who_does_what() -> None:
    assert habits.natural("giraffe").shares[GRAZE] == 0  # giraffes do not graze
    baboon = habits.natural("baboon").shares
    assert baboon[BROWSE] == baboon[TROT] == 0 and baboon[RUN] > 0
    assert habits.natural("plains_zebra").shares[GRAZE] > 0.4
    sheep = habits.natural("sheep").shares
    assert sheep[BROWSE] == sheep[TROT] == 0 and 0.1 < sheep[LIE] < sheep[GRAZE]
    assert 0 < sheep[RUN] < sheep[GROOM] < 0.03


def test_an_unknown_species_is_told_what_there_is() -> None:
    with pytest.raises(UsageError, match="no habits for species 'unicorn'; there are: plains_zebra, grevys_zebra"):
        habits.natural("unicorn")
