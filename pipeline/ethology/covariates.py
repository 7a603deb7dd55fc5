"""What the user knows of animals, sessions and spans of time, beside every frame: columns that figures are given by.

A column such as ``sex``, ``habitat`` or ``group`` may stand in ``individuals.csv`` (of the animal), ``sessions.csv``
(of the session) or ``observations.csv`` (of a span of a video). Where several have it the first of these goes before,
and the next fills in what it leaves empty.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.errors import TableError, UsageError
from pipeline.ethology.ethogram import Kind
from pipeline.ethology.handwritten import faults_of, rows_that, text_table
from pipeline.ethology.observations import placed
from pipeline.ethology.sequences.settings import SequenceSettings
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.tables import NAMES, OBSERVATIONS, SESSIONS
from pipeline.types import IntArray

TIME_BIN = "time_bin"
_OF_BOUTS = {"species", "session", "subject", "video"}  # columns of every bout
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


def check_columns(statistics: StatisticsSettings, sequences: SequenceSettings, *tables: pd.DataFrame | None) -> None:
    """``UsageError`` where figures are asked for by a column that none of the user's tables has."""
    told = told_columns(*tables)
    asked = (("statistics.by", statistics.by, told), ("sequences.by", sequences.by, told | _OF_BOUTS))
    for setting, by, known in asked:
        if lost := [name for name in by if name not in known]:
            raise no_such_column(setting, lost, known)


def told_columns(*tables: pd.DataFrame | None) -> set[str]:
    """The columns in which the user's tables tell something of animals, sessions and spans."""
    known = {str(name) for table in tables if table is not None for name in table.columns} | {*_USUAL}
    return known - {*NAMES.names, *(name for name in OBSERVATIONS.names if name not in _USUAL)}


