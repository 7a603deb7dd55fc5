"""Two conditions compared: what its parts say in the same way."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from pipeline.ethology.contrasts.independence import Independent
from pipeline.report.contrast import any_tested
from pipeline.words import plural

HALVES = ("first", "second")
_TWO_WAYS = (
    "Intervals are made by t and p by shuffling, two methods that may disagree where few are compared. Intervals are "
    "not adjusted for the number of behaviours, adjusted p are. Conclude by adjusted p, also where an interval leaves "
    "out 0, or a ratio of 1"
)


def over(rows: pd.DataFrame) -> str:
    """Over how many tests p was adjusted; empty where there are none."""
    told = next((words for words in rows["correction"] if words), "")
    return f"; adjusted p: {told}" if told else ""


def adjusted(number: int, family: str) -> str:
    """Over what p is adjusted, and over what it is not."""
    told = (
        "Adjusted p allows for the number of behaviours; shares, log-ratios, rates, lengths and transitions have each"
    )
    told += " their own"
    if number == 1:
        return f"{told}."
    if family == "study":
        return f"{number} comparisons were asked for. {told}, over all of these comparisons."
    return (
        f"{number} comparisons were asked for. {told}, within one comparison: the more are asked for, the more "
        "differences are found by chance (contrasts.family=study adjusts over all)."
    )


def two_ways(rows: pd.DataFrame) -> str:
    """How limits and p go together, after a full stop; empty where nothing was tested."""
    return f". {_TWO_WAYS}" if any_tested(rows) else ""


def replicate(row: "pd.Series[Any]") -> str:
    """What is independent in a comparison."""
    return Independent(row["replicate"]).word


def across(rows: "pd.DataFrame | pd.Series[Any]") -> Any:
    """Is a comparison over animals that share sessions with those of the other condition? Of one, or of each row."""
    return (rows["replicate"] == Independent.individual.value) & np.logical_not(rows["constant_within_session"])


def replicates(row: "pd.Series[Any]", before: Sequence[str] = ("", "")) -> str:
    """How many of these there are in each condition, with words before each."""
    return " and ".join(
        f"{words}{plural(int(row[f'replicates_{half}']), replicate(row))} ({row[half]})"
        for words, half in zip(before, HALVES, strict=True)
    )
