"""Bouts joined over short gaps, and how much the answer hangs on what is called short."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.errors import UsageError
from pipeline.ethology.durations.figures import by_behaviour
from pipeline.ethology.durations.gaps import of_each, single_gaps
from pipeline.ethology.durations.settings import BoutSettings
from pipeline.ethology.durations.tables import MERGED, SENSITIVITY
from pipeline.ethology.ethogram import Kind
from pipeline.ethology.record import Record
from pipeline.ethology.units import units
from pipeline.timebase import CLOSE_S
from pipeline.types import BoolArray

_NEAR_S = 2 * CLOSE_S
_KEYS = ["set", "behaviour", "span"]


def merged(record: Record, gap_s: float | Mapping[tuple[str, str], float]) -> pd.DataFrame:
    """``tables.MERGED``: bouts of each behaviour that gaps up to ``gap_s`` part are one, by set, behaviour and time.

    ``gap_s`` is one for all or by set and behaviour (``criteria.gaps_to_bridge``); a behaviour it lacks is not joined.
    Nothing is joined out of sight. The end of a bout is seen only where a longer gap is seen after it: what the record
    cuts sooner is censored. Each behaviour is joined by itself, so that bouts of two may overlap: budgets and
    transitions are made of the record, not of these.

    ::

        gap_s 2     A A . A . . . A A | end      (AA.A) (AA, its stop not seen)
    """
    gaps = gap_s if isinstance(gap_s, Mapping) else dict.fromkeys(record.behaviours(), gap_s)
    found = _joined(record, gaps, record.span >= 0)
    return MERGED.cast(found) if len(found) else MERGED.empty()


def bridged(record: Record, gap_s: Mapping[tuple[str, str], float]) -> Record:
    """The record with the bouts of ``merged`` for its own; what has no gap to bridge is as it was.

    The spans stay what they are. ``rows`` gain ``behaviour_s``, the time in the behaviour itself.
    """
    gap_s = {key: gap for key, gap in gap_s.items() if gap > 0}
    if not gap_s:
        return record
    mine = (record.span >= 0) & (of_each(record.rows, gap_s) > 0)
    rest = record.rows.assign(place=record.place, span=record.span, behaviour_s=record.rows["duration_s"])[~mine]
    rows = pd.concat([_joined(record, gap_s, mine), rest])
    rows = rows.sort_values(["place", "set", "start_s", "stop_s"], kind="stable")
    place, span = (rows[name].to_numpy(dtype=np.int64) for name in ("place", "span"))
    return replace(record, rows=rows.reset_index(drop=True), place=place, span=span, bridged_s=gap_s)


def _joined(record: Record, gap_s: Mapping[tuple[str, str], float], kept: BoolArray) -> pd.DataFrame:
    """``tables.MERGED`` of the bouts ``kept [m]``, with ``place`` and ``span`` of each, not rounded."""
    if wrong := [f"{gap} for {name}" for (_, name), gap in gap_s.items() if not gap >= 0]:
        raise UsageError(f"gap_s must be >= 0, got {', '.join(wrong)}")
    held = record.rows.assign(place=record.place, span=record.span)[kept]
    held = held.sort_values([*_KEYS, "start_s"], kind="stable").reset_index(drop=True)
    stop = held["stop_s"].where(held["kind"] == Kind.state.value, held["start_s"])
    limit = of_each(held, gap_s)
    same = (held[_KEYS] == held[_KEYS].shift()).all(axis=1)
    joins = same & (held["start_s"] - stop.shift() <= limit + _NEAR_S) & (limit > 0)
    ends = record.spans.iloc[held["span"]].reset_index(drop=True)
    held = held.assign(
        stop_s=stop,
        behaviour_s=stop - held["start_s"],
        parts=1,
        censored_start=held["censored_start"] | (held["start_s"] - ends["start_s"] < limit - _NEAR_S),
        censored_stop=held["censored_stop"] | (ends["stop_s"] - stop < limit - _NEAR_S),
    )
    how = dict.fromkeys([name for name in (*MERGED.names, "place", "span") if name != "duration_s"], "first")
    how |= {"stop_s": "last", "behaviour_s": "sum", "parts": "sum", "censored_stop": "last"}
    found = held.groupby((~joins).cumsum()).agg(how)
    return found.assign(duration_s=found["stop_s"] - found["start_s"])


def sensitivity(record: Record, settings: BoutSettings) -> pd.DataFrame:
    """``tables.SENSITIVITY``: number of bouts and their mean duration as the bridged gap varies over the grid.

    Pooled over everything and by species, by the ethogram's order. A finding that holds over a wide stretch of gaps
    does not hang on the criterion.
    """
    rows, parted = by_behaviour(_lasting(record), record), by_behaviour(single_gaps(record), record)
    blocks = []
    for unit in units(record.who, ("pooled", "species")) if len(record.rows) else ():
        for key in record.behaviours():
            if len(rows[key]["place"]):
                lasts, gap = rows[key], parted[key]
                between = gap["gap_s"][gap["begun"] & gap["ended"] & np.isin(gap["place"], unit.rows)]
                lasts_s = lasts["lasts_s"][np.isin(lasts["place"], unit.rows)]
                head = {**unit.labels, "set": key[0], "behaviour": key[1]}
                blocks.append(_curve(lasts_s, np.sort(between), settings).assign(**head))
    return SENSITIVITY.cast(pd.concat(blocks)) if blocks else SENSITIVITY.empty()


def _lasting(record: Record) -> pd.DataFrame:
    """The bouts with ``place`` and how long they last; an event does not."""
    is_state = record.rows["kind"] == Kind.state.value
    lasts = record.rows["duration_s"].where(is_state, 0.0)
    return record.rows[["set", "behaviour"]].assign(place=record.place, lasts_s=lasts)


def _curve(lasts_s: FloatArray, between: FloatArray, settings: BoutSettings) -> pd.DataFrame:
    """Each bridged gap makes one bout of two, and is in its duration; gaps ``between`` bouts rise."""
    grid = settings.grid_s
    joined = np.where(grid > 0, np.searchsorted(between, grid + _NEAR_S, side="right"), 0)
    left = len(lasts_s) - joined
    total = lasts_s.sum() + np.append(0.0, between.cumsum())[joined]
    return pd.DataFrame(
        {
            "gap_s": grid,
            "bouts": left,
            "mean_s": np.divide(total, left, out=np.full(len(grid), np.nan), where=left > 0),
            "joined_share": joined / len(between) if len(between) else np.nan,
        }
    )
