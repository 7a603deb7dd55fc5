"""What was told of a study, by whom it was told of: seconds of each behaviour and of ``unknown``, in sight."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.errors import UsageError
from pipeline.ethology.correction.held_out import Naming
from pipeline.ethology.sequences.stretches import as_words, cells_of, in_order, who
from pipeline.ethology.shares import Cells
from pipeline.ethology.sums import long_enough
from pipeline.ethology.tally import ALL
from pipeline.types import BoolArray, IntArray


@dataclass(frozen=True)
class Observed:
    """``R`` rows of seconds: each of one track in one session, of one species and value of each column of interest.

    ``units`` ``[R, 3]`` are numbers of the named individual (-1: nobody named it), session and track.
    """

    labels: pd.DataFrame  # [R] individual, session, species, and the columns of interest
    units: IntArray
    seconds: FloatArray  # [R, S, T]
    species: tuple[str, ...]  # [S]

    @classmethod
    def of(
        cls, bouts: pd.DataFrame, of_set: str, behaviours: Sequence[str], naming: Naming, by: Sequence[str]
    ) -> "Observed":
        """From ``tables.BOUTS`` with the columns ``by``; ``TableError`` and ``UsageError`` for its faults."""
        if lost := [name for name in by if name not in bouts]:
            there = ", ".join(map(str, bouts.columns))
            raise UsageError(f"the bouts table has no column {', '.join(lost)}; it has {there}")
        rows = in_order(bouts, of_set, behaviours)
        code = naming.codes(rows["behaviour"])
        rows, code = rows[code >= 0], code[code >= 0]
        units, species = who(rows), tuple(sorted(set(rows["species"])))
        words = rows[["session", "species"]].assign(**{name: as_words(rows[name]) for name in by})
        words = words.assign(individual=rows["subject"].where(units[:, 0] >= 0, ""))
        keys = words.assign(track=units[:, 2])
        place = keys.groupby(list(keys.columns), sort=False).ngroup().to_numpy()
        first = np.unique(place, return_index=True)[1]
        kind = pd.Categorical(rows["species"], categories=list(species)).codes
        seconds = np.zeros((len(first), len(species), len(naming.names) + 1))
        np.add.at(seconds, (place, kind, code), rows["duration_s"].to_numpy(dtype=np.float64))
        return cls(words.iloc[first].reset_index(drop=True), units[first], seconds, species)

    def levels(self, by: Sequence[str]) -> Iterator[tuple[str, str, BoolArray]]:
        """Level, unit and rows: everything, then by species, the columns ``by``, session and individual."""
        if len(self.labels):
            yield "pooled", ALL, np.ones(len(self.labels), dtype=bool)
        for level in ("species", *by, "session", "individual"):
            words = self.labels[level].to_numpy(dtype=object)
            for word in sorted(set(words) - ({""} if level != "species" else set())):
                yield level, str(word), words == word

    def counts(self, rows: BoolArray) -> dict[str, int]:
        """How many named individuals, sessions and tracks have time in these rows."""
        individual, session, track = self.units[rows & (self.seconds.sum(axis=(1, 2)) > 0)].T
        sizes = (len(np.unique(some)) for some in (individual[individual >= 0], session, track))
        return dict(zip(("n_individuals", "n_sessions", "n_tracks"), sizes, strict=True))

    def watched(self, rows: BoolArray, least_s: float) -> BoolArray:
        """``[R]`` those of these rows that are of named animals recognized for ``least_s`` or more in them."""
        recognized = np.where(rows, self.seconds[..., :-1].sum(axis=(1, 2)), 0.0)
        return rows & long_enough(self.units[:, 0] + 1, recognized, least_s)

    def cells(self, rows: BoolArray) -> Cells | None:
        """By session and animal; the unnamed of a session are one, of number < 0. None: there is no time.

        The parts are ``[C, S * T]``.
        """
        kept = rows & (self.seconds.sum(axis=(1, 2)) > 0)
        if not kept.any():
            return None
        cell, place = cells_of(self.units[kept])
        parts = np.zeros((len(cell), self.seconds[0].size))
        np.add.at(parts, place, self.seconds[kept].reshape(int(kept.sum()), -1))
        return Cells(cell[:, 0], cell[:, 1], parts, parts.sum(axis=1))
