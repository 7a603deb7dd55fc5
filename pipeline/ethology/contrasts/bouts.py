"""Do two conditions differ in how often bouts begin, and in how long they last? Both as ratios, second to first.

More of the time in a behaviour means more bouts, longer ones, or both: where nothing drifts, the share of time is the
rate of starts times the mean length. Of every unit in each condition there are, an hour (second) of recognized time,

::

    starts    bouts whose start was seen: breaks of the record add none (``durations/rates.py``)
    time      in the behaviour, of bouts that the record cuts too
    ends      bouts that were seen to end

and the mean length in a condition is the mean over units of time / the mean of ends. No shape of lengths is taken for
granted: wherever the record begins and breaks off, it has each second of a bout, and its end, as often as any other, if
that does not depend on when the bout would end. The mean of whole bouts alone is too short where long ones are cut, and
most so in the condition whose record is broken more: a test of it finds differences that are none (Bressers, Meelis,
Haccou and Kruk 1991, Behav Process 23: 1-20; ends by time: Haccou and Meelis 1992, "Statistical Analysis of Behavioural
Data"). What is independent (``units.py``) is shuffled whole.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.contrasts.families import table_of
from pipeline.ethology.contrasts.footing import Footing, footings
from pipeline.ethology.contrasts.means import Ratios, p_values
from pipeline.ethology.contrasts.settings import ContrastSettings
from pipeline.ethology.contrasts.tables import BOUT_CONTRASTS
from pipeline.ethology.contrasts.units import Units
from pipeline.ethology.ethogram import Ethogram, Kind
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.ethology.sums import over
from pipeline.types import BoolArray

_HOUR_S = 3600.0
_SURE = 10  # ends in each condition, from which on limits of lengths hold as often as they say (docs/statistics.md)


def compare_bouts(
    bouts: pd.DataFrame,
    by: str,
    ethogram: Ethogram,
    statistics: StatisticsSettings,
    settings: ContrastSettings,
    conditions: Sequence[str] = (),
    min_ended: int = 1,
    gap_s: Mapping[tuple[str, str], float] = MappingProxyType({}),
) -> pd.DataFrame:
    """``tables.BOUT_CONTRASTS`` of the two values of a column of the bouts table, or of the two ``conditions``.

    Limits and tests are left out where a condition has fewer than ``statistics.min_units`` replicates; of lengths,
    where it has fewer in which a bout was seen to end. A condition in which fewer than ``min_ended`` bouts of a
    behaviour were seen to end has no length of it: an end more or less would make it another. Bouts that gaps up to
    ``gap_s`` part are one (``durations.criteria.gaps_to_bridge``). Events have rates, of time in sight. ``UsageError``
    where the column has no two such values, ``TableError`` where the table has faults.
    """
    found = footings(bouts, by, ethogram, statistics, settings, conditions, gap_s)
    rows = [footing.head | row for footing in found for row in _rows(footing, min_ended)]
    return table_of(rows, BOUT_CONTRASTS, settings)


def _rows(footing: Footing, min_ended: int) -> list[dict[str, Any]]:
    """A row for each behaviour of a set."""
    units, nothing = footing.units, footing.nothing
    counts = {"starts": units.starts, "ends": units.ends, "replicates_ends": units.having(units.ends > 0)}
    numbers = {what: some.sum(axis=0).astype(np.int64) for what, some in counts.items()}
    figures = {} if nothing else _rates(footing) | _lengths(footing, min_ended)
    remarks = [_remarks(footing, k, min_ended) for k in range(len(footing.names))]
    return [
        {"behaviour": name, "kind": footing.kind.value, "method": nothing or "; ".join([footing.told, *remarks[k]])}
        | {f"{what}_{half}": int(n[h, k]) for what, n in numbers.items() for h, half in enumerate(("first", "second"))}
        | {figure: values[k] for figure, values in figures.items()}
        for k, name in enumerate(footing.names)
    ]


def _rates(footing: Footing) -> dict[str, FloatArray]:
    """Starts an hour: also of a behaviour that one condition never begins."""
    units = footing.units
    starts = np.nan_to_num(over(units.starts * _HOUR_S, units.told_s))
    ratios = _ratios(units, starts, np.ones(starts.shape))
    tested = np.asarray(~np.isnan(ratios.logs) & footing.enough(units.there))
    return _figures(footing, ratios, tested, "rate", "starts_per_h")


def _lengths(footing: Footing, min_ended: int) -> dict[str, FloatArray]:
    """Mean lengths in seconds, of behaviours that were seen to end often enough."""
    units = footing.units
    time = over(units.seconds, units.visible_s)
    ratios = _ratios(units, np.nan_to_num(time), np.nan_to_num(over(units.ends, units.told_s)))
    enough = units.ends.sum(axis=0) >= min_ended  # [2, K]
    both = enough.all(axis=0)
    found = _figures(footing, ratios, footing.enough(units.ends > 0) & both, "length", "length_s")
    told = {"length_s_first": enough[0], "length_s_second": enough[1]}
    return {name: np.where(told.get(name, both), values, np.nan) for name, values in found.items()}


def _ratios(units: Units, part: FloatArray, whole: FloatArray) -> Ratios:
    """Of units with time in which the behaviour's starts and ends could be told."""
    kept = np.where(units.told_s > 0, 1.0, np.where(units.there, 0.0, np.nan)[..., None])
    return Ratios(part * kept, whole * kept, units.own.place)


