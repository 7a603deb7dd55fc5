"""All tables of the family: the bouts of a study by every level, as recorded or joined over short gaps."""

from collections.abc import Iterator

import pandas as pd

from pipeline.ethology.covariates import bouts_with
from pipeline.ethology.durations.criteria import criteria, gaps_to_bridge
from pipeline.ethology.durations.gaps import gaps
from pipeline.ethology.durations.latencies import latencies
from pipeline.ethology.durations.lengths import durations
from pipeline.ethology.durations.merging import bridged, sensitivity
from pipeline.ethology.durations.rates import rates
from pipeline.ethology.durations.settings import BoutSettings
from pipeline.ethology.durations.tables import CRITERIA, DURATIONS, GAPS, LATENCIES, RATES, SENSITIVITY
from pipeline.ethology.ethogram import Ethogram
from pipeline.ethology.record import Record, record
from pipeline.ethology.statistics import StatisticsSettings


def study(
    bouts: pd.DataFrame,
    ethogram: Ethogram,
    settings: BoutSettings,
    statistics: StatisticsSettings,
    starts: pd.DataFrame | None = None,
    names: pd.DataFrame | None = None,
    sessions: pd.DataFrame | None = None,
    observations: pd.DataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """The tables ``durations``, ``gaps``, ``rates``, ``latencies``, ``criteria`` and ``sensitivity``.

    The first four are of bouts that gaps up to the criterion of ``settings`` part no more, pooled, by species, session
    and named animal, and by each column of ``statistics.by`` that ``names``, ``sessions`` or ``observations`` fill:
    there a bout in which the column changes is cut. The last two are of bouts as recorded, whose criterion holds for
    all levels. ``starts`` as of ``latencies``.
    """
    whole = record(bouts, ethogram)
    fitted = criteria(whole, settings, statistics)
    gap_s, least = gaps_to_bridge(fitted, ethogram, settings), settings.min_ended
    parted = _by_columns(bouts, ethogram, statistics, names, sessions, observations)
    of_each = [bridged(one, gap_s) for one in (whole, *parted)]
    found = {
        DURATIONS.name: [durations(one, statistics, least) for one in of_each],
        GAPS.name: [gaps(one, statistics, least) for one in of_each],
        RATES.name: [rates(one, statistics) for one in of_each],
        LATENCIES.name: [latencies(one, statistics, starts, least) for one in of_each],
    }
    together = {name: pd.concat(tables, ignore_index=True) for name, tables in found.items()}
    return together | {CRITERIA.name: fitted, SENSITIVITY.name: sensitivity(whole, settings)}


def _by_columns(
    bouts: pd.DataFrame, ethogram: Ethogram, statistics: StatisticsSettings, *told: pd.DataFrame | None
) -> Iterator[Record]:
    """The record parted by each column that says something of anybody."""
    for name in statistics.by:
        rows = bouts_with(bouts, [name], *told)
        if (rows[name] != "").any():
            yield record(rows, ethogram, name)
