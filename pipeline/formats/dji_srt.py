"""DJI's telemetry: subtitles that say where the drone was, once a frame or a second, in dialects by model and year.

::

    12                                             number of the record
    00:00:00,366 --> 00:00:00,400                  when it is shown (Mavic 2 tools leave this line out)
    <font size="28">SrtCnt : 12, DiffTime : 33ms   the camera's own counter
    2023-01-12 10:31:05,366,667                    local time: milliseconds and microseconds set off by commas
    [iso : 100] ... [latitude: 0.292100] [longitude: 36.898500] [rel_alt: 20.200 abs_alt: 1720.200]

    GPS(36.8985,0.2921,16) BAROMETER:20.2          Mavic Pro: longitude, latitude, satellites
    GPS(0.2921,36.8985,1720.0M) BAROMETER:20.2M    Matrice 300: latitude, longitude, altitude
    F/2.8, SS 400, ISO 100, EV 0, GPS (36.898500, 0.292100, 16), H 20.20m, G.PRY (-27.3, 0.0, -76.0)   Phantom 4, Mini

What "altitude" is measured from differs between models and is said nowhere: it has a column of its own. A fix of 0, 0
is none. ``longtitude`` is DJI's spelling.
"""

import logging
import re
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.columns import Column, Table
from pipeline.errors import TableError
from pipeline.formats.text import read_bytes

Values = dict[str, float | str]

# fmt: off
TELEMETRY = Table("telemetry", (
    Column("record", "int", "", "number of the record, as printed; starts again where files were joined", low=0),
    Column("counter", "int", "", "the camera's frame counter (SrtCnt, FrameCnt), as printed; -1: none", low=-1,
           high=1e12),
    Column("time_s", "float", "s", "start of the subtitle; where there is none by the clock, from 0", decimals=6,
           missing=True),
    Column("duration_s", "float", "s", "how long it is shown, or until the clock's next time", decimals=6,
           missing=True),
    Column("clock", "str", "", "local date and time of the camera, YYYY-MM-DD HH:MM:SS.ffffff; empty: none"),
    Column("latitude_deg", "float", "deg", "latitude, WGS84", decimals=9, low=-90, high=90, missing=True),
    Column("longitude_deg", "float", "deg", "longitude, WGS84", decimals=9, low=-180, high=180, missing=True),
    Column("rel_altitude_m", "float", "m", "height above the take-off: rel_alt, BAROMETER, Hb, H", decimals=3,
           missing=True),
    Column("abs_altitude_m", "float", "m", "height above the sea: abs_alt", decimals=3, missing=True),
    Column("altitude_m", "float", "m", "what is called altitude; above what, the file does not say", decimals=3,
           missing=True),
    Column("satellites", "float", "", "satellites received", decimals=0, missing=True),
    Column("iso", "float", "", "sensitivity, ISO", missing=True),
    Column("shutter_s", "float", "s", "exposure time", decimals=9, missing=True),
    Column("fnumber", "float", "", "aperture", decimals=2, missing=True),
    Column("focal_mm", "float", "mm", "focal length, in terms of 35 mm film", decimals=2, missing=True),
    Column("zoom", "float", "", "digital zoom", decimals=4, missing=True),
    Column("gimbal_yaw_deg", "float", "deg", "compass bearing of the camera, -180 to 180", decimals=2, missing=True),
    Column("gimbal_pitch_deg", "float", "deg", "camera above the horizon; -90: straight down", decimals=2,
           missing=True),
    Column("gimbal_roll_deg", "float", "deg", "roll of the camera", decimals=2, missing=True),
))
# fmt: on

_CUE = re.compile(r"(\d+):(\d{2}):(\d{2})[,.](\d{1,3})\s*-->\s*(\d+):(\d{2}):(\d{2})[,.](\d{1,3})")
_DATE = r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})"
_CLOCK = re.compile(_DATE + r"\s+(\d{1,2}):(\d{2}):(\d{2})(?:[.,](\d{1,6}))?(?:[.,](\d{3}))?")
_NUMBER = r"[-+]?\d+(?:\.\d*)?"
_FIELD = re.compile(rf"([A-Za-z_]\w*)\s*:\s*F?({_NUMBER}(?:/{_NUMBER})?)")  # [iso : 100], ISO:100, Fnum:F2.8, EV:-1/3
_WORD = re.compile(rf"\b(F/|SS |ISO |EV |H |DZOOM )({_NUMBER})")  # F/2.8, SS 400, H 20.20m
_GPS = re.compile(rf"GPS\s*\(({_NUMBER}),\s*({_NUMBER}),\s*({_NUMBER})(M?)\)")
_GIMBAL = re.compile(rf"G\.PRY\s*\(({_NUMBER})\D*?,\s*({_NUMBER})\D*?,\s*({_NUMBER})")
_COUNT = re.compile(r"[0-9]{1,9}")
_CUT = re.compile(r"[-+.,/\d]+\Z")  # a figure that the file ends in, without a line's end: more of it may be lost

