"""What is drawn of a study at the same time, each by itself: all of it must be picklable, and small."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import tables
from pipeline.artifacts import read_json, read_table
from pipeline.camera import transforms
from pipeline.report.figures import FigureEntry, draw_video
from pipeline.report.sections.animals import inlined
from pipeline.report.settings import ReportSettings
from pipeline.report.summary import VideoLine
from pipeline.video.probe import read_still

Drawn = tuple[list[FigureEntry], VideoLine | None]


def by_video(rows: pd.DataFrame) -> Callable[[str], pd.DataFrame]:
    """What gives the rows of one video."""
    places = rows.groupby("video", sort=False).indices
    return lambda key: rows.iloc[places.get(key, [])]


def over_all(draw: Callable[..., list[FigureEntry]], *told: Any) -> Drawn:
    """The figures that are made of tables over all videos."""
    return draw(*told), None


def of_video(
    key: str,
    video: Path,
    bouts: pd.DataFrame,
    colours: Mapping[str, str],
    settings: ReportSettings,
    folder: Path,
    shown: bool,
    line: Callable[[], VideoLine],
) -> Drawn:
    """The figures of one video's own tables, which are in ``video``, and its line in the table of videos.

    ``shown``: the page has its figures too.
    """
    info = read_json(video / "video.json")
    drawn = tables.TRACKS.only("track", "frame", "time_s", *tables.BOX, "observed")
    figures = draw_video(
        key,
        bouts,
        read_table(video / "tracks.parquet", drawn),
        transforms(read_table(video / "camera.parquet", tables.CAMERA)),
        read_still(video / "still.jpg"),
        (info["width"], info["height"]),
        info["duration_s"],
        colours,
        settings,
        folder,
    )
    return inlined(figures, bouts) if shown else figures, line()
