"""Boxes of one video from any file or folder of labels; the format is told by its content."""

from collections.abc import Callable
from enum import Enum
from pathlib import Path

import pandas as pd

from pipeline.errors import TableError
from pipeline.formats.coco import read_coco
from pipeline.formats.cvat import read_cvat
from pipeline.formats.match import place_of
from pipeline.formats.mot import read_mot
from pipeline.formats.own import read_own, read_rows
from pipeline.formats.via import MARK, read_via
from pipeline.formats.yolo_text import read_yolo
from pipeline.types import Video, VideoInfo

HEAD_BYTES = 4096


class Format(Enum):
    """Formats of boxes; ``auto`` looks into the file."""

    auto = "auto"
    cvat = "CVAT for video 1.1"
    mot = "MOTChallenge"
    yolo = "YOLO text"
    coco = "COCO json"
    via = "VIA tracks csv"
    own = "our own table"


def read_boxes(
    path: Path, video: Video, info: VideoInfo, kind: Format = Format.auto, first_frame: int | None = None
) -> pd.DataFrame:
    """The boxes of ``video`` in a label file or folder: ``frame x1 y1 x2 y2 score species share given_id``.

    Frames are counted from 0, boxes are source pixels, sorted by frame and identity. ``first_frame`` is the number
    the file gives to the first frame; None: as its format says (MOTChallenge 1, the others 0). ``TableError`` has all
    faults of the file in one line.
    """
    path = labels_in(path)
    kind = format_of(path) if kind is Format.auto else kind
    first = first_frame if first_frame is not None else int(kind is Format.mot)
    readers: dict[Format, Callable[[], pd.DataFrame]] = {
        Format.cvat: lambda: read_cvat(path, first),
        Format.mot: lambda: read_mot(path, first),
        Format.yolo: lambda: read_yolo(path, place_of(video).stem, (info.width, info.height), first),
        Format.coco: lambda: read_coco(path, video, first),
        Format.via: lambda: read_via(path, first),
        Format.own: lambda: read_own(path, video, first),
    }
    return readers[kind]()


def labels_in(path: Path) -> Path:
    """The label file in a folder that is laid out as MOTChallenge or CVAT do; else the path itself."""
    usual = ("gt/gt.txt", "det/det.txt", "annotations.xml", "tracks.xml")
    return next((path / name for name in usual if (path / name).is_file()), path)


def format_of(path: Path) -> Format:
    """The format of a file or folder, by its first bytes; ``TableError`` shows its first line where it is none."""
    if path.is_dir():
        return Format.yolo
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise TableError(f"cannot read {path}: {error.strerror}") from error
    kind = _by_mark(head.removeprefix(b"\xef\xbb\xbf").lstrip()) or _by_line(_first_line(head))
    if kind is None:
        known = ", ".join(member.name for member in Format if member is not Format.auto)
        what = f"its first line is {_first_line(head)[:60]!r}" if head.strip() else "it is empty"
        raise TableError(f"{path}: cannot tell what labels these are, {what}; known formats: {known}")
    return kind


def videos_named(path: Path) -> set[str]:
    """The videos that a table of our own speaks of; empty where it, or another format, names none."""
    rows = read_rows(path)[0] if format_of(path) is Format.own else pd.DataFrame()
    return set(rows["video"].astype("str")) if "video" in rows else set()


def _by_mark(head: bytes) -> Format | None:
    """By what the file begins with."""
    marks = {b"PK\x03\x04": Format.cvat, b"<": Format.cvat, b"PAR1": Format.own, b"{": Format.coco, b"[": Format.coco}
    return next((kind for mark, kind in marks.items() if head.startswith(mark)), None)


def _first_line(head: bytes) -> str:
    lines = head.decode("utf-8-sig", errors="replace").splitlines()
    return next((line.strip() for line in lines if line.strip()), "")


def _by_line(line: str) -> Format | None:
    """By the fields of the first line: a header, or so many numbers."""
    if line.startswith(MARK):
        return Format.via
    if "frame" in line and "x1" in line:
        return Format.own
    if "," in line and _numbers(line.split(",")):
        return Format.mot
    return Format.yolo if len(line.split()) >= 5 and _numbers(line.split()) else None


def _numbers(fields: list[str]) -> bool:
    try:
        return bool([float(field) for field in fields if field.strip()])
    except ValueError:
        return False
