"""Animals in the same behaviour at the same time, as seen and with every track's record turned around in time.

A control turns every record around by a random time, each by its own (circular shift): budgets, bouts and their order
stay, only who does what *at the same time* is broken.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.boxes import FloatArray
from pipeline.ethology.ethogram import Ethogram, Kind
from pipeline.ethology.society.scene import Placed
from pipeline.ethology.society.settings import SocietySettings
from pipeline.ethology.tally import ALL


@dataclass(frozen=True)
class Sums:
    """What one video adds, of one session, species and set of ``K`` behaviours; row 0 as seen, then ``S`` controls.

    Columns: pairs in the same behaviour; animals in the commonest behaviour; pairs that are both in each behaviour.
    """

    video: str
    session: str
    species: str
    set: str
    behaviours: tuple[str, ...]
    above: FloatArray  # [1 + S, 2 + K] summed over instants
    below: FloatArray  # [1 + S, 2 + K] pairs of coded animals; in the second column, animals where there are several
    n_tracks: int
    n_instants: int  # with two coded animals or more


@dataclass(frozen=True)
class _Record:
    """One track's record of n instants; 0 where it was not coded."""

    span: slice  # of instants
    twice: NDArray[np.unsignedinteger]  # [K, 2 n] 1 in its behaviour; twice one behind the other

    def turned(self, by: int) -> NDArray[np.unsignedinteger]:
        """The record ``[K, n]`` begun ``by`` instants later, what is cut off put at its end."""
        return self.twice[:, by : by + len(self)]

    def __len__(self) -> int:
        return int(self.span.stop - self.span.start)


def coded(placed: Placed, behaviours: pd.DataFrame, names: Sequence[str], of_set: str) -> pd.DataFrame:
    """The animals at the instants at which they are in one of the behaviours of a set (tables.BEHAVIOURS)."""
    own = behaviours[(behaviours["set"] == of_set) & behaviours["behaviour"].isin(names)]
    return placed.animals.merge(own[["track", "frame", "behaviour"]], on=["track", "frame"], how="inner")


def synchrony_sums(
    placed: Placed, behaviours: pd.DataFrame, ethogram: Ethogram, settings: SocietySettings, rng: np.random.Generator
) -> list[Sums]:
    """What one video adds. Tracks recognized for less than ``min_record_s`` in a session do not count."""
    found = []
    for of_set in (name for name in ethogram.sets if ethogram.kind(name) is Kind.state):
        names = ethogram.names(of_set)
        rows = coded(placed, behaviours, names, of_set)
        lasts = rows.groupby(["session", "track"])["lasts_s"].transform("sum")
        for session, kinds, own in _by_species(rows[lasts >= settings.min_record_s - 1e-9]):
            sums = _summed(list(_records(own, names)), settings.shifts, rng)
            found += [Sums(placed.video, session, species, of_set, names, *sums) for species in kinds]
    return found


def _by_species(rows: pd.DataFrame) -> Iterator[tuple[str, list[str], pd.DataFrame]]:
    """The rows of every session: of all species together, and of each; those of two tracks or more.

    With whose they are; a single species is all of them.
    """
    for session, own in rows.groupby("session"):
        species = [([str(kind)], part) for kind, part in own.groupby("species")]
        single = [([ALL, *kinds], part) for kinds, part in species if len(species) == 1]
        for kinds, part in single or [([ALL], own), *species]:
            if part["track"].nunique() > 1:
                yield str(session), kinds, part


def _records(rows: pd.DataFrame, names: Sequence[str]) -> Iterator[_Record]:
    """The record of each track, counted from the first instant of any."""
    rows = rows.assign(at=rows["instant"] - rows["instant"].min())
    rows["code"] = pd.Categorical(rows["behaviour"], categories=list(names)).codes
    kind = np.min_scalar_type(rows["track"].nunique())  # holds as many animals, and is the fastest to add up
    for _, own in rows.groupby("track"):
        at = own["at"].to_numpy()
        record = np.zeros((len(names), int(np.ptp(at)) + 1), dtype=kind)
        record[own["code"].to_numpy(), at - at.min()] = 1
        yield _Record(slice(at.min(), at.max() + 1), np.tile(record, 2))


def _summed(
    records: Sequence[_Record], shifts: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray, int, int]:
    """``above``, ``below``, ``n_tracks`` and ``n_instants`` of ``Sums``."""
    lengths = [len(record) for record in records]
    turns = np.vstack([np.zeros(len(lengths), dtype=np.int64), rng.integers(0, lengths, (shifts, len(lengths)))])
    counted = _counter(records)
    found = [counted(turn.tolist()) for turn in turns]
    above, below = (np.array([part[k] for part in found], dtype=np.float64) for k in (0, 1))
    return above, below, len(records), found[0][2]


def _counter(records: Sequence[_Record]) -> Callable[[Sequence[int]], tuple[FloatArray, FloatArray, int]]:
    """What counts one row of ``above`` and ``below``, and the instants with two coded animals, of turned records."""
    kinds, end = len(records[0].twice), max(record.span.stop for record in records)
    alike = np.zeros((kinds + 1, end), dtype=records[0].twice.dtype)  # animals in each behaviour, and in any
    counts, sums = np.zeros(alike.shape), np.zeros(kinds + 1)
    for record in records:
        sums[:-1] += record.twice.sum(axis=1) / 2  # which no turn changes
    sums[-1] = sums.sum()

    def counted(turns: Sequence[int]) -> tuple[FloatArray, FloatArray, int]:
        alike[:] = 0
        for record, by in zip(records, turns, strict=True):
            alike[:-1, record.span] += record.turned(by)
        alike[:-1].sum(axis=0, dtype=alike.dtype, out=alike[-1])
        counts[:] = alike
        *inside, pairs = (np.vecdot(counts, counts) - sums) / 2
        alone = np.count_nonzero(alike[-1] == 1)  # they are the commonest, too
        above = [sum(inside), alike[:-1].max(axis=0).sum(dtype=np.int64) - alone, *inside]
        below = [pairs, sums[-1] - alone, *[pairs] * kinds]
        return np.array(above), np.array(below), int(np.count_nonzero(alike[-1]) - alone)

    return counted
