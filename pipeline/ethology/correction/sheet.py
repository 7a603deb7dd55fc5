"""The two files of an audit: the sheet that is filled in, and the key that stays closed until it is."""

from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.artifacts import write_table
from pipeline.errors import TableError, UsageError
from pipeline.ethology.correction.tables import AUDIT_KEY, AUDIT_SHEET
from pipeline.ethology.ethogram import RESERVED, Ethogram
from pipeline.ethology.handwritten import rows_that, text_table

SHEET, KEY = "audit.csv", "audit_key.csv"


def write_audit(folder: Path, sheet: pd.DataFrame, key: pd.DataFrame) -> None:
    """Write the sheet and its key. ``UsageError`` where there is one: somebody may have filled it in."""
    for name in (SHEET, KEY):
        if (folder / name).exists():
            raise UsageError(f"{folder / name} is there already, and may be filled in; choose another folder")
    write_table(folder / KEY, key, AUDIT_KEY)
    write_table(folder / SHEET, sheet, AUDIT_SHEET)


def read_audit(path: Path, key: pd.DataFrame, ethogram: Ethogram) -> "pd.Series[str]":
    """What a filled sheet says, by window; empty where nothing is filled in.

    ``TableError`` gives all faults at once: words that the ethogram's set does not have, windows that are missing,
    twice, or not of this key's draw.
    """
    rows = text_table(path, {})
    if lost := [name for name in ("window", "video", "at_s", "behaviour") if name not in rows]:
        raise TableError(f"{path.name}: missing columns {', '.join(lost)}")
    known = key.set_index(key["window"].astype("str"))
    names = ethogram.names(str(key["set"].iloc[0])) if len(key) else ()
    strange = ~rows["behaviour"].isin([*names, *RESERVED, ""])
    faults = rows_that(f"name no behaviour; there are {', '.join([*names, *RESERVED])}", strange)
    faults += rows_that("name a window that another row names too", rows.duplicated("window", keep=False))
    there = rows["window"].isin(known.index)
    own = known.reindex(rows["window"])
    near = np.abs(pd.to_numeric(rows["at_s"], errors="coerce").to_numpy() - own["at_s"].to_numpy()) < 0.01
    other = ~there | (own["video"].to_numpy() != rows["video"].to_numpy()) | ~near
    faults += rows_that("are not of the draw that the key is of", other)
    if missing := len(set(known.index) - set(rows["window"])):
        faults.append(f"{missing} windows of the key are missing")
    if faults:
        raise TableError(f"{path.name}: {'; '.join(faults)}")
    return pd.Series(rows["behaviour"].to_numpy(), index=rows["window"].astype("int64"), dtype="str")
