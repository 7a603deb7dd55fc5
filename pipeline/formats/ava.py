"""Behaviours in AVA's own form (Gu et al. 2018, CVPR), as ``ava_write.py`` writes it: what animals do once a second.

::

    ava.csv              video,second,x1,y1,x2,y2,behaviour,animal      no header; behaviours count from 1
    behaviours.pbtxt     item { name: "Walk" id: 1 }                    their names, or AVA's: label { ... label_id: 1 }

ChimpACT's csv, whose second field is a frame, is told by the names of its clips: ``chimpact.py`` reads that.
"""

import math
import re
from pathlib import Path
from urllib.parse import unquote

import pandas as pd

from pipeline.errors import TableError
from pipeline.formats.chimpact import ava_fields, frames_of
from pipeline.formats.intervals import finished
from pipeline.formats.labels import is_whole
from pipeline.formats.text import last_part, read_text

_ITEM = re.compile(r"(?:item|label)\s*\{(.*?)\}", re.DOTALL)
_NAME, _NUMBER = re.compile(r'name:\s*"((?:[^"\\]|\\.)*)"'), re.compile(r"\b(?:label_)?id:\s*(\d+)")


def names_beside(path: Path, line: str) -> Path | None:
    """The list of behaviours in the folder of a csv with this first line; None: there is none, or it cannot be told.

    A list beside clips that are called as ChimpACT's are makes no seconds of their frames.
    """
    lists = sorted(path.parent.glob("*.pbtxt"))
    named_as_clip = not math.isnan(frames_of(last_part(line.partition(",")[0])))
    return lists[0] if len(lists) == 1 and not named_as_clip else None


def read_seconds(path: Path, names: Path) -> pd.DataFrame:
    """``INTERVALS`` of a csv in AVA's own form and its list of behaviours; ``TableError`` with all its faults by line.

    A row holds for the second that begins with it; rows of successive seconds are one interval.
    """
    data, faults = ava_fields(path)
    called = _called(names)
    faults.mark(~is_whole(data["frame"], 0), "the second must be a whole number from 0, got {:g}", data["frame"])
    known = data["label"].isin(called)
    faults.mark(~known, f"behaviour {{:g}} is not in {names.name}, which has {len(called)}", data["label"])
    faults.stop()
    keys = ["video", "subject", "label"]
    rows = data.assign(line=data.index, second=data["frame"]).sort_values([*keys, "second"], kind="stable")
    before = rows.groupby(keys, sort=False)["second"].shift()
    runs = rows.groupby((~(rows["second"] - before).isin([0, 1])).cumsum(), sort=False)
    told = runs.agg(
        video=("video", "first"), subject=("subject", "first"), label=("label", "first"),
        line=("line", "min"), start_s=("second", "first"), stop_s=("second", "last"),
    )  # fmt: skip
    told = told.assign(
        video=told["video"].map(unquote), behaviour=told["label"].map(called), stop_s=told["stop_s"] + 1.0
    )
    return finished(told.sort_values("line").set_index("line").drop(columns="label"), faults)


def _called(path: Path) -> dict[float, str]:
    """The names of behaviours by their numbers."""
    items = [(_NUMBER.search(item), _NAME.search(item)) for item in _ITEM.findall(read_text(path))]
    if not items or not all(number and name for number, name in items):
        raise TableError(f'{path}: expected a list of behaviours, each as item {{ name: "Walk" id: 1 }}')
    return {float(number[1]): re.sub(r"\\(.)", r"\1", name[1]) for number, name in items if number and name}
