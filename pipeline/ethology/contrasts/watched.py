"""Which animals were recognized for long enough in a condition to have a value there."""

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.sums import distinct_pairs, long_enough
from pipeline.types import BoolArray
from pipeline.words import plural


def watched(
    who: pd.DataFrame, visible_s: FloatArray, half: BoolArray, pair: tuple[str, str], least_s: float
) -> tuple[BoolArray, str]:
    """``[R]`` rows of animals that have ``least_s`` or more in their condition, and in words who has not.

    ``who`` are rows of named animals with time ``visible_s [R]`` in the first or, where ``half [R]``, the second
    condition; what counts is the time in all sessions together.
    """
    animal = pd.factorize(who["individual"])[0].astype(np.int64)
    of_pair = distinct_pairs(animal, half.astype(np.int64))[1] + 1
    brief = ~long_enough(of_pair, visible_s, least_s)
    lost = [(len(np.unique(animal[brief & (half == second)])), name) for second, name in enumerate(pair)]
    told = " and ".join(f"{plural(number, 'named animal')} in {name}" for number, name in lost if number)
    return ~brief, f"{told} recognized for under {least_s:g} s" if told else ""
