"""Gaps between bouts of one behaviour: from the end of one to the start of the animal's next, in sight all the while.

::

    bouts of A    AAA . . AA . . . ?  . AA - A        . another behaviour, ? unknown, - not visible
    gaps              |2|    |3, cut|1|                the last: no start seen, it is counted and in no figure

A gap that an end of the record, ``unknown`` or ``not visible`` breaks lasted at least so long. An event's duration
means nothing: its gaps run from one start to the next. Where short gaps are bridged (``merging.bridged``), a time that
is broken before it was longer than these may be one of them, and is no gap.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.durations.figures import Units, by_behaviour, held, of_times
from pipeline.ethology.durations.tables import GAPS
from pipeline.ethology.ethogram import Kind
from pipeline.ethology.record import Record
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.timebase import CLOSE_S

_NONE = "no gap whose start was seen"
_NEAR_S = 2 * CLOSE_S


def gaps(record: Record, settings: StatisticsSettings, min_ended: int = 1) -> pd.DataFrame:
    """``tables.GAPS``: every behaviour of every unit but tracks, by level, unit, and the ethogram's order."""
    everyone = Units(record, settings, min_ended)
    found = by_behaviour(single_gaps(record).drop(columns=["span", "start_s"]), record)
    blocks = []
    for unit, row in everyone:
        for of_set, name in record.behaviours():
            mine = held(found[of_set, name], row)
            begun = mine["begun"]
            place, ended, gap_s = (mine[column][begun] for column in ("row", "ended", "gap_s"))
            blocks.append(
                {
                    **everyone.head(unit, np.bincount(place, minlength=len(unit.rows)).astype(np.float64)),
                    "set": of_set,
                    "behaviour": name,
                    "bridged_s": record.bridged_s.get((of_set, name), 0.0),
                    "cut_start": int((~begun).sum()),
                    **of_times(gap_s, ended, place, unit, everyone, _NONE),
                }
            )
    return GAPS.cast(pd.DataFrame(blocks)) if blocks else GAPS.empty()


def single_gaps(record: Record) -> pd.DataFrame:
    """Every gap: ``place set behaviour span start_s gap_s begun ended``, by behaviour, span and time.

    ``begun`` is False before a first bout, ``ended`` after a last one; what has no length there, or could be one that
    is bridged, is no gap.
    """
    rows = record.rows.assign(place=record.place, span=record.span)[record.span >= 0]
    rows = rows.sort_values(["set", "behaviour", "span", "start_s"], kind="stable").reset_index(drop=True)
    stop = rows["stop_s"].where(rows["kind"] == Kind.state.value, rows["start_s"])
    span, behaviour = rows["span"].to_numpy(), pd.factorize(rows["behaviour"])[0]
    same = (span[1:] == span[:-1]) & (behaviour[1:] == behaviour[:-1])  # a span is of one place and set
    first, last = np.append(True, ~same)[: len(rows)], np.append(~same, True)[: len(rows)]
    begin, end = record.spans["start_s"].to_numpy()[span], record.spans["stop_s"].to_numpy()[span]
    until = np.where(last, end, rows["start_s"].shift(-1).to_numpy())
    which = rows[["place", "set", "behaviour", "span"]]
    after = which.assign(start_s=stop, gap_s=until - stop, begun=True, ended=~last)
    before = which.assign(start_s=begin, gap_s=rows["start_s"] - begin, begun=False, ended=True)[first]
    least_s = pd.Series(np.maximum(of_each(rows, record.bridged_s) - _NEAR_S, _NEAR_S), index=rows.index)
    whole = pd.concat([after[after["ended"] | (after["gap_s"] > least_s)], before[before["gap_s"] > least_s[first]]])
    whole["gap_s"] = whole["gap_s"].clip(lower=0.0).round(6)
    return whole.sort_values(["set", "behaviour", "span", "start_s"], kind="stable").reset_index(drop=True)


def of_each(rows: pd.DataFrame, gap_s: Mapping[tuple[str, str], float]) -> FloatArray:
    """``[rows]`` the gap of each row's set and behaviour; 0 where it has none."""
    if not gap_s:
        return np.zeros(len(rows))
    keys = pd.MultiIndex.from_frame(rows[["set", "behaviour"]])
    return pd.Series(gap_s).reindex(keys).fillna(0.0).to_numpy(dtype=np.float64)
