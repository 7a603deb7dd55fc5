"""How well animals are followed: HOTA, IDF1, MOTA on the analysed frames, without what counts neither way."""

from typing import Any

import numpy as np
import pandas as pd

from pipeline.comparison.matching import counted, forgiven
from pipeline.tracks.metrics import compare

PER_CENT = ("HOTA", "IDF1", "MOTA", "DetA", "AssA")


def following_figures(tracks: pd.DataFrame, animals: pd.DataFrame) -> dict[str, Any]:
    """``hota idf1 mota deta assa`` in per cent, ``recall precision`` as shares, and counts; None without any true box.

    ``tracks`` is tables.TRACKS and ``animals`` the truth's ``ANIMALS``, both of the analysed frames.
    """
    counts = counted(animals)
    names = [name.lower() for name in PER_CENT]
    if not counts.any():
        return dict.fromkeys([*names, "recall", "precision", "switches", "fragmentations", "animals", "tracks"])
    told = compare(tracks[~forgiven(animals, tracks)], animals[counts])
    return {name.lower(): 100.0 * float(value) if name in PER_CENT else _plain(value) for name, value in told.items()}


def _plain(value: Any) -> int | float:
    return int(value) if isinstance(value, (int, np.integer)) else float(value)
