"""How many animals, and minutes of each, to see a difference in a share of time between two conditions.

Two things make animals' shares differ: the animals, and the luck of the minutes in which they were watched. Both are
taken from the record. Unbroken visible time is cut into blocks; a one-way analysis of variance of the blocks' shares
gives the variance between units and that within (Sokal and Rohlf, "Biometry", on variance components with unequal
numbers). A study to come is then drawn: each unit's true share from a beta distribution with that mean and variance,
what is seen of it in the given minutes from a binomial of as many points as have that variance; a Welch t test compares
the units' shares. A unit counts once, however long it is watched (Machlis, Dodd and Fentress 1985, Z Tierpsychol 68:
201-214): beyond some minutes only more animals help.

Blocks are taken for independent, and both conditions for as variable as the record: a record of one herd in one week
promises too few animals. Only unbroken stretches of a block or more are in it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import nctdtr, stdtr, stdtrit

from pipeline.boxes import FloatArray
from pipeline.ethology.ethogram import Kind
from pipeline.ethology.observers.line import Line, line
from pipeline.ethology.observers.settings import DesignSettings
from pipeline.ethology.observers.tables import DESIGN
from pipeline.ethology.observers.windows import Clock
from pipeline.ethology.record import Record
from pipeline.types import BoolArray, IntArray

_LEAST = 3  # units, of two blocks or more each: with fewer a variance between them is a guess


@dataclass(frozen=True)
class Spread:
    """How much a share differs: ``within`` is the variance of a share seen for one minute around the unit's own."""

    share: float  # mean over units
    between: float  # variance of the units' true shares
    within: float
    units: int
    blocks: int

    def points(self, minutes: float) -> float:
        """The number of independent points that tell as much as so many minutes."""
        left = self.share * (1 - self.share) - self.between
        return max(left / self.within * minutes, 1.0) if self.within > 0 else float("inf")

    def variance(self, minutes: float) -> float:
        """Of a unit's observed share."""
        return self.between + self.within / minutes


def design(record: Record, settings: DesignSettings) -> pd.DataFrame:
    """``tables.DESIGN``: for every state, difference and minutes of watching, the units that each condition needs.

    The second condition's share lies towards one half, where shares vary most. ``needed_t`` is the formula of the t
    test, a check on the simulation; it takes shares for normal. Units are named individuals, or sessions where nobody
    is named.
    """
    blocks: list[dict[str, Any]] = []
    for of_set in record.ethogram.sets if len(record.rows) else ():
        if record.ethogram.kind(of_set) is Kind.state:
            watched = line(record, of_set)
            level, unit = _units(record)
            shares, whose = _blocks(watched, unit, settings.block_s)
            for k, name in enumerate(watched.names):
                head = {"set": of_set, "behaviour": name, "level": level}
                blocks += [head | row for row in _of(shares[:, k], whose, level, settings)]
    return DESIGN.cast(pd.DataFrame(blocks)) if blocks else DESIGN.empty()


def spread_of(shares: FloatArray, unit: IntArray, block_min: float) -> Spread:
    """Variances from the shares of blocks ``[b]`` of ``block_min`` minutes each; ``unit [b]`` says whose they are."""
    _, at, count = np.unique(unit, return_inverse=True, return_counts=True)
    mean = np.bincount(at, weights=shares) / count
    units, blocks = len(count), len(shares)
    within = float(np.sum((shares - mean[at]) ** 2) / max(blocks - units, 1))
    grand = float(shares.mean())
    among = float(np.sum(count * (mean - grand) ** 2) / max(units - 1, 1))
    size = (blocks - np.sum(count**2) / blocks) / max(units - 1, 1)
    return Spread(float(mean.mean()), max((among - within) / size, 0.0), within * block_min, units, blocks)


def t_power(difference: float, variance: float, units: int, alpha: float) -> float:
    """Power of the two-sided t test of ``units`` in each of two conditions of that variance (noncentral t)."""
    if variance <= 0:
        return 1.0
    freedom = 2 * units - 2
    beyond = stdtrit(freedom, 1 - alpha / 2)
    shift = difference / np.sqrt(2 * variance / units)
    below, other = (nctdtr(freedom, shift, at) if shift < far else 0.0 for at, far in ((beyond, 35), (-beyond, 7)))
    return float(1 - below + other)  # farther, nctdtr fails and both parts are under 1e-9


def simulated_power(spread: Spread, share: float, minutes: float, most: int, settings: DesignSettings) -> FloatArray:
    """``[most - 1]`` power with 2, 3 ... ``most`` units a condition: ``spread.share`` against ``share``."""
    rng = np.random.default_rng(settings.seed)
    size = (settings.simulations, most)
    points = spread.points(minutes)
    first, second = (_drawn(rng, mean, spread.between, points, size) for mean in (spread.share, share))
    number = np.arange(1, most + 1)
    means, variances = zip(*(_running(values, number) for values in (first, second)), strict=True)
    error = (variances[0] + variances[1]) / number
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(means[0] - means[1]) / np.sqrt(error)
        freedom = error**2 / ((variances[0] ** 2 + variances[1] ** 2) / (number**2 * (number - 1)))
        p = 2 * stdtr(freedom, -t)
    found: FloatArray = np.mean(np.where(error > 0, p < settings.alpha, means[0] != means[1]), axis=0)[1:]
    return found