def _figures(footing: Footing, ratios: Ratios, tested: BoolArray, what: str, of: str) -> dict[str, FloatArray]:
    """Means, ratio, limits and p ``[K]``."""
    logs, (first, second) = ratios.logs, ratios.means
    low, high, p = np.full((3, len(logs)), np.nan)
    if tested.any():
        swapped, whole = footing.swaps()
        p[tested] = p_values(logs, ratios.shuffled(swapped), whole)[tested]
        low[tested], high[tested] = (limit[tested] for limit in ratios.limits(footing.statistics.confidence))
    ratio = f"{what}_ratio"
    sized = {ratio: np.where(np.isfinite(logs), logs, np.nan), f"{ratio}_low": low, f"{ratio}_high": high}
    return {f"{of}_first": first, f"{of}_second": second, f"p_{what}": p} | {k: np.exp(v) for k, v in sized.items()}


def _remarks(footing: Footing, k: int, min_ended: int) -> list[str]:
    """What is to be known of a behaviour that was not seen to begin and to end (often enough) in both conditions."""
    units = footing.units
    shown = (units.seconds > 0) | (units.starts > 0)
    lost = [
        [name for name, some in zip(footing.pair, given[..., k].sum(axis=0), strict=True) if some < least]
        for given, least in ((shown, 1), (units.starts, 1), (units.ends, min_ended), (units.ends, _SURE))
    ]
    unseen, unbegun, unended, unsure = (" and ".join(names) for names in lost)
    if unseen:
        return ["never seen" if len(lost[0]) == 2 else f"never seen in {unseen}: no ratio"]
    remarks = [f"no start seen in {unbegun}: no ratio of rates"] if unbegun else []
    if footing.kind is Kind.event:
        return remarks
    if unended:
        few = "no bout" if min_ended == 1 else f"fewer than {min_ended} bouts"
        return [*remarks, f"{few} seen to end in {unended}: no ratio of lengths"]
    if footing.few:
        return remarks
    if not footing.enough(units.ends[..., k] > 0):
        return [*remarks, "a bout was seen to end in too few replicates: no test of lengths"]
    unsure_words = (
        f"fewer than {_SURE} bouts seen to end in {unsure}: limits of lengths may hold less often than they say"
    )
    return [*remarks, *([unsure_words] if unsure else [])]