_SCALED = 1000.0  # a digital zoom from here on is in ten-thousandths

log = logging.getLogger(__name__)


def _plain(text: str) -> float:
    over, _, under = text.partition("/")
    return float(over) / float(under) if under and float(under) else float(over) if not under else np.nan


def _exposure(text: str) -> float:
    """Seconds: ``1/80.0``, or ``80`` alone for the same."""
    value = _plain(text)
    return value if "/" in text else 1 / value if value > 0 else np.nan


def _hundredths(text: str) -> float:
    return float(text) if "." in text else float(text) / 100


def _tenths(text: str) -> float:
    return float(text) if "." in text else float(text) / 10


def _zoom(text: str) -> float:
    value = _plain(text)
    return value / 10_000 if value >= _SCALED else value


_MEANINGS: dict[str, tuple[str, Callable[[str], float]]] = {
    **dict.fromkeys(("srtcnt", "framecnt"), ("counter", _plain)),
    "latitude": ("latitude_deg", _plain),
    **dict.fromkeys(("longitude", "longtitude"), ("longitude_deg", _plain)),
    **dict.fromkeys(("rel_alt", "barometer", "hb", "h "), ("rel_altitude_m", _plain)),
    "abs_alt": ("abs_altitude_m", _plain),
    "altitude": ("altitude_m", _plain),
    **dict.fromkeys(("iso", "iso "), ("iso", _plain)),
    **dict.fromkeys(("shutter", "tv", "ss "), ("shutter_s", _exposure)),
    **dict.fromkeys(("fnum", "ir"), ("fnumber", _hundredths)),
    "f/": ("fnumber", _plain),
    "focal_len": ("focal_mm", _tenths),
    **dict.fromkeys(("dzoom_ratio", "dzoom "), ("zoom", _zoom)),
    "gb_yaw": ("gimbal_yaw_deg", _plain),
    "gb_pitch": ("gimbal_pitch_deg", _plain),
    "gb_roll": ("gimbal_roll_deg", _plain),
}


def read_srt(path: Path) -> pd.DataFrame:
    """The telemetry of a DJI subtitle file as ``TELEMETRY``, one row a record, in the file's order.

    What a dialect does not say is missing. A last record that is cut off is kept as far as it goes, or left out where
    it has no time, and the log says so. ``TableError`` where nothing can be saved: an empty file, other subtitles.
    """
    raw = read_bytes(path)
    text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", errors="replace")
    text = _CUT.sub("", text)
    if not text.strip():
        raise TableError(f"{path}: the file is empty; copy it again from the drone's card")
    records = [_record(number, body) for number, body in _split(text)]
    timed = [record for record in records if "time_s" in record or "clock" in record]
    if not timed:
        raise TableError(f"{path}: no telemetry record in {len(text):,} characters; is it a DJI .SRT file?")
    if not any(len(record.keys() - {"record", "time_s", "duration_s"}) for record in timed):
        raise TableError(f"{path}: {len(timed):,} subtitles, but none holds telemetry; is it a DJI .SRT file?")
    if len(timed) < len(records):
        log.warning("%s: %d of %d records have no time and are left out", path, len(records) - len(timed), len(records))
    elif len(timed) > 1 and len(timed[-1]) < len(timed[-2]):
        log.warning("%s: the last record is cut off; what it does not say is missing", path)
    return TELEMETRY.cast(_timed(with_fixes(_table(timed), path), path), where=str(path))


def first_recording(records: pd.DataFrame) -> pd.DataFrame:
    """The ``TELEMETRY`` records before time goes back: of several files that were joined, the first."""
    ends = np.flatnonzero(records["time_s"].diff().to_numpy() < 0)
    return records.iloc[: ends[0] if len(ends) else None]


