"""Finished runs whose footage is there: one frame a second, told by one letter a frame (``tests/stored_runs.py``)."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from tests.footage import numbered, write_video
from tests.stored_runs import Words, stored_run

RULES = {
    "min_confidence": 0.4,
    "thresholds": {},
    "card_thresholds": False,
    "adapt": 0.0,
    "switch_s": 0.0,
    "min_bout_s": 0.0,
}


def told_run(folder: Path, videos: Words, **settings: Any) -> Path:
    """``stored_run`` with the table of all bouts, and rules by which clips can be told."""
    run = stored_run(folder, videos, **{"behaviours": RULES} | settings)
    bouts = [pd.read_csv(run / "videos" / key / "bouts.csv", keep_default_na=False) for key in videos]
    (run / "tables").mkdir(exist_ok=True)
    pd.concat(bouts).to_csv(run / "tables" / "bouts.csv", index=False)
    return run


def with_footage(run: Path, key: str, seconds: int, size: tuple[int, int] = (640, 360)) -> Path:
    """Film what the run says of a video: ``numbered`` frames."""
    path = write_video(run.parent / f"{run.name}-{key}", [numbered(k, *size) for k in range(seconds)], 1)
    told = json.loads((run / "run.json").read_text(encoding="utf-8"))
    told["videos"][key]["path"] = str(path)
    (run / "run.json").write_text(json.dumps(told), encoding="utf-8")
    return path


def filled(folder: Path, name: str = "audit.csv", **words: Any) -> Path:
    """Fill in an audit's sheet: ``words`` gives for each told word the answers to its windows, in turn."""
    sheet = pd.read_csv(folder / "audit.csv", keep_default_na=False, dtype="str")
    key = pd.read_csv(folder / "audit_key.csv", keep_default_na=False)
    turn = key.groupby("told").cumcount()
    answers = [words[told][k % len(words[told])] for told, k in zip(key["told"], turn, strict=True)]
    sheet.assign(behaviour=answers).to_csv(folder / name, index=False)
    return folder / name
