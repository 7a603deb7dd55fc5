"""Small tables whose report can be drawn in the head: two zebras in one video of ten seconds."""

from pathlib import Path

import numpy as np
import pandas as pd

from pipeline import tables
from pipeline.report.figures import FigureEntry, draw_run, draw_video
from pipeline.report.settings import ReportSettings
from pipeline.report.summary import RunSummary, VideoLine

COLOURS = {"Walk": "#E69F00", "Graze": "#009E73", "Run": "#D55E00", "unknown": "#8C8C8C", "not visible": "#E3E3E3"}
KEY = "mara/DJI%201.MP4"
SETTINGS = ReportSettings(
    overlay_width_px=1280,
    overlay_least_px=64,
    overlay_period_s=0.0,
    rows_per_figure=70,
    videos_in_page=20,
    png=True,
    png_dpi=60,
    pdf=True,
)


def bouts(rows: list[tuple[int, str, float, float]], key: str = KEY, of_set: str = "behaviour") -> pd.DataFrame:
    """tables.BOUTS from (track, behaviour, start_s, stop_s)."""
    data = pd.DataFrame(rows, columns=["track", "behaviour", "start_s", "stop_s"])
    data = data.assign(
        subject=[f"{key}#{track}" for track in data["track"]], session="mara", video=key, species="zebra", set=of_set,
        kind="state", duration_s=data["stop_s"] - data["start_s"], start_frame=0, stop_frame=1, censored_start=False,
        censored_stop=False, confidence=0.9, source="model",
    )  # fmt: skip
    return tables.BOUTS.cast(data)


HELD_OUT = {"top1": 0.9, "recall Walk": 0.95, "recall Graze": 0.8, "clips Walk": 60.0, "clips Graze": 40.0}

BOUTS = bouts(
    [(1, "Walk", 0, 4), (1, "Graze", 4, 8), (1, "not visible", 8, 10), (2, "Graze", 2, 8), (2, "unknown", 8, 9)]
)


def budgets(shares: dict[str, float], level: str = "pooled", unit: str = "all", **changes: object) -> pd.DataFrame:
    """tables.TIME_BUDGETS of one unit from behaviour to share."""
    data = pd.DataFrame({"behaviour": list(shares), "share": list(shares.values())})
    data = data.assign(
        level=level, unit=unit, session="", species="all", set="behaviour", ci_low=np.nan, ci_high=np.nan,
        method="pooled time; no interval under 6 sessions", mean_share=np.nan, mean_ci_low=np.nan, mean_ci_high=np.nan,
        mean_method="0 named animals: no mean", mean_individuals=0, bound_low=data["share"] * 14 / 17,
        bound_high=(data["share"] * 14 + 3) / 17, mean_bound_low=np.nan, mean_bound_high=np.nan,
        n_individuals=0, n_sessions=1, n_tracks=2, most_at_once=2, n_seen=2,
        behaviour_s=data["share"] * 14, visible_s=14.0, excluded_s=3.0, bouts=1, bouts_per_h=257.1, censored_share=0.5,
    ).assign(**changes)  # fmt: skip
    return tables.TIME_BUDGETS.cast(data)


def transitions(counts: dict[tuple[str, str], int], form: str = "bout") -> pd.DataFrame:
    """Pooled tables.TRANSITIONS from (from, to) to count."""
    data = pd.DataFrame([(*pair, count) for pair, count in counts.items()], columns=["from", "to", "count"])
    total = data.groupby("from")["count"].transform("sum")
    data = data.assign(
        form=form, step_s=np.nan if form == "bout" else 1.0, level="pooled", unit="all", session="", species="all",
        set="behaviour", row_total=total, p=data["count"] / total, ci_low=np.nan, ci_high=np.nan, method="pooled",
        n_individuals=0, n_sessions=1, n_tracks=2, most_at_once=2,
    )  # fmt: skip
    return tables.TRANSITIONS.cast(data)


def individuals(*names: str, key: str = KEY, tracked_s: float = 7.0) -> pd.DataFrame:
    """tables.INDIVIDUALS of a track of each of these animals in one video."""
    data = pd.DataFrame({"individual": list(names), "track": range(1, len(names) + 1)})
    data = data.assign(
        video=key, species="zebra", start_s=0.0, stop_s=tracked_s, tracked_s=tracked_s, visible_s=tracked_s,
        recognized_s=tracked_s, lost_s=0.0,
        observed_share=1.0,
    )  # fmt: skip
    return tables.INDIVIDUALS.cast(data)


BUDGETS = budgets({"Walk": 4 / 14, "Graze": 10 / 14, "Run": 0.0})
TRANSITIONS = transitions({("Walk", "Graze"): 1, ("Graze", "Walk"): 0})


def tracks(boxes: dict[int, list[tuple[float, float, float, float]]], rate: float = 10.0) -> pd.DataFrame:
    """tables.TRACKS: the boxes of each track, from frame 0 on."""
    rows = [
        (track, frame, frame / rate, *box, 0.9, "zebra", True)
        for track, path in boxes.items()
        for frame, box in enumerate(path)
    ]
    return tables.TRACKS.cast(pd.DataFrame(rows, columns=tables.TRACKS.names))


TRACKS = tracks({1: [(20 + k, 20, 60 + k, 50) for k in range(20)], 2: [(100, 60, 130, 80)] * 20})


def draw(folder: Path, key: str = KEY) -> list[FigureEntry]:
    """All figures of the small run."""
    still = np.full((90, 160, 3), 120, dtype=np.uint8)
    matrices = np.tile(np.eye(3), (20, 1, 1))
    made = bouts([(1, "Walk", 0, 4), (1, "Graze", 4, 8), (2, "Graze", 2, 8)], key=key)
    figures = draw_run(BUDGETS, TRANSITIONS, individuals(), COLOURS, SETTINGS, folder)
    return figures + draw_video(key, made, TRACKS, matrices, still, (160, 90), 10.0, COLOURS, SETTINGS, folder)


def line(key: str = KEY, **changes: object) -> VideoLine:
    """A video that went well."""
    values: dict[str, object] = {
        "key": key, "status": "ok", "reason": "", "warnings": (), "width": 160, "height": 90, "duration_s": 10.0,
        "announced": 100, "decoded": 100, "timestamps": "10 frames/s, even", "tracks": 2, "most_at_once": 2,
        "recognized_s": 14.0, "camera_unknown_share": 0.0, "files": (),
    }  # fmt: skip
    return VideoLine(**(values | changes))  # type: ignore[arg-type]


def summary(*videos: VideoLine, **changes: object) -> RunSummary:
    """A run of these videos."""
    values: dict[str, object] = {
        "title": "mara", "source": "/data/mara", "command": "ethopipe run /data/mara", "videos": videos,
        "versions": {"ethopipe": "0.1.0"}, "settings": "detector: yolo\n", "analysis": "min_units: 6\n",
        "model": {"recognizer": "kinematic"},
        "citations": ("Altmann 1974",),
    }  # fmt: skip
    return RunSummary(**(values | changes))  # type: ignore[arg-type]
