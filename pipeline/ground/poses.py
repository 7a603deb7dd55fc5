"""Records of telemetry -> where the camera was and how it looked in every frame.

Between records values are interpolated, angles the short way round; before the first and after the last they are held.
Where several files tell of a video, each value is of the first one that has it: subtitles are written with the frames,
but mostly do not know how the camera looks.
"""

import logging
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.formats.dji_srt import first_recording
from pipeline.ground.settings import GroundSettings
from pipeline.tables import TELEMETRY

log = logging.getLogger(__name__)

FULL_FRAME_MM = 36.0  # width of 35 mm film: focal lengths are told in terms of it
_LEAST_MM = 12.0  # shorter focal lengths are the lens's own: no drone's is so short in terms of 35 mm film
_FROM = {  # columns of tables.TELEMETRY by those of the records
    "lat": "latitude_deg",
    "lon": "longitude_deg",
    "height_m": "rel_altitude_m",
    "elevation_m": "abs_altitude_m",
    "heading_deg": "gimbal_yaw_deg",
    "pitch_deg": "gimbal_pitch_deg",
    "roll_deg": "gimbal_roll_deg",
    "focal_35mm": "focal_mm",
    "zoom": "zoom",
}
_TURNS = ("lon", "heading_deg", "roll_deg")  # what goes on after 360
NEEDED = {  # for a place on the ground, with a value to show how it is stated
    "pitch_deg": "-30",
    "height_m": "40",
    "focal_35mm": "24",
}


def poses(
    records: Mapping[str, pd.DataFrame], frames: pd.DataFrame, long_px: int, settings: GroundSettings
) -> pd.DataFrame:
    """tables.TELEMETRY: a row for each of ``frames`` (tables.FRAMES) of a video whose longer side has ``long_px``.

    That side is the sensor's width, upright or not: focal lengths are told for 36 mm of film along it.
    ``records`` are dji_srt.TELEMETRY by the kind of their file, their time that of the video. Records after time has
    gone back are left out: of several files that were joined only the first is known to belong to the video.
    """
    at = frames["time_s"].to_numpy(dtype=np.float64)
    own = {kind: first_recording(rows) for kind, rows in records.items()}
    told = {name: _told(name, own.values(), at, settings.max_gap_s) for name in _FROM}
    told["focal_35mm"][told["focal_35mm"] < _LEAST_MM] = np.nan
    stated = {name: getattr(settings, name) for name in (*NEEDED, "heading_deg")}
    stated = {name: value for name, value in stated.items() if value is not None}
    told |= {name: np.full(len(at), value) for name, value in stated.items()}
    told["heading_deg"] = np.mod(told["heading_deg"], 360.0)
    zoom = np.nan_to_num(told["zoom"], nan=1.0)
    told["focal_px"] = told["focal_35mm"] * zoom * long_px / FULL_FRAME_MM
    if records and len(at):
        _warn(told)
    words = {"stated": ", ".join(stated), "files": ", ".join(own)}
    return TELEMETRY.cast(frames[["frame", "time_s"]].assign(**told, **words))


def _told(name: str, files: Iterable[pd.DataFrame], at: FloatArray, longest_s: float) -> FloatArray:
    """A column of tables.TELEMETRY at the times of frames, by the first file that tells it; else NaN."""
    for rows in files:
        values = rows[_FROM[name]].to_numpy(dtype=np.float64)
        if not np.isnan(values).all():
            return at_times(rows["time_s"].to_numpy(dtype=np.float64), values, at, longest_s, name in _TURNS)
    return np.full(len(at), np.nan)


def at_times(time_s: FloatArray, values: FloatArray, at: FloatArray, longest_s: float, turns: bool) -> FloatArray:
    """Values ``[n]`` known at rising times, some NaN, interpolated at other times ``[m]``.

    NaN where no known value is within ``longest_s``. ``turns``: degrees, of which 359 and 1 are 2 apart; the answer is
    in [-180, 180).
    """
    known = ~np.isnan(values)
    if not known.any():
        return np.full(len(at), np.nan)
    time_s, values = time_s[known], values[known]
    found = np.interp(at, time_s, np.unwrap(values, period=360.0) if turns else values)
    after = np.searchsorted(time_s, at).clip(max=len(time_s) - 1)
    apart = np.minimum(*(np.abs(time_s[k] - at) for k in (after, (after - 1).clip(min=0))))
    return np.where(apart <= longest_s, np.mod(found + 180.0, 360.0) - 180.0 if turns else found, np.nan)


def _warn(told: dict[str, FloatArray]) -> None:
    """Say what no frame has, and how to state it."""
    lost = [name for name in (*NEEDED, "heading_deg", "lat") if np.isnan(told[name]).all()]
    if needed := [name for name in lost if name in NEEDED]:
        words = " ".join(f"ground.{name}={NEEDED[name]}" for name in needed)
        log.warning("no places on the ground: the telemetry does not tell %s; state: %s", ", ".join(needed), words)
    elif "lat" in lost:
        log.warning("places on the ground are counted from the drone: the telemetry does not tell where it was")
    elif lost:
        log.warning(
            "places on the ground are counted from the drone, without latitude and longitude: the telemetry does not"
            " tell heading_deg; state the compass direction in which the camera looks: ground.heading_deg=90"
        )
