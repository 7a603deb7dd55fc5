"""What the numbers of classes mean: ``classes.json``, Animal Kingdom's ``df_action``, or names that the user gives.

A number means nothing by itself, and the same behaviours are numbered in several orders: KABR's own annotation begins
with Walk 0, Graze 1, its conversion on Hugging Face counts by alphabet, Auto-Groom 0, Browse 1. A list of KABR's
behaviours by alphabet is therefore refused until the user says that the labels count so too.
"""

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.errors import TableError
from pipeline.formats.clips import SEVERAL
from pipeline.formats.labels import Faults, is_whole, numbers
from pipeline.formats.scores import KABR
from pipeline.formats.text import read_csv, read_text

CLASSES = "classes.json"
ACTIONS = ("df_action.xlsx", "df_action.csv")

log = logging.getLogger(__name__)


def class_names(folder: Path, given: Sequence[str] = ()) -> dict[int, str]:
    """The behaviour of every class number, from a folder of annotations or as ``given`` in the order of the numbers.

    ``TableError`` where nothing names them, or where their order is in doubt; ``MissingPart`` where a spreadsheet
    cannot be read.
    """
    files = [folder / name for name in (CLASSES, *ACTIONS) if (folder / name).is_file()]
    if given:
        if files:
            log.warning("%s is not read: classes names the behaviours", files[0])
        return checked("classes", dict(enumerate(given)))
    if not files:
        raise TableError(
            f"{folder}: nothing names its classes: neither {CLASSES} nor {' or '.join(ACTIONS)}; "
            f"give classes=[...] in the order of their numbers (KABR's own: {_typed(KABR)})"
        )
    if files[0].name != CLASSES:
        return _of_actions(files[0])
    names = checked(files[0], _of_json(files[0]))
    if tuple(names[k] for k in sorted(names)) == tuple(sorted(KABR)):
        raise TableError(
            f"{files[0]}: counts KABR's behaviours by alphabet, as their conversion on Hugging Face does, while KABR's "
            "own annotation does not; say in which order the labels count: "
            f"classes={_typed(sorted(KABR))} by alphabet, or classes={_typed(KABR)} as KABR's own"
        )
    return names


def _typed(names: Sequence[str]) -> str:
    """The names as they are typed in a shell."""
    return f"'[{', '.join(names)}]'"


def _of_json(path: Path) -> dict[Any, str]:
    """``{"Walk": 0}``, ``{"0": "Walk"}`` or ``["Walk"]``."""
    try:
        told = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise TableError(f"{path}: not JSON: {error}") from error
    if isinstance(told, list) and all(isinstance(name, str) for name in told):
        return dict(enumerate(told))
    if isinstance(told, dict) and all(isinstance(number, int) for number in told.values()):
        twice = sorted({str(number) for number in told.values() if [*told.values()].count(number) > 1})
        if twice:
            raise TableError(f"{path}: several behaviours have the number {', '.join(twice)}")
        return {number: name for name, number in told.items()}
    if isinstance(told, dict) and all(isinstance(name, str) and number.isdigit() for number, name in told.items()):
        return {int(number): name for number, name in told.items()}
    raise TableError(f'{path}: expected numbers of behaviours, as {{"Walk": 0, "Graze": 1}}')


def checked(where: object, names: dict[Any, str]) -> dict[int, str]:
    """The names, if each is one and the numbers run from 0; ``TableError`` says what is wrong."""
    faults = [f"nothing has the number {k}" for k in range(len(names)) if k not in names][:1]
    faults += [f"'{name}' is twice" for name in sorted({n for n in names.values() if [*names.values()].count(n) > 1})]
    faults += [f"'{name}' is no name" for name in names.values() if not name.strip() or SEVERAL in name]
    if not names or faults:
        raise TableError(f"{where}: {'; '.join(faults) or 'no class in it'}")
    return names


def _of_actions(path: Path) -> dict[int, str]:
    """Of Animal Kingdom's list: its column ``index`` counts, not the order of the rows nor ``S/N``, which is from 1."""
    table = read_csv(path)
    if lost := [name for name in ("index", "action") if name not in table]:
        raise TableError(f"{path}: missing columns {', '.join(lost)} (there are: {', '.join(table.columns)})")
    faults = Faults(path)
    index = numbers(table[["index"]], faults)["index"]
    faults.mark(~is_whole(index, 0), "index must be a whole number from 0, got {:g}", index)
    faults.mark(index.duplicated() & index.notna(), "index {:g} is there twice", index)
    faults.stop()
    return checked(path, dict(zip(index.astype("int64").tolist(), table["action"].tolist(), strict=True)))
