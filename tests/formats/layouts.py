"""Public data sets in their authors' layouts, with a few tiny pictures and videos."""

import json
from collections.abc import Iterable
from pathlib import Path

import cv2

from pipeline.formats.scores import KABR
from tests.footage import numbered, write_video
from tests.formats.labels import write

HEADER = "original_vido_id video_id frame_id path labels\n"
CLASSES = json.dumps({name: number for number, name in enumerate(KABR)})


def pictures(folder: Path, numbers: Iterable[int], name: str = "{}.jpg") -> Path:
    """A folder of pictures, each showing its number."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        cv2.imwrite(str(folder / name.format(number)), numbered(number))
    return folder


def frame_rows(video: str, labels: str, first: int = 1) -> str:
    """Lines of an annotation, a frame for each of the labels, which are separated by spaces."""
    return "".join(
        f"{video} 1 {number} {video}/{number}.jpg {label}\n" for number, label in enumerate(labels.split(), start=first)
    )


def kabr(folder: Path, *rows: str, split: str = "train", classes: str = CLASSES, header: str = HEADER) -> Path:
    """KABR with ``rows`` in ``annotation/<split>.csv``, and ten pictures of G0067.1."""
    write(folder / "annotation" / f"{split}.csv", header + "".join(rows))
    if classes:
        write(folder / "annotation" / "classes.json", classes)
    pictures(folder / "dataset" / "image" / "G0067.1", range(1, 11))
    return folder


def shape(frame: int, behaviour: str, outside: int = 0) -> str:
    """A shape of a behaviour labelled in CVAT on a mini-scene."""
    label = f'<attribute name="Behavior">{behaviour}</attribute>'
    return f'<points frame="{frame}" outside="{outside}" keyframe="1" points="200,150">{label}</points>'


def baboonland(folder: Path, boxes: dict[str, str], actions: dict[str, str], scenes: dict[str, int]) -> Path:
    """A folder of BaboonLand: each track's frames (``7 8 -9``; minus: outside), shapes and length of its video."""
    tracks = ""
    for track, frames in boxes.items():
        made = "".join(
            f'<box frame="{frame.lstrip("-")}" outside="{int(frame[0] == "-")}" occluded="0" keyframe="1" xtl="1" '
            'ytl="1" xbr="9" ybr="9" z_order="0"/>'
            for frame in frames.split()
        )
        tracks += f'<track id="{track}" label="Baboon">{made}</track>'
    write(folder / "tracks.xml", f"<annotations><version>1.1</version>{tracks}</annotations>")
    for track, shapes in actions.items():
        xml = f'<annotations><track id="0" label="Baboon">{shapes}</track></annotations>' if shapes else ""
        write(folder / "actions" / f"{track}.xml", xml)
    for track, count in scenes.items():
        write_video(folder / "mini-scenes" / f"{track}.mp4", count)
    return folder
