"""Two records of the same animals, as from a drone and from the ground: how much of the time was each in sight?

kabr-tools' comparison of field notes with drone video of the same animals found them out of sight for .59954 of
1,323.458 s on the ground and for .01340 from the air. It has no interval: two observers of a few animals in one session
are one comparison, whatever the seconds.

Out of sight is what is recorded as not visible, and what is not recorded, of the time that both watched; ``unknown`` is
in sight. Of an animal that nobody named only its track is known: the time between two tracks of it is nobody's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.agreement.kappa import ratio
from pipeline.ethology.ethogram import NOT_VISIBLE
from pipeline.types import BoolArray

PARTS = ("in_sight", "not_visible", "no_record")


@dataclass(frozen=True)
class States:
    """The ``n`` states that one coder recorded of one animal in one video; they do not overlap."""

    start_s: FloatArray  # [n]
    stop_s: FloatArray  # [n]
    visible: BoolArray  # [n] False: recorded as not visible

    @classmethod
    def of(cls, rows: pd.DataFrame) -> "States":
        """Of these rows of ``tables.CODED``, all of them states."""
        start, stop = (rows[name].to_numpy(dtype=np.float64) for name in ("start_s", "stop_s"))
        return cls(start, stop, np.asarray(rows["behaviour"] != NOT_VISIBLE))

    def seconds(self, low: float, high: float) -> FloatArray:
        """``[3]`` of the time from ``low`` to ``high``: in sight, recorded as not visible, not recorded."""
        lasts = np.clip(np.minimum(self.stop_s, high) - np.maximum(self.start_s, low), 0.0, None)
        seen, gone = float(lasts[self.visible].sum()), float(lasts[~self.visible].sum())
        return np.array([seen, gone, max(high - low - seen - gone, 0.0)])


def sight(states: tuple[States, States], watched: FloatArray) -> FloatArray:
    """``[2, 3]`` seconds of the time that both watched (``watched [2, 2]``, NaN: nothing), as ``States.seconds``."""
    low, high = float(watched[:, 0].max()), float(watched[:, 1].min())
    return np.stack([one.seconds(low, high) for one in states]) if low < high else np.zeros((2, 3))


def visibility(sights: Sequence[FloatArray]) -> dict[str, FloatArray]:
    """The columns of seconds and shares of ``tables.VISIBILITY``, each ``[n]`` of what ``sight`` gave ``n`` times.

    All are 0 where one of the two recorded no state at all, as who notes events only: sight cannot be told from that.
    """
    seconds = np.stack([*sights]) if len(sights) else np.zeros((0, 2, 3))
    if not (seconds[..., :2].sum(axis=(0, 2)) > 0).all():
        seconds = np.zeros_like(seconds)
    shared = seconds[:, 0].sum(axis=1)
    found = {"shared_s": shared}
    for of, coder in enumerate("ab"):
        found |= {f"{part}_{coder}_s": seconds[:, of, k] for k, part in enumerate(PARTS)}
        found[f"out_of_sight_share_{coder}"] = out_of_sight(shared, seconds[:, of, 0])
    return found


def out_of_sight(shared_s: Any, in_sight_s: Any) -> Any:
    """Share of the time that both watched; NaN where there is none."""
    return np.clip(1 - ratio(np.asarray(in_sight_s), np.asarray(shared_s)), 0.0, 1.0)
