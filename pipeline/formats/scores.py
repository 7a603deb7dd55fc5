"""Scores of behaviours that somebody else gave: our own scores table, or kabr-tools' labels per frame.

kabr-tools writes ``video track frame label``, separated by one space; ``label`` is a number in the order of ``KABR``,
``frame`` a source frame from 0. (The Hugging Face conversion of KABR numbers alphabetically: say so with
``behaviours``.)
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.errors import TableError
from pipeline.formats.intervals import intervals_of
from pipeline.formats.labels import Faults, check_share, is_whole, numbers
from pipeline.formats.own import read_rows
from pipeline.tables import SCORE_PREFIX

KABR = ("Walk", "Graze", "Browse", "Head Up", "Auto-Groom", "Trot", "Run", "Occluded")  # ethogram/classes.json


def read_scores(path: Path, behaviours: Sequence[str] = ()) -> pd.DataFrame:
    """One row a scored stretch of a track: ``track start_frame stop_frame``, a column ``p_<behaviour>`` each, and
    ``video`` where the file has it; indexed by line.

    ``path`` is a file, or a folder of them, each for the video of its name unless it has a column ``video``.
    ``behaviours`` gives their order, and the meaning of labels that are numbers; empty: the file's own, and ``KABR``.
    ``TableError`` has all faults of a file in one line.
    """
    if not path.is_dir():
        return _read_one(path, behaviours)
    files = sorted(file for file in path.iterdir() if file.suffix.lower() in (".csv", ".parquet"))
    if not files:
        raise TableError(f"{path}: no .csv or .parquet file of scores in this folder")
    parts = [_read_one(file, behaviours) for file in files]
    named = [part if "video" in part else part.assign(video=file.stem) for file, part in zip(files, parts, strict=True)]
    whole = pd.concat(named, ignore_index=True)
    return whole.assign(**{name: whole[name].fillna(0.0) for name in score_columns(whole)})


def score_columns(data: pd.DataFrame) -> list[str]:
    """The columns ``p_<behaviour>`` of a table."""
    return [str(name) for name in data.columns if str(name).startswith(SCORE_PREFIX)]


def read_predictions(path: Path) -> pd.DataFrame:
    """``INTERVALS`` of kabr-tools' labels per frame: a bout lasts while a track's frames follow with one label.

    ``TableError`` as ``read_scores``.
    """
    scores = read_scores(path)
    names = np.array([name.removeprefix(SCORE_PREFIX) for name in score_columns(scores)])
    told = names[scores[score_columns(scores)].to_numpy().argmax(axis=1)]
    rows = scores.assign(frame=scores["start_frame"], subject=scores["track"].astype("str"), behaviour=told)
    return intervals_of(rows.assign(line=rows.index), Faults(path), 1)


def _read_one(path: Path, behaviours: Sequence[str]) -> pd.DataFrame:
    raw, faults = read_rows(path)
    if "frame" in raw and "start_frame" not in raw:
        raw = raw.assign(start_frame=raw["frame"])
    lost = [name for name in ("track", "start_frame") if name not in raw]
    given = score_columns(raw)
    if lost or not (given or "label" in raw):
        lost += [] if given or "label" in raw else ["label (or p_<behaviour>)"]
        raise TableError(f"{path}: missing columns {', '.join(lost)}")
    data = _stretches(raw, faults)
    scores = _given(raw[given], behaviours, faults, path) if given else _one_hot(raw["label"], behaviours, faults)
    keys = [name for name in ("video", "track", "start_frame", "stop_frame") if name in data]
    faults.mark(data.duplicated(keys), "this track has a row for the same frames already")
    faults.stop()
    return data.astype(dict.fromkeys(keys[-3:], "int64")).join(scores)


def _stretches(raw: pd.DataFrame, faults: Faults) -> pd.DataFrame:
    """Video, track and half-open frames; without ``stop_frame`` a row speaks of one frame."""
    data = numbers(raw[[name for name in ("track", "start_frame", "stop_frame") if name in raw]], faults)
    if "stop_frame" not in data:
        data["stop_frame"] = data["start_frame"] + 1
    for name in ("track", "start_frame", "stop_frame"):
        faults.mark(~is_whole(data[name], 0), name + " must be a whole number from 0, got {:g}", data[name])
    faults.mark(data["stop_frame"] <= data["start_frame"], "stop_frame must be after start_frame")
    return data.assign(video=raw["video"].astype("str")) if "video" in raw else data


def _given(raw: pd.DataFrame, behaviours: Sequence[str], faults: Faults, path: Path) -> pd.DataFrame:
    """Probabilities as they stand, in the order asked for."""
    order = [SCORE_PREFIX + name for name in behaviours] or score_columns(raw)
    if set(order) != set(raw.columns):
        there = ", ".join(name.removeprefix(SCORE_PREFIX) for name in score_columns(raw))
        raise TableError(f"{path}: its behaviours are {there}; behaviours= names {', '.join(behaviours)}")
    data = numbers(raw[order], faults)
    check_share(data, order, faults)
    return data


def _one_hot(labels: pd.Series, behaviours: Sequence[str], faults: Faults) -> pd.DataFrame:
    """Labels, numbers or names, as probabilities of 0 and 1."""
    words = labels.astype("str")
    digits = words.str.fullmatch(r"-?\d+")
    numbered = words.empty or (bool(digits.any()) and not set(words[digits]) <= set(behaviours))
    names = list(behaviours) or (list(KABR) if numbered else list(dict.fromkeys(words[words != ""])))
    place = pd.Series(range(len(names)), index=[str(k) for k in range(len(names))] if numbered else names)
    column = words.map(place)
    rule = f"0 to {len(names) - 1}" if numbered else f"one of {', '.join(names[:20])}"
    rule = rule.replace("{", "{{").replace("}", "}}")
    faults.mark(column.isna(), f"label must be {rule}, got " + "'{}'", words)
    hot = (column.to_numpy()[:, None] == np.arange(len(names))).astype("float64")
    return pd.DataFrame(hot, index=labels.index, columns=[SCORE_PREFIX + name for name in names])
