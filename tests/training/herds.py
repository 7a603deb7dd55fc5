"""Tiny films of a bright zebra and a dark oryx on grey ground, with boxes drawn by hand in the formats of others."""

import json
from pathlib import Path

import cv2
import numpy as np

from pipeline.types import Image
from tests.footage import write_video

SIZE = (160, 96)
FRAMES, RATE = 12, 6  # two seconds
ZEBRA, ORYX = (32, 20), (24, 16)  # width and height, px
WHITE, BLACK = 250, 5


def zebra(frame: int, seed: int = 0) -> tuple[int, int, int, int]:
    """Where the zebra is: it walks to the right."""
    x, y = 8 + 6 * frame, 12 + 4 * (seed % 4)
    return x, y, x + ZEBRA[0], y + ZEBRA[1]


def oryx(frame: int, seed: int = 0) -> tuple[int, int, int, int]:
    """Where the oryx is: it walks to the left, below the zebra."""
    x, y = 120 - 6 * frame, 56 + 4 * (seed % 4)
    return x, y, x + ORYX[0], y + ORYX[1]


def picture(frame: int, seed: int = 0) -> Image:
    """Frame of a film: coarse ground that is each seed's own, and both animals."""
    ground = np.random.default_rng(seed).integers(90, 160, (12, 20), dtype=np.uint8)
    image = np.repeat(cv2.resize(ground, SIZE, interpolation=cv2.INTER_NEAREST)[:, :, None], 3, axis=2)
    for (x1, y1, x2, y2), shade in ((zebra(frame, seed), WHITE), (oryx(frame, seed), BLACK)):
        image[y1:y2, x1:x2] = shade
    return image


def film(path: Path, seed: int = 0) -> Path:
    """The film of a seed, as H.264 that keeps edges sharp."""
    return write_video(path, [picture(k, seed) for k in range(FRAMES)], RATE, options={"crf": "10"})


def cvat(path: Path, seed: int = 0, first: int = 0, last: int = FRAMES - 1, zebra_named: str = "Zebra") -> Path:
    """CVAT for video 1.1 with key frames at ``first`` and ``last`` only, and an ``outside`` box after it."""
    tracks = []
    for number, (label, place) in enumerate(((zebra_named, zebra), ("Oryx", oryx))):
        shapes = [_shape(k, place(k, seed)) for k in dict.fromkeys((first, last))]
        shapes.append(_shape(last + 1, (0, 0, 150, 90), outside=1))
        tracks.append(f'<track id="{number}" label="{label}" source="manual">{"".join(shapes)}</track>')
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"<?xml version='1.0'?><annotations><version>1.1</version>{''.join(tracks)}</annotations>")
    return path


def _shape(frame: int, box: tuple[int, int, int, int], outside: int = 0) -> str:
    sides = " ".join(f'{name}="{side}"' for name, side in zip(("xtl", "ytl", "xbr", "ybr"), box, strict=True))
    return f'<box frame="{frame}" {sides} outside="{outside}" occluded="0" keyframe="1"/>'


def footage(folder: Path, seeds: range = range(3)) -> Path:
    """A folder of films with their XML beside them."""
    for seed in seeds:
        film(folder / f"DJI_{seed}.mp4", seed)
        cvat(folder / f"DJI_{seed}.xml", seed)
    return folder


def still(path: Path, frame: int, seed: int = 0) -> Path:
    """A picture of a film as a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), picture(frame, seed))
    return path


def coco(folder: Path, frames: tuple[int, ...] = (0, 5), seeds: range = range(2)) -> Path:
    """``annotations/boxes.json`` and ``images/DJI_<seed>_<frame>.jpg``; the last image has no animal told of."""
    images, annotations = [], []
    for seed in seeds:
        for frame in frames:
            name = f"DJI_{seed}_{frame:06d}.jpg"
            still(folder / "images" / name, frame, seed)
            images.append({"id": len(images) + 10, "file_name": name, "width": SIZE[0], "height": SIZE[1]})
            for kind, place in ((7, zebra), (9, oryx)):
                x1, y1, x2, y2 = place(frame, seed)
                told = {"id": len(annotations), "image_id": images[-1]["id"], "category_id": kind}
                annotations.append(told | {"bbox": [x1, y1, x2 - x1, y2 - y1], "iscrowd": 0})
    annotations = [told for told in annotations if told["image_id"] != images[-1]["id"]]
    kinds = [{"id": 7, "name": "Zebra"}, {"id": 9, "name": "Oryx"}]
    path = folder / "annotations" / "boxes.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": kinds}))
    return path


def yolo(folder: Path, names: str = "names: [Zebra, Oryx]\n", frames: tuple[int, ...] = (0, 5)) -> Path:
    """kabr-tools' layout: the frames of both films are spread over ``images/train`` and ``images/val``."""
    for seed in range(2):
        for part, frame in zip(("train", "val"), frames, strict=True):
            name = f"DJI_{seed}_{frame:06d}"
            still(folder / "images" / part / f"{name}.jpg", frame, seed)
            lines = [_line(k, place(frame, seed)) for k, place in enumerate((zebra, oryx))]
            label = folder / "labels" / part / f"{name}.txt"
            label.parent.mkdir(parents=True, exist_ok=True)
            label.write_text("".join(lines))
    (folder / "data.yaml").write_text(names)
    return folder


def _line(kind: int, box: tuple[int, int, int, int]) -> str:
    x1, y1, x2, y2 = box
    width, height = SIZE
    return f"{kind} {(x1 + x2) / 2 / width} {(y1 + y2) / 2 / height} {(x2 - x1) / width} {(y2 - y1) / height}\n"
