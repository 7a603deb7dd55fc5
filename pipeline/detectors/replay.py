"""Boxes from a file: labels drawn by hand, or the output of another program. No weights, no pixels."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.errors import TableError, UsageError
from pipeline.formats.match import check_apart, find_boxes, warn_if_strange
from pipeline.formats.read import Format, read_boxes
from pipeline.types import Detections, Frame, IntArray, Video, VideoInfo

log = logging.getLogger(__name__)

_SPARSE = 3  # frames from one that has labels to the next


@dataclass
class ReplayDetector:
    """Gives the boxes that a label file has for each frame, with the identities that came with them.

    ``path`` is a file for one video, or a folder in which every video's labels are found by its path or name
    (``<name>.xml``, ``<name>_tracks.xml``, ``<name>/gt/gt.txt`` ...); a video without any is a ``TableError``.
    """

    path: str
    format: Format
    first_frame: int | None
    period_s: float
    batch: int
    previews: bool = field(init=False, default=False)
    _boxes: Detections = field(init=False, repr=False)
    _frames: IntArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not Path(self.path).expanduser().exists():
            raise UsageError(f"no such labels: {self.path}; detector.path is a label file or a folder of them")
        if self.first_frame is not None and self.first_frame < 0:
            raise ValueError(f"first_frame must be >= 0 or null, got {self.first_frame}")
        if self.period_s < 0:
            raise ValueError(f"period_s must be >= 0, got {self.period_s}")
        if self.batch < 1:
            raise ValueError(f"batch must be >= 1, got {self.batch}")

    def check(self, videos: Sequence[Video]) -> None:
        """``UsageError`` where labels in the folder would be those of several of the videos; YOLO text may be."""
        path = Path(self.path).expanduser()
        found = dict[Video, Path]()
        for video in videos if path.is_dir() else ():
            with suppress(TableError):  # of a video without labels: said when it is its turn
                found[video] = find_boxes(path, video)
        check_apart({video: where for video, where in found.items() if where != path})

    def begin(self, video: Video, info: VideoInfo) -> None:
        """Read the labels of a video; ``TableError`` where there are none or they are broken."""
        path = Path(self.path).expanduser()
        labels = find_boxes(path, video) if path.is_dir() else path
        if path.is_file():
            warn_if_strange(path, [str(path)], video)
        boxes = read_boxes(labels, video, info, self.format, self.first_frame)
        _warn_if_unfit(boxes, info, labels, video)
        if not self.period_s:
            _warn_if_sparse(boxes, info, labels)
        self._frames = boxes["frame"].to_numpy()
        self._boxes = Detections.of_table(boxes)

    def preview(self, frame: Frame, to_reference: FloatArray) -> None:
        """Never called."""

    def detect(self, frames: Sequence[Frame], to_reference: FloatArray) -> list[Detections]:
        """The boxes of each frame."""
        wanted = np.array([frame.index for frame in frames], dtype=np.int64)
        start, stop = (np.searchsorted(self._frames, wanted, side) for side in ("left", "right"))
        return [self._boxes[np.arange(low, high)] for low, high in zip(start, stop, strict=True)]


def _warn_if_sparse(boxes: pd.DataFrame, info: VideoInfo, labels: Path) -> None:
    """Say how to tell a tracker that only some frames have labels."""
    steps = np.diff(np.unique(boxes["frame"]))
    if info.rate and len(steps) and (usual := int(np.median(steps))) >= _SPARSE:
        log.warning(
            "%s has boxes in one frame of %d: a tracker other than replay takes the animals for lost between them; "
            "give detector.period_s=%.3f", labels, usual, usual / float(info.rate),
        )  # fmt: skip


def _warn_if_unfit(boxes: pd.DataFrame, info: VideoInfo, labels: Path, video: Video) -> None:
    """Say how many labels belong to no frame of the video, or to no place in it."""
    if info.announced is not None and (late := int((boxes["frame"] >= info.announced).sum())):
        log.warning("%s: %d boxes lie behind the %d frames of %s: not used", labels, late, info.announced, video.key)
    beyond = (boxes["x2"] <= 0) | (boxes["y2"] <= 0) | (boxes["x1"] >= info.width) | (boxes["y1"] >= info.height)
    if beyond.any():
        size = f"{info.width} x {info.height}"
        log.warning(
            "%s: %d of %d boxes lie outside the %s picture of %s: were the labels made on another size?",
            labels, beyond.sum(), len(boxes), size, video.key,
        )  # fmt: skip
