"""What one video adds to a study: seconds and counts, one row for every track in a session.

A study of thousands of videos holds these sums in memory and never the frames.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.boxes import FloatArray
from pipeline.ethology.ethogram import NOT_VISIBLE, Ethogram, Kind
from pipeline.ethology.runs import Runs, runs
from pipeline.ethology.steps import bout_steps, interval_steps
from pipeline.types import IntArray

ALL = "all"  # the unit and the species of what is pooled over everything


@dataclass(frozen=True)
class SetTally:
    """Sums over one set of ``K`` behaviours for ``R`` rows. Of a set of events only bouts and visible time count."""

    seconds: FloatArray  # [R, K] in each behaviour
    visible_s: FloatArray  # [R] the denominator: recognized; for events: in sight
    excluded_s: FloatArray  # [R] not in the denominator, lost time (``lost.py``) included
    bouts: IntArray  # [R, K]
    censored: IntArray  # [R, K] of them cut by the record
    bout_steps: IntArray  # [R, K, K] from one bout to the next
    interval_steps: IntArray  # [R, K, K] from one instant to the next


@dataclass(frozen=True)
class Tally:
    """``rows`` has video, track, session, species, individual (``""``: not named), and the columns ``by``.

    ``most`` has level, name, species, most: of every session, and of every value of the columns ``by``.
    """

    rows: pd.DataFrame
    sets: dict[str, SetTally]
    most: pd.DataFrame
    by: tuple[str, ...] = ()


def one_set(behaviours: pd.DataFrame) -> pd.DataFrame:
    """The rows of the first set: each track's frames once. All sets agree on who is in sight."""
    return behaviours[behaviours["set"] == behaviours["set"].iloc[0]] if len(behaviours) else behaviours


def joined(tallies: Sequence[Tally]) -> Tally:
    """The sums of several videos, their rows one after the other; at least one tally."""
    fields = SetTally.__dataclass_fields__
    sets = {
        name: SetTally(**{f: np.concatenate([getattr(tally.sets[name], f) for tally in tallies]) for f in fields})
        for name in tallies[0].sets
    }
    rows = pd.concat([tally.rows for tally in tallies], ignore_index=True)
    return Tally(rows, sets, pd.concat([tally.most for tally in tallies], ignore_index=True), tallies[0].by)


def tally(
    video: str,
    used: pd.DataFrame,
    smoothed: pd.DataFrame,
    ethogram: Ethogram,
    individual: pd.Series,
    interval_s: float,
    by: tuple[str, ...] = (),
) -> Tally:
    """Sum up one video.

    ``used`` and ``smoothed`` are spans (``runs.spans``) before and after smoothing, with ``session``, ``species`` and
    the columns ``by``, only of the time that counts, the former with lost time; ``individual`` gives a name or ``""``
    by track number. A bout that goes on from one value of a column to the next, and the step out of it, count where
    they began.
    """
    keys = ["track", "session", *by]
    rows = one_set(used).drop_duplicates(keys)[[*keys, "species"]]
    rows = rows.sort_values(keys, kind="stable").reset_index(drop=True)
    place = pd.MultiIndex.from_frame(rows[keys])
    sets = {}
    for of_set in ethogram.sets:
        names, is_state = ethogram.names(of_set), ethogram.kind(of_set) is Kind.state
        times = _times(used[used["set"] == of_set], place, names, is_state)
        counts = _counts(runs(smoothed[smoothed["set"] == of_set]), place, names, is_state, interval_s)
        sets[of_set] = SetTally(*times, *counts)
    name = rows["track"].map(individual).to_numpy(dtype=object)
    return Tally(rows.assign(video=video, individual=name), sets, _most_at_once(used, by), by)


def _times(
    used: pd.DataFrame, place: pd.MultiIndex, names: Sequence[str], is_state: bool
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """``seconds``, ``visible_s`` and ``excluded_s`` of a set."""
    row, code, lasts = _row(used, place), _code(used["behaviour"], names), used["duration_s"].to_numpy()
    counts = code >= 0 if is_state else (used["behaviour"] != NOT_VISIBLE).to_numpy()
    seconds = _summed([row, code], [len(place), len(names)], np.where(code >= 0, lasts, 0.0) * is_state)
    visible = _summed([row], [len(place)], np.where(counts, lasts, 0.0))
    return seconds, visible, _summed([row], [len(place)], np.where(counts, 0.0, lasts))


def _counts(
    found: Runs, place: pd.MultiIndex, names: Sequence[str], is_state: bool, interval_s: float
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """``bouts``, ``censored``, ``bout_steps`` and ``interval_steps`` of a set."""
    kept = found.recognized
    row = _row(found.rows.iloc[found.first], place)[kept]
    code = _code(pd.Series(found.label), names)[kept]
    cut = ~(found.seen_before() & found.seen_after())[kept]
    stretch = found.stretch[kept]
    shape = [len(place), len(names)]
    steps = bout_steps(stretch), interval_steps(found.start_s[kept], found.stop_s[kept], stretch, interval_s)
    by_bout, by_interval = (
        _summed([row[a], code[a], code[b]], [*shape, len(names)], times * is_state) for a, b, times in steps
    )
    bouts, censored = _summed([row, code], shape, np.ones(len(row))), _summed([row, code], shape, cut)
    return _whole(bouts), _whole(censored), _whole(by_bout), _whole(by_interval)


def _row(data: pd.DataFrame, place: pd.MultiIndex) -> IntArray:
    return np.asarray(place.get_indexer(pd.MultiIndex.from_frame(data[list(place.names)])), dtype=np.int64)


def _code(behaviour: pd.Series, names: Sequence[str]) -> IntArray:
    """Number of each behaviour in its set, -1 for the reserved words."""
    return pd.Categorical(behaviour, categories=list(names)).codes.astype(np.int64)


def _summed(at: Sequence[IntArray], shape: Sequence[int], values: NDArray[Any]) -> FloatArray:
    """``values`` added up at their places; what has no place (-1) must be 0 and goes to the first."""
    flat = np.ravel_multi_index([np.maximum(axis, 0) for axis in at], tuple(shape))
    size = int(np.prod(shape))
    return np.bincount(flat, weights=values, minlength=size).astype(np.float64).reshape(shape)


def _whole(sums: FloatArray) -> IntArray:
    return np.rint(sums).astype(np.int64)


def _most_at_once(used: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    """Most animals in sight in one frame: level, name, species and most; also for all species together (``all``)."""
    once = one_set(used)
    seen = once[once["behaviour"] != NOT_VISIBLE]
    parts = []
    for level in ("session", *by):
        for rows in (seen, seen.assign(species=ALL)):
            own = rows.groupby([level, "species"])
            names = pd.DataFrame(list(own.groups), columns=["name", "species"])
            number = np.asarray(own.ngroup(), dtype=np.int64)
            parts.append(names.assign(level=level, most=_at_once(rows, number, len(names))))
    return pd.concat(parts, ignore_index=True)


def _at_once(spans: pd.DataFrame, group: IntArray, groups: int) -> IntArray:
    """Most spans of each group that share a frame ``[groups]``."""
    frame = np.concatenate([spans["frame"], spans["stop_frame"]])
    step = np.repeat([1, -1], len(spans))
    of = np.concatenate([group, group])
    order = np.lexsort([step, frame, of])  # who leaves in a frame is gone before who comes
    most = np.zeros(groups, dtype=np.int64)
    np.maximum.at(most, of[order], np.cumsum(step[order]))  # each group's steps sum to 0
    return most
