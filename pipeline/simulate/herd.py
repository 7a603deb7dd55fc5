"""A herd over a scene: schedules, ways and steps of every animal, as poses for the renderer and the truth."""

from collections.abc import Sequence

import numpy as np
from scipy.interpolate import PchipInterpolator

from pipeline.boxes import FloatArray
from pipeline.errors import UsageError
from pipeline.simulate import gait, habits
from pipeline.simulate.arrangement import arrange
from pipeline.simulate.browsing import seat
from pipeline.simulate.crowd import Crowd, Track
from pipeline.simulate.footfalls import Path, plan
from pipeline.simulate.lying import lie
from pipeline.simulate.plants import Plant
from pipeline.simulate.poses import Poses
from pipeline.simulate.postures import carry
from pipeline.simulate.reach import standing_m, standing_pitch
from pipeline.simulate.schedule import BROWSE, Bout, Schedule, at
from pipeline.simulate.species import Build
from pipeline.simulate.steering import Rules
from pipeline.simulate.sway import sway


def move(
    animals: Sequence[Build],
    plants: Sequence[Plant],
    rng: np.random.Generator,
    duration_s: float,
    rate_hz: float,
    schedules: Sequence[Schedule] | None = None,
    arrangement: str = "scattered",
    centre: tuple[float, float] = (0.0, 0.0),
    spacing_m: float = 4.0,
    apart_m: float = 24.0,
    rules: Rules | None = None,
) -> tuple[list[Poses], list[Plant]]:
    """Poses of all animals at ``rate_hz`` over ``[0, duration_s)``, and plants to be added for some to browse on.

    Speeds, postures and meals follow the drawn bouts, and so does what is told of an animal, but where others hold it
    up in another gait. ``schedules`` (one an animal) are those of the species' ordinary day where not given.

    Raises:
        UsageError: a duration or rate that leaves fewer than two moments, another number of schedules than of animals,
            a species without habits, an unknown arrangement.
    """
    moments = np.arange(int(np.ceil(duration_s * rate_hz - 1e-9))) / rate_hz
    if len(moments) < 2:
        raise UsageError(f"duration_s x rate_hz must leave at least 2 moments, got {duration_s} s at {rate_hz} Hz")
    chosen = [habits.natural(build.species) for build in animals] if schedules is None else list(schedules)
    if len(chosen) != len(animals):
        raise UsageError(f"one schedule an animal: got {len(chosen)} schedules for {len(animals)} animals")
    if not animals:
        return [], []
    bouts = [schedule.draw(rng, duration_s) for schedule in chosen]
    layout = arrange(arrangement, animals, plants, rng, centre, spacing_m, apart_m)
    layout = seat(layout, animals, [i for i, own in enumerate(bouts) if own[0].behaviour == BROWSE], plants)
    track = Crowd(animals, bouts, plants, layout, rules or Rules(), rng, duration_s).run()
    return [pose(animals[i], bouts[i], track, i, moments, rng) for i in range(len(animals))], track.grown


def pose(
    build: Build, bouts: Sequence[Bout], track: Track, number: int, time_s: FloatArray, rng: np.random.Generator
) -> Poses:
    """Poses at ``time_s`` of animal ``number`` of a crowd's track."""
    path = Path(
        time_s,
        PchipInterpolator(track.time_s, track.place[:, number])(time_s),
        PchipInterpolator(track.time_s, track.heading[:, number])(time_s),
    )
    steps = plan(path, build, rng)
    held = carry(build, bouts, time_s, rng, track.food[number])
    moved, lies = sway(path, steps, build), lie(build, bouts, path, steps)
    trunk = np.column_stack([path.place, standing_m(build) - held.lower_m + moved.rise_m - lies.drop_m])
    turn = np.column_stack([path.heading, standing_pitch(build) + held.tip + moved.pitch + lies.tip, moved.roll])
    neck, head = held.neck.copy(), held.head.copy()
    neck[:, 1] += moved.neck + lies.neck
    head[:, 1] += moved.head
    does = gait.shown(at(list(bouts), time_s), steps.shares, float(time_s[1] - time_s[0]))
    return Poses(time_s, trunk, turn, neck, head, held.tail, lies.feet, lies.planted, lies.folded, does)
