"""Bouts tables written as words, one letter a second (see ``tests/ethology/made.py``), and settings for them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from pipeline.ethology.bouts import bouts
from pipeline.ethology.sequences.settings import Correction, SequenceSettings
from pipeline.tables import BOUTS, NAMES
from tests.ethology.made import behaviours, ethogram, tracks


def bouts_of(
    words: Mapping[str, Mapping[int, str]], letters: str = "ABC", names: Mapping[str, str] | None = None, **more: str
) -> pd.DataFrame:
    """tables.BOUTS from a word a track a video; ``names`` by ``<video>#<track>``; ``more`` are further columns."""
    who = [(*key.rsplit("#", 1), name) for key, name in (names or {}).items()]
    known = NAMES.cast(pd.DataFrame(who, columns=["video", "track", "individual"])) if who else None
    parts = [
        bouts(behaviours(of), tracks(behaviours(of)), ethogram(letters), video, known) for video, of in words.items()
    ]
    table = pd.concat(parts, ignore_index=True) if parts else BOUTS.empty()
    return table.assign(**more)


def from_codes(codes: Mapping[str, Any], letters: str = "ABC", **more: Any) -> pd.DataFrame:
    """tables.BOUTS of one bout of 1 s a code, a video and session a named animal."""
    parts = []
    for name, code in codes.items():
        n = len(code)
        start = np.arange(n, dtype=float)
        part = {
            "subject": name, "session": name, "video": f"{name}.mp4", "track": 1, "species": "zebra",
            "set": "behaviour", "behaviour": [letters[k] for k in code], "kind": "state", "start_s": start,
            "stop_s": start + 1, "duration_s": 1.0, "start_frame": start, "stop_frame": start + 1,
            "censored_start": start == 0, "censored_stop": start == n - 1, "confidence": 1.0, "source": "human",
            **{column: values[name] for column, values in more.items()},
        }  # fmt: skip
        parts.append(pd.DataFrame(part))
    return pd.concat(parts, ignore_index=True)


def settings(**changes: Any) -> SequenceSettings:
    """Settings for small tables."""
    values: dict[str, Any] = {
        "lags": 1, "by": [], "permutations": 99, "correction": Correction.holm, "min_expected": 5.0, "min_steps": 5,
        "min_dwells": 10, "shortest_s": 0.0,
    }  # fmt: skip
    return SequenceSettings(**(values | changes))


def chain(rng: np.random.Generator, table: np.ndarray, number: int) -> np.ndarray:
    """A Markov chain of so many codes, from code 0."""
    below = np.cumsum(table, axis=-1)
    code = [0]
    for lot in rng.random(number - 1):
        code.append(min(int(np.searchsorted(below[code[-1]], lot, side="right")), len(table) - 1))
    return np.array(code)
