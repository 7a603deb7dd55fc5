"""A finished run beside the truth: every output compared, as figures (``table.py`` prints them)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.artifacts import read_object, read_table
from pipeline.comparison.behaviour import behaviour_figures, told
from pipeline.comparison.budgets import (
    FORMS,
    animal_figures,
    budget_figures,
    budgets,
    shared_ethogram,
    transition_figures,
)
from pipeline.comparison.detection import detection_figures
from pipeline.comparison.following import following_figures, numbered_by_stay
from pipeline.comparison.positions import position_figures
from pipeline.errors import UsageError
from pipeline.ethology.study import VideoTables
from pipeline.simulate import record
from pipeline.simulate.truth_files import Truth
from pipeline.tables import BEHAVIOURS, DETECTIONS, FRAMES, GROUND, TRACKS
from pipeline.timebase import due_frames
from pipeline.types import IntArray

_READ = (FRAMES, DETECTIONS, TRACKS, BEHAVIOURS)


@dataclass(frozen=True)
class Ran:
    """What a run left of one video: its tables, and the settings that the figures depend on."""

    video: str
    frames: pd.DataFrame
    detections: pd.DataFrame
    tracks: pd.DataFrame
    behaviours: pd.DataFrame
    period_s: float  # of the detector
    interval_s: float  # of the transitions
    min_bout_s: float
    ground: pd.DataFrame | None = None  # tables.GROUND; None: no places are known
    least_score: float = 0.0  # of the boxes that were followed

    @property
    def analysed(self) -> IntArray:
        """The frames that the detector saw: those due every ``period_s``, and any other with a detection."""
        frames = self.frames.sort_values("frame", kind="stable")
        due = frames["frame"].to_numpy()[due_frames(frames["time_s"].to_numpy(), self.period_s)]
        return np.union1d(due, self.detections["frame"]).astype(np.int64)


def read_run(run: Path, video: str = "") -> Ran:
    """What the run in folder ``run`` left of ``video`` (its key; empty: its only one)."""
    told_of_run = read_object(run / "run.json")
    videos, settings = list(told_of_run.get("videos", {})), told_of_run.get("settings", {})
    if not videos or (not video and len(videos) > 1) or (video and video not in videos):
        raise UsageError(f"{run} is not a run of the one video to compare; it holds {', '.join(videos) or 'none'}")
    folder = run / "videos" / (video or videos[0])
    ground = folder / f"{GROUND.name}.parquet"
    return Ran(
        video=video or videos[0],
        ground=read_table(ground, GROUND) if ground.is_file() else None,
        **{table.name: read_table(folder / f"{table.name}.parquet", table) for table in _READ},
        period_s=float(settings["detector"]["period_s"]),
        interval_s=float(settings["statistics"]["interval_s"]),
        min_bout_s=float(settings["behaviours"]["min_bout_s"]),
        least_score=float(settings["tracks"].get("min_score", 0.0)),  # there is none in runs of older versions
    )


def compare(ran: Ran, truth: Truth) -> dict[str, Any]:
    """The headline figures first, each None where it could not be measured, then all of the detail below them.

    Shares and errors are in [0, 1] (0.03 is 3 percentage points); ``hota`` and ``idf1`` are in per cent.
    """
    animals = truth.animals[truth.animals["frame"].isin(ran.frames["frame"])].reset_index(drop=True)
    looked_at = animals[animals["frame"].isin(ran.analysed)].reset_index(drop=True)
    tracks = ran.tracks[ran.tracks["frame"].isin(ran.analysed)].reset_index(drop=True)
    detection = detection_figures(ran.detections, looked_at, ran.least_score)
    following = following_figures(tracks, looked_at)
    position = position_figures(tracks, ran.ground, looked_at)
    behaviour, budget = _behaviour(ran, animals)
    return {
        "detection_map50": detection["map50"],
        "hota": following["hota"],
        "idf1": following["idf1"],
        "behaviour_macro_top1": behaviour["macro_top1"],
        "time_budget_mae": budget["time_budget"]["mae"],
        "transition_mae": budget["transitions"]["mae"],
        "position_error_m": position["median_m"],
        "video": ran.video,
        "analysed_frames": len(ran.analysed),
        "per_species": _per_species(detection.pop("per_species"), behaviour.pop("per_species")),
        "per_behaviour": _joined(behaviour.pop("per_behaviour"), budget["time_budget"].pop("per_behaviour")),
        "confusion": behaviour.pop("confusion"),
        "detection": detection,
        "tracking": following,
        "tracking_by_stay": following_figures(tracks, numbered_by_stay(looked_at, ran.analysed)),
        "behaviour": behaviour,
        "position": position,
        **budget,
    }


def _behaviour(ran: Ran, animals: pd.DataFrame) -> tuple[dict[str, Any], dict[str, Any]]:
    """Figures of behaviours by frame, and of what the ethology makes of them."""
    behaviours = ran.behaviours
    if len(behaviours):
        behaviours = behaviours[behaviours["set"] == behaviours["set"].iloc[0]].assign(set=record.SET)
    true_side = record.record(ran.video, animals, ran.frames)
    ethogram = shared_ethogram(true_side.behaviours, behaviours)
    found_side = VideoTables(ran.video, ran.frames, ran.tracks, behaviours)
    true, found = (budgets(side, ethogram, ran.interval_s, ran.min_bout_s) for side in (true_side, found_side))
    matched = told(ran.tracks, behaviours, animals)
    of_ethology = {
        "time_budget": budget_figures(true, found),
        "budgets_of_animals": animal_figures(matched, true_side.behaviours, behaviours, ethogram),
        **{key: transition_figures(true, found, form) for key, form in FORMS.items()},
    }
    return behaviour_figures(matched, animals), of_ethology


def _per_species(detection: dict[str, Any], behaviour: dict[str, Any]) -> dict[str, Any]:
    renamed = {
        name: {f"detection_{key}": value for key, value in figures.items()} for name, figures in detection.items()
    }
    more = {name: {f"behaviour_{key}": value for key, value in figures.items()} for name, figures in behaviour.items()}
    return _joined(renamed, more)


def _joined(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Figures by name of two dictionaries."""
    return {name: {**first.get(name, {}), **second.get(name, {})} for name in dict.fromkeys([*first, *second])}
