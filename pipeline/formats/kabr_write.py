"""What kabr-tools 3.0.0 writes of behaviours: its predictions, frame by frame, and its table of time budgets."""

import csv
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from pipeline.artifacts import whole

PREDICTIONS = ("video", "track", "frame", "label")
SHARES = ("Walk", "Head Up", "Graze")  # with a column of their own; all else is Other
BUDGETS = (
    "video_id", "mini_scene_id", *SHARES, "Other", "Interval (sec)", "Habit", "Count of Individuals", "Species",
)  # fmt: skip


def write_predictions(path: Path, parts: Iterable[pd.DataFrame]) -> None:
    """Write parts with ``PREDICTIONS`` one after another; ``label`` is a number in the order of ``scores.KABR``."""
    with whole(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=" ", lineterminator="\n")
        writer.writerow(PREDICTIONS)
        for rows in parts:
            writer.writerows(rows[list(PREDICTIONS)].itertuples(index=False, name=None))


def write_budgets(path: Path, rows: pd.DataFrame) -> None:
    """Write a table with ``BUDGETS``."""
    with whole(path) as part:
        rows[list(BUDGETS)].to_csv(part, index=False, lineterminator="\n")
