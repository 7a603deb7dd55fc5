"""What the observer wrote of the videos in observations.csv and sessions.csv, for programs that have a place for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.chain.synopsis import told_of
from pipeline.columns import Table
from pipeline.ethology.covariates import read_sessions
from pipeline.ethology.observations import placed, read_observations, video_began
from pipeline.report.words import plural
from pipeline.stored import StoredRun, place, told_by_user
from pipeline.tables import OBSERVATIONS, SESSIONS

DATE = "eventDate"  # as Darwin Core calls it


@dataclass(frozen=True)
class Noted:
    """The user's tables as far as there are any, and the files that are gone."""

    observations: pd.DataFrame | None  # tables.OBSERVATIONS
    sessions: pd.DataFrame | None  # tables.SESSIONS
    lost: tuple[Path, ...]

    @property
    def warnings(self) -> list[str]:
        """What the user has to know of the files."""
        return [f"{path} is no longer there: no dates, no places" for path in self.lost]

    def rows(self, video: str) -> pd.DataFrame:
        """The spans of a video that count; where only some that do not are told of, these."""
        if self.observations is None:
            return OBSERVATIONS.empty()
        own = self.observations[self.observations["video"] == video]
        return own[own["use"] == "yes"] if (own["use"] == "yes").any() else own

    def located(self, videos: Sequence[str]) -> pd.DataFrame:
        """``rows`` of all videos, with ``locality``: the site, where no column is called so."""
        rows = pd.concat([self.rows(key) for key in videos], ignore_index=True)
        return rows if "locality" in rows else rows.assign(locality=rows["site"])

    def counted_s(self, video: str, frames: pd.DataFrame) -> dict[str, float]:
        """How long a video (tables.FRAMES) counts in each session."""
        told = placed(frames["time_s"].to_numpy(dtype=np.float64), video, self.observations)
        lasts = frames["duration_s"].reset_index(drop=True)[told["reason"] == ""]
        return {str(name): float(total) for name, total in lasts.groupby(told["session"]).sum().items()}

    def words(self, video: str) -> dict[str, str]:
        """What is told of a video and its sessions, by column."""
        return told_of(video, self.observations, self.sessions)

    def filmed(self, video: str) -> str:
        """When its first frame was filmed, by the observer's clock: YYYY-MM-DDThh:mm:ss, of a day alone at midnight;
        empty where that is not known.
        """
        rows = self.rows(video)
        try:
            began = video_began(rows) or datetime.fromisoformat(only(rows, DATE))
        except ValueError:
            return ""
        return began.replace(tzinfo=None).isoformat(timespec="seconds")

    def undated(self, videos: Sequence[str]) -> list[str]:
        """A line where it is not known when some were filmed."""
        lost = plural(sum(not self.filmed(key) for key in videos), "video")
        told = f"observations.csv gives no {DATE} as 2023-01-12 of {lost}: left empty"
        return [] if all(map(self.filmed, videos)) else [told]


def only(rows: pd.DataFrame, name: str) -> str:
    """What all rows say in a column that perhaps is not there; nothing where they disagree."""
    values = set(rows[name]) - {""} if name in rows else set()
    return str(values.pop()) if len(values) == 1 else ""


def noted(told: Mapping[str, Any], runs: Sequence[StoredRun]) -> Noted:
    """What the files say that a run or study (``told``: its own account) was given, or the runs of the study were."""
    observations, first = _table("observations", told, runs, read_observations, OBSERVATIONS)
    sessions, second = _table("sessions", told, runs, read_sessions, SESSIONS)
    return Noted(observations, sessions, (*first, *second))


def _table(
    name: str, told: Mapping[str, Any], runs: Sequence[StoredRun], read: Callable[[Path], pd.DataFrame], table: Table
) -> tuple[pd.DataFrame | None, list[Path]]:
    """A table of the user's for all videos, None where files of it are gone, which are listed."""
    typed = told["settings"].get(name)
    given = place(typed, told.get("given", {}).get(name)) if isinstance(typed, str) else None
    files = [given] if given else [path for run in runs if (path := run.given(name)) is not None]
    if lost := [path for path in files if not path.is_file()]:
        return None, lost
    return told_by_user(given, runs, read, table, lambda run: run.given(name)), []
