"""Virtual observers held against the continuous record: how wrong each would have been, and what it would have cost.

Bias is what stays however often one samples anew, the standard deviation what chance adds; the root mean squared error
has both. All animals are pooled by time: for one species, or one session, give the record of its rows. What is told is
the error of *sampling these animals*; that between animals comes on top (``design.py``). Simulated states gave the
same ranks: points with little bias, one-zero with one that grows with the interval (Brereton, Tuke and Fernandez 2022,
Sci Rep 12, doi 10.1038/s41598-022-07169-5).

Minutes are those of one observer in the field: of instantaneous and one-zero sampling every animal's own, since each
is watched by itself; of scans those of the videos, since all animals are watched at once, however few the points; of
focal samples those of the samples.

The interval by Bernstein's rule, mean + 1.96 sd of a behaviour's bouts, is for points that are to be independent; for
shares of time intervals should be short against the bouts, and each animal gives one value (``spacing``).
"""

from typing import Any

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.ethogram import Kind
from pipeline.ethology.observers.estimates import Estimates
from pipeline.ethology.observers.focal import focal
from pipeline.ethology.observers.instants import instantaneous, scan, watches
from pipeline.ethology.observers.line import Line, line
from pipeline.ethology.observers.one_zero import one_zero
from pipeline.ethology.observers.settings import Method, ObserverSettings
from pipeline.ethology.observers.tables import OBSERVERS, SPACING
from pipeline.ethology.record import Record
from pipeline.ethology.sums import over

_SAMPLERS = {
    Method.instantaneous: instantaneous,
    Method.scan: scan,
    Method.focal: focal,
    Method.one_zero: one_zero,
}
_OF_TIME, _OF_INTERVALS, _PER_H = "share of time", "share of intervals", "starts per hour"
LEAST_BOUTS = 10  # whole bouts under which their spread gives no interval
_NOT_TIME = "not a share of time, whose value is truth"


def observers(record: Record, settings: ObserverSettings) -> pd.DataFrame:
    """``tables.OBSERVERS``: every method, interval and behaviour, its estimates against the continuous record.

    Events have no share of time: their share of intervals and, from focal samples, their rate are given. An interval
    or focal sample longer than the longest video was tried in none of them: it has no estimate.
    """
    blocks: list[dict[str, Any]] = []
    for of_set in record.ethogram.sets if len(record.rows) else ():
        watched = line(record, of_set)
        truths, longest_s = _truth(watched), max((stop - start for start, stop in watches(watched)), default=np.inf)
        for method, sampler in _SAMPLERS.items():
            if watched.is_event and method in (Method.instantaneous, Method.scan):
                continue
            for interval_s in settings.focal_s if method is Method.focal else settings.intervals_s:
                tried = interval_s <= longest_s
                found, words = sampler(watched, float(interval_s), settings) if tried else _untried(watched, longest_s)
                head = {"method": method.value, "interval_s": float(interval_s), "set": of_set}
                blocks += [head | row for row in _rows(found, truths, watched, method, words)]
    return OBSERVERS.cast(pd.DataFrame(blocks)) if blocks else OBSERVERS.empty()


def spacing(record: Record) -> pd.DataFrame:
    """``tables.SPACING``: the interval by Bernstein's rule for each state, from bouts seen from start to stop.

    It asks for points so far apart that the same bout is hardly ever met twice (Bernstein 1991, Anim Behav 42:
    721-728). Shares of time want the opposite: intervals short against the bouts, and one value an animal. Cut bouts
    are left out, so that long ones are missed and the interval is rather too short. Fewer than ``LEAST_BOUTS`` give
    none: their spread says little.
    """
    rows = record.rows[~record.rows["censored_start"] & ~record.rows["censored_stop"]]
    blocks = []
    for of_set, name in record.behaviours(Kind.state):
        lasts = rows.loc[(rows["set"] == of_set) & (rows["behaviour"] == name), "duration_s"].to_numpy(dtype=np.float64)
        mean = lasts.mean() if len(lasts) else np.nan
        sd = lasts.std(ddof=1) if len(lasts) > 1 else np.nan
        enough = len(lasts) >= LEAST_BOUTS
        note = "" if enough else f"fewer than {LEAST_BOUTS} bouts were seen from start to stop"
        interval_s = mean + 1.96 * sd if enough else np.nan
        what = {"set": of_set, "behaviour": name, "n": len(lasts)}
        blocks.append(what | {"mean_s": mean, "sd_s": sd, "interval_s": interval_s, "note": note})
    return SPACING.cast(pd.DataFrame(blocks)) if blocks else SPACING.empty()


def _untried(watched: Line, longest_s: float) -> tuple[Estimates, str]:
    """In place of what a sampler gives, of an interval that no video is as long as."""
    return Estimates.none(len(watched.names), f"longer than the longest video, {longest_s:.3g} s"), ""


def _truth(watched: Line) -> tuple[FloatArray, FloatArray]:
    """Share of visible time and starts per hour of it, each ``[K]``."""
    total = np.full(len(watched.names), watched.visible.total_s)
    share = over(watched.summed(watched.stop_s - watched.start_s), total)
    if watched.is_event:
        share = np.full(len(share), np.nan)
    return share, over(3600 * watched.summed(watched.begun.astype(np.float64)), total)


def _rows(
    found: Estimates, truths: tuple[FloatArray, FloatArray], watched: Line, method: Method, words: str
) -> list[dict[str, Any]]:
    """The rows of one method and interval: behaviour by behaviour, the share, then the rate."""
    rows = []
    cost = {
        "records": found.records.mean(),
        "missed_share": _mean(found.missed),
        "observer_min": found.observer_min.mean(),
    }
    share = _OF_INTERVALS if method is Method.one_zero else _OF_TIME
    for k, name in enumerate(watched.names):
        for figure, values, truth in ((share, found.share, truths[0]), (_PER_H, found.starts_per_h, truths[1])):
            if watched.is_event and figure == (_OF_TIME if method is Method.focal else _PER_H):
                continue  # no share of time; and two events in an interval are one
            note = f"{words}; {_NOT_TIME}" if figure == _OF_INTERVALS and not watched.is_event else words
            what = {"behaviour": name, "figure": figure, "truncated_share": _mean(found.truncated[:, k])}
            rows.append(what | cost | _error(values[:, k], float(truth[k]), note, found.why_not))
    return rows


def _error(values: FloatArray, truth: float, note: str, why_not: str) -> dict[str, Any]:
    """Mean, bias, standard deviation and root mean squared error over the repetitions that gave an estimate."""
    told = values[np.isfinite(values)]
    if len(told) == 0:
        none = dict.fromkeys(("mean", "bias", "sd", "rmse"), np.nan)
        return {"truth": truth, **none, "offsets": 0, "note": f"no estimate: {why_not}"}
    return {
        "truth": truth,
        "mean": told.mean(),
        "bias": told.mean() - truth,
        "sd": told.std() if len(told) > 1 else np.nan,
        "rmse": np.sqrt(np.mean((told - truth) ** 2)),
        "offsets": len(told),
        "note": note,
    }


def _mean(values: FloatArray) -> float:
    told = values[np.isfinite(values)]
    return float(told.mean()) if len(told) else float("nan")
