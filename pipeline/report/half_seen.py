"""Behaviours that are told mostly of animals about to go out of sight, or just back from there."""

import pandas as pd

from pipeline.ethology.ethogram import NOT_VISIBLE, UNKNOWN, Kind
from pipeline.report.words import percent, plural

LEAST_BOUTS = 10  # of a behaviour, under which it is not judged
MOST_AT_SIGHTS_END = 0.5  # a share of bouts above this that end or begin out of sight is much ...
TIMES_OTHERS = 2.0  # ... and a matter of this behaviour where it is above so many times that of all others

_RECORD = ["set", "video", "track"]


def half_seen(bouts: pd.DataFrame) -> dict[tuple[str, str], str]:
    """A sentence on each state (set and name) of tables.BOUTS that mostly borders on time ``not visible``, as others
    seldom do.
    """
    told = {}
    states = bouts[bouts["kind"] == Kind.state.value].sort_values([*_RECORD, "start_s"], kind="stable")
    hidden = states["behaviour"] == NOT_VISIBLE
    states = states.assign(at_end=_beside(states, hidden, 1) | _beside(states, hidden, -1))
    states = states[~states["behaviour"].isin([NOT_VISIBLE, UNKNOWN])]
    for (of_set, behaviour), own in states.groupby(["set", "behaviour"], sort=False):
        others = states[(states["set"] == of_set) & (states["behaviour"] != behaviour)]
        share, usual = own["at_end"].mean(), others["at_end"].mean()
        if len(own) >= LEAST_BOUTS and share > MOST_AT_SIGHTS_END and share > TIMES_OTHERS * usual:
            time = own.loc[own["at_end"], "duration_s"].sum() / own["duration_s"].sum()
            told[str(of_set), str(behaviour)] = (
                f"{own['at_end'].sum():,} of {plural(len(own), 'bout')} of {behaviour} ({percent(time)} of its time) "
                f"begin where the animal comes into sight or end where it leaves it, against {percent(usual)} of all "
                "other bouts: it may be what a half-seen animal is taken for, or animals leave so. Look at some before "
                "its share is used."
            )
    return told


def _beside(states: pd.DataFrame, hidden: "pd.Series[bool]", step: int) -> "pd.Series[bool]":
    """Where the bout before (``step`` 1) or after (-1) in the same record is ``hidden``."""
    same = (states[_RECORD] == states[_RECORD].shift(step)).all(axis=1)
    return same & hidden.shift(step, fill_value=False)
