"""Stands in for the person who labels: a run over simulated films, with what is true in place of what was recognized.

    python scripts/label_as_truth.py RUN OUT

Each video of RUN lies beside its ``truth/``. OUT becomes a run like RUN whose bouts
are the true ones of the animals that it followed, so that ``ethopipe export run=OUT more_behaviours=[Lie]`` writes
labels for CVAT, BORIS and a spreadsheet as somebody who never errs would have made them. For the tutorial and the
checks only: what is true of real footage, a person has to say.
"""

import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.artifacts import write_table
from pipeline.comparison.behaviour import told
from pipeline.comparison.compare import read_run
from pipeline.errors import EthopipeError
from pipeline.ethology.bouts import bouts
from pipeline.ethology.ethogram import NOT_VISIBLE
from pipeline.labelled import told_of
from pipeline.simulate import record
from pipeline.simulate.truth import OCCLUDED
from pipeline.simulate.truth_files import Truth, read_truth
from pipeline.tables import BEHAVIOURS, BOUTS


def main(run: Path, out: Path) -> int:
    """Copy the run, all files as links, and put the truth into it; 1 where something cannot be read."""
    try:
        videos = {key: told for key, told in told_of(run)["videos"].items() if told["status"] != "failed"}
        shutil.copytree(run, out, copy_function=_linked)
        for key, told_of_video in videos.items():
            truth = read_truth(Path(told_of_video["path"]).parent)
            path = out / "videos" / key / "bouts.csv"
            path.unlink()
            write_table(path, true_bouts(run, key, truth), BOUTS)
    except (EthopipeError, FileExistsError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"true bouts of {len(videos)} videos: {out}")
    return 0


def _linked(source: str, target: str) -> None:
    Path(target).symlink_to(Path(source).resolve())


def true_bouts(run: Path, key: str, truth: Truth) -> pd.DataFrame:
    """tables.BOUTS of the tracks of a run: what the animal does that each box is on, where it can be seen."""
    ran = read_run(run, key)
    found = told(ran.tracks, ran.behaviours, truth.animals).set_index(["track", "frame"])["true"]
    rows = ran.tracks[["track", "frame", "time_s"]].join(found, on=["track", "frame"])
    hidden = rows["true"].isna() | (rows["true"] == OCCLUDED)
    lasts = ran.frames.set_index("frame")["duration_s"].reindex(rows["frame"]).to_numpy()
    behaviour = rows["true"].where(~hidden, NOT_VISIBLE)
    noted = BEHAVIOURS.cast(
        rows[["track", "frame", "time_s"]].assign(
            duration_s=lasts,
            set=record.SET,
            behaviour=behaviour,
            confidence=np.where(hidden, 0.0, 1.0),
            reason=np.where(hidden, "label", ""),
        )
    )
    names = record.words(behaviour)
    return bouts(noted, ran.tracks, record.ethogram(names), key, source="human")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
