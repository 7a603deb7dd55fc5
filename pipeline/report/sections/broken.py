"""What breaks of the record do to bouts, in words."""

from collections.abc import Iterator

import pandas as pd

from pipeline.ethology.ethogram import RESERVED, Kind
from pipeline.report.sections.common import seconds
from pipeline.report.words import plural
from pipeline.timebase import CLOSE_S

_RECORD = ["set", "video", "track"]
_MOMENT_S = 1.0  # how many breaks are no longer than this is told


def broken(bouts: pd.DataFrame) -> Iterator[str]:
    """How long a bout can be seen at most, and how many bouts are parted by a moment that was not recognized."""
    if bouts.empty:
        return
    rows = bouts.sort_values([*_RECORD, "start_s"], kind="stable")
    record = rows.groupby(_RECORD, sort=False)
    longest = seconds((record["stop_s"].max() - record["start_s"].min()).max())
    yield f"No animal was followed for longer than {longest} at a stretch: no longer bout, gap or latency can be seen."
    known = rows[(rows["kind"] == Kind.state.value) & ~rows["behaviour"].isin(RESERVED)]
    before = known.groupby(_RECORD, sort=False)[["behaviour", "stop_s"]].shift()
    gap_s, same = known["start_s"] - before["stop_s"], known["behaviour"] == before["behaviour"]
    parted = gap_s > CLOSE_S
    if len(alike := gap_s[parted & same]):
        yield (
            f"In {plural(len(alike), 'place')} the same behaviour stands before and after a time without one (not "
            f"recognized, out of sight, or no record){_brief(alike)}. What may have been one bout counts as two "
            "there, both cut off, whatever gaps are bridged."
        )
    if len(other := gap_s[parted & ~same]):
        yield (
            f"In {plural(len(other), 'place')} another behaviour stands after such a time{_brief(other)}. The change "
            "is in no start an hour and no transition, and both bouts count as cut off."
        )


def _brief(gap_s: "pd.Series[float]") -> str:
    """How many of these times are no longer than a moment."""
    return f"; {int((gap_s <= _MOMENT_S + CLOSE_S).sum())} of these times last {_MOMENT_S:g} s at most"
