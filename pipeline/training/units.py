"""What is never cut in two by a split: recordings, or whole sessions, animals, species.

A unit is what the figures should hold for: another recording, another session, another animal, another species. Two
units in one recording share its light and its ground, which a network can learn instead of the behaviour; so units
that share recordings are tied together, and held out together or not at all::

    clips of     A in r1   A, B in r2   C in r3        split.by=individual parts {A, B} from {C}
"""

from enum import Enum

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from pipeline.errors import UsageError
from pipeline.formats.clips import apart
from pipeline.formats.near import nearest
from pipeline.report.words import plural
from pipeline.types import IntArray

RECORDING = "group"  # the column that names a clip's recording


class By(Enum):
    """What is held out whole."""

    recording = "recording"
    session = "session"
    individual = "individual"
    species = "species"

    @property
    def column(self) -> str:
        """The column of the labels that names a clip's unit."""
        return RECORDING if self is By.recording else self.value

    @property
    def one(self) -> str:
        """What a unit is called."""
        return self.column

    @property
    def several(self) -> str:
        """And two of them."""
        return self.value if self is By.species else f"{self.column}s"

    def counted(self, count: int, which: str = "") -> str:
        """So many of them: ``1 other group``."""
        return plural(count, which + self.one, which + self.several)


_NAMED = {  # where the unit of a clip is said
    By.recording: "name the recording of each in `group`",
    By.session: "name the session of each in the column session, or give the run its observations.csv",
    By.individual: "name the animal of each in the column individual, or in the run's individuals.csv",
    By.species: "name the species of each in the column species",
}


def units(rows: pd.DataFrame, by: By) -> IntArray:
    """The number of each clip's unit [n], or of the units that it is tied to.

    ``UsageError`` where there are no two that can be parted, and for behaviours that cannot be on both sides.
    """
    unit, recording = rows[by.column], rows[RECORDING]
    if lost := np.flatnonzero(unit == "").tolist():
        first = rows["path"].iloc[lost[0]]
        raise UsageError(f"split.by={by.value}: {len(lost)} clips have no {by.one}, as {first}; {_NAMED[by]}")
    if unit.nunique() < 2:
        raise UsageError(f"all clips are of one {by.one}, so none can be held out; {_NAMED[by]}")
    tied = _tied(unit, recording)
    if not tied.any():
        raise UsageError(
            f"split.by={by.value}: no {by.one} can be held out without a recording on both sides: "
            f"{_example(unit, recording)}, and others tie them all together; label recordings that do not, or set "
            "split.by=recording"
        )
    each = tied.max() + 1 == unit.nunique()
    _check_behaviours(rows["behaviour"], tied, f"one {by.one}" if each else f"{by.several} that share recordings")
    return tied


def judgeable(rows: pd.DataFrame, by: By) -> bool:
    """Does every behaviour occur in two units that can be parted, so that it can be both learnt and judged?"""
    one = rows["behaviour"].map(apart).reset_index(drop=True).explode()
    tied = _tied(rows[by.column], rows[RECORDING])
    return bool(pd.Series(tied[one.index]).groupby(one.to_numpy()).nunique().min() > 1)


def _tied(unit: "pd.Series[str]", recording: "pd.Series[str]") -> IntArray:
    """Units that have a recording in common get one number [n], from 0."""
    (ours, names), (theirs, others) = pd.factorize(unit), pd.factorize(recording)
    size = len(names) + len(others)
    links = coo_array((np.ones(len(ours)), (ours, theirs + len(names))), shape=(size, size))
    return np.asarray(connected_components(links, directed=False)[1][ours], dtype=np.int64)


def _example(unit: "pd.Series[str]", recording: "pd.Series[str]") -> str:
    """The recording that shows most units, and some of them."""
    shown = unit.groupby(recording).unique()
    name, most = max(shown.items(), key=lambda one: len(one[1]))
    return f"{name} shows {', '.join(sorted(most)[:3])}"


def _check_behaviours(behaviour: "pd.Series[str]", tied: IntArray, together: str) -> None:
    """``UsageError`` for behaviours with one clip, and for those that occur in one unit."""
    one = behaviour.map(apart).reset_index(drop=True).explode()
    clips = one.value_counts()
    where = pd.Series(tied[one.index]).groupby(one.to_numpy()).nunique()
    single = sorted(name for name in where.index if clips[name] == 1)
    alone = sorted(name for name in where.index if clips[name] > 1 and where[name] == 1)
    faults = [f"of which there is one clip only: {', '.join(single)}"] if single else []
    faults += [f"that occur in {together} only: {', '.join(alone)}"] if alone else []
    others = sorted({*where.index} - {*single, *alone})
    hints = [f"{name}: did you mean {near}?" for name in (*single, *alone) if (near := nearest(name, others))]
    if faults:
        raise UsageError(
            f"behaviours that cannot be learnt and judged, {'; '.join(faults)}; label them elsewhere too, or leave "
            "them out (their rows, or old2new='{NAME: \"\"}')" + "".join(f"; {hint}" for hint in hints)
        )
