"""What the report says about a run before its figures, gathered from the run's folder."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from pipeline import tables
from pipeline.artifacts import read_json, read_table
from pipeline.chain.desk import StudyParts
from pipeline.chain.record import Status, warnings_of
from pipeline.chain.restart import warnings
from pipeline.chain.versions import versions
from pipeline.ground.summary import OF_BOXES, OF_FRAMES, Positions
from pipeline.report.summary import RECOGNITION, RunSummary, VideoLine

_WHOLE = (
    tables.FRAMES,
    tables.CAMERA.only("frame", "known"),
    tables.TRACKS.only("track", "frame"),
    tables.SCORES.only("track", "start_frame", "stop_frame", "repeated"),
)
READ = (*_WHOLE, OF_BOXES, OF_FRAMES)  # of every video; places on the ground where it has any
_OF_SPANS = ("video", "start_s", "stop_s", "species", "timezone", "use", "reason")  # not of interest of a whole video
_EVEN_S = 0.002  # steps that differ less come from a container's coarse clock


def synopsis(
    lines: Mapping[str, VideoLine],
    out: Path,
    states: Sequence[Status],
    settings: Mapping[str, Any],
    parts: StudyParts,
    command: str,
) -> RunSummary:
    """The run, or several together, as a whole; ``lines`` are those of the videos that could be read, by key."""
    return RunSummary(
        title=out.resolve().name,
        source=", ".join(settings["source"]),
        command=command,
        videos=tuple(
            replace(
                lines.get(one.key) or VideoLine(one.key, one.status, one.reason),
                told=told_of(one.key, parts.observations, parts.sessions),
            )
            for one in states
        ),
        versions=versions(),
        settings=_written({name: group for name, group in settings.items() if name in RECOGNITION}),
        analysis=_written({name: group for name, group in settings.items() if name not in RECOGNITION}),
        model=parts.model,
        told=settings,
        held_out=parts.held_out,
        held_out_chose_checkpoint=parts.held_out_chose_checkpoint,
        definitions=parts.ethogram.definitions,
        warnings=tuple(warnings(out)),
    )


def told_of(key: str, observations: pd.DataFrame | None, sessions: pd.DataFrame | None) -> dict[str, str]:
    """What the user's files say of a video, by column, empty ones left out: of several spans in use every word once.

    ``observations`` and ``sessions`` are tables.OBSERVATIONS and tables.SESSIONS, None where there is no such file.
    """
    if observations is None:
        return {}
    spans = observations[(observations["video"] == key) & (observations["use"] != "no")]
    if sessions is not None:
        spans = spans.merge(sessions, on="session", how="left", suffixes=("", " (session)"))
    names = [name for name in spans if name not in _OF_SPANS]
    words = {str(name): ", ".join(dict.fromkeys(spans[name].dropna().loc[lambda cells: cells != ""])) for name in names}
    return {name: told for name, told in words.items() if told}


def _written(settings: Mapping[str, Any]) -> str:
    """Settings as people read them."""
    return yaml.safe_dump(dict(settings), sort_keys=False, allow_unicode=True)


def line_of(folder: Path, state: Status, overlay: bool, out: Path, individuals: pd.DataFrame) -> VideoLine:
    """One line of the table of videos: the video whose tables are in ``folder``, linked to its files from ``out``.

    ``individuals`` (tables.INDIVIDUALS) are its tracks. Without ``overlay`` one of an earlier run may be old.
    """
    linked = ("bouts.csv", "overlay.mp4") if overlay else ("bouts.csv",)
    info = read_json(folder / "video.json")
    found = {t.name: read_table(folder / f"{t.name}.parquet", t) for t in _WHOLE}
    tracks, scores = found["tracks"], found["scores"]
    return VideoLine(
        key=state.key,
        status=state.status,
        reason=state.reason,
        warnings=tuple(warnings_of(folder)),
        width=info["width"],
        height=info["height"],
        duration_s=info["duration_s"],
        announced=info["announced"],
        decoded=info["decoded"],
        timestamps=_timestamps(found["frames"], info["still"]),
        tracks=int(tracks["track"].nunique()),
        most_at_once=int(np.bincount(tracks["frame"]).max(initial=0)),
        recognized_s=float(individuals["recognized_s"].sum()),
        camera_unknown_share=float((~found["camera"]["known"]).mean()) if len(found["camera"]) else 0.0,
        filled_windows=int(scores["repeated"].sum()),
        filled_tracks=int(scores.loc[scores["repeated"], "track"].nunique()),
        short_tracks=int(scores.groupby("track")["repeated"].all().sum()),
        window_s=_window_s(scores, found["frames"]),
        positions=_positions(folder),
        files=tuple(Path(os.path.relpath(folder / n, out)).as_posix() for n in linked if (folder / n).is_file()),
    )


def _positions(folder: Path) -> Positions | None:
    if not (folder / "ground.parquet").is_file():
        return None
    return Positions.of(*(read_table(folder / f"{table.name}.parquet", table) for table in (OF_BOXES, OF_FRAMES)))


def _window_s(scores: pd.DataFrame, frames: pd.DataFrame) -> float:
    """Usual seconds from the first to the last frame of a window that is whole; 0 where there is none."""
    whole = scores[~scores["repeated"]]
    if whole.empty:
        return 0.0
    time_s = frames.set_index("frame")["time_s"]
    first, last = (time_s.reindex(at).to_numpy() for at in (whole["start_frame"], whole["stop_frame"] - 1))
    return float(np.nan_to_num(np.nanmedian(last - first)))


def _timestamps(frames: pd.DataFrame, still: bool) -> str:
    """The rate of a video in words."""
    if still or len(frames) < 2:
        return "one frame"
    steps = frames["time_s"].diff().iloc[1:]
    if not steps.sum() > 0:
        return "all frames at one time"
    rate = f"{1 / steps.mean():.2f} frames/s"
    return f"{rate}, even" if (steps - steps.median()).abs().max() <= _EVEN_S else f"{rate} on average, uneven"
