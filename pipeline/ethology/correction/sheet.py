"""The files of an audit: the sheet that observers fill in, and the key that stays closed until they have."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.artifacts import read_table, write_table
from pipeline.errors import TableError, UsageError
from pipeline.ethology.correction.tables import AUDIT_KEY, AUDIT_SHEET
from pipeline.ethology.ethogram import RESERVED, Ethogram
from pipeline.ethology.handwritten import rows_that, text_table
from pipeline.ethology.sequences.stretches import state_sets

SHEET, KEY = "audit.csv", "audit_key.csv"
READ = ("window", "video", "at_s", "behaviour")  # columns that a filled sheet must still have
OBSERVER = "observer"  # what the one is called whose sheet is audit.csv
_ONE_EACH = "leave one of them there, or call each audit_NAME.csv"
_ANEW = "give all settings of the study it is of (min_bout_s=, observations= ...), or draw anew: ethopipe audit RUN"
_ROUNDED_S = 0.002  # by which a moment may lie outside its bout: both are rounded
_SAME = 0.01  # share by which the time that the key stands for may be another than the study's


@dataclass(frozen=True)
class Audit:
    """A filled audit: ``tables.AUDIT_KEY``, and what each observer says, by name, as ``read_audit`` reads it."""

    key: pd.DataFrame
    filled: Mapping[str, "pd.Series[str]"]


def read_sheets(given: Sequence[Path], ethogram: Ethogram) -> Audit:
    """The sheets of an audit: a folder's ``audit*.csv``, or files; the key lies beside them.

    ``audit_anna.csv`` is by anna, ``audit.csv`` by the observer; an empty sheet is passed over. ``TableError`` gives
    the faults of all sheets in one line; ``UsageError``: there is none, none is filled in, or the set is another.
    """
    folder = given[0] if len(given) == 1 and given[0].is_dir() else None
    sheets = sorted(path for path in folder.glob("audit*.csv") if path.name != KEY) if folder else list(given)
    if folder and not sheets:
        raise UsageError(f"{folder} holds no audit: no {SHEET}; ethopipe audit RUN makes one")
    if not (beside := sheets[0].parent / KEY).is_file():
        raise UsageError(f"{beside} is not there: put the filled sheets into the folder that ethopipe audit made")
    key = read_table(beside, AUDIT_KEY)
    if strange := sorted(set(key["set"]) - set(state_sets(ethogram))) or (["no window"] if key.empty else []):
        raise UsageError(f"{KEY} speaks of {', '.join(strange)}, the study of {', '.join(state_sets(ethogram))}")
    filled: dict[str, pd.Series[str]] = {}
    faults: list[str] = []
    for path in sheets:
        try:
            said = read_audit(path, key, ethogram)
        except TableError as error:
            faults.append(str(error))
            continue
        name = observer(path)
        if (said != "").any():
            faults += [f"{path.name}: another sheet is by {name!r} too; {_ONE_EACH}"] * (name in filled)
            filled[name] = said
    if faults:
        raise TableError("; ".join(faults))
    if not filled:
        raise UsageError(f"nothing is filled in in {', '.join(map(str, sheets))}")
    return Audit(key, filled)


def observer(path: Path) -> str:
    """Who filled in a sheet: ``audit_anna.csv`` is by anna, and so is ``audit_anna (1).csv``, a second download."""
    return re.sub(r" ?\(\d+\)$", "", path.stem).partition("audit_")[2] or OBSERVER


def check_key(key: pd.DataFrame, bouts: pd.DataFrame) -> None:
    """``UsageError`` where ``key`` was not drawn from these ``tables.BOUTS``: it would stand for other time.

    Each moment must be told as it was, and the time of each told word that the windows stand for must be there.
    """
    own = bouts[bouts["set"] == key["set"].iloc[0]]
    both = key.merge(own[["video", "track", "behaviour", "start_s", "stop_s"]], on=["video", "track"])
    near = (both["at_s"] > both["start_s"] - _ROUNDED_S) & (both["at_s"] < both["stop_s"] + _ROUNDED_S)
    same = key["window"].isin(both.loc[near & (both["behaviour"] == both["told"]), "window"])
    drawn = key.groupby("told")["weight_s"].sum()
    there = own.groupby("behaviour")["duration_s"].sum().reindex(drawn.index, fill_value=0.0)
    apart = (there - drawn).abs() > _SAME * drawn
    fault = ""
    if not same.all():
        lost = key[~same].iloc[0]
        fault = f"{int((~same).sum())} of {len(key)} moments are told otherwise (first: window {lost['window']})"
    elif apart.any():
        word = apart.idxmax()
        fault = f"it stands for {drawn[word]:.1f} s of {word}, and there are {there[word]:.1f} s"
    if fault:
        raise UsageError(f"{KEY} was not drawn from these results: {fault}; {_ANEW}")


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
    if lost := [name for name in READ if name not in rows]:
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
