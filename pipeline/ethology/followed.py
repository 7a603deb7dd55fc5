"""What a study keeps of a video's boxes, which are many and come some at a time: little more than a row a track."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.ethology.individuals import at_once, namesakes
from pipeline.ethology.runs import changed


@dataclass(frozen=True)
class Followed:
    """The tracks of one video.

    ``tracks`` has species, start_s and observed_share by track, ``told`` the first species that the observer gives of
    each track that he gives one of, ``doubles`` the animals in two places (``individuals.at_once``).
    """

    tracks: pd.DataFrame
    told: pd.Series
    doubles: dict[str, list[int]]


def followed(video: str, blocks: Iterable[pd.DataFrame], given: pd.Series, names: pd.DataFrame | None) -> Followed:
    """Sum up tables.TRACKS, of which at least one block is there.

    ``given`` is the observer's species by frame (``""``: none), ``names`` is tables.NAMES.
    """
    given, shared = given[given != ""], namesakes(video, names)
    frames = set(given.index)
    parts, told, doubles = [], [], []
    for boxes in blocks:
        parts.append(_stretches(boxes))
        told.append(_among(boxes, "frame", frames).drop_duplicates("track"))
        doubles.append(_among(boxes, "track", shared))
    by_track = pd.concat(parts).groupby("track")
    tracks = by_track.agg({"species": "first", "start_s": "min"})
    tracks["observed_share"] = by_track["observed"].sum() / by_track["boxes"].sum()
    first = pd.concat(told).drop_duplicates("track").set_index("track")["frame"]
    return Followed(tracks, first.map(given), at_once(video, pd.concat(doubles), names))


def _among(boxes: pd.DataFrame, column: str, values: Collection[int]) -> pd.DataFrame:
    """Track and frame of the boxes with one of these numbers in a column; mostly none is looked for."""
    found = boxes[boxes[column].isin(values)] if len(values) else boxes.iloc[:0]
    return found[["track", "frame"]]


def _stretches(boxes: pd.DataFrame) -> pd.DataFrame:
    """A row for all boxes of one track that follow each other."""
    first = np.flatnonzero(changed(boxes["track"]))
    return pd.DataFrame(
        {
            "track": boxes["track"].to_numpy()[first],
            "species": boxes["species"].iloc[first].astype("str").to_numpy(),
            "start_s": np.minimum.reduceat(boxes["time_s"].to_numpy(), first),
            "observed": np.add.reduceat(boxes["observed"].to_numpy(), first, dtype=np.int64),
            "boxes": np.diff(np.append(first, len(boxes))),
        }
    )
