"""A run that was made by hand: what its tables say can be told in one's head."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.artifacts import write_csv, write_json, write_table
from pipeline.columns import dictionary
from pipeline.tables import BOUTS, INDIVIDUALS, SCORES
from tests.formats.labels import write
from tests.training.test_run_clips import MINI, RATE, made_run

ETHOGRAM: dict[str, Any] = {"behaviours": [], "relabel": {}}
STATE = {"colour": "", "kind": "state", "visible": True, "set": "behaviour", "rest": False}
AWAY = {"name": "Occluded", **STATE, "visible": False}


def labelled_run(
    out: Path,
    tracks: dict[str, dict[int, list[range]]],
    bouts: dict[str, list[tuple[int, str, int, int, float]]],
    ethogram: dict[str, Any] = ETHOGRAM,
    words: tuple[str, ...] = ("Walk", "Graze"),
    status: str = "ok",
) -> Path:
    """``made_run`` with bouts (track, behaviour, first frame, frame after the last, confidence), one window a bout.

    A window's likeliest behaviour has the bout's confidence, all others share the rest. An event is of the set
    "event", and its name begins with a small letter.
    """
    made_run(out, tracks)
    for key, of_video in bouts.items():
        folder = out / "videos" / key
        rows = [_bout(key, *bout) for bout in of_video]
        write_table(folder / "bouts.csv", pd.DataFrame(rows) if rows else BOUTS.empty(), BOUTS)
        windows = [_window(words, *bout) for bout in of_video]
        names = [*SCORES.names, *(f"p_{word}" for word in words)]
        write_table(folder / "scores.parquet", pd.DataFrame(windows, columns=names), SCORES)
        info = {"width": 1920, "height": 1080, "rate": str(RATE), "decoded": 100, "duration_s": 10.0}
        write_json(folder / "video.json", info)
    told = {
        "started": "2026-01-02T03:04:05+00:00",
        "videos": {key: {"path": f"/footage/{key}", "status": status} for key in tracks},
        "settings": {"miniscene": MINI, "ethogram": ethogram, "behaviours": {"min_bout_s": 0.0}},
    }
    write(out / "run.json", json.dumps(told))
    return out


def finished_run(
    out: Path,
    tracks: dict[str, dict[int, list[range]]],
    bouts: dict[str, list[tuple[int, str, int, int, float]]],
    names: dict[tuple[str, int], str] | None = None,
    **more: Any,
) -> Path:
    """``labelled_run`` with the tables over all videos: bouts, individuals (``names`` by video and track), dictionary.

    Where an animal has a name, it is the subject of its bouts.
    """
    names = names or {}
    labelled_run(out, tracks, bouts, **more)
    rows = pd.DataFrame([_bout(key, *bout) for key, of_video in bouts.items() for bout in of_video] or None)
    if len(rows):
        called = [names.get(of) for of in zip(rows["video"], rows["track"], strict=True)]
        rows["subject"] = [name or usual for name, usual in zip(called, rows["subject"], strict=True)]
    write_table(out / "tables" / "bouts.csv", rows if len(rows) else BOUTS.empty(), BOUTS)
    seen = {"species": "zebra", "start_s": 0.0, "stop_s": 10.0, "tracked_s": 10.0, "visible_s": 10.0}
    seen |= {"recognized_s": 10.0, "lost_s": 0.0}
    animals = [
        {"video": key, "track": track, "individual": names.get((key, track), ""), **seen, "observed_share": 1.0}
        for key, of_video in tracks.items()
        for track in of_video
    ]
    write_table(out / "tables" / "individuals.csv", pd.DataFrame(animals), INDIVIDUALS)
    write_csv(out / "tables" / "dictionary.csv", dictionary((BOUTS, INDIVIDUALS)))
    return out


def observed(run: Path, rows: str, **more: str) -> None:
    """The run was given these rows of observations.csv, and ``more`` of the user's tables."""
    told = json.loads((run / "run.json").read_text())
    for name, text in {"observations": rows, **more}.items():
        told["settings"][name] = str(write(run.parent / f"{name}.csv", text))
    write(run / "run.json", json.dumps(told))


def _bout(key: str, track: int, behaviour: str, first: int, stop: int, confidence: float) -> dict[str, Any]:
    event = behaviour[0].islower() and behaviour not in ("unknown", "not visible")
    return {
        "subject": f"{key}#{track}", "session": key, "video": key, "track": track, "species": "zebra",
        "set": "event" if event else "behaviour", "behaviour": behaviour, "kind": "event" if event else "state",
        "start_s": first / RATE, "stop_s": stop / RATE, "duration_s": (stop - first) / RATE, "start_frame": first,
        "stop_frame": stop, "censored_start": False, "censored_stop": False, "confidence": confidence,
        "source": "model",
    }  # fmt: skip


def _window(words: tuple[str, ...], track: int, behaviour: str, first: int, stop: int, sure: float) -> list[Any]:
    other = (1 - sure) / max(len(words) - 1, 1)
    told = [sure if word == behaviour else other for word in words]
    return [track, first, stop, first / RATE, False, *told]
