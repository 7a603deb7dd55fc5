"""The first pass over a video: decode, follow the camera, detect. It writes tables and one still, and never tracks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.camera import CameraMotion, CameraSettings, transforms
from pipeline.detectors import Detector
from pipeline.tables import BOX, DETECTIONS
from pipeline.timebase import due, due_frames
from pipeline.types import Advance, Detections, Frame, Image
from pipeline.video.frames import Footage


@dataclass(frozen=True)
class Watched:
    """What the first pass leaves: tables ``DETECTIONS`` and ``CAMERA``, and the reference frame as a picture."""

    detections: pd.DataFrame
    camera: pd.DataFrame
    still: Image


def watch(footage: Footage, detector: Detector, camera: CameraSettings, advance: Advance) -> Watched:
    """Detect animals in one frame of every ``detector.period_s`` and follow the camera in all of them.

    One streaming pass; a detector that ``previews`` sees the analysed frames in a first pass and is asked in a second.
    Memory holds one batch of frames and the decoder's queue, whatever the video's length.
    """
    detector.begin(footage.video, footage.info)
    motion = CameraMotion(camera)
    stills: list[Image] = []
    followed = _followed(footage, motion, stills, advance)
    analysed = _analysed(followed, detector.period_s)
    if detector.previews:
        for frame, to_reference in analysed:
            detector.preview(frame, to_reference)
        analysed = _again(footage, motion.table(), detector.period_s, advance)
    found = list(_detected(analysed, detector))
    return Watched(_table(found), motion.table(), stills[0])


def _followed(
    footage: Footage, motion: CameraMotion, stills: list[Image], advance: Advance
) -> Iterator[tuple[Frame, FloatArray]]:
    for frame in footage.frames():
        if not stills:
            stills.append(frame.image)
        yield frame, motion.update(frame)
        advance(1)


def _analysed(frames: Iterable[tuple[Frame, FloatArray]], period_s: float) -> Iterator[tuple[Frame, FloatArray]]:
    last_s: float | None = None
    for frame, to_reference in frames:
        if due(frame.time_s, last_s, period_s):
            yield frame, to_reference
        last_s = frame.time_s


def _again(
    footage: Footage, camera: pd.DataFrame, period_s: float, advance: Advance
) -> Iterator[tuple[Frame, FloatArray]]:
    """The analysed frames once more, with the transforms found in the first pass."""
    to_reference = transforms(camera)
    wanted = due_frames(camera["time_s"].to_numpy(), period_s)
    for frame in footage.frames(wanted):
        yield frame, to_reference[frame.index]
        advance(1)


def _detected(
    analysed: Iterator[tuple[Frame, FloatArray]], detector: Detector
) -> Iterator[tuple[int, float, Detections]]:
    while batch := list(islice(analysed, max(detector.batch, 1))):
        frames = [frame for frame, _ in batch]
        answers = detector.detect(frames, np.stack([to_reference for _, to_reference in batch]))
        for frame, detections in zip(frames, answers, strict=True):
            yield frame.index, frame.time_s, detections


def _table(found: list[tuple[int, float, Detections]]) -> pd.DataFrame:
    """One row per box, as ``DETECTIONS``."""
    parts = [
        pd.DataFrame(
            {
                "frame": index,
                "time_s": time_s,
                **dict(zip(BOX, boxes.xyxy.T, strict=True)),
                "score": boxes.score,
                "species": boxes.species,
                "share": boxes.share,
                "given_id": boxes.given_id,
            }
        )
        for index, time_s, boxes in found
        if len(boxes)
    ]
    return DETECTIONS.cast(pd.concat(parts, ignore_index=True)) if parts else DETECTIONS.empty()
