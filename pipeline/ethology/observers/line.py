"""One set of behaviours as plain arrays: what every virtual observer looks at."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.ethogram import Kind
from pipeline.ethology.record import Record, unions
from pipeline.types import BoolArray, IntArray


@dataclass(frozen=True)
class Spans:
    """Unbroken time of places: tracks in sessions, each with its video's clock."""

    place: IntArray  # [S]
    start_s: FloatArray  # [S]
    stop_s: FloatArray  # [S]

    @property
    def total_s(self) -> float:
        """All of it."""
        return float((self.stop_s - self.start_s).sum())


@dataclass(frozen=True)
class Line:
    """``m`` recognized bouts of one set of ``K`` behaviours by span and time, in ``P`` places of ``V`` videos."""

    names: tuple[str, ...]  # [K]
    is_event: bool
    place: IntArray  # [m]
    span: IntArray  # [m] number in ``visible``
    code: IntArray  # [m] number in ``names``
    start_s: FloatArray  # [m]
    stop_s: FloatArray  # [m] of an event its start: its duration means nothing
    visible: Spans  # recognized; of events in sight
    tracked: Spans  # with a row in any set
    video: IntArray  # [P] which video, in which session, a place is in

    @property
    def begun(self) -> BoolArray:
        """``[m]`` False at the start of a span: what was before is not known. Every event is a start."""
        begun = np.full(len(self.span), self.is_event)
        begun[1:] |= self.span[1:] == self.span[:-1]
        return begun

    def summed(self, values: FloatArray) -> FloatArray:
        """``[K]`` values of bouts ``[m]`` added up by behaviour."""
        return np.bincount(self.code, weights=values, minlength=len(self.names)).astype(np.float64)


def line(record: Record, of_set: str) -> Line:
    """The set's bouts that lie in a span."""
    names, is_event = record.ethogram.names(of_set), record.ethogram.kind(of_set) is Kind.event
    rows = record.rows.assign(place=record.place, span=record.span)
    held = rows[(rows["set"] == of_set) & (rows["span"] >= 0)].sort_values(["span", "start_s"], kind="stable")
    visible = record.spans[record.spans["set"] == of_set]
    start_s = held["start_s"].to_numpy(dtype=np.float64)
    return Line(
        names,
        is_event,
        held["place"].to_numpy(dtype=np.int64),
        np.searchsorted(visible.index.to_numpy(), held["span"].to_numpy()).astype(np.int64),
        pd.Categorical(held["behaviour"], categories=list(names)).codes.astype(np.int64),
        start_s,
        start_s if is_event else held["stop_s"].to_numpy(dtype=np.float64),
        _spans(visible),
        _spans(unions(rows.assign(set=""))),
        np.asarray(record.who.rows.groupby(["video", "session"]).ngroup(), dtype=np.int64),
    )


def _spans(rows: pd.DataFrame) -> Spans:
    columns = (rows[name].to_numpy(dtype=np.float64) for name in ("start_s", "stop_s"))
    return Spans(rows["place"].to_numpy(dtype=np.int64), *columns)
