"""Behaviours of ChimpACT (and AlphaChimp), which several may hold of one animal at once, in the forms it is given in.

::

    labels/<clip>.json          as released: COCO of every tenth frame; an image's name is its number among these
    annotations/train.json      COCO-VID of every frame, as the authors' script spreads the labels
    train_action.csv            AVA's form: video,frame,x1,y1,x2,y2,behaviour + 1,animal       no header

The second field of the last is a frame, in the original AVA it is a second (``ava.py``): which of the two is told by
the list of behaviours that lies beside AVA's, and by the numbers.
In COCO-VID ``frame_id`` counts the images that are there, not the frames: where the labels pause it runs behind, so the
number in the image's name counts. AVA's form has that ``frame_id``, and no name of an image. All give the box of the
animal too: ``chimpact_folder.py`` reads it.
"""

from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from pipeline.errors import TableError
from pipeline.formats.coco import NUMBERED, coco_content, coco_list
from pipeline.formats.intervals import intervals_of
from pipeline.formats.labels import Faults, is_whole, numbers
from pipeline.formats.text import last_part, read_lines
from pipeline.tables import BOX

NAMES = (
    "moving", "climbing", "resting", "sleeping", "solitary object playing", "eating", "manipulating object",
    "grooming", "being groomed", "aggressing", "embracing", "begging", "being begged from", "taking object",
    "losing object", "carrying", "being carried", "nursing", "being nursed", "playing", "touching", "erection",
    "displaying",
)  # fmt: skip
EVERY = 10  # frames from one labelled by hand to the next
_AVA_S = (902, 1798)  # the seconds of a film that the original AVA labels
_FIELDS = ["video", "frame", *BOX, "label", "subject"]


def is_ava(line: str) -> bool:
    """Is this a line of AVA's form: eight fields, of which all but the first are numbers?"""
    fields = line.split(",")
    try:
        return len(fields) == len(_FIELDS) and bool([float(field) for field in fields[1:]])
    except ValueError:
        return False


def read_ava(path: Path) -> pd.DataFrame:
    """``INTERVALS`` of a csv in AVA's form; ``TableError`` where its second field is a second, or cannot be told."""
    data, faults = ava_rows(path)
    return intervals_of(data, faults, 1, frames_of)


def ava_rows(path: Path) -> tuple[pd.DataFrame, Faults]:
    """The rows of such a csv, indexed by line: ``video frame subject behaviour line`` and ``x1 y1 x2 y2`` in shares.

    Also what its faults are counted by; errors as of ``read_ava``.
    """
    data, faults = ava_fields(path)
    data = data.assign(video=data["video"].map(last_part))
    _check_frames(path, data)
    faults.mark(~is_whole(data["frame"], 0), "the frame must be a whole number from 0, got {:g}", data["frame"])
    beyond = data["video"].map(frames_of) <= data["frame"]
    faults.mark(beyond, "frame {:g} is past the end of {}", data["frame"], data["video"])
    known = data["label"].isin(range(1, len(NAMES) + 1))
    faults.mark(~known, f"the label must be 1 to {len(NAMES)} (behaviour + 1), got {{:g}}", data["label"])
    faults.stop()
    names = data["label"].astype("int64").map(dict(enumerate(NAMES, start=1)))
    return data.assign(behaviour=names, line=data.index), faults


def ava_fields(path: Path) -> tuple[pd.DataFrame, Faults]:
    """The fields of a csv in AVA's form, indexed by line: ``video frame x1 y1 x2 y2 label subject``.

    Also what its faults are counted by. ``TableError`` where there are not eight in a line, or no numbers.
    """
    lines = read_lines(path)
    split = {line: text.split(",") for line, text in lines}
    faults = Faults(path)
    for line, fields in split.items():
        if len(fields) != len(_FIELDS):
            faults.add(line, f"{len(fields)} fields, expected {len(_FIELDS)}: {','.join(_FIELDS)}")
    faults.stop()
    raw = pd.DataFrame.from_dict(split, orient="index", columns=_FIELDS)
    data = numbers(raw[["frame", *BOX, "label"]], faults)
    faults.stop()
    return data.assign(video=raw["video"], subject=raw["subject"]), faults


