"""Our own tables of boxes, as CSV or Parquet: ``detections`` or ``tracks`` of another run, or made by hand."""

from pathlib import Path

import pandas as pd

from pipeline.errors import TableError
from pipeline.formats.labels import Faults, finished, numbers
from pipeline.formats.match import rows_of
from pipeline.formats.text import check_size, read_csv
from pipeline.tables import BOX
from pipeline.types import Video


def read_own(path: Path, video: Video, first_frame: int = 0) -> pd.DataFrame:
    """Boxes of one video from a table with ``frame x1 y1 x2 y2`` and, if there, ``score species share``, identity
    ``given_id`` or ``track``, ``video`` where it speaks of several, and ``observed``: interpolated rows are left out,
    since tracking fills them in again.

    ``TableError`` names every fault by line of the CSV or row of the Parquet file.
    """
    raw, faults = read_rows(path)
    lost = [name for name in ["frame", *BOX] if name not in raw]
    if lost:
        raise TableError(f"{path}: missing columns {', '.join(lost)}")
    raw = rows_of(raw, video, path)
    if "observed" in raw:
        raw = raw[~raw["observed"].astype("str").str.lower().isin(["false", "0"])]
    if "given_id" not in raw and "track" in raw:
        raw = raw.rename(columns={"track": "given_id"})
    figures = [name for name in ["frame", *BOX, "score", "share", "given_id"] if name in raw]
    data = numbers(raw[figures], faults)
    if "species" in raw:
        data = data.assign(species=raw["species"].astype("str"))
    return finished(data, faults, first_frame)


def read_rows(path: Path) -> tuple[pd.DataFrame, Faults]:
    """A table as it stands in the file, indexed by line (CSV) or row (Parquet, from 1), and its list of faults."""
    if path.suffix.lower() != ".parquet":
        return read_csv(path), Faults(path)
    try:
        check_size(path, path.stat().st_size)
        data = pd.read_parquet(path)
    except (ValueError, OSError) as error:
        raise TableError(f"cannot read {path} as a table: {' '.join(str(error).split())}") from error
    data.index = pd.RangeIndex(1, len(data) + 1)
    return data, Faults(path, "row {}".format)
