"""A herd on the move: places and headings step by step, by social zones, food and home, at the schedule's speeds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate.arrangement import Layout
from pipeline.simulate.browsing import dine, feeds_on, stop_m
from pipeline.simulate.pace import pace
from pipeline.simulate.plants import Plant
from pipeline.simulate.postures import Food
from pipeline.simulate.room import Room
from pipeline.simulate.schedule import BROWSE, Bout
from pipeline.simulate.species import Build
from pipeline.simulate.steering import Rules, foresight, homeward, social, turn_rate, unit

STEP_S = 0.1
GAIN_MPS2, LOSE_MPS2 = 5.0, 7.0  # how fast an animal gets faster, and slower
EARLY_M = 0.8  # an animal at its plant with more than this to go does not wait there
PLAN_S = 15.0  # so long before it browses an animal looks for a plant


@dataclass
class Track:
    """What the crowd did: ``T`` steps, ``N`` animals; ``food`` per animal and number of its bout."""

    time_s: FloatArray  # [T]
    place: FloatArray  # [T, N, 2]
    heading: FloatArray  # [T, N] unwrapped
    food: list[dict[int, Food]]
    grown: list[Plant]


class Crowd:
    """The animals of one scene; ``run`` moves them from start to end, once."""

    def __init__(
        self,
        animals: Sequence[Build],
        bouts: Sequence[Sequence[Bout]],
        plants: Sequence[Plant],
        layout: Layout,
        rules: Rules,
        rng: np.random.Generator,
        duration_s: float,
    ) -> None:
        self.animals, self.bouts, self.plants = animals, bouts, list(plants)
        self.layout, self.rules, self.rng = layout, rules, rng
        n, steps = len(animals), int(np.ceil(duration_s / STEP_S - 1e-9)) + 1
        time_s = np.arange(steps, dtype=np.float64) * STEP_S
        self.speed = np.stack([pace(b, own, time_s, rng) for b, own in zip(animals, bouts, strict=True)], axis=-1)
        self.track = Track(time_s, np.empty((steps, n, 2)), np.empty((steps, n)), [{} for _ in animals], [])
        self.meals = [[(k, b.start_s) for k, b in enumerate(own) if b.behaviour == BROWSE] for own in bouts]
        self.length = 2.1 * np.array([b.trunk_m for b in animals])
        self.room = Room(animals, plants)
        self.now = self.speed[0].copy()  # [N] speeds
        self.way = np.cumsum(self.speed, axis=0) * STEP_S  # [T, N] metres gone by schedule
        self.goal: list[Plant | None] = [None] * n
        self.spin, self.drift = np.zeros(n), rng.normal(0, rules.wander, n)

    def run(self) -> Track:
        """Move everyone from the first to the last step."""
        place, heading = self.layout.place.copy(), self.layout.heading.copy()
        centre = place.mean(axis=0)
        for step, now in enumerate(self.track.time_s):
            self._eat(step, now, place, heading)
            self.track.place[step], self.track.heading[step] = place, heading
            self._pace(self.speed[step] * self._hurry(step, now, place), place, heading)
            turned = heading + self._turn(place, heading, self.now, centre)
            place, heading = self._go(place, heading, turned)
        return self.track

    def _eat(self, step: int, now: float, place: FloatArray, heading: FloatArray) -> None:
        """Meals that begin at this step; before, a plant within the way that is left is made the goal."""
        for i, meals in enumerate(self.meals):
            if not meals:
                continue
            number, start_s = meals[0]
            if now >= start_s - STEP_S / 2:
                trodden = np.vstack([self.track.place[:step:2].reshape(-1, 2), self._noses(place, heading, i)])
                meal = dine(self.animals[i], place[i], float(heading[i]), self.plants, trodden, self.rng)
                self.track.food[i][number] = meal.food
                self.goal[i] = None
                meals.pop(0)
                if meal.grown:
                    self.plants.append(meal.grown)
                    self.track.grown.append(meal.grown)
                    self.room.survey(self.plants)
            elif self.goal[i] is None and start_s - now < PLAN_S and step % 5 == 0:
                self.goal[i] = self._choose(i, place, self._left(i, step, start_s))

    def _noses(self, place: FloatArray, heading: FloatArray, but: int) -> FloatArray:
        """Bodies of all animals but one, as places ``[k, 2]``."""
        others = np.arange(len(place)) != but
        return np.asarray(self.room.circles(place, heading)[others].reshape(-1, 2))

    def _left(self, i: int, step: int, start_s: float) -> float:
        """Metres the schedule still lets an animal go before ``start_s``."""
        then = min(int(np.ceil(start_s / STEP_S)) + 6, len(self.way) - 1)
        return float(self.way[then, i] - self.way[step, i])

    def _choose(self, i: int, place: FloatArray, left_m: float) -> Plant | None:
        """The plant, if any, that the animal will just be at in time; who would be early chooses later."""
        build, best, nearest = self.animals[i], None, 1.2 * left_m
        for plant in self.plants:
            if plant in self.goal or not feeds_on(build, plant):
                continue
            gap = self._gap(i, place, plant)
            if max(0.3, 0.6 * left_m) < gap < nearest:
                best, nearest = plant, gap
        return best

    def _gap(self, i: int, place: FloatArray, plant: Plant) -> float:
        """How far an animal still has to go to browse on a plant, in metres."""
        return float(np.hypot(*(place[i] - [plant.x_m, plant.y_m]))) - stop_m(self.animals[i], plant)

    def _hurry(self, step: int, now: float, place: FloatArray) -> FloatArray:
        """Factor ``[N]`` on the scheduled speed, to be at one's plant in time; who is early goes on past it."""
        factor = np.ones(len(place))
        for i, plant in enumerate(self.goal):
            if plant is None:
                continue
            left, gap = self._left(i, step, self.meals[i][0][1]), self._gap(i, place, plant)
            if gap < 0.1 and left > EARLY_M:
                self.goal[i] = None
            else:
                factor[i] = np.clip(gap / max(left, 0.05), 0.0 if gap < 0.1 else 0.6, 1.3)
        return factor

    def _turn(self, place: FloatArray, heading: FloatArray, speed: FloatArray, centre: FloatArray) -> FloatArray:
        """Change of heading ``[N]`` in this step."""
        rules, n = self.rules, len(place)
        ahead = np.stack([np.cos(heading), np.sin(heading)], axis=-1)
        velocity = ahead * speed[:, None]
        self.drift += STEP_S * -self.drift / 4 + rules.wander * np.sqrt(STEP_S / 2) * self.rng.normal(size=n)
        straight = np.stack([np.cos(heading + self.drift), np.sin(heading + self.drift)], axis=-1)
        bound = self.layout.bound
        length = self.length
        home = homeward(place, centre, length, rules) * (1 - np.abs(bound).max(axis=1, keepdims=True).round())
        need = 0.42 * (length[:, None] + length[None]) + 0.2
        np.fill_diagonal(need, 0.0)
        aim = straight + social(place, ahead, speed, length, rules) + home + rules.travel * bound
        aim += foresight(place, velocity, place, velocity, need, rules)
        green, thick = self.room.green, self.room.thick
        wide = self._but_goals(np.where(thick > 0, thick + 0.3 * length[:, None], 0.0))
        aim += foresight(place, velocity, green, np.zeros_like(green), wide, rules)
        for i, plant in enumerate(self.goal):
            if plant is not None:
                aim[i] += 3.0 * unit(np.array([plant.x_m, plant.y_m]) - place[i])
        off = np.angle(np.exp(1j * (np.arctan2(aim[:, 1], aim[:, 0]) - heading)))
        limit = turn_rate(speed)
        self.spin += np.clip(np.clip(off / 0.6, -limit, limit) - self.spin, -4 * STEP_S, 4 * STEP_S) * 0.5
        self.spin = np.clip(self.spin, -limit, limit)
        return np.asarray(self.spin * STEP_S)

    def _but_goals(self, wide: FloatArray) -> FloatArray:
        """Room to keep from plants ``[N, M]``: none from the one an animal makes for."""
        for i, plant in enumerate(self.goal):
            if plant is not None:
                wide[i, self.plants.index(plant)] = 0.0
        return wide

    def _pace(self, wanted: FloatArray, place: FloatArray, heading: FloatArray) -> None:
        """Go over to the wanted speeds ``[N]``, or to what others in the way allow, no faster than animals can."""
        goes = np.minimum(wanted, self.room.may_go(place, heading, self.now))
        change = np.clip(goes - self.now, -LOSE_MPS2 * STEP_S, GAIN_MPS2 * STEP_S)
        self.now = np.where(wanted > 0, np.maximum(self.now + change, 0.0), 0.0)

    def _go(self, place: FloatArray, heading: FloatArray, turned: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Places ``[N, 2]`` and headings ``[N]`` one step on."""
        ahead = np.stack([np.cos(turned), np.sin(turned)], axis=-1)
        new = place + self.now[:, None] * STEP_S * ahead
        aside = np.maximum(0.4 * self.now, 0.25) * STEP_S
        place, heading, stops = self.room.give_way(place, heading, new, turned, aside, self.now > 0)
        self.now[stops] = 0.0
        return place, heading
