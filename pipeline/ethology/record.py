"""The continuous record of a study, read from its bouts: checked, in order, and cut where nothing may be bridged.

A span is an animal's unbroken time in one set: of states, consecutive bouts without a hole, ``unknown`` or ``not
visible`` between them; of events, the time in sight in any set, since between two events there is nothing to recognize.

::

    states  A A B B ? A A - A . A      spans (AABB) (AA) (A) (A)      ? unknown, - not visible, . a hole
    events     x      x                the same time in sight: (AABB?AA) (A) (A)
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.errors import TableError
from pipeline.ethology.ethogram import NOT_VISIBLE, RESERVED, Ethogram, Kind
from pipeline.ethology.handwritten import faults_of, rows_that
from pipeline.ethology.tally import Tally
from pipeline.tables import BOUTS
from pipeline.timebase import CLOSE_S
from pipeline.types import IntArray

_TOUCH_S = 2 * CLOSE_S  # two stored times as near as this are the same
_PLACE = ["video", "track", "session"]


@dataclass(frozen=True)
class Record:
    """``m`` bouts of ``R`` tracks in sessions, and the ``S`` spans they lie in."""

    rows: pd.DataFrame  # [m] tables.BOUTS by video, track, session, set and start
    place: IntArray  # [m] row of ``who``
    span: IntArray  # [m] row of ``spans``; -1: unknown, not visible, or an event while nobody is in sight
    spans: pd.DataFrame  # [S] place, set, start_s, stop_s, by set, place and start
    who: Tally  # rows [R] with video, track, session, species, individual, and subject; no sums in it
    observed_s: FloatArray  # [R] time with a row in any set: the effort
    ethogram: Ethogram
    bridged_s: Mapping[tuple[str, str], float] = field(default_factory=dict)  # see ``durations.merging.bridged``

    def visible_s(self, of_set: str, without_s: float = 0.0) -> FloatArray:
        """``[R]`` the denominator: recognized time, of a set of events time in sight.

        ``without_s`` is left out at the beginning of every span.
        """
        mine = self.spans[self.spans["set"] == of_set]
        start_s = (mine["start_s"] + without_s).clip(upper=mine["stop_s"])
        return _summed(mine.assign(start_s=start_s), len(self.who.rows))

    def behaviours(self, kind: Kind | None = None) -> Iterator[tuple[str, str]]:
        """Set and name of every visible behaviour in the ethogram's order; of one kind or of both."""
        for of_set in self.ethogram.sets:
            if kind in (None, self.ethogram.kind(of_set)):
                yield from ((of_set, name) for name in self.ethogram.names(of_set))


def record(bouts: pd.DataFrame, ethogram: Ethogram, by: str = "") -> Record:
    """The record in tables.BOUTS, from a run or read from a file.

    A further column ``by`` of the table (``covariates.bouts_with``) parts the record where it changes; ``who`` has it.

    ``TableError`` gives all faults at once: negative durations, states of one animal that overlap within a set,
    durations that are not stop less start, words and kinds that are not the ethogram's, a track with two names.
    """
    faults = faults_of(bouts, BOUTS)
    if not faults:
        bouts = BOUTS.cast(bouts).assign(**{by: bouts[by].to_numpy()} if by else {})
        faults = _faults(bouts, ethogram)
    if faults:
        raise TableError(f"bouts: {'; '.join(faults)}")
    keys = list(dict.fromkeys([*_PLACE, by] if by else _PLACE))
    rows = bouts.sort_values([*keys, "set", "start_s", "stop_s"], kind="stable").reset_index(drop=True)
    place = np.asarray(rows.groupby(keys).ngroup(), dtype=np.int64)
    seen = rows.assign(place=place)
    known = seen[~rows["behaviour"].isin(RESERVED) & (rows["kind"] == Kind.state.value)]
    sight = unions(seen[rows["behaviour"] != NOT_VISIBLE].assign(set=""))
    events = [of_set for of_set in ethogram.sets if ethogram.kind(of_set) is Kind.event]
    spans = pd.concat([unions(known), *(sight[sight["stop_s"] > sight["start_s"]].assign(set=s) for s in events)])
    spans = spans.sort_values(["set", "place", "start_s"], kind="stable").reset_index(drop=True)
    span = np.where(rows["behaviour"].isin(RESERVED), -1, _inside(seen, spans))
    observed_s = _summed(unions(seen.assign(set="")), place.max(initial=-1) + 1)
    return Record(rows, place, np.asarray(span, dtype=np.int64), spans, _who(rows, place, by), observed_s, ethogram)


