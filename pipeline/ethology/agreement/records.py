"""The table of coded intervals, checked, and cut into records: what every coder says of one animal in one video."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.errors import TableError
from pipeline.ethology.agreement import alignment
from pipeline.ethology.agreement.settings import AgreementSettings, Watched
from pipeline.ethology.agreement.tables import CODED, NOTHING
from pipeline.ethology.agreement.visibility import States
from pipeline.ethology.ethogram import RESERVED, Kind
from pipeline.formats.labels import Faults
from pipeline.types import BoolArray, IntArray

NOT_CODED, NOT_WATCHED = -1, -2  # in a unit: nothing told, and not watched
TOUCH_S = 0.05  # states that overlap by less only touch


@dataclass(frozen=True)
class Words:
    """The behaviours of all coders together, by alphabet, so that every table has them in one order."""

    states: tuple[str, ...]  # with ``nothing coded`` the last, where that is a code
    events: tuple[str, ...]

    @property
    def real(self) -> int:
        """How many of the states are behaviours."""
        return len(self.states) - (NOTHING in self.states)


@dataclass(frozen=True)
class Record:
    """One animal in one video. Unit ``k`` is the time from ``(start + k) * unit_s`` on."""

    video: str
    subject: str
    unit: str  # what is independent of the rest: the session, else the video
    start: int
    codes: IntArray  # [coders, n] number of the state, NOT_CODED or NOT_WATCHED
    events: tuple[alignment.Sequence, ...]  # of each coder
    states: tuple[States, ...]  # of each coder, to the second and not to the unit
    watched: FloatArray  # [coders, 2] seconds; NaN where a coder watched nothing


def checked(coded: pd.DataFrame) -> pd.DataFrame:
    """``tables.CODED``, in order; ``TableError`` has all its faults in one line: intervals that end before they begin,
    states of one coder that overlap, a behaviour that is a state here and an event there, no coder or only one.
    """
    rows = CODED.cast(coded).sort_values(["coder", "video", "subject", "start_s", "stop_s"], kind="stable")
    rows = rows.reset_index(drop=True)
    if rows["coder"].nunique() < 2:
        raise TableError(f"an agreement needs two coders or more, got {rows['coder'].nunique()}")
    faults = Faults("records", rows["place"].tolist().__getitem__)
    start, stop = rows["start_s"], rows["stop_s"]
    faults.mark(stop < start, "stops at {:g} before it starts at {:g}", stop, start)
    _check_kinds(rows, faults)
    _check_overlaps(rows, faults)
    faults.stop()
    return rows


def _check_kinds(rows: pd.DataFrame, faults: Faults) -> None:
    """Mark the first row of each behaviour whose kind is not that of its first row, and states that last no time."""
    kind = rows["kind"]
    faults.mark(~kind.isin([one.value for one in Kind]), "kind must be state or event, got '{}'", kind)
    first = rows.groupby("behaviour")["kind"].transform("first")
    other = (kind != first) & ~rows["behaviour"].isin(RESERVED)
    once = other & ~rows["behaviour"].where(other).duplicated()
    faults.mark(once, "'{}' is {} here and {} elsewhere; name the two apart with old2new, or leave one out",
                rows["behaviour"], kind, first)  # fmt: skip
    still = (kind == Kind.state.value) & (rows["stop_s"] == rows["start_s"])
    faults.mark(still, "'{}' is a state and lasts 0 s", rows["behaviour"])


def _check_overlaps(rows: pd.DataFrame, faults: Faults) -> None:
    """Mark each state, in order of time, that begins before an earlier one of the same coder and animal has ended."""
    states = rows[rows["kind"] == Kind.state.value]
    until = states.groupby(["coder", "video", "subject"])["stop_s"].cummax()
    until = until.groupby([states["coder"], states["video"], states["subject"]]).shift(fill_value=-np.inf)
    text = "'{}' of {} begins at {:g} s, before another state has ended ({:g} s); leave one of them out with old2new"
    subject = states["subject"].where(states["subject"] != "", states["video"])
    faults.mark(states["start_s"] < until - TOUCH_S, text, states["behaviour"], subject, states["start_s"], until)


def vocabulary(rows: pd.DataFrame, nothing_coded: bool) -> Words:
    """The behaviours of ``tables.CODED``."""
    told = rows[~rows["behaviour"].isin(RESERVED)]
    states, events = (
        tuple(sorted(set(told["behaviour"][told["kind"] == kind.value]) - {NOTHING}))
        for kind in (Kind.state, Kind.event)
    )
    return Words(states + ((NOTHING,) if nothing_coded and states else ()), events)


def animal_of(video: str, subject: str) -> str:
    """Whose share of time is one: a named animal over all videos; a track by number, and a whole video, by itself."""
    if not subject:
        return video
    return f"{video}#{subject}" if subject.isdecimal() else subject


def units_of(rows: pd.DataFrame) -> dict[str, str]:
    """The independent unit of each video: videos that share a session, as any coder tells it, are one unit.

    As in time budgets that is so too of the session ``all``, which a run gives the videos of one folder by itself.
    """
    told = rows[["video", "session"]].drop_duplicates()
    graph = nx.Graph()
    graph.add_nodes_from(("video", video) for video in told["video"])
    graph.add_edges_from(
        (("video", video), ("session", session)) for video, session in told.itertuples(index=False) if session
    )
    parts = (sorted(part) for part in nx.connected_components(graph))  # "session" sorts before "video"
    return {name: part[0][1] for part in parts for kind, name in part if kind == "video"}


def records(rows: pd.DataFrame, coders: Sequence[str], words: Words, settings: AgreementSettings) -> Iterator[Record]:
    """The records of ``checked`` rows, one at a time, by video and subject."""
    unit = units_of(rows)
    number = {word: k for names in (words.states, words.events) for k, word in enumerate(names)}
    told = rows.assign(
        code=rows["behaviour"].map(number).fillna(NOT_CODED).astype("int64"),
        coder=pd.Categorical(rows["coder"], categories=list(coders)).codes,
    )
    last = rows.groupby("video")["stop_s"].max().to_dict()
    for (video, subject), own in told.groupby(["video", "subject"], sort=True):
        watched = _watched(own, len(coders), float(last[video]), settings.watched)
        yield _record(own, (str(video), str(subject), unit[str(video)]), watched, words, settings)


def _watched(own: pd.DataFrame, coders: int, last: float, watched: Watched) -> FloatArray:
    """From when to when each coder watched: ``[coders, 2]``."""
    if watched is Watched.all:
        return np.tile([0.0, last], (coders, 1))
    by_coder = own.groupby("coder").agg(low=("start_s", "min"), high=("stop_s", "max"))
    return by_coder.reindex(range(coders)).to_numpy(dtype=np.float64)


def _record(
    own: pd.DataFrame, names: tuple[str, str, str], watched: FloatArray, words: Words, settings: AgreementSettings
) -> Record:
    there = ~np.isnan(watched[:, 0])
    edges = _unit(watched, settings.unit_s)
    start, stop = int(edges[there].min()), int(edges[there].max())
    codes = np.full((len(watched), stop - start), NOT_WATCHED, dtype=np.int64)
    rest = words.states.index(NOTHING) if NOTHING in words.states else NOT_CODED
    for coder in np.flatnonzero(there):
        codes[coder, edges[coder, 0] - start : edges[coder, 1] - start] = rest
    state = (own["kind"] == Kind.state.value).to_numpy()
    bounds = _unit(own[["start_s", "stop_s"]].to_numpy(dtype=np.float64), settings.unit_s) - start
    columns = own["coder"].to_numpy(), bounds[:, 0], bounds[:, 1], own["code"].to_numpy()
    for coder, low, high, code in zip(*(column[state].tolist() for column in columns), strict=True):
        codes[coder, low:high] = code
    whose = [(own["coder"] == coder).to_numpy() for coder in range(len(watched))]
    events = tuple(_events(own[~state & mine]) for mine in whose)
    return Record(*names, start, codes, events, tuple(States.of(own[state & mine]) for mine in whose), watched)


def _unit(seconds: FloatArray, unit_s: float) -> IntArray:
    """The first time unit whose middle is not before each moment: a unit is said to be what its middle is."""
    found = np.ceil(np.round(np.nan_to_num(seconds) / unit_s - 0.5, 6))
    return np.asarray(found, dtype=np.int64)


def _events(own: pd.DataFrame) -> alignment.Sequence:
    time = own["start_s"].to_numpy(dtype=np.float64)
    return alignment.Sequence(time, time, own["code"].to_numpy(dtype=np.int64))


def both_coded(first: IntArray, second: IntArray) -> BoolArray:
    """``[n]`` the units in which both told a state."""
    return (first >= 0) & (second >= 0)
