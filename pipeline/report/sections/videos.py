"""What the results rest on: the videos, the sample sizes, and the time left out."""

from collections.abc import Sequence

import pandas as pd

from pipeline.ethology.lost import LOST
from pipeline.ethology.units import TRACK
from pipeline.report.bars import told_apart, units_of
from pipeline.report.markup import Markup, link, table, tag, together
from pipeline.report.sections.common import MOST_ROWS, SAME_CUT, excluded_share, partly, unit_name
from pipeline.report.summary import VideoLine
from pipeline.report.words import duration, percent, readable
from pipeline.tables import INDIVIDUALS

_VIDEOS = (
    "Videos of this run; boxes at once: most animals with a box in one frame, hidden ones among them; recognized: "
    "animals' time in sight and recognized, added up"
)


def videos_table(videos: Sequence[VideoLine]) -> Markup:
    """One row a video: what happened to it, and what was seen in it."""
    told = list(dict.fromkeys(name for video in videos for name in video.told))
    head = ("video", *told, "status", "footage", "files", "frames read", "tracks", "boxes at once", "recognized")
    rows = [
        (
            readable(video.key),
            *(video.told.get(name, "-") for name in told),
            _status(video),
            _footage(video),
            together([link(path, path.rpartition("/")[2]) for path in video.files], ", "),
            _frames(video),
            f"{video.tracks}",
            f"{video.most_at_once}",
            duration(video.recognized_s),
        )
        for video in videos
    ]
    return table(head, rows, _VIDEOS, words=4 + len(told))


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


def sample_table(budgets: pd.DataFrame, individuals: pd.DataFrame, most: int = MOST_ROWS) -> Markup:
    """How much stands behind every figure: one row a unit; single tracks are left to the CSV.

    Beside a named animal stands what the user told of it: the columns of ``individuals`` (tables.INDIVIDUALS) that are
    not the tool's own.
    """
    units = units_of(told_apart(budgets[budgets["level"] != TRACK]))
    own = individuals.groupby("individual")[[name for name in individuals if name not in INDIVIDUALS.names]].first()
    head = (
        "unit",
        "level",
        *map(str, own.columns),
        "sessions",
        "named animals",
        "tracks",
        "in sight at once",
        "recognized",
        "left out",
    )
    rows = [
        (
            unit_name(unit),
            unit["level"],
            *(own[name].get(unit["unit"], "") if unit["level"] == "individual" else "" for name in own),
            f"{unit['n_sessions']}",
            f"{unit['n_individuals']}" if unit["n_individuals"] else "none",
            f"{unit['n_tracks']}",
            f"{unit['most_at_once']}",
            duration(unit["visible_s"]),
            percent(excluded_share(unit)),
        )
        for _, unit in units.head(most).iterrows()
    ]
    caption = (
        "Sample sizes; in sight at once: most in one frame, which can be fewer than have a box (Videos); recognized: "
        "animals' time in sight and recognized; left out: share of the tracked time, from an animal's first box to its "
        "last, in which it was out of sight or not recognized"
    )
    return together(
        [partly(len(units), "time_budgets.csv", most, SAME_CUT), table(head, rows, caption, words=2 + len(own.columns))]
    )


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
    lost = "; lost: without a box between two of a track, or of a named animal" if LOST in set(sums["reason"]) else ""
    return table(head, rows, f"Time in no statistic, over all videos{lost}", words=3 if several else 2)
