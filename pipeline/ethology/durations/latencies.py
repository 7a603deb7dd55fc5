"""How long until a behaviour first occurs, from the start of the record or from moments that are given.

A latency is cut where the animal is out of sight, or unknown, or the record ends, before the behaviour occurs (Martin
and Bateson, "Measuring Behaviour"). A behaviour that is going on at the start has a latency of 0, and is counted.

::

    start      |
    record     B B A A ? A      A: 2 s     B: 0 s     C: 4 s, cut
"""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.errors import TableError
from pipeline.ethology.durations.figures import Units, of_times
from pipeline.ethology.durations.tables import LATENCIES, OCCURRENCES, STARTS
from pipeline.ethology.ethogram import Kind
from pipeline.ethology.handwritten import faults_of, rows_that, text_table
from pipeline.ethology.record import Record
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.timebase import CLOSE_S

log = logging.getLogger(__name__)

RECORD = "start of the record"
_NONE = "no animal was in sight at the start"
_NEAR_S = 2 * CLOSE_S


def starts_template(videos: Sequence[str]) -> pd.DataFrame:
    """``tables.STARTS`` to fill in: one row a video, from its beginning."""
    return STARTS.cast(pd.DataFrame({"video": pd.Series(list(videos), dtype="str"), "time_s": 0.0, "what": "start"}))


def read_starts(path: Path) -> pd.DataFrame:
    """The user's table of starts as ``tables.STARTS``: video, time_s and, where there are several kinds, what.

    ``TableError`` gives all faults at once.
    """
    data = text_table(path, {"what": "start"})
    if not (faults := faults_of(data, STARTS)):
        faults = rows_that("name no video", data["video"] == "") + rows_that("with an empty what", data["what"] == "")
    if faults:
        raise TableError(f"{path.name}: {'; '.join(faults)}")
    return STARTS.cast(data)


def latencies(
    record: Record, settings: StatisticsSettings, starts: pd.DataFrame | None = None, min_ended: int = 1
) -> pd.DataFrame:
    """``tables.LATENCIES``: every behaviour of every unit but tracks, by start, level, unit, and the ethogram's order.

    ``starts`` as of ``occurrences``; of one at which nobody was in sight there are rows without figures. Several starts
    of one animal are not independent: limits resample the units. In a gap that is bridged the behaviour is going on.
    """
    everyone, every = Units(record, settings, min_ended), _occurrences(record, starts)
    place = every["place"].to_numpy(dtype=np.int64)
    found = {key: rows.index.to_numpy() for key, rows in every.groupby(["what", "set", "behaviour"])}
    time_s, occurred = every["latency_s"].to_numpy(dtype=np.float64), every["occurred"].to_numpy(dtype=bool)
    blocks = []
    for what in sorted(set(every["what"] if starts is None else starts["what"])):
        for unit, row in everyone:
            for of_set, name in record.behaviours():
                some = found.get((what, of_set, name), np.zeros(0, dtype=np.int64))
                some = some[row[place[some]] >= 0]
                at = row[place[some]]
                blocks.append(
                    {
                        "what": what,
                        **everyone.head(unit, np.bincount(at, minlength=len(unit.rows)).astype(np.float64)),
                        "set": of_set,
                        "behaviour": name,
                        "bridged_s": record.bridged_s.get((of_set, name), 0.0),
                        "at_start": int((occurred[some] & (time_s[some] <= _NEAR_S)).sum()),
                        **of_times(time_s[some], occurred[some], at, unit, everyone, _NONE),
                    }
                )
    return LATENCIES.cast(pd.DataFrame(blocks)) if blocks else LATENCIES.empty()


def occurrences(record: Record, starts: pd.DataFrame | None = None) -> pd.DataFrame:
    """``tables.OCCURRENCES``: every latency, one row for every start, animal in sight then, and behaviour of its sets.

    Without ``starts`` each animal's own record in each video is looked at from its first recognized moment; with them
    (``tables.STARTS``) all animals of the video that are in sight at the moment. Videos that are not in the record are
    logged as a warning.
    """
    return OCCURRENCES.cast(_occurrences(record, starts))


def _occurrences(record: Record, starts: pd.DataFrame | None) -> pd.DataFrame:
    """``tables.OCCURRENCES`` and the ``place`` of each."""
    spans = record.spans.assign(span=np.arange(len(record.spans)))
    spans = spans.join(record.who.rows, on="place", rsuffix="_")
    begun = _own(spans) if starts is None else _given(spans, STARTS.cast(starts))
    asked = begun.merge(pd.DataFrame(record.behaviours(), columns=["set", "behaviour"]), on="set")
    asked = asked.sort_values(["what", "video", "from_s", "place", "set"], kind="stable").reset_index(drop=True)
    asked["latency_s"] = _first(record, asked) - asked["from_s"]
    asked["occurred"] = asked["latency_s"].notna()
    asked["latency_s"] = asked["latency_s"].fillna(asked["stop_s"] - asked["from_s"]).clip(lower=0.0).round(6)
    return asked


def _own(spans: pd.DataFrame) -> pd.DataFrame:
    """The first span of each animal in each video, session and set, from its beginning."""
    first = spans.sort_values(["start_s", "place"], kind="stable")
    first = first.drop_duplicates(["subject", "video", "session", "set"])
    return first.assign(from_s=first["start_s"], what=RECORD)


def _given(spans: pd.DataFrame, starts: pd.DataFrame) -> pd.DataFrame:
    """The spans that hold each start, once an animal."""
    if lost := sorted(set(starts["video"]) - set(spans["video"])):
        log.warning("the table of starts speaks of videos that are not in the record: %s", ", ".join(lost))
    both = starts.drop_duplicates().rename(columns={"time_s": "from_s"}).merge(spans, on="video")
    held = both[(both["start_s"] <= both["from_s"] + _NEAR_S) & (both["from_s"] < both["stop_s"] - _NEAR_S)]
    return held.drop_duplicates(["video", "from_s", "what", "subject", "set"])


def _first(record: Record, asked: pd.DataFrame) -> pd.Series:
    """``[asked]`` when each behaviour is next there in its span, not before ``from_s``; NaN where it is not."""
    rows = record.rows.assign(span=record.span)[record.span >= 0]
    until = rows["stop_s"].where(rows["kind"] == Kind.state.value, rows["start_s"] + 2 * _NEAR_S)
    rows = rows[["span", "behaviour", "start_s"]].assign(until=until, here=rows["start_s"])
    rows = rows[["span", "behaviour", "until", "here"]].sort_values("until", kind="stable")
    moments = asked[["span", "behaviour", "from_s"]].assign(number=np.arange(len(asked)))
    moments = moments.assign(until=moments["from_s"] + _NEAR_S).sort_values("until", kind="stable")
    next_one = pd.merge_asof(
        moments, rows, on="until", by=["span", "behaviour"], direction="forward", allow_exact_matches=False
    )
    here = next_one.set_index("number")["here"].sort_index()
    return here.where(here.isna(), np.maximum(here, asked["from_s"]))
