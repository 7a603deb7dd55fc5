"""Which animals were recognized for long enough in a condition to have a value there."""

from collections.abc import Sequence

import pandas as pd

from pipeline.ethology.sequences.stretches import as_words, who
from pipeline.timebase import CLOSE_S
from pipeline.words import plural


def watched(
    rows: pd.DataFrame, names: Sequence[str], by: str, pair: tuple[str, str], least_s: float
) -> tuple[pd.DataFrame, str]:
    """``tables.BOUTS`` of one set without named animals where a condition has under ``least_s`` of them, and in words.

    What counts is the time in which one of the behaviours ``names`` was recognized, in all sessions together.
    """
    value = as_words(rows[by])
    known = rows["behaviour"].isin(names) & value.isin(pair) & (rows["duration_s"] > 0) & (who(rows)[:, 0] >= 0)
    time_s = rows["duration_s"].where(known, 0.0).groupby([rows["subject"], value]).transform("sum")
    brief = known & (time_s < least_s - CLOSE_S)
    lost = [(rows.loc[brief & (value == name), "subject"].nunique(), name) for name in pair]
    told = " and ".join(f"{plural(number, 'named animal')} in {name}" for number, name in lost if number)
    return rows[~brief], f"{told} recognized for under {least_s:g} s left out" if told else ""
