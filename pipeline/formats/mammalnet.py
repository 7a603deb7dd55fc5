"""MammalNet's lists of clips: ``train.csv``, ``val.csv`` and ``test.csv`` without a header, three fields a line.

::

    clips/X3d9jJ1xr5w_12.mp4 4 117        video, number of the behaviour, number of the animal

The folders ``composition``, ``composition_zeroshot_perclass``, ``composition_oneshot_perclass`` and
``composition_fiveshot_perclass`` hold such lists each, of the same videos split otherwise. The paths begin with folders
of the authors' machines, so a video is looked for by its name. Which number is which behaviour the authors say in a
pickled file, which is not read: without ``classes.json`` or ``classes`` the behaviours are called by their numbers.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from pipeline.errors import UsageError
from pipeline.formats.class_names import CLASSES, class_names
from pipeline.formats.clips import CLIPS, END
from pipeline.formats.labels import Faults
from pipeline.formats.text import last_part, read_lines

COMPOSITIONS = "composition*"
BEHAVIOURS = 13  # the networks have as many outputs, of which the paper names 12; animals are 173
_SPLITS = ("train", "val", "test")
_LINE = re.compile(r"(.*\S) (\d+) (\d+)")
_CLIP = re.compile(r"_\d+$")

log = logging.getLogger(__name__)


def find_lists(folder: Path) -> list[Path]:
    """The lists in ``folder``; none where it holds no such. ``UsageError`` where it holds several compositions."""
    files = [folder / f"{split}.csv" for split in _SPLITS]
    if found := [path for path in files if path.is_file() and _LINE.fullmatch(_first_line(path))]:
        return found
    below = sorted(path.name for path in folder.glob(COMPOSITIONS) if find_lists(path))
    if below:
        raise UsageError(
            f"{folder} holds several splits of MammalNet: {', '.join(below)}; give one: data={folder / below[0]}"
        )
    return []


def root_of(folder: Path) -> Path:
    """The folder that the videos are below: a composition lies beside them."""
    return folder.parent if folder.match(COMPOSITIONS) else folder


def read_mammalnet(folder: Path, classes: Sequence[str] = ()) -> pd.DataFrame:
    """``CLIPS`` of the lists in ``folder``, paths relative to ``root_of(folder)``; a clip is a whole video.

    ``TableError`` has all faults of a list in one line.
    """
    videos = _videos(root_of(folder))
    named = bool(classes) or (folder / CLASSES).is_file()
    names = class_names(folder, classes) if named else {k: f"behaviour {k}" for k in range(BEHAVIOURS)}
    if not named:
        log.warning(
            "%s: nothing names the behaviours, so they are called by their numbers: %s is not there", folder, CLASSES
        )
    rows = [row for path in find_lists(folder) for row in _rows(path, names, videos)]
    return CLIPS.cast(pd.DataFrame(rows, columns=CLIPS.names), where=str(folder))


def _first_line(path: Path) -> str:
    with path.open("rb") as file:
        return file.readline(4096).decode("utf-8-sig", errors="replace").strip()


def _videos(root: Path) -> dict[str, list[str]]:
    """Paths below ``root`` of the videos of each name."""
    found: dict[str, list[str]] = {}
    for path in sorted(root.rglob("*.mp4")):
        found.setdefault(path.name, []).append(path.relative_to(root).as_posix())
    return found


def _rows(path: Path, names: dict[int, str], videos: dict[str, list[str]]) -> Iterator[tuple[object, ...]]:
    """The clips of one list, in the order of ``CLIPS``."""
    faults = Faults(path)
    for line, text in read_lines(path):
        fields = _LINE.fullmatch(text)
        if fields is None:
            faults.add(line, f"not 'path behaviour animal': '{text[:60]}'")
            continue
        name, behaviour, animal = last_part(fields[1]), int(fields[2]), int(fields[3])
        if behaviour not in names:
            swapped = "; is it the animal?" if animal in names else ""
            faults.add(line, f"the behaviour must be 0 to {max(names)}, got {behaviour}{swapped}")
        there = videos.get(name, [])
        if len(there) != 1:
            faults.add(line, f"{name} is not there" if not there else f"{name} is there {len(there)} times")
            continue
        group = _CLIP.sub("", Path(name).stem)  # of a film several clips are cut; too large a group is no leak
        place = f"{path.name}, line {line}"
        yield there[0], names.get(behaviour, ""), f"animal {animal}", group, path.stem, 0, END, place
    faults.stop()
