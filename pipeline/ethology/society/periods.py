"""Sampling periods of associations: each begins with a look at who is with whom, and the next look is a period later.

Videos of a session share a clock where it is known when they were filmed; else each has its own. A period that the end
of the footage on its clock cuts short does not count: what follows may have been filmed a moment later. So ten clips
of ten seconds are no ten periods of a minute (on periods: Whitehead 2008, "Analyzing Animal Societies").

::

    footage     |----------------|      |--|  |-------------------|
    periods      ^-----^-----           ^-----   ^-----^-----

A video that is running when a period begins, beside the one whose look it is, adds its next look.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from pipeline.ethology.observations import video_began
from pipeline.ethology.society.pair_tables import SCANS
from pipeline.ethology.society.settings import SocietySettings

_DJI = re.compile(r"DJI_(\d{14})_")  # when the recording began, in the names that newer drones give
_FOLLOWS = 1.5  # periods after which the next look no longer follows on the one before


def begun(videos: Iterable[str], observations: pd.DataFrame | None) -> dict[str, float]:
    """When the first frame of each video was filmed, in seconds since 1970; without those of which it is not known.

    The observer's ``eventDate`` and ``eventTime`` are of a span's start (tables.OBSERVATIONS); else the name tells.
    """
    noted = {} if observations is None else {str(key): rows for key, rows in observations.groupby("video")}
    found = {video: _told(noted.get(video), video) for video in videos}
    return {video: moment for video, moment in found.items() if moment is not None}


def _told(rows: pd.DataFrame | None, video: str) -> float | None:
    when, name = None if rows is None else video_began(rows), _DJI.search(video)
    zone = "" if rows is None else str(rows["timezone"].iloc[0])
    try:
        if when is None and name is not None:
            when = datetime.fromisoformat(f"{name[1][:8]}T{name[1][8:]}")
        zoned = datetime.fromisoformat(f"2000-01-01T00:00{zone}").tzinfo
    except ValueError:  # digits that are no date, a zone that is none
        return None
    return when.replace(tzinfo=when.tzinfo or zoned or UTC).timestamp() if when else None


def looks(animals: pd.DataFrame, instants: pd.DataFrame, period_s: float) -> pd.DataFrame:
    """The first instant of every sampling period of one video: rows for SCANS, to be ``sampled``.

    ``animals`` have their group; ``instants`` are those of ``Placed``. Periods run from the session's first instant in
    the video; ``began_s`` and ``ended_s`` say from when to when there is footage of it.
    """
    spans = instants.assign(ended_s=instants["time_s"] + instants["lasts_s"]).groupby("session")
    begin, end = spans["time_s"].transform("min"), spans["ended_s"].transform("max")
    seen = instants.assign(began_s=begin, ended_s=end).iloc[np.unique(animals["instant"])]
    period = np.floor((seen["time_s"] - seen["began_s"]) / period_s + 1e-9)
    first = seen["time_s"] == seen.groupby(["session", period])["time_s"].transform("min")
    rows = animals.join(seen.loc[first, ["began_s", "ended_s"]], on="instant", how="inner")
    return rows[[name for name in (*SCANS.names, "began_s", "ended_s") if name in rows]]


def sampled(found: pd.DataFrame, clocks: Mapping[str, float], settings: SocietySettings) -> pd.DataFrame:
    """SCANS: the ``looks`` that begin a whole sampling period; ``clocks`` as from ``begun``."""
    if found.empty:
        return SCANS.empty()
    began = found["video"].map(clocks)
    rows = found.assign(clock=found["video"].where(began.isna(), ""))
    rows[["at_s", "from_s", "to_s"]] = rows[["time_s", "began_s", "ended_s"]].add(began.fillna(0.0), axis=0)
    parts = [_periods(own, settings) for _, own in rows.groupby(["session", "clock"])]
    return SCANS.cast(pd.concat(parts, ignore_index=True))


def _periods(rows: pd.DataFrame, settings: SocietySettings) -> pd.DataFrame:
    """The looks on one clock that count, with the number of their period; one is left out after a pause."""
    nearly_s = settings.period_s - settings.step_s / 2  # instants lie up to a frame beside their steps
    begins: list[float] = []
    for at in np.unique(rows["at_s"]):
        if at + nearly_s <= rows["to_s"].max() and (not begins or at >= begins[-1] + nearly_s):
            begins.append(at)
    starts = np.array([-np.inf, *begins])
    number = np.cumsum(np.where(np.diff(starts) < _FOLLOWS * settings.period_s, 1, 2)) - 2
    place = np.searchsorted(begins, rows["at_s"], side="right")
    since = rows["at_s"] - starts[place]
    counts = (since == 0) | ((rows["from_s"] <= starts[place]) & (since < nearly_s))
    own = rows.assign(period=np.append(-1, number)[place])[counts]
    return pd.DataFrame(own[own["at_s"] == own.groupby(["period", "video"])["at_s"].transform("min")])
