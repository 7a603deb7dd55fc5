"""Which animals were recognized for long enough to have a value in a condition: in one replicate of it."""

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.contrasts.independence import Independence, Independent, individuals
from pipeline.ethology.contrasts.settings import Replicate
from pipeline.ethology.sums import distinct_pairs, long_enough
from pipeline.types import BoolArray, IntArray
from pipeline.words import plural


def watched(
    who: pd.DataFrame, visible_s: FloatArray, half: BoolArray, pair: tuple[str, str], least_s: float
) -> tuple[BoolArray, str]:
    """``[R]`` rows of animals that are seen for long enough in their condition, and in words which are not.

    ``who`` are rows of named animals with time ``visible_s [R]`` in the first or, where ``half [R]``, the second
    condition. Where animals are the replicates they need ``least_s`` in all sessions together; where sessions are, an
    animal has a value in each that shows it, and needs an equal part of it there: of three sessions a third.
    """
    kept = np.ones(len(who), dtype=bool)
    sessions = who["session"].groupby(_in_half(individuals(who), half)).transform("nunique").to_numpy()
    while True:  # without those left out, what is independent may be something else
        rows = who[kept]
        own = Independence.of_rows(rows, half[kept], Replicate.individual)
        parts = sessions[kept] if own.kind is Independent.session else 1
        long = long_enough(_in_half(own.units(rows), half[kept]) + 1, visible_s[kept] * parts, least_s)
        if long.all():
            return kept, _told(who, visible_s, half, pair, least_s, kept)
        kept[kept] = long


def _in_half(of: IntArray, half: BoolArray) -> IntArray:
    """Each unit (or animal) in each condition by a number, from 0."""
    return distinct_pairs(of, half.astype(np.int64))[1]


def _told(
    who: pd.DataFrame, visible_s: FloatArray, half: BoolArray, pair: tuple[str, str], least_s: float, kept: BoolArray
) -> str:
    """Of each condition how many animals are in it no more, and how many sessions of others; empty where none is."""
    animal = individuals(who)
    of_pair = _in_half(animal, half)
    gone = ~np.isin(of_pair, of_pair[kept])
    parts = []
    for second, name in enumerate(pair):
        here = half == second
        if some := len(np.unique(animal[gone & here])):
            parts.append(f"{plural(some, 'named animal')} in {name}")
        if some := len(who.loc[here & ~gone & ~kept, ["individual", "session"]].drop_duplicates()):
            parts.append(f"{plural(some, 'session')} of named animals in {name}")
    long = np.bincount(of_pair, weights=visible_s)[of_pair[~kept]] >= least_s
    each = ", or an equal part of it in each session" if long.any() else ""
    return f"{' and '.join(parts)} recognized for under {least_s:g} s{each}" if parts else ""
