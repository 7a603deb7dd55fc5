"""The telemetry that lies beside a video."""

import logging
from pathlib import Path

import pandas as pd

from pipeline.errors import TableError
from pipeline.formats.dji_srt import TELEMETRY, read_srt
from pipeline.ground.settings import GroundSettings

log = logging.getLogger(__name__)

_SUFFIXES = (".SRT", ".srt")  # as DJI writes it, and as others rename it


def logs_beside(video: Path) -> list[Path]:
    """The files of telemetry beside a video: ``DJI_0001.SRT`` of ``DJI_0001.MP4``; the first one counts."""
    return [path for path in map(video.with_suffix, _SUFFIXES) if path.is_file()][:1]


def unplaceable(video: Path, settings: GroundSettings) -> bool:
    """Is there nothing that could tell places on the ground?"""
    return not settings.enough and not logs_beside(video)


def records_of(video: Path) -> pd.DataFrame:
    """The records (dji_srt.TELEMETRY) beside a video; none where there is no file, or one that cannot be read.

    The log says why it cannot: what lies beside a video by chance does not stop it.
    """
    for path in logs_beside(video):
        try:
            return read_srt(path)
        except TableError as error:
            log.warning("no places on the ground: %s", error)
    return TELEMETRY.empty()
