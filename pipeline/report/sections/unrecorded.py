"""How much time has no record of a behaviour, and why, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pipeline import tables as declared
from pipeline.ethology.ethogram import NOT_VISIBLE, UNKNOWN
from pipeline.ethology.lost import LOST
from pipeline.report.sections.common import excluded_share, found
from pipeline.report.summary import VideoLine
from pipeline.report.words import duration, percent


def left_out(budget: "pd.Series[Any]", tables: Mapping[str, pd.DataFrame]) -> str:
    """``12 % of the 25 min of tracked time (lost between two boxes 3 min)``: what of all animals' time is in no share.

    ``budget`` is a pooled row of tables.TIME_BUDGETS of a set.
    """
    excluded = found(tables, declared.EXCLUDED)
    own = excluded[excluded["set"] == budget["set"]]
    hidden = own["cause"] == NOT_VISIBLE
    causes = {
        "with a box, but out of sight": hidden & (own["reason"] != LOST),
        "lost between two boxes": hidden & (own["reason"] == LOST),
        "in sight, but not recognized": own["cause"] == UNKNOWN,
    }
    sums = {words: own.loc[rows, "animal_s"].sum() for words, rows in causes.items()}
    told = [f"{words} {duration(seconds)}" for words, seconds in sums.items() if seconds > 0]
    tracked = duration(budget["visible_s"] + budget["excluded_s"])
    whole = f"{percent(excluded_share(budget))} of the {tracked} of tracked time"
    return whole + (f" ({'; '.join(told)})" if told else "")


def unfollowed(tables: Mapping[str, pd.DataFrame], videos: Sequence[VideoLine]) -> str:
    """A sentence on the time of which nothing is known: before the first and after the last box of an animal."""
    individuals = found(tables, declared.INDIVIDUALS)
    named = individuals[individuals["individual"] != ""]
    if named.empty:
        return "How long animals were there before and after their tracks is not known, as nobody is named."
    seen = named.groupby(["video", "individual"]).agg({"start_s": "min", "stop_s": "max"})
    lasts = {video.key: video.duration_s for video in videos}
    films = seen.index.get_level_values("video").map(lasts).to_numpy(dtype="float64")
    outside = float((films - (seen["stop_s"] - seen["start_s"]).to_numpy()).clip(min=0).sum())
    if not round(outside):
        return "The named animals were seen from beginning to end of the films that they are in."
    return (
        "Before the first box of a named animal in a film, and after its last, nothing is known of it: "
        f"{duration(outside)} more, which is not tracked time."
    )
