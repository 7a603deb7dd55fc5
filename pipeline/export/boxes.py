"""A run's boxes and what their animals do, for the programs that look at pictures: a file a video."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.ethology.ethogram import RESERVED
from pipeline.export.held import Held
from pipeline.export.video import HeldVideo
from pipeline.formats.ava_write import Row, write_ava, write_labels
from pipeline.formats.coco_write import write_coco
from pipeline.formats.cvat_write import write_cvat
from pipeline.formats.mot import write_mot
from pipeline.formats.via_write import write_via
from pipeline.report.words import plural
from pipeline.tables import BOX
from pipeline.timebase import nearest


def write_mot_tracks(folder: Path, held: Held) -> list[str]:
    """``<video>.txt``: MOTChallenge's text of a tracker; frames, animals and pixels count from 1."""
    for one, path in _each(folder, held, ".txt"):
        write_mot(path, one.tracks)
    return []


def write_coco_tracks(folder: Path, held: Held) -> list[str]:
    """``<video>.json``: COCO-VID, every frame an image, every animal an instance."""
    for one, path in _each(folder, held, ".json"):
        write_coco(path, one.tracks, one.key, one.size, range(one.info["decoded"]), one.fps)
    return []


def write_cvat_tracks(folder: Path, held: Held) -> list[str]:
    """``<video>.xml``: CVAT for video 1.1, to be uploaded to a task of the video and corrected."""
    for one, path in _each(folder, held, ".xml"):
        write_cvat(path, one.tracks, one.size, one.info["decoded"], one.file)
    return []


def write_via_tracks(folder: Path, held: Held) -> list[str]:
    """``<video>.csv``: VIA-tracks, as movement reads them."""
    for one, path in _each(folder, held, ".csv"):
        write_via(path, one.tracks, path.stem, one.info["decoded"])
    return []


def write_ava_rows(folder: Path, held: Held) -> list[str]:
    """``ava.csv``: every animal once a second, a row for each thing it does; ``behaviours.pbtxt`` has the names.

    Time that was not recognized or out of sight has no row, nor has what lies between the seconds: it is counted.
    """
    names = [one.name for one in held.behaviours if one.visible]
    bouts = held.bouts[~held.bouts["behaviour"].isin(RESERVED)]
    labels = {name: number for number, name in enumerate(names, start=1)}
    files = held.files("")
    told = [(one, bouts[bouts["video"] == one.key], _moments(one)) for one in held.videos]
    rows = (row for one, own, moments in told for row in _seconds(one, own, moments, files[one.key], labels))
    write_ava(folder / "ava.csv", rows)
    write_labels(folder / "behaviours.pbtxt", names)
    between = sum(_between(own, moments) for _, own, moments in told)
    return [f"{plural(between, 'event or bout', 'events or bouts')} between two seconds left out"] if between else []


def _each(folder: Path, held: Held, suffix: str) -> Iterator[tuple[HeldVideo, Path]]:
    """Every video with the file that is about it."""
    files = held.files(suffix)
    for one in held.videos:
        yield one, folder / files[one.key]


def _seconds(
    one: HeldVideo, bouts: pd.DataFrame, moments: pd.DataFrame, name: str, labels: dict[str, int]
) -> Iterator[Row]:
    """The rows of one video, by second, animal and behaviour; a second is told by the frame that is nearest to it."""
    shown = one.tracks.merge(moments, on="frame").sort_values("frame", kind="stable")
    own = bouts.sort_values("start_frame", kind="stable")
    both = pd.concat([doing(shown, rows) for _, rows in own.groupby("set")] or [doing(shown, own)])
    both = both.assign(label=both["behaviour"].map(labels)).sort_values(["second", "track", "label"], kind="stable")
    box = np.clip(both[BOX].to_numpy(dtype=np.float64) / [*one.size, *one.size], 0, 1)
    columns = zip(both["second"].tolist(), both["label"].tolist(), both["track"].tolist(), strict=True)
    for (second, label, track), (x1, y1, x2, y2) in zip(columns, box.tolist(), strict=True):
        yield name, second, x1, y1, x2, y2, int(label), track


def _moments(one: HeldVideo) -> pd.DataFrame:
    """The ``frame`` nearest to each ``second``; of a slow video several seconds have one frame."""
    times = one.frames["time_s"].to_numpy(dtype=np.float64)
    wanted = np.arange(int(times[-1]) + 1) if len(times) else np.zeros(0, dtype=np.int64)
    frames = one.frames["frame"].to_numpy()[nearest(times, wanted.astype(np.float64))] if len(times) else wanted
    return pd.DataFrame({"frame": frames, "second": wanted})


def _between(bouts: pd.DataFrame, moments: pd.DataFrame) -> int:
    """In how many of a video's bouts and events none of these frames is."""
    first, after = (np.searchsorted(moments["frame"], bouts[name]) for name in ("start_frame", "stop_frame"))
    return int((first == after).sum())


def doing(shown: pd.DataFrame, bouts: pd.DataFrame) -> pd.DataFrame:
    """The boxes whose animal does something of one set then, with ``behaviour``; both are by frame."""
    columns = ["track", "behaviour", "start_frame", "stop_frame"]
    both = pd.merge_asof(shown, bouts[columns], left_on="frame", right_on="start_frame", by="track")
    return both[both["frame"] < both["stop_frame"]]  # and those before the first bout, whose stop is missing, are not
