"""How much time has no record of a behaviour, and why, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pipeline import tables as declared
from pipeline.ethology.ethogram import NOT_VISIBLE, UNKNOWN
from pipeline.report.sections.common import excluded_share, found
from pipeline.report.summary import VideoLine
from pipeline.report.words import duration, percent

_WHY = {NOT_VISIBLE: "out of sight", UNKNOWN: "in sight, but not recognized"}


def left_out(budget: "pd.Series[Any]", tables: Mapping[str, pd.DataFrame]) -> str:
    """``12 % of the tracked time (out of sight 3.0 min)``: what of all animals' time is in no share of a set.

    ``budget`` is a pooled row of tables.TIME_BUDGETS of that set.
    """
    excluded = found(tables, declared.EXCLUDED)
    by_cause = excluded[excluded["set"] == budget["set"]].groupby("cause")["animal_s"].sum()
    told = [f"{words} {duration(by_cause[cause])}" for cause, words in _WHY.items() if by_cause.get(cause, 0.0) > 0]
    return f"{percent(excluded_share(budget))} of the tracked time" + (f" ({'; '.join(told)})" if told else "")


def unfollowed(tables: Mapping[str, pd.DataFrame], videos: Sequence[VideoLine]) -> str:
    """A sentence on the time in which animals had no track at all; it is known of named animals only."""
    individuals = found(tables, declared.INDIVIDUALS)
    named = individuals[individuals["individual"] != ""]
    if named.empty:
        return "How long animals were in the films and not followed is not known, as nobody is named."
    followed = named.groupby(["video", "individual"])["tracked_s"].sum()
    lasts = {video.key: video.duration_s for video in videos}
    films = followed.index.get_level_values("video").map(lasts).to_numpy(dtype="float64")
    without = float((films - followed.to_numpy()).clip(min=0).sum())
    if not round(without):
        return "The named animals were followed all through the films that they are in."
    return (
        f"The named animals have no track for {duration(without)} more, {percent(without / films.sum())} of the films "
        "that they are in: not in the picture, or lost."
    )
