"""Boxes that somebody else made, in one table whatever file they came from, and the faults found on the way."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

import numpy as np
import pandas as pd

from pipeline.columns import Table
from pipeline.errors import TableError
from pipeline.tables import BOX, DETECTIONS

BOXES = Table("boxes", tuple(column for column in DETECTIONS.columns if column.name != "time_s"))
UNNAMED = "animal"  # the species of a box whose file names none
FAR_PX = 1e6  # no picture is larger
LAST = 1e9  # no video has more frames, and no file more identities
SHOWN = 5  # faults written out; the others are counted

Flags: TypeAlias = "pd.Series[bool]"
One = TypeVar("One")
Made = TypeVar("Made")

log = logging.getLogger(__name__)


@dataclass
class Faults:
    """All that is wrong with one file. Rows are index labels of the table under construction.

    Of the first ``kept`` rows it is kept what is wrong, in order of row.
    """

    where: object
    place: Callable[[int], str] = "line {}".format
    kept: int = SHOWN
    count: int = 0
    first: list[tuple[int, str]] = field(default_factory=list)

    def add(self, row: int, text: str) -> None:
        """One fault in one row."""
        self._keep(1, [(row, text)])

    def mark(self, bad: Flags, text: str, *values: "pd.Series[Any]") -> None:
        """A fault in each row where ``bad``; ``text`` has a field ``{}`` for the row's value in each of ``values``."""
        there = np.flatnonzero(bad.to_numpy(dtype=bool))
        rows = bad.index.to_numpy(dtype=np.int64)
        first = there[: self.kept].tolist()
        self._keep(len(there), [(int(rows[k]), text.format(*(one.to_numpy()[k] for one in values))) for k in first])

    def _keep(self, count: int, found: list[tuple[int, str]]) -> None:
        self.count += count
        self.first = sorted([*self.first, *found])[: self.kept]

    @property
    def of_rows(self) -> dict[int, str]:
        """What is wrong with each row, of those that are kept."""
        told: dict[int, list[str]] = {}
        for row, text in self.first:
            told.setdefault(row, []).append(text)
        return {row: "; ".join(texts) for row, texts in told.items()}

    def stop(self) -> None:
        """Raise them all as one ``TableError`` of one line, if there are any."""
        if not self.count:
            return
        shown = [f"{self.place(row)}: {text}" for row, text in self.first[:SHOWN]]
        shown += [f"and {self.count - len(shown):,} more"] if self.count > len(shown) else []
        raise TableError(f"{self.where}: {'; '.join(shown)}")


def each(read: Callable[[One], Made], them: Iterable[One]) -> list[Made]:
    """What ``read`` makes of each file or folder; one ``TableError`` of one line for all that it cannot read."""
    made, faults = [], []
    for one in them:
        try:
            made.append(read(one))
        except TableError as error:
            faults.append(str(error))
    if faults:
        more = [f"and {len(faults) - SHOWN:,} more"] if len(faults) > SHOWN else []
        raise TableError("; ".join(faults[:SHOWN] + more))
    return made


def numbers(raw: pd.DataFrame, faults: Faults) -> pd.DataFrame:
    """Text to finite float64, column by column; what is none becomes NaN and a fault."""
    result = pd.DataFrame(index=raw.index)
    for name in [str(name) for name in raw.columns]:
        values = raw[name] if pd.api.types.is_numeric_dtype(raw[name]) else raw[name].astype("str")
        number = pd.to_numeric(values, errors="coerce").astype("float64")
        number = number.where(np.isfinite(number))
        faults.mark(number.isna(), name + " must be a number, got '{}'", values)
        result[name] = number
    return result


def is_whole(number: "pd.Series[float]", low: float) -> Flags:
    """Is it a whole number in [low, ``LAST``]? NaN is one: ``numbers`` has reported it."""
    return number.isna() | ((number % 1 == 0) & (number >= low) & (number <= LAST))


def check_share(data: pd.DataFrame, names: Sequence[str], faults: Faults) -> None:
    """Mark what is not in [0, 1]."""
    for name in names:
        faults.mark((data[name] < 0) | (data[name] > 1), name + " must be in [0, 1], got {:g}", data[name])


def finished(data: pd.DataFrame, faults: Faults, first_frame: int = 0) -> pd.DataFrame:
    """The table of boxes ``BOXES``, in order of frame and identity.

    ``data`` has ``frame`` in the file's own count, which begins at ``first_frame``, and the corners; score, species,
    share and given_id are optional, and a species that is empty is ``UNNAMED``. Boxes without area are left out with a
    warning: trackers write them for animals that they could not place. ``TableError`` gives every fault of the file in
    one line.
    """
    data = data.copy()
    usually: dict[str, float | str] = {"score": 1.0, "species": UNNAMED, "share": 1.0, "given_id": -1.0}
    for name, usual in usually.items():
        if name not in data:
            data[name] = usual
    species = data["species"].fillna("").astype("str")
    data["species"] = species.where(species.str.strip() != "", UNNAMED)
    _check(data, faults, first_frame)
    faults.stop()
    data = data.assign(frame=data["frame"] - first_frame)
    flat = ((data["x2"] - data["x1"]).round(2) <= 0) | ((data["y2"] - data["y1"]).round(2) <= 0)
    if flat.any():
        log.warning("%s: %d of %d boxes have no area and are left out", faults.where, flat.sum(), len(data))
    return BOXES.cast(data[~flat].sort_values(["frame", "given_id"], kind="stable"), where=str(faults.where))


def _check(data: pd.DataFrame, faults: Faults, first_frame: int) -> None:
    """Mark every row that breaks a rule of the table."""
    frame, given_id = data["frame"], data["given_id"]
    width, height = data["x2"] - data["x1"], data["y2"] - data["y1"]
    far = (data[BOX].abs() > FAR_PX).any(axis=1)
    twice = data.duplicated(["frame", "given_id"]) & (given_id >= 0) & frame.notna()
    whole = "frame must be a whole number from " + str(first_frame)
    faults.mark(~is_whole(frame, first_frame), whole + ", got {:g}", frame)
    faults.mark((width < 0) | (height < 0), "the box is inside out: width {:g}, height {:g}", width, height)
    faults.mark(far, f"the box lies more than {FAR_PX:,.0f} px from the origin")
    check_share(data, ["score", "share"], faults)
    faults.mark(~is_whole(given_id, -1), "identity must be a whole number from 0, or -1, got {:g}", given_id)
    faults.mark(twice, "identity {:g} is twice in frame {:g}", given_id, frame)
