"""Telemetry -> a DJI subtitle file, as drones write it that note every frame, or every second."""

from collections.abc import Hashable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.artifacts import whole
from pipeline.errors import TableError
from pipeline.formats.dji_srt import TELEMETRY

Row = dict[Hashable, Any]

_NEEDED = ["time_s", "latitude_deg", "longitude_deg"]


class Dialect(Enum):
    """``modern``: a record a row, as Air 2S and Mavic 3 write; ``mavic_pro``: a record a second, as Mavic Pro wrote."""

    modern = "modern"
    mavic_pro = "mavic_pro"


_DECIMALS = {Dialect.modern: 7, Dialect.mavic_pro: 4}  # of degrees: 1 cm; 11 m, which is all that a Mavic Pro tells


def write_srt(path: Path, rows: pd.DataFrame, dialect: Dialect, decimals: int | None = None) -> None:
    """Write rows in the columns of ``TELEMETRY``; ``time_s``, ``latitude_deg`` and ``longitude_deg`` must be known.

    What else is there is written as far as the dialect has words for it, missing values left out. Without
    ``duration_s`` a record lasts until the next one. ``decimals`` of degrees: None takes the dialect's own.
    ``TableError`` where there is no row, a needed value is missing or the times do not rise.
    """
    if rows.empty:
        raise TableError(f"cannot write {path.name}: there is no row")
    lost = [name for name in _NEEDED if name not in rows or rows[name].isna().any()]
    if lost:
        raise TableError(f"cannot write {path.name}: {', '.join(lost)} must be known in every row")
    if (rows["time_s"].diff() <= 0).any():
        raise TableError(f"cannot write {path.name}: time_s must rise from row to row")
    digits = _DECIMALS[dialect] if decimals is None else decimals
    data = _lasting(_seconds(rows) if dialect is Dialect.mavic_pro else rows)
    known = data[[name for name in TELEMETRY.names if name in data]].to_dict("records")
    told = _modern(known, digits) if dialect is Dialect.modern else _mavic_pro(known, digits)
    with whole(path) as part, part.open("w", encoding="utf-8", newline="\n") as file:
        for number, (row, body) in enumerate(zip(known, told, strict=True), start=1):
            stop_s = row["time_s"] + row["duration_s"]
            file.write(f"{number}\n{_cue(row['time_s'])} --> {_cue(stop_s)}\n{body}\n\n")


def _seconds(rows: pd.DataFrame) -> pd.DataFrame:
    """The first row of every second; it lasts until the next such row."""
    first = rows["time_s"].floordiv(1).diff() != 0
    return rows[first].drop(columns="duration_s", errors="ignore")


def _lasting(rows: pd.DataFrame) -> pd.DataFrame:
    """With ``duration_s``: where it is not given until the next row, the last as long as the one before it."""
    if "duration_s" in rows:
        return rows
    lasts = -rows["time_s"].diff(-1)
    return rows.assign(duration_s=lasts.fillna(lasts.iloc[-2] if len(rows) > 1 else 1.0))


def _modern(rows: list[Row], digits: int) -> Iterator[str]:
    """``[name : value]``, a line of counters and one of the clock above it."""
    for number, row in enumerate(rows, start=1):
        counter = int(row.get("counter", -1))
        shown = counter if counter >= 0 else number
        lines = [f'<font size="28">SrtCnt : {shown}, DiffTime : {round(row["duration_s"] * 1000)}ms']
        if row.get("clock"):
            lines.append(f"{row['clock'][:19]},{row['clock'][20:23]},{row['clock'][23:26]}")
        lines.append(" ".join([*_camera(row), *_place(row, digits), "</font>"]))
        yield "\n".join(lines)


def _camera(row: Row) -> Iterator[str]:
    if _known(row, "iso"):
        yield f"[iso : {row['iso']:.0f}]"
    if _known(row, "shutter_s"):
        yield f"[shutter : 1/{1 / row['shutter_s']:.1f}]"
    if _known(row, "fnumber"):
        yield f"[fnum : {row['fnumber'] * 100:.0f}]"
    yield "[ev : 0] [color_md : default]"
    if _known(row, "focal_mm"):
        yield f"[focal_len : {row['focal_mm'] * 10:.0f}]"
    if _known(row, "zoom"):
        yield f"[dzoom_ratio: {row['zoom'] * 10_000:.0f}, delta:0]"


def _place(row: Row, digits: int) -> Iterator[str]:
    yield f"[latitude: {row['latitude_deg']:.{digits}f}] [longitude: {row['longitude_deg']:.{digits}f}]"
    heights = [
        f"{name}_alt: {row[f'{name}_altitude_m']:.3f}" for name in ("rel", "abs") if _known(row, f"{name}_altitude_m")
    ]
    if heights:
        yield f"[{' '.join(heights)}]"
    angles = [
        f"gb_{name}: {row[f'gimbal_{name}_deg']:.1f}"
        for name in ("yaw", "pitch", "roll")
        if _known(row, f"gimbal_{name}_deg")
    ]
    if angles:
        yield f"[{' '.join(angles)}]"


def _mavic_pro(rows: list[Row], digits: int) -> Iterator[str]:
    """Three lines: home and clock, place and height, exposure. Home is where the first record is."""
    for row in rows:
        home, here = (f"{at['longitude_deg']:.{digits}f},{at['latitude_deg']:.{digits}f}" for at in (rows[0], row))
        clock = row.get("clock", "")[:19].replace("-", ".")
        satellites = f"{row['satellites']:.0f}" if _known(row, "satellites") else "0"
        height = f" BAROMETER:{row['rel_altitude_m']:.1f}" if _known(row, "rel_altitude_m") else ""
        iso = f"ISO:{row['iso']:.0f} " if _known(row, "iso") else ""
        shutter = f"Shutter:{1 / row['shutter_s']:.0f} " if _known(row, "shutter_s") else ""
        fnumber = f"{row['fnumber']:.1f}" if _known(row, "fnumber") else ""
        yield f"HOME({home}) {clock}\nGPS({here},{satellites}){height}\n{iso}{shutter}EV: Fnum:{fnumber}"


def _known(row: Row, name: str) -> bool:
    return name in row and not pd.isna(row[name])


def _cue(time_s: float) -> str:
    """``HH:MM:SS,mmm``."""
    whole_s, millis = divmod(round(time_s * 1000), 1000)
    return f"{whole_s // 3600:02d}:{whole_s // 60 % 60:02d}:{whole_s % 60:02d},{millis:03d}"
