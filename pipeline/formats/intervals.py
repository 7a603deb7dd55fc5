"""Labelled intervals that somebody else made: who did what, from when to when, whatever file says so."""

import pandas as pd

from pipeline.columns import Column, Table
from pipeline.errors import TableError
from pipeline.formats.labels import LAST, Faults

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
