"""Other names for behaviours: as they are given, or as a file keeps them, kabr-tools' ``old2new.json`` or YAML.

::

    {"Walking": "Walk", "Dusting": ""}          Walking: Walk
                                                Dusting:                  an empty name leaves a behaviour out
"""

import json
from pathlib import Path
from typing import Any

import yaml

from pipeline.errors import TableError
from pipeline.formats.text import read_text


def renames(given: Any) -> dict[str, str]:
    """Old names with their new ones, of a mapping or the file of that path; none where None is given.

    ``TableError`` where it is something else, or holds names that are none.
    """
    where = given if isinstance(given, str) else "old2new"
    told = _read(Path(given)) if isinstance(given, str) else {} if given is None else given
    if not isinstance(told, dict):
        raise TableError(f"{where}: it must give each old name its new one, as Walking: Walk, got {told!r:.60}")
    for old, new in told.items():
        if not (_is_name(old) and (new is None or _is_name(new))):
            raise TableError(f"{where}: {old!r}: {new!r} are no two names; put words as yes and null in quotes")
    return {str(old): "" if new is None else str(new) for old, new in told.items()}


def _read(path: Path) -> Any:
    text = read_text(path)
    try:
        return json.loads(text) if path.suffix.lower() == ".json" else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError) as error:
        raise TableError(f"{path}: neither JSON nor YAML: {' '.join(str(error).split())}") from error


def _is_name(word: Any) -> bool:
    """Also a number, by which a behaviour may be called; ``yes`` and ``null`` are none as YAML reads them."""
    return isinstance(word, str | int) and not isinstance(word, bool)
