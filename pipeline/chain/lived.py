"""What the study of society keeps of one video: read and summed up by processes that load no more than this needs."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.artifacts import read_blocks, read_json, read_table
from pipeline.errors import UsageError
from pipeline.ethology.naming import stored_track_blocks
from pipeline.ethology.society.geojson import PIXELS, WGS84, Habitats
from pipeline.ethology.society.scene import VideoScene
from pipeline.ethology.society.settings import Unit
from pipeline.ethology.society.sightings import PLACES
from pipeline.ethology.society.study import Part, Rules, part
from pipeline.geodesy import Origin
from pipeline.ground.places import on_the_map, origin
from pipeline.tables import BEHAVIOURS, CAMERA, FRAMES, TELEMETRY, TRACKS
from pipeline.timebase import due_frames
from pipeline.types import IntArray

log = logging.getLogger(__name__)

_TOLD = BEHAVIOURS.only("track", "frame", "set", "behaviour", "reason")


def check_places(unit: Unit, polygons: Habitats | None, placed: Iterable[bool]) -> None:
    """``UsageError`` where places on the ground are asked for and none is known: of no video, by ``placed``.

    It is only looked at where they are asked for.
    """
    if polygons is not None and polygons.projection not in (PIXELS, WGS84):
        raise UsageError(f"{polygons.source} is in {polygons.projection}; reproject it to EPSG:4326")
    asked = ["society.unit=metre"] if unit is Unit.metre else []
    asked += [f"{polygons.source} in degrees"] if polygons is not None and polygons.projection == WGS84 else []
    if asked and not any(placed):
        raise UsageError(
            f"{asked[0]}: no place on the ground is known; it needs a drone's telemetry beside a video, and what that"
            " does not tell stated (docs/ground.md). Else choose body_length or pixel, and draw polygons in pixels of"
            ' each video\'s reference frame ("crs": {"type": "name", "properties": {"name": "pixels"}})'
        )


def _ground(folder: Path) -> tuple[pd.DataFrame | None, Origin | None]:
    """Places on the ground and what they are counted from; none where they are counted from a drone that moves."""
    if not on_the_map(folder):
        return None, None
    ground = read_table(folder / "ground.parquet", PLACES)
    return ground, origin(read_table(folder / "telemetry.parquet", TELEMETRY))


def lived(rules: Rules, key: str, folder: Path) -> Part:
    """Everything that the study of society needs of the video whose own tables are in ``folder``."""
    info = read_json(folder / "video.json")
    frames, camera = read_table(folder / "frames.parquet", FRAMES), read_table(folder / "camera.parquet", CAMERA)
    due = frames["frame"].to_numpy()[due_frames(frames["time_s"].to_numpy(), rules.settings.step_s)]

    def tracks(*names: str) -> Iterator[pd.DataFrame]:
        if "species" in names:
            return stored_track_blocks(folder, TRACKS.only(*names))
        return read_blocks(folder / "tracks.parquet", TRACKS.only(*names), "track")

    size, (ground, start) = (info["width"], info["height"]), _ground(folder)
    if start is None and rules.polygons is not None and rules.polygons.projection == WGS84:
        log.warning("%s: no place on the ground is known, and so no habitat", key)
        rules = replace(rules, polygons=None)
    return part(VideoScene(key, size, frames, tracks, camera, _behaviours(folder, due), ground, start), rules)


def _behaviours(folder: Path, due: IntArray) -> pd.DataFrame:
    """The behaviours in the frames that are due, and what is told of gaps."""
    wanted = np.zeros(int(due.max(initial=0)) + 2, dtype=bool)
    wanted[due] = True
    found = []
    for rows in read_blocks(folder / "behaviours.parquet", _TOLD, "track"):
        at = wanted[np.minimum(rows["frame"].to_numpy(), len(wanted) - 1)]
        found.append(rows[at | (rows["reason"] == "gap")])
    return _TOLD.cast(pd.concat(found, ignore_index=True))
