"""How often: bouts and events per hour of time in which they could have been seen.

Where the record is broken often, one long bout is several short ones: bouts per hour then rise by the breaks alone. The
rate of starts seen does not; both are given (Altmann 1974, Behaviour 49: 227-267, on rates from truncated records).
Where short gaps are bridged (``merging.bridged``), whether a bout starts cannot be seen sooner after a break than such
a gap lasts: that time is left out behind the rate of starts.
"""

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.durations.figures import Columns, Units, by_behaviour
from pipeline.ethology.durations.tables import RATES
from pipeline.ethology.ethogram import Kind
from pipeline.ethology.limits import Scale
from pipeline.ethology.record import Record
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.ethology.units import Unit

_HOUR_S = 3600.0


def rates(record: Record, settings: StatisticsSettings) -> pd.DataFrame:
    """``tables.RATES``: every behaviour and event of every unit but tracks, by level, unit, and the ethogram's order.

    The pooled rate of a unit is all its bouts over all its visible time.
    """
    everyone = Units(record, settings)
    watched = {key: record.visible_s(key[0], record.bridged_s.get(key, 0.0)) for key in record.behaviours()}
    counts = {key: _counts(rows, len(record.who.rows)) for key, rows in by_behaviour(_begun(record), record).items()}
    blocks = []
    for unit, _ in everyone:
        for of_set, name in record.behaviours():
            behind = everyone.visible_s[of_set][unit.rows]
            told, starts = (
                _rate(counts[of_set, name][unit.rows, k], over, unit, everyone)
                for k, over in enumerate((behind, watched[of_set, name][unit.rows]))
            )
            blocks.append(
                {
                    **everyone.head(unit, behind),
                    "set": of_set,
                    "behaviour": name,
                    "kind": record.ethogram.kind(of_set).value,
                    "bridged_s": record.bridged_s.get((of_set, name), 0.0),
                    "visible_s": behind.sum(),
                    "watched_s": watched[of_set, name][unit.rows].sum(),
                    **dict(zip(("bouts", "per_h", "low", "high", "method"), told, strict=True)),
                    **dict(zip(("starts", "starts_per_h", "starts_low", "starts_high"), starts, strict=False)),
                }
            )
    return RATES.cast(pd.DataFrame(blocks)) if blocks else RATES.empty()


def _begun(record: Record) -> pd.DataFrame:
    """The bouts with ``begun``: an event is at its start, whatever lies around it."""
    begun = ~record.rows["censored_start"] | (record.rows["kind"] == Kind.event.value)
    return record.rows[["set", "behaviour"]].assign(place=record.place, begun=begun)


def _counts(rows: Columns, places: int) -> FloatArray:
    """``[R, 2]`` bouts, and starts seen."""
    place, begun = rows["place"], rows["begun"]
    return np.column_stack([np.bincount(some, minlength=places) for some in (place, place[begun])]).astype(np.float64)


def _rate(times: FloatArray, behind: FloatArray, unit: Unit, everyone: Units) -> tuple[int, float, float, float, str]:
    """How many, how many an hour of what is ``behind``, limits, and how they were made; ``[unit's rows]`` both."""
    total, visible_s = times.sum(), behind.sum()
    limits = everyone.cluster.pooled(unit, times[:, None] * _HOUR_S, behind, Scale.rate)
    how = f"pooled time; {limits.method}" if visible_s > 0 else limits.method
    rate = total * _HOUR_S / visible_s if visible_s > 0 else np.nan
    return int(total), rate, float(limits.low[0]), float(limits.high[0]), how
