"""The telemetry of a video: what lies beside it, and what the settings name."""

import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pandas as pd

from pipeline.errors import TableError
from pipeline.formats.airdata import SAME_S, is_airdata, read_airdata
from pipeline.formats.dji_srt import first_recording, read_srt
from pipeline.ground.settings import GroundSettings

log = logging.getLogger(__name__)


def _subtitles(path: Path, lasts_s: float) -> pd.DataFrame:
    """The subtitles of a video; the log says so where they do not last as long as it does."""
    records = read_srt(path)
    shown = first_recording(records)
    ends_s = float((shown["time_s"] + shown["duration_s"].fillna(0.0)).max())
    if abs(ends_s - lasts_s) > SAME_S:
        log.warning(
            "%s ends at %.1f s, the video at %.1f s: is it of another video, or was one of them cut? Places hold only "
            "if both begin at the same moment", path, ends_s, lasts_s,
        )  # fmt: skip
    return records


_READERS: Mapping[str, Callable[[Path, float], pd.DataFrame]] = {  # by kind; the first that tells a thing counts
    "DJI subtitles": _subtitles,
    "Airdata flight log": read_airdata,
}
_SUBTITLES, _FLIGHT_LOG = _READERS
_SUFFIXES = (".SRT", ".srt", ".csv", ".CSV")  # as they are written, and as others rename them


def logs_beside(video: Path) -> list[Path]:
    """The files of telemetry beside a video: ``DJI_0001.SRT`` and ``DJI_0001.csv`` of ``DJI_0001.MP4``; the first of
    each kind counts.
    """
    return list(_by_kind(path for path in map(video.with_suffix, _SUFFIXES) if path.is_file()).values())


def unplaceable(video: Path, settings: GroundSettings) -> bool:
    """Is there nothing that could tell places on the ground?"""
    return not settings.enough and settings.telemetry is None and not logs_beside(video)


def records_of(video: Path, settings: GroundSettings, lasts_s: float) -> dict[str, pd.DataFrame]:
    """The records (dji_srt.TELEMETRY) of a video by the kind of their file; files that cannot be read are left out.

    The log says why one cannot: what lies beside a video by chance does not stop it. A named file goes before one of
    its kind that lies there. ``lasts_s``: how long the video is.
    """
    named = [] if settings.telemetry is None else [Path(settings.telemetry).expanduser()]
    found = {}
    for kind, path in _by_kind([*named, *logs_beside(video)]).items():
        try:
            found[kind] = _READERS[kind](path, lasts_s)
        except TableError as error:
            log.warning("no places on the ground by this file: %s", error)
    return {kind: found[kind] for kind in _READERS if kind in found}


def _by_kind(paths: Iterable[Path]) -> dict[str, Path]:
    """The first file of each kind. A CSV that is no flight log is none of telemetry."""
    found: dict[str, Path] = {}
    for path in paths:
        if path.suffix.lower() == ".srt":
            found.setdefault(_SUBTITLES, path)
        elif is_airdata(path):
            found.setdefault(_FLIGHT_LOG, path)
    return found
