"""Labels from a spreadsheet: one row an interval, saved as CSV.

::

    video,track,start_s,stop_s,behaviour
    DJI_0068.MP4,3,12.4,20.1,Graze
    DJI_0068.MP4,Tumaini,20.1,21.0,Head Up        an animal's name, as individuals.csv has it

``video`` may be missing where there is only one. Events may leave ``stop_s`` empty. A column ``fps`` may state the
video's frame rate, which is then held against the video.
"""

from pathlib import Path

import pandas as pd

from pipeline.errors import TableError
from pipeline.formats.intervals import finished
from pipeline.formats.labels import Faults, numbers
from pipeline.formats.text import read_csv

REQUIRED = ("start_s", "stop_s", "behaviour")
_SUBJECTS = ("track", "individual", "subject")


def read_plain(path: Path) -> pd.DataFrame:
    """``INTERVALS`` of a CSV; ``TableError`` with all its faults by line."""
    raw = read_csv(path)
    subject = next((name for name in _SUBJECTS if name in raw), None)
    lost = [name for name in REQUIRED if name not in raw] + ([] if subject else ["track"])
    if lost:
        raise TableError(f"{path}: missing columns {', '.join(lost)} (there are: {', '.join(raw.columns)})")
    faults = Faults(path)
    times = numbers(
        raw[["start_s", "stop_s"]].assign(stop_s=raw["stop_s"].where(raw["stop_s"] != "", raw["start_s"])), faults
    )
    rate = {"fps": numbers(raw[["fps"]].replace("", "0"), faults)["fps"]} if "fps" in raw else {}
    video = raw["video"] if "video" in raw else pd.Series("", index=raw.index)
    return finished(times.assign(video=video, subject=raw[subject], behaviour=raw["behaviour"], **rate), faults)
