"""An audit: moments of a study drawn by what is told of them, to be looked at by somebody who does not know it.

Strata are what is told and the session. From a stratum of ``T`` seconds ``n`` moments are drawn, one at random in each
``n``-th of its time, so every moment is drawn with the same known probability; a window around it is looked at. Rare
behaviours get as many as frequent ones, and the weights put that right (Olofsson et al. 2014, Remote Sens Environ 148:
42-57).
"""

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.errors import UsageError
from pipeline.ethology.correction.settings import AuditSettings
from pipeline.ethology.correction.tables import AUDIT_KEY, AUDIT_SHEET
from pipeline.ethology.ethogram import UNKNOWN, Ethogram
from pipeline.ethology.sequences.stretches import in_order, state_sets
from pipeline.types import IntArray


def draw_audit(
    bouts: pd.DataFrame, ethogram: Ethogram, settings: AuditSettings, of_set: str = ""
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``tables.AUDIT_SHEET`` to be filled in, shuffled, and ``tables.AUDIT_KEY``, which stays closed until then.

    ``bouts`` is ``tables.BOUTS``; ``of_set`` the set of states, empty: the ethogram's first. ``UsageError`` where the
    ethogram has no such set, or nothing is told.
    """
    there = state_sets(ethogram)
    chosen = of_set or next(iter(there), "")
    if chosen not in there:
        raise UsageError(f"no set of states {chosen!r} to audit; there are {', '.join(there) or 'none'}")
    names = ethogram.names(chosen)
    record = in_order(bouts, chosen, names)
    wanted = [*names, UNKNOWN] if settings.unknown else list(names)
    rows = record[record["behaviour"].isin(wanted) & (record["duration_s"] > 0)].rename(columns={"behaviour": "told"})
    if rows.empty:
        raise UsageError("nothing to audit: no time is told of")
    rng = np.random.default_rng(settings.seed)
    whole = rows.groupby("told")["duration_s"].sum()
    drawn = []
    for (told, _), own in rows.groupby(["told", "session"], sort=True):
        time_s = float(own["duration_s"].sum())
        number = int(np.ceil(settings.per_behaviour * time_s / whole[str(told)] - 1e-9))
        apart = int(time_s / settings.window_s)  # more would show the same moments again
        drawn.append(_moments(own, max(settings.per_stratum, min(number, apart)), rng))
    key = pd.concat(drawn).iloc[rng.permutation(sum(map(len, drawn)))].assign(set=chosen)
    key = key.assign(window=np.arange(1, len(key) + 1))
    return AUDIT_SHEET.cast(_windows(key, record, settings.window_s)), AUDIT_KEY.cast(key)


def _moments(bouts: pd.DataFrame, number: int, rng: np.random.Generator) -> pd.DataFrame:
    """So many moments of a stratum's bouts, laid end to end.

    ::

        bouts     [-----)[--)[----------)
        slices    |     |     |     |     one moment at random in each
        moments     x  x       x       x
    """
    ends = np.cumsum(bouts["duration_s"].to_numpy(dtype=np.float64))
    at = (np.arange(number) + rng.random(number)) * ends[-1] / number
    place = np.minimum(np.searchsorted(ends, at, side="right"), len(ends) - 1)
    own: pd.DataFrame = bouts.iloc[place]
    into = at - (ends[place] - own["duration_s"].to_numpy())
    return own.assign(
        at_s=own["start_s"].to_numpy() + into,
        frame=_frames(own, into),
        stratum_s=ends[-1],
        stratum_windows=number,
        weight_s=ends[-1] / number,
    )


def _frames(bouts: pd.DataFrame, into_s: FloatArray) -> IntArray:
    """The frame so many seconds into each bout, which has its frames at even times."""
    first, after = bouts["start_frame"].to_numpy(), bouts["stop_frame"].to_numpy()
    inside = np.floor(into_s / bouts["duration_s"].to_numpy() * (after - first)).astype(np.int64)
    return np.asarray(np.minimum(first + inside, np.maximum(after - 1, first)), dtype=np.int64)


def _windows(key: pd.DataFrame, record: pd.DataFrame, window_s: float) -> pd.DataFrame:
    """The sheet: windows around the moments, cut where the animal's record begins or ends."""
    seen = record.groupby(["video", "track"]).agg(begins=("start_s", "min"), ends=("stop_s", "max"))
    rows = key.drop(columns=["start_s", "stop_s"]).join(seen, on=["video", "track"])
    start = np.maximum(rows["at_s"] - window_s / 2, rows["begins"])
    stop = np.minimum(rows["at_s"] + window_s / 2, rows["ends"])
    return rows.assign(start_s=start, stop_s=stop, behaviour="", note="")
