"""Labelled intervals that somebody else made: who did what, from when to when, whatever file says so."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from pipeline.columns import Column, Table
from pipeline.errors import TableError
from pipeline.formats.clips import together
from pipeline.formats.labels import LAST, Faults
from pipeline.types import IntArray

INTERVALS = Table(
    "intervals",
    (
        Column("video", "str", "", "the video, as the file names it; empty where the file speaks of only one"),
        Column("subject", "str", "", "the track or the animal's name, as the file has it; empty: nobody is named"),
        Column("behaviour", "str", "", "the behaviour, as the file has it"),
        Column(
            "start_s", "float", "s", "start, from the video's first frame; empty: in frames", 6, low=0, missing=True
        ),
        Column("stop_s", "float", "s", "stop, exclusive; as start_s: an event", 6, low=0, missing=True),
        Column("start_frame", "int", "", "first source frame, from 0; -1: in seconds", low=-1),
        Column("stop_frame", "int", "", "source frame after the last; -1: in seconds", low=-1),
        Column("fps", "float", "1/s", "frame rate that the file states for the video; empty or 0: none", missing=True),
        Column("place", "str", "", "where in the file it stands, for those who have to mend it"),
        Column("fault", "str", "", "why it cannot be, its times are then missing; empty: it can"),
    ),
)


def finished(data: pd.DataFrame, faults: Faults, faulty: bool = False) -> pd.DataFrame:
    """The table ``INTERVALS`` of ``data``, which lacks ``place`` and ``fault`` and either the seconds or the frames.

    ``video``, ``subject`` and ``fps`` may be missing too.

    ``data`` is indexed as ``faults`` counts its rows. ``TableError`` gives every fault of the file in one line, and
    says so where there is no interval at all. ``faulty``: intervals that cannot be are in the table, with their
    ``fault``; ``faults`` then keeps what is wrong with every row.
    """
    unit = "s" if "start_s" in data else "frame"
    start, stop = data[f"start_{unit}"], data[f"stop_{unit}"]
    faults.mark(data["behaviour"] == "", "no behaviour")
    faults.mark((start < 0) | (start > LAST), "start_" + unit + " must be >= 0, got {:g}", start)
    faults.mark(stop < start, "stops at {:g} before it starts at {:g}", stop, start)
    if not faulty:
        faults.stop()
    if data.empty:
        raise TableError(f"{faults.where}: no labelled interval in it")
    none = float("nan") if unit == "frame" else -1
    other = "s" if unit == "frame" else "frame"
    places = [faults.place(int(row)) for row in data.index]
    usual = {f"start_{other}": none, f"stop_{other}": none, "video": "", "subject": "", "fps": float("nan")}
    full = data.assign(place=places, **{name: value for name, value in usual.items() if name not in data})
    fault = pd.Series(faults.of_rows, dtype="str").reindex(data.index, fill_value="")
    times = full[["start_s", "stop_s"]].where(fault == "")
    full = full.assign(**times, fault=fault)
    return INTERVALS.cast(full, where=str(faults.where))


def intervals_of(
    data: pd.DataFrame, faults: Faults, every: int, frames_of: Callable[[str], float] = lambda _: math.inf
) -> pd.DataFrame:
    """``INTERVALS`` of labelled frames, in which an animal's behaviours stay the same.

    ``data`` has ``line video subject frame behaviour``; labelled frames are ``every`` frames apart, and a video has as
    many frames as ``frames_of`` says by its name (NaN: it does not).

    ::

        labelled     0 moving    10 moving    20 moving, eating      (every 10)   40 eating
        intervals    moving [0, 16)           moving|eating [16, 26)              eating [36, 46)

    A label holds for the frames that are nearer to it than to another; of two as near, the earlier.
    """
    if data.empty:
        raise TableError(f"{faults.where}: no labelled behaviour in it")
    keys = ["video", "subject", "frame"]
    sets = data.groupby(keys, sort=True).agg(behaviour=("behaviour", together), line=("line", "min")).reset_index()
    before = sets.shift()
    new = (sets[["video", "subject", "behaviour"]] != before[["video", "subject", "behaviour"]]).any(axis=1)
    new |= sets["frame"] - before["frame"] != every
    runs = sets.groupby(new.cumsum(), sort=False)
    told = runs.agg(
        video=("video", "first"), subject=("subject", "first"), behaviour=("behaviour", "first"),
        line=("line", "first"), first=("frame", "first"), last=("frame", "last"),
    )  # fmt: skip
    start: IntArray = np.maximum(told["first"].to_numpy(dtype=np.int64) - (every - 1) // 2, 0)
    end = told["video"].map(frames_of).fillna(np.inf).to_numpy()
    stop: IntArray = np.minimum(told["last"].to_numpy() + every // 2 + 1, end).astype(np.int64)
    return finished(told.assign(start_frame=start, stop_frame=stop).set_index("line"), faults)
