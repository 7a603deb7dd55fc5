"""Boxes of tracks and the camera's poses -> where each animal stands, on flat ground as high as the take-off.

The error is that of a place as seen from the drone. What shifts or turns all animals together, the drone's own place
and its compass, is not in it: distances do not change by it. Nor does most of the error itself: one camera sees all
animals of a frame (rays.Rays.stretch).
"""

from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.artifacts import read_table
from pipeline.boxes import FloatArray, points
from pipeline.geodesy import Origin, lat_lon, metres
from pipeline.ground.rays import Rays
from pipeline.ground.settings import GroundSettings
from pipeline.tables import BOX, GROUND

_Errors = dict[str, FloatArray | float]
_USED = ("lat", "lon", "height_m", "heading_deg", "pitch_deg", "roll_deg", "focal_px")


def places(
    tracks: pd.DataFrame, telemetry: pd.DataFrame, size: tuple[int, int], settings: GroundSettings
) -> pd.DataFrame:
    """tables.GROUND of the boxes of ``tracks`` (tables.TRACKS), row by row; ``telemetry`` is tables.TELEMETRY.

    ``size`` is the picture's width and height in pixels. Where no frame has both a heading and a place of the drone,
    metres are to the right and ahead of the drone, else east and north of the ``origin``.
    """
    camera = telemetry.set_index("frame").reindex(tracks["frame"])
    of: dict[str, FloatArray] = {name: camera[name].to_numpy(dtype=np.float64) for name in _USED}
    rays, box, pose = _rays(tracks, of, size, settings), *_errors(of, settings)
    (ahead, right), error = rays.landing(), rays.error(box | pose)
    x, y, lat, lon = right, ahead, *np.full((2, len(tracks)), np.nan)
    if (start := origin(telemetry)) is not None:
        heading = np.radians(of["heading_deg"])
        east, north = metres(of["lat"], of["lon"], start)
        x = east + ahead * np.sin(heading) + right * np.cos(heading)
        y = north + ahead * np.cos(heading) - right * np.sin(heading)
        lat, lon = lat_lon(x, y, start)
    sure = (error <= settings.max_error_m) & ~np.isnan(x)
    found = {"x_m": x, "y_m": y, "lat": lat, "lon": lon, "pixel_m": rays.pixel_m()}
    kept = {name: np.where(sure, values, np.nan) for name, values in found.items()}
    apart = {"error_m": error, "box_error_m": rays.error(box), "stretch": rays.stretch(pose)}
    return GROUND.cast(tracks[["track", "frame", "time_s"]].assign(**kept, **apart))


def on_the_map(folder: Path) -> bool:
    """Are latitudes and longitudes of animals known in the video whose own tables are in ``folder``? Other places are
    counted from a drone that moves.
    """
    path = folder / "ground.parquet"
    return path.is_file() and bool(read_table(path, GROUND.only("lat"))["lat"].notna().any())


def origin(telemetry: pd.DataFrame) -> Origin | None:
    """What metres are counted from: the drone's place in the first frame that has one and a heading; None: no frame."""
    known = telemetry[telemetry[["lat", "lon", "heading_deg"]].notna().all(axis=1)]
    if known.empty:
        return None
    first = known.iloc[0]
    level = np.nan_to_num(first["elevation_m"] - first["height_m"])  # of the ground above the sea
    return Origin(first["lat"], first["lon"], float(np.clip(level, -1000, 10_000)))


def _rays(tracks: pd.DataFrame, of: dict[str, FloatArray], size: tuple[int, int], settings: GroundSettings) -> Rays:
    """The rays through the points where animals stand; a camera whose roll is not told hangs level."""
    u, v = (points(tracks[BOX].to_numpy(np.float64), settings.point) - np.array(size) / 2).T
    pitch, roll = np.radians(of["pitch_deg"]), np.radians(np.nan_to_num(of["roll_deg"]))
    return Rays(u, v, of["height_m"], pitch, roll, of["focal_px"])


def _errors(of: dict[str, FloatArray], settings: GroundSettings) -> tuple[_Errors, _Errors]:
    """What is wrong of each box by itself, and of the camera, for all boxes of a frame alike."""
    tilt = float(np.radians(settings.gimbal_error_deg))
    pose: _Errors = {
        "height_m": settings.height_error_m,
        "pitch": tilt,
        "roll": tilt,
        "focal_px": settings.focal_error * of["focal_px"],
    }
    return {"u": settings.box_error_px, "v": settings.box_error_px}, pose
