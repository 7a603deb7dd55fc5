"""What counts, and in which session: the observer's ``observations.csv`` applied to the footage.

Sessions (one flight, one visit) are what intervals resample, because frames, tracks and mini-scenes of one session are
not independent (Hurlbert 1984, Ecol Monogr 54: 187-211). Time the observer excludes enters no statistic.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.errors import TableError
from pipeline.ethology.handwritten import faults_of, rows_that, text_table
from pipeline.tables import OBSERVATIONS

NOT_LISTED = "in no span with use=yes"
_MONTH = re.compile(r"\d{4}(-(0[1-9]|1[0-2]))?")  # or a year
_BLANK = ("start_s", "stop_s", "session", "group", "site", "species", "timezone", "reason")
_OF_A_SPAN = ("video", "start_s", "stop_s", "session", "timezone", "use", "reason")
_DEFAULTS = dict.fromkeys(_BLANK, "") | {"use": "yes"}


def _is_date(word: str) -> bool:
    """Is it a date as Darwin Core has them (ISO 8601): a year, a month, a day with or without a time, or from one on to
    another?
    """
    parts = word.split("/")
    return word == "" or all(_MONTH.fullmatch(part) or _parses(datetime.fromisoformat, part) for part in parts)


def _is_time(word: str) -> bool:
    return word == "" or all(_parses(time.fromisoformat, part) for part in word.split("/"))


def _parses(read: Callable[[str], Any], word: str) -> bool:
    try:
        read(word)
    except ValueError:
        return False
    return True


def _up_to(most: float) -> Callable[[str], bool]:
    """Is it a number of degrees up to so many, north or south, east or west?"""
    return lambda word: word == "" or (_parses(float, word) and abs(float(word)) <= most)


_TERMS: tuple[tuple[str, str, Callable[[str], bool]], ...] = (  # of Darwin Core, an example, and what fits
    ("eventDate", "2026-05-17", _is_date),
    ("eventTime", "06:30:00", _is_time),
    ("decimalLatitude", "-1.5 (from -90 to 90)", _up_to(90)),
    ("decimalLongitude", "36.8 (from -180 to 180)", _up_to(180)),
)


def default_session(video: str) -> str:
    """The session of a video that no observation speaks of: the folder it lies in below the source, or ``all``."""
    folder = PurePosixPath(video).parent.as_posix()
    return "all" if folder in (".", "/") else folder


def template(videos: Sequence[str]) -> pd.DataFrame:
    """tables.OBSERVATIONS to fill in: one row a video, all of it used, its folder as the session."""
    rows = pd.DataFrame({"video": pd.Series(list(videos), dtype="str")}).assign(**_DEFAULTS)
    return OBSERVATIONS.cast(rows.assign(session=rows["video"].map(default_session)))


def video_began(spans: pd.DataFrame) -> datetime | None:
    """When a video's first frame was filmed, by the first of its spans (tables.OBSERVATIONS) that says when it began.

    That is ``eventDate`` with ``eventTime``, or with a time of its own (ISO 8601, as Darwin Core has them); None where
    no span tells both.
    """
    for span in spans.to_dict("records"):
        date, hour = (str(span.get(name) or "") for name in ("eventDate", "eventTime"))
        try:
            moment = datetime.fromisoformat(date if "T" in date else f"{date}T{hour}")
        except ValueError:
            continue
        return moment - timedelta(seconds=0.0 if pd.isna(span["start_s"]) else float(span["start_s"]))
    return None


def read_observations(path: Path) -> pd.DataFrame:
    """The user's ``observations.csv`` as tables.OBSERVATIONS; other columns are kept as text.

    Only ``video`` has to be there; an empty ``session`` becomes the video's folder. ``TableError`` gives all faults at
    once.
    """
    data = text_table(path, _DEFAULTS)
    faults = faults_of(data, OBSERVATIONS)
    data["use"] = data["use"].str.lower()
    faults += rows_that("with use other than yes or no", ~data["use"].isin(["yes", "no"]))
    faults += rows_that("with timezone unlike +03:00", ~data["timezone"].str.fullmatch(r"([+-](0\d|1[0-4]):[0-5]\d)?"))
    faults += [f"column {name}: a span has {name}_s, in seconds" for name in ("start", "stop") if name in data]
    for name, like, fits in _TERMS:
        faults += rows_that(f"with {name} unlike {like}", ~data[name].map(fits)) if name in data else []
    if not faults:
        empty = data["session"] == ""
        data["session"] = data["session"].where(~empty, data["video"].map(default_session))
        data = OBSERVATIONS.cast(data)
        faults += rows_that("with start_s < 0", data["start_s"] < 0)
        faults += rows_that("with stop_s <= start_s", data["stop_s"] <= data["start_s"].fillna(0.0))
        faults += rows_that("with use=yes overlap another of their video", _overlaps(data))
    if faults:
        raise TableError(f"{path.name}: {'; '.join(faults)}")
    return data


def _overlaps(data: pd.DataFrame) -> pd.Series:
    """Does a used span begin before a used span of the same video, which began earlier, is over? Index as ``data``."""
    used = data[data["use"] == "yes"].assign(
        begin=lambda rows: rows["start_s"].fillna(0.0), end=lambda rows: rows["stop_s"].fillna(np.inf)
    )
    used = used.sort_values(["video", "begin"], kind="stable")
    over = used.groupby("video")["end"].cummax().groupby(used["video"]).shift(fill_value=-np.inf)
    return (used["begin"] < over).reindex(data.index, fill_value=False)


def placed(times_s: FloatArray, video: str, observations: pd.DataFrame | None) -> pd.DataFrame:
    """For each time: ``session``, ``species`` (``""``: as detected), ``reason`` (``""``: it counts), and what else the
    observations say: ``group``, ``site`` and columns of the user's.

    A span is half-open, ``[start_s, stop_s)``. Where a video has spans with ``use=yes``, only they count; where it has
    only spans with ``use=no``, all the rest counts; ``no`` goes before ``yes``.
    """
    rows = pd.DataFrame(columns=list(_DEFAULTS)) if observations is None else observations
    rows = rows[rows["video"] == video] if observations is not None else rows
    used, unused = rows[rows["use"] == "yes"], rows[rows["use"] == "no"]
    session = default_session(video) if rows.empty else str(rows["session"].iloc[0])
    told = [str(name) for name in rows.columns if name not in _OF_A_SPAN]
    result = {
        "session": np.full(len(times_s), session, dtype=object),
        **{name: np.full(len(times_s), "", dtype=object) for name in told},
        "reason": np.full(len(times_s), "" if used.empty else NOT_LISTED, dtype=object),
    }
    for span in [*used.to_dict("records"), *unused.to_dict("records")]:
        begin = 0.0 if pd.isna(span["start_s"]) else span["start_s"]
        inside = times_s >= begin
        if not pd.isna(span["stop_s"]):
            inside &= times_s < span["stop_s"]
        result["session"][inside] = span["session"]
        for name in told:
            result[name][inside] = span[name]
        result["reason"][inside] = "" if span["use"] == "yes" else span["reason"] or "no reason given"
    return pd.DataFrame(result)
