"""Who is who: named animals (``individuals.csv``) and the tracks they were followed in.

A track is a fragment of one animal's time, never a replicate (Hurlbert 1984, Ecol Monogr 54: 187-211; Machlis, Dodd and
Fentress 1985, Z Tierpsychol 68: 201-214). Only a name, given by somebody who knows the animal, joins tracks into one.
"""

from pathlib import Path

import pandas as pd

from pipeline.errors import TableError
from pipeline.ethology.handwritten import faults_of, rows_that, text_table
from pipeline.tables import NAMES


def read_individuals(path: Path) -> pd.DataFrame:
    """The user's ``individuals.csv`` as tables.NAMES: video, track, individual; other columns are kept as text.

    The run's own ``tables/individuals.csv`` with names filled in serves as well. ``TableError`` gives all faults at
    once.
    """
    data = text_table(path, {})
    faults = faults_of(data, NAMES)
    if not faults:
        data["individual"] = data["individual"].str.strip()
        twice = data.duplicated(["video", "track"], keep=False)
        faults += rows_that("name a track that another row names too", twice)
    if faults:
        raise TableError(f"{path.name}: {'; '.join(faults)}")
    return NAMES.cast(data, where=path.name)


def named(video: str, track: pd.Series, names: pd.DataFrame | None) -> pd.Series:
    """The individual's name for each track number of a video; ``""`` where nobody named it. Index as ``track``."""
    if names is None:
        return pd.Series("", index=track.index, dtype="str")
    known = names[names["video"] == video].set_index("track")["individual"]
    return track.map(known).fillna("").astype("str")


def namesakes(video: str, names: pd.DataFrame | None) -> set[int]:
    """The tracks of a video that bear the name of another of its tracks."""
    if names is None:
        return set()
    own = names[(names["video"] == video) & (names["individual"] != "")]
    return set(own.loc[own.duplicated("individual", keep=False), "track"])


def at_once(video: str, boxes: pd.DataFrame, names: pd.DataFrame | None) -> dict[str, list[int]]:
    """The animals of a video that are in two places: name to the tracks of that name that share frames, rising.

    ``boxes`` is track and frame of ``namesakes``. One of these tracks has the wrong name, and the animal's time there
    counts twice.
    """
    rows = boxes.assign(individual=named(video, boxes["track"], names))
    rows = rows[rows.duplicated(["individual", "frame"], keep=False)]
    return {str(name): sorted(set(own.tolist())) for name, own in rows.groupby("individual")["track"]}


def subjects(video: str, track: pd.Series, names: pd.DataFrame | None) -> pd.Series:
    """What to call the animal of each track: its name, else ``<video>#<track>``. Index as ``track``."""
    name = named(video, track, names)
    return name.where(name != "", video + "#" + track.astype("str"))
