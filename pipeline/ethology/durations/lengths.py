"""How long bouts last, and the line that a paper gives of each behaviour.

A bout whose start was not seen began at an unknown time and is in no duration; one whose stop was not seen lasted at
least so long (``survival.py``). Both stay in the share of time.
"""

from typing import Any

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.durations.figures import Columns, Units, by_behaviour, held, of_times
from pipeline.ethology.durations.tables import DURATIONS
from pipeline.ethology.ethogram import Kind
from pipeline.ethology.record import Record
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.ethology.units import Unit
from pipeline.words import plural

_NO_START = "no bout whose start was seen"
_SHARE = "pooled time of the bouts, not corrected for errors of recognition"


def durations(record: Record, settings: StatisticsSettings, min_ended: int = 1) -> pd.DataFrame:
    """``tables.DURATIONS``: every state of every unit but tracks, by level, unit, and the ethogram's order.

    n of individuals, sessions and tracks are those with visible time. Events have no duration: see ``rates``. A
    behaviour of which fewer than ``min_ended`` bouts were seen from start to stop has no quantile and no mean.
    """
    everyone = Units(record, settings, min_ended)
    table = record.rows[["set", "behaviour", "duration_s", "censored_start", "censored_stop"]]
    itself_s = record.rows.get("behaviour_s", table["duration_s"])  # without gaps that are bridged
    found = by_behaviour(table.assign(itself_s=itself_s, place=record.place), record)
    blocks = []
    for unit, row in everyone:
        for of_set, names in _states(record).items():
            mine = [held(found[of_set, name], row) for name in names]
            blocks += _block(unit, of_set, names, mine, record, everyone)
    return DURATIONS.cast(pd.DataFrame(blocks)) if blocks else DURATIONS.empty()


def reporting_head(row: "pd.Series[Any]", tracked_s: float) -> str:
    """What all behaviours of a unit and set rest on, from a row of ``tables.DURATIONS``, as a paper reports it.

    ``4 individuals, 2 sessions; 1.20 animal-hours tracked: 0.95 recognized, 0.15 with a box but not recognized, 0.10
    lost between two boxes``: each animal has its own. ``tracked_s`` are all animal seconds, the lost ones among them.
    """
    named = plural(row["n_individuals"], "individual") if row["n_individuals"] else "nobody named"
    hours = [
        f"{some / 3600:.2f}"
        for some in (tracked_s, row["visible_s"], row["observed_s"] - row["visible_s"], tracked_s - row["observed_s"])
    ]
    return (
        f"{named}, {plural(row['n_sessions'], 'session')}; {hours[0]} animal-hours tracked: {hours[1]} recognized, "
        f"{hours[2]} with a box but not recognized, {hours[3]} lost between two boxes"
    )


def reporting_line(row: "pd.Series[Any]") -> str:
    """A row of ``tables.DURATIONS`` as a paper reports it.

    ``Graze: share 0.41 [0.30, 0.52], 63 bouts, 8 % cut off, median 12.5 s (quartiles 4.1, 30.2)``. Brackets are limits.
    Limits and a median that are not there are left out, the median with how many were seen from start to end.
    """
    share = "share -" if np.isnan(row["share"]) else f"share {_share(row['share'])}"
    if not np.isnan(row["share_low"]):
        share += f" [{_share(row['share_low'])}, {_share(row['share_high'])}]"
    parts = [
        f"{row['behaviour']}: {share}",
        plural(row["bouts"], "bout")
        + (f" (gaps of up to {row['bridged_s']:.3g} s bridged)" if row["bridged_s"] else ""),
        "cut off -" if np.isnan(row["censored_share"]) else f"{100 * row['censored_share']:.0f} % cut off",
        _median(row),
    ]
    return ", ".join(parts)


def _median(row: "pd.Series[Any]") -> str:
    if np.isnan(row["median_s"]):
        why = "over half outlast the record" if "outlast" in row["method"] else "too few ended for a median"
        return f"{why} ({row['n_complete']} of {row['n']} seen from start to end)"
    return f"median {row['median_s']:.1f} s (quartiles {_number(row['q1_s'])}, {_number(row['q3_s'])})"


def _states(record: Record) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for of_set, name in record.behaviours(Kind.state):
        found.setdefault(of_set, []).append(name)
    return found


def _block(
    unit: Unit, of_set: str, names: list[str], bouts: list[Columns], record: Record, everyone: Units
) -> list[dict[str, Any]]:
    """The rows of one unit and set."""
    visible, observed = everyone.visible_s[of_set][unit.rows], record.observed_s[unit.rows].sum()
    seconds = np.column_stack([_seconds_by_row(some, len(unit.rows)) for some in bouts])
    limits = everyone.cluster.pooled(unit, seconds, visible)
    total = visible.sum()
    share = seconds.sum(axis=0) / total if total > 0 else np.full(len(names), np.nan)
    head = everyone.head(unit, visible)
    return [
        {
            **head,
            "set": of_set,
            "behaviour": name,
            "observed_s": observed,
            "visible_s": total,
            "share": share[k],
            "share_low": limits.low[k],
            "share_high": limits.high[k],
            "share_method": f"{_SHARE}; {limits.method}" if total > 0 else limits.method,
            "bridged_s": record.bridged_s.get((of_set, name), 0.0),
            **_cut(bouts[k]),
            **_times(bouts[k], unit, everyone),
        }
        for k, name in enumerate(names)
    ]


def _seconds_by_row(bouts: Columns, rows: int) -> FloatArray:
    return np.bincount(bouts["row"], weights=bouts["itself_s"], minlength=rows).astype(np.float64)


def _cut(bouts: Columns) -> dict[str, Any]:
    start, stop = bouts["censored_start"], bouts["censored_stop"]
    return {
        "bouts": len(start),
        "cut_start": int(start.sum()),
        "cut_stop": int(stop.sum()),
        "censored_share": float((start | stop).mean()) if len(start) else np.nan,
    }


def _times(bouts: Columns, unit: Unit, everyone: Units) -> dict[str, Any]:
    begun = ~bouts["censored_start"]
    lasts, cut, row = (bouts[name][begun] for name in ("duration_s", "censored_stop", "row"))
    return of_times(lasts, ~cut, row, unit, everyone, _NO_START)


def _share(value: float) -> str:
    """Two decimals, and a third for a share that would be 0.00."""
    return f"{value:.3f}" if 0 < value < 0.005 else f"{value:.2f}"


def _number(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.1f}"
