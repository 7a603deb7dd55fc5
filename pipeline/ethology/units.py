"""The units that budgets and transitions are given for, and what stands beside every figure of theirs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.limited import Limited, clusters_of, limited
from pipeline.ethology.limits import Scale, highest, too_few
from pipeline.ethology.shares import Cells, MeanOfAnimals, Pooled
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.ethology.sums import distinct_pairs, long_enough, summed
from pipeline.ethology.tally import ALL, Tally
from pipeline.types import BoolArray, IntArray
from pipeline.words import plural

TRACK = "track"
_FRAGMENT = "no interval: a track is a fragment, not a replicate"
_KEYS: dict[str, list[str]] = {
    "species": ["species"],
    "session": ["session", "species"],
    "individual": ["individual"],
    "track": ["subject", "session"],
}


def levels(whole: Tally) -> tuple[str, ...]:
    """From the whole to its parts: what the study asked for (``by``) lies between the species and the sessions."""
    return ("pooled", "species", *whole.by, "session", "individual", TRACK)


@dataclass(frozen=True)
class Unit:
    """One animal, session, species or everything: ``rows`` are its rows of the tally."""

    level: str
    name: str
    session: str
    species: str
    rows: IntArray
    most_at_once: int

    @property
    def labels(self) -> dict[str, str]:
        """The columns that say which unit a row is about."""
        return {"level": self.level, "unit": self.name, "session": self.session, "species": self.species}


def units(whole: Tally, levels: Sequence[str]) -> Iterator[Unit]:
    """The units of each level in turn, by name. Only a name makes an individual; a track is a fragment.

    What a column of the user's leaves empty belongs to no unit of its level.
    """
    rows = whole.rows.assign(subject=whole.rows["video"] + "#" + whole.rows["track"].astype("str"))
    session, species = rows["session"].to_numpy(dtype=object), rows["species"].to_numpy(dtype=object)
    for level in levels:
        if level == "pooled":
            at_once = _most(whole.most, "session", "", ALL)
            yield Unit(level, ALL, "", ALL, np.arange(len(rows), dtype=np.int64), at_once)
            continue
        keys = _KEYS.get(level, [level, "species"])
        of_level = rows[rows[keys[0]] != ""] if level == "individual" or level in whole.by else rows
        for key, at in sorted(of_level.groupby(keys).indices.items()):
            places = of_level.index.to_numpy(dtype=np.int64)[at]
            name = str(key[0] if isinstance(key, tuple) else key)
            visit = str(session[places[0]]) if level in ("session", "track") else ""
            kind = str(species[places[0]])
            alone = level in ("individual", "track")
            of = ("session", visit) if level in ("session", "species") else (level, name)
            at_once = 1 if alone else _most(whole.most, *of, kind)
            yield Unit(level, name, visit, kind, places, at_once)


def _most(most: pd.DataFrame, level: str, name: str, species: str) -> int:
    """Most animals seen in one frame, in one unit of a level or (``""``) in any."""
    mine = most[(most["level"] == level) & (most["species"] == species) & ((most["name"] == name) | (name == ""))]
    return int(mine["most"].max()) if len(mine) else 0


@dataclass(frozen=True)
class Draws:
    """Bootstrap samples of a unit. A leaf is a named animal in a session, or all that nobody named there."""

    leaf: IntArray  # [unit's rows] number of the leaf, -1 where nothing is behind the figure
    weights: FloatArray  # [resamples, leaves] how often each counts; no resamples where there are too few units
    units: int  # highest independent units
    method: str  # how limits are made, or why there are none


class Cluster:
    """Who is behind a unit's figures: counted, and told apart for their limits.

    ``session``, ``individual`` (0: not named) and ``animal`` are numbers ``[rows]`` of the tally's rows.
    """

    def __init__(self, whole: Tally, settings: StatisticsSettings) -> None:
        rows = whole.rows
        self.session = np.asarray(pd.Categorical(rows["session"]).codes, dtype=np.int64)
        self.individual = _named_from_1(rows["individual"])
        self.animal = rows.groupby(["video", "track"]).ngroup().to_numpy(dtype=np.int64)
        self.settings = settings

    def counts(self, unit: Unit, behind: FloatArray) -> dict[str, int]:
        """How many named individuals, sessions and tracks have something ``behind [unit's rows]`` the figure."""
        rows = unit.rows[behind > 0]
        individuals = np.unique(self.individual[rows])
        return {
            "n_individuals": int((individuals > 0).sum()),
            "n_sessions": len(np.unique(self.session[rows])),
            "n_tracks": len(np.unique(self.animal[rows])),
            "most_at_once": unit.most_at_once,
        }

    def seen(self, unit: Unit, parts: FloatArray) -> IntArray:
        """How many named animals, and tracks of others, have some of each of ``parts [unit's rows, K]``: ``[K]``."""
        named = self.individual[unit.rows]
        _, place = np.unique(np.where(named > 0, named, -1 - self.animal[unit.rows]), return_inverse=True)
        shown: IntArray = (summed(parts, place, place.max(initial=-1) + 1) > 0).sum(axis=0)
        return shown

    def pooled(self, unit: Unit, parts: FloatArray, behind: FloatArray, scale: Scale = Scale.share) -> Limited:
        """The share (or rate) of all ``parts [unit's rows, K]`` in all that is ``behind [unit's rows]``, with limits.

        No limits (NaN) where fewer than ``min_units`` of the highest independent units have something behind the
        figure: sessions, or animals that are seen in many; within one session its named animals.
        """
        if not (behind > 0).any():
            return Limited.points(np.full(parts.shape[1], np.nan), "no visible time")
        cells = self._cells(unit, parts, behind)
        if unit.level == TRACK:
            return Limited.points(Pooled()(cells), _FRAGMENT)
        return limited(Pooled(), cells, self.settings, unit.level == "session", scale)

    def mean(self, unit: Unit, parts: FloatArray, behind: FloatArray) -> Limited:
        """The mean over animals of each one's share, with limits as of ``pooled``.

        The animals are the named ones of the unit that have ``min_visible_s`` or more behind their shares.
        """
        kept, who, number = self._watched(unit, behind), self.individual[unit.rows], self.averaged(unit, behind)
        brief = len(np.unique(who[(who > 0) & (behind > 0)])) - number
        less = f", {brief} recognized for under {self.settings.min_visible_s:g} s left out" if brief else ""
        if number < 2:
            return Limited.points(np.full(parts.shape[1], np.nan), f"{plural(number, 'named animal')}{less}: no mean")
        cells = self._cells(unit, parts, np.where(kept, behind, 0.0))
        found = limited(MeanOfAnimals(), cells, self.settings, unit.level == "session")
        return replace(found, method=f"mean of {number} animals{less}; {found.method}")

    def averaged(self, unit: Unit, behind: FloatArray) -> int:
        """Of how many animals ``mean`` is, if of two or more."""
        return len(np.unique(self.individual[unit.rows][self._watched(unit, behind)]))

    def mean_bounds(
        self, unit: Unit, parts: FloatArray, behind: FloatArray, beside: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """What ``mean`` could be, of the same animals, if none and if all of ``beside [unit's rows]`` was spent so."""
        whole = np.where(self._watched(unit, behind), behind + beside, 0.0)
        low, high = (MeanOfAnimals()(self._cells(unit, some, whole)) for some in (parts, parts + beside[:, None]))
        return low, high

    def draws(self, unit: Unit, behind: FloatArray) -> Draws:
        """Bootstrap samples of what stands ``behind [unit's rows]`` a figure; none where there are too few units.

        The clusters that limits of shares rest on are drawn whole; of crossed kinds each by itself (the pigeonhole
        bootstrap: Owen 2007, Ann Appl Stat 1: 386-411).
        """
        leaf, none = np.full(len(behind), -1, dtype=np.int64), np.zeros((0, 0))
        if not (behind > 0).any():
            return Draws(leaf, none, 0, "no visible time")
        if unit.level == TRACK:
            return Draws(leaf, none, 0, _FRAGMENT)
        cells, place = self._placed(unit, behind)
        clusters, counted = clusters_of(cells[:, 0], cells[:, 1], unit.level == "session")
        units, what = highest(counted)
        if few := too_few(counted, self.settings.min_units):
            return Draws(leaf, none, units, f"no interval: {few}")
        leaf[behind > 0] = place
        weights = clusters.drawn(self.settings.resamples, self.settings.seed)
        method = f"{100 * self.settings.confidence:g} % cluster bootstrap over {what}"
        return Draws(leaf, weights, units, method)

    def _watched(self, unit: Unit, behind: FloatArray) -> BoolArray:
        """``[unit's rows]`` of named animals that have ``min_visible_s`` or more behind their share of the unit."""
        return long_enough(self.individual[unit.rows], behind, self.settings.min_visible_s)

    def _placed(self, unit: Unit, behind: FloatArray) -> tuple[IntArray, IntArray]:
        """Session and animal of the cells ``[C, 2]`` behind a figure, and the cell of each row that has something.

        The unnamed animals of a session are one cell, with a number < 0.
        """
        rows = unit.rows[behind > 0]
        animal = np.where(self.individual[rows] > 0, self.individual[rows], -1 - self.session[rows])
        return distinct_pairs(self.session[rows], animal)

    def _cells(self, unit: Unit, parts: FloatArray, behind: FloatArray) -> Cells:
        cells, place = self._placed(unit, behind)
        sums = [summed(values[behind > 0], place, len(cells)) for values in (parts, behind)]
        return Cells(cells[:, 0], cells[:, 1], *sums)


def _named_from_1(individual: pd.Series) -> IntArray:
    """A number for every name, 0 for ``""``."""
    names = sorted(set(individual) - {""})
    return np.asarray(pd.Categorical(individual, categories=names).codes, dtype=np.int64) + 1


def stacked(blocks: Sequence[dict[str, Any]], column: str) -> pd.DataFrame:
    """Blocks of rows one below the other; scalars of a block are repeated to the length of its ``column``."""
    if not blocks:
        return pd.DataFrame()
    sizes = np.array([len(block[column]) for block in blocks])
    table: dict[str, Any] = {}
    for name, first in blocks[0].items():
        if np.ndim(first) == 0:
            table[name] = np.repeat(np.array([block[name] for block in blocks], dtype=object), sizes)
        else:
            table[name] = np.concatenate([np.asarray(block[name]) for block in blocks])
    return pd.DataFrame(table)
