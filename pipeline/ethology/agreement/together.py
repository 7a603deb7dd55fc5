"""All coders at once on one record: what their alphas are made of."""

from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.ethology.agreement.alpha import coincidences
from pipeline.ethology.agreement.records import Words
from pipeline.ethology.agreement.tables import NOTHING
from pipeline.ethology.agreement.u_alpha import of_all, within_bouts
from pipeline.types import IntArray


@dataclass(frozen=True)
class Together:
    """Everything of it adds up over records. ``K`` states."""

    pairs: FloatArray  # [K, K] coincidences in the units that two coders or more told
    shared: FloatArray  # [] these units
    whole: FloatArray  # [K, K] coincidences in the units that all told
    within: FloatArray  # [] of these, see ``u_alpha.within_bouts``
    complete: FloatArray  # [] these units


def together(codes: IntArray, words: Words) -> Together:
    """Of a record's ``codes [coders, n]``."""
    number, whole = len(words.states), of_all(codes)
    gap = words.states.index(NOTHING) if NOTHING in words.states else -1
    return Together(
        pairs=coincidences(codes, number),
        shared=np.array(((codes >= 0).sum(axis=0) > 1).sum(), dtype=np.float64),
        whole=coincidences(whole, number),
        within=np.array(within_bouts(whole, gap)),
        complete=np.array((whole >= 0).all(axis=0).sum(), dtype=np.float64),
    )
