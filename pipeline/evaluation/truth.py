"""Which boxes are true in the frames of a video: from a simulated scene, or from anybody's labels."""

from pathlib import Path

import pandas as pd

from pipeline.artifacts import file_hash, read_object, read_table
from pipeline.comparison.matching import counted
from pipeline.errors import TableError, UsageError
from pipeline.formats.match import find_boxes, names_of, place_of
from pipeline.formats.read import Format, format_of, labels_in, read_boxes, videos_named
from pipeline.simulate.truth import ANIMALS
from pipeline.simulate.truth_files import FOLDER, TOLD
from pipeline.types import Video, VideoInfo

_OURS = f"{FOLDER}/{ANIMALS.name}.parquet"
_OF_PICTURES = (Format.coco, Format.yolo)  # where a frame without a box may be one that nobody labelled


def truth_of(path: Path, video: Video, alone: bool) -> Path | None:
    """Where the truth of a video is: ``path``, or what is found in that folder by the video's name.

    ``alone``: it is the only video. None where there is nothing about it. ``UsageError`` for one file that cannot be
    about several videos, and for a simulated scene that is that of another film than the only video, or half filmed.
    """
    if not path.exists():
        raise UsageError(f"no such truth: {path}; truth is a file of boxes, a folder of them, or a simulated scene")
    if path.is_file():
        named = videos_named(path)
        if not alone and not named:
            raise UsageError(f"{path} is about one video, there are several; give a folder with a file named as each")
        return path if alone or named & set(names_of(video)) else None
    for folder in (path, path / place_of(video).parent, path / place_of(video).stem, path.parent):
        ours = folder / _OURS
        if ours.is_relative_to(path) and _films(folder, video, alone):
            return ours
    if alone and labels_in(path) != path:
        return labels_in(path)
    try:
        found = find_boxes(path, video)
    except TableError:
        found = path
    begins = "" if alone else place_of(video).stem  # YOLO text: a file a frame
    return found if found != path or any(file.name.startswith(begins) for file in path.rglob("*.txt")) else None


def _films(folder: Path, video: Video, alone: bool) -> bool:
    """Is the video the film of a simulated scene in the folder? Where its bytes are not known, its name tells."""
    scene = read_object(folder / TOLD)
    if scene and "sha256" not in scene:
        raise UsageError(f"filming into {folder} was not finished: give the command again (ethopipe simulate)")
    if not (folder / _OURS).is_file():
        return False
    told = str(scene.get("sha256", ""))
    if not told or not video.path.is_file():
        return alone or (folder / video.path.name).is_file()
    same = file_hash(video.path) == told
    if alone and not same:
        raise UsageError(
            f"the truth in {folder} is not that of {video.path}: it is of another film; give that beside it"
        )
    return same


def true_boxes(path: Path, video: Video, info: VideoInfo, old2new: dict[str, str]) -> pd.DataFrame:
    """``frame track x1 y1 x2 y2 species counts`` of a video; ``track`` is -1 where the truth has no identities.

    ``counts`` is False in regions where finding is no merit and no fault: animals of a simulated scene that cannot be
    judged (``comparison.matching``), and species that ``old2new`` gives an empty name.
    """
    if path.name == f"{ANIMALS.name}.parquet" and path.parent.name == FOLDER:
        found = read_table(path, ANIMALS)
        found = found.assign(counts=counted(found))
    else:
        found = read_boxes(path, video, info).rename(columns={"given_id": "track"}).assign(counts=True)
    species = found["species"].map(lambda name: old2new.get(name, name))
    return found.assign(species=species, counts=found["counts"] & (species != ""))


def of_pictures(path: Path) -> bool:
    """Is it a format that labels single pictures?"""
    return format_of(labels_in(path)) in _OF_PICTURES
