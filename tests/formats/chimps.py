"""ChimpACT in its authors' layouts, with tiny films of two apes, a white and a black one, on grey ground."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from pipeline.types import Image
from tests.footage import write_video
from tests.formats.labels import write

SIZE, RATE = (160, 96), 10
SHADE = {0: 250, 5: 5}  # Azibo is white, Fraukje black
Kinds = Mapping[int, tuple[int, ...]]  # the behaviours of each ape

WHOLE = ((0, 40, {0: (0,), 5: (2, 5)}),)  # frames from, to: Azibo moves, Fraukje rests and eats


def box(ape: int, frame: int) -> list[float]:
    """Left, top, width, height of an ape: Azibo goes to the right above, Fraukje to the left below."""
    return [10.0 + 2 * frame, 10, 30, 24] if ape == 0 else [120.0 - 2 * frame, 56, 24, 30]


def picture(frame: int, seed: int) -> Image:
    """A frame of a film: ground that is each seed's own, and both apes."""
    ground = np.random.default_rng(seed).integers(90, 160, (12, 20), dtype=np.uint8)
    image = np.repeat(cv2.resize(ground, SIZE, interpolation=cv2.INTER_NEAREST)[:, :, None], 3, axis=2)
    for ape, shade in SHADE.items():
        left, top, width, height = (int(side) for side in box(ape, frame))
        image[top : top + height, max(left, 0) : left + width] = shade
    return image


def film(path: Path, seed: int, frames: int = 40) -> Path:
    """A film as H.264 that keeps edges sharp."""
    return write_video(path, [picture(k, seed) for k in range(frames)], RATE, options={"crf": "10"})


def stills(folder: Path, seed: int, frames: int = 40) -> Path:
    """The same as pictures, numbered as ffmpeg does it from 0."""
    folder.mkdir(parents=True)
    for k in range(frames):
        cv2.imwrite(str(folder / f"{k:06d}.jpg"), picture(k, seed))
    return folder


def coco_vid(clips: Mapping[str, tuple[tuple[int, int, Kinds], ...]]) -> dict[str, Any]:
    """COCO-VID of clips, each with stretches of labelled frames; ``frame_id`` counts the images that are there."""
    told: dict[str, Any] = {"categories": [{"id": 1, "name": "chimpanzee"}], "videos": [], "images": []}
    told["annotations"] = []
    for number, (clip, stretches) in enumerate(clips.items(), start=1):
        video = {"id": number, "name": f"{clip}.mp4", "fps": float(RATE), "frames": 40}
        told["videos"].append(video | {"width": SIZE[0], "height": SIZE[1]})
        frames = [(frame, kinds) for start, stop, kinds in stretches for frame in range(start, stop)]
        for place, (frame, kinds) in enumerate(frames):
            image = {"id": len(told["images"]) + 1, "video_id": number, "file_name": f"{clip}/{frame:06d}.jpg"}
            told["images"].append(image | {"height": SIZE[1], "width": SIZE[0], "frame_id": place})
            for ape, of in kinds.items():
                one = {"id": len(told["annotations"]) + 1, "video_id": number, "image_id": image["id"]}
                one |= {"category_id": 1, "bbox": box(ape, frame), "iscrowd": False, "visibility": 0}
                told["annotations"].append(one | {"behaviors": list(of), "instance_id": ape, "iskeyframe": 1})
    return told


def processed(folder: Path, parts: Mapping[str, Mapping[str, tuple[tuple[int, int, Kinds], ...]]]) -> Path:
    """``ChimpACT_processed``: a COCO-VID file a part, and the films of its clips."""
    for part, clips in parts.items():
        write(folder / "annotations" / f"{part}.json", json.dumps(coco_vid(clips)))
        for clip in clips:
            film(folder / part / "videos" / f"{clip}.mp4", seed_of(clip))
    return folder


def seed_of(clip: str) -> int:
    """Each clip has a ground of its own."""
    return sum(map(ord, clip))


def released(folder: Path, clip: str, kinds: Mapping[int, Kinds]) -> Path:
    """``ChimpACT_release`` with a clip and its labelled key frames, by their number: every tenth frame."""
    images = [{"id": 70 + key, "file_name": f"imgs/{key:06d}.jpg"} for key in kinds]
    annotations = [
        {"id": key * 10 + ape, "image_id": 70 + key, "bbox": box(ape, 10 * key), "bbox_id": ape, "behaviors": list(of)}
        for key, of_apes in kinds.items()
        for ape, of in of_apes.items()
    ]
    told = {"info": {}, "licenses": [], "categories": [], "images": images, "annotations": annotations}
    write(folder / "labels" / f"{clip}.json", json.dumps(told))
    film(folder / "videos_full" / f"{clip}.mp4", seed_of(clip))
    return folder


def ava(folder: Path, part: str, clips: Mapping[str, tuple[tuple[int, int, Kinds], ...]], excluded: str = "") -> Path:
    """AVA's form of the same as the authors' script writes it, without a json."""
    told = coco_vid(clips)
    names = {video["id"]: video["name"].removesuffix(".mp4") for video in told["videos"]}
    images = {image["id"]: image for image in told["images"]}
    lines = []
    for one in told["annotations"]:
        left, top, width, height = one["bbox"]
        shares = [left / SIZE[0], top / SIZE[1], (left + width) / SIZE[0], (top + height) / SIZE[1]]
        place = f"{part}/images/{names[one['video_id']]},{images[one['image_id']]['frame_id']}"
        corners = ",".join(f"{share:.3f}" for share in shares)
        lines += [f"{place},{corners},{kind + 1},{one['instance_id']}\n" for kind in one["behaviors"]]
    write(folder / "annotations" / "action" / f"{part}_action.csv", "".join(lines))
    if excluded:
        write(folder / "annotations" / "action" / f"{part}_action_excluded_timestamps.csv", excluded)
    for clip in clips:
        stills(folder / part / "images" / clip, seed_of(clip))
    return folder
