"""Airdata's logs of DJI flights: a CSV of a whole flight, about ten lines a second.

::

    time(millisecond),datetime(utc),latitude,longitude,height_above_takeoff(feet),altitude_above_seaLevel(feet), ...
      compass_heading(degrees), pitch(degrees),isVideo,gimbal_heading(degrees),gimbal_pitch(degrees), ...

Lengths are in feet or metres, as the header says; some names begin with a space. ``pitch`` and ``roll`` are the
drone's, ``gimbal_pitch`` is the camera's. Heights count from the take-off, ``time`` from the beginning of the log:
``isVideo`` is 1 while the camera records. Clocks are not compared, as the drone's may be hours from the camera's.

``gimbal_heading`` counts from north only where the gimbal was aligned with the compass: in a log of an Air 2S it is 165
degrees from where the drone flies to, and the compass 0.4.
"""

import csv
import logging
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.errors import TableError
from pipeline.formats.dji_srt import TELEMETRY, with_fixes
from pipeline.formats.text import read_bytes

_COLUMNS = {  # in lower case and without units, and what it is
    "time": "time_s",
    "isvideo": "films",
    "latitude": "latitude_deg",
    "longitude": "longitude_deg",
    "height_above_takeoff": "rel_altitude_m",
    "altitude_above_sealevel": "abs_altitude_m",
    "satellites": "satellites",
    "compass_heading": "compass_deg",
    "gimbal_heading": "gimbal_yaw_deg",
    "gimbal_pitch": "gimbal_pitch_deg",
    "gimbal_roll": "gimbal_roll_deg",
}
_NEEDED = ("time(millisecond)", "isVideo")
_UNITS = {"": 1.0, "degrees": 1.0, "millisecond": 0.001}
_UNITS |= dict.fromkeys(("feet", "ft"), 0.3048) | dict.fromkeys(("meters", "meter", "metres", "m"), 1.0)
_FIRST = b"time(millisecond)"

SAME_S = 2.0  # between the lengths of video and recording: how soon isVideo follows the camera is not known
MOST_PAN_DEG = 45.0  # a gimbal that turns with the drone looks no farther to the side than this
_MOST_SHOWN = 8  # recordings in a message

log = logging.getLogger(__name__)


def is_airdata(path: Path) -> bool:
    """Does a CSV begin as Airdata's logs do? Not one that cannot be opened."""
    try:
        with path.open("rb") as file:
            return _FIRST in file.readline(1000).lower()
    except OSError:
        return False


def read_airdata(path: Path, lasts_s: float) -> pd.DataFrame:
    """dji_srt.TELEMETRY of the recording in the flight that lasts as long as the video, ``time_s`` from its beginning.

    ``TableError`` where the log does not tell which one that is, or it is no such log.
    """
    flight = _flight(path)
    own = flight.iloc[_recording(path, flight, lasts_s)]
    time_s = own["time_s"] - own["time_s"].iloc[0]
    told = own.assign(
        record=np.arange(1, len(own) + 1),
        counter=-1,
        time_s=time_s,
        duration_s=time_s.diff().shift(-1).fillna(0.0),
        clock="",
        gimbal_yaw_deg=_heading(path, own),
    )
    return TELEMETRY.cast(with_fixes(told.reindex(columns=TELEMETRY.names), path), where=str(path))


def _flight(path: Path) -> pd.DataFrame:
    """The columns of ``_COLUMNS`` of all lines that are whole, in metres and seconds; NaN where the log has none."""
    text = read_bytes(path).replace(b"\0", b"").decode("utf-8-sig", errors="replace")
    header, *lines = csv.reader(StringIO(text)) if text.strip() else [[]]
    at = _places(path, header)
    if not {"time_s", "films"} <= at.keys():
        raise TableError(f"{path}: no column {' or '.join(_NEEDED)}; is it an Airdata log of a flight, as CSV?")
    whole = [line for line in lines if len(line) > max(k for k, _ in at.values())]
    told = {name: by * _numbers([line[k] for line in whole]) for name, (k, by) in at.items()}
    flight = pd.DataFrame(dict.fromkeys(_COLUMNS.values(), np.nan) | told, index=range(len(whole)))
    return flight[flight["time_s"].notna()].reset_index(drop=True)


def _places(path: Path, header: list[str]) -> dict[str, tuple[int, float]]:
    """Which field of a line each column is, and what brings it to metres and seconds."""
    found: dict[str, tuple[int, float]] = {}
    for k, field in enumerate(header):
        name, _, unit = field.strip().removesuffix(")").partition("(")
        if (column := _COLUMNS.get(name.lower())) is None:
            continue
        if unit.lower() not in _UNITS:
            raise TableError(f"{path}: {name} is in {unit}, which is none of {', '.join(filter(None, _UNITS))}")
        found.setdefault(column, (k, _UNITS[unit.lower()]))
    return found


def _numbers(fields: list[str]) -> FloatArray:
    """NaN where a field is no number."""
    return pd.to_numeric(pd.Series(fields, dtype="str"), errors="coerce").to_numpy(dtype=np.float64)


def _recording(path: Path, flight: pd.DataFrame, lasts_s: float) -> slice:
    """The lines in which the camera filmed the video: an unbroken stretch that lasts as long."""
    films, time_s = flight["films"].to_numpy() == 1, flight["time_s"].to_numpy()
    turns = np.flatnonzero(np.diff(films, prepend=False, append=False)).reshape(-1, 2)
    lasting = {(start, stop): float(time_s[stop - 1] - time_s[start]) for start, stop in turns.tolist()}
    own = [lines for lines, seconds in lasting.items() if abs(seconds - lasts_s) <= SAME_S]
    if len(own) == 1:
        return slice(*own[0])
    there = ", ".join(f"{seconds:.1f}" for seconds in list(lasting.values())[:_MOST_SHOWN]) or "none"
    more = f" and {len(lasting) - _MOST_SHOWN} more" if len(lasting) > _MOST_SHOWN else ""
    raise TableError(
        f"{path}: the video lasts {lasts_s:.1f} s, and {len(own) or 'none'} of the recordings in the log do within"
        f" {SAME_S:g} s (isVideo = 1 for {there}{more} s); leave in a copy beside the video only the lines in which it"
        " was filmed"
    )


def _heading(path: Path, own: pd.DataFrame) -> FloatArray:
    """Where the camera looks, -180 to 180: as the gimbal says, or as the drone where the gimbal says what cannot be."""
    gimbal, compass = (own[name].to_numpy(dtype=np.float64) for name in ("gimbal_yaw_deg", "compass_deg"))
    aside = float(np.nan_to_num(pd.Series(_turned(gimbal - compass)).abs().median()))
    if aside > MOST_PAN_DEG:
        log.warning(
            "%s: the gimbal's heading is %.0f degrees from the drone's, which is taken for the camera's; if your gimbal"
            " turns so far, state ground.heading_deg",
            path,
            aside,
        )
    return _turned(compass if aside > MOST_PAN_DEG else gimbal)


def _turned(degrees: FloatArray) -> FloatArray:
    return np.asarray(np.mod(degrees + 180.0, 360.0) - 180.0)
