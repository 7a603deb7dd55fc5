"""Time in which an animal is known to be there and has no box: between two boxes of a track, or of one named animal.

It is hidden then, outside the picture, or missed by the detector: out of sight like any other time that nobody saw. Of
the time before the first box of an animal in a video and session, and after its last, nothing is known, and nothing is
counted.

::

    track 1, Zoe    . A A . A . . .       . no box
    track 2, Zoe    . . . . B . B .
    lost                  ^   ^           two of the four frames in which Zoe has none
"""

import numpy as np
import pandas as pd

from pipeline.ethology.ethogram import NOT_VISIBLE
from pipeline.ethology.runs import PLACE
from pipeline.types import IntArray

LOST = "lost"  # the reason


def lost(spans: pd.DataFrame, animal: pd.Series, ledger: pd.DataFrame) -> pd.DataFrame:
    """Spans of ``not visible`` for the reason ``LOST``: a row for every hole, or part of it that the same is told of.

    ``spans`` (``runs.spans``, with ``set`` and ``session``) are of one video and of the time that counts; ``animal``
    ``[n]`` says whose each is. ``ledger`` has every frame of the video: ``frame``, ``time_s``, ``duration_s``,
    ``left_out`` (``""``: it counts), ``PLACE``, a number of all that is told of it, and columns that ``spans`` has too,
    ``session`` among them. Other columns, and the track, are those of the span before the hole.
    """
    before, first, stop = _holes(spans.assign(animal=animal), ledger["frame"].to_numpy())
    hole, begin, end = _parts(first, stop, np.flatnonzero(np.diff(ledger[PLACE])) + 1, len(ledger))
    made, told = before.iloc[hole].reset_index(drop=True), ledger.iloc[begin].reset_index(drop=True)
    counts = (told["session"] == made["session"]) & (told["left_out"] == "")
    last, passed = ledger.iloc[end - 1].reset_index(drop=True), np.append(0.0, np.cumsum(ledger["duration_s"]))
    made = made.assign(**told[told.columns.intersection(made.columns)]).assign(
        stop_frame=last["frame"] + 1,
        stop_s=last["time_s"] + last["duration_s"],
        duration_s=passed[end] - passed[begin],
        frames=end - begin,
        behaviour=NOT_VISIBLE,
        confidence=0.0,
        reason=LOST,
    )
    return made.loc[counts, spans.columns]


def _holes(spans: pd.DataFrame, frames: IntArray) -> tuple[pd.DataFrame, IntArray, IntArray]:
    """The span before each hole of an animal, and between which of the ``frames``, ``[first, stop)``, it is."""
    keys = ["set", "animal", "session"]
    rows = spans.sort_values([*keys, "frame"], kind="stable")
    until = rows.groupby(keys)["stop_frame"].cummax().groupby([rows[key] for key in keys]).shift()
    after = np.flatnonzero(rows["frame"] > until)
    first, stop = (np.searchsorted(frames, at.iloc[after]) for at in (until, rows["frame"]))
    return rows.iloc[after - 1], first, stop


def _parts(first: IntArray, stop: IntArray, borders: IntArray, number: int) -> tuple[IntArray, IntArray, IntArray]:
    """Ranges ``[first, stop)`` among so many frames cut at ``borders``: the range of each part, its start and stop."""
    edges = np.array([0, *borders, number])
    begins_in = np.searchsorted(edges, first, side="right") - 1
    parts = np.where(first < stop, np.searchsorted(edges, stop) - begins_in, 0)
    of = np.repeat(np.arange(len(first)), parts)
    edge = np.repeat(begins_in - np.cumsum(parts) + parts, parts) + np.arange(len(of))
    return of, np.maximum(first[of], edges[edge]), np.minimum(stop[of], edges[edge + 1])
