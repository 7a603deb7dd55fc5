"""What the user knows of animals, sessions and spans of time, beside every frame: columns that figures are given by.

A column such as ``sex``, ``habitat`` or ``group`` may stand in ``individuals.csv`` (of the animal), ``sessions.csv``
(of the session) or ``observations.csv`` (of a span of a video). Where several have it the first of these goes before,
and the next fills in what it leaves empty.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.errors import TableError, UsageError
from pipeline.ethology.handwritten import faults_of, rows_that, text_table
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.tables import NAMES, OBSERVATIONS, SESSIONS

TIME_BIN = "time_bin"
_USUAL = ("group", "site")  # columns of every observations.csv: known, if perhaps empty


def read_sessions(path: Path) -> pd.DataFrame:
    """The user's ``sessions.csv`` as tables.SESSIONS: a row a session, other columns kept as text.

    ``TableError`` gives all faults at once.
    """
    data = text_table(path, {})
    faults = faults_of(data, SESSIONS)
    if not faults:
        faults += rows_that("name no session", data["session"] == "")
        faults += rows_that("name a session that another row names too", data.duplicated("session", keep=False))
    if faults:
        raise TableError(f"{path.name}: {'; '.join(faults)}")
    return SESSIONS.cast(data, where=path.name)


def check_columns(settings: StatisticsSettings, *tables: pd.DataFrame | None) -> None:
    """``UsageError`` where figures are asked for by a column that none of the user's tables has."""
    known = {str(name) for table in tables if table is not None for name in table.columns} | {*_USUAL}
    known -= {*NAMES.names, *(name for name in OBSERVATIONS.names if name not in _USUAL)}
    if lost := [name for name in settings.by if name not in known]:
        raise UsageError(
            f"statistics.by names {', '.join(lost)}, which no column of individuals.csv, sessions.csv or "
            f"observations.csv is called; there are {', '.join(sorted(known))}"
        )


def columns(settings: StatisticsSettings) -> tuple[str, ...]:
    """The columns that figures are given by, time bins among them."""
    return (*settings.by, *([TIME_BIN] if settings.time_bin_s else []))


def with_covariates(
    rows: pd.DataFrame,
    video: str,
    settings: StatisticsSettings,
    names: pd.DataFrame | None,
    sessions: pd.DataFrame | None,
) -> pd.DataFrame:
    """``rows`` (track, session, time_s, and what the observations say) with a text column for each of ``columns``."""
    animals = None if names is None else names[names["video"] == video].set_index("track")
    visits = None if sessions is None else sessions.set_index("session")
    made = {}
    for name in settings.by:
        told = pd.Series("", index=rows.index, dtype="object")
        for table, key in ((animals, "track"), (visits, "session")):
            if table is not None and name in table:
                told = told.where(told != "", rows[key].map(table[name]).fillna(""))
        made[name] = told.where(told != "", rows[name].fillna("")) if name in rows else told
    if settings.time_bin_s:
        made[TIME_BIN] = _bins(rows["time_s"], settings.time_bin_s)
    return rows.assign(**{name: values.astype("str") for name, values in made.items()})


def _bins(time_s: "pd.Series[float]", width_s: float) -> pd.Series:
    """As ``00600-01200 s``: seconds since the video's first frame, written so that names sort as times do."""
    number = np.floor(time_s.to_numpy(dtype=np.float64) / width_s + 1e-9).astype(np.int64)
    words = {k: f"{k * width_s:05g}-{(k + 1) * width_s:05g} s" for k in set(number.tolist())}
    return pd.Series([words[k] for k in number.tolist()], index=time_s.index, dtype="str")
