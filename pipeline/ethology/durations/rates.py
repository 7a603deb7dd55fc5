"""How often: bouts and events per hour of time in which they could have been seen.

Where the record is broken often, one long bout is several short ones: bouts per hour then rise by the breaks alone. The
rate of starts seen does not; both are given (Altmann 1974, Behaviour 49: 227-267, on rates from truncated records).
"""

from typing import Any

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.durations.figures import Columns, Units, by_behaviour
from pipeline.ethology.durations.tables import RATES
from pipeline.ethology.ethogram import Kind
from pipeline.ethology.limits import Scale
from pipeline.ethology.record import Record
from pipeline.ethology.statistics import StatisticsSettings

_HOUR_S = 3600.0


def rates(record: Record, settings: StatisticsSettings) -> pd.DataFrame:
    """``tables.RATES``: every behaviour and event of every unit but tracks, by level, unit, and the ethogram's order.

    The pooled rate of a unit is all its bouts over all its visible time.
    """
    everyone = Units(record, settings)
    counts = {key: _counts(rows, len(record.who.rows)) for key, rows in by_behaviour(_begun(record), record).items()}
    blocks = []
    for unit, _ in everyone:
        for of_set, name in record.behaviours():
            behind = everyone.visible_s[of_set][unit.rows]
            times = counts[of_set, name][unit.rows]
            limits = everyone.cluster.pooled(unit, times * _HOUR_S, behind, Scale.rate)
            low, high, method = limits.low, limits.high, limits.method
            blocks.append(
                {
                    **everyone.head(unit, behind),
                    "set": of_set,
                    "behaviour": name,
                    "kind": record.ethogram.kind(of_set).value,
                    "visible_s": behind.sum(),
                    **_rate(("bouts", "per_h", "low", "high"), times[:, 0], behind, low[0], high[0]),
                    **_rate(
                        ("starts", "starts_per_h", "starts_low", "starts_high"), times[:, 1], behind, low[1], high[1]
                    ),
                    "method": f"pooled time; {method}" if behind.sum() > 0 else method,
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


def _rate(names: tuple[str, ...], times: FloatArray, behind: FloatArray, low: float, high: float) -> dict[str, Any]:
    total, visible = times.sum(), behind.sum()
    values = (int(total), total * _HOUR_S / visible if visible > 0 else np.nan, low, high)
    return dict(zip(names, values, strict=True))
