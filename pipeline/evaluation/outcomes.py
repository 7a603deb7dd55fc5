"""What a recognizer said of labelled clips, and what is true of them: one table, checked as a whole.

::

    clip,p_Walk,p_Graze,...,y_Walk,y_Graze,...      several may be true of a clip
    clip,p_Walk,p_Graze,...,behaviour               or one word says it
    ...,group                                       perhaps: the recording, which intervals resample
    ...,species                                     perhaps: every figure is given by species too
    ...,species_zebra,species_giraffe,...           perhaps: the recognizer tells species too, and is judged in that
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.boxes import FloatArray
from pipeline.errors import TableError
from pipeline.formats.labels import UNNAMED, Faults, check_share, numbers
from pipeline.formats.own import read_rows
from pipeline.tables import SCORE_PREFIX, SPECIES_PREFIX
from pipeline.types import BoolArray, IntArray

TRUTH_PREFIX = "y_"
TRUTH = "behaviour"
GROUP = "group"
SPECIES = "species"
_SUM = 0.02  # by which probabilities that exclude each other may miss 1


@dataclass(frozen=True)
class Outcomes:
    """``N`` clips and ``K`` behaviours."""

    behaviours: tuple[str, ...]
    probabilities: FloatArray  # [N, K]
    truth: BoolArray  # [N, K]
    group: NDArray[np.object_]  # [N] the recording; the clip's own number where nobody says
    species: NDArray[np.object_] | None = None  # [N]; None where nobody says
    grouped: bool = True  # is the recording told?
    told_species: "Outcomes | None" = None  # the clips whose species is known, beside what they were told to be

    def __len__(self) -> int:
        return len(self.group)

    @property
    def single(self) -> BoolArray:
        """Clips of which exactly one behaviour is true ``[N]``: top-k and confusion are about these."""
        return np.asarray(self.truth.sum(axis=1) == 1)

    @property
    def exclusive(self) -> bool:
        """Do the probabilities of a clip sum to 1, as a softmax's do?"""
        return bool((np.abs(self.probabilities.sum(axis=1) - 1) <= _SUM).all())

    @property
    def units(self) -> IntArray:
        """The group of each clip as a number ``[N]``, in order of appearance."""
        return np.asarray(pd.factorize(self.group)[0], dtype=np.int64)

    def part(self, rows: BoolArray) -> "Outcomes":
        """Some of the clips; without what is told of their species."""
        return replace(
            self,
            probabilities=self.probabilities[rows],
            truth=self.truth[rows],
            group=self.group[rows],
            species=None if self.species is None else self.species[rows],
            told_species=None,
        )


def read_outcomes(path: Path, block: int | None = None) -> Outcomes:
    """The outcomes in a CSV or Parquet file; ``TableError`` with all its faults in one line.

    Without a column ``group``, ``block`` clips that follow each other are one; None: each clip is its own.
    """
    raw, faults = read_rows(path)
    names = [name.removeprefix(SCORE_PREFIX) for name in raw.columns if name.startswith(SCORE_PREFIX)]
    if len(names) < 2:
        raise TableError(f"{path}: no probabilities of two behaviours or more: columns p_<behaviour>")
    if raw.empty:
        raise TableError(f"{path}: no clips in it")
    scores = numbers(raw[[f"{SCORE_PREFIX}{name}" for name in names]], faults)
    check_share(scores, list(scores.columns), faults)
    truth = _truth(path, raw, names, faults)
    faults.mark(~truth.any(axis=1), "nothing is true of this clip")
    of_species = _species_scores(path, raw, faults)
    faults.stop()
    group = raw[GROUP].astype("str") if GROUP in raw else pd.Series(np.arange(len(raw)) // (block or 1)).astype("str")
    species = raw[SPECIES].astype("str").to_numpy(object) if SPECIES in raw else None
    told = scores.to_numpy(), truth.to_numpy(dtype=bool), group.to_numpy(object), species
    head = None if of_species is None or species is None else _told_species(of_species, species, told[2])
    return Outcomes(tuple(names), *told, grouped=GROUP in raw, told_species=head)


def _species_scores(path: Path, raw: pd.DataFrame, faults: Faults) -> pd.DataFrame | None:
    """What a recognizer says of the clips' species, a column a species; None where it says nothing."""
    columns = [name for name in raw.columns if name.startswith(SPECIES_PREFIX)]
    if not columns:
        return None
    if SPECIES not in raw:
        raise TableError(f"{path}: {columns[0]} tells species, and no column {SPECIES} says which one is true")
    if len(columns) == 1:
        raise TableError(f"{path}: {columns[0]} alone tells nothing apart; give a column of each species, or none")
    scores = numbers(raw[columns], faults)
    check_share(scores, columns, faults)
    return scores.rename(columns=lambda name: name.removeprefix(SPECIES_PREFIX))


def _told_species(scores: pd.DataFrame, species: NDArray[np.object_], group: NDArray[np.object_]) -> "Outcomes | None":
    """The clips of a species that is known (neither empty nor ``UNNAMED``); None where there is none.

    A species that the recognizer cannot tell is one more, of probability 0.
    """
    known = ~np.isin(species.astype("str"), ["", UNNAMED])
    if not known.any():
        return None
    names = [*scores.columns, *sorted(set(species[known]) - set(scores.columns))]
    probabilities = scores.reindex(columns=names, fill_value=0.0).to_numpy(dtype=np.float64)[known]
    truth = species[known][:, None] == np.array(names, dtype=object)[None]
    return Outcomes(tuple(names), probabilities, np.asarray(truth, dtype=bool), group[known])


def _truth(path: Path, raw: pd.DataFrame, names: list[str], faults: Faults) -> pd.DataFrame:
    """What is true of each clip, a column of bool a behaviour."""
    if TRUTH in raw:
        strange = ~raw[TRUTH].isin(names)
        faults.mark(strange, f"behaviour '{{}}' has no probabilities; there are {', '.join(names)}", raw[TRUTH])
        return pd.DataFrame({name: raw[TRUTH] == name for name in names}).where(~strange, True)
    columns = [f"{TRUTH_PREFIX}{name}" for name in names]
    if lost := [name for name in columns if name not in raw]:
        raise TableError(f"{path}: no truth: it needs a column {TRUTH}, or y_<behaviour> for all; missing {lost[0]}")
    values = numbers(raw[columns], faults)
    for name in columns:
        faults.mark(~values[name].isin([0, 1]) & values[name].notna(), name + " must be 0 or 1, got {:g}", values[name])
    return values == 1
