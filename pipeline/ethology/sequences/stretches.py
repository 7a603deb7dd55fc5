"""Unbroken stretches of recognized states in a bouts table: what sequences are read from.

A stretch ends where the record ends or has a hole, where the subject, session or a column of interest changes, and
where the animal was ``unknown`` or ``not visible``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.errors import TableError, UsageError
from pipeline.ethology.ethogram import RESERVED, Ethogram, Kind
from pipeline.ethology.handwritten import rows_that
from pipeline.ethology.record import faults_in_time
from pipeline.ethology.sums import distinct_pairs
from pipeline.ethology.tally import ALL
from pipeline.tables import BOUTS
from pipeline.timebase import CLOSE_S
from pipeline.types import BoolArray, IntArray

_RECORD = ("video", "track", "set")
_LAST = ("stop_s", "stop_frame", "censored_stop")
_NUMBERS = ("n_individuals", "n_sessions", "n_tracks")  # of Stretches.units


@dataclass(frozen=True)
class Stretches:
    """``m`` bouts of one set of states, by stretch and time. Touching rows of one behaviour are one bout.

    ::

        rows       A B B ? C | A          | a hole in the record
        bouts      A B     C   A
        stretch    0 0     1   2
    """

    bouts: pd.DataFrame  # [m] tables.BOUTS and the columns that came with it
    code: IntArray  # [m] number of the behaviour in names
    stretch: IntArray  # [m] from 0, never falls
    names: tuple[str, ...]  # [K] the behaviours of the set
    units: IntArray  # [m, 3] numbers of the named individual (-1: nobody named it), session and track

    def __len__(self) -> int:
        return len(self.code)

    def part(self, kept: BoolArray) -> "Stretches":
        """Only the bouts ``kept [m]``, which are whole stretches."""
        stretch = np.unique(self.stretch[kept], return_inverse=True)[1].reshape(-1).astype(np.int64)
        rows = self.bouts[kept].reset_index(drop=True)
        return Stretches(rows, self.code[kept], stretch, self.names, self.units[kept])

    def behind(self, rows: IntArray | BoolArray) -> dict[str, int]:
        """How many named individuals, sessions and tracks are behind a figure that rests on these bouts."""
        whole = np.zeros(len(self.units[rows]), dtype=np.int64)
        return {name: int(number[0]) for name, number in self.behind_each(rows, whole, 1).items()}

    def behind_each(self, rows: IntArray | BoolArray, figure: IntArray, figures: int) -> dict[str, IntArray]:
        """The same ``[figures]`` of several at once; ``figure`` is the one that each of the rows is behind, from 0."""
        numbers = {}
        for name, unit in zip(_NUMBERS, self.units[rows].T, strict=True):
            named = unit >= 0
            pair, _ = distinct_pairs(figure[named], unit[named])
            numbers[name] = np.bincount(pair[:, 0], minlength=figures).astype(np.int64)
        return numbers


def state_sets(ethogram: Ethogram) -> list[str]:
    """The sets that hold states: events have no sequence of their own here."""
    return [of_set for of_set in ethogram.sets if ethogram.kind(of_set) is Kind.state]


def stretches(bouts: pd.DataFrame, ethogram: Ethogram, of_set: str, breaks: Sequence[str] = ()) -> Stretches:
    """The stretches of one set of states; ``breaks`` are further columns whose change ends one.

    ``TableError`` gives all faults of the table at once: bouts that end before they start, overlap another of their
    track and set, or name a behaviour that the ethogram's set does not have.
    """
    if lost := [name for name in breaks if name not in bouts]:
        there = ", ".join(map(str, bouts.columns))
        raise UsageError(f"the bouts table has no column {', '.join(lost)}; it has {there}")
    names = ethogram.names(of_set)
    rows = in_order(bouts, of_set, names)
    code = pd.Categorical(rows["behaviour"], categories=list(names)).codes.astype(np.int64)
    known = code >= 0
    broken = _changes(rows, [*_RECORD, "session", "subject"])
    broken[1:] |= rows["start_s"].to_numpy()[1:] > rows["stop_s"].to_numpy()[:-1] + 2 * CLOSE_S
    broken[1:] |= ~known[:-1]
    rows = _cut(rows, code, _changes(rows, breaks) & ~broken)
    broken |= _changes(rows, breaks)
    starts = broken.copy()
    starts[1:] |= code[1:] != code[:-1]
    kept = starts & known
    merged = _merged(rows, starts)[kept].reset_index(drop=True)
    stretch = np.unique(np.cumsum(broken)[kept], return_inverse=True)[1].reshape(-1).astype(np.int64)
    return Stretches(merged, code[kept], stretch, names, who(merged))


def in_order(bouts: pd.DataFrame, of_set: str, names: Sequence[str]) -> pd.DataFrame:
    """The rows of a set by video, track and start, checked; columns that came with the table are kept.

    ``TableError`` as of ``stretches``.
    """
    extra = [name for name in bouts.columns if name not in BOUTS.names]
    rows = BOUTS.cast(bouts).assign(**{str(name): bouts[name].to_numpy() for name in extra})
    faults = faults_in_time(rows)
    mine = rows["set"] == of_set
    faults += rows_that(
        f"name a behaviour that the set {of_set!r} does not have", mine & ~rows["behaviour"].isin([*names, *RESERVED])
    )
    if faults:
        raise TableError(f"bouts: {'; '.join(faults)}")
    return rows[mine].sort_values([*_RECORD, "start_s", "stop_s"], kind="stable").reset_index(drop=True)


def _changes(rows: pd.DataFrame, columns: Sequence[str]) -> BoolArray:
    """``[rows]`` True where any of the columns differs from the row before; the first row does."""
    changed = np.ones(len(rows), dtype=bool)
    changed[1:] = False
    for name in columns:
        codes = pd.factorize(rows[name])[0]
        changed[1:] |= codes[1:] != codes[:-1]
    return changed


def _cut(rows: pd.DataFrame, code: IntArray, at: BoolArray) -> pd.DataFrame:
    """Bouts that go on across a place ``at`` which a column of interest changes are cut there."""
    goes_on = np.zeros(len(rows), dtype=bool)
    goes_on[1:] = at[1:] & (code[1:] == code[:-1])
    stops = np.append(goes_on[1:], False)[: len(rows)]
    return rows.assign(censored_start=rows["censored_start"] | goes_on, censored_stop=rows["censored_stop"] | stops)


def _merged(rows: pd.DataFrame, starts: BoolArray) -> pd.DataFrame:
    """Rows whose bout starts there say how it ends; index as ``rows``."""
    first = np.flatnonzero(starts)
    last = np.append(first[1:], len(rows))[: len(first)] - 1
    merged = rows.copy()
    for name in _LAST:
        merged.loc[merged.index[first], name] = rows[name].to_numpy()[last]
    return merged.assign(duration_s=merged["stop_s"] - merged["start_s"])


def groups(bouts: pd.DataFrame, ethogram: Ethogram, by: Sequence[str]) -> Iterator[tuple[dict[str, str], Stretches]]:
    """The stretches of each set of states: ``pooled``, then of each value of each column ``by``, species by species.

    Stretches are broken where the column of their own level, or the species, changes, so that those of others stay what
    they are. Of rows of which a column says nothing there is no unit. First comes what the tables say of whose they
    are.
    """
    for of_set in state_sets(ethogram):
        whole = stretches(bouts, ethogram, of_set)
        if len(whole):
            yield {"level": "pooled", "unit": ALL, "species": ALL, "set": of_set}, whole
        for name in by:
            found = stretches(bouts, ethogram, of_set, [name, "species"])
            unit, species = (as_words(found.bouts[column]).to_numpy(dtype=object) for column in (name, "species"))
            for value, kind in sorted({*zip(unit, species, strict=True)} - {("", kind) for kind in species}):
                head = {"level": name, "unit": value, "species": kind, "set": of_set}
                yield head, found.part((unit == value) & (species == kind))


def as_words(column: pd.Series) -> pd.Series:
    """A column as text; ``""`` where nothing is told."""
    return column.astype("object").where(column.notna(), "").astype("str")


def cells_of(units: IntArray) -> tuple[IntArray, IntArray]:
    """Session and animal ``[C, 2]`` of the cells that limits rest on (``shares.Cells``), and the cell of each row of
    ``units [rows, 3]``, as of ``Stretches.units``.
    """
    animal = np.where(units[:, 0] >= 0, units[:, 0] + 1, -1 - units[:, 1])
    return distinct_pairs(units[:, 1], animal)


def _named(bouts: pd.DataFrame) -> BoolArray:
    """``[rows]`` True where somebody named the animal: its subject is not ``<video>#<track>``."""
    known: BoolArray = (bouts["subject"] != bouts["video"] + "#" + bouts["track"].astype("str")).to_numpy(dtype=bool)
    return known


def who(bouts: pd.DataFrame) -> IntArray:
    """``[rows, 3]`` numbers of the named individual (-1: nobody named it), session and track of each row."""
    individual = np.where(_named(bouts), pd.factorize(bouts["subject"])[0], -1)
    track = bouts.groupby(["video", "track"]).ngroup().to_numpy()
    return np.column_stack([individual, pd.factorize(bouts["session"])[0], track]).astype(np.int64)
