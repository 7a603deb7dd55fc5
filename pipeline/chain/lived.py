"""What the study of society keeps of one video: read and summed up by processes that load no more than this needs."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.artifacts import read_blocks, read_json, read_table
from pipeline.errors import UsageError
from pipeline.ethology.naming import stored_track_blocks
from pipeline.ethology.society.geojson import PIXELS, Habitats
from pipeline.ethology.society.scene import VideoScene
from pipeline.ethology.society.settings import Unit
from pipeline.ethology.society.study import Part, Rules, part
from pipeline.tables import BEHAVIOURS, CAMERA, FRAMES, TRACKS
from pipeline.timebase import due_frames
from pipeline.types import IntArray

_TOLD = BEHAVIOURS.only("track", "frame", "set", "behaviour", "reason")


def check_places(unit: Unit, polygons: Habitats | None) -> None:
    """``UsageError`` where places on the ground are asked for: no run knows any."""
    if unit is Unit.metre:
        raise UsageError("society.unit=metre: a run has no places on the ground; choose body_length or pixel")
    if polygons is not None and polygons.projection != PIXELS:
        raise UsageError(
            f"{polygons.source} is in {polygons.projection}, and a run has no places on the ground: draw the polygons"
            ' in pixels of each video\'s reference frame ("crs": {"type": "name", "properties": {"name": "pixels"}})'
        )


def lived(rules: Rules, key: str, folder: Path) -> Part:
    """Everything that the study of society needs of the video whose own tables are in ``folder``."""
    info = read_json(folder / "video.json")
    frames, camera = read_table(folder / "frames.parquet", FRAMES), read_table(folder / "camera.parquet", CAMERA)
    due = frames["frame"].to_numpy()[due_frames(frames["time_s"].to_numpy(), rules.settings.step_s)]

    def tracks(*names: str) -> Iterator[pd.DataFrame]:
        if "species" in names:
            return stored_track_blocks(folder, TRACKS.only(*names))
        return read_blocks(folder / "tracks.parquet", TRACKS.only(*names), "track")

    size = info["width"], info["height"]
    return part(VideoScene(key, size, frames, tracks, camera, _behaviours(folder, due)), rules)


def _behaviours(folder: Path, due: IntArray) -> pd.DataFrame:
    """The behaviours in the frames that are due, and what is told of gaps."""
    wanted = np.zeros(int(due.max(initial=0)) + 2, dtype=bool)
    wanted[due] = True
    found = []
    for rows in read_blocks(folder / "behaviours.parquet", _TOLD, "track"):
        at = wanted[np.minimum(rows["frame"].to_numpy(), len(wanted) - 1)]
        found.append(rows[at | (rows["reason"] == "gap")])
    return _TOLD.cast(pd.concat(found, ignore_index=True))