def _check_frames(path: Path, data: pd.DataFrame) -> None:
    """``TableError`` unless the second field counts frames: names say how long a clip is, or it exceeds AVA's."""
    low, high = _AVA_S
    frame = data["frame"]
    if data["video"].map(frames_of).notna().all():
        return
    called = "its videos are not called <name>_clip_<start>_<stop>, as ChimpACT's are"
    if frame.between(low, high).all():
        raise TableError(
            f"{path}: its second field goes from {frame.min():g} to {frame.max():g}, as the seconds of AVA itself "
            f"do, which labels films of people, and {called}; here it must be a frame"
        )
    raise TableError(
        f"{path}: is its second field a frame, as ChimpACT's, or a second, as the original AVA's? It cannot be told: "
        f"{called}; put the list of behaviours (.pbtxt) beside it where it is a second, or give COCO-VID json"
    )


def frames_of(video: str) -> float:
    """Frames of a clip by its name, ``..._clip_23000_24000``; NaN where it does not say so."""
    start, _, stop = video.rpartition("clip_")[2].partition("_")
    return float(int(stop) - int(start)) if start.isdecimal() and stop.isdecimal() else float("nan")


def read_behaviours(path: Path) -> pd.DataFrame:
    """``INTERVALS`` of a json whose annotations name ``behaviors``; ``TableError`` with all its faults."""
    data, faults, every = shapes(path)
    return intervals_of(data, faults, every, frames_of)


def shapes(path: Path) -> tuple[pd.DataFrame, Faults, int]:
    """The labelled animals of such a json: ``line video fps frame subject behaviour bbox``, a row a behaviour of each.

    ``line``, the index too, is the number of the annotation from 0, ``bbox`` as it stands there, ``fps`` as the video
    has it. Also what its faults are counted by, and the frames from one that is labelled to the next. Errors as of
    ``read_behaviours``.
    """
    told = coco_content(path)
    listed = coco_list(told, "videos", path)
    videos = {of.get("id"): PurePosixPath(str(of.get("name"))).stem for of in listed}
    fps = {PurePosixPath(str(of.get("name"))).stem: of.get("fps") for of in listed}
    places = _places(coco_list(told, "images", path), videos, path)
    faults = Faults(path, lambda row: f"annotation {row + 1}")
    rows = []
    for number, one in enumerate(coco_list(told, "annotations", path)):
        kinds = one.get("behaviors")
        if one.get("image_id") not in places:
            faults.add(number, f"image_id {one.get('image_id')!r} is not among the images")
        elif not isinstance(kinds, list) or not all(isinstance(kind, int) and 0 <= kind < len(NAMES) for kind in kinds):
            faults.add(number, f"behaviors must be numbers from 0 to {len(NAMES) - 1}, got {str(kinds)[:60]}")
        else:
            subject = one.get("instance_id", one.get("bbox_id", ""))
            video, frame = places[one["image_id"]]
            rows += [(number, video, frame, str(subject), NAMES[kind], one.get("bbox")) for kind in kinds]
    faults.stop()
    data = pd.DataFrame(rows, columns=["line", "video", "frame", "subject", "behaviour", "bbox"])
    data = data.assign(fps=data["video"].map(fps)).set_axis(data["line"].to_numpy())
    return data, faults, 1 if videos else EVERY


def _places(images: list[dict[str, Any]], videos: dict[Any, str], path: Path) -> dict[Any, tuple[str, int]]:
    """Video and source frame of each image. A file without ``videos`` is of one and holds every tenth of its frames."""
    faults = Faults(path, lambda row: f"image {row + 1}")
    found = {}
    for place, image in enumerate(images):
        name = str(image.get("file_name"))
        number = NUMBERED.search(PurePosixPath(name).stem)
        if number is None or (videos and image.get("video_id") not in videos):
            what = "no number at the end of its name" if number is None else "its video is not among the videos"
            faults.add(place, f"'{name}': {what}")
        elif videos:
            found[image.get("id")] = (videos[image["video_id"]], int(number[1]))
        else:
            found[image.get("id")] = (path.stem, int(number[1]) * EVERY)
    faults.stop()
    return found
