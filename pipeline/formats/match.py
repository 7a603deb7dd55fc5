"""Which label file belongs to a video: by its path below the source, then by its name alone."""

import logging
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import pandas as pd

from pipeline.errors import TableError, UsageError
from pipeline.types import Video

# Tried in this order; {} is the video's path or name, without extension and with it. "_tracks" is kabr-tools' name.
FILES = (
    "{}.xml", "{}_tracks.xml", "{}.zip", "{}.json", "{}.mot.txt", "{}.txt", "{}.csv", "{}.parquet",
    "{}/tracks.xml", "{}/annotations.xml", "{}/tracks.parquet", "{}/gt/gt.txt", "{}/det/det.txt",
)  # fmt: skip
FOLDERS = ("{}/labels", "{}/obj_train_data", "{}")  # of YOLO text
BESIDE = "tracks.xml"  # BaboonLand: one folder a video

log = logging.getLogger(__name__)


def place_of(video: Video) -> PurePosixPath:
    """The video's path below its source: the folders of its key, and its own name. It never leads upwards."""
    folders = [unquote(part) for part in video.key.split("/")[:-1]]
    return PurePosixPath(*(part for part in folders if part.strip("./")), video.path.name)


def names_of(video: Video) -> list[str]:
    """Names under which tables speak of a video, the surest first: key, path, path without extension, name, stem."""
    place = place_of(video)
    return list(dict.fromkeys([video.key, str(place), str(place.with_suffix("")), place.name, place.stem]))


def find_boxes(folder: Path, video: Video) -> Path:
    """The file or folder of boxes for a video; a folder of YOLO text for several videos is its own answer.

    Upper and lower case do not matter. ``TableError`` says what was looked for.
    """
    place = place_of(video)
    stems = list(dict.fromkeys([str(place.with_suffix("")), str(place), place.stem, place.name]))
    names = [pattern.format(stem) for stem in stems for pattern in FILES]
    names += [str(place.parent / BESIDE)] if place.parent.name else []
    seen: dict[Path, dict[str, Path]] = {}
    for name in names:
        found = _entry(folder, PurePosixPath(name), seen)
        if found and found.is_file():
            return found
    for name in (pattern.format(stem) for stem in stems for pattern in FOLDERS):
        found = _entry(folder, PurePosixPath(name), seen)
        if found and found.is_dir() and next(found.glob("*.txt"), None):
            return found
    if next(folder.glob("*.txt"), None) or next(folder.glob("obj_train_data/*.txt"), None):
        return folder
    looked = ", ".join(pattern.format(place.stem) for pattern in FILES[:4])
    raise TableError(f"no labels for video {video.key} in {folder}: no {looked} ...; name them after the video")


def check_apart(found: Mapping[Video, Path]) -> None:
    """``UsageError`` where one file is taken for the labels of several videos, because all bear its name."""
    taken: dict[Path, Video] = {}
    for video, path in found.items():
        if (other := taken.setdefault(path, video)) != video:
            raise UsageError(
                f"{path} would be the labels of {other.key} and of {video.key}: put labels into folders like those of "
                "the videos"
            )


def _entry(folder: Path, name: PurePosixPath, seen: dict[Path, dict[str, Path]]) -> Path | None:
    """What stands at ``name`` below the folder, in any case of letters; ``seen`` keeps the listings."""
    for part in name.parts:
        if folder not in seen:
            listing = sorted(folder.iterdir(), reverse=True) if folder.is_dir() else []
            seen[folder] = {_alike(entry.name): entry for entry in listing}
        found = seen[folder].get(_alike(part))
        if found is None:
            return None
        folder = found
    return folder


def _alike(name: str) -> str:
    """A name as a careless file system compares it."""
    return unicodedata.normalize("NFC", name).casefold()


def rows_of(data: pd.DataFrame, video: Video, where: object) -> pd.DataFrame:
    """The rows that speak of a video; all of them where the table has no column ``video``."""
    if "video" not in data:
        warn_if_strange(where, [Path(str(where)).stem], video)
        return data
    spoken_of = data["video"].astype("str")
    present = set(spoken_of)
    if not present:
        return data
    name = next((name for name in names_of(video) if name in present), None)
    if name is None:
        raise TableError(f"{where}: no rows for video {video.key}; it speaks of {_some(sorted(present))}")
    return data[spoken_of == name]


def warn_if_strange(where: object, names: Sequence[str], video: Video) -> None:
    """Say so where one file is taken for a video although their names have nothing in common."""
    stem = place_of(video).stem.casefold()
    if not any(stem in name.casefold() for name in names):
        log.warning("%s is taken for video %s, although it does not bear its name", where, video.key)


def _some(names: Iterable[object]) -> str:
    shown = [str(name) for name in names]
    return ", ".join(shown[:5]) + (f" and {len(shown) - 5} more" if len(shown) > 5 else "")
