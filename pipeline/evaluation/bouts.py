"""The bouts of labelled time as a run makes them, of what it found and of what the labels say."""

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.comparison.budgets import shared_ethogram
from pipeline.ethology.runs import runs
from pipeline.ethology.smoothing import smooth
from pipeline.evaluation.confusion import share
from pipeline.simulate.record import SET

SIDES = ("true", "found")


def bouts_of(rows: pd.DataFrame, words: list[str], min_bout_s: float) -> FloatArray:
    """``[2, K, 2]`` number and seconds of the bouts of each of ``K`` words, of what is ``true`` and what was ``found``.

    ``rows`` are frames with ``track frame time_s duration_s``. Bouts shorter than ``min_bout_s`` go into a neighbour on
    both sides, and one is cut where the labelled frames end.
    """
    made = np.zeros((len(SIDES), len(words), 2))
    for k, side in enumerate(SIDES):
        told = rows[["track", "frame", "time_s", "duration_s"]].assign(set=SET, behaviour=rows[side], confidence=1.0)
        found = runs(smooth(told, shared_ethogram(told), min_bout_s))
        lasts = pd.Series(found.stop_s - found.start_s).groupby(found.label)
        made[k] = lasts.agg(["size", "sum"]).reindex(words).fillna(0.0).to_numpy()
    return made


def ratios(bouts: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Number and mean duration, found / true, ``[K]`` each, from ``[2, K, 2]``; NaN: nothing to divide by."""
    (true, true_s), (found, found_s) = bouts[0].T, bouts[1].T
    return share(found, true), share(share(found_s, found), share(true_s, true))