def no_such_column(setting: str, names: Sequence[str], known: set[str]) -> UsageError:
    """The error of a setting that names columns which no table has."""
    return UsageError(
        f"{setting} names {', '.join(names)}, which no column of individuals.csv, sessions.csv or observations.csv is "
        f"called; there are {', '.join(sorted(known))}"
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
    made = _filled(rows, video, settings.by, names, sessions)
    if settings.time_bin_s:
        made[TIME_BIN] = _bins(rows["time_s"], settings.time_bin_s)
    return rows.assign(**{name: values.astype("str") for name, values in made.items()})


def _filled(
    rows: pd.DataFrame,
    video: str,
    columns: Sequence[str],
    names: pd.DataFrame | None,
    sessions: pd.DataFrame | None,
) -> dict[str, pd.Series]:
    """Each column, of the first table that says something of the row."""
    animals = None if names is None else names[names["video"] == video].set_index("track")
    visits = None if sessions is None else sessions.set_index("session")
    made = {}
    for name in columns:
        told = pd.Series("", index=rows.index, dtype="object")
        for table, key in ((animals, "track"), (visits, "session")):
            if table is not None and name in table:
                told = told.where(told != "", rows[key].map(table[name]).fillna(""))
        made[name] = told.where(told != "", rows[name].fillna("")) if name in rows else told
    return made


def bouts_with(
    bouts: pd.DataFrame,
    columns: Sequence[str],
    names: pd.DataFrame | None = None,
    sessions: pd.DataFrame | None = None,
    observations: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """``tables.BOUTS`` with a text column for each of ``columns`` that it lacks, filled as by ``with_covariates``.

    A state is cut where an observation says something else of it; both parts are censored at the cut. An event has what
    is said of its start. Where nothing is said of any bout they stay as they are.
    """
    lacking = [name for name in columns if name not in bouts]
    columns = [name for name in lacking if any(_says(table, name) for table in (names, sessions, observations))]
    bouts = bouts.assign(**{name: "" for name in lacking if name not in columns})
    if not columns:
        return bouts
    made = []
    for video, own in bouts.groupby("video", sort=False):
        rows = _cut(own, _borders(str(video), columns, observations))
        told = placed(rows["start_s"].to_numpy(dtype=np.float64), str(video), observations)
        rows = rows.assign(**{name: told[name].to_numpy() for name in columns if name in told})
        words = _filled(rows, str(video), columns, names, sessions)
        made.append(_mended(rows.assign(**{name: values.astype("str") for name, values in words.items()}), columns))
    return pd.concat(made, ignore_index=True) if made else bouts.assign(**dict.fromkeys(columns, ""))


def _says(table: pd.DataFrame | None, name: str) -> bool:
    """Does a table of the user say something in a column?"""
    return table is not None and name in table and bool((table[name].fillna("") != "").any())


def _borders(video: str, columns: Sequence[str], observations: pd.DataFrame | None) -> FloatArray:
    """Moments of a video at which an observation that says something of ``columns`` begins or ends."""
    if observations is None or not set(columns) & set(observations.columns):
        return np.zeros(0)
    own = observations.loc[observations["video"] == video, ["start_s", "stop_s"]].to_numpy(dtype=np.float64)
    return np.unique(own[np.isfinite(own)])


def _cut(bouts: pd.DataFrame, borders: FloatArray) -> pd.DataFrame:
    """The bouts, states that hold a border cut there; frames are at even times. ``bout`` numbers what they are of."""
    start, stop = (bouts[name].to_numpy(dtype=np.float64) for name in ("start_s", "stop_s"))
    first, last = np.searchsorted(borders, start, side="right"), np.searchsorted(borders, stop, side="left")
    parts = np.maximum(last - first, 0) * (bouts["kind"] == Kind.state.value).to_numpy() + 1
    part = np.arange(parts.sum()) - np.repeat(np.cumsum(parts) - parts, parts)
    rows = bouts.loc[bouts.index.repeat(parts)].reset_index(drop=True)
    begins, ends = part > 0, part < np.repeat(parts, parts) - 1
    inner = np.repeat(first, parts) + part
    at = np.append(borders, np.nan)
    rows["start_s"] = np.where(begins, at[np.where(begins, inner - 1, -1)], rows["start_s"])
    rows["stop_s"] = np.where(ends, at[np.where(ends, inner, -1)], rows["stop_s"])
    for name, moved, of in (("start_frame", begins, "start_s"), ("stop_frame", ends, "stop_s")):
        rows[name] = np.where(moved, _frame(bouts, parts, rows[of]), rows[name])
    rows["censored_start"] |= begins
    rows["censored_stop"] |= ends
    return rows.assign(duration_s=rows["stop_s"] - rows["start_s"], bout=np.repeat(np.arange(len(bouts)), parts))


def _mended(rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Parts of one ``bout`` of which the same is said are one again."""
    told = rows[["bout", *columns]]
    piece = (told != told.shift()).any(axis=1).cumsum()
    first, last = rows.groupby(piece).head(1), rows.groupby(piece).tail(1)
    whole = first.assign(**{name: last[name].to_numpy() for name in ("stop_s", "stop_frame", "censored_stop")})
    return whole.assign(duration_s=whole["stop_s"] - whole["start_s"]).drop(columns="bout")


def _frame(bouts: pd.DataFrame, parts: IntArray, time_s: pd.Series) -> IntArray:
    """The frame at ``time_s`` of the bout that each part comes from."""
    start, stop, first, after = (
        np.repeat(bouts[name].to_numpy(dtype=np.float64), parts)
        for name in ("start_s", "stop_s", "start_frame", "stop_frame")
    )
    lasts = np.where(stop > start, stop - start, 1.0)
    return np.asarray(np.round(first + (time_s.to_numpy() - start) / lasts * (after - first)), dtype=np.int64)


def bin_numbers(time_s: "pd.Series[float]", width_s: float) -> IntArray:
    """Which bin of ``width_s`` each time ``[n]`` is in, from 0; a time at a border, but for rounding, begins a bin.

    Of an infinite width there is one bin.
    """
    numbers: IntArray = np.floor(time_s.to_numpy(dtype=np.float64) / width_s + 1e-9).astype(np.int64)
    return numbers


def _bins(time_s: "pd.Series[float]", width_s: float) -> pd.Series:
    """As ``00600-01200 s``: seconds since the video's first frame, written so that names sort as times do."""
    numbers = bin_numbers(time_s, width_s).tolist()
    decimals = len(np.format_float_positional(width_s, precision=6, trim="-").partition(".")[2])
    wide = 5 + (decimals > 0) * (1 + decimals)
    words = {k: "-".join(f"{edge * width_s:0{wide}.{decimals}f}" for edge in (k, k + 1)) + " s" for k in {*numbers}}
    return pd.Series([words[k] for k in numbers], index=time_s.index, dtype="str")
