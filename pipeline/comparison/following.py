"""How well animals are followed: HOTA, IDF1, MOTA on the analysed frames, without what counts neither way."""

from typing import Any

import numpy as np
import pandas as pd

from pipeline.comparison.matching import counted, forgiven
from pipeline.tracks.metrics import Tally, combined, tally
from pipeline.types import IntArray

SHARES = ("HOTA", "DetA", "AssA", "MOTA", "IDF1", "IDP", "IDR")  # per cent in the demo's table
COUNTS = ("switches", "fragmentations", "animals", "tracks")


def followed(tracks: pd.DataFrame, animals: pd.DataFrame) -> Tally:
    """What one recording adds to the metrics.

    ``tracks`` is tables.TRACKS and ``animals`` the truth's ``ANIMALS``, both of the analysed frames.
    """
    return tally(tracks[~forgiven(animals, tracks)], animals[counted(animals)])


def following_figures(tracks: pd.DataFrame, animals: pd.DataFrame) -> dict[str, Any]:
    """``hota deta assa mota idf1 idp idr`` in per cent, ``recall precision`` as shares, and counts; None without any
    true box. Tables as ``followed`` has them.
    """
    if not counted(animals).any():
        return dict.fromkeys([*(name.lower() for name in SHARES), "recall", "precision", *COUNTS])
    told = combined([followed(tracks, animals)])
    return {name.lower(): 100.0 * float(value) if name in SHARES else _plain(value) for name, value in told.items()}


def numbered_by_stay(animals: pd.DataFrame, analysed: IntArray) -> pd.DataFrame:
    """``animals`` with a ``track`` for every stay in the picture, from 1: who leaves it and comes back is a new one.

    So MOTChallenge numbers its truth: an identity lasts while a person is inside the field of view and its path is
    clear (Milan et al. 2016, MOT16, arXiv:1603.00831, annotation rules). ``animals`` are rows of the ``analysed``
    frames, whose numbers rise; who has no box in one of them was out of the picture, be it for that look alone.
    """
    rows = animals.sort_values(["track", "frame"], kind="stable")
    looks = np.searchsorted(analysed, rows["frame"])
    comes = (rows["track"].diff() != 0).to_numpy() | (np.diff(looks, prepend=looks[:1]) > 1)
    return rows.assign(track=comes.cumsum())


def _plain(value: Any) -> int | float:
    return int(value) if isinstance(value, (int, np.integer)) else float(value)
