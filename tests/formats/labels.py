"""What the tests of formats share."""

import os
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest

from pipeline.types import Video, VideoInfo

INFO = VideoInfo(200, 100, Fraction(30), 21, "h264", "yuv420p", 0, still=False)
COLUMNS = ["frame", "x1", "y1", "x2", "y2", "score", "species", "share", "given_id"]


def video(key: str = "DJI_0068.MP4") -> Video:
    """A video by its key; it need not exist."""
    return Video(key, Path("/footage") / key)


def boxes(data: pd.DataFrame) -> list[tuple[float, ...]]:
    """Frame, identity and corners of each row."""
    return [tuple(row) for row in data[["frame", "given_id", "x1", "y1", "x2", "y2"]].to_numpy().tolist()]


def write(path: Path, text: str | bytes) -> Path:
    """A file with this content, its folders made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def real() -> Path:
    """The folder of real footage; the test is skipped where there is none."""
    folder = os.environ.get("ETHOPIPE_REAL")
    if not folder:
        pytest.skip("ETHOPIPE_REAL does not name the folder of real footage")
    return Path(folder)