def unions(rows: pd.DataFrame) -> pd.DataFrame:
    """The spans that rows with ``place``, ``set``, ``start_s`` and ``stop_s`` cover together; what touches is one."""
    rows = rows[["place", "set", "start_s", "stop_s"]].sort_values(["set", "place", "start_s"], kind="stable")
    rows = rows.reset_index(drop=True)
    keys = [rows["set"], rows["place"]]
    until = rows.groupby(["set", "place"])["stop_s"].cummax().groupby(keys).shift(fill_value=-np.inf)
    new = (rows["start_s"] > until + _TOUCH_S).cumsum()
    covered = rows.groupby(new.to_numpy()).agg(
        place=("place", "first"), set=("set", "first"), start_s=("start_s", "first"), stop_s=("stop_s", "max")
    )
    return covered.reset_index(drop=True)


def _inside(rows: pd.DataFrame, spans: pd.DataFrame) -> IntArray:
    """``[m]`` number of the span of the row's place and set that holds its start, -1 where there is none."""
    order = np.argsort(rows["start_s"].to_numpy(), kind="stable")
    numbered = spans.assign(number=np.arange(len(spans))).sort_values("start_s", kind="stable")
    asked = rows.iloc[order][["place", "set", "start_s"]].assign(start_s=lambda some: some["start_s"] + _TOUCH_S)
    found = pd.merge_asof(asked, numbered, on="start_s", by=["place", "set"])
    holds = found["stop_s"].to_numpy() + 2 * _TOUCH_S >= found["start_s"].to_numpy()
    result = np.full(len(rows), -1, dtype=np.int64)
    result[order] = np.where(holds, found["number"].fillna(-1).to_numpy(), -1).astype(np.int64)
    return result


def _who(rows: pd.DataFrame, place: IntArray, by: str) -> Tally:
    """Whose record it is: only a name makes an individual, ``<video>#<track>`` is none."""
    first, columns = rows[np.append(True, np.diff(place) > 0)[: len(rows)]], (by,) if by else ()
    named = first["subject"] != first["video"] + "#" + first["track"].astype("str")
    who = first[list(dict.fromkeys([*_PLACE, *columns, "species", "subject"]))].assign(
        individual=first["subject"].where(named, "")
    )
    most = pd.DataFrame(columns=["level", "name", "species", "most"])
    return Tally(who.reset_index(drop=True), {}, most, columns)


def _summed(spans: pd.DataFrame, places: int) -> FloatArray:
    lasts = (spans["stop_s"] - spans["start_s"]).to_numpy(dtype=np.float64)
    return np.bincount(spans["place"].to_numpy(dtype=np.int64), weights=lasts, minlength=places).astype(np.float64)


def faults_in_time(bouts: pd.DataFrame) -> list[str]:
    """Where tables.BOUTS contradicts itself about time: bouts that end before they start, states at the same time."""
    faults = rows_that("end before they start", bouts["stop_s"] < bouts["start_s"])
    return faults + rows_that("overlap another bout of their track and set", _overlaps(bouts))


def _faults(bouts: pd.DataFrame, ethogram: Ethogram) -> list[str]:
    """What contradicts itself or the ethogram in a table that is as declared."""
    start, stop = bouts["start_s"], bouts["stop_s"]
    faults = faults_in_time(bouts)
    off = ((stop - start) - bouts["duration_s"]).abs() > _TOUCH_S
    faults += rows_that("with a duration_s that is not stop_s - start_s", off & (stop >= start))
    place = _places_of(bouts, ethogram)
    known, reserved = place >= 0, bouts["behaviour"].isin(RESERVED)
    if (lost := ~known & ~reserved).any():
        words = bouts.loc[lost, ["behaviour", "set"]].drop_duplicates().itertuples(index=False)
        names = ", ".join(sorted(f"{name} (set {of_set})" for name, of_set in words))
        faults.append(f"{int(lost.sum())} rows of behaviours that are not in the ethogram: {names}")
    kind = np.array([ethogram.kind(of_set).value for of_set in ethogram.sets for _ in ethogram.names(of_set)])
    faults += rows_that("with another kind than the ethogram's", known & (kind[place] != bouts["kind"]))
    names_of = bouts.groupby(["video", "track"])["subject"].transform("nunique")
    return faults + rows_that("of a track with several subjects", names_of > 1)


def _places_of(bouts: pd.DataFrame, ethogram: Ethogram) -> IntArray:
    """``[m]`` number of each row's behaviour among the ethogram's, set by set; -1 where it is none."""
    words = pd.MultiIndex.from_tuples([(of_set, name) for of_set in ethogram.sets for name in ethogram.names(of_set)])
    return np.asarray(words.get_indexer(pd.MultiIndex.from_frame(bouts[["set", "behaviour"]])), dtype=np.int64)


def _overlaps(bouts: pd.DataFrame) -> pd.Series:
    """Does a state begin before one of its track and set is over, that began earlier? Index as ``bouts``."""
    keys = ["video", "track", "set"]
    states = bouts[bouts["kind"] == Kind.state.value].sort_values([*keys, "start_s", "stop_s"], kind="stable")
    over = states.groupby(keys)["stop_s"].cummax().groupby([states[key] for key in keys]).shift(fill_value=-np.inf)
    return (states["start_s"] < over - _TOUCH_S).reindex(bouts.index, fill_value=False)
