"""Compare tracks with the truth: ``python scripts/compare_tracks.py TRACKS.parquet TRUTH.mot.txt [--distance]``."""

import argparse
import sys
from pathlib import Path

import pandas as pd

from pipeline.artifacts import read_table
from pipeline.errors import EthopipeError
from pipeline.formats.mot import read_mot
from pipeline.tables import TRACKS
from pipeline.tracks.metrics import compare, recalls


def main() -> int:
    """Print the metrics and one line per animal; 1 where a file cannot be read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tracks", type=Path, help="tracks.parquet or .csv of a video, or a MOTChallenge .txt")
    parser.add_argument("truth", type=Path, help="MOTChallenge text, frames from 1")
    parser.add_argument(
        "--distance",
        action="store_true",
        help="match by centres within a body length instead of IoU >= 0.5, where the truth's boxes are no whole bodies",
    )
    given = parser.parse_args()
    try:
        tracks = _tracks(given.tracks)
        truth = read_mot(given.truth).rename(columns={"given_id": "track"})
    except EthopipeError as error:
        print(error, file=sys.stderr)
        return 1
    for name, value in compare(tracks, truth, given.distance).items():
        print(f"{name:15} {value:8.4f}" if isinstance(value, float) else f"{name:15} {value:8d}")
    print(recalls(tracks, truth).to_string(index=False, float_format="%.4f"))
    return 0


def _tracks(path: Path) -> pd.DataFrame:
    if path.suffix == ".txt":
        return read_mot(path).rename(columns={"given_id": "track"})
    return read_table(path, TRACKS)


if __name__ == "__main__":
    sys.exit(main())