def _split(text: str) -> list[tuple[int, str]]:
    """Number and text of each record: it starts with a line of digits, after an empty line or before a cue."""
    lines = [line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    starts = []
    for k, line in enumerate(lines):
        after = lines[k + 1] if k + 1 < len(lines) else ""
        if _COUNT.fullmatch(line) and (k == 0 or not lines[k - 1] or "-->" in after):
            starts.append(k)
    return [(int(lines[a]), "\n".join(lines[a + 1 : b])) for a, b in pairwise([*starts, len(lines)])]


def _record(number: int, body: str) -> Values:
    """What one record says, by column."""
    values: Values = {"record": number}
    if cue := _CUE.search(body):
        start, stop = _seconds(*cue.groups()[:4]), _seconds(*cue.groups()[4:])
        values |= {"time_s": start, "duration_s": max(stop - start, 0.0)}
        body = body[cue.end() :]
    if clock := _CLOCK.search(body):
        values["clock"] = _clock(*clock.groups(default=""))
        body = body[: clock.start()] + "\n" + body[clock.end() :]
    for name, text in [*_FIELD.findall(body), *_WORD.findall(body)]:
        if name.lower() in _MEANINGS:
            column, read = _MEANINGS[name.lower()]
            values.setdefault(column, read(text))
    if gps := _GPS.search(body):
        values |= _gps(*gps.groups())
    if gimbal := _GIMBAL.search(body):
        names = ("gimbal_pitch_deg", "gimbal_roll_deg", "gimbal_yaw_deg")
        values |= dict(zip(names, map(float, gimbal.groups()), strict=True))
    return {name: value for name, value in values.items() if value != ""}


def _gps(first: str, second: str, third: str, unit: str) -> Values:
    """The Matrice, whose third figure is in metres, writes the latitude first; the others the longitude.

    A second figure that can be no latitude is a longitude; a third one that is no whole number no count of satellites.
    """
    turned = unit or abs(float(first)) <= 90 < abs(float(second))
    latitude, longitude = (first, second) if turned else (second, first)
    last = "altitude_m" if unit or "." in third else "satellites"
    return {"latitude_deg": float(latitude), "longitude_deg": float(longitude), last: float(third)}


def _seconds(hours: str, minutes: str, seconds: str, fraction: str) -> float:
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + int(fraction.ljust(3, "0")) / 1000


def _clock(year: str, month: str, day: str, hour: str, minute: str, second: str, part: str, micro: str) -> str:
    """One way to write a date and time; empty where there is no such moment."""
    fraction = (part.ljust(3, "0") + micro).ljust(6, "0")[:6]
    try:
        when = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), int(fraction))
    except ValueError:
        return ""
    return when.isoformat(sep=" ", timespec="microseconds")


def _table(records: list[Values]) -> pd.DataFrame:
    """Records as columns of ``TELEMETRY``; what no record says is missing."""
    data = pd.DataFrame(records).reindex(columns=TELEMETRY.names)
    return data.assign(counter=data["counter"].fillna(-1), clock=data["clock"].fillna("").astype("str"))


def with_fixes(data: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Records without the fixes that are none: 0, 0, half a position, and what is nowhere on Earth."""
    names = ["latitude_deg", "longitude_deg"]
    places = data[names].astype(float)
    nowhere = (places["latitude_deg"].abs() > 90) | (places["longitude_deg"].abs() > 180)
    if nowhere.any():
        log.warning("%s: %d of %d positions are nowhere on Earth and are left out", path, nowhere.sum(), len(data))
    lost = nowhere | (places == 0).all(axis=1) | places.isna().any(axis=1)
    return data.assign(**{name: places[name].mask(lost) for name in names})


def _timed(data: pd.DataFrame, path: Path) -> pd.DataFrame:
    """With times by the clock, from 0, where the file has no cues at all; a record lasts until the next one."""
    if data["time_s"].notna().any():
        if (back := data["time_s"].diff() < 0).any():
            log.warning("%s: time goes back %d times; were several files joined?", path, back.sum())
        return data
    clock = pd.to_datetime(data["clock"].where(data["clock"] != ""), format="ISO8601")
    time_s = (clock - clock.iloc[0]).dt.total_seconds()
    lasts = -time_s.diff(-1)
    return data.assign(time_s=time_s, duration_s=lasts.fillna(lasts.iloc[-2] if len(lasts) > 1 else np.nan).clip(0))
