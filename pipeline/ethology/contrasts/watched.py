"""Which animals were recognized for long enough in a condition to have a value there."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipeline.ethology.sequences.stretches import as_words, who
from pipeline.ethology.sums import distinct_pairs, long_enough
from pipeline.words import plural


def watched(
    rows: pd.DataFrame, names: Sequence[str], by: str, pair: tuple[str, str], least_s: float
) -> tuple[pd.DataFrame, str]:
    """``tables.BOUTS`` of one set without named animals where a condition has under ``least_s`` of them, and in words.

    What counts is the time in which one of the behaviours ``names`` was recognized, in all sessions together.
    """
    value = as_words(rows[by])
    animal = who(rows)[:, 0]
    known = rows["behaviour"].isin(names) & value.isin(pair) & (rows["duration_s"] > 0) & (animal >= 0)
    of_pair = distinct_pairs(animal, (value == pair[1]).to_numpy().astype(np.int64))[1] + 1
    brief = known & ~long_enough(of_pair, rows["duration_s"].where(known, 0.0).to_numpy(), least_s)
    lost = [(rows.loc[brief & (value == name), "subject"].nunique(), name) for name in pair]
    told = " and ".join(f"{plural(number, 'named animal')} in {name}" for number, name in lost if number)
    return rows[~brief], f"{told} recognized for under {least_s:g} s left out" if told else ""
