"""Finished runs written as words: one letter a frame, one frame a second (``tests/ethology/made.py``)."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

from pipeline.artifacts import write_json, write_table
from pipeline.ethology.bouts import bouts
from pipeline.ethology.naming import NamingSettings, name_species
from pipeline.tables import BEHAVIOURS, BOUTS, CAMERA, FRAMES, SCORES, SPECIES, TRACKS
from tests.ethology.made import ethogram, record

_NAMING = NamingSettings(["animal"], 0.5, recognizer_first=False)
Words = Mapping[str, Mapping[int, str]]  # of each video: a word a track


def stored_run(folder: Path, videos: Words, letters: str = "AB", failed: str = "", **settings: Any) -> Path:
    """A run with these videos; ``failed`` names one that could not be read."""
    for key, words in videos.items():
        stored, below = record(key, words), folder / "videos" / key
        write_table(below / "frames.parquet", stored.frames, FRAMES)
        write_table(below / "tracks.parquet", stored.tracks, TRACKS)
        write_table(below / "behaviours.parquet", stored.behaviours, BEHAVIOURS)
        write_table(below / "camera.parquet", _still(stored.frames), CAMERA)
        windows = stored.tracks.drop_duplicates("track").assign(start_frame=0, stop_frame=1, repeated=False)
        shares = {f"p_{letter}": 1 / len(letters) for letter in letters}
        scores = windows.assign(**shares)
        write_table(below / "scores.parquet", scores, SCORES)
        write_table(below / "species.parquet", name_species(stored.tracks, scores, _NAMING), SPECIES)
        write_table(below / "bouts.csv", bouts(stored.behaviours, stored.tracks, ethogram(letters), key), BOUTS)
        cv2.imwrite(str(below / "still.jpg"), np.full((36, 64, 3), 128, dtype=np.uint8))
        size, number = {"width": 640, "height": 360, "rate": "1", "still": False, "warnings": []}, len(stored.frames)
        write_json(below / "video.json", size | {"announced": number, "decoded": number, "duration_s": float(number)})
    states = {key: {"path": f"/footage/{key}", "status": "ok", "reason": ""} for key in videos}
    states |= {failed: {"path": failed, "status": "failed", "reason": "it is torn"}} if failed else {}
    given = {"ethogram": {"behaviours": [], "relabel": {}}, "behaviours": {"min_bout_s": 0.0}} | settings
    told = {"videos": states, "settings": given, "model": {"recognizer": "letters", "licence": ""}}
    (folder / "run.json").write_text(json.dumps(told), encoding="utf-8")
    return folder


def _still(frames: pd.DataFrame) -> pd.DataFrame:
    """A camera that does not move."""
    rows = {f"m{i}{j}": float(i == j) for i in (1, 2) for j in (1, 2, 3)}
    return frames.assign(**rows, known=True, inliers=np.int64(50))
