"""What the results rest on: the videos, the sample sizes, and the time left out."""

from collections.abc import Sequence

import pandas as pd

from pipeline.ethology.units import TRACK
from pipeline.report.bars import KEYS
from pipeline.report.markup import Markup, link, table, tag, together
from pipeline.report.sections.common import MOST_ROWS, excluded_share, more, unit_name
from pipeline.report.summary import VideoLine
from pipeline.report.words import duration, percent, readable


def videos_table(videos: Sequence[VideoLine]) -> Markup:
    """One row a video: what happened to it, and what was seen in it."""
    head = ("video", "status", "footage", "files", "frames read", "tracks", "at once", "visible")
    rows = [
        (
            readable(video.key),
            _status(video),
            _footage(video),
            together([link(path, path.rpartition("/")[2]) for path in video.files], ", "),
            _frames(video),
            f"{video.tracks}",
            f"{video.most_at_once}",
            duration(video.visible_s),
        )
        for video in videos
    ]
    return table(head, rows, "Videos of this run; visible: animals' time in sight and recognized, added up", words=4)


def _status(video: VideoLine) -> Markup:
    """The status as a word, with its reason and warnings below it."""
    notes = [note for note in (video.reason, *video.warnings) if note]
    mark = tag("span", video.status, class_=f"status {video.status}")
    return together([mark, *(tag("div", note, class_="note") for note in notes)])


def _footage(video: VideoLine) -> str:
    if not video.decoded:
        return "-"
    return ", ".join([duration(video.duration_s), f"{video.width} x {video.height}", video.timestamps])


def _frames(video: VideoLine) -> str:
    if video.announced is None or video.announced == video.decoded:
        return f"{video.decoded:,}"
    return f"{video.decoded:,} of {video.announced:,}"


def sample_table(budgets: pd.DataFrame) -> Markup:
    """How much stands behind every figure: one row a unit."""
    units = _units(budgets)
    head = ("unit", "level", "sessions", "named animals", "tracks", "most at once", "visible", "left out")
    rows = [
        (
            unit_name(unit),
            unit["level"],
            f"{unit['n_sessions']}",
            f"{unit['n_individuals']}" if unit["n_individuals"] else "none",
            f"{unit['n_tracks']}",
            f"{unit['most_at_once']}",
            duration(unit["visible_s"]),
            percent(excluded_share(unit)),
        )
        for _, unit in units.head(MOST_ROWS).iterrows()
    ]
    caption = "Sample sizes; left out: share of tracked time out of sight or not recognized"
    return together([table(head, rows, caption, words=2), more(len(units), "time_budgets.csv")])


def _units(budgets: pd.DataFrame) -> pd.DataFrame:
    """One row a unit above single tracks, from the whole to its parts."""
    units = budgets[budgets["level"] != TRACK].drop_duplicates(KEYS)  # single tracks are left to the CSV
    order = {level: k for k, level in enumerate(units["level"].unique())}
    return units.assign(order=units["level"].map(order)).sort_values("order", kind="stable")


def excluded_table(excluded: pd.DataFrame) -> Markup:
    """Time that is in no statistic, by cause; empty where there is none."""
    if excluded.empty:
        return Markup("")
    several = excluded["set"].replace("", pd.NA).nunique() > 1
    sums = excluded.groupby(["cause", "reason", "set"], sort=False, as_index=False)[["footage_s", "animal_s"]].sum()
    head = ("why", "reason", *(["set"] if several else []), "footage", "animals' time")
    rows = [
        (
            row["cause"],
            row["reason"] or "-",
            *([row["set"] or "-"] if several else []),
            f"{row['footage_s']:,.1f} s" if row["footage_s"] else "-",
            f"{row['animal_s']:,.1f} s",
        )
        for _, row in sums.iterrows()
    ]
    return table(head, rows, "Time in no statistic, over all videos", words=3 if several else 2)
