"""How many animals, and minutes of each, for ``compare`` to see a difference in a share of time.

Three things make animals' shares differ: the animals, their sessions, and the luck of the minutes in which they were
watched. All are taken from the record (``spread.py``). A study to come is then drawn: each animal in one condition and
in a session of its own, its true share from a beta distribution with that mean and variance, what is seen of it in the
given minutes with the variance of as many points (``power.py``). Its test is that of ``contrasts``: conditions
shuffled over the animals, none with fewer than it asks for, p under alpha by the number of behaviours, which is what a
behaviour needs that differs alone (Holm 1979; Benjamini and Hochberg's correction asks for no less of it). An animal
counts once, however long it is watched (Machlis, Dodd and Fentress 1985, Z Tierpsychol 68: 201-214): beyond some
minutes only more animals help.

Blocks are taken for independent, and both conditions for as variable as the record: a record of one herd in one week
promises too few animals. Only unbroken stretches of a block or more are in it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.contrasts.settings import ContrastSettings
from pipeline.ethology.ethogram import Kind
from pipeline.ethology.observers.line import Line, line
from pipeline.ethology.observers.power import shuffled_p, studies, t_power
from pipeline.ethology.observers.settings import DesignSettings
from pipeline.ethology.observers.spread import LEAST, Spread, spread_of
from pipeline.ethology.observers.tables import DESIGN
from pipeline.ethology.observers.windows import Clock
from pipeline.ethology.record import Record
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.ethology.sums import distinct_pairs
from pipeline.types import IntArray
from pipeline.words import plural

_FIGURES = ("share", "sd_between", "sd_sessions", "sd_within_min", "needed", "power", "needed_t")


def design(
    record: Record, settings: DesignSettings, statistics: StatisticsSettings, contrasts: ContrastSettings
) -> pd.DataFrame:
    """``tables.DESIGN``: for every state, difference and minutes of watching, the units that each condition needs.

    The second condition's share lies towards one half, where shares vary most. ``needed_t`` is the formula of the t
    test, which takes shares for normal: a check on the simulation, and where it asks for too many nothing is simulated.
    Units are named individuals, or sessions where nobody is named.
    """
    rows: list[dict[str, Any]] = []
    for of_set in record.ethogram.sets if len(record.rows) else ():
        if record.ethogram.kind(of_set) is Kind.state:
            watched = line(record, of_set)
            level, unit = _units(record)
            shares, place = _blocks(watched, unit, settings.block_s)
            session = pd.factorize(record.who.rows["session"])[0].astype(np.int64)
            tests = int((shares > 0).any(axis=0).sum())
            plan = _Plan(level, max(tests, 1), settings, statistics, contrasts)
            for k, name in enumerate(watched.names):
                head = {"set": of_set, "behaviour": name, "level": level}
                rows += [head | row for row in plan.rows(shares[:, k], unit[place], session[place])]
    return DESIGN.cast(pd.DataFrame(rows)) if rows else DESIGN.empty()


@dataclass(frozen=True)
class _Plan:
    """A study to come that compares so many behaviours (``tests``) of such units (``level``)."""

    level: str
    tests: int
    settings: DesignSettings
    statistics: StatisticsSettings
    contrasts: ContrastSettings

    @property
    def alpha(self) -> float:
        """What p has to be under."""
        return self.settings.alpha / self.tests

    def rows(self, shares: FloatArray, unit: IntArray, session: IntArray) -> list[dict[str, Any]]:
        """The rows of one behaviour, from the shares of blocks ``[b]`` and whose they are ``[b]``."""
        asked = [(difference, minutes) for difference in self.settings.differences for minutes in self.settings.minutes]
        cell = distinct_pairs(unit, session)[1]
        kept = np.bincount(cell)[cell] > 1
        shares, unit, session = shares[kept], unit[kept], session[kept]
        if (units := len(np.unique(unit))) < LEAST:
            what = f"two blocks of {self.settings.block_s:g} s or more in a session"
            told = dict.fromkeys(_FIGURES, np.nan) | {
                "units": units,
                "blocks": len(shares),
                "note": f"{units} {self.level}s with {what}, fewer than {LEAST}",
            }
            return [told | {"difference": d, "minutes": m} for d, m in asked]
        spread = spread_of(shares, unit, session, self.settings.block_s / 60)
        told = {
            "units": spread.units,
            "blocks": spread.blocks,
            "share": spread.share,
            "sd_between": np.sqrt(spread.between),
            "sd_sessions": np.sqrt(spread.sessions) if self.level == "individual" else np.nan,
            "sd_within_min": np.sqrt(spread.within),
        }
        return [told | {"difference": d, "minutes": m} | self._needed(spread, d, m) for d, m in asked]

    def _needed(self, spread: Spread, difference: float, minutes: float) -> dict[str, Any]:
        """``needed``, ``power``, ``needed_t`` and ``note`` for one difference and time of watching."""
        if spread.between == 0 and spread.within == 0:
            none = dict.fromkeys(("needed", "power", "needed_t"), np.nan)
            return {**none, "note": "the share does not vary in the record: nothing to plan from"}
        least = self.statistics.min_units
        most = max(self.settings.most_units, least)
        other = spread.share + (difference if spread.share < 0.5 else -difference)
        variance = spread.variance(minutes)
        power = cache(partial(self._power, spread, other, minutes))
        by_formula = _least(lambda n: t_power(difference, variance, n, self.alpha) >= self.settings.power, least, most)
        needed = by_formula and _least(lambda n: power(n) >= self.settings.power, least, most, by_formula)
        return {
            "needed": needed or np.nan,
            "power": power(needed) if needed else np.nan,
            "needed_t": by_formula or np.nan,
            "note": self._assumed(spread) if needed else f"more than {most} in each condition",
        }

    def _power(self, spread: Spread, share: float, minutes: float, units: int) -> float:
        """How often simulated studies of so many units in each condition see the difference."""
        size = units, self.settings.simulations
        first, second = studies(spread, share, minutes, size, self.settings.seed)
        p = shuffled_p(first, second, self.contrasts.permutations, self.statistics.seed)
        return float(np.mean(p < self.alpha))

    def _assumed(self, spread: Spread) -> str:
        """What the number needed rests on."""
        level = f"p under {self.settings.alpha:g} / {plural(self.tests, 'behaviour')}"
        words = [f"tested as compare= does, {level}, at least {self.statistics.min_units} in each condition"]
        if self.level == "individual":
            words += ["each individual in one condition and in a session of its own", _sessions(spread)]
        return "; ".join(words)


def _sessions(spread: Spread) -> str:
    """What of sessions is in the variance between individuals."""
    if spread.days < LEAST:
        return f"sessions taken for alike, as the record has {plural(spread.days, 'session')} only"
    return "sessions differ as in the record"


def _least(enough: Callable[[int], bool], least: int, most: int, near: int = 0) -> int:
    """The least number from ``least`` to ``most`` from which on it is ``enough``, probably ``near``; 0: there is none.

    Steps away from ``near`` grow until they hold it between them.
    """
    high = min(max(near or least, least), most)
    low, step = high, 1
    while not enough(high):
        if high == most:
            return 0
        low, high, step = high, min(high + step, most), 2 * step
    while low >= least and enough(low):
        low, high, step = max(low - step, least - 1), low, 2 * step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _units(record: Record) -> tuple[str, IntArray]:
    """``[P]`` whose place it is, -1 where nobody is named but others are; and what is counted."""
    rows = record.who.rows
    if (rows["individual"] != "").any():
        codes = pd.Categorical(rows["individual"], categories=sorted(set(rows["individual"]) - {""})).codes
        return "individual", codes.astype(np.int64)
    return "session", pd.factorize(rows["session"])[0].astype(np.int64)


def _blocks(watched: Line, unit: IntArray, block_s: float) -> tuple[FloatArray, IntArray]:
    """Shares ``[b, K]`` of the whole blocks of each span of a unit, and their places ``[b]``."""
    spans = watched.visible
    times = np.where(unit[spans.place] >= 0, (spans.stop_s - spans.start_s + 1e-6) // block_s, 0).astype(np.int64)
    span = np.repeat(np.arange(len(times)), times)
    within = np.arange(len(span)) - np.repeat(times.cumsum() - times, times)
    place, start = spans.place[span], spans.start_s[span] + within * block_s
    clock = Clock(watched)
    seconds = [clock.behaviour(k, place, start, start + block_s)[0] for k in range(len(watched.names))]
    return np.column_stack(seconds) / block_s, place
