"""The units that budgets and transitions are given for, and what stands beside every figure of theirs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.statistics import StatisticsSettings, ratio_limits, resampled
from pipeline.ethology.tally import ALL, Tally
from pipeline.types import IntArray

LEVELS = ("pooled", "species", "session", "individual", "track")  # from the whole to its parts
_KEYS: dict[str, list[str]] = {
    "species": ["species"],
    "session": ["session", "species"],
    "individual": ["individual"],
    "track": ["subject", "session"],
}


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
    """The units of each level in turn, by name. Only a name makes an individual; a track is a fragment."""
    rows, most = whole.rows.assign(subject=whole.rows["video"] + "#" + whole.rows["track"].astype("str")), whole.most
    session, species = rows["session"].to_numpy(dtype=object), rows["species"].to_numpy(dtype=object)
    for level in levels:
        if level == "pooled":
            yield Unit(level, ALL, "", ALL, np.arange(len(rows), dtype=np.int64), _most(most, "", ALL))
            continue
        of_level = rows[rows["individual"] != ""] if level == "individual" else rows
        for key, at in sorted(of_level.groupby(_KEYS[level]).indices.items()):
            places = of_level.index.to_numpy(dtype=np.int64)[at]
            visit = str(session[places[0]]) if level in ("session", "track") else ""
            kind = str(species[places[0]])
            at_once = 1 if level in ("individual", "track") else _most(most, visit, kind)
            yield Unit(level, str(key[0] if isinstance(key, tuple) else key), visit, kind, places, at_once)


def _most(most: pd.DataFrame, session: str, species: str) -> int:
    """Most animals seen in one frame, in one session or (``""``) in any."""
    mine = most[(most["species"] == species) & ((most["session"] == session) | (session == ""))]
    return int(mine["most"].max()) if len(mine) else 0


@dataclass(frozen=True)
class Draws:
    """Bootstrap samples of a unit. A leaf is a named animal in a session, or all that nobody named there."""

    leaf: IntArray  # [unit's rows] number of the leaf, -1 where nothing is behind the figure
    weights: FloatArray  # [resamples, leaves] how often each counts; no resamples where there are too few units
    units: int  # highest independent units
    method: str  # how limits are made, or why there are none


class Cluster:
    """Who is behind a unit's figures: counted, and resampled for their limits.

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

    def limits(self, unit: Unit, parts: FloatArray, behind: FloatArray) -> tuple[FloatArray, FloatArray, str]:
        """Limits ``[K]`` of ``parts [unit's rows, K]`` over ``behind [unit's rows]``, and how they were made.

        No limits (NaN) where fewer than ``min_units`` of the highest independent units have something behind the
        figure: sessions; within one session its named animals.
        """
        draws = self.draws(unit, behind)
        if len(draws.weights) == 0:
            none = np.full(parts.shape[1], np.nan)
            return none, none, draws.method
        held, leaves = draws.leaf >= 0, draws.weights.shape[1]
        low, high = ratio_limits(
            _by_leaf(parts[held], draws.leaf[held], leaves),
            _by_leaf(behind[held], draws.leaf[held], leaves),
            draws.weights,
            draws.units,
            self.settings.confidence,
        )
        return low, high, draws.method

    def draws(self, unit: Unit, behind: FloatArray) -> Draws:
        """Bootstrap samples of what stands ``behind [unit's rows]`` a figure; none where there are too few units."""
        leaf, none = np.full(len(behind), -1, dtype=np.int64), np.zeros((0, 0))
        rows = unit.rows[behind > 0]
        if len(rows) == 0:
            return Draws(leaf, none, 0, "no visible time")
        if unit.level == "track":
            return Draws(leaf, none, 0, "points only: a track is a fragment, not a replicate")
        session, individual = self.session[rows], self.individual[rows]
        within = unit.level == "session"
        top = len(np.unique(individual[individual > 0])) if within else len(np.unique(session))
        what = counted(top, "named animal" if within else "session")
        if top < self.settings.min_units:
            return Draws(leaf, none, top, f"points only: {what}, fewer than {self.settings.min_units}")
        leaves, place = np.unique(np.column_stack([session, individual]), axis=0, return_inverse=True)
        leaf[behind > 0] = place.reshape(-1)
        weights = resampled(leaves[:, 0], leaves[:, 1] > 0, self.settings)
        nested = ", named animals resampled within" if not within and (leaves[:, 1] > 0).any() else ""
        method = f"{100 * self.settings.confidence:g} % cluster bootstrap over {what}{nested}"
        return Draws(leaf, weights, top, method)


def _named_from_1(individual: pd.Series) -> IntArray:
    """A number for every name, 0 for ``""``."""
    names = sorted(set(individual) - {""})
    return np.asarray(pd.Categorical(individual, categories=names).codes, dtype=np.int64) + 1


def _by_leaf(values: FloatArray, place: IntArray, leaves: int) -> FloatArray:
    sums = np.zeros((leaves, *values.shape[1:]))
    np.add.at(sums, place.reshape(-1), values)
    return sums


def counted(number: int, what: str) -> str:
    """``1 session``, ``3 sessions``."""
    return f"{number} {what}" + "s" * int(number != 1)


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