def _of(shares: FloatArray, unit: IntArray, level: str, settings: DesignSettings) -> list[dict[str, Any]]:
    """The rows of one behaviour."""
    several = np.unique(unit[np.isin(unit, np.flatnonzero(np.bincount(unit) > 1))]) if len(unit) else unit
    kept = np.isin(unit, several)
    shares, unit = shares[kept], unit[kept]
    if len(several) < _LEAST:
        note = f"{len(several)} {level}s with two blocks of {settings.block_s:g} s or more, fewer than {_LEAST}"
        none = dict.fromkeys(("share", "sd_between", "sd_within_min", "needed", "power", "needed_t"), np.nan)
        told = {"units": len(several), "blocks": len(shares), "note": note, **none}
        return [told | {"difference": d, "minutes": m} for d in settings.differences for m in settings.minutes]
    spread = spread_of(shares, unit, settings.block_s / 60)
    told = {
        "units": spread.units,
        "blocks": spread.blocks,
        "share": spread.share,
        "sd_between": np.sqrt(spread.between),
        "sd_within_min": np.sqrt(spread.within),
    }
    return [
        told | {"difference": difference, "minutes": minutes} | _needed(spread, difference, minutes, settings)
        for difference in settings.differences
        for minutes in settings.minutes
    ]


def _needed(spread: Spread, difference: float, minutes: float, settings: DesignSettings) -> dict[str, Any]:
    """``needed``, ``power``, ``needed_t`` and ``note`` for one difference and time of watching."""
    other = spread.share + (difference if spread.share < 0.5 else -difference)
    if spread.between == 0 and spread.within == 0:
        none = dict.fromkeys(("needed", "power", "needed_t"), np.nan)
        return {**none, "note": "the share does not vary in the record: nothing to plan from"}
    by_formula = [
        t_power(difference, spread.variance(minutes), n, settings.alpha) for n in range(2, settings.most_units + 1)
    ]
    needed_t = _first(np.array(by_formula) >= settings.power)
    some = settings.most_units if np.isnan(needed_t) else min(settings.most_units, 20 + 2 * int(needed_t))
    for most in sorted({some, settings.most_units}):  # far more than the formula asks for are rarely needed
        power = simulated_power(spread, other, minutes, most, settings)
        needed = _first(power >= settings.power)
        if reached := bool(np.isfinite(needed)):
            break
    note = "beta-binomial shares, Welch t test" if reached else f"more than {settings.most_units} in each condition"
    at = power[int(needed) - 2] if reached else np.nan
    return {"needed": needed, "power": at, "needed_t": needed_t, "note": note}


def _first(enough: BoolArray) -> float:
    """The least of 2, 3 ... units from which on it is always enough; NaN where there is none."""
    short = np.flatnonzero(~enough)
    start = int(short[-1]) + 1 if len(short) else 0
    return float(start + 2) if start < len(enough) else float("nan")


def _units(record: Record) -> tuple[str, IntArray]:
    """``[P]`` whose place it is, -1 where nobody is named but others are; and what is counted."""
    rows = record.who.rows
    if (rows["individual"] != "").any():
        codes = pd.Categorical(rows["individual"], categories=sorted(set(rows["individual"]) - {""})).codes
        return "individual", codes.astype(np.int64)
    return "session", pd.factorize(rows["session"])[0].astype(np.int64)


def _blocks(watched: Line, unit: IntArray, block_s: float) -> tuple[FloatArray, IntArray]:
    """Shares ``[b, K]`` of the whole blocks of each span, and whose they are ``[b]``."""
    spans = watched.visible
    times = np.where(unit[spans.place] >= 0, (spans.stop_s - spans.start_s + 1e-6) // block_s, 0).astype(np.int64)
    span = np.repeat(np.arange(len(times)), times)
    within = np.arange(len(span)) - np.repeat(times.cumsum() - times, times)
    place, start = spans.place[span], spans.start_s[span] + within * block_s
    clock = Clock(watched)
    seconds = [clock.behaviour(k, place, start, start + block_s)[0] for k in range(len(watched.names))]
    return np.column_stack(seconds) / block_s, unit[place]


def _drawn(rng: np.random.Generator, mean: float, between: float, points: float, size: tuple[int, int]) -> FloatArray:
    """Observed shares of units; a variance that no beta distribution of that mean has is cut to nearly its most."""
    between = min(between, 0.99 * mean * (1 - mean))
    true = np.full(size, mean)
    if between > 0:
        total = mean * (1 - mean) / between - 1
        true = rng.beta(mean * total, (1 - mean) * total, size)
    if not np.isfinite(points):
        return true
    number = max(round(points), 1)
    return rng.binomial(number, true) / number


def _running(values: FloatArray, number: IntArray) -> tuple[FloatArray, FloatArray]:
    """Mean and variance of the first 1, 2 ... values of each row."""
    mean = values.cumsum(axis=1) / number
    squares = (values**2).cumsum(axis=1) - number * mean**2
    return mean, np.maximum(squares, 0.0) / np.maximum(number - 1, 1)
