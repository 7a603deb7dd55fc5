"""Unbroken stretches: what one animal did without a hole in its record. No sequence goes on from one to the next.

::

    bouts       Walk Graze  unknown  Graze Walk |  Walk       | the track ends, or a hole in it
    stretches   [---------]          [--------]    [--]
    events         *           *                              the second lies in none
"""

from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline.errors import UsageError
from pipeline.ethology.ethogram import RESERVED, Kind
from pipeline.export.held import Held
from pipeline.report.words import plural
from pipeline.timebase import CLOSE_S

_SHORT_S = 0.0005  # what is shorter is a picture: it does not last


@dataclass(frozen=True)
class Stretch:
    """One animal's stretch: its states, which follow each other, and the events in it, by time of the video."""

    subject: str
    video: str
    states: tuple[tuple[str, float, float], ...]  # behaviour, start, stop in s
    events: tuple[tuple[str, float], ...]  # behaviour, time in s


def sets_of_states(held: Held) -> list[str]:
    """The sets of exclusive states; ``UsageError`` where there are only events, which make no stretch."""
    found = list(dict.fromkeys(one.set for one in held.behaviours if one.visible and one.kind is Kind.state))
    if not found:
        raise UsageError(f"the ethogram of {held.run} has only events: no sequence of states is in it")
    return found


def stretches(bouts: pd.DataFrame, of_set: str) -> list[Stretch]:
    """The stretches of one set of states, by subject, video and time, with the events of all other sets in them."""
    rows = _numbered(bouts[bouts["set"] == of_set])
    states = list(rows[["behaviour", "start_s", "stop_s"]].itertuples(index=False, name=None))
    of = rows[["subject", "video", "track"]].to_numpy(dtype=object)
    first = np.flatnonzero(np.diff(rows["stretch"].to_numpy(), prepend=-1))
    events = _by_track(bouts[bouts["kind"] == Kind.event.value])
    found = []
    for low, high in zip(first.tolist(), [*first[1:].tolist(), len(rows)], strict=True):
        subject, video, track = of[low]
        own = tuple(states[low:high])
        inside = _within(*events.get((video, track), ([], [])), own[0][1], own[-1][2])
        found.append(Stretch(subject, video, own, inside))
    return sorted(found, key=lambda one: (one.subject, one.video, one.states[0][1]))


def _numbered(rows: pd.DataFrame) -> pd.DataFrame:
    """The recognized states with the number of their stretch; ``rows`` are by video, track and start."""
    seen = ~rows["behaviour"].isin(RESERVED).to_numpy() & (rows["duration_s"] >= _SHORT_S).to_numpy()
    start, stop = rows["start_s"].to_numpy(), rows["stop_s"].to_numpy()
    new = np.ones(len(rows), dtype=bool)
    new[1:] = ~seen[1:] | ~seen[:-1] | (start[1:] > stop[:-1] + 2 * CLOSE_S)
    for name in ("video", "track", "session"):
        codes = pd.factorize(rows[name])[0]
        new[1:] |= codes[1:] != codes[:-1]
    return rows.assign(stretch=np.cumsum(new))[seen]


def _by_track(events: pd.DataFrame) -> dict[Any, tuple[list[float], list[str]]]:
    """Times, rising, and behaviours of the events of each video and track."""
    ordered = events.sort_values("start_s", kind="stable").groupby(["video", "track"])
    return {key: (own["start_s"].tolist(), own["behaviour"].tolist()) for key, own in ordered}


def _within(times: list[float], names: list[str], start: float, stop: float) -> tuple[tuple[str, float], ...]:
    low, high = bisect_left(times, start), bisect_left(times, stop)
    return tuple(zip(names[low:high], times[low:high], strict=True))


def lost_events(bouts: pd.DataFrame, found: list[Stretch]) -> list[str]:
    """A line where events lie in no stretch: the animal was not recognized then."""
    count = int((bouts["kind"] == Kind.event.value).sum()) - sum(len(one.events) for one in found)
    return [f"{plural(count, 'event')} while the animal's state was not known left out"] if count else []
