"""MammalNet's lists of clips: ``train.csv``, ``val.csv`` and ``test.csv`` without a header, three fields a line.

::

    annotation/behavior_to_id.txt        hunts_other_animals<TAB>4
               genus_to_id.txt           canis<TAB>8
               composition/train.csv     trimmed_videos/OT88wS6FLoQ.mp4 4 8      video, behaviour, animal
    trimmed_videos/OT88wS6FLoQ.mp4

``composition_zeroshot_perclass``, ``composition_oneshot_perclass`` and ``composition_fiveshot_perclass`` split the same
videos otherwise. Some lists' paths begin with folders of their authors' machines, so a video is looked for by its name.
Behaviours and animals are numbered alike: that the second field is the behaviour was told by its range, 0 to 11, of
which 172 animals are out.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from pipeline.errors import TableError, UsageError
from pipeline.formats.class_names import CLASSES, checked, class_names
from pipeline.formats.clips import CLIPS, END
from pipeline.formats.labels import Faults, each
from pipeline.formats.text import last_part, read_lines

BEHAVIOURS, ANIMALS = "behavior_to_id.txt", "genus_to_id.txt"
ANNOTATION, COMPOSITIONS = "annotation", "composition*"
_SPLITS = ("train", "val", "test")
_LINE = re.compile(r"(.*\S)\s+(\d+)\s+(\d+)")
_NAMED = re.compile(r"(.*\S)\s+(\d+)")
_CLIP = re.compile(r"^(.{11})_\d+$")  # a film's name on YouTube, and the number of a clip of it

log = logging.getLogger(__name__)


def find_lists(folder: Path) -> list[Path]:
    """The lists in ``folder`` or in the only composition below it; none where it holds no such.

    ``UsageError`` where it holds several compositions.
    """
    if found := _lists(folder):
        return found
    below = [path for at in (folder, folder / ANNOTATION) for path in sorted(at.glob(COMPOSITIONS)) if _lists(path)]
    if len(below) > 1:
        names = ", ".join(path.name for path in below)
        raise UsageError(f"{folder} holds several splits of MammalNet: {names}; give one: data={below[0]}")
    return _lists(below[0]) if below else []


def read_mammalnet(files: Sequence[Path], classes: Sequence[str] = ()) -> tuple[Path, pd.DataFrame]:
    """The folder that paths are relative to, and ``CLIPS`` of these lists; a clip is a whole video.

    ``TableError`` has the faults of all lists in one line.
    """
    folder = files[0].parent
    root = folder.parent if folder.match(COMPOSITIONS) else folder
    root = root.parent if root.name == ANNOTATION else root
    videos: dict[str, list[str]] = {}
    for path in sorted(root.rglob("*.mp4")):
        videos.setdefault(path.name, []).append(path.relative_to(root).as_posix())
    names, animals = _behaviours(folder, classes), _named(folder, ANIMALS) or {}
    found = each(lambda path: list(_rows(path, names, animals, videos)), files)
    rows = [row for of_list in found for row in of_list]
    return root, CLIPS.cast(pd.DataFrame(rows, columns=CLIPS.names), where=str(folder))


def _lists(folder: Path) -> list[Path]:
    files = [folder / f"{split}.csv" for split in _SPLITS]
    return [path for path in files if path.is_file() and _LINE.fullmatch(_first_line(path))]


def _first_line(path: Path) -> str:
    with path.open("rb") as file:
        return file.readline(4096).decode("utf-8-sig", errors="replace").strip()


def _behaviours(folder: Path, classes: Sequence[str]) -> dict[int, str]:
    """The behaviours by number, as the user, MammalNet's own list or a ``classes.json`` name them."""
    own = None if classes else _named(folder, BEHAVIOURS)
    if own or classes or (folder / CLASSES).is_file():
        return own or class_names(folder, classes)
    raise TableError(f"{folder}: nothing names its behaviours: no {BEHAVIOURS} in it or above; or give classes=[...]")


def _named(folder: Path, name: str) -> dict[int, str] | None:
    """A list of names and numbers in ``folder`` or the one above; None where there is none."""
    path = next((at / name for at in (folder, folder.parent) if (at / name).is_file()), None)
    if path is None:
        return None
    faults, found = Faults(path), {}
    for line, text in read_lines(path):
        if (fields := _NAMED.fullmatch(text)) is None or int(fields[2]) in found:
            faults.add(line, f"not a name and a number of its own: '{text[:60]}'")
        else:
            found[int(fields[2])] = fields[1]
    faults.stop()
    return checked(path, found)


def _rows(
    path: Path, names: dict[int, str], animals: dict[int, str], videos: dict[str, list[str]]
) -> Iterator[tuple[object, ...]]:
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
        if animals and animal not in animals:
            faults.add(line, f"the animal must be 0 to {max(animals)}, got {animal}")
        there = videos.get(name, [])
        if len(there) != 1:
            faults.add(line, f"{name} is not there" if not there else f"{name} is there {len(there)} times")
            continue
        group = _CLIP.sub(r"\1", Path(name).stem)
        species = animals.get(animal, f"animal {animal}")
        yield there[0], names.get(behaviour, ""), species, group, path.stem, 0, END, f"{path.name}, line {line}"
    faults.stop()
