"""Which species the clips show, for a recognizer that learns to tell them beside the behaviours (``species=true``).

A clip whose species nobody said teaches and judges behaviours alone.
"""

import numpy as np
import pandas as pd

from pipeline.errors import UsageError
from pipeline.formats.labels import UNNAMED
from pipeline.training.frozen import Folds
from pipeline.training.labels import Labels
from pipeline.types import BoolArray


def species_of(labels: Labels, parts: Folds) -> tuple[str, ...]:
    """The species that occur, by alphabet; ``parts`` are the clips to learn from, and those held out, of each model.

    ``UsageError`` where there is nothing to tell apart, nothing to learn a species from, or nothing to judge by.
    """
    said = said_species(labels.rows)
    names = tuple(sorted(set(said) - {""}))
    if not names:
        raise UsageError(
            f"species=true needs clips that say their species, and none of {len(labels)} does: fill in the column "
            "species of clips.csv, or of the run's observations.csv"
        )
    if len(names) == 1:
        raise UsageError(f"species=true tells species apart, and the clips show {names[0]} alone; leave it out")
    if lost := sorted({name for learnt, _ in parts for name in set(names) - set(said.iloc[learnt])}):
        where = " in one fold" if len(parts) > 1 else ""
        raise UsageError(
            f"species=true: every clip of {', '.join(lost)} is held out{where}, so that nothing is learnt of it; hold "
            "others out (split.by, split.held_out or split.folds, seed), or empty its clips' species"
        )
    if not set().union(*(said.iloc[held] for _, held in parts)) - {""}:
        raise UsageError(
            "species=true: no held-out clip says its species, so that nothing can judge it; hold others out "
            "(split.by, split.held_out, seed), or fill in their species"
        )
    return names


def said_species(rows: pd.DataFrame) -> "pd.Series[str]":
    """The species of each clip; empty where nobody said it, as of the animals of a detector that names none."""
    return rows["species"].where(rows["species"] != UNNAMED, "")


def species_truth(rows: pd.DataFrame, species: tuple[str, ...]) -> BoolArray:
    """What each clip shows ``[N, S]``; a row of False where its species is not known."""
    return np.asarray(said_species(rows).to_numpy(object)[:, None] == np.array(species, dtype=object)[None], dtype=bool)
